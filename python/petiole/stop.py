"""Stopping criteria, and `a | b` and `a & b` of them."""

from petiole._core import (
    Criterion,
    Divergence,
    ImplicitResidual,
    Iteration,
    Predicate,
    Residual,
    Stagnation,
    Time,
)

__all__ = [
    "Criterion",
    "Divergence",
    "ImplicitResidual",
    "Iteration",
    "Predicate",
    "Residual",
    "Stagnation",
    "Time",
]
