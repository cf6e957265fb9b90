/* What both writers of MatrixMarket files share. */
#include "mtx_text.h"

#include <stdio.h>

#include "../core/status.h"
#include "../kernels/half.h"
#include "decimal.h"

char *ptl__mtx_write_element(ptl_dtype dtype, locale_t c, const void *from, char *out)
{
    const float *f = from;
    const double *d = from;
    int single = ptl_dtype_real(dtype) == PTL_F32;
    if (dtype == PTL_F16)
        return ptl__decimal_write(half_to_float(*(const uint16_t *)from), 1, c, out);
    out = ptl__decimal_write(single ? f[0] : d[0], single, c, out);
    if (!ptl_dtype_is_complex(dtype))
        return out;
    *out++ = ' ';
    return ptl__decimal_write(single ? f[1] : d[1], single, c, out);
}

int ptl__mtx_write_banner(const char *format, ptl_dtype dtype, char *out, size_t room)
{
    return snprintf(out, room, "%%%%MatrixMarket matrix %s %s general\n", format,
                    ptl_dtype_is_complex(dtype) ? "complex" : "real");
}

ptl_status ptl__mtx_locale(locale_t *out)
{
    *out = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    PTL_CHECK(*out, PTL_NOMEM, "out of memory for a locale");
    return PTL_OK;
}
