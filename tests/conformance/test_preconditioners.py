"""Every preconditioner of the list: what must be true of all of them."""

import numpy as np
import pytest
import systems
from preconditioners import ALL, HERMITIAN, dense_of, local_dense, name_of, runs, system_of
from problems import COLUMNS, FORMATS, Forwarding, owners, random, tolerance

import petiole as pt

LOCAL = [v for v in ALL if v.local]


def over(variants):
    return pytest.mark.parametrize("run", runs(variants), ids=name_of)


def each(variants):
    return pytest.mark.parametrize("variant", variants, ids=lambda v: v.name)


def close(actual, expected, factor=1.0):
    """Equal but for the rounding of a small system."""
    size = np.abs(expected).max(initial=1e-30)
    limit = factor * tolerance(actual.dtype, 1.0) * size * 20
    assert np.all(np.isfinite(actual)) and np.abs(actual - expected).max(initial=0.0) <= limit


@over(ALL)
def test_products(run, comm):
    """One dense matrix explains products with any columns, and what is scaled and added."""
    case = system_of(comm, run, "hpd")
    M = run[0].generate(case.op)
    assert M.shape == case.op.shape and M.dtype == case.op.dtype
    dense = dense_of(M, case)
    close(dense_of(M, case), dense)
    for columns in COLUMNS:
        x, whole = case.x(31, columns)
        y, before = case.y(32, columns)
        expected = dense @ whole
        close((M @ x).local, expected[case.rows])
        M.apply(-0.5, x, 2.0, y)
        close(y.local, (-0.5 * expected + 2 * before)[case.rows])


@over([v for v in LOCAL if v.block])
def test_it_is_that_of_the_local_block(run, comm):
    from scipy.sparse import csr_array

    case = system_of(comm, run, "general" if not run[0].hermitian else "hpd")
    dense = dense_of(run[0].generate(case.op), case)
    block = run[0].generate(pt.Csr.from_scipy(csr_array(local_dense(case))))
    n = len(case.rows)
    unit = np.eye(n, max(n, 1), dtype=dense.dtype)
    alone = (block @ pt.Vector.from_local(None, unit)).local[:, :n]
    rows = dense[case.rows]
    close(rows[:, case.rows], alone)
    rows[:, case.rows] = 0
    assert not rows.any()


@over(HERMITIAN)
def test_hermitian_and_definite_where_the_matrix_is(run, comm):
    case = system_of(comm, run, "hpd")
    dense = dense_of(run[0].generate(case.op), case)
    close(dense, dense.conj().T)
    scale = 1 / np.sqrt(np.abs(np.diag(dense)))
    scaled = scale[:, None] * dense * scale[None, :]
    assert np.linalg.eigvalsh((scaled + scaled.conj().T) / 2).min() > 0


@over(ALL)
def test_a_solve_is_right_and_not_slower(run, comm):
    case = system_of(comm, run, "hpd" if run[0].hermitian else "general")
    solver = "cg" if run[0].hermitian else "gmres"
    rtol = systems.rtol_of(case.dense.dtype)
    counts = []
    for M in (None, run[0].factory()):
        b, _ = case.y(33, 2)
        x = b.zeros_like()
        log = systems.solve(solver, case, b, x, rtol=rtol, M=M, maxiter=500)
        assert log.converged, str(log)
        counts.append(log.iterations)
    assert counts[1] <= counts[0] + 5, counts


@over(ALL)
def test_refresh_is_as_good_as_new(run, comm):
    case = system_of(comm, run, "hpd")
    other = system_of(comm, run, "hpd")
    factors = np.linspace(1, 2, len(case.dense)).astype(case.dense.real.dtype)
    scaled = factors[:, None] * case.dense * factors[None, :]
    A = systems.matrix(comm, scaled.astype(case.dense.dtype), run[2], case.exec)
    M = run[0].generate(case.op)
    before = dense_of(M, case)
    M.refresh(A.op)
    close(dense_of(M, case), dense_of(run[0].generate(A.op), case))
    M.refresh(other.op)
    close(dense_of(M, case), before)


@each(ALL)
def test_refresh_refuses_another_matrix(variant, comm):
    run = (variant, "float64", "uniform", "openmp")
    case = system_of(comm, run, "hpd")
    M = variant.generate(case.op)
    with pytest.raises(pt.DimensionError):
        M.refresh(system_of(comm, run, "hpd", 17).op)
    with pytest.raises(pt.DtypeError):
        M.refresh(system_of(comm, (variant, "float32", "uniform", "openmp"), "hpd").op)
    with pytest.raises(pt.NotSupported):
        M.refresh(Forwarding(comm, case.op))


