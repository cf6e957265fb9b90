/* Linked into the programs that are checked for leaks: libraries stay loaded to the end, so that
 * what MPI's own leak has a name that tests/lsan.supp can give. */
#include <dlfcn.h>

int dlclose(void *library)
{
    (void)library;
    return 0;
}
