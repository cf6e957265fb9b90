"""What the tests of local objects share: types, and a small matrix."""

import numpy as np

VALUES = {"half": np.float16, "float": np.float32, "double": np.float64}
COMPLEX = {"complex_float": np.complex64, "complex_double": np.complex128}
NUMBERS = VALUES | COMPLEX
INDICES = {"int32": np.int32, "int64": np.longlong}

# | 4 0 1 |
# | 0 3 0 |   as triplets, by rows
# | 2 0 5 |
VALUES_OF_A, COLUMNS, ROWS, ROW_PTRS = (
    [4, 1, 3, 2, 5],
    [0, 2, 1, 0, 2],
    [0, 0, 1, 2, 2],
    [0, 2, 3, 5],
)
A = np.array([[4, 0, 1], [0, 3, 0], [2, 0, 5]])


class OnDevice:
    """Says that it lies in the memory of a GPU, at an address that must never be looked at."""

    def __init__(self, count=3):
        self.__cuda_array_interface__ = {
            "shape": (count,), "typestr": "<f8", "data": (0xDEAD, False), "strides": None,
            "version": 3,
        }  # fmt: skip
