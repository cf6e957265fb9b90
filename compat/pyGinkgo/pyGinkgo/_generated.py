"""Operators that a Petiole factory generates from a system: solvers and preconditioners."""

import numpy as np

import petiole as pt

from ._communicator import agreed
from ._executor import petiole_executor
from ._linop import (
    LinOp,
    apply,
    check_sizes,
    communicator_among,
    in_dtype,
    is_known,
    linop_of,
    operator_of,
    together,
)


def computed(dtype):
    """The dtype that is computed in: half is storage, and computes in float."""
    return np.dtype(np.float32) if dtype == np.float16 else np.dtype(dtype)


def as_dtype(operator, dtype):
    """A Petiole operator in a dtype: matrices are converted, others converted around (collective)."""
    if operator.dtype == dtype:
        return operator
    if hasattr(operator, "astype"):
        return operator.astype(dtype)
    return pt.Cast(operator, dtype)


class Generated(LinOp):
    """What a factory generates from a system: at once, or, where the system or something else has to
    learn its communicator from vectors, at the first apply."""

    _is_collective = True

    @classmethod
    def _of(cls, exec, system, describe, others=()):
        """An object of this class; the arguments are those of `_start`."""
        made = cls.__new__(cls)
        made._start(exec, system, describe, others)
        return made

    def _start(self, exec, system, describe, others=()):
        """describe(dtype, *operators) gives the factory, with Petiole's operators of `others` and in the
        dtype that is computed in. Collective where the system and they are known."""
        with together(system, *others):
            petiole_executor(exec)
            self._exec, self._system = exec, linop_of(system)
            self._others = tuple(map(linop_of, others))
            check_sizes(system, *others)
            self._describe = describe
            self._seen = self._made = None
            if not self._known:
                describe(computed(self.dtype), *(None for _ in others))  # told here if it is wrong
        if self._known:
            self._operator()

    def _communicator(self):
        return communicator_among(self._system, *self._others)

    @property
    def _known(self):
        return all(map(is_known, (self._system, *self._others)))

    def _operator(self, like=None):
        if self._made is not None and self._known:
            return self._made
        comm = self._communicator() if like is None else like.comm
        system = operator_of(self._system, like, comm)
        if self._made is None or system is not self._seen:
            others = [operator_of(other, like, comm) for other in self._others]
            dtype = computed(self.dtype)
            first, *rest = (as_dtype(operator, dtype) for operator in (system, *others))
            with agreed(system.comm):
                factory = self._describe(dtype, *rest)
            self._seen, self._made = system, factory.generate(first)
        return self._made

    @property
    def shape(self):
        """(rows, columns), global ones for distributed objects (local)."""
        return tuple(self._system.shape)

    def apply(self, *args, **named):
        coefs, b, x = self._operands(args, named)
        made = self._operator(b)
        in_dtype(made.dtype, b, x, lambda b, x: apply(made, coefs, b, x))

    apply.__doc__ = LinOp.apply.__doc__
