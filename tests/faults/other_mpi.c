/* An MPI of a binary interface that nobody knows: as much of it as a program sees while it looks.
 */
#include <string.h>

int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided);
int MPI_Get_library_version(char *text, int *length);

int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
    (void)argc, (void)argv, (void)required, (void)provided;
    return 1;
}

int MPI_Get_library_version(char *text, int *length)
{
    strcpy(text, "Other MPI 1.0");
    *length = (int)strlen(text);
    return 0;
}
