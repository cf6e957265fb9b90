"""Arrays and matrices by one call each, with types by name or from what they are made of."""

import os

import numpy as np

import pyGinkgo as pg

from . import gko_types
from . import pyGinkgoBindings as pGB
from ._arrays import array_of, host_array
from ._communicator import agreed, communicator_of
from ._formats import PARTS, in_format
from ._linop import together
from ._table import type_name
from .solving import (
    config_solve,
    eigen_solve,
    generate_solver,
    get_solver_default_config,
    solve,
    torch_avail,
    triangular_solve,
)

__all__ = [
    "Coo",
    "Csr",
    "array",
    "as_array",
    "as_tensor",
    "config_solve",
    "dense",
    "eigen_solve",
    "factor",
    "generate_solver",
    "get_solver_default_config",
    "read",
    "solve",
    "torch_avail",
    "triangular_solve",
]

_ALIASES = {"single": "float", "longlong": "int64"}


def as_array(obj, device="cpu", dtype="float"):
    """array_<dtype> of an array, a buffer, a list, another array_<T>, or a size (local)."""
    _check(dtype, gko_types.dtype, "dtype")
    return getattr(pGB.base, f"array_{dtype}")(pg.device(device), obj)


def as_tensor(obj=None, dim=None, device="cpu", dtype="float", fill=None):
    """dense_<dtype> of an array, a list or a tensor; or of shape `dim`, filled with `fill` (local).

    Errors: ValueError where neither is given, or for an unknown dtype.
    """
    _check(str(dtype), gko_types.ValueType, "dtype")
    cls = getattr(pGB.matrix, f"dense_{dtype}")
    if obj is not None:
        return cls(pg.device(device), _from_torch(obj))
    if dim is None:
        raise ValueError("Either obj or dim must be provided.")
    made = cls(pg.device(device), tuple(dim))
    if fill is not None:
        made.fill(fill)
    return made


def array(obj, device="cpu", dtype=None):
    """array_<T> of an array, a buffer, a list or another array_<T>, whose type it takes; or, where dtype
    is given, of that type, and then obj may be a size (local).

    Errors: ValueError where a type cannot be told, or is none that there are arrays of.
    """
    is_size = isinstance(obj, int | np.integer) and not isinstance(obj, bool)
    if dtype is None and is_size:
        raise ValueError("Cannot infer dtype for array size allocation. Please specify dtype.")
    name = _type_of(dtype, [obj], gko_types.dtype, "dtype", "array input")
    return getattr(pGB.base, f"array_{name}")(pg.device(device), obj)


def dense(obj=None, dim=None, device="cpu", dtype=None, fill=None, stride=None):
    """dense_<T> of an array, whose type it takes unless dtype is given; or of shape `dim`, rows `stride`
    apart; or of both, the elements one after another and a stride. Then filled with `fill` (local).

    Errors: ValueError where a type cannot be told, or is none that there are matrices of, or a
    stride is missing.
    """
    name = _type_of(dtype, [obj], gko_types.ValueType, "dtype", "dense allocation")
    cls, exec = getattr(pGB.matrix, f"dense_{name}"), pg.device(device)
    if obj is None:
        parts = (dim, stride)
    elif dim is None:
        parts = (array_of(obj) if isinstance(obj, tuple) else _from_torch(obj),)
    elif stride is None:
        raise ValueError("dense construction with obj and dim requires stride.")
    else:
        parts = (dim, host_array(obj, cls.dtype), stride)
    made = cls(exec, *(part for part in parts if part is not None))
    if fill is not None:
        made.fill(fill)
    return made


def Csr(
    obj=None, *, device="cpu", dtype=None, itype=None, dim=None, data=None, cols=None, rows=None
):
    """Csr_<T>_<I> of an object with shape, data, indices and indptr, or that says that its format is another
    one; or of dim, data, cols and rows (the row pointers); or without entries, where dtype and itype are
    given (local). Types that are not given are those of the arrays.

    Errors: ValueError where a type cannot be told, or a part is missing.
    """
    return _sparse("Csr", obj, device, dtype, itype, (dim, data, cols, rows))


def Coo(
    obj=None, *, device="cpu", dtype=None, itype=None, dim=None, data=None, cols=None, rows=None
):
    """Coo_<T>_<I> of an object with shape, data, col and row, or that says that its format is another
    one; or of dim, data, cols and rows; or without entries, where dtype and itype are
    given (local). Types that are not given are those of the arrays.

    Errors: ValueError where a type cannot be told, or a part is missing.
    """
    return _sparse("Coo", obj, device, dtype, itype, (dim, data, cols, rows))


