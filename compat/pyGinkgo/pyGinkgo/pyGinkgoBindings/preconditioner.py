"""Preconditioners: Jacobi_<T>_<I>, Ilu_<T>_<I>, Ic_<T>_<I>, Schwarz_<T>_<L>_<G>. Those of a distributed
matrix precondition with each rank's own rows and columns, and send nothing."""

import petiole as pt

from .._config import local_factory
from .._generated import Generated, as_dtype
from .._linop import LinOp, local_operator_of, raw_of, together
from .._table import COMPLEX, INDICES, VALUES, make

TYPES = VALUES | COMPLEX


class _preconditioner(Generated):
    """A preconditioner of any kind, as a configuration describes it."""

    axes = ("value_type",)


class _of_matrix(Generated):
    _local_factory = None  # the class of Petiole's factory

    def __init__(self, exec, system_matrix):
        self._start(exec, system_matrix, lambda dtype: self._local_factory())


class _Jacobi(_of_matrix):
    """The inverses of the diagonal's blocks of max_block_size rows, of the diagonal itself where that
    is 1: Jacobi_<T>_<I>(exec, system_matrix, max_block_size=1)."""

    _local_factory = pt.Jacobi

    def __init__(self, exec, system_matrix, max_block_size=1):
        self._start(exec, system_matrix, lambda dtype: pt.Jacobi(block_size=max_block_size))


class _Ilu(_of_matrix):
    """Incomplete LU without fill: Ilu_<T>_<I>(exec, system_matrix). A pivot of zero is an error."""

    _local_factory = pt.Ilu


class _Ic(_of_matrix):
    """Incomplete Cholesky without fill: Ic_<T>_<I>(exec, system_matrix). A pivot that is not positive
    is an error."""

    _local_factory = pt.Ic


class _Schwarz(Generated):
    """Additive Schwarz: Schwarz_<T>_<L>_<G>(exec, system_matrix, local_solver=None, **options).

    local_solver solves with each rank's own block, and is a class of this module or of `solver`
    (Ilu_double_int32), a dict or a JSON text as for config_solve, or an operator of the size of the
    rank's block; None is the sparse LU factorization. options are those of `petiole.Schwarz`: overlap,
    restricted, l1, coarse (described like local_solver) and so on. Collective."""

    axes = ("value_type", "local_index_type", "global_index_type")

    def __init__(self, exec, system_matrix, local_solver=None, **options):
        is_operator = isinstance(raw_of(local_solver), LinOp | pt.LinOp)
        with together(system_matrix):
            if local_solver is not None and not is_operator:
                options["local"] = local_factory(local_solver)
            if options.get("coarse") is not None:
                options["coarse"] = local_factory(options["coarse"])

        def describe(dtype):
            if is_operator:
                local = local_operator_of(local_solver, dtype, "local_solver")
                options["local"] = as_dtype(local, dtype)
            return pt.Schwarz(**options)

        self._start(exec, system_matrix, describe)


ANY = make(globals(), _preconditioner, TYPES)
BY_KIND = {
    template._local_factory: make(globals(), template, TYPES, INDICES)
    for template in (_Jacobi, _Ilu, _Ic)
}
SCHWARZ = make(globals(), _Schwarz, TYPES, INDICES, INDICES)


def class_of(factory, value_type):
    """The class of what a Petiole factory generates."""
    if type(factory) in BY_KIND:
        return BY_KIND[type(factory)][value_type, "int32"]
    if isinstance(factory, pt.Schwarz):
        return SCHWARZ[value_type, "int32", "int64"]
    return ANY[value_type,]


_ENDINGS = tuple(f"_{name}" for name in (*TYPES, *INDICES))
__all__ = [name for name in globals() if name.endswith(_ENDINGS)]
