"""Every operator class: its product is the dense one, whatever the type, executor, columns and ranks."""

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
