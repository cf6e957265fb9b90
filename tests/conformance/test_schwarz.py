"""Schwarz beside the sums that define it, computed with dense arrays."""

import numpy as np
import pytest
import systems
from preconditioners import dense_of
from problems import COLUMNS, DTYPES, FULL, PARTITIONS, Forwarding, owners, partition, random
from test_preconditioners import close

import petiole as pt

N = 23
RUNS = [
    (dtype, kind)
    for d, dtype in enumerate(DTYPES)
    for p, kind in enumerate(PARTITIONS)
    if FULL or (d + p) % 2 == 0
]
over = pytest.mark.parametrize("dtype, kind", RUNS)


def layers(dense, own, count):
    """The rows that are at most `count` steps from `own` in the graph of the entries."""
    inside = np.zeros(len(dense), bool)
    inside[own] = True
    for _ in range(count):
        inside |= (dense[inside] != 0).any(axis=0)
    return inside


def extended(dense, who, rank, count):
    """A rank's block: its own rows, and the others by owner and then by index."""
    own = np.flatnonzero(who == rank)
    inside = layers(dense, own, count)
    inside[own] = False
    others = np.flatnonzero(inside)
    return np.concatenate((own, others[np.argsort(who[others], kind="stable")])), len(own)


def one_level(dense, who, ranks, count, restricted=True, l1=False, weighted=False):
    """The sum over the ranks, each block's inverse being exact."""
    M = np.zeros_like(dense)
    blocks = [extended(dense, who, rank, count) for rank in range(ranks)]
    times = np.zeros(len(dense))
    for rows, _ in blocks:
        times[rows] += 1
    for rows, own in blocks:
        block = dense[np.ix_(rows, rows)]
        if l1:
            outside = np.abs(np.delete(dense[rows], rows, axis=1)).sum(axis=1)
            d = np.diag(block)
            phase = np.where(d == 0, 1, d / np.where(d == 0, 1, np.abs(d)))
            block = block + np.diag((phase * outside).astype(dense.dtype))
        keep = rows[:own] if restricted else rows
        inverse = np.linalg.inv(block)
        if weighted:
            share = np.where(np.arange(len(rows)) < own, 2, 1) / (times[rows] + 1)
            inverse = np.sqrt(share)[:, None] * inverse * np.sqrt(share)[None, :]
        M[np.ix_(keep, rows)] += inverse[: len(keep)]
    return M


def system(comm, name, dtype="float64", kind="uniform", n=N):
    return systems.system(comm, name, dtype, kind, None, n), owners(kind, n, comm.size)


def chain(n, dtype="float64"):
    """The 1D Laplacian, a little more than definite."""
    return (2.1 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)).astype(dtype)


# ---- one level -----------------------------------------------------------------------------------


@over
@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize(
    "options", [{}, {"restricted": False}, {"restricted": False, "weighted": True}]
)
def test_it_is_the_sum_over_the_ranks(comm, dtype, kind, count, options):
    case, who = system(comm, "general", dtype, kind)
    M = pt.Schwarz(local=pt.Direct(), overlap=count, **options).generate(case.op)
    expected = one_level(case.dense, who, comm.size, count, **options)
    close(dense_of(M, case), expected)
    for columns in COLUMNS:
        x, whole = case.x(51, columns)
        y, before = case.y(52, columns)
        M.apply(-0.5, x, 2.0, y)
        close(y.local, (-0.5 * expected @ whole + 2 * before)[case.rows])


@over
def test_with_all_rows_in_every_block_it_is_the_inverse(comm, dtype, kind):
    case, _ = system(comm, "general", dtype, kind)
    M = pt.Schwarz(local=pt.Direct(), overlap=10 * N).generate(case.op)
    close(dense_of(M, case), np.linalg.inv(case.dense))
    b, _ = case.y(53, 2)
    x, log = pt.gmres(case.op, b, M=M, rtol=1e-3)
    assert log.converged and log.iterations <= 2


@over
@pytest.mark.parametrize("count", [0, 1])
def test_l1_adds_what_the_block_leaves_out(comm, dtype, kind, count):
    case, who = system(comm, "general", dtype, kind)
    M = pt.Schwarz(local=pt.Direct(), overlap=count, l1=True).generate(case.op)
    close(dense_of(M, case), one_level(case.dense, who, comm.size, count, l1=True))


