"""Solvers: cg_<T>, bicgstab_<T>, gmres_<T>, direct_<T>_<I>, LowerTrs_<T>_<I>, UpperTrs_<T>_<I>, and
those that a configuration describes. They solve with local matrices, distributed ones and user code
alike, and are operators themselves."""

import inspect
import numbers

import numpy as np

import petiole as pt

from .._config import NO_DIVERGENCE, factory_of, is_solver
from .._executor import petiole_executor
from .._generated import Generated, computed
from .._linop import check_sizes, in_dtype, linop_of, operands, together, vector_of
from .._table import COMPLEX, INDICES, VALUES, make, make_functions
from . import preconditioner
from .logger import LOGGER, Listeners

TYPES = VALUES | COMPLEX


class _solver(Generated):
    """A solver of any kind, as a configuration describes it."""

    axes = ("value_type",)
    _from_zero = False  # whether x's guess counts for nothing

    def _start(self, exec, system, describe, others=()):
        self._loggers = Listeners()
        super()._start(exec, system, describe, others)

    def initialize_logger(self, callback=None):
        """A logger that has not converged yet, and that every later apply fills (local).

        callback, on this rank, is called with a `petiole.Event` before the first iteration and after
        each: its iteration, its residual_norm, and x and r where they are asked for.
        """
        logger = LOGGER[self.value_type,](callback)
        self._loggers.add(logger)
        return logger

    def apply(self, *args, **named):
        """apply(b, x): solves A x = b from the guess in x; returns (logger, x) with that same x.
        apply(alpha, b, beta, x): x = alpha A^-1 b + beta x. Collective where b and x are distributed.
        Not converging is no error: the logger says so."""
        coefs, b, target = self._operands(args, named)
        *_, x = operands(args, named)
        made = self._operator(b)
        if coefs is None:
            log = in_dtype(made.dtype, b, target, self._solve)
        else:
            solution = target.copy()
            log = in_dtype(made.dtype, b, solution, self._solve)
            target.scale(coefs[1])
            target.add_scaled(coefs[0], solution)
        logger = LOGGER[self.value_type,]()
        logger._log = log
        self._loggers.take(log)
        return logger, x

    def _solve(self, b, x):
        if self._from_zero:
            x.fill(0)
        return self._made.apply(b, x)


class _iterative(_solver):
    _kind = None  # the class of Petiole's factory

    def __init__(self, exec, system_matrix, *args, preconditioner=None, **named):
        with together(system_matrix, preconditioner, *args):
            if args and not isinstance(args[0], numbers.Number):
                if preconditioner is not None:
                    raise TypeError(f"{type(self).__name__}: preconditioner is given twice")
                preconditioner, *args = args
            options = self._options(*self._bound(args, named))

        def describe(dtype, M=None):
            return self._kind(M=M, callback=self._loggers, true_residual=False, **options)

        others = () if preconditioner is None else (preconditioner,)
        self._start(exec, system_matrix, describe, others)

    @classmethod
    def _bound(cls, args, named):
        """The arguments of `_options`, in its order."""
        signature = inspect.signature(cls._options)
        try:
            bound = signature.bind(*args, **named)
        except TypeError as error:
            expected = f"exec, system_matrix, [preconditioner], {str(signature)[1:-1]}"
            raise TypeError(f"{cls.__name__}: {error}; expected ({expected})") from None
        bound.apply_defaults()
        return bound.args

    @staticmethod
    def _options(max_iters, reduction_factor, relative_stop_mode=True):
        tolerance = "rtol" if relative_stop_mode else "atol"
        stop = pt.stop.Divergence(NO_DIVERGENCE)
        return {
            "maxiter": max_iters,
            "rtol": 0.0,
            "atol": 0.0,
            "stop": stop,
            tolerance: reduction_factor,
        }


class _cg(_iterative):
    """Conjugate gradients, for Hermitian positive definite systems: cg_<T>(exec, system_matrix,
    [preconditioner], max_iters, reduction_factor, relative_stop_mode=True).

    system_matrix is a local matrix, a distributed one, or user code; the preconditioner any operator. The
    solve ends where the residual's norm is at most reduction_factor times that of the right-hand
    side, or, without relative_stop_mode, at most reduction_factor."""

    _kind = pt.Cg


