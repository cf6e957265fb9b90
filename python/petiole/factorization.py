"""Factorizations of matrices, exact and incomplete.

Each gives a `Factorization`: the triangles L and U, permutations p and q with A[p][:, q] equal to L U or
close to it, and the operator x = (L U)^-1 b. A is a square matrix or local format of any dtype (float16 is widened);
of a matrix on several ranks each rank's local block, the rows and columns that it owns, is factorized.
All are collective. DimensionError where A is not square, NotSupported where it has no entries to look at,
InvalidArgument, with the row, where an entry is not finite.
"""

from collections.abc import Callable
from typing import Literal

from petiole import _core
from petiole._core import Factorization, LinOp
from petiole._together import collective, failing_together

__all__ = ["cholesky", "ic", "ilu", "ilut", "lu"]

Ordering = Literal["natural", "rcm", "min_degree", "nested_dissection"]
Pivot = Literal["error", "shift"]


Incomplete = Callable[..., _core.Ilu | _core.Ic | _core.Ilut]


def _factorized(
    A: LinOp, kind: Incomplete, pivot_tolerance: float | None, **options: object
) -> Factorization:
    """What a factory of that kind generates from A."""
    with failing_together(A):
        if pivot_tolerance is not None:
            options["pivot_tolerance"] = pivot_tolerance
        factory = kind(**options)
    return factory.generate(A)


@collective
def ilu(
    A: LinOp,
    level: int = 0,
    ordering: Ordering = "natural",
    pivot: Pivot = "error",
    pivot_tolerance: float | None = None,
) -> Factorization:
    """Incomplete LU by levels of fill, ILU(level); L has ones on its diagonal (collective).

    A pivot of at most pivot_tolerance (1e-14; 1e-6 in single precision) times its row's largest entry is an
    error, InvalidArgument with the row, or is shifted away from 0.
    """
    return _factorized(A, _core.Ilu, pivot_tolerance, level=level, ordering=ordering, pivot=pivot)


@collective
def ic(
    A: LinOp,
    level: int = 0,
    ordering: Ordering = "natural",
    pivot: Pivot = "error",
    pivot_tolerance: float | None = None,
) -> Factorization:
    """Incomplete Cholesky by levels of fill, IC(level): U is L^H (collective).

    For Hermitian positive definite A, of which the lower triangle alone is read. A pivot that is not
    positive is an error, InvalidArgument with the row, or A + alpha diag(A) is factorized, with an alpha
    that is found and then `shift`.
    """
    return _factorized(A, _core.Ic, pivot_tolerance, level=level, ordering=ordering, pivot=pivot)


@collective
def ilut(
    A: LinOp,
    drop_tolerance: float = 1e-4,
    fill: float = 10.0,
    match: bool = False,
    ordering: Ordering = "natural",
    pivot: Pivot = "error",
    pivot_tolerance: float | None = None,
) -> Factorization:
    """Incomplete LU by size; L has ones on its diagonal (collective).

    Entries below drop_tolerance times the norm of A's row are dropped; L and U have at most `fill` times as
    many entries as A. With `match` rows are permuted first by `petiole.ordering.match`, and what is
    small is told on A scaled accordingly, which is what matrices with zeros on the diagonal need. Pivots
    as in `ilu`.
    """
    return _factorized(
        A,
        _core.Ilut,
        pivot_tolerance,
        drop_tolerance=drop_tolerance,
        fill=fill,
        match=match,
        ordering=ordering,
        pivot=pivot,
    )


@collective
def lu(A: LinOp) -> Factorization:
    """LU with partial pivoting; L has ones on its diagonal (collective).

    Sparse by SuperLU, rows and columns permuted; a Dense by LAPACK, rows permuted. Pivots are the largest of A
    with its rows scaled to the same size by powers of two. InvalidArgument where A is singular but for rounding,
    with the column whose pivot is too small beside the largest entry of its row; NotSupported where Petiole was built without them.
    """
    return _core.lu(A)


@collective
def cholesky(A: LinOp, ordering: Ordering = "min_degree") -> Factorization:
    """A[p][:, p] = L L^H for Hermitian positive definite A: U is L^H (collective).

    The lower triangle of A alone is read. Sparse, rows and columns permuted alike by `ordering`; a Dense by
    LAPACK, not permuted. InvalidArgument where A is not positive definite, with the row; NotSupported
    where Petiole was built without what the ordering, or a Dense, needs.
    """
    return _core.cholesky(A, ordering)
