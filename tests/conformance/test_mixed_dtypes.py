"""Matrices on vectors of another dtype: the product is made in the vectors' dtype."""

import numpy as np
import pytest
from problems import DTYPES, FORMATS, OPERATORS, cases, make, tolerance

import petiole as pt

MIXING = ["from_coo", "rectangular", "from_local", "transpose", "diagonal", "identity"]
MIXING += [f"to-{name}" for name in FORMATS]
STRICT = ["python", "jacobi"]


def test_the_names_are_operators():
    assert set(MIXING + STRICT) <= set(OPERATORS)


def allowed(matrix, vectors):
    return np.dtype(vectors).kind == "c" or np.dtype(matrix).kind == "f"


@pytest.fixture(params=cases(MIXING), ids="-".join)
def case(request, comm):
    return make(*request.param, comm)


def others(case):
    """The dtypes that its vectors may have too."""
    return [d for d in DTYPES if d != case.dense.dtype and allowed(case.dense.dtype, d)]


def check(case, dtype):
    x, x_whole = case.x(1, 3, dtype)
    y, y_whole = case.y(2, 3, dtype)
    near = tolerance(dtype, 3 * case.size)
    product = case.dense.astype(np.result_type(case.dense.dtype, dtype)) @ x_whole
    case.op.apply(0.5, x, 2.0, y)
    np.testing.assert_allclose(y.local, (0.5 * product + 2 * y_whole)[case.rows], atol=near)
    case.op.apply(x, y)
    np.testing.assert_allclose(y.local, product[case.rows], atol=near)
    made = case.op @ x
    assert made.dtype == dtype
    np.testing.assert_allclose(made.local, product[case.rows], atol=near)


def test_products(case):
    for dtype in others(case):
        check(case, dtype)
        for form in map(case.form, case.forms):
            check(form, dtype)


def test_a_complex_matrix_refuses_real_vectors(case):
    if case.dense.dtype.kind != "c":
        pytest.skip("needs a complex matrix")
    for dtype in ("float32", "float64"):
        with pytest.raises(pt.DtypeError):
            case.op.apply(case.x(4, None, dtype)[0], case.y(5, None, dtype)[0])
        with pytest.raises(pt.DtypeError):
            case.op @ case.x(4, None, dtype)[0]


def test_two_dtypes_of_vectors_are_refused_on_every_rank(case, comm):
    """Only the last rank's y has another dtype."""
    same, odd = case.y(6, None)[0], case.y(6, None, others(case)[0])[0]
    y = odd if comm.rank == comm.size - 1 else same
    with pytest.raises(pt.DtypeError) as caught:
        case.op.apply(case.x(7, None)[0], y)
    assert caught.value.rank == comm.size - 1


@pytest.mark.parametrize("params", cases(STRICT, dtypes=2), ids="-".join)
def test_other_classes_take_their_own_dtype(params, comm):
    case = make(*params, comm)
    other = "complex64" if case.dense.dtype != "complex64" else "complex128"
    with pytest.raises(pt.DtypeError):
        case.op.apply(case.x(8, None, other)[0], case.y(9, None, other)[0])
