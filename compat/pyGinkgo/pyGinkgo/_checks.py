"""Arguments of the distributed bindings, converted and checked. The errors are Petiole's, so that
every rank gets the same one."""

import numbers

import numpy as np

import petiole as pt

from ._arrays import array_of
from ._linop import raw_of


def extents(size, name):
    """(rows, columns) of a pair, or of a number of rows: then columns is None."""
    try:
        given = (size,) if isinstance(size, numbers.Integral) else tuple(size)
    except TypeError:
        given = ()
    if len(given) not in (1, 2) or not all(isinstance(n, numbers.Integral) for n in given):
        raise pt.InvalidArgument(f"{name} is {size!r}: expected (rows, columns)")
    if min(given) < 0:
        raise pt.InvalidArgument(f"{name} is {size!r}: sizes cannot be negative")
    return int(given[0]), int(given[1]) if len(given) == 2 else None


def values_of(array, dtype, name):
    """A NumPy array of a dtype, converted where it has another; a new one only where it must."""
    given = array_of(raw_of(array), name, pt.InvalidArgument)
    if given.dtype != dtype and not np.can_cast(given.dtype, dtype, "same_kind"):
        raise pt.DtypeError(f"{name} has dtype {given.dtype}, which is not converted to {dtype}")
    return given.astype(dtype, copy=False)


def indices_of(array, name):
    """A one-dimensional NumPy array of whole numbers."""
    given = array_of(array, name, pt.InvalidArgument)
    if given.ndim != 1:
        raise pt.InvalidArgument(f"{name} must be a 1-D array, not one of {given.ndim} dimensions")
    if given.dtype.kind in "iu":
        return given
    whole = given.astype(np.int64) if given.dtype.kind in "fb" else None
    if whole is None or not np.array_equal(whole, given):
        raise pt.DtypeError(f"{name} has dtype {given.dtype}: expected whole numbers")
    return whole


def check_lengths(**arrays):
    """InvalidArgument where not all have as many rows as the first."""
    (first, one), *others = arrays.items()
    for name, other in others:
        if len(other) != len(one):
            raise pt.InvalidArgument(
                f"{first} and {name} must have matching lengths, not {len(one)} and {len(other)}"
            )


def check_range(indices, name, size):
    """InvalidArgument where an index is outside [0, size)."""
    if indices.size and not (indices.min() >= 0 and indices.max() < size):
        at = np.flatnonzero((indices < 0) | (indices >= size))[0]
        raise pt.InvalidArgument(
            f"{name}[{at}] is an out-of-range global index: {indices[at]}, outside [0, {size})"
        )
