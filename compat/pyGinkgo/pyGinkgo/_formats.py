"""Sparse matrices of any library, taken by what they say their format is."""

import re
import types

import numpy as np

import petiole as pt

from ._arrays import MissingParts, array_of
from ._checks import check_range, indices_of
from ._linop import LinOp, format_of, raw_of

# The arrays that an object has by rows, and by triplets: values, columns, rows.
PARTS = {"csr": ("data", "indices", "indptr"), "coo": ("data", "col", "row")}
_NAMES = {**PARTS, "csc": PARTS["csr"]}  # by columns under the names of those by rows


def in_format(object, wanted):
    """An object with shape and the PARTS of a format, "csr" or "coo", of the same matrix (local): the
    object itself where it has them and does not say that they are of another format.

    Errors: MissingParts, a TypeError, where they are missing and nothing converts to them.
    """
    raw = raw_of(object)
    if isinstance(raw, LinOp | pt.LinOp):
        return _of_operator(raw, wanted)
    has = format_named(object)
    if has in (None, wanted):
        missing = _missing(object, wanted)
        if missing:
            raise MissingParts(
                f"{type(object).__name__} has no {' and no '.join(missing)}: an object that a matrix "
                f"is made of has shape, {', '.join(PARTS[wanted])}, or says its format and converts"
            )
        return object
    if hasattr(object, "data"):
        array_of(object.data, "data")  # no mask is lost in a conversion, no memory of a device read
    convert = getattr(object, f"to{wanted}", None)
    made = convert() if callable(convert) else None
    if made is not None and not _missing(made, wanted):
        return made
    if has not in _NAMES or _missing(object, has):
        raise MissingParts(
            f"{type(object).__name__} is of format {has!r}, which nothing here converts to {wanted}"
        )
    return _reordered(object, has, wanted)


def format_named(object):
    """What an object says its format is, "csr", "csc", "coo" or another name in small letters; None
    where it says nothing (local). Of those without an attribute `format` it goes by the names of their
    classes, for the formats whose arrays have the same names as those by rows."""
    said = getattr(object, "format", None)
    if not isinstance(said, str) and callable(getattr(object, "getformat", None)):
        said = object.getformat()  # as SciPy's matrices have it
    if isinstance(said, str):
        return said.lower()
    compressed = getattr(object, "compressed_axes", None)
    if compressed is not None:
        return {(0,): "csr", (1,): "csc"}.get(tuple(compressed), f"compressed along {compressed}")
    for cls in type(object).__mro__:
        words = re.findall("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", cls.__name__)
        for word in map(str.lower, words):
            if word in ("csc", "bsr"):
                return word
    return None


def _missing(object, has):
    return [name for name in ("shape", *_NAMES[has]) if not hasattr(object, name)]


def _of_operator(operator, wanted):
    """The parts of a local matrix of the bindings or of Petiole."""
    if isinstance(operator, pt.Matrix) and operator.comm.size == 1:
        operator = operator.local
    if wanted == "csr":
        made = format_of(operator).to_csr()
        parts = made.values, made.indices, made.indptr
    else:
        made = format_of(operator).to_coo()
        parts = made.values, made.col_indices, made.row_indices
    return types.SimpleNamespace(shape=made.shape, **dict(zip(PARTS[wanted], parts)))


def _reordered(object, has, wanted):
    """The parts in another format of what cannot convert itself; duplicates stay."""
    shape = tuple(object.shape)
    values, minor, major = (getattr(object, name) for name in _NAMES[has])
    values = array_of(values, "data")
    minor, major = (
        indices_of(array, name) for array, name in ((minor, "indices"), (major, "indptr"))
    )
    if has != "coo":
        counts = np.diff(major)
        if len(major) != shape[has == "csc"] + 1 or major[0] != 0 or (counts < 0).any():
            raise ValueError(
                "indptr starts at 0, never falls, and has an element more than there are rows, or columns"
            )
        major = np.repeat(np.arange(len(counts)), counts)
    if not len(values) == len(minor) == len(major):
        raise ValueError(f"{type(object).__name__}: data and indices have different lengths")
    columns, rows = (major, minor) if has == "csc" else (minor, major)
    if wanted == "csr":
        check_range(rows, "a row", shape[0])
        order = np.argsort(rows, kind="stable")
        values, columns = values[order], columns[order]
        rows = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=shape[0]))))
    return types.SimpleNamespace(shape=shape, **dict(zip(PARTS[wanted], (values, columns, rows))))
