"""Orderings of a matrix's rows and columns that serve its factors.

A permutation `p` puts row `p[k]` of A in place `k`. All are local: of a matrix on several ranks they
order the local block, the rows and columns that the rank owns, by local numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole import _core

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from petiole._core import LinOp

__all__ = ["match", "min_degree", "nested_dissection", "rcm"]


def rcm(A: LinOp) -> NDArray[np.int64]:
    """Reverse Cuthill-McKee, for rows and columns alike, which makes the bandwidth small (local).

    A is a square matrix or local format; its pattern counts as symmetric. An array of shape (n,), n
    being A's local rows. DimensionError; NotSupported where A has no entries to look at.
    """
    return _core.order(A, "rcm")


def min_degree(A: LinOp) -> NDArray[np.int64]:
    """Multiple minimum degree, for rows and columns alike, which makes few new entries (local).

    By SuperLU, on the pattern of A + A^T. As `rcm` otherwise; NotSupported also where Petiole was built
    without SuperLU, or A has more entries than it counts.
    """
    return _core.order(A, "min_degree")


def nested_dissection(A: LinOp) -> NDArray[np.int64]:
    """Nested dissection, for rows and columns alike, which makes few new entries (local).

    By METIS. As `rcm` otherwise; NotSupported also where Petiole was built without METIS, or A has
    more entries than it counts.
    """
    return _core.order(A, "nested_dissection")


def match(A: LinOp) -> NDArray[np.int64]:
    """A permutation of rows alone that brings large entries to the diagonal (local).

    Row `p[k]` in place `k`, such that the product of the diagonal's absolute values is as large as it can
    be (Duff and Koster, 2001). An array of shape (n,). InvalidArgument where A is structurally singular,
    with a column that can have no pivot, or an entry is not finite; DimensionError, NotSupported as `rcm`.
    """
    return _core.match(A)
