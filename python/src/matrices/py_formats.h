/* The local formats that there are. */
#ifndef PY_FORMATS_H
#define PY_FORMATS_H

/* Makes all of them known to py_format_make.c. */
void py_formats_init(void);

#endif
