"""Half precision: float16 is stored, computed with as float32, and rounded once. The oracle is NumPy's
float32 and its astype("float16"), which rounds the same way, to the nearest and ties to even."""

import numpy as np
import pytest
from problems import COLUMNS, EXECUTORS, OPERATORS, cases, make, mine, owners, partition, random

import petiole as pt

N = 31
HALF = np.float16


@pytest.fixture(params=list(EXECUTORS))
def exec_(request):
    return EXECUTORS[request.param]()


def halves(shape, seed):
    return random(shape, "float32", seed).astype(HALF)


def vector(comm, columns, seed, exec_=None, n=N, kind="empty"):
    """A vector of halves whose global order is rank order, and all of it as an array."""
    own = mine(np.sort(owners(kind, n, comm.size)), comm.rank)
    whole = halves((n,) if columns is None else (n, columns), seed)
    return pt.Vector.from_local(comm, whole[own], exec=exec_), whole, own


def rounded(values):
    """What float32 arithmetic gives, as halves."""
    assert values.dtype == np.float32
    return values.astype(HALF)


def same(actual, expected):
    assert actual.dtype == HALF
    np.testing.assert_array_equal(actual, expected)


# ---- vectors -------------------------------------------------------------------------------------


def test_what_a_vector_says(comm):
    v, whole, own = vector(comm, 3, 1)
    assert v.dtype == HALF and v.shape == (N, 3) and "float16" in repr(v)
    same(v.local, whole[own])
    same(np.asarray(v), whole[own])
    same(np.from_dlpack(v), whole[own])
    same(v.copy().local, whole[own])
    same(v.zeros_like().local, 0 * whole[own])
    z = pt.Vector.zeros(comm, comm.rank, dtype="float16")
    assert z.dtype == HALF and not z.local.any()


def test_a_view_is_the_same_memory(comm):
    memory = halves((6, 4), 2)
    expected = memory.copy()
    v = pt.Vector.view(comm, memory[:, :3])
    v.scale(3.0)
    expected[:, :3] = rounded(expected[:, :3].astype("float32") * np.float32(3))
    same(memory, expected)
    memory[0, 0] = 7
    assert v.local[0, 0] == 7
    v.local[1, 1] = 9
    assert memory[1, 1] == 9


@pytest.mark.parametrize("columns", COLUMNS)
def test_arithmetic_rounds_once(comm, exec_, columns):
    u, a, own = vector(comm, columns, 3, exec_)
    v, b, _ = vector(comm, columns, 4, exec_)
    a, b = a[own].astype("float32"), b[own].astype("float32")
    third = np.float32(1 / 3)
    same((u + v).local, rounded(a + b))
    same((u - v).local, rounded(a - b))
    same((u * (1 / 3)).local, rounded(a * third))
    same((u / 3).local, rounded(a / np.float32(3)))
    same((-u).local, rounded(-a))
    same(u.abs().local, rounded(abs(a)))
    same(u.real.local, rounded(a))
    same(u.conj().local, rounded(a))
    same(u.imag.local, rounded(0 * a))
    w = u.copy()
    w.add_scaled(1 / 3, v)
    same(w.local, rounded(a + third * b))
    w.copy_from(u)
    w.sub_scaled(1 / 3, v)
    same(w.local, rounded(a - third * b))
    w.fill(1 / 3)
    same(w.local, np.full_like(a, 1 / 3).astype(HALF))


def test_one_coefficient_per_column(comm):
    u, a, own = vector(comm, 3, 5)
    for dtype in ("float16", "float64"):
        w = u.copy()
        w.scale(np.array([2.0, 0.5, -1.0], dtype))
        same(w.local, rounded(a[own].astype("float32") * np.float32([2, 0.5, -1])))


@pytest.mark.parametrize("columns", COLUMNS)
def test_sums_are_made_in_double(comm, exec_, columns):
    u, a, _ = vector(comm, columns, 6, exec_)
    v, b, _ = vector(comm, columns, 7, exec_)
    a, b = a.astype("float64"), b.astype("float64")

    def close(actual, expected):
        np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=1e-12)

    close(u.dot(v), (a * b).sum(axis=0))
    close(u.conj_dot(v), (a * b).sum(axis=0))
    close(u @ v, (a * b).sum(axis=0))
    close(u.sum(), a.sum(axis=0))
    close(u.mean(), a.mean(axis=0))
    close(u.norm(), np.linalg.norm(a, axis=0))
    close(u.norm(1), abs(a).sum(axis=0))
    close(u.norm(np.inf), abs(a).max(axis=0))


def test_a_sum_passes_the_range_of_halves(comm):
    v = pt.Vector.from_local(comm, np.full(3, 60000, HALF))
    assert v.sum() == 3 * comm.size * 60000
    assert v.dot(v) == 3 * comm.size * 60000.0**2
    v += v
    assert np.isinf(v.local).all()


