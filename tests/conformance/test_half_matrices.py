"""Matrices of float16 entries: two bytes an entry are stored, and products are made in the vectors'
dtype, of halves in float32. The oracle is the matrix of the halves' values in float64."""

import numpy as np
import pytest
from problems import FORMATS, OPERATORS, cases, make, mine, owners, partition, random, sparse, spd

import petiole as pt

N = 23
HALF = np.float16
ALL = {"csr": pt.Csr, **FORMATS}
WIDE = ("float32", "float64", "complex64", "complex128")
LONG = 5000  # entries of a row, more than any kernel takes at once


def halves(rows, cols, seed):
    return sparse(rows, cols, "float32", seed).astype(HALF)


every_format = pytest.mark.parametrize("format", ALL.values(), ids=ALL)


def close(actual, expected, dtype, size=1.0):
    near = 40 * np.finfo(dtype).eps * max(size, np.abs(expected).max(initial=1.0))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=near)


def check_products(op, dense, rows, cols, comm=None):
    """op, and its transpose, times vectors of every dtype; dense: of the halves' values."""
    dense = dense.astype("float64")
    for dtype in ("float16", *WIDE):
        x = random((dense.shape[1], 2), "float32", 21).astype(dtype)
        y = random((dense.shape[0], 2), "float32", 22).astype(dtype)
        of_x, of_y = pt.Vector.from_local(comm, x[cols]), pt.Vector.from_local(comm, y[rows])
        product, transposed = dense @ x.astype("complex128"), dense.T @ y.astype("complex128")
        size = np.abs(dense).sum(axis=1).max(initial=1) * 8
        made = op @ of_x
        assert made.dtype == dtype
        close(made.local, product[rows], dtype, size)
        made = of_y.copy()
        op.apply(0.5, of_x, 2.0, made)
        close(made.local, (0.5 * product + 2.0 * y)[rows], dtype, size)
        back = of_x.zeros_like()
        op.T.apply(of_y, back)
        close(back.local, transposed[cols], dtype, size)


# ---- local formats --------------------------------------------------------------------------------


@every_format
@pytest.mark.parametrize("shape", ((7, 5), (0, 0), (0, 4), (3, 0), (40, 40)))
def test_local_formats(format, shape):
    dense = halves(*shape, 1)
    A = format(dense)
    assert A.dtype == HALF and A.shape == shape and "float16" in repr(A)
    np.testing.assert_array_equal(A.to_dense().array, dense)
    check_products(A, dense, slice(None), slice(None))
    np.testing.assert_array_equal(A.transpose().to_dense().array, dense.T)
    for dtype in WIDE:
        wide = A.astype(dtype)
        assert wide.dtype == dtype and wide.format == A.format
        np.testing.assert_array_equal(wide.to_dense().array, dense.astype(dtype))
        if np.dtype(dtype).kind == "f":
            np.testing.assert_array_equal(wide.astype("float16").to_dense().array, dense)
    for other in ALL.values():
        made = other(A)
        assert made.dtype == HALF
        np.testing.assert_array_equal(made.to_dense().array, dense)


def test_rows_longer_than_a_kernel_takes_at_once():
    dense = random((3, LONG), "float32", 2).astype(HALF)
    dense[1] = 0
    for format in (pt.Csr, pt.Coo, pt.Dense):
        check_products(format(dense), dense, slice(None), slice(None))


ARRAYS = {
    pt.Csr: (np.array([0, 2, 3]), np.array([0, 2, 1]), np.array([1, 2, 3], HALF)),
    pt.Coo: (np.array([0, 0, 1]), np.array([0, 2, 1]), np.array([1, 2, 3], HALF)),
    pt.Dense: (np.array([[1, 0, 2], [0, 3, 0]], HALF),),
}


@pytest.mark.parametrize("format", ARRAYS, ids=lambda f: f.__name__)
def test_from_arrays(format):
    arrays = [a.copy() for a in ARRAYS[format]]
    expected = np.array([[1, 0, 2], [0, 3, 0]], HALF)
    for copy in (True, False):
        if format is pt.Dense:
            A = pt.Dense(*arrays) if copy else pt.Dense.view(*arrays)
            values = A.array
        else:
            A = format.from_arrays((2, 3), *arrays, copy=copy)
            values = A.values
        assert values.dtype == HALF and values.itemsize == 2
        assert np.shares_memory(values, arrays[-1]) != copy
        np.testing.assert_array_equal(A.to_dense().array, expected)
    values[...] *= 2
    x = pt.Vector.from_local(None, np.ones(3, HALF))
    assert (A @ x).local.tolist() == [6, 6]
    assert arrays[-1].sum() == 12