def test_l1_where_the_diagonal_has_no_entry(comm):
    n = 4 * comm.size
    dense = chain(n)
    dense[::4, :] = 0  # each rank's first row has one entry, which another rank owns
    dense[np.arange(0, n, 4), np.arange(-1, n - 1, 4)] = -3
    case = systems.matrix(comm, dense)
    who = owners("uniform", n, comm.size)
    if comm.size > 1:
        expected = one_level(dense, who, comm.size, 0, l1=True)
        M = pt.Schwarz(local=pt.Direct(), l1=True).generate(case.op)
        close(dense_of(M, case), expected)


@over
def test_local_solvers(comm, dtype, kind):
    case, who = system(comm, "hpd", dtype, kind)
    exact = one_level(case.dense, who, comm.size, 1, restricted=False)
    rtol = systems.rtol_of(case.dense.dtype) / 100
    for local in (pt.Cg(rtol=rtol), pt.Gmres(rtol=rtol, M=pt.Jacobi()), pt.Direct()):
        M = pt.Schwarz(local=local, overlap=1, restricted=False).generate(case.op)
        close(dense_of(M, case), exact, 10)


@pytest.mark.parametrize("count", [0, 2])
def test_operators_as_local(comm, count):
    """Each rank's own inverse, as a matrix and as user code."""
    case, who = system(comm, "general", kind="scattered")
    rows, _ = extended(case.dense, who, comm.rank, count)
    inverse = np.linalg.inv(case.dense[np.ix_(rows, rows)])
    seen = []

    class Inverse(pt.LinOp):
        def apply_impl(self, b, x):
            seen.append(x.local)  # to be kept is its right
            x.local[:] = inverse @ b.local

    expected = one_level(case.dense, who, comm.size, count)
    for local in (pt.Dense(inverse), Inverse(len(rows))):
        M = pt.Schwarz(local=local, overlap=count).generate(case.op)
        close(dense_of(M, case), expected)
        x, whole = case.x(54, None)
        close((M @ x).local, (expected @ whole)[case.rows])
    del x, M
    assert all(np.isfinite(array).all() for array in seen)


@pytest.mark.parametrize("kind", PARTITIONS)
def test_additive_is_symmetric_restricted_is_not(comm, kind):
    dense = chain(N)
    case = systems.matrix(comm, dense, kind)
    M = dense_of(pt.Schwarz(local=pt.Direct(), overlap=1, restricted=False).generate(case.op), case)
    close(M, M.T)
    assert np.linalg.eigvalsh(M).min() > 0
    M = dense_of(pt.Schwarz(local=pt.Direct(), overlap=1).generate(case.op), case)
    assert kind != "uniform" or comm.size == 1 or np.abs(M - M.T).max() > 1e-3


def test_a_matrix_of_local_operators(comm):
    block = pt.Dense(np.diag([2.0, 4.0]))
    A = pt.Matrix.from_local(comm, block)
    ones = pt.Vector.from_local(comm, np.ones(2))
    M = pt.Schwarz(local=pt.Direct(), l1=True).generate(A)
    np.testing.assert_allclose((M @ ones).local, [0.5, 0.25])
    if comm.size > 1:
        with pytest.raises(pt.NotSupported, match="overlap is 1"):
            pt.Schwarz(local=pt.Direct(), overlap=1).generate(A)


# ---- the coarse level ----------------------------------------------------------------------------


def two_level(dense, M, R, mode):
    M_0 = R.conj().T @ np.linalg.inv(R @ dense @ R.conj().T) @ R
    if mode == "additive":
        return M + M_0
    identity = np.eye(len(dense), dtype=dense.dtype)
    return M_0 + (identity - M_0 @ dense) @ M @ (identity - dense @ M_0)


def restriction(comm, who, kind, dtype, rows=5):
    """A dense R whose rows are on the ranks in turn, as a matrix and as an array."""
    dense = random((rows, len(who)), dtype, 61)
    mine = np.flatnonzero(np.arange(rows) % comm.size == comm.rank)
    i, j = (a.ravel() for a in np.meshgrid(mine, np.arange(len(who)), indexing="ij"))
    part = pt.Partition.from_mapping(np.arange(rows) % comm.size, comm.size)
    cols = partition(kind, len(who), comm)
    return pt.Matrix.from_coo(comm, part, i, j, dense[i, j], col_partition=cols), dense