@each(ALL)
@pytest.mark.parametrize("storage", FORMATS)
def test_any_storage(variant, storage, comm):
    case = system_of(comm, (variant, "complex128", "empty", "openmp"), "hpd")
    expected = dense_of(variant.generate(case.op), case)
    close(dense_of(variant.generate(case.op.to_format(storage)), case), expected)


@each(ALL)
def test_entries_in_any_order_and_in_parts(variant):
    """A local matrix whose columns are not sorted, and one of whose entries comes in two halves."""
    dense = systems.SYSTEMS["hpd"](12, "float64")
    rows, cols = np.nonzero(dense)
    values = dense[rows, cols]
    half = rows == cols
    rows, cols = np.append(rows, rows[half]), np.append(cols, cols[half])
    values = np.append(np.where(half, values / 2, values), values[half] / 2)
    order = np.lexsort((random(rows.shape, "float64", 9), rows))
    indptr = np.searchsorted(rows[order], np.arange(13))
    messy = pt.Csr.from_arrays((12, 12), indptr, cols[order], values[order])
    tidy = pt.Csr.from_arrays((12, 12), *csr_arrays(dense))
    unit = pt.Vector.from_local(None, np.eye(12))
    close((variant.generate(messy) @ unit).local, (variant.generate(tidy) @ unit).local)


def csr_arrays(dense):
    rows, cols = np.nonzero(dense)
    return np.searchsorted(rows, np.arange(len(dense) + 1)), cols, dense[rows, cols]


@each(ALL)
@pytest.mark.parametrize("n", [0, 1])
def test_tiny_systems(variant, n, comm):
    dense = np.full((n, n), 4.0)
    case = systems.matrix(comm, dense, "uniform")
    M = variant.generate(case.op)
    x, whole = case.x(34, 3)
    y = M @ x
    assert y.local.shape == x.local.shape and np.all(np.isfinite(y.local))
    if n and "l1" not in variant.options:
        scale = y.local / x.local if x.local.size else np.array(0.25)
        assert np.all(scale > 0)


@each(ALL)
@pytest.mark.parametrize("where", ["first", "last"])
def test_a_row_of_zeros_on_one_rank(variant, where, comm):
    """Refused on every rank, with the row; or M is finite all the same."""
    dense = systems.SYSTEMS["hpd"](23, "float64")
    row = 0 if where == "first" else 22
    dense[row] = dense[:, row] = 0
    A = systems.matrix(comm, dense, "uniform").op
    try:
        M = variant.generate(A)
    except pt.InvalidArgument as error:
        rank = owners("uniform", 23, comm.size)[row]
        assert error.rank == rank and any(word in str(error) for word in ("row", "column"))
    else:
        ones = pt.Vector.from_local(comm, np.ones(A.local_shape[0]))
        assert np.isfinite((M @ ones).norm())


@each(ALL)
def test_what_cannot_be_preconditioned(variant, comm):
    case = system_of(comm, (variant, "float64", "uniform", "openmp"), "hpd")
    with pytest.raises(pt.NotSupported):
        variant.generate(Forwarding(comm, case.op))
    if comm.size > 1:
        part, cols = (pt.Partition.uniform(comm.size, n) for n in (12, 9))
        i = np.arange(9)[owners("uniform", 9, comm.size) == comm.rank]
        rectangular = pt.Matrix.from_coo(comm, part, i, i, i + 1.0, col_partition=cols)
        with pytest.raises(pt.DimensionError):
            variant.generate(rectangular)


@each(ALL)
def test_an_apply_allocates_nothing(variant, comm):
    case = system_of(comm, (variant, "float64", "uniform", "openmp"), "hpd")
    M = variant.generate(case.op)
    x, _ = case.x(35, 2)
    y = x.zeros_like()
    M.apply(x, y)
    heard = []
    with pt.trace(heard.append, kinds="allocation"):
        M.apply(x, y)
    assert heard == []


@each(LOCAL)
def test_a_local_one_makes_no_message(variant, comm):
    case = system_of(comm, (variant, "float64", "uniform", "openmp"), "hpd")
    M = variant.generate(case.op)
    x, _ = case.x(36, None)
    y = x.zeros_like()
    heard = []
    with pt.trace(heard.append, kinds="halo"):
        M.apply(x, y)
    assert heard == []


@each(ALL)
def test_configuration(variant):
    if any(isinstance(value, pt.LinOp) for value in variant.options.values()):
        pytest.skip("an operator cannot be described")
    factory = variant.factory()
    again = pt.factory({"type": "cg", "preconditioner": factory.to_dict()})
    assert again.to_dict()["preconditioner"] == factory.to_dict()
