"""What all local matrices share."""

import operator
import warnings

from ._executor import Executor, ReferenceExecutor
from ._linop import LinOp, dim2


class LocalMatrix(LinOp):
    """A matrix of one process."""

    @classmethod
    def _of(cls, exec, storage):
        """The object around a Petiole object (a vector for dense matrices, else a local format), which
        it takes over."""
        made = cls.__new__(cls)
        made._exec, made._storage = exec, storage
        return made

    def _communicator(self):
        return self._storage.comm

    def _sibling(self, stem, *names):
        """The class of another stem, of this one's value type."""
        from .pyGinkgoBindings import matrix

        return getattr(matrix, "_".join((stem, self.value_type, *names)))

    @property
    def shape(self):
        """(rows, columns) (local)."""
        return tuple(self._storage.shape)

    @property
    def size(self):
        """(rows, columns) as a `dim2`; deprecated, as `shape` says it too (local)."""
        warnings.warn(".size is deprecated, use .shape instead", DeprecationWarning, stacklevel=2)
        return dim2(*self.shape)

    def get_size(self):
        """(rows, columns) as a `dim2`; deprecated, as `shape` says it too (local)."""
        warnings.warn(
            ".get_size() is deprecated, use .shape instead", DeprecationWarning, stacklevel=2
        )
        return dim2(*self.shape)

    def __eq__(self, other):
        if self is other:
            return True
        return type(self) is type(other) and self.shape == other.shape and self._equals(other)

    __hash__ = object.__hash__  # they can be changed, and programs keep them in dictionaries


def executor_first(args):
    """(exec, the other arguments); the host where no executor is given."""
    if args and isinstance(args[0], Executor):
        return args[0], args[1:]
    return ReferenceExecutor(), args


def to_shape(shape):
    """(rows, columns) of a tuple or a dim2."""
    try:
        rows, columns = (operator.index(shape[i]) for i in range(len(shape)))
    except (TypeError, ValueError):
        raise TypeError(f"expected a shape (rows, columns), not {shape!r}") from None
    if rows < 0 or columns < 0:
        raise ValueError(f"shape is ({rows}, {columns}): sizes cannot be negative")
    return rows, columns