@over
@pytest.mark.parametrize("mode", ["additive", "multiplicative"])
@pytest.mark.parametrize("options", [{}, {"overlap": 1, "restricted": False}])
def test_a_coarse_level_that_is_given(comm, dtype, kind, mode, options):
    case, who = system(comm, "hpd", dtype, kind)
    R, dense_R = restriction(comm, who, kind, dtype)
    factory = pt.Schwarz(
        local=pt.Direct(), coarse=pt.Direct(), restriction=R, coarse_mode=mode, **options
    )
    M = factory.generate(case.op)
    first = one_level(
        case.dense, who, comm.size, options.get("overlap", 0), options.get("restricted", True)
    )
    expected = two_level(case.dense, first, dense_R, mode)
    actual = dense_of(M, case)
    close(actual, expected, 10)
    close(actual, actual.conj().T, 10)
    for columns in COLUMNS:
        x, whole = case.x(62, columns)
        y, before = case.y(63, columns)
        M.apply(-0.5, x, 2.0, y)
        close(y.local, (-0.5 * expected @ whole + 2 * before)[case.rows], 10)


@over
def test_aggregates_of_one_row_make_it_the_inverse(comm, dtype, kind):
    """All rows are coarse rows then; but for those without neighbours, which are in no aggregate."""
    dense = chain(N, dtype)
    dense[3] = dense[:, 3] = 0
    dense[3, 3] = 7
    case = systems.matrix(comm, dense, kind)
    options = dict(coarse=pt.Direct(), aggregate_size=1, coarse_mode="multiplicative")
    M = pt.Schwarz(local=pt.Direct(), **options).generate(case.op)
    close(dense_of(M, case), np.linalg.inv(dense))


def test_aggregates_on_ranks_without_any(comm):
    """The first rank's rows are alone, so it has rows but no aggregate; others may have no row."""
    ranks = comm.size
    who = np.arange(4 * max(ranks - 1, 1)) // 4
    dense = chain(len(who))
    dense[:4], dense[:, :4] = 0, 0
    dense[np.arange(4), np.arange(4)] = 5
    own = np.flatnonzero(who == comm.rank)
    rows, cols = np.nonzero(dense[own])
    part = pt.Partition.from_mapping(who, ranks)
    A = pt.Matrix.from_coo(comm, part, own[rows], cols, dense[own][rows, cols])
    b = pt.Vector.from_local(comm, np.arange(len(own)) + 1.0)
    for mode in ("additive", "multiplicative"):
        M = pt.Schwarz(local=pt.Jacobi(), coarse=pt.Direct(), aggregate_size=2, coarse_mode=mode)
        x, log = pt.cg(A, b, rtol=1e-10, M=M)
        assert log.converged and (b - A @ x).norm() <= 1e-9 * b.norm()


def test_a_coarse_level_without_rows(comm):
    n = 3 * comm.size
    A = systems.matrix(comm, np.diag(np.arange(n) + 1.0))
    for mode in ("additive", "multiplicative"):
        factory = pt.Schwarz(local=pt.Direct(), coarse=pt.Direct(), coarse_mode=mode)
        close(dense_of(factory.generate(A.op), A), np.diag(1 / (np.arange(n) + 1.0)))


def poisson(comm, points):
    """The 2D Laplacian on points x points, by lines."""
    n = points**2
    part = pt.Partition.uniform(comm.size, n)
    i = np.arange(n)
    rows, cols, values = [i], [i], [np.full(n, 4.0)]
    x, y = i // points, i % points
    for inside, step in (
        (x > 0, -points),
        (x < points - 1, points),
        (y > 0, -1),
        (y < points - 1, 1),
    ):
        rows.append(i[inside])
        cols.append(i[inside] + step)
        values.append(np.full(inside.sum(), -1.0))
    rows, cols, values = map(np.concatenate, (rows, cols, values))
    own = owners("uniform", n, comm.size)[rows] == comm.rank
    return pt.Matrix.from_coo(comm, part, rows[own], cols[own], values[own])


def test_overlap_and_a_coarse_level_save_iterations(comm):
    A = poisson(comm, 24)
    b = pt.Vector.from_local(comm, random((A.local_shape[0],), "float64", comm.rank))

    def iterations(local=pt.Direct, **options):
        M = pt.Schwarz(local=local(), restricted=False, **options)
        x, log = pt.cg(A, b, rtol=1e-8, M=M)
        assert log.converged
        return log.iterations

    assert comm.size == 1 or iterations(overlap=2) < 0.8 * iterations()
    one = iterations(pt.Jacobi)
    for mode in ("additive", "multiplicative"):
        two = iterations(pt.Jacobi, coarse=pt.Direct(), aggregate_size=9, coarse_mode=mode)
        assert two < 0.8 * one


