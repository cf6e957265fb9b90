"""From NumPy dtypes to the bindings' classes."""

import petiole as pt

from ._table import type_name


def resolve(classes, what, *dtypes):
    """The class for some dtypes in a table of them; a TypeError that lists what there is."""
    names = tuple(type_name(dtype) or str(dtype) for dtype in dtypes)
    if names not in classes:
        known = "; ".join(", ".join(names) for names in classes)
        raise pt.DtypeError(f"no distributed {what} for ({', '.join(names)}): there are {known}")
    return classes[names]
