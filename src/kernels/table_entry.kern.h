/* A row of table.kern.h for each dtype of entries. */
[ENUM(ENTRY_TAG)] = {
#include SLOTS
},