def test_duplicates_are_summed_as_floats():
    """In halves 2048 + 1 is 2048."""
    A = pt.Coo.from_arrays((1, 1), np.zeros(3, int), np.zeros(3, int), np.array([2048, 1, 1], HALF))
    assert A.to_dense().array.tolist() == [[2050]]
    assert pt.Matrix.from_local(None, A).diagonal().local.tolist() == [2050]
    assert (A @ pt.Vector.from_local(None, np.ones(1, HALF))).local.tolist() == [2050]


@every_format
def test_diagonal_and_scipy(format):
    pytest.importorskip("scipy")
    dense = halves(9, 9, 3)
    A = format(dense)
    d = pt.Matrix.from_local(None, A).diagonal()
    assert d.dtype == HALF
    np.testing.assert_array_equal(d.local, np.diag(dense))
    copied = A.to_scipy()
    assert copied.dtype == "float32"
    np.testing.assert_array_equal(copied.toarray(), dense.astype("float32"))
    with pytest.raises(pt.DtypeError):
        A.astype("complex64").astype("float16")


# ---- distributed matrices --------------------------------------------------------------------------


MAKERS = ["from_coo", "rectangular", "transpose", "diagonal", "composition", "combination"]
MAKERS += [f"to-{name}" for name in FORMATS]
sample = [(name, kind, exec_) for name, _, exec_, kind in cases(MAKERS, dtypes=2)]


@pytest.mark.parametrize("params", sorted(set(sample)), ids="-".join)
def test_operators_of_halves(params, comm):
    name, kind, exec_ = params
    case = make(name, "float16", exec_, kind, comm)
    assert case.op.dtype == HALF
    dense = case.dense.astype("float64")
    size = np.abs(dense).sum(axis=1).max(initial=1) * 8
    for form in (case, *map(case.form, case.forms)):
        for dtype in ("float16", "float32", "complex128"):
            x, whole = form.x(1, 2, dtype)
            y, y_whole = form.y(2, 2, dtype)
            form.op.apply(0.5, x, 2.0, y)
            expected = 0.5 * form.dense.astype("float64") @ whole + 2.0 * y_whole
            close(y.local, expected[form.rows], HALF, size)  # the oracle's dense is in halves


def from_triplets(comm, kind, dense, seed=5, **more):
    """Every entry on one rank, drawn at random; and the entries themselves."""
    rows, cols = np.nonzero(dense)
    give = np.random.default_rng(seed).integers(0, comm.size, rows.size) == comm.rank
    values = dense[rows, cols][give]
    part = partition(kind, len(dense), comm)
    return pt.Matrix.from_coo(comm, part, rows[give], cols[give], values, **more), values


@pytest.mark.parametrize("kind", ("empty", "scattered"))
def test_assembly(comm, kind, folder):
    dense = halves(N, N, 6)
    own = mine(owners(kind, N, comm.size), comm.rank)
    A, values = from_triplets(comm, kind, dense)
    assert A.dtype == HALF and A.nnz == np.count_nonzero(dense)
    check_products(A, dense, own, own, comm)
    np.testing.assert_array_equal(A.to_scipy().toarray(), dense[own].astype("float32"))
    np.testing.assert_array_equal(A.diagonal().local, np.diag(dense)[own])
    assert A.local.values.dtype == A.diagonal().dtype == HALF

    A.update_values(values * HALF(2))
    check_products(A, dense * HALF(2), own, own, comm)
    with pytest.raises(pt.DtypeError):
        A.update_values(values.astype("float64"))
    A.update_values(values)

    for dtype in ("float32", "float64", "complex64"):
        wide = A.astype(dtype)
        assert wide.dtype == dtype
        np.testing.assert_array_equal(wide.to_scipy().toarray(), dense[own].astype(dtype))
        if dtype != "complex64":
            check_products(wide.astype("float16"), dense, own, own, comm)
    check_products(A.copy(), dense, own, own, comm)
    check_products(A.transpose(), dense.T, own, own, comm)
    check_products(A.to_format("coo"), dense, own, own, comm)
    moved = A.redistribute(pt.Partition.uniform(comm.size, N))
    assert moved.dtype == HALF
    uniform = mine(owners("uniform", N, comm.size), comm.rank)
    check_products(moved, dense, uniform, uniform, comm)

    path = str(folder / "half.mtx")
    A.write(path)
    back = pt.Matrix.read(path, comm, partition=A.partition, dtype="float16")
    assert back.dtype == HALF
    check_products(back, dense, own, own, comm)
    with pytest.raises(pt.NotSupported, match="MatrixMarket"):
        A.write(str(folder / "half.ptl"))


