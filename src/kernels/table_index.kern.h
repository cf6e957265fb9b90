/* A row of table.kern.h for each index type. */
[ENUM(INDEX_TAG)] = {
#include SLOTS
},
