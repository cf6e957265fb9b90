"""Arrays on their way in: what programs give becomes a NumPy array of the type that is wanted."""

import numbers

import numpy as np

import petiole as pt

# What programs catch as the RuntimeError that pyGinkgo raises is one, and of Python's own kind too.


class IncompatibleDtypes(TypeError, RuntimeError):
    """An array of one dtype where another is wanted, and nothing is converted."""


class MissingParts(TypeError, RuntimeError):
    """An object without the attributes that it is to be read by."""


class WrongDimensions(ValueError, RuntimeError):
    """An array with another number of dimensions than is wanted."""


def host_array(object, dtype, name="the array", convert=True, whole=False):
    """A NumPy array of `dtype`, which may share its memory with `object`: an array, a buffer, a list,
    an object of the bindings or a tensor.

    Memory of a device is refused, never looked at (TypeError); so are masked arrays and bytes, another
    dtype unless `convert` (IncompatibleDtypes), and complex numbers where real ones are wanted
    (TypeError). Integers that the dtype has not are a ValueError; a fraction is cut off, or, if `whole`,
    a ValueError too.
    """
    array = array_of(object, name)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} is of dtype {array.dtype}: expected numbers")
    if array.dtype == dtype:
        return array
    if not convert:
        raise IncompatibleDtypes(f"Incompatible dtypes: {name} is {array.dtype}, expected {dtype}")
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"{name} is {array.dtype}, which does not fit into {dtype}")
    with np.errstate(invalid="ignore"):
        made = array.astype(dtype)
    cut = array.dtype.kind == "f" and not whole
    if dtype.kind == "i" and not np.array_equal(made, np.trunc(array) if cut else array):
        raise ValueError(f"{name} holds numbers that no {dtype} is")
    return made


def array_of(object, name="the array", on_device=TypeError):
    """The NumPy array of an array, a buffer or a list, in the same memory where it has some; TypeError
    for masked arrays and bytes, the error `on_device` for the memory of a device."""
    refuse_device(object, name, on_device)
    refuse_masks(object, name)
    array = np.asanyarray(object)
    refuse_masks(array, name)  # what an object gives where it is asked for an array
    return np.asarray(array)


def refuse_masks(object, name, depth=2):
    """TypeError for masked arrays, whose mask would be lost, and for bytes, which are no numbers; for
    lists of them too, of so many dimensions."""
    if isinstance(object, np.ma.MaskedArray):
        raise pt.DtypeError(f"{name} is masked, which would be lost: pass a.filled(value)")
    if isinstance(object, bytes | bytearray):
        raise pt.DtypeError(
            f"{name} is {type(object).__name__}, which are no numbers: pass numpy.frombuffer(b, dtype)"
        )
    if isinstance(object, list | tuple) and depth:
        for item in object:
            if not isinstance(item, float | int):
                refuse_masks(item, name, depth - 1)


def refuse_device(object, name, error):
    """`error` for what says that it lies in the memory of a device."""
    if getattr(object, "__cuda_array_interface__", None) is not None:
        raise error(
            f"{name} lies in the memory of a GPU (it has __cuda_array_interface__), which is only "
            "supported on a CUDA executor, and this one is the host's: copy it to the host first, "
            "with cupy.asnumpy(a) or tensor.cpu()"
        )


def one_dimensional(array, name="the array"):
    """The array itself; WrongDimensions where it has not one."""
    if array.ndim != 1:
        raise WrongDimensions(f"{name} has {array.ndim} dimensions: Only 1D arrays are supported")
    return array


def number(value, dtype):
    """A number for elements of `dtype`, as Python has it; TypeError for what is none, or of another
    kind: 2.5 is no integer, 1j is not real."""
    refuse_masks(value, "the number")
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    fits = {"i": numbers.Integral, "f": numbers.Real, "c": numbers.Complex}[dtype.kind]
    if dtype.kind == "i" and isinstance(value, float | np.floating) and value.is_integer():
        value = int(value)
    if not isinstance(value, fits):
        raise TypeError(f"{value!r} is no number for elements of {dtype}")
    return {"i": int, "f": float, "c": complex}[dtype.kind](value)


def python_number(value):
    """An element as Python has it; a half stays NumPy's, as Python has none."""
    return value if value.dtype == np.float16 else value.item()


def described(object, module, array, size):
    """What repr says of an object with `size` elements: the elements too, where they are few."""
    text = f"pygko.{module}.{type(object).__name__} object of size {size} on host"
    if size >= 10:
        return text
    return f"{text} [ {''.join(f'{element(value)} ' for value in array.flat)} ]"


def element(value):
    """A number as repr shows it, with six decimals if it is no integer."""
    return f"{value}" if value.dtype.kind == "i" else f"{value:.6f}"
