/* A row of table.kern.h for each dtype of entries and index type. */
[ENUM(INDEX_TAG)] = {
#include "sparse_slots.h"
},
