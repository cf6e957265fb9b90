"""Arrays on their way in: what programs give becomes a NumPy array of the type that is wanted."""

import numpy as np


class IncompatibleDtypes(TypeError, RuntimeError):
    """An array of one dtype where another is wanted, and nothing is converted."""


def host_array(object, dtype, name="the array", convert=True):
    """A NumPy array of `dtype`, which may share its memory with `object`: an array, a buffer, a list,
    an object of the bindings or a tensor.

    Memory of a device is refused, never looked at (TypeError); so is another dtype unless `convert`
    (IncompatibleDtypes), and complex numbers where real ones are wanted (TypeError).
    """
    if getattr(object, "__cuda_array_interface__", None) is not None:
        raise TypeError(
            f"{name} lies in the memory of a GPU (it has __cuda_array_interface__), and the executor "
            "is the host's: copy it to the host first, with cupy.asnumpy(a) or tensor.cpu()"
        )
    array = np.asarray(object)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} is of dtype {array.dtype}: expected numbers")
    if array.dtype == dtype:
        return array
    if not convert:
        raise IncompatibleDtypes(f"Incompatible dtypes: {name} is {array.dtype}, expected {dtype}")
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"{name} is {array.dtype}, which does not fit into {dtype}")
    return array.astype(dtype)


def one_dimensional(array, name="the array"):
    """The array itself; ValueError where it has not one dimension."""
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions: only 1D arrays are supported")
    return array
