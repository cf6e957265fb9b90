"""Every operator class: its product is the dense one, whatever the type, executor, columns and ranks."""

import gc

import numpy as np
import pytest
from problems import COLUMNS, cases, make, tolerance

import petiole as pt


@pytest.fixture(params=cases(), ids="-".join)
def case(request, comm):
    return make(*request.param, comm)


@pytest.mark.parametrize("columns", COLUMNS)
def test_product(case, columns):
    x, whole = case.x(1, columns)
    y, _ = case.y(2, columns)
    y.fill(np.nan)  # y = A x does not read y
    case.op.apply(x, y)
    expected = (case.dense @ whole)[case.rows]
    np.testing.assert_allclose(y.local, expected, atol=tolerance(case.dense.dtype, case.size))


@pytest.mark.parametrize("columns", COLUMNS)
def test_scaled_product(case, columns):
    x, x_whole = case.x(3, columns)
    y, y_whole = case.y(4, columns)
    alpha, beta = 0.75, -1.5
    if columns == 2:
        alpha, beta = np.array([0.75, 2.0]), np.array([-1.5, 0.5])
    case.op.apply(alpha, x, beta, y)
    expected = (alpha * (case.dense @ x_whole) + beta * y_whole)[case.rows]
    np.testing.assert_allclose(y.local, expected, atol=tolerance(case.dense.dtype, 3 * case.size))


def test_beta_zero_does_not_read_y(case):
    x, x_whole = case.x(3, None)
    y, _ = case.y(4, None)
    y.fill(np.nan)
    case.op.apply(2.0, x, 0.0, y)
    expected = 2 * (case.dense @ x_whole)[case.rows]
    np.testing.assert_allclose(y.local, expected, atol=tolerance(case.dense.dtype, 2 * case.size))


def test_matmul_makes_a_new_vector(case):
    x, whole = case.x(5, None)
    y = case.op @ x
    assert y.shape == (case.dense.shape[0],)
    expected = (case.dense @ whole)[case.rows]
    np.testing.assert_allclose(y.local, expected, atol=tolerance(case.dense.dtype, case.size))


def test_shape_and_dtype(case):
    assert case.op.shape == case.dense.shape
    assert case.op.dtype == case.dense.dtype


def test_wrong_sizes_fail_on_every_rank_and_leave_it_usable(case, comm):
    n, m = case.dense.shape
    x, whole = case.x(6, None)
    y, _ = case.y(7, None)
    longer = pt.Vector.zeros(comm, len(case.cols) + (comm.rank == 0), dtype=case.dense.dtype)
    with pytest.raises(pt.DimensionError) as caught:
        case.op.apply(longer, y)
    assert caught.value.rank == 0
    wide = pt.Vector.zeros(comm, len(case.rows), columns=2, dtype=case.dense.dtype)
    with pytest.raises(pt.DimensionError):
        case.op.apply(x, wide)
    other = "float32" if case.dense.dtype != np.float32 else "float64"
    with pytest.raises(pt.DtypeError):
        case.op.apply(pt.Vector.zeros(comm, len(case.cols), dtype=other), y)
    case.op.apply(x, y)
    expected = (case.dense @ whole)[case.rows]
    np.testing.assert_allclose(y.local, expected, atol=tolerance(case.dense.dtype, case.size))


def test_one_rank_with_a_wrong_vector_fails_everywhere(case, comm):
    """Only the last rank passes vectors of the wrong width."""
    last = comm.size - 1
    good = case.x(8, None)[0], case.y(9, None)[0]
    wide = case.x(8, 3)[0]
    x = wide if comm.rank == last else good[0]
    with pytest.raises(pt.DimensionError) as caught:
        case.op.apply(x, good[1])
    assert caught.value.rank == last


def test_in_place_is_refused(case):
    if case.dense.shape[0] != case.dense.shape[1] or case.dense.size == 0:
        pytest.skip("needs a square operator")
    x, _ = case.x(10, None)
    with pytest.raises(ValueError):
        case.op.apply(x, x)


def test_what_a_product_is_scaled_by_where_only_apply_impl_is_given(comm):
    """y = alpha A x + beta y with a number, or one per column; beta 0 does not read y."""
    for dtype in "float32", "float64", "complex64", "complex128":
        case = make("python", dtype, "openmp", "scattered", comm)
        x, x_whole = case.x(7, 3)
        y, y_whole = case.y(8, 3)
        beta = np.array([0.5, 2, -1])
        alpha = np.array([2, -1, 0.25])
        if np.dtype(dtype).kind == "c":
            alpha = alpha * (1 - 2j)
        case.op.apply(alpha, x, beta, y)
        product = (case.dense @ x_whole)[case.rows]
        expected = alpha * product + beta * y_whole[case.rows]
        np.testing.assert_allclose(y.local, expected, atol=tolerance(dtype, 6 * case.size))
        y.fill(np.nan)
        case.op.apply(-0.5, x, np.zeros(3), y)
        np.testing.assert_allclose(y.local, -0.5 * product, atol=tolerance(dtype, case.size))


class Keeping(pt.LinOp):
    """Keeps the vectors that it is lent, and NumPy views of them."""

    def __init__(self, matrix):
        super().__init__(matrix.shape, comm=matrix.comm, dtype=matrix.dtype)
        self.matrix, self.kept, self.views = matrix, [], []

    def apply_impl(self, b, x):
        self.matrix.apply(b, x)
        self.kept += [b, x]
        self.views.append((b.local, x.local, x.local.copy()))


def use_after(comm, dead, A, b):
    """What was lent is used on rank `comm.size - 1` alone, where the others give b."""
    here = comm.rank == comm.size - 1
    for use in (
        lambda v: A.apply(v, b.zeros_like()),
        lambda v: A.apply(b, v if here else b.zeros_like()),
        lambda v: pt.cg(A, v),
    ):
        with pytest.raises(pt.Expired, match="lent") as caught:
            use(dead if here else b)
        assert isinstance(caught.value, RuntimeError)
        assert comm.size == 1 or caught.value.rank == comm.size - 1
    for use in (lambda: dead.local, lambda: dead.norm(), lambda: dead + b, lambda: b.dot(dead)):
        with pytest.raises(RuntimeError, match="lent"):
            use()


def test_lent_vectors_end_with_the_call_on_every_rank(comm):
    case = make("from_coo", "float64", "openmp", "empty", comm)
    op = Keeping(case.op)
    x, whole = case.x(9, 2)
    y = op @ x
    for dead in op.kept:
        use_after(comm, dead, case.op, x)
    of_b, of_x, then = op.views[0]
    del op, x, y
    gc.collect()
    np.testing.assert_array_equal(of_b, whole[case.cols])
    np.testing.assert_array_equal(of_x, then)


def test_vectors_of_events_end_with_the_callback_on_every_rank(comm):
    case = make("from_coo", "float64", "openmp", "scattered", comm)
    A = case.op @ case.op.H + pt.Identity(case.op.shape[0], comm=comm, local_size=case.rows.size)
    b, _ = case.y(10, None)
    kept = []
    pt.cg(
        A, b, callback=lambda e: kept.append((e, e.x, e.r, e.x.local, e.x.local.copy())), maxiter=3
    )
    event, x, r, view, then = kept[-1]
    for dead in x, r:
        use_after(comm, dead, A, b)
    for use in (lambda: event.x, lambda: event.r):
        with pytest.raises(RuntimeError, match="has returned"):
            use()
    kept.clear()
    gc.collect()
    assert view.shape == then.shape and np.isfinite(view).all()
