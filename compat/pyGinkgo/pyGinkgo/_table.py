"""The value and index types, and the classes and functions that have them in their names.

A class is written once, as a template; `make` gives the ones that programs know, such as
`Csr_double_int32`, each with its types as attributes.
"""

import itertools

import numpy as np

VALUES = {"half": np.float16, "float": np.float32, "double": np.float64}
COMPLEX = {"complex_float": np.complex64, "complex_double": np.complex128}
INDICES = {"int32": np.int32, "int64": np.int64}
ALL = VALUES | COMPLEX | INDICES

_NAMES = {np.dtype(dtype): name for name, dtype in ALL.items()}


def type_name(dtype):
    """What programs call a dtype: "double" for float64; None for one that has no name."""
    return _NAMES.get(np.dtype(dtype))


def make(namespace, template, *axes, stem=None):
    """Puts a subclass of `template` into the module `namespace` (its globals()) for each combination
    of names of `axes`; returns them, by the tuple of names.

    The stem of their names is the template's own name without a leading underscore. The names are
    class attributes: `value_type`, or what the template's `axes` calls them; `dtype` is the NumPy
    dtype of the first and `itype` that of the second.
    """
    stem = stem or template.__name__.lstrip("_")
    attributes = getattr(template, "axes", ("value_type", "index_type"))
    made = {}
    for names in itertools.product(*axes):
        body = dict(zip(attributes, names)) | {
            "__doc__": template.__doc__,
            "__module__": namespace["__name__"],
            "__qualname__": "_".join((stem, *names)),
        }
        for attribute, name in zip(("dtype", "itype"), names):
            body[attribute] = np.dtype(ALL[name])
        made[names] = type("_".join((stem, *names)), (template,), body)
    namespace.update({cls.__name__: cls for cls in made.values()})
    return made


def make_functions(namespace, stem, function, *axes):
    """Puts `stem_<T>...` into `namespace` for each combination: function(names) makes each."""
    for names in itertools.product(*axes):
        name = "_".join((stem, *names))
        made = function(*names)
        made.__name__ = made.__qualname__ = name
        made.__module__ = namespace["__name__"]
        namespace[name] = made