def test_astype(comm):
    u, a, own = vector(comm, 2, 8)
    for other in ("float32", "float64", "complex64", "complex128", "float16"):
        converted = u.astype(other)
        assert converted.dtype == other
        np.testing.assert_array_equal(converted.local, a[own].astype(other))
    wide = np.array([1 + 2.0**-11 + 2.0**-40, 65520, -1e-9, 1e300, np.nan, 3e-8, -65519.9])
    with np.errstate(over="ignore"):
        expected = wide.astype(HALF)
    same(pt.Vector.from_local(comm, wide).astype("float16").local, expected)
    with pytest.raises(pt.DtypeError, match="real part"):
        u.astype("complex64").astype("float16")


@pytest.mark.parametrize("columns", (None, 3))
@pytest.mark.parametrize("kind", ("empty", "scattered"))
def test_values_travel_to_their_owners_and_back(comm, columns, kind):
    whole = halves((N,) if columns is None else (N, columns), 9)
    give = np.random.default_rng(8).integers(0, comm.size, N) == comm.rank
    v = pt.Vector.from_global(
        comm, partition(kind, N, comm), np.flatnonzero(give)[::-1], whole[give][::-1]
    )
    own = mine(owners(kind, N, comm.size), comm.rank)
    same(v.local, whole[own])
    same(v.allgather(), whole)
    for root in range(comm.size):
        gathered = v.gather(root)
        if comm.rank == root:
            same(gathered, whole)
        else:
            assert gathered is None
    moved = v.redistribute(pt.Partition.uniform(comm.size, N))
    same(moved.local, whole[mine(owners("uniform", N, comm.size), comm.rank)])


def test_what_arrives_twice_is_summed_in_float(comm):
    """Ranks and their pieces are added as floats, and rounded once: in halves 2048 + 1 is 2048."""
    p = pt.Partition.uniform(comm.size, comm.size)
    rows = np.zeros(3, np.int64)
    v = pt.Vector.from_global(comm, p, rows, np.array([2048, 1, 1], HALF))
    if comm.rank == 0:
        assert v.local[0] == np.float32(2050 * comm.size).astype(HALF)


def test_no_rows(comm):
    v = pt.Vector.zeros(comm, 0, columns=2, dtype="float16")
    assert v.shape == (0, 2) and v.norm().tolist() == [0, 0] and np.isnan(v.mean()).all()
    assert v.allgather().shape == (0, 2) and (v + v).dtype == HALF
    empty = pt.Vector.from_global(
        comm, pt.Partition.uniform(comm.size, 0), [], np.zeros((0, 2), HALF)
    )
    assert empty.shape == (0, 2)


def test_dtypes_do_not_mix_in_arithmetic(comm):
    u, _, _ = vector(comm, None, 10)
    with pytest.raises(pt.DtypeError):
        u + u.astype("float32")
    with pytest.raises(pt.DtypeError):
        u.dot(u.astype("float32"))
    with pytest.raises(pt.DtypeError):
        u.scale(1j)


@pytest.mark.parametrize("columns", (None, 2))
def test_files(comm, folder, columns):
    v, whole, own = vector(comm, columns, 11)
    path = str(folder / "half.mtx")
    v.write(path)
    back = pt.Vector.read(path, comm, dtype="float16")
    same(back.allgather(), whole)
    wide = pt.Vector.read(path, comm, dtype="float32")
    np.testing.assert_array_equal(wide.allgather(), whole.astype("float32"))
    with pytest.raises(pt.NotSupported, match="MatrixMarket"):
        v.write(str(folder / "half.ptl"))
    v.astype("float64").write(str(folder / "wide.ptl"))
    same(pt.Vector.read(str(folder / "wide.ptl"), comm, dtype="float16").allgather(), whole)


# ---- operators on vectors of halves ---------------------------------------------------------------


@pytest.fixture(params=cases(list(OPERATORS), dtypes=2), ids="-".join)
def case(request, comm):
    return make(*request.param, comm)


def wide_apply(case, op, args):
    """The same product with vectors of the dtype that halves are computed with."""
    made = [a.astype(case.dense.dtype) if isinstance(a, pt.Vector) else a for a in args]
    op.apply(*made)
    return made[-1]


@pytest.mark.parametrize("columns", (None, 3))
def test_every_operator_takes_halves(case, columns):
    if case.dense.dtype.kind == "c":
        x, y = case.x(1, columns, "float16")[0], case.y(2, columns, "float16")[0]
        with pytest.raises(pt.DtypeError, match="complex"):
            case.op.apply(x, y)
        return
    for form in (case, *map(case.form, case.forms)):
        x, x_whole = form.x(1, columns, "float16")
        y, y_whole = form.y(2, columns, "float16")
        size = 4 * np.finfo(HALF).eps * form.size
        form.op.apply(0.5, x, 2.0, y)
        product = form.dense.astype("float64") @ x_whole.astype("float64")
        expected = (0.5 * product + 2 * y_whole.astype("float64"))[form.rows]
        np.testing.assert_allclose(y.local, expected, atol=size)
        form.op.apply(x, y)
        np.testing.assert_allclose(y.local, product[form.rows], atol=size)
        assert y.dtype == HALF


