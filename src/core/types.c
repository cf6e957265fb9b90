/* Sizes and names of the scalar and index types, and the library's version. */
#include <petiole/types.h>
#include <petiole/version.h>

static const struct {
    size_t size;
    const char *name;
    ptl_dtype real;
} dtypes[PTL_DTYPE_ALL] = {
#define X(name, type, real, text) {sizeof(type), text, PTL_##real},
    PTL_DTYPE_MAP(X)
#undef X
        {sizeof(uint16_t), "float16", PTL_F16},
};

static int known(ptl_dtype dtype)
{
    return (unsigned)dtype < PTL_DTYPE_ALL;
}

size_t ptl_dtype_size(ptl_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].size : 0;
}

const char *ptl_dtype_name(ptl_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].name : "unknown";
}

int ptl_dtype_is_complex(ptl_dtype dtype)
{
    return known(dtype) && dtypes[dtype].real != dtype;
}

ptl_dtype ptl_dtype_real(ptl_dtype dtype)
{
    return known(dtype) ? dtypes[dtype].real : dtype;
}

ptl_dtype ptl_dtype_compute(ptl_dtype dtype)
{
    return dtype == PTL_F16 ? PTL_F32 : dtype;
}

size_t ptl_itype_size(ptl_itype itype)
{
    return itype == PTL_I32 ? sizeof(int32_t) : itype == PTL_I64 ? sizeof(int64_t) : 0;
}

const char *ptl_version(void)
{
    return PTL_VERSION;
}
