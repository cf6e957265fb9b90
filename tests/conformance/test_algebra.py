"""The algebra of distributed matrices: products, sums, transposes, other partitions, parts, scaling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import (
    DTYPES,
    EXECUTORS,
    FORMATS,
    PARTITIONS,
    Forwarding,
    mine,
    owners,
    partition,
    random,
    shares,
    sparse,
    tolerance,
)

import petiole as pt


@pytest.fixture(params=[(k, d) for k in PARTITIONS for d in DTYPES], ids="-".join)
def setting(request):
    return request.param


def matrix(comm, dense, row_kind, col_kind=None, seed=5, exec=None):
    """A matrix of a dense array's entries, given on any rank; columns divided by col_kind."""
    rows, cols = np.nonzero(dense)
    give = shares(rows.size, comm.rank, comm.size, seed)
    return pt.Matrix.from_coo(
        comm,
        partition(row_kind, dense.shape[0], comm),
        rows[give],
        cols[give],
        dense[rows, cols][give],
        col_partition=partition(col_kind or row_kind, dense.shape[1], comm),
        exec=exec,
    )


def own(comm, kind, n):
    return mine(owners(kind, n, comm.size), comm.rank)


def check(comm, A, dense, row_kind, col_kind=None, exact=False, size=10.0):
    """A is this dense array, on these partitions, by its entries and by a product."""
    col_kind = col_kind or row_kind
    rows, cols = own(comm, row_kind, dense.shape[0]), own(comm, col_kind, dense.shape[1])
    assert A.shape == dense.shape and A.dtype == dense.dtype
    assert A.partition == partition(row_kind, dense.shape[0], comm)
    assert A.col_partition == partition(col_kind, dense.shape[1], comm)
    atol = 0 if exact else tolerance(dense.dtype, size)
    got = A.to_scipy()
    assert got.has_sorted_indices and got.shape == (len(rows), dense.shape[1])
    np.testing.assert_allclose(got.toarray(), dense[rows], rtol=0, atol=atol)
    x = random((dense.shape[1],), dense.dtype, 77)
    y = A @ pt.Vector.from_local(comm, x[cols])
    np.testing.assert_allclose(y.local, (dense @ x)[rows], atol=tolerance(dense.dtype, 30 * size))


def block_diagonal(comm, n, dtype, seed):
    """A from_local matrix of sizes that differ by rank, and the dense array that it stands for."""
    from scipy.sparse import csr_array

    who = np.sort(owners("empty", n, comm.size))
    dense = sparse(n, n, dtype, seed)
    dense[who[:, None] != who[None, :]] = 0
    mine_ = mine(who, comm.rank)
    return pt.Matrix.from_local(
        comm, pt.Csr.from_scipy(csr_array(dense[np.ix_(mine_, mine_)]))
    ), dense


# ---- products ------------------------------------------------------------------------------------


@pytest.mark.parametrize("exec_", EXECUTORS)
def test_product(comm, setting, exec_):
    kind, dtype = setting
    exec_ = EXECUTORS[exec_]()
    a, b = sparse(23, 29, dtype, 60), sparse(29, 17, dtype, 62)
    A = matrix(comm, a, kind, "uniform", exec=exec_)
    B = matrix(comm, b, "uniform", "scattered", exec=exec_)
    C = A @ B
    assert isinstance(C, pt.Matrix)
    check(comm, C, a @ b, kind, "scattered")
    assert C.nnz == np.count_nonzero((a != 0).astype(int) @ (b != 0))
    square = sparse(21, 21, dtype, 64)
    S = matrix(comm, square, kind, exec=exec_)
    check(comm, S @ S, square @ square, kind)
    check(comm, S @ S @ S, square @ square @ square, kind, size=100.0)


def test_a_product_keeps_zeros_and_needs_no_more_ghosts_than_its_entries(comm):
    n = 4 * comm.size
    i = np.arange(n)
    ones = np.zeros((n, n))
    ones[i, i], ones[i, (i + 1) % n] = 1, -1
    A = matrix(comm, ones, "uniform")
    total = matrix(comm, np.ones((n, n)), "uniform")
    zero = A @ total  # every row sums to 0
    assert zero.nnz == n * n and np.all(zero.to_scipy().toarray() == 0)
    square = A @ A
    assert len(square.ghosts) == (2 if comm.size > 1 else 0)