def read(
    path, format="dense", dtype="double", itype="int32", device="cpu", comm=None, partition=None
):
    """The matrix of a MatrixMarket file (local), or with a communicator, distributed by a partition,
    each rank reading its share of the file (collective; format and itype are then not used).

    format: "dense", "Csr" or "Coo". Errors: ValueError for unknown names, petiole.FileError (an OSError)
    where there is no file, petiole.FormatError with the line's number where it is malformed.
    """
    if comm is not None:
        comm = communicator_of(comm)
    with agreed(comm):
        _check(format, gko_types.MatrixFormat, "matrix format")
        _check(dtype, gko_types.ValueType, "dtype")
        path, exec = os.path.abspath(path), pg.device(device)
    if comm is not None:
        return pg.distributed.read(path, exec=exec, comm=comm, partition=partition, dtype=dtype)
    names = [str(format), str(dtype)]
    if format != "dense":
        _check(itype, gko_types.IndexType, "itype")
        names.append(str(itype))
    return getattr(pGB.matrix, "_".join(("read", *names)))(os.fsdecode(path), exec)


def factor(A, kind="Upper", device="cpu"):
    """The "Upper" or the "Lower" factor of the Cholesky factorization of A, as Csr_<T>_<I> (local); of a
    distributed A that of each rank's local block, the rows and columns that it owns (collective)."""
    with together(A):
        if kind not in ("Upper", "Lower"):
            raise ValueError(f'kind is {kind!r}: expected "Upper" or "Lower"')
        exec = pg.device(device)
    factorization = pGB.factorization.factorization(exec, A)
    upper, lower = factorization.get_upper_factor, factorization.get_lower_factor
    return upper() if kind == "Upper" else lower()


# ---- types


def _check(name, known, what):
    if name not in [str(member) for member in known]:
        choices = ", ".join(str(member) for member in known)
        raise ValueError(f"Not a valid {what}: {name}. Possible choices are: {choices}")


def _name_of(dtype):
    """The name of what says a type: a name of ours or of NumPy's, a NumPy type, one of PyTorch's; or
    None."""
    if isinstance(dtype, str) and dtype.lower() in ("half", "float", "double", *_ALIASES):
        return _ALIASES.get(dtype.lower(), dtype.lower())
    try:
        return type_name(dtype)
    except TypeError:
        text = str(dtype)  # "torch.float32"
        return type_name(text.removeprefix("torch.")) if text.startswith("torch.") else None


def _type_of(given, sources, known, what, where):
    """The name of the type that is given, else of the first source that has one."""
    names = [str(member) for member in known]
    choices = f"Possible choices are: {', '.join(names)}"
    if given is not None:
        name = _name_of(given)
        if name not in names:
            raise ValueError(f"Cannot find dtype {given}. {choices}")
        return name
    found = {_source_type(source) for source in sources if source is not None} & set(names)
    if len(found) == 1:
        return found.pop()
    several = f" a single one of {', '.join(sorted(found))}" if found else ""
    raise ValueError(f"Cannot infer {what} for {where}{several}. Please specify {what}. {choices}")


def _source_type(source):
    """The name of an array's type, or None."""
    dtype = getattr(source, "dtype", None)
    if dtype is None:
        interface = getattr(source, "__cuda_array_interface__", None)
        if interface is not None:
            dtype = interface.get("typestr")
        else:
            array = np.asarray(source)
            dtype = array.dtype if array.size else None
    return None if dtype is None else _name_of(dtype)


def _sparse(stem, obj, device, dtype, itype, parts):
    given = dict(zip(("dim", "data", "cols", "rows"), parts))
    missing = [name for name, part in given.items() if part is None]
    if obj is not None and len(missing) < 4:
        raise ValueError(f"Pass either a {stem}-like object or component arrays, not both.")
    if 0 < len(missing) < 4:
        raise ValueError(
            f"{stem} component construction requires dim, data, cols, and rows. "
            f"Missing: {', '.join(missing)}."
        )
    if obj is None:
        values, indices = given["data"], [given["cols"], given["rows"]]
    else:
        obj = in_format(obj, stem.lower())
        values, *indices = (getattr(obj, name) for name in PARTS[stem.lower()])
    value = _type_of(dtype, [values], gko_types.ValueType, "dtype", f"{stem} allocation")
    index = _type_of(itype, indices, gko_types.IndexType, "itype", f"{stem} allocation")
    cls, exec = getattr(pGB.matrix, f"{stem}_{value}_{index}"), pg.device(device)
    if obj is not None:
        return cls(exec, obj)
    if missing:
        return cls(exec)
    indices = (host_array(given[n], cls.itype, n, whole=True) for n in ("cols", "rows"))
    return cls(exec, parts[0], host_array(parts[1], cls.dtype, "data"), *indices)


def _from_torch(obj):
    """A tensor of PyTorch on the host as an array; anything else as it is."""
    if type(obj).__module__.partition(".")[0] != "torch":
        return obj
    return obj.detach().numpy() if obj.device.type == "cpu" else obj
