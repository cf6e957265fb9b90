"""The solvers' functions; their documentation is in the docstrings."""

from collections.abc import Callable
from typing import Any, Literal, SupportsFloat, SupportsIndex

from petiole._core import Criterion, Event, Factory, LinOp, Log, Vector

FUNCTIONS: dict[str, Callable[..., tuple[Vector, Log]]]

def function(name: str, factory: type[Factory]) -> Callable[..., tuple[Vector, Log]]: ...
def cg(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def bicgstab(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def gmres(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    restart: SupportsIndex = 30,
    orthogonalization: Literal["mgs", "cgs", "cgs2"] = "mgs",
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def fgmres(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    restart: SupportsIndex = 30,
    orthogonalization: Literal["mgs", "cgs", "cgs2"] = "mgs",
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def gcr(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    restart: SupportsIndex = 30,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def minres(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def idr(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    s: SupportsIndex = 4,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def ir(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    relaxation: SupportsFloat = 1.0,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def chebyshev(
    A: LinOp,
    b: Vector,
    x0: Vector | None = None,
    *,
    rtol: SupportsFloat | None = 1e-5,
    atol: SupportsFloat | None = 0.0,
    maxiter: SupportsIndex | None = None,
    M: LinOp | Factory | None = None,
    stop: Criterion | None = None,
    callback: Callable[[Event], Any] | None = None,
    true_residual: bool = True,
    bounds: tuple[SupportsFloat, SupportsFloat] | None = None,
    steps: SupportsIndex = 12,
    progress: bool = False,
) -> tuple[Vector, Log]: ...
def _solve(
    factory: Callable[..., Factory],
    name: str,
    A: LinOp,
    b: Vector,
    x0: Vector | None,
    progress: bool,
    options: dict[str, Any],
) -> tuple[Vector, Log]: ...