def test_products_do_not_depend_on_the_number_of_threads(comm):
    dense = sparse(400, 400, "float32", 66, density=0.05)
    results = []
    for threads in (1, 3):
        A = matrix(comm, dense, "scattered", exec=pt.Executor.OpenMP(threads))
        results.append((A @ A).to_scipy())
    one, three = results
    np.testing.assert_array_equal(one.indices, three.indices)
    np.testing.assert_array_equal(one.data, three.data)


@settings(max_examples=15)
@given(
    sizes=st.tuples(*[st.integers(0, 20)] * 3),
    kinds=st.tuples(*[st.sampled_from(PARTITIONS)] * 3),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 1000),
)
def test_any_product_sum_and_transpose(comm, sizes, kinds, dtype, seed):
    n, m, k = sizes
    a, b, c = (
        sparse(n, m, dtype, seed),
        sparse(m, k, dtype, seed + 2),
        sparse(n, m, dtype, seed + 4),
    )
    A, C = matrix(comm, a, *kinds[:2]), matrix(comm, c, *kinds[:2])
    check(comm, A @ matrix(comm, b, *kinds[1:]), a @ b, kinds[0], kinds[2])
    check(comm, A + C, a + c, *kinds[:2])
    check(comm, A.transpose(), a.T, kinds[1], kinds[0], exact=True)


@pytest.mark.parametrize("name", ["1138_bus", "west0479", "young1c", "jagmesh7"])
def test_products_of_real_matrices(comm, data, name):
    from scipy.io import mmread
    from scipy.sparse import csr_array

    oracle = csr_array(mmread(data / f"{name}.mtx"))
    A = pt.Matrix.read(data / f"{name}.mtx", comm)
    rows = np.array_split(np.arange(A.shape[0]), comm.size)[comm.rank]
    for C, expected in (
        (A @ A.transpose(), oracle @ oracle.T),
        (A @ A.transpose(conjugate=True), oracle @ oracle.conj().T),
        (A @ A, oracle @ oracle),
        (A + A.transpose(), oracle + oracle.T),
    ):
        difference = abs(C.to_scipy() - csr_array(expected)[rows])
        assert difference.nnz == 0 or difference.max() <= 1e-13 * abs(expected).max()


# ---- sums, numbers, transposes, partitions -------------------------------------------------------


def test_sums_and_numbers(comm, setting):
    kind, dtype = setting
    a, b = sparse(19, 14, dtype, 70), sparse(19, 14, dtype, 72)
    A, B = matrix(comm, a, kind, "scattered"), matrix(comm, b, kind, "scattered")
    two = a.dtype.type(2)
    check(comm, A + B, a + b, kind, "scattered")
    check(comm, A - B, a - b, kind, "scattered")
    check(comm, 2 * A, two * a, kind, "scattered", exact=True)
    check(comm, A * np.float32(2), two * a, kind, "scattered", exact=True)
    check(comm, A / 2, a / two, kind, "scattered", exact=True)
    check(comm, -A, -a, kind, "scattered", exact=True)
    assert (A + B).nnz == np.count_nonzero((a != 0) | (b != 0))
    assert (A - A).nnz == A.nnz and not (A - A).to_scipy().toarray().any()
    if a.dtype.kind == "c":
        check(comm, 3j * A, 3j * a, kind, "scattered", size=100.0)
        check(comm, A / (3 - 4j), a / (3 - 4j), kind, "scattered")
    else:
        with pytest.raises(pt.DtypeError):
            1j * A


def test_transpose(comm, setting):
    kind, dtype = setting
    a = sparse(18, 25, dtype, 74)
    A = matrix(comm, a, kind, "scattered")
    check(comm, A.transpose(), a.T, "scattered", kind, exact=True)
    check(comm, A.transpose(conjugate=True), a.conj().T, "scattered", kind, exact=True)
    check(comm, A.transpose().transpose(), a, kind, "scattered", exact=True)


