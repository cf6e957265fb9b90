"""One-dimensional arrays: array_<T>."""

import operator
import warnings

import numpy as np

from petiole._core import Exporter

from .._arrays import described, host_array, number, one_dimensional, python_number
from .._executor import petiole_executor
from .._linop import PolymorphicObject
from .._table import ALL, make


class _array(PolymorphicObject, Exporter):
    """A one-dimensional array on an executor; memoryview(a) and numpy.asarray(a) see its memory.

    array(exec, size): zeros. array(exec, object): a copy of an array, a buffer, a list or another
    array_<T>, converted where that is needed. Memory of a device is a TypeError.
    """

    axes = ("value_type",)

    def __init__(self, exec, object):
        petiole_executor(exec)
        self._exec = exec
        try:
            self._values = np.zeros(operator.index(object), self.dtype)
        except TypeError:
            self._values = one_dimensional(np.array(host_array(object, self.dtype)))

    @classmethod
    def _of(cls, exec, values):
        """The array_<T> that is a NumPy array: the memory is shared."""
        made = cls.__new__(cls)
        made._exec, made._values = exec, values
        return made

    def __buffer__(self, flags):
        return memoryview(self._values)

    def __dlpack__(self, *args, **named):
        return self._values.__dlpack__(*args, **named)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()

    @property
    def shape(self):
        """(size,) (local)."""
        return self._values.shape

    @property
    def size(self):
        """The number of elements; deprecated, as `shape` says it too (local)."""
        warnings.warn(".size is deprecated, use .shape instead", DeprecationWarning, stacklevel=2)
        return self._values.size

    def get_size(self):
        """The number of elements; deprecated, as `shape` says it too (local)."""
        warnings.warn(
            ".get_size() is deprecated, use .shape[0] instead", DeprecationWarning, stacklevel=2
        )
        return self._values.size

    def fill(self, value):
        """Sets every element to `value`, a number of the array's kind (local)."""
        self._values.fill(number(value, self.dtype))

    def at(self, i):
        """Element i, counted from 0; IndexError outside (local)."""
        i = operator.index(i)
        if not 0 <= i < self._values.size:
            raise IndexError(f"index {i} is out of range for {self._values.size} elements")
        return python_number(self._values[i])

    def __getitem__(self, i):
        return self._values[i]

    def __setitem__(self, i, value):
        self._values[i] = host_array(value, self.dtype, "the value")

    def __len__(self):
        return self._values.size

    def __repr__(self):
        return described(self, "base", self._values, self._values.size)


ARRAY = make(globals(), _array, ALL)


def reduce_add(array, init=0):
    """init plus the sum of an array_<T>'s elements, in its own type (local)."""
    if not isinstance(array, _array):
        raise TypeError(f"expected an array_<T>, not {type(array).__name__}")
    init = array.dtype.type(number(init, array.dtype))
    return python_number(array._values.sum(dtype=array.dtype) + init)