def test_a_coarse_level_of_matrices_without_partition(comm):
    from scipy.sparse import csr_array

    block = pt.Csr.from_scipy(csr_array(chain(6)))
    A = pt.Matrix.from_local(comm, block)
    M = pt.Schwarz(local=pt.Jacobi(), coarse=pt.Direct(), aggregate_size=1)
    ones = pt.Vector.from_local(comm, np.ones(6))
    z = M.generate(A) @ ones
    close(z.local, np.linalg.solve(chain(6), np.ones(6)) + 1 / 2.1)
    alone = M.generate(block) @ pt.Vector.from_local(None, np.ones(6))
    close(alone.local, z.local)


def test_restrictions_that_do_not_fit(comm):
    case, who = system(comm, "hpd")
    other = systems.matrix(comm, np.eye(N + 1))
    with pytest.raises(pt.DimensionError, match="restriction is"):
        pt.Schwarz(local=pt.Jacobi(), coarse=pt.Cg(), restriction=other.op).generate(case.op)
    with pytest.raises(pt.NotSupported, match="restriction is an operator of kind"):
        R = Forwarding(comm, case.op)
        pt.Schwarz(local=pt.Jacobi(), coarse=pt.Cg(), restriction=R).generate(case.op)
    with pytest.raises(pt.InvalidArgument, match="coarse"):
        pt.Schwarz(restriction=case.op)
    if comm.size > 1:
        R, _ = restriction(comm, who, "empty", "float64")
        with pytest.raises(pt.DimensionError, match="restriction"):
            pt.Schwarz(local=pt.Jacobi(), coarse=pt.Cg(), restriction=R).generate(case.op)


# ---- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1])
def test_a_block_that_fails_says_whose_it_is(comm, count):
    who = comm.size - 1
    n = 6 * comm.size
    dense = chain(n)
    dense[n - 2 :] = dense[:, n - 2 :] = 0  # beyond the overlap of the others
    dense[n - 1, n - 1] = 1
    A = systems.matrix(comm, dense).op
    for local in (pt.Direct(), pt.Jacobi()):
        with pytest.raises(pt.InvalidArgument) as caught:
            pt.Schwarz(local=local, overlap=count).generate(A)
        assert caught.value.rank == who
        assert comm.size == 1 or f"in rank {who}'s block, which consists of its 6" in str(
            caught.value
        )


class Failing(pt.LinOp):
    """The identity, on one process; raises where it is told to."""

    def __init__(self, n, fails):
        super().__init__(n)
        self.fails = fails

    def apply_impl(self, b, x):
        x.copy_from(b)
        if self.fails:
            raise KeyError("this call")


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("mode", [None, "additive", "multiplicative"])
def test_a_local_operator_that_raises_on_one_rank(comm, count, restricted, mode):
    case, who = system(comm, "hpd", kind="scattered")
    rows, _ = extended(case.dense, who, comm.rank, count)
    local = Failing(len(rows), comm.rank == comm.size - 1)
    coarse = {} if mode is None else {"coarse": pt.Direct(), "coarse_mode": mode}
    factory = pt.Schwarz(local=local, overlap=count, restricted=restricted, **coarse)
    M = factory.generate(case.op)
    b, _ = case.y(71, 2)
    systems.check_raises(comm, comm.size - 1, lambda: M @ b)
    systems.check_raises(comm, comm.size - 1, lambda: pt.gmres(case.op, b, M=M))
    local.fails = False
    assert np.isfinite((M @ b).norm()).all()


def test_what_cannot_be(comm):
    case, _ = system(comm, "hpd")
    with pytest.raises(pt.NotSupported, match="entries"):
        pt.Schwarz(local=pt.Jacobi()).generate(Forwarding(comm, case.op))
    with pytest.raises(pt.InvalidArgument, match="l1"):
        pt.Schwarz(local=Failing(3, False), l1=True)
    with pytest.raises(pt.InvalidArgument, match="weighted"):
        pt.Schwarz(weighted=True)
    with pytest.raises(pt.InvalidArgument, match="overlap is -1"):
        pt.Schwarz(overlap=-1)
    with pytest.raises(pt.DimensionError, match="local is 1000 x 1000"):
        pt.Schwarz(local=Failing(1000, False)).generate(case.op)
    with pytest.raises(pt.DtypeError, match="local is float32"):
        mine = pt.Dense(np.eye(case.op.local_shape[0], dtype="float32"))
        pt.Schwarz(local=mine).generate(case.op)
    if comm.size > 1:
        with pytest.raises(pt.InvalidArgument, match="expected an operator on one process"):
            pt.Schwarz(local=case.op)
        with pytest.raises(pt.DimensionError):
            pt.Schwarz(local=pt.Jacobi(), overlap=comm.rank).generate(case.op)