def test_one_of_the_vectors_may_be_of_halves(case):
    dtype = case.dense.dtype
    x, y = case.x(3, 2, "float16")[0], case.y(4, 2)[0]
    case.op.apply(1.5, x, 0.5, y)
    wide_x, wide_y = x.astype(dtype), case.y(4, 2)[0]
    case.op.apply(1.5, wide_x, 0.5, wide_y)
    np.testing.assert_array_equal(y.local, wide_y.local)
    if dtype.kind == "f":
        y = case.y(4, 2, "float16")[0]
        wide_y = y.astype(dtype)
        case.op.apply(1.5, wide_x, 0.5, y)
        case.op.apply(1.5, wide_x, 0.5, wide_y)
        same(y.local, wide_y.astype("float16").local)


def test_the_errors_of_a_product(comm):
    A = pt.Identity(N, comm, dtype="float32")
    x = pt.Vector.from_global(comm, pt.Partition.uniform(comm.size, N), [], np.zeros(0, HALF))
    with pytest.raises(pt.InvalidArgument, match="share memory"):
        A.apply(x, x)
    with pytest.raises(pt.DimensionError):
        A.apply(pt.Vector.zeros(comm, 1, dtype="float16"), x)
    with pytest.raises(pt.NotSupported, match="float32"):
        pt.Identity(N, comm, dtype="float16")
    y = x.zeros_like() if comm.rank else x  # on one rank alone
    with pytest.raises(pt.InvalidArgument) as caught:
        A.apply(x, y)
    assert caught.value.rank == 0


class Doubles(pt.LinOp):
    """User code sees float32, whatever comes from outside."""

    def apply_impl(self, b, x):
        assert b.dtype == x.dtype == np.float32
        if self.fails:
            raise KeyError("no")
        x.local[:] = 2 * b.local


def test_user_code_gets_floats(comm):
    own = mine(owners("uniform", N, comm.size), comm.rank)
    op = Doubles(N, comm, dtype="float32")
    op.fails = False
    whole = halves(N, 12)
    x = pt.Vector.from_local(comm, whole[own])
    same((op @ x).local, rounded(2 * whole[own].astype("float32")))
    op.fails = comm.rank == comm.size - 1
    y = x.copy()
    with pytest.raises(KeyError if op.fails else pt.RemoteError):
        op.apply(x, y)
    same(y.local, whole[own])  # nothing was rounded into it
    with pytest.raises(pt.NotSupported, match="float32"):
        Doubles(N, comm, dtype="float16")


def test_a_solve_works_in_its_own_dtype(comm):
    """b and x are halves; what comes back is the solution in float, rounded."""
    n = 20
    p = pt.Partition.uniform(comm.size, n)
    first, last = p.ranges[comm.rank][0], p.ranges[comm.rank][1]
    rows = np.arange(first, last)
    for dtype in ("float32", "float64"):
        A = pt.Matrix.from_coo(comm, p, rows, rows, (1 + rows).astype(dtype))
        b = pt.Vector.from_local(comm, halves(n, 13)[rows])
        solver = pt.Cg(rtol=1e-5).generate(A)
        x, wide = b.zeros_like(), b.astype(dtype).zeros_like()
        log = solver.apply(b, x)
        other = solver.apply(b.astype(dtype), wide)
        assert log.converged and log.history.tolist() == other.history.tolist()
        same(x.local, wide.astype("float16").local)
        x, log = pt.cg(A, b, rtol=1e-5)
        same(x.local, wide.astype("float16").local)


def test_what_takes_no_halves_says_so(comm):
    A = pt.Matrix.from_local(comm, pt.Csr(np.eye(3, dtype="float32")))
    X = pt.Vector.from_local(comm, halves((3, 2), 14))
    with pytest.raises(pt.NotSupported, match="astype"):
        pt.lobpcg(A, X)
    with pytest.raises(pt.NotSupported, match="astype"):
        pt.rayleigh_ritz(A, X)


@pytest.mark.parametrize("checked", [True, False])
def test_a_solution_that_halves_do_not_hold_is_not_converged(checked, comm):
    """On one rank, in one column: what rounds to infinity, beside the largest that does not."""
    own = mine(owners("uniform", N, comm.size), comm.rank)
    A = pt.Diagonal(pt.Vector.from_local(comm, np.full(N, 2.0**-6, "float32")[own]))
    whole = np.ones((N, 3), HALF)
    whole[-1, :2] = 1024, 1023.5
    b = pt.Vector.from_local(comm, whole[own])
    x, wide = b.zeros_like(), b.astype("float32").zeros_like()
    solver = pt.Cg(true_residual=checked).generate(A)
    assert solver.apply(b, x).reasons == ("non_finite", "rtol", "rtol")
    assert solver.apply(b, wide).converged
    with np.errstate(over="ignore"):
        same(x.local, rounded(wide.local))