class _bicgstab(_iterative):
    """Stabilised biconjugate gradients, for any square system: bicgstab_<T>(exec, system_matrix,
    [preconditioner], max_iters, reduction_factor, relative_stop_mode=True), as cg_<T>."""

    _kind = pt.Bicgstab


class _gmres(_iterative):
    """GMRES, restarted after krylov_dim iterations, for any square system: gmres_<T>(exec,
    system_matrix, [preconditioner], max_iters, krylov_dim, reduction_factor,
    relative_stop_mode=True), as cg_<T>."""

    _kind = pt.Gmres

    @staticmethod
    def _options(max_iters, krylov_dim, reduction_factor, relative_stop_mode=True):
        stop = _iterative._options(max_iters, reduction_factor, relative_stop_mode)
        return stop | {"restart": krylov_dim}


class _exact(_solver):
    axes = ("value_type", "index_type")
    _kind = None
    _from_zero = True
    _sweeps = 1  # corrections, the first from zero

    def __init__(self, exec, system_matrix):
        self._start(exec, system_matrix, lambda dtype: self._factory(dtype, self._loggers))

    @classmethod
    def _factory(cls, dtype, callback=None):
        rtol = float(np.finfo(dtype).eps) ** (2 / 3)
        return cls._kind(rtol=rtol, maxiter=cls._sweeps, callback=callback, true_residual=False)

    @classmethod
    def _local_factory(cls):
        return cls._factory(computed(cls.dtype))


class _direct(_exact):
    """The solution by LU factorization: direct_<T>_<I>(exec, system_matrix, factorization).

    factorization, "LU" or "Cholesky", says which the caller expects: LU with pivoting serves both. What
    x holds before counts for nothing. A matrix on several ranks is factorized on one of them."""

    _kind = pt.Direct
    _sweeps = 2  # the second where A is ill conditioned

    def __init__(self, exec, system_matrix, factorization):
        with together(system_matrix):
            if factorization not in ("LU", "Cholesky"):
                raise ValueError(f'factorization is {factorization!r}: expected "LU" or "Cholesky"')
        super().__init__(exec, system_matrix)


class _LowerTrs(_exact):
    """Forward substitution, for a lower triangular matrix: LowerTrs_<T>_<I>(exec, system_matrix)."""

    _kind = pt.LowerTrs


class _UpperTrs(_exact):
    """Backward substitution, for an upper triangular matrix: UpperTrs_<T>_<I>(exec, system_matrix)."""

    _kind = pt.UpperTrs


ANY = make(globals(), _solver, TYPES)
ITERATIVE = {cls._kind: make(globals(), cls, TYPES) for cls in (_cg, _bicgstab, _gmres)}
EXACT = {cls._kind: make(globals(), cls, TYPES, INDICES) for cls in (_direct, _LowerTrs, _UpperTrs)}


def _class_of(factory, value_type):
    """The class of what a Petiole factory generates."""
    kind = type(factory)
    if kind in ITERATIVE:
        return ITERATIVE[kind][value_type,]
    if kind in EXACT:
        return EXACT[kind][value_type, "int32"]
    if is_solver(factory):
        return ANY[value_type,]
    return preconditioner.class_of(factory, value_type)


def _config_solver(value_type):
    def config_solver(exec, A, config):
        """The solver, or the preconditioner, that a JSON text describes, generated from A (collective
        where A is distributed); a dict will do too. Keys and types that are not known are an error
        that lists those that are."""
        with together(A):
            cls = _class_of(factory_of(config), value_type)
        solver = cls.__new__(cls)

        def describe(dtype):
            return factory_of(config, getattr(solver, "_loggers", None))

        solver._start(exec, A, describe)
        return solver

    return config_solver


def _config_solve(value_type):
    def config_solve(exec, A, b, x, config):
        """Solves A x = b from the guess in x as a JSON text, or a dict, describes; returns the logger
        (collective where A is distributed)."""
        with together(A, b, x):
            petiole_executor(exec)
            check_sizes(linop_of(A), vector_of(b), vector_of(x))
        solved = make_solver(exec, A, config).apply(b, x)
        return LOGGER[value_type,]() if solved is None else solved[0]

    make_solver = _config_solver(value_type)
    return config_solve


make_functions(globals(), "config_solver", _config_solver, TYPES)
make_functions(globals(), "config_solve", _config_solve, TYPES)

_ENDINGS = tuple(f"_{name}" for name in (*TYPES, *INDICES))
__all__ = [name for name in globals() if name.endswith(_ENDINGS)]
