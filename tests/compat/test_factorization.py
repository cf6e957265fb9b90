"""Factors of local and of distributed matrices."""

import numpy as np
import pytest
from ranks_and_rows import EXEC, NUMBERS, OWNERS, assembled, csr, local, tridiagonal, vector

import pyGinkgo as pg
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 8
A = tridiagonal(N) + tridiagonal(N).T


def dense_of(matrix):
    return np.asarray(matrix.convert_to_dense()).reshape(matrix.shape)


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("owned_by", OWNERS)
def test_of_a_distributed_matrix_each_rank_has_its_block(comm, dtype, owned_by):
    """On one rank that is all of it."""
    owners = OWNERS[owned_by](N, comm.size)
    array = A + (np.triu(1j * A, 1) - np.tril(1j * A, -1) if dtype.startswith("complex") else 0)
    matrix = assembled(comm, owners, array, dtype)
    block = array[owners == comm.rank][:, owners == comm.rank]
    given = gkd.DistributedMatrix(matrix) if dtype == "double" else matrix
    L, U = pg.factor(given, "Lower"), pg.factor(given)
    assert type(L) is type(U) is getattr(pgb.matrix, f"Csr_{dtype}_int32")
    tolerance = 50 * np.finfo(NUMBERS[dtype]).eps
    np.testing.assert_allclose(dense_of(L) @ dense_of(U), block, tolerance, tolerance)
    assert np.array_equal(dense_of(L), np.tril(dense_of(L)))


def test_it_solves_with_the_blocks(comm):
    owners = OWNERS["even"](N, comm.size)
    b, x = (vector(comm, owners, np.full(N, value)) for value in (1.0, 0.0))
    factorization = pgb.factorization.factorization(EXEC, assembled(comm, owners, A))
    factorization.apply(b, gkd.DistributedVector(x))
    here = owners == comm.rank
    np.testing.assert_allclose(local(x), np.linalg.solve(A[here][:, here], np.ones(here.sum())))
    solver = pgb.solver.cg_double(EXEC, assembled(comm, owners, A), factorization, 50, 1e-10)
    x.fill(0.0)
    assert solver.apply(b, x)[0].has_converged()


def test_what_is_not_definite_on_one_rank(comm):
    owners = OWNERS["even"](N, comm.size)
    array = np.diag(np.where(np.arange(N) == N - 1, -1.0, 1.0))
    with pytest.raises(ValueError, match="positive"):
        pg.factor(assembled(comm, owners, array))


def test_what_has_no_factors(comm):
    class Own(gkd.PyLinOp):
        def apply_impl(self, b, x):
            x.fill(0.0)

    for wrong in (
        None,
        "A",
        np.eye(2),
        Own(EXEC, (2, 2)),
        vector(comm, np.zeros(2, int), np.ones(2)),
    ):
        with pytest.raises(TypeError):
            pg.factor(wrong)
    with pytest.raises(ValueError, match="Upper"):
        pg.factor(csr(np.eye(2)), "Middle")
    with pytest.raises(ValueError):
        pg.factor(pgb.matrix.Csr_double_int32(EXEC, pgb.matrix.dense_double(EXEC, np.ones((2, 3)))))
