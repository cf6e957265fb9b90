"""Local matrices and their readers: dense_<T>, Csr_<T>_<I>, Coo_<T>_<I>, read_dense_<T> and so on."""

import petiole as pt

from .._dense import Dense
from .._executor import petiole_executor
from .._sparse import Coo, Csr
from .._table import COMPLEX, INDICES, VALUES, make, make_functions

_NUMBERS = VALUES | COMPLEX

make(globals(), Dense, _NUMBERS, stem="dense")
make(globals(), Csr, _NUMBERS, INDICES)
make(globals(), Coo, _NUMBERS, INDICES)


def _reader(stem):
    def make_reader(*names):
        cls = globals()["_".join((stem, *names))]

        def read(path, exec):
            matrix = pt.Matrix.read(path, dtype=cls.dtype, exec=petiole_executor(exec)).local
            return cls._of(exec, cls._storage_of(matrix))

        read.__doc__ = f"""The matrix of a MatrixMarket file, or of one of Petiole's binary files, as {cls.__name__} (local).

        Errors: petiole.FileError (an OSError) where there is no file, petiole.FormatError with the line's
        number where it is malformed."""
        return read

    return make_reader


make_functions(globals(), "read_dense", _reader("dense"), _NUMBERS)
make_functions(globals(), "read_Csr", _reader("Csr"), _NUMBERS, INDICES)
make_functions(globals(), "read_Coo", _reader("Coo"), _NUMBERS, INDICES)

# The names of the time when there was one type.
dense, read_dense = globals()["dense_double"], globals()["read_dense_double"]
