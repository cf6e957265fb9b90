"""Solvers under their value types' names, those of the bindings; GMRES by the matrix's type; lobpcg."""

import petiole as pt

from . import pyGinkgoBindings as pgb
from ._linop import operator_of, together, vector_like, vector_of
from .device import device as executor_of
from .pyGinkgoBindings.solver import *  # noqa: F403
from .solving import value_type_of

METHODS = ("BLOPEX", "Basic", "Ortho", "Skip_ortho")


def gmres(
    device,
    matrix,
    max_iters,
    krylov_dim,
    reduction_factor,
    relative_stop_mode=False,
    preconditioner=None,
):
    """A GMRES solver of the matrix's value type, generated from it (collective where it is
    distributed). device: a name as for `pyGinkgo.device`, or an executor; the others are those of
    `gmres_<T>`."""
    with together(matrix, preconditioner):
        cls, exec = getattr(pgb.solver, f"gmres_{value_type_of(matrix)}"), executor_of(device)
    return cls(
        exec,
        matrix,
        max_iters,
        krylov_dim,
        reduction_factor,
        relative_stop_mode,
        preconditioner=preconditioner,
    )


def lobpcg(
    A,
    X0,
    nev,
    B=None,
    T=None,
    itmax=200,
    tol=1e-6,
    method="BLOPEX",
    A_products="implicit",
    B_products="implicit",
):
    """The smallest eigenvalues of A x = lambda B x, by LOBPCG (collective where A is distributed).

    A, B: symmetric operators, B positive definite, None being the identity. X0: the guess, a dense or a
    distributed vector of m columns, which stays as it is. nev: how many pairs, the first of the m, are
    waited for. T: a preconditioner, positive definite and about A^-1, or None. itmax: at most so many
    iterations. tol: a pair has converged where the norm of A x - lambda B x is at most tol |lambda| |B x|.
    method: "BLOPEX", which is as good a name as any for what Petiole does; of the others, "Basic",
    "Ortho" and "Skip_ortho", there is none. A_products, B_products: "implicit" or "explicit", which choose
    nothing: products are updated, and made afresh in the end.

    Returns Lambda, an array of m values, ascending; X, a new vector like X0, X^T B X = I; and the
    residuals' norms over |lambda|, an array of shape (m, iterations + 1).
    """
    with together(A, X0, B, T):
        if method not in METHODS:
            raise ValueError(
                f"Unknown LOBPCG method {method!r}: expected one of {', '.join(METHODS)}"
            )
        if method != "BLOPEX":
            raise NotImplementedError(f'LOBPCG method {method!r} is not implemented: use "BLOPEX"')
    options = {"T": T, "itmax": itmax, "tol": tol, "A_products": A_products}
    if B is None:
        return blopex_lobpcg_standard_impl_(A, X0, nev, **options)
    return blopex_lobpcg_generalized_impl_(A, B, X0, nev, B_products=B_products, **options)


def blopex_lobpcg_standard_impl_(A, X0, nev, *, T=None, itmax=200, tol=1e-6, A_products="implicit"):
    """`lobpcg` without B."""
    return _lobpcg(A, None, X0, nev, T, itmax, tol, A_products=A_products)


def blopex_lobpcg_generalized_impl_(
    A, B, X0, nev, *, T=None, itmax=200, tol=1e-6, A_products="implicit", B_products="implicit"
):
    """`lobpcg` with B."""
    return _lobpcg(A, B, X0, nev, T, itmax, tol, A_products=A_products, B_products=B_products)


def _lobpcg(A, B, X0, nev, T, itmax, tol, **products):
    with together(A, X0, B, T):
        guess = vector_of(X0)
        _check(guess.shape, nev, itmax, tol, products)
    A, B, T = (None if op is None else operator_of(op, guess) for op in (A, B, T))
    values, vectors, log = pt.lobpcg(
        A, guess, B, T, tol=tol, maxiter=itmax, largest=False, wanted=nev
    )
    history, theta = log.history, abs(log.values_history)
    history[-1], theta[-1] = log.residual_norms, abs(values)
    return values, vector_like(X0, vectors), (history / theta).T


def _check(shape, nev, itmax, tol, products):
    rows, columns = shape
    if not 1 <= nev <= columns:
        raise ValueError(f"nev is {nev}: expected 1 to {columns}, the columns of X0")
    if itmax < 0:
        raise ValueError(f"itmax is {itmax}: expected 0 or more")
    if not tol > 0:
        raise ValueError(f"tol is {tol}: expected more than 0")
    for name, value in products.items():
        if value not in ("implicit", "explicit"):
            raise ValueError(f'{name} is {value!r}: expected "implicit" or "explicit"')
    if columns >= rows or min(itmax + 1, 3) * columns > rows:
        raise ValueError(
            f"X0 is {rows} x {columns}: expected {min(itmax + 1, 3)} * X0.shape[1] <= X0.shape[0]"
        )
