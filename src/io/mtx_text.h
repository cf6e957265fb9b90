/* What the writers of MatrixMarket files share, and the reader the locale. */
#ifndef PTL_IO_MTX_TEXT_H
#define PTL_IO_MTX_TEXT_H

#include <locale.h>
#include <stddef.h>

#include <petiole/status.h>
#include <petiole/types.h>

/* Writes the element at `from`, without an end of line: where it ends. */
char *ptl__mtx_write_element(ptl_dtype dtype, locale_t c, const void *from, char *out);
/* Writes the first line: how long it is. */
int ptl__mtx_write_banner(const char *format, ptl_dtype dtype, char *out, size_t room);
/* The locale "C", to be ended by freelocale. */
ptl_status ptl__mtx_locale(locale_t *out) PTL_MUST_USE;

#endif
