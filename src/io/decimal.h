/* Numbers as text, exactly: what is read is the double nearest to the text, what is written brings
 * back the same bits. The same in every locale. */
#ifndef PTL_IO_DECIMAL_H
#define PTL_IO_DECIMAL_H

#include <locale.h>
#include <stdint.h>

enum { PTL__DECIMAL_ROOM = 32 }; /* of a number that is written */

/* The number at `text`, in a string that ends with '\0', as strtod reads it in the locale `c`
 * ("C"): what follows it, or NULL where no number is. Any text that is no digit, point, sign or
 * letter ends it. */
const char *ptl__decimal_read(const char *text, locale_t c, double *out);
/* A decimal integer, with a sign or without; NULL where there is none, or it needs more than 64
 * bits. */
const char *ptl__decimal_read_int(const char *text, int64_t *out);

/* Writes value (where `single`, a float's) without a '\0', in as few digits as bring it back: where
 * it ends. Takes PTL__DECIMAL_ROOM bytes at most. `c` as above. */
char *ptl__decimal_write(double value, int single, locale_t c, char *out);
char *ptl__decimal_write_int(int64_t value, char *out);

#endif