def test_duplicates_of_ranks_are_summed_as_floats(comm):
    """2048 of rank 0 and 1 of every rank twice: in halves each 1 would be lost."""
    p = pt.Partition.uniform(comm.size, 2 * comm.size)
    at = np.array([0, 0, 0] if comm.rank == 0 else [0, 0])
    values = np.array([2048, 1, 1] if comm.rank == 0 else [1, 1], HALF)
    A = pt.Matrix.from_coo(comm, p, at, at, values)
    for _ in range(2):
        if comm.rank == 0:
            assert A.diagonal().local[0] == 2048 + 2 * comm.size
        A.update_values(values)


def test_from_csr_blocks_and_local(comm):
    dense = halves(N, N, 7)
    who = owners("empty", N, comm.size)
    own = mine(who, comm.rank)
    part = partition("empty", N, comm)
    slab = pt.Csr(dense[own])
    arrays = [np.array(a) for a in (slab.indptr, slab.indices, slab.values)]
    A = pt.Matrix.from_csr(comm, *arrays, partition=part)
    assert A.dtype == HALF
    check_products(A, dense, own, own, comm)

    ghosts = np.flatnonzero((dense[own] != 0).any(axis=0) & (who != comm.rank))
    ghosts = np.asarray(sorted(ghosts, key=lambda g: (who[g], g)), np.int64)
    local, ghost = pt.Csr(dense[np.ix_(own, own)]), pt.Csr(dense[np.ix_(own, ghosts)])
    B = pt.Matrix.from_blocks(comm, part, ghosts, local, ghost)
    check_products(B, dense, own, own, comm)

    diagonal = np.where(who[:, None] == who[None, :], dense, HALF(0))
    C = pt.Matrix.from_local(comm, local)
    assert C.dtype == HALF
    check_products(C, diagonal, own, own, comm)


def test_no_rows(comm):
    p = pt.Partition.uniform(comm.size, 0)
    A = pt.Matrix.from_coo(comm, p, [], [], np.zeros(0, HALF))
    assert A.dtype == HALF and A.shape == (0, 0)
    assert (A @ pt.Vector.zeros(comm, 0, dtype="float16")).shape == (0,)
    assert A.astype("float64").nnz == A.diagonal().shape[0] == 0


def test_ranks_with_other_dtypes_fail_together(comm):
    p = pt.Partition.uniform(comm.size, comm.size)
    dtype = "float32" if comm.rank == comm.size - 1 else "float16"
    at, one = np.array([comm.rank]), np.ones(1, dtype)
    if comm.size == 1:
        return
    with pytest.raises(pt.DimensionError):
        pt.Matrix.from_coo(comm, p, at, at, one)
    with pytest.raises(pt.DimensionError):
        pt.Vector.from_global(comm, p, at, one)


@every_format
def test_values_are_rounded_once(format):
    """From float64, where a rounding to float32 between would end elsewhere: to a tie, to infinity."""
    values = np.array([[1 + 2**-11 + 2**-40, 65519.9999999999], [-1 - 2**-11 - 2**-40, 3.0]])
    for A in (format(values).astype("float16"), format(values, dtype="float16")):
        np.testing.assert_array_equal(A.to_dense().array, values.astype(HALF))


# ---- what is generated from them -------------------------------------------------------------------