# ---- new values ----------------------------------------------------------------------------------


def scaled(comm, case, kind):
    factors = np.linspace(1, 2, len(case.dense)).astype(case.dense.real.dtype)
    return systems.matrix(comm, factors[:, None] * case.dense * factors[None, :], kind)


@pytest.mark.parametrize("kind", PARTITIONS)
@pytest.mark.parametrize(
    "options",
    [
        {"overlap": 2},
        {"overlap": 1, "l1": True, "restricted": False},
        {"l1": True},
        {"overlap": 1, "coarse": pt.Direct, "coarse_mode": "multiplicative", "aggregate_size": 4},
        {"coarse": pt.Cg, "aggregate_size": 4},
    ],
    ids=lambda options: "-".join(options),
)
@pytest.mark.parametrize("local", [pt.Jacobi, pt.Direct])
def test_refresh(comm, kind, options, local):
    case, _ = system(comm, "hpd", kind=kind)
    made = {k: v() if isinstance(v, type) else v for k, v in options.items()}
    factory = pt.Schwarz(local=local(), **made)
    M = factory.generate(case.op)
    other = scaled(comm, case, kind)
    expected = dense_of(factory.generate(other.op), other)
    M.refresh(other.op)
    close(dense_of(M, case), expected, 1e4 if "coarse" in options else 1)


def test_refresh_keeps_an_operator_that_is_given(comm):
    case, who = system(comm, "hpd")
    own = np.flatnonzero(who == comm.rank)
    M = pt.Schwarz(local=pt.Dense(2 * np.eye(len(own)))).generate(case.op)
    M.refresh(scaled(comm, case, "uniform").op)
    close(dense_of(M, case), 2 * np.eye(N))


@pytest.mark.parametrize("count", [0, 1])
def test_refresh_refuses_another_pattern(comm, count):
    dense = chain(4 * comm.size)
    M = pt.Schwarz(local=pt.Jacobi(), overlap=count).generate(systems.matrix(comm, dense).op)
    dense[0, 2] = 1
    with pytest.raises(pt.InvalidArgument, match="pattern"):
        M.refresh(systems.matrix(comm, dense).op)
    far = chain(4 * comm.size)
    far[0, -1] = 1
    if comm.size > 1 and count:
        with pytest.raises(pt.InvalidArgument, match="pattern"):
            M.refresh(systems.matrix(comm, far).op)


# ---- as a configuration --------------------------------------------------------------------------


def test_as_json(comm):
    config = {
        "type": "preconditioner::Schwarz",
        "local": {
            "type": "solver::Gmres",
            "restart": 7,
            "preconditioner": "preconditioner::Jacobi",
        },
        "overlap": 2,
        "restricted": False,
        "l1": True,
        "coarse": {"type": "solver::Direct"},
        "aggregate_size": 9,
        "coarse_mode": "multiplicative",
    }
    factory = pt.factory(config)
    again = factory.to_dict()
    assert again["local"]["restart"] == 7 and again["restricted"] is False
    assert pt.factory(again).to_dict() == again
    renamed = {
        {"local": "local_solver", "l1": "l1_smoother", "coarse": "coarse_solver"}.get(k, k): v
        for k, v in config.items()
    }
    assert pt.factory(renamed).to_dict() == again
    assert "restricted" not in pt.factory({"type": "preconditioner::Schwarz"}).to_dict()
    case, _ = system(comm, "hpd")
    close(
        dense_of(pt.factory(again).generate(case.op), case),
        dense_of(factory.generate(case.op), case),
    )


def test_operators_cannot_be_written_as_json(comm):
    case, _ = system(comm, "hpd")
    for factory in (
        pt.Schwarz(local=Failing(3, False)),
        pt.Schwarz(coarse=pt.Cg(), restriction=case.op),
    ):
        with pytest.raises(pt.NotSupported, match="operator"):
            factory.to_dict()
    for key in ("restriction", "local"):
        with pytest.raises(pt.Error, match=key):
            pt.factory({"type": "preconditioner::Schwarz", key: 3})
