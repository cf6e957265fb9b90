/* The local formats that there are. Each has a py_<format>.c with its table and its attributes. */
#include "py_formats.h"

#include "py_format_make.h"
#include "py_parts.h"

#define X(id, name, class, doc) extern const py_storage py_##name##_storage;
PY_FORMATS(X)
#undef X

void py_formats_init(void)
{
#define X(id, name, class, doc) py_format_add(&py_##name##_storage);
    PY_FORMATS(X)
#undef X
}
