"""What the conformance suite runs over: executors, types, partitions, and operators of every class with
the dense matrix that each stands for. A new class enters the suite by one entry in OPERATORS.

Everything is made from fixed seeds, so that all ranks hold the same oracle.
"""

import copy
import functools
import os

import numpy as np

import petiole as pt

FULL = bool(os.environ.get("PETIOLE_TEST_FULL"))
DTYPES = ("float32", "float64", "complex64", "complex128")
COLUMNS = (None, 1, 2, 7)  # None: one-dimensional

EXECUTORS = {"reference": lambda: pt.Executor.Reference(), "openmp": lambda: pt.Executor.OpenMP(1)}
if FULL:
    EXECUTORS["openmp-3"] = lambda: pt.Executor.OpenMP(3)


def tolerance(dtype, size=1.0):
    """Rounding of a few dozen operations in the dtype on numbers of the given size."""
    return 200 * np.finfo(dtype).eps * max(size, 1.0)


def random(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.standard_normal(shape)
    return values.astype(dtype)


def sparse(rows, cols, dtype, seed, density=0.2):
    """A dense array with few entries, some rows and columns of it empty."""
    rng = np.random.default_rng(seed)
    values = random((rows, cols), dtype, seed + 1)
    values[rng.random((rows, cols)) > density] = 0
    return values


def spd(n, dtype, seed):
    """A Hermitian positive definite sparse matrix with a diagonal that varies by a hundred."""
    a = sparse(n, n, dtype, seed, density=3.0 / max(n, 1))
    a = a @ a.conj().T
    scale = np.logspace(0, 1, n).astype(np.finfo(dtype).dtype)
    return (scale[:, None] * (a + np.eye(n, dtype=dtype)) * scale[None, :]).astype(dtype)


def owners(kind, n, ranks):
    """Which rank owns each of n indices."""
    i = np.arange(n)
    if kind == "uniform":
        return np.minimum(i * ranks // max(n, 1), ranks - 1)
    if kind == "empty":  # the middle rank owns nothing, unless it is alone
        few = [r for r in range(ranks) if r != ranks // 2] or [0]
        return np.asarray(few)[i * len(few) // max(n, 1)]
    if kind == "scattered":  # not connected, not ordered
        return (i * 7 + i // 3) % ranks
    raise ValueError(kind)


PARTITIONS = ("uniform", "empty", "scattered")


def partition(kind, n, comm):
    return pt.Partition.from_mapping(owners(kind, n, comm.size), comm.size)


def mine(part_owners, rank):
    """The global indices of a rank, in its local order."""
    return np.flatnonzero(part_owners == rank)


class Case:
    """An operator, the dense matrix it stands for, and who owns its rows and columns."""

    forms = "TH"  # which of its transposed products it has
    rounding = 1.0  # how much coarser it computes than in its own dtype

    def __init__(self, comm, op, dense, row_owners, col_owners, exec_):
        self.comm, self.op, self.dense, self.exec = comm, op, dense, exec_
        self.rows, self.cols = mine(row_owners, comm.rank), mine(col_owners, comm.rank)

    def x(self, seed, columns, dtype=None):
        """A vector of the operator's columns, and the whole of it as an array."""
        return self._vector(self.cols, self.dense.shape[1], seed, columns, dtype)

    def y(self, seed, columns, dtype=None):
        return self._vector(self.rows, self.dense.shape[0], seed, columns, dtype)

    def _vector(self, owned, n, seed, columns, dtype):
        shape = (n,) if columns is None else (n, columns)
        values = random(shape, dtype or self.dense.dtype, seed)
        return pt.Vector.from_local(self.comm, values[owned], exec=self.exec), values

    @property
    def size(self):
        """What the numbers of a product are at most, about, for tolerances."""
        return float(np.abs(self.dense).sum(axis=1).max(initial=1.0)) * 4 * self.rounding

    def form(self, name):
        """The operator's T or H as a case of its own."""
        other = copy.copy(self)
        other.op = getattr(self.op, name)
        other.dense = self.dense.T if name == "T" else self.dense.T.conj()
        other.rows, other.cols = self.cols, self.rows
        return other


def shares(n, rank, ranks, seed):
    """Which of n entries this rank gives: each entry belongs to one rank, drawn at random."""
    return np.random.default_rng(seed).integers(0, ranks, n) == rank


def matrix_from_coo(comm, kind, dtype, exec_, n=23, seed=11):
    """Triplets scattered at random over the ranks, some of them in two halves on two ranks."""
    dense = sparse(n, n, dtype, seed)
    rows, cols = np.nonzero(dense)
    values = dense[rows, cols]
    rows, cols = np.tile(rows, 2), np.tile(cols, 2)
    values = np.concatenate((values * dense.dtype.type(0.25), values * dense.dtype.type(0.75)))
    give = shares(rows.size, comm.rank, comm.size, 5)
    A = pt.Matrix.from_coo(
        comm, partition(kind, n, comm), rows[give], cols[give], values[give], exec=exec_
    )
    who = owners(kind, n, comm.size)
    return Case(comm, A, dense, who, who, exec_)


def matrix_rectangular(comm, kind, dtype, exec_, n=17, m=29, seed=12, col_kind="uniform"):
    dense = sparse(n, m, dtype, seed)
    rows, cols = np.nonzero(dense)
    give = shares(rows.size, comm.rank, comm.size, 6)
    row_part, col_part = partition(kind, n, comm), partition(col_kind, m, comm)
    A = pt.Matrix.from_coo(
        comm,
        row_part,
        rows[give],
        cols[give],
        dense[rows, cols][give],
        col_partition=col_part,
        exec=exec_,
    )
    return Case(comm, A, dense, owners(kind, n, comm.size), owners(col_kind, m, comm.size), exec_)


def matrix_from_csr(comm, kind, dtype, exec_, n=23):
    from scipy.sparse import csr_array

    dense = sparse(n, n, dtype, 13)
    who = owners(kind, n, comm.size)
    local = csr_array(dense[mine(who, comm.rank)])
    A = pt.Matrix.from_csr(
        comm,
        local.indptr,
        local.indices,
        local.data,
        partition=partition(kind, n, comm),
        exec=exec_,
    )
    return Case(comm, A, dense, who, who, exec_)


def matrix_from_blocks(comm, kind, dtype, exec_, n=23):
    from scipy.sparse import csr_array

    dense = sparse(n, n, dtype, 14)
    who = owners(kind, n, comm.size)
    own = mine(who, comm.rank)
    rows = dense[own]
    ghosts = [g for g in np.flatnonzero(np.any(rows != 0, axis=0)) if who[g] != comm.rank]
    ghosts = np.asarray(sorted(ghosts, key=lambda g: (who[g], g)), dtype=np.int64)
    local = pt.Csr.from_scipy(csr_array(rows[:, own]), exec=exec_)
    ghost = pt.Csr.from_scipy(csr_array(rows[:, ghosts]), exec=exec_)
    A = pt.Matrix.from_blocks(comm, partition(kind, n, comm), ghosts, local, ghost)
    return Case(comm, A, dense, who, who, exec_)


def matrix_from_local(comm, kind, dtype, exec_, n=23, format=pt.Csr):
    """Block-diagonal, over a local format of each rank's own."""
    from scipy.sparse import csr_array

    dense = sparse(n, n, dtype, 15)
    who = np.sort(owners("uniform" if kind == "scattered" else kind, n, comm.size))
    dense[who[:, None] != who[None, :]] = 0
    own = mine(who, comm.rank)
    local = format.from_scipy(csr_array(dense[np.ix_(own, own)]), exec=exec_)
    return Case(comm, pt.Matrix.from_local(comm, local), dense, who, who, exec_)


def matrix_to_format(name):
    def make(comm, kind, dtype, exec_):
        case = matrix_from_coo(comm, kind, dtype, exec_)
        case.op = case.op.to_format(name)
        return case

    return make


def transpose(comm, kind, dtype, exec_):
    case = matrix_rectangular(comm, kind, dtype, exec_).form("T")
    case.forms = "TH" if np.dtype(dtype).kind == "f" else "T"  # the conjugate alone has no product
    return case


def diagonal(comm, kind, dtype, exec_, n=23):
    who = owners(kind, n, comm.size)
    values = random(n, dtype, 17)
    d = pt.Vector.from_local(comm, values[mine(who, comm.rank)], exec=exec_)
    return Case(comm, pt.Diagonal(d), np.diag(values), who, who, exec_)


def identity(comm, kind, dtype, exec_, n=23):
    who = owners(kind, n, comm.size)
    own = mine(who, comm.rank)
    op = pt.Identity(n, comm, local_size=own.size, dtype=dtype, exec=exec_)
    return Case(comm, op, np.eye(n, dtype=dtype), who, who, exec_)


def composition(comm, kind, dtype, exec_):
    """Square, by way of vectors on the columns' partition."""
    case = matrix_rectangular(comm, kind, dtype, exec_)
    other = matrix_rectangular(comm, "uniform", dtype, exec_, 29, 17, seed=18, col_kind=kind)
    case.op = pt.Composition(case.op, other.op)
    case.dense, case.cols = case.dense @ other.dense, other.cols
    return case


def combination(comm, kind, dtype, exec_):
    case = matrix_from_coo(comm, kind, dtype, exec_)
    other = matrix_from_coo(comm, kind, dtype, exec_, seed=19)
    coefs = [0.75, -1.5 if np.dtype(dtype).kind == "f" else 1 - 0.5j]
    case.op = pt.Combination(coefs, [case.op, other.op])
    case.dense = (coefs[0] * case.dense + coefs[1] * other.dense).astype(dtype)
    return case


def cast(comm, kind, dtype, exec_):
    """A matrix of this dtype as one of the other precision, and back."""
    case = matrix_rectangular(comm, kind, dtype, exec_)
    other = np.dtype({"f4": "f8", "f8": "f4", "c8": "c16", "c16": "c8"}[np.dtype(dtype).str[1:]])
    case.op = pt.Cast(case.op.astype(other), dtype)
    case.dense = case.dense.astype(other).astype(dtype)
    case.rounding = max(1.0, np.finfo(other).eps / np.finfo(dtype).eps)
    return case


class Forwarding(pt.LinOp):
    """A Python operator over a distributed matrix."""

    def __init__(self, comm, matrix):
        super().__init__(matrix.shape, comm=comm, dtype=matrix.dtype)
        self.matrix = matrix

    def apply_impl(self, b, x):
        self.matrix.apply(b, x)


class ForwardingScaled(Forwarding):
    def apply_scaled_impl(self, alpha, b, beta, x):
        self.matrix.apply(alpha, b, beta, x)


class ForwardingTransposed(Forwarding):
    def apply_transpose_impl(self, b, x):
        self.matrix.T.apply(b, x)


class ForwardingHermitian(Forwarding):
    def apply_hermitian_impl(self, b, x):
        self.matrix.H.apply(b, x)


def python_operator(cls, forms):
    def make(comm, kind, dtype, exec_):
        case = matrix_from_coo(comm, kind, dtype, exec_)
        case.op = cls(comm, case.op)
        case.forms = forms
        return case

    return make


def spd_matrix(comm, kind, dtype, exec_, n=23):
    dense = spd(n, dtype, 16)
    who = owners(kind, n, comm.size)
    rows, cols = np.nonzero(dense[mine(who, comm.rank)])
    A = pt.Matrix.from_coo(
        comm,
        partition(kind, n, comm),
        mine(who, comm.rank)[rows],
        cols,
        dense[mine(who, comm.rank)][rows, cols],
        exec=exec_,
    )
    return Case(comm, A, dense, who, who, exec_)


def jacobi(comm, kind, dtype, exec_):
    case = spd_matrix(comm, kind, dtype, exec_)
    case.matrix = case.op
    case.op = pt.Jacobi().generate(case.op)
    case.dense = np.diag(1 / np.diag(case.dense))
    case.forms = ""
    return case


FORMATS = {"coo": pt.Coo, "ell": pt.Ell, "sellp": pt.Sellp, "dense": pt.Dense}

OPERATORS = {
    "from_coo": matrix_from_coo,
    "rectangular": matrix_rectangular,
    "from_csr": matrix_from_csr,
    "from_blocks": matrix_from_blocks,
    "from_local": matrix_from_local,
    "transpose": transpose,
    "diagonal": diagonal,
    "identity": identity,
    "composition": composition,
    "combination": combination,
    "cast": cast,
    "python": python_operator(Forwarding, ""),
    "python-scaled": python_operator(ForwardingScaled, ""),
    "python-transposed": python_operator(ForwardingTransposed, "TH"),
    "python-hermitian": python_operator(ForwardingHermitian, "TH"),
    "jacobi": jacobi,
}
for name, format_ in FORMATS.items():
    OPERATORS[f"local-{name}"] = functools.partial(matrix_from_local, format=format_)
    OPERATORS[f"to-{name}"] = matrix_to_format(name)


def cases(names=OPERATORS, dtypes=4):
    """(operator, dtype, executor, partition): all of them, or in the sample so many dtypes (2: a real
    and a complex one), each on one of the executors and partitions in turn."""
    sample = []
    for n, name in enumerate(names):
        for d, dtype in enumerate(DTYPES):
            for e, exec_ in enumerate(EXECUTORS):
                for p, kind in enumerate(PARTITIONS):
                    turn = (d + n) % 3 == p and (d + n) % len(EXECUTORS) == e
                    if FULL or (turn and (dtypes == 4 or d % 2 == n % 2)):
                        sample.append((name, dtype, exec_, kind))
    return sample


def make(name, dtype, exec_, kind, comm):
    return OPERATORS[name](comm, kind, dtype, EXECUTORS[exec_]())
