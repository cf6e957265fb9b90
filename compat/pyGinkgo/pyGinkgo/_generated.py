"""Operators that a Petiole factory generates from a system: solvers and preconditioners."""

import numpy as np

import petiole as pt

from ._executor import petiole_executor
from ._linop import LinOp, apply, in_dtype, is_known, operator_of, together


def computed(dtype):
    """The dtype that is computed in: half is storage, and computes in float."""
    return np.dtype(np.float32) if dtype == np.float16 else np.dtype(dtype)


def as_dtype(operator, dtype):
    """A Petiole operator in a dtype: matrices are converted, others converted around."""
    if operator.dtype == dtype:
        return operator
    if hasattr(operator, "astype"):
        return operator.astype(dtype)
    return pt.Cast(operator, dtype)


class Generated(LinOp):
    """What a factory generates from a system: at once, or, where the system or something else has to
    learn its communicator from vectors, at the first apply."""

    @classmethod
    def _of(cls, exec, system, describe, others=()):
        """An object of this class; the arguments are those of `_start`."""
        made = cls.__new__(cls)
        made._start(exec, system, describe, others)
        return made

    def _start(self, exec, system, describe, others=()):
        """describe(like, dtype) gives the factory; `others` are the objects, apart from the system,
        that it asks for their operators. Collective where the system is known."""
        with together(system):
            petiole_executor(exec)
        self._exec, self._system = exec, getattr(system, "raw", system)
        self._describe, self._others = describe, others
        self._seen = self._made = None
        if self._known:
            self._operator()

    @property
    def _known(self):
        return all(map(is_known, (self._system, *self._others)))

    def _operator(self, like=None):
        if self._made is not None and self._known:
            return self._made
        system = operator_of(self._system, like)
        if self._made is None or system is not self._seen:
            self._seen, self._made = system, self._generate(system, like)
        return self._made

    def _generate(self, system, like):
        dtype = computed(self.dtype)
        try:
            factory = self._describe(like, dtype)
            system = as_dtype(system, dtype)
        except Exception as error:
            system.comm._fail(error)  # on the other ranks too, which are in `generate`
        return factory.generate(system)

    @property
    def shape(self):
        """(rows, columns), global ones for distributed objects (local)."""
        return tuple(self._system.shape)

    def apply(self, *args, **named):
        coefs, b, x = self._operands(args, named)
        made = self._operator(b)
        in_dtype(made.dtype, b, x, lambda b, x: apply(made, coefs, b, x))

    apply.__doc__ = LinOp.apply.__doc__
