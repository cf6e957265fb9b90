/* The library's version. */
#ifndef PETIOLE_VERSION_H
#define PETIOLE_VERSION_H

#include <petiole/export.h>

#define PTL_VERSION "0.1.0"

PTL_BEGIN_DECLS

/* (L) The version of the library in the process, a static string such as "0.1.0". */
PTL_API const char *ptl_version(void);

PTL_END_DECLS

#endif