def system(comm, seed=8):
    """A positive definite matrix of halves, a right-hand side of halves, and the solution."""
    dense = spd(N, "float64", seed)
    dense = (dense / np.abs(dense).max() * 8 + np.eye(N)).astype(HALF)
    A, _ = from_triplets(comm, "empty", dense)
    own = mine(owners("empty", N, comm.size), comm.rank)
    b = random(N, "float32", 9).astype(HALF)
    return A, dense, own, pt.Vector.from_local(comm, b[own]), b


PRECONDITIONERS = {
    "jacobi": lambda: pt.Jacobi(),
    "block": lambda: pt.Jacobi(3),
    "ilu": lambda: pt.Ilu(),
    "ilut": lambda: pt.Ilut(),
    "ic": lambda: pt.Ic(),
    "isai": lambda: pt.Isai(),
    "sor": lambda: pt.Sor(),
    "schwarz": lambda: pt.Schwarz(local=pt.Ic(), overlap=1),
    "coarse": lambda: pt.Schwarz(local=pt.Ilu(), l1=True, coarse=pt.Direct()),
}


@pytest.mark.parametrize("name", PRECONDITIONERS)
def test_preconditioners_are_made_of_floats(comm, name):
    """The same as of the matrix in float32, bit by bit, also when refreshed."""
    A, dense, own, b, _ = system(comm)
    M, wide = (PRECONDITIONERS[name]().generate(B) for B in (A, A.astype("float32")))
    assert M.dtype == "float32"
    x = b.astype("float32")
    np.testing.assert_array_equal((M @ x).local, (wide @ x).local)
    np.testing.assert_array_equal((M @ b).local, (wide @ x).astype("float16").local)
    twice = A.astype("float32")
    twice = from_triplets(comm, "empty", dense * HALF(2))[0]
    try:
        wide.refresh(twice.astype("float32"))
    except pt.NotSupported:
        return
    M.refresh(twice)
    np.testing.assert_array_equal((M @ x).local, (wide @ x).local)


def of_floats(comm, make):
    """What `make` gives for matrices of halves and for the same ones of floats, and a vector of floats."""
    A, _, _, b, _ = system(comm)
    return make(A), make(A.astype("float32")), b.astype("float32")


DIAGONALS = {
    "transposed": lambda A: A.T,
    "combined": lambda A: pt.Combination([2.0, -0.5], [A, A.T]),
    "mixed": lambda A: pt.Combination([1.0, 1.0], [A, A.astype("float32")]),
    "mixed, floats first": lambda A: pt.Combination([1.0, 1.0], [A.astype("float32"), A]),
    "diagonal": lambda A: pt.Diagonal(A.diagonal()),
    "a local diagonal": lambda A: pt.Matrix.from_local(
        A.comm, pt.Diagonal(pt.Vector.from_local(None, A.diagonal().local))
    ),
}


@pytest.mark.parametrize("name", DIAGONALS)
def test_jacobi_of_operators_of_halves(comm, name):
    """Operators that have a diagonal and no entries."""
    op, wide, x = of_floats(comm, DIAGONALS[name])
    M, expected = (pt.Jacobi().generate(A) for A in (op, wide))
    assert M.dtype == "float32"
    np.testing.assert_array_equal((M @ x).local, (expected @ x).local)
    M.refresh(op)
    np.testing.assert_array_equal((M @ x).local, (expected @ x).local)
    assert (pt.Chebyshev(M=pt.Jacobi(), bounds=(0.1, 2.0)).generate(op) @ x).dtype == "float32"


def test_diagonals_add_up_as_floats():
    """No diagonal between passes float16's largest number."""
    A = pt.Csr(np.array([[60000.0]], HALF))
    M = pt.Jacobi().generate(pt.Combination([2.0, -1.0], [A, A]))
    b = pt.Vector.from_local(None, np.array([60000.0], np.float32))
    np.testing.assert_allclose((M @ b).local, np.array([60000.0 / A.values[0]]), rtol=1e-6)


