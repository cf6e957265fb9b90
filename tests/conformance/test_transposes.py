"""Transposed and Hermitian products of every operator class: those of the dense matrix."""

import numpy as np
import pytest
from problems import cases, make, tolerance

import petiole as pt


@pytest.fixture(params=cases(dtypes=2), ids="-".join)
def case(request, comm):
    made = make(*request.param, comm)
    for form in set("TH") - set(made.forms):
        with pytest.raises(pt.NotSupported):
            getattr(made.op, form)
    if not made.forms:
        pytest.skip("has no transposed product")
    return made


def near(case, factor=1):
    return tolerance(case.dense.dtype, factor * case.size * 4)


@pytest.mark.parametrize("columns", (None, 3))
def test_products(case, columns):
    for form in map(case.form, case.forms):
        x, x_whole = form.x(1, columns)
        y, y_whole = form.y(2, columns)
        form.op.apply(0.75, x, -1.5, y)
        expected = (0.75 * (form.dense @ x_whole) - 1.5 * y_whole)[form.rows]
        np.testing.assert_allclose(y.local, expected, atol=near(case, 3))
        y.fill(np.nan)  # y = A x does not read y
        form.op.apply(x, y)
        expected = (form.dense @ x_whole)[form.rows]
        np.testing.assert_allclose(y.local, expected, atol=near(case))
        y.fill(np.nan)
        form.op.apply(2.0, x, 0.0, y)
        np.testing.assert_allclose(y.local, 2 * expected, atol=near(case, 2))


def test_matmul_makes_a_vector_of_the_columns(case):
    for form in map(case.form, case.forms):
        x, whole = form.x(3, None)
        expected = (form.dense @ whole)[form.rows]
        np.testing.assert_allclose((form.op @ x).local, expected, atol=near(case))


def test_the_adjoint_identity(case):
    """(A x, y) = (x, A^H y), and without conjugation for the transpose."""
    if case.forms != "TH":
        pytest.skip("has one form alone")
    x, y = case.x(4, None)[0], case.y(5, None)[0]
    Ax, Ahy, Aty = case.op @ x, case.op.H @ y, case.op.T @ y
    close = {"rtol": 0, "atol": near(case, 50 * (1 + x.norm() * y.norm()))}
    np.testing.assert_allclose(Ax.conj_dot(y), x.conj_dot(Ahy), **close)
    np.testing.assert_allclose(Ax.dot(y), x.dot(Aty), **close)


def test_twice_is_the_operator_itself(case):
    for form in case.forms:
        once = getattr(case.op, form)
        assert once.shape == case.op.shape[::-1] and once.dtype == case.op.dtype
        assert getattr(once, form) is case.op or isinstance(once, pt.Matrix)


def test_wrong_sizes_fail_on_every_rank(case, comm):
    form = case.form("T")
    x, whole = form.x(6, None)
    y, _ = form.y(7, None)
    longer = pt.Vector.zeros(comm, len(form.cols) + (comm.rank == 0), dtype=case.dense.dtype)
    with pytest.raises(pt.DimensionError) as caught:
        form.op.apply(longer, y)
    assert caught.value.rank == 0
    form.op.apply(x, y)
    expected = (form.dense @ whole)[form.rows]
    np.testing.assert_allclose(y.local, expected, atol=near(case))
