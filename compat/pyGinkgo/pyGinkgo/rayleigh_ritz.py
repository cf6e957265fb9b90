"""The Rayleigh-Ritz procedure on dense blocks."""

import numpy as np

import petiole as pt

from . import pyGinkgoBindings as pgb
from ._linop import operator_of, vector_of
from .device import device as executor_of
from .solving import dense_of

__all__ = ["RR1", "mul"]


def mul(a, b, dtype="float", device="cpu"):
    """a @ b, a new dense object of a value type (local)."""
    product = getattr(pgb.matrix, f"dense_{dtype}")(executor_of(device), (a.shape[0], b.shape[1]))
    a.apply(b, product)
    return product


def RR1(X, AX, BX, dtype="float", device="cpu"):
    """The eigenpairs of (A, B), symmetric and symmetric positive definite, on the space that X's
    columns span: (hX, Lambda), dense objects of a value type (local).

    X, AX, BX: dense blocks, the latter the products with A and B. Lambda: the Ritz values, ascending,
    one column. hX: their coefficients; X hX are the Ritz vectors, hX^T X^T BX hX = I.

    As usual (Golub and Van Loan, Matrix Computations, 4th ed., algorithm 8.7.1): with X^T BX = L L^T
    the problem is that of the symmetric L^-1 (X^T AX) L^-T, whose eigenvectors are L^T hX. In double
    whatever the types, since it squares the condition of X.
    """
    dense = getattr(pgb.matrix, f"dense_{dtype}")
    wide = np.result_type(dense.dtype, np.float64)
    XT = operator_of(X).astype(wide).transpose()
    G, H = ((XT @ vector_of(block).astype(wide)).local for block in (AX, BX))
    L = pt.factorization.cholesky(pt.Dense.view(H)).lower
    lower, upper = pt.LowerTrs().generate(L), pt.UpperTrs().generate(L.transpose())

    half = lower @ pt.Vector.from_local(None, G)
    reduced = (lower @ pt.Vector.from_local(None, np.ascontiguousarray(half.local.T))).local
    identity = pt.Vector.from_local(None, np.eye(*reduced.shape, dtype=wide))
    values, Y = pt.rayleigh_ritz(pt.Dense.view(reduced), identity)
    hX = (upper @ Y).local
    exec = executor_of(device)
    return dense_of(dense, exec, hX), dense_of(dense, exec, values[:, None])
