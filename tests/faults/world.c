/* Opens the world and says what came of it: `R of N through LIBRARY`, or `error: MESSAGE` and
 * status 1. */
#include <stdio.h>

#include <petiole/petiole.h>

int main(void)
{
    ptl_comm *world;
    if (ptl_comm_world(&world) != PTL_OK || ptl_comm_barrier(world) != PTL_OK) {
        printf("error: %s\n", ptl_error_message());
        return 1;
    }
    printf("%d of %d through %s\n", ptl_comm_rank(world), ptl_comm_size(world),
           ptl_comm_library(world));
    ptl_comm_release(&world);
    return 0;
}
