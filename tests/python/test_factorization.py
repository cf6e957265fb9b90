"""Factorizations and orderings from Python, beside SciPy."""

import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import petiole as pt

sparse = pytest.importorskip("scipy.sparse")
linalg = pytest.importorskip("scipy.sparse.linalg")

DTYPES = ["float32", "float64", "complex64", "complex128"]
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def has(function, *arguments):
    """Whether this build has what the function needs."""
    try:
        function(pt.Csr(np.eye(2)), *arguments)
    except pt.NotSupported:
        return False
    return True


superlu = pytest.mark.skipif(not has(pt.factorization.lu), reason="built without SuperLU")
ORDERINGS = [
    name for name in ("rcm", "min_degree", "nested_dissection") if has(getattr(pt.ordering, name))
]
every_ordering = pytest.mark.parametrize("ordering", ["natural", *ORDERINGS])


def random_sparse(n, dtype="float64", seed=0, density=0.1, diagonal=4.0):
    rng = np.random.default_rng(seed)
    dense = rng.uniform(-1, 1, (n, n))
    if np.dtype(dtype).kind == "c":
        dense = dense + 1j * rng.uniform(-1, 1, (n, n))
    dense[rng.random((n, n)) > density] = 0
    return (dense + diagonal * np.eye(n)).astype(dtype)


def definite(n, dtype="float64", seed=0):
    dense = random_sparse(n, dtype, seed, diagonal=0)
    return (dense @ dense.conj().T + np.eye(n)).astype(dtype)


def laplacian(side):
    line = sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(side, side))
    return sparse.csr_array(
        sparse.kron(line, sparse.eye(side)) + sparse.kron(sparse.eye(side), line)
    )


def shuffled(A, seed=0):
    p = np.random.default_rng(seed).permutation(A.shape[0])
    return sparse.csr_array(A[p][:, p])


def dense_of(csr):
    return sparse.csr_array((csr.values, csr.indices, csr.indptr), csr.shape).toarray()


def tolerance(dtype):
    return 2000 * np.finfo(dtype).eps


def is_permutation(p, n):
    return p.dtype == np.int64 and np.array_equal(np.sort(p), np.arange(n))


def check(F, A, limit):
    """The triangles are such, and their product is A."""
    n = len(A)
    L, U = dense_of(F.lower), dense_of(F.upper)
    p, q = F.row_permutation, F.col_permutation
    assert is_permutation(p, n) and is_permutation(q, n)
    assert not np.triu(L, 1).any() and not np.tril(U, -1).any()
    assert np.abs(L @ U - A[p][:, q]).max(initial=0) <= limit * max(np.abs(A).max(initial=0), 1)
    b = np.linspace(1, 2, n).astype(A.dtype)
    condition = np.linalg.cond(A) if n else 1
    assert np.abs(A @ F.solve(b) - b).max(initial=0) <= 10 * limit * condition


@superlu
@every_dtype
@pytest.mark.parametrize("storage", [pt.Csr, pt.Dense])
def test_lu(dtype, storage):
    A = random_sparse(40, dtype, diagonal=0, density=0.3)
    F = pt.factorization.lu(storage(A))
    assert isinstance(F, pt.Factorization) and F.method == "lu" and F.shift == 0.0
    assert F.dtype == dtype and F.shape == (40, 40) and isinstance(F.lower, pt.Csr)
    check(F, A, tolerance(dtype))
    theirs = linalg.splu(sparse.csc_array(A))
    b = random_sparse(40, dtype, seed=3)[:, :3]
    np.testing.assert_allclose(
        F.solve(b),
        theirs.solve(np.ascontiguousarray(b)),
        rtol=0,
        atol=0.1 * tolerance(dtype) ** 0.5,
    )


@every_dtype
@every_ordering
def test_cholesky(dtype, ordering):
    A = definite(40, dtype)
    F = pt.factorization.cholesky(pt.Csr(np.tril(A)), ordering=ordering)
    check(F, A, tolerance(dtype))
    np.testing.assert_array_equal(F.row_permutation, F.col_permutation)
    np.testing.assert_allclose(dense_of(F.upper), dense_of(F.lower).conj().T, rtol=tolerance(dtype))


def test_cholesky_of_a_dense_matrix():
    A = definite(30, "complex128")
    F = pt.factorization.cholesky(pt.Dense(A))
    check(F, A, tolerance("float64"))
    np.testing.assert_allclose(dense_of(F.lower), np.linalg.cholesky(A), atol=1e-12)
    with pytest.raises(pt.InvalidArgument, match="row 29"):
        A[29, 29] = -1
        pt.factorization.cholesky(pt.Dense(A))


@every_ordering
def test_orderings_keep_the_fill_of_a_grid_small(ordering):
    A = shuffled(laplacian(20))
    nnz = pt.factorization.cholesky(pt.Csr(A), ordering=ordering).lower.nnz
    natural = pt.factorization.cholesky(pt.Csr(A), ordering="natural").lower.nnz
    assert nnz <= natural and (ordering == "natural" or nnz < 0.5 * natural)