def test_redistribute(comm, setting):
    kind, dtype = setting
    a, s = sparse(18, 25, dtype, 76), sparse(20, 20, dtype, 78)
    A, S = matrix(comm, a, "uniform", "empty"), matrix(comm, s, "scattered")
    moved = A.redistribute(partition(kind, 18, comm), partition("scattered", 25, comm))
    check(comm, moved, a, kind, "scattered", exact=True)
    check(comm, S.redistribute(partition(kind, 20, comm)), s, kind, exact=True)
    for shape in ((20,), (20, 3)):
        x = random(shape, dtype, 79)
        part = partition("scattered", 20, comm)
        for v in (
            pt.Vector.from_local(comm, np.array_split(x, comm.size)[comm.rank]),
            pt.Vector.from_global(
                comm, part, np.arange(20 * (comm.rank == 0)), x[: 20 * (comm.rank == 0)]
            ),
        ):
            w = v.redistribute(partition(kind, 20, comm))
            assert w.shape == shape and w.dtype == dtype
            np.testing.assert_array_equal(w.local, x[own(comm, kind, 20)])
            np.testing.assert_array_equal(w.allgather(), x)
    with pytest.raises(pt.DimensionError):
        A.redistribute(partition(kind, 18, comm))  # not square
    with pytest.raises(pt.DimensionError):
        S.redistribute(partition(kind, 19, comm))
    with pytest.raises(pt.DimensionError):
        S.redistribute(pt.Partition.uniform(comm.size + 1, 20))
    with pytest.raises(pt.DimensionError):
        v.redistribute(pt.Partition.uniform(comm.size + 1, 20))
    with pytest.raises(pt.DimensionError):
        v.redistribute(partition(kind, 21, comm))


# ---- copies, scaling -----------------------------------------------------------------------------


def test_copy_and_astype(comm, setting):
    kind, dtype = setting
    a = sparse(16, 12, dtype, 80)
    A = matrix(comm, a, kind, "scattered")
    C = A.copy()
    A.row_scale(np.zeros(A.local_shape[0], dtype))
    assert not A.to_scipy().toarray().any()
    check(comm, C, a, kind, "scattered", exact=True)
    assert list(C.ghosts) == list(A.ghosts) and C.format == "csr"
    with pytest.raises(pt.NotSupported):
        C.update_values(np.zeros(0, dtype))
    for other in DTYPES:
        if a.dtype.kind == "c" and np.dtype(other).kind != "c":
            with pytest.raises(pt.DtypeError):
                C.astype(other)
        else:
            check(comm, C.astype(other), a.astype(other), kind, "scattered", exact=True)
    local, dense = block_diagonal(comm, 11, dtype, 82)
    other = local.copy().astype("complex128")
    np.testing.assert_array_equal(
        other.local.to_scipy().toarray(), local.local.to_scipy().toarray().astype("complex128")
    )
    assert other.partition is None
    block = local.local
    mixed = pt.Matrix.from_local(comm, block.to_ell() if comm.rank % 2 else block.to_dense())
    for other in (mixed.copy(), mixed.astype(dtype)):  # each rank keeps its own format
        assert other.format == mixed.format
        np.testing.assert_array_equal(
            other.local.to_csr().to_scipy().toarray(), block.to_scipy().toarray()
        )


def test_scaling(comm, setting):
    kind, dtype = setting
    a = sparse(18, 25, dtype, 84)
    left, right = random((18,), dtype, 86), random((25,), dtype, 87)
    real = np.linspace(1, 2, 25).astype(a.real.dtype)
    rows, cols = own(comm, kind, 18), own(comm, "scattered", 25)
    A = matrix(comm, a, kind, "scattered")
    A.row_scale(pt.Vector.from_local(comm, left[rows]))
    check(comm, A, left[:, None] * a, kind, "scattered")
    A.col_scale(pt.Vector.from_local(comm, right[cols]))
    expected = left[:, None] * a * right
    check(comm, A, expected, kind, "scattered")
    if A.ghost is not None:  # what was handed out is scaled, too
        before = A.ghost.to_scipy().toarray()
        A.row_scale(pt.Vector.from_local(comm, 2 * np.ones(len(rows), a.real.dtype)))
        np.testing.assert_array_equal(A.ghost.to_scipy().toarray(), 2 * before)
    else:
        A.row_scale(np.full(len(rows), 2, dtype=int))
    A.col_scale(real[cols])
    check(comm, A, 2 * expected * real, kind, "scattered", size=100.0)
    nonzero = a[np.nonzero(a)][shares(np.count_nonzero(a), comm.rank, comm.size, 5)]
    A.update_values(nonzero)
    check(comm, A, a, kind, "scattered", exact=True)


