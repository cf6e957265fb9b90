"""Stopping criteria: `Iteration(n)`, `Residual(factor, baseline="rhs")`, and `a | b` of them."""

from petiole._core import Criterion, Iteration, Residual

__all__ = ["Criterion", "Iteration", "Residual"]