@given(n=st.integers(0, 20), seed=st.integers(0, 1000), match=st.booleans(), k=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_incomplete_factors_without_drops_are_exact(n, seed, match, k):
    A = random_sparse(n, DTYPES[k], seed, 0.4, diagonal=8.0)
    F = pt.factorization.ilut(pt.Csr(A), drop_tolerance=1e-30, fill=1e9, match=match)
    check(F, A, tolerance(A.dtype))
    if n:
        check(pt.factorization.ilu(pt.Csr(A), level=n), A, tolerance(A.dtype))


@given(n=st.integers(1, 12), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_matchings_are_the_best(n, seed):
    from scipy.optimize import linear_sum_assignment

    A = np.exp(random_sparse(n, seed=seed, density=1, diagonal=0) * 5)
    rows, cols = linear_sum_assignment(-np.log(A))
    p = pt.ordering.match(pt.Csr(A))
    assert is_permutation(p, n)
    assert np.isclose(np.log(np.diag(A[p])).sum(), np.log(A[rows, cols]).sum(), rtol=1e-12)


@pytest.mark.parametrize("name", ORDERINGS)
@given(n=st.integers(0, 30), density=st.floats(0, 0.5), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_orderings_are_permutations(name, n, density, seed):
    A = random_sparse(n, seed=seed, density=density, diagonal=0)
    assert is_permutation(getattr(pt.ordering, name)(pt.Csr(A)), n)


def bandwidth(A, p):
    coo = sparse.coo_array(A[p][:, p])
    return np.abs(coo.row - coo.col).max()


def test_rcm_is_as_good_as_scipys():
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    for side in (5, 12, 25):
        A = shuffled(laplacian(side), seed=side)
        ours = bandwidth(A, pt.ordering.rcm(pt.Csr(A)))
        assert ours <= 1.2 * bandwidth(A, reverse_cuthill_mckee(A, symmetric_mode=True))
        assert ours < 0.5 * bandwidth(A, np.arange(side * side))


def test_ilut_is_as_good_as_scipys():
    rng = np.random.default_rng(5)
    A = laplacian(30) + sparse.random_array((900, 900), density=0.002, rng=rng)
    F = pt.factorization.ilut(pt.Csr(A), drop_tolerance=1e-3, fill=10, ordering="rcm")
    theirs = linalg.spilu(sparse.csc_array(A), drop_tol=1e-3, fill_factor=10)
    error = np.linalg.norm(A @ F.solve(np.ones(900)) - 1)
    expected = np.linalg.norm(A @ theirs.solve(np.ones(900)) - 1)
    assert F.lower.nnz + F.upper.nnz <= 10 * A.nnz + 900
    assert error <= 2 * expected


def test_zeros_on_the_diagonal_need_a_matching():
    A = np.diag([1.0, 2, 3, 4], k=1) + np.diag([5.0], k=-4)
    with pytest.raises(pt.InvalidArgument, match="row 0"):
        pt.factorization.ilut(pt.Csr(A))
    check(pt.factorization.ilut(pt.Csr(A), match=True), A, 1e-14)
    F = pt.factorization.ilut(pt.Csr(A), pivot="shift")
    assert F.shift > 0


def test_what_factories_generate_is_a_factorization():
    A = pt.Csr(definite(10))
    for factory in (pt.Ilu(), pt.Ic(), pt.Ilut()):
        F = factory.generate(A)
        assert isinstance(F, pt.Factorization) and F.method == factory.kind
    with pytest.raises(TypeError):
        pt.Factorization()
    with pytest.raises(AttributeError):
        F.lower = 1


def test_solve_takes_vectors_and_arrays():
    A = definite(6)
    F = pt.factorization.ic(pt.Csr(A), level=6)
    b = np.arange(12.0).reshape(6, 2)
    x = F.solve(pt.Vector.from_local(None, b))
    assert isinstance(x, pt.Vector) and x.shape == (6, 2)
    np.testing.assert_allclose(A @ x.local, b, atol=1e-12)
    assert isinstance(F.solve(b), np.ndarray)
    np.testing.assert_array_equal(F.solve(b), x.local)
    assert F.solve(b[:, 0]).shape == (6,)
    with pytest.raises(pt.DimensionError):
        F.solve(np.ones(5))
    with pytest.raises(pt.DtypeError):
        F.solve(np.ones(6, "float32"))


def test_a_refresh_takes_new_values():
    A = random_sparse(15, seed=1)
    for make in (pt.factorization.ilu, pt.factorization.ilut, pt.factorization.lu):
        if make is pt.factorization.lu and not has(make):
            continue
        F = make(pt.Csr(A))
        F.refresh(pt.Csr(2 * A))
        check(F, L_times_U(F), 1e-12)
        np.testing.assert_allclose(F.solve(np.ones(15)), make(pt.Csr(2 * A)).solve(np.ones(15)))


def L_times_U(F):
    """What the factors stand for."""
    product = np.empty(F.shape)
    product[np.ix_(F.row_permutation, F.col_permutation)] = dense_of(F.lower) @ dense_of(F.upper)
    return product


@superlu
def test_what_is_wrong_is_told():
    singular = np.array([[1.0, 2], [2, 4]])
    with pytest.raises(pt.InvalidArgument, match="singular"):
        pt.factorization.lu(pt.Csr(singular))
    with pytest.raises(pt.InvalidArgument, match="row 1"):
        pt.factorization.cholesky(pt.Csr(singular), ordering="natural")
    with pytest.raises(pt.InvalidArgument, match="column 1"):
        pt.ordering.match(pt.Csr(np.array([[1.0, 0], [2, 0]])))
    for function in (
        pt.factorization.lu, pt.factorization.cholesky, pt.factorization.ilut, pt.ordering.rcm,
        pt.ordering.match,
    ):  # fmt: skip
        with pytest.raises(pt.DimensionError):
            function(pt.Csr(np.ones((2, 3))))
        with pytest.raises(pt.NotSupported):
            function(pt.Identity(3))
        with pytest.raises(TypeError):
            function(np.eye(3))
    with pytest.raises(pt.InvalidArgument, match="rcm"):
        pt.factorization.cholesky(pt.Csr(np.eye(2)), ordering="best")


def test_each_rank_factorizes_its_block(comm):
    """Of a matrix on several ranks: the rows and columns that each owns, in its own order."""
    A = random_sparse(23, seed=4)
    size = pt.Communicator(comm).size if not isinstance(comm, pt.Communicator) else comm.size
    rank = pt.Communicator(comm).rank if not isinstance(comm, pt.Communicator) else comm.rank
    part = pt.Partition.uniform(size, 23)
    mine = np.flatnonzero([part.owner(i) == rank for i in range(23)])
    rows, cols = np.nonzero(A)
    keep = np.isin(rows, mine)
    matrix = pt.Matrix.from_coo(comm, part, rows[keep], cols[keep], A[rows[keep], cols[keep]])
    block = A[np.ix_(mine, mine)]
    for make in (pt.factorization.ilut, pt.factorization.lu):
        if make is pt.factorization.lu and not has(make):
            continue
        ours, alone = make(matrix), make(pt.Csr(block))
        np.testing.assert_array_equal(ours.row_permutation, alone.row_permutation)
        np.testing.assert_array_equal(dense_of(ours.lower), dense_of(alone.lower))
        np.testing.assert_array_equal(dense_of(ours.upper), dense_of(alone.upper))
        x = ours.solve(pt.Vector.from_local(comm, np.ones(len(mine))))
        np.testing.assert_array_equal(x.local, alone.solve(np.ones(len(mine))))
    assert is_permutation(pt.ordering.rcm(matrix), len(mine))


@pytest.mark.parametrize(
    "name, options",
    [
        ("west0479", {"match": True}),
        ("watt_2", {}),
        ("cryg2500", {}),
        ("young1c", {}),
    ],
)
def test_real_matrices(name, options, data):
    """On one process, by GMRES(30) with defaults otherwise, to a true residual of 1e-8."""
    A = pt.Matrix.read(pathlib.Path(data) / f"{name}.mtx")
    b = A @ pt.Vector.from_local(None, np.ones(A.shape[0], A.dtype))
    x, log = pt.gmres(A, b, rtol=1e-8, restart=30, maxiter=100, M=pt.Ilut(**options))
    assert log.converged, str(log)
    assert (b - A @ x).norm() <= 1.01e-8 * b.norm()


@pytest.mark.parametrize(
    "name, solve, options",
    [
        ("watt_2", pt.gmres, {"restart": 30}),
        ("young1c", pt.gmres, {"restart": 30}),
        ("cryg2500", pt.idr, {"s": 4}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_real_matrices_on_ranks(name, solve, options, data, comm):
    """The same on however many ranks there are, each with the factors of its own block."""
    A = pt.Matrix.read(pathlib.Path(data) / f"{name}.mtx", comm)
    b = A @ pt.Vector.from_local(comm, np.ones(A.local_shape[1], A.dtype))
    x, log = solve(A, b, rtol=1e-8, maxiter=1000, M=pt.Ilut(), **options)
    assert log.converged, str(log)
    assert (b - A @ x).norm() <= 1.01e-8 * b.norm()


def test_a_matched_matrix_on_ranks(data, comm):
    """west0479's blocks on the diagonal are singular until its rows are matched with its columns."""
    from scipy.io import mmread

    A = sparse.csr_array(mmread(pathlib.Path(data) / "west0479.mtx"))
    A = A[pt.ordering.match(pt.Csr(A))]
    world = comm if isinstance(comm, pt.Communicator) else pt.Communicator(comm)
    part = pt.Partition.uniform(world.size, A.shape[0])
    mine = [i for i in range(A.shape[0]) if part.owner(i) == world.rank]
    matrix = pt.Matrix.from_scipy(comm, sparse.csr_array(A[mine]), partition=part)
    b = matrix @ pt.Vector.from_local(comm, np.ones(len(mine)))
    x, log = pt.gmres(matrix, b, rtol=1e-8, restart=30, maxiter=500, M=pt.Ilut(match=True))
    assert log.converged, str(log)
    assert (b - matrix @ x).norm() <= 1.01e-8 * b.norm()
