"""Systems and eigenvalue problems in one call each."""

import importlib.util
import json
from collections.abc import Mapping

import numpy as np

import petiole as pt

from . import pyGinkgoBindings as pgb
from ._arrays import host_array
from ._executor import ReferenceExecutor
from ._generated import computed
from ._linop import (
    LinOp,
    check_sizes,
    format_of,
    is_known,
    linop_of,
    operator_of,
    raw_of,
    together,
    vector_of,
)
from ._table import type_name

__all__ = [
    "config_solve",
    "eigen_solve",
    "generate_solver",
    "get_solver_default_config",
    "solve",
    "torch_avail",
    "triangular_solve",
]

# Whether tensors of PyTorch can come; it is not imported here.
torch_avail = importlib.util.find_spec("torch") is not None


def get_solver_default_config():
    """What solves are described by where nothing else is said, a new dict at each call: GMRES with
    incomplete LU, to a relative residual of 1e-7 in at most 1000 iterations (local)."""
    return {
        "type": "solver::Gmres",
        "preconditioner": {
            "type": "preconditioner::Ilu",
            "reverse_apply": False,
            "factorization": {"type": "factorization::ParIlu"},
        },
        "criteria": [
            {"type": "Iteration", "max_iters": 1000},
            {"type": "ResidualNorm", "reduction_factor": 1e-7},
        ],
    }


def solve(A, b, initial_guess=None, solver_args=None, kind="config"):
    """Solves A x = b; returns (logger, x) (collective where A is distributed).

    b: a vector, or an array of PyTorch's or NumPy's beside a local A. initial_guess: a vector, which
    becomes x and is returned; None is zero, and x a new vector of A's dtype. kind: "config", with
    solver_args as for `config_solve`, or "triangular", as for `triangular_solve`.
    """
    ways = {"config": config_solve, "triangular": triangular_solve}
    with together(A, b):
        if kind not in ways:
            raise ValueError(f"kind is {kind!r}: expected {' or '.join(map(repr, ways))}")
        b = _vector(A, b)
        x = _zeros(A, b) if initial_guess is None else initial_guess
    return ways[kind](A, b, x, solver_args)


def config_solve(A, b, x, solver_args=None):
    """Solves A x = b from the guess in x; returns (logger, x) with that same x (collective where A
    is distributed).

    solver_args: a dict, or the text of a JSON object, in the form of Ginkgo's configuration files;
    what is empty or None is the default of `get_solver_default_config`. It stays as it is. Keys and
    types that are not known are an error that lists those that are.
    """
    with together(A, b, x):
        config_solve = getattr(pgb.solver, f"config_solve_{value_type_of(A, b)}")
        description = _described(solver_args)
    return config_solve(_executor(A), A, b, x, description), x


def generate_solver(A, solver_args=None):
    """The solver, or the preconditioner, that solver_args describes, generated from A (collective
    where A is distributed). solver_args is as for `config_solve`."""
    with together(A):
        config_solver = getattr(pgb.solver, f"config_solver_{value_type_of(A)}")
        description = _described(solver_args)
    return config_solver(_executor(A), A, description)


def triangular_solve(A, b, x, solver_args):
    """Solves A x = b by substitution; returns (None, x) (collective where A is distributed).

    solver_args: {"type": "Lower"} for a lower triangular A, or {"type": "Upper"}.
    """
    with together(A, b, x):
        kind = _checked(solver_args).get("type")
        if kind not in ("Lower", "Upper"):
            raise ValueError(f'solver_args["type"] is {kind!r}: expected "Lower" or "Upper"')
        check_sizes(linop_of(A), vector_of(b), vector_of(x))
        cls = getattr(pgb.solver, f"{kind}Trs_{value_type_of(A, b)}_{index_type_of(A)}")
    cls(_executor(A), A).apply(b, x)
    return None, x


def eigen_solve(A, solver_args=None):
    """All eigenvalues, ascending, and orthonormal eigenvectors of a symmetric local matrix A, of which
    one triangle is looked at: (Lambda, vectors), dense objects of A's type (local). Lambda has one
    column. solver_args is for compatibility alone."""
    matrix = format_of(A)
    dtype = computed(matrix.dtype)
    identity = pt.Vector.from_local(None, np.eye(matrix.shape[0], dtype=dtype))
    values, vectors = pt.rayleigh_ritz(matrix.astype(dtype), identity)
    cls, exec = getattr(pgb.matrix, f"dense_{value_type_of(A)}"), _executor(A)
    return dense_of(cls, exec, values[:, None]), dense_of(cls, exec, vectors.local)


def dense_of(cls, exec, array):
    """An object of a dense class with the values of an array of any dtype, in two dimensions."""
    values = np.ascontiguousarray(array, dtype=cls.dtype)
    return cls._of(exec, pt.Vector.from_local(None, values, exec=exec._petiole))


def _checked(solver_args):
    """The dict that solver_args is or describes."""
    if isinstance(solver_args, str):
        try:
            solver_args = json.loads(solver_args)
        except ValueError as error:
            raise TypeError(
                f"solver_args must be a dictionary, or the text of one in JSON: {error}"
            ) from None
    if not isinstance(solver_args, Mapping):
        raise TypeError(f"solver_args must be a dictionary, not {type(solver_args).__name__}")
    return solver_args


def _described(solver_args):
    if solver_args is None:
        return get_solver_default_config()
    return _checked(solver_args) or get_solver_default_config()


def value_type_of(A, b=None):
    """The name of A's value type; of user code that names none, of the vector's, else double."""
    A = raw_of(A)
    name = getattr(A, "value_type", None)
    if name is None and is_known(A):
        name = type_name(operator_of(A).dtype)
    if name is None and b is not None:
        name = type_name(vector_of(b).dtype)
    return name or "double"


def index_type_of(A):
    """The name of A's index type, "int32" where it has none."""
    return getattr(raw_of(A), "index_type", "int32")


def _executor(A):
    """Where A lives; the host for what is Petiole's, or was not made whole, as is told when it is used."""
    A = raw_of(A)
    return (A.get_executor() if isinstance(A, LinOp) else None) or ReferenceExecutor()


def _vector(A, b):
    """b, or a dense object with the values of an array."""
    if isinstance(raw_of(b), LinOp | pt.Vector):
        return b
    dense = getattr(pgb.matrix, f"dense_{value_type_of(A)}")
    array = host_array(b, dense.dtype, "b")
    return dense_of(dense, _executor(A), array[:, None] if array.ndim == 1 else array)


def _zeros(A, b):
    """A zero vector like b, of A's dtype, as long as A has columns where it is local."""
    raw, name = raw_of(b), value_type_of(A, b)
    if isinstance(raw, pt.Vector):
        return raw.zeros_like()
    if type(raw).__name__.startswith("dense"):
        rows = A.shape[1] if is_known(A) else b.shape[0]
        x = getattr(pgb.matrix, f"dense_{name}")(raw.get_executor(), (rows, b.shape[1]))
        x.fill(0.0)
        return x
    cls = getattr(pgb.distributed, f"Vector_{name}")
    x = cls._of(raw.get_executor(), vector_of(b).zeros_like().astype(cls.dtype))
    return x if raw is b else type(b)(x)
