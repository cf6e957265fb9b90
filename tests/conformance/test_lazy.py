"""Operators made of operators by @, +, - and *: products and sums that are made when applied."""

import numpy as np
import pytest
from problems import (
    DTYPES,
    EXECUTORS,
    PARTITIONS,
    matrix_from_coo,
    matrix_rectangular,
    tolerance,
)

import petiole as pt


@pytest.fixture(params=zip(DTYPES, (*PARTITIONS, "empty")), ids="-".join)
def problem(request, comm):
    """A square matrix and a wide one on the same rows, as cases."""
    dtype, kind = request.param
    exec_ = EXECUTORS["openmp"]()
    return matrix_from_coo(comm, kind, dtype, exec_), matrix_rectangular(
        comm, kind, dtype, exec_, n=23
    )


def near(case, size):
    return {"rtol": 0, "atol": tolerance(case.dense.dtype, 4 * size)}


def test_an_expression(problem, comm):
    square, wide = problem
    A, R, one = square.op, wide.op, pt.Identity(23, comm, len(square.rows), square.dense.dtype)
    L = 2 * A - 0.5 * (R @ R.H) + -(one @ A.T)
    dense = 2 * square.dense - 0.5 * wide.dense @ wide.dense.conj().T - square.dense.T
    assert L.shape == (23, 23) and L.dtype == square.dense.dtype
    x, whole = square.x(1, 2)
    expected = (dense @ whole)[square.rows]
    size = np.abs(dense).sum(axis=1).max()
    np.testing.assert_allclose((L @ x).local, expected, **near(square, size))
    y, y_whole = square.y(2, 2)
    L.apply(np.array([1.0, -2.0]), x, 0.5, y)
    expected = ([1, -2] * (dense @ whole) + 0.5 * y_whole)[square.rows]
    np.testing.assert_allclose(y.local, expected, **near(square, 3 * size))


def test_products_live_where_the_outer_operator_maps(problem):
    """Results of rectangular chains are on the partition of the rows of the first operator."""
    square, wide = problem
    x, whole = wide.x(3, None)
    down = square.op.T @ wide.op  # 23 x 29
    np.testing.assert_allclose(
        (down @ x).local,
        (square.dense.T @ (wide.dense @ whole))[square.rows],
        **near(square, np.abs(square.dense.T @ wide.dense).sum(axis=1).max()),
    )
    z, whole = square.x(4, None)
    up = wide.op.T @ pt.Combination([1, 1], [square.op, square.op.T])  # 29 x 23
    dense = wide.dense.T @ (square.dense + square.dense.T)
    np.testing.assert_allclose(
        (up @ z).local, (dense @ whole)[wide.cols], **near(square, np.abs(dense).sum(axis=1).max())
    )


def test_a_solver_takes_them(problem, comm):
    square, wide = problem
    one = pt.Identity(23, comm, len(square.rows), square.dense.dtype)
    b, _ = square.x(5, None)
    L = wide.op @ wide.op.H + 20 * one
    x, log = pt.cg(L, b, rtol=1e-4)
    assert log.converged
    assert (L @ x - b).norm() <= 2e-4 * b.norm()


def test_what_does_not_fit_is_refused(problem):
    square, wide = problem
    with pytest.raises(pt.DimensionError):
        pt.Composition(wide.op, square.op)
    with pytest.raises(pt.DimensionError):
        pt.Combination([1, 1], [wide.op, square.op])
    other = "float32" if square.dense.dtype != "float32" else "float64"
    with pytest.raises(pt.DtypeError):
        square.op @ pt.Identity(23, square.comm, len(square.rows), other)
    if square.comm.size > 1:
        with pytest.raises(pt.InvalidArgument):
            square.op @ pt.Identity(23, dtype=square.dense.dtype)


class Failing(pt.LinOp):
    """Its transposed product raises on the last rank."""

    def apply_impl(self, b, x):
        x.local = b.local

    def apply_transpose_impl(self, b, x):
        x.local = b.local
        if self.comm.rank == self.comm.size - 1:
            raise KeyError("as asked")


@pytest.mark.parametrize("dtype", ("float64", "complex64"))
@pytest.mark.parametrize("form", "TH")
def test_user_code_that_raises_on_one_rank(comm, dtype, form):
    op = Failing(4 * comm.size, comm, dtype)
    x = pt.Vector.zeros(comm, 4, dtype=dtype)
    y = x.zeros_like()
    for L in (getattr(op, form), getattr(op, form) @ op, 2 * getattr(op, form)):
        with pytest.raises(KeyError if comm.rank == comm.size - 1 else pt.RemoteError):
            L.apply(x, y)
    op.apply(x, y)


def test_identity_divides_its_rows_evenly(comm):
    n = 2 * comm.size + 1
    op = pt.Identity(n, comm)
    part = pt.Partition.uniform(comm.size, n)
    x = pt.Vector.from_local(comm, np.arange(part.part_size(comm.rank), dtype=float))
    np.testing.assert_array_equal((op @ x).local, x.local)
    with pytest.raises(pt.DimensionError):
        pt.Identity(n, comm, local_size=1)
    assert pt.Identity(None, comm, local_size=3).shape == (3 * comm.size, 3 * comm.size)
    with pytest.raises(pt.InvalidArgument) as caught:
        pt.Identity(n if comm.rank else -1, comm)
    assert caught.value.rank == 0
