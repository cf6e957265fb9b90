"""Operators in Python, under the name that they had in a module of their own."""

from .pyGinkgoBindings.distributed import PyLinOp

__all__ = ["PyLinOp", "call_apply"]


def call_apply(linop, b, x):
    """x = linop(b) (collective where b and x are distributed)."""
    linop.apply(b, x)