@pytest.mark.parametrize("M", (None, "ilu", "coarse"))
def test_solves(comm, M):
    """Products of a matrix of halves with vectors of floats: the history of the float matrix."""
    A, dense, own, b, whole = system(comm)
    factory = M and PRECONDITIONERS[M]()
    solver = pt.Gmres(rtol=1e-5, M=factory).generate(A)
    assert solver.dtype == "float32"
    x = b.zeros_like()
    log = solver.apply(b, x)
    wide, other = pt.gmres(A.astype("float32"), b.astype("float32"), rtol=1e-5, M=factory)
    assert log.converged and abs(log.iterations - other.iterations) <= 1
    exact = np.linalg.solve(dense.astype("float64"), whole.astype("float64"))
    np.testing.assert_allclose(x.local, exact[own], rtol=1e-2, atol=2e-3 * np.abs(exact).max())
    solver.refresh(A)
    assert solver.apply(b, x).converged


def test_direct_and_triangular_solvers(comm):
    A, dense, own, b, whole = system(comm)
    exact = np.linalg.solve(dense.astype("float64"), whole.astype("float64"))
    near = 2e-3 * np.abs(exact).max()
    x = b.zeros_like()
    assert pt.Direct().generate(A).apply(b, x).converged
    np.testing.assert_allclose(x.local, exact[own], atol=near)
    for solver, part in ((pt.LowerTrs, np.tril), (pt.UpperTrs, np.triu)):
        for unit in (False, True):
            T = part(dense)
            op = from_triplets(comm, "empty", T)[0]
            if unit:
                np.fill_diagonal(T, 1)
            x = b.zeros_like()
            solver(unit_diagonal=unit).generate(op).apply(b, x)
            product = T.astype("float64") @ x.allgather().astype("float64")
            size = np.abs(T.astype("float64")).sum(axis=1).max() * np.abs(x.allgather()).max()
            np.testing.assert_allclose(product, whole, atol=2e-3 * float(size))


def test_factorizations(comm):
    A, dense, own, b, whole = system(comm)
    local = dense[np.ix_(own, own)].astype("float64")
    for make_factors in (pt.factorization.lu, pt.factorization.cholesky, pt.factorization.ilu):
        F = make_factors(A)
        assert F.dtype == "float32" and F.lower.dtype == "float32"
    if own.size:
        solved = (pt.factorization.lu(pt.Dense(local.astype(HALF))) @ self_vector(b)).local
        exact = np.linalg.solve(local, whole[own].astype("float64"))
        np.testing.assert_allclose(solved, exact, atol=2e-3 * np.abs(exact).max())


def self_vector(v):
    return pt.Vector.from_local(None, v.local)


def test_operators_of_halves_and_floats_are_composed(comm):
    A, dense, own, b, whole = system(comm)
    B = A.astype("float32")
    total, product = pt.Combination([1, 1], [A, B]), pt.Composition(A, B)
    assert total.dtype == product.dtype == "float32" and pt.Composition(A, A).dtype == HALF
    x = whole.astype("float64")
    dense = dense.astype("float64")
    close((total @ b).local, (2 * dense @ x)[own], HALF, 64)
    close((product @ b).local, (dense @ (dense @ x))[own], HALF, 512)
    with pytest.raises(pt.DtypeError):
        pt.Composition(A, A.astype("float64"))
    check_products(0.5 * A, 0.5 * dense, own, own, comm)
    C = pt.Cast(A, "float64")
    close((C @ b.astype("float64")).local, (dense @ x)[own], "float32", 64)
    with pytest.raises(pt.NotSupported, match="float32"):
        pt.Cast(B, "float16")


def test_lobpcg_of_a_matrix_of_halves(comm):
    A, dense, own, _, _ = system(comm)
    X = pt.Vector.from_local(comm, random((N, 2), "float32", 10)[own])
    values = pt.lobpcg(A, X, maxiter=60)[0]
    exact = np.linalg.eigvalsh(dense.astype("float64"))
    assert min(abs(exact - v).min() for v in values) < 1e-2 * exact[-1]


def test_what_matrices_of_halves_do_not_do(comm):
    A, _, own, b, _ = system(comm)
    d = pt.Vector.from_local(comm, np.ones(own.size, "float16"))
    for call in (
        lambda: A.row_scale(d),
        lambda: A.col_scale(d),
        lambda: A @ A,
        lambda: A + A,
        lambda: A - A,
    ):
        with pytest.raises(pt.NotSupported, match="astype"):
            call()


def test_every_maker_is_there():
    assert set(MAKERS) <= set(OPERATORS)