def test_scaling_of_blocks(comm):
    n = 3 * comm.size
    part = pt.Partition.uniform(comm.size, n)
    rows = np.arange(3 * comm.rank, 3 * comm.rank + 3)
    ghosts = [(3 * comm.rank + 3) % n] if comm.size > 1 else []
    values = np.ones(3)
    local = pt.Csr.from_arrays((3, 3), [0, 1, 2, 3], [0, 1, 2], values)
    ghost = pt.Csr.from_arrays((3, len(ghosts)), [0] + 3 * [len(ghosts)], [0] * len(ghosts), ghosts)
    A = pt.Matrix.from_blocks(comm, part, ghosts, local, ghost)
    A.row_scale(1.0 + rows)
    A.col_scale(1.0 + rows)
    np.testing.assert_array_equal(A.diagonal().local, (1.0 + rows) ** 2)
    np.testing.assert_array_equal(A.ghost.values, [(1 + rows[0]) * (1.0 + g) * g for g in ghosts])
    view = pt.Csr.from_arrays((3, 3), np.arange(4), np.arange(3), values, copy=False)
    for block in ([view, ghost], [local, view] if comm.size > 1 else [view]):
        if len(block) > 1 and block[1] is view:
            ghosts = [g for g in range(n) if g not in rows][:3]
            ghosts.sort(key=lambda g: (g // 3, g))
        A = pt.Matrix.from_blocks(comm, part, ghosts, *block)
        with pytest.raises(pt.NotSupported):
            A.row_scale(np.ones(3))
    assert np.all(values == 1)


def test_scaling_refuses(comm):
    A = matrix(comm, sparse(12, 9, "float64", 90), "uniform")
    rows, cols = A.local_shape
    wrong = rows + (comm.rank == comm.size - 1)
    for v, error in (
        (np.ones(wrong), pt.DimensionError),
        (np.ones(rows, "float32"), pt.DtypeError),
        (np.ones(rows, "complex128"), pt.DtypeError),
        (pt.Vector.zeros(comm, rows, columns=2), pt.DimensionError),
        (np.ones((rows, 1)), pt.DimensionError),
    ):
        with pytest.raises(error):
            A.row_scale(v)
    with pytest.raises((TypeError, pt.Error)):
        A.col_scale("x" if comm.rank == 0 else np.ones(cols))


# ---- parts ---------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(
    n=st.integers(0, 20),
    m=st.integers(0, 20),
    seed=st.integers(0, 1000),
    dtype=st.sampled_from(DTYPES),
    kinds=st.tuples(*[st.sampled_from(PARTITIONS)] * 2),
)
def test_any_submatrix(comm, n, m, seed, dtype, kinds):
    """Rows in any order, some twice; some of the columns, in any order; each on some rank."""
    rng = np.random.default_rng(seed)
    dense = sparse(n, m, dtype, seed)
    A = matrix(comm, dense, *kinds)
    rows = [rng.integers(0, n, int(rng.integers(0, 8)) if n else 0) for _ in range(comm.size)]
    shuffled = rng.permutation(m)[: int(rng.integers(0, m + 1))]
    where = rng.integers(0, comm.size, shuffled.size)
    cols = [shuffled[where == r] for r in range(comm.size)]
    C = A.submatrix(rows[comm.rank], cols[comm.rank])
    expected = dense[np.ix_(np.concatenate(rows), np.concatenate(cols))]
    assert C.shape == expected.shape
    assert C.local_shape == (len(rows[comm.rank]), len(cols[comm.rank]))
    first = sum(len(r) for r in rows[: comm.rank])
    mine_ = expected[first : first + len(rows[comm.rank])]
    np.testing.assert_array_equal(C.to_scipy().toarray(), mine_)
    assert C.nnz == np.count_nonzero(expected)


def test_submatrix_refuses(comm):
    A = matrix(comm, sparse(10, 10, "float64", 92), "scattered")
    last = comm.rank == comm.size - 1
    with pytest.raises(pt.IndexOutOfRange, match=r"rows\[1\] is 10") as caught:
        A.submatrix([0, 10] if last else [0, 1], [])
    assert caught.value.rank == comm.size - 1
    with pytest.raises(pt.IndexOutOfRange, match=r"cols\[0\] is -1"):
        A.submatrix([0], [-1] if last else [])
    twice = [3] if comm.rank in (0, comm.size - 1) else []  # on two ranks, or twice on one
    with pytest.raises(pt.InvalidArgument, match="column 3 is given twice"):
        A.submatrix([0], twice if comm.size > 1 else [3, 3])
    with pytest.raises((TypeError, pt.Error)):
        A.submatrix([0], "abc" if last else [0])


# ---- operands ------------------------------------------------------------------------------------


def test_block_diagonal_operands(comm):
    D, d = block_diagonal(comm, 13, "float64", 94)
    who = np.sort(owners("empty", 13, comm.size))
    mine_ = mine(who, comm.rank)

    def same(M, dense):
        np.testing.assert_allclose(M.to_scipy().toarray(), dense[mine_], atol=1e-13)

    part = pt.Partition.from_mapping(who, comm.size)
    a = sparse(13, 13, "float64", 96)
    A = matrix(comm, a, "uniform").redistribute(part)
    same(D @ D, d @ d)
    same(A @ D, a @ d)
    same(D @ A, d @ a)
    same(D - A, d - a)
    same(D.transpose(), d.T)
    same(3 * D, 3 * d)
    np.testing.assert_array_equal(
        D.redistribute(partition("scattered", 13, comm)).to_scipy().toarray(),
        d[own(comm, "scattered", 13)],
    )
    parts = [np.arange(13)[r :: comm.size] for r in range(comm.size)]
    rows = parts[comm.rank]
    np.testing.assert_array_equal(
        D.submatrix(rows, rows).to_scipy().toarray(), d[np.ix_(rows, np.concatenate(parts))]
    )
    D.row_scale(np.arange(1.0, 1 + len(mine_)))
    factors = np.concatenate([np.arange(1.0, 1 + np.sum(who == r)) for r in range(comm.size)])
    d = factors[:, None] * d
    same(D @ D.transpose(), d @ d.T)
    if comm.size > 1:
        with pytest.raises(pt.NotSupported):
            D.to_scipy()


@pytest.mark.parametrize("format", ["csr", *FORMATS])
def test_operands_in_any_format(comm, format):
    a = sparse(17, 17, "complex128", 102)
    A = matrix(comm, a, "scattered").to_format(format)
    check(comm, A @ A, a @ a, "scattered")
    check(comm, A + A, 2 * a, "scattered", exact=True)
    check(comm, A.transpose(conjugate=True), a.conj().T, "scattered", exact=True)
    check(comm, A.redistribute(partition("uniform", 17, comm)), a, "uniform", exact=True)
    check(comm, A, a, "scattered", exact=True)
    for B in (A.copy(), A.astype("complex64").astype("complex128")):
        assert B.format == format
    check(comm, A.copy(), a, "scattered", exact=True)
    rows = np.arange(17)[comm.rank :: comm.size]
    chosen = np.concatenate([np.arange(17)[r :: comm.size] for r in range(comm.size)])
    part = A.submatrix(rows, rows).to_scipy().toarray()
    np.testing.assert_array_equal(part, a[np.ix_(rows, chosen)])
    if format != "csr":
        with pytest.raises(pt.NotSupported):
            A.row_scale(np.ones(A.local_shape[0]))


def test_a_matrix_and_another_operator_stay_lazy(comm):
    a = sparse(15, 15, "float64", 104)
    A = matrix(comm, a, "uniform")
    rows = own(comm, "uniform", 15)
    x = random((15,), "float64", 105)
    v = pt.Vector.from_local(comm, x[rows])
    for op, dense in (
        (A @ A.T, a @ a.T),
        (A.T @ A, a.T @ a),
        (A + A.T, a + a.T),
        (A.T - A, a.T - a),
    ):
        assert not isinstance(op, pt.Matrix)
        np.testing.assert_allclose((op @ v).local, (dense @ x)[rows], atol=1e-12)


def test_an_operator_is_no_operand(comm):
    inner = pt.Matrix.from_coo(None, pt.Partition.uniform(1, 3), [0], [0], [1.0])
    A = pt.Matrix.from_local(comm, Forwarding(None, inner))
    for call in (
        lambda: A @ A,
        lambda: A + A,
        lambda: 2 * A,
        A.transpose,
        A.copy,
        A.to_scipy,
        lambda: A.astype("complex128"),
        lambda: A.row_scale(np.ones(3)),
        lambda: A.submatrix([0], [0]),
        lambda: A.redistribute(pt.Partition.uniform(comm.size, 3 * comm.size)),
    ):
        with pytest.raises(pt.NotSupported):
            call()


def test_operands_that_do_not_fit(comm):
    A = matrix(comm, sparse(12, 9, "float64", 98), "uniform")
    B = matrix(comm, sparse(9, 12, "float64", 99), "uniform")
    with pytest.raises(pt.DimensionError):
        A @ A
    with pytest.raises(pt.DimensionError):
        A + B
    with pytest.raises(pt.DtypeError):
        A @ B.astype("float32")
    with pytest.raises(pt.DtypeError):
        A - A.astype("complex128")
    if comm.size > 1:
        other = matrix(comm, sparse(9, 12, "float64", 99), "scattered")
        with pytest.raises(pt.DimensionError, match="partition"):
            A @ other
        with pytest.raises(pt.DimensionError, match="partition"):
            B + other
        with pytest.raises(pt.Error):
            A @ (B if comm.rank == 0 else B.astype("float32"))
        with pytest.raises(pt.Error):
            2 * A if comm.rank == 0 else 3 * A
        with pytest.raises(pt.Error):
            A + A if comm.rank == 0 else A - A


@pytest.mark.parametrize("everywhere", [True, False])
def test_operands_that_are_none(comm, everywhere):
    """Numbers, vectors and strings in the wrong place, on one rank or on all, end on every rank."""
    A = matrix(comm, sparse(8, 8, "float64", 100), "uniform")
    wrong = everywhere or comm.rank == comm.size - 1
    v = pt.Vector.zeros(comm, A.local_shape[1])
    for other in (1, v, None, "text", [1.0]):
        with pytest.raises((TypeError, pt.Error)):
            A + (other if wrong else A)
        with pytest.raises((TypeError, pt.Error)):
            A - (other if wrong else A)
    for other in (A, v, None, "text", [1.0]):
        with pytest.raises((TypeError, pt.Error)):
            A * (other if wrong else 2.0)
        with pytest.raises((TypeError, pt.Error)):
            A / (other if wrong else 2.0)
    for call in (
        lambda: A.astype("int8" if wrong else "float32"),
        lambda: A.redistribute(3 if wrong else A.partition),
        lambda: A.redistribute(None if wrong else A.partition),
        lambda: v.redistribute(3 if wrong else A.partition),
        lambda: A @ (3 if wrong else A),
    ):
        with pytest.raises((TypeError, ValueError, pt.Error)):
            call()
    with pytest.raises(TypeError):
        2 / A
    np.testing.assert_array_equal((A @ v).local, 0)  # the ranks are still in step


def test_empty_matrices(comm):
    none = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 0), [], [], np.zeros(0))
    for A in (none @ none, none + none, none.transpose(), 2 * none, none.copy()):
        assert A.shape == (0, 0) and A.nnz == 0
    assert none.submatrix([], []).shape == (0, 0)
    none.row_scale(np.zeros(0))
    none.col_scale(np.zeros(0))
    assert pt.Vector.zeros(comm, 0).redistribute(none.partition).shape == (0,)
