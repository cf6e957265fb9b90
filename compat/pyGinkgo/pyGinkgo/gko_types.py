"""The names of value types, index types, formats and executors, as enumerations of strings."""

import enum
from typing import Union

import numpy as np

from ._executor import Executor


class DatatypeEnum(str, enum.Enum):
    """Members are strings: ValueType.double == "double"."""

    @classmethod
    def values(cls):
        """The names of all members, a list (local)."""
        return [member.value for member in cls]

    def __str__(self):
        return self.value


class NpDatatypeEnum(DatatypeEnum):
    """Members know their NumPy type, `numpy_type`."""

    def __new__(cls, name, numpy_type):
        member = str.__new__(cls, name)
        member._value_ = name
        member.numpy_type = numpy_type
        return member

    @classmethod
    def numpy_types(cls):
        """The NumPy types of all members, a list (local)."""
        return [member.numpy_type for member in cls]

    @classmethod
    def type_map(cls):
        """The NumPy type of each name, a dict (local)."""
        return {member.value: member.numpy_type for member in cls}


class ValueType(NpDatatypeEnum):
    """What vectors and entries are made of."""

    half = "half", np.float16
    float = "float", np.float32
    double = "double", np.float64


class IndexType(NpDatatypeEnum):
    """What indices are made of."""

    int32 = "int32", np.int32
    int64 = "int64", np.longlong  # the same kind and size as np.int64


class MatrixFormat(DatatypeEnum):
    """How a matrix is stored."""

    dense = "dense"
    Csr = "Csr"
    Coo = "Coo"


class ExecutorType(DatatypeEnum):
    """Where things run."""

    cpu = "cpu"
    omp = "omp"
    cuda = "cuda"
    hip = "hip"
    dpcpp = "dpcpp"


dtype = [*ValueType, *IndexType]
DeviceType = Union[ExecutorType, Executor, str]

NUMPY_TO_GKO_VALUE = {member.numpy_type: member.value for member in ValueType}
NUMPY_TO_GKO_INDEX = {member.numpy_type: member.value for member in IndexType}
NUMPY_TO_GKO_INDEX[np.int64] = "int64"
