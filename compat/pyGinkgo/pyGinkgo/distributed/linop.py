"""Operators without a matrix."""

from ..pyGinkgoBindings.distributed import PyLinOp

__all__ = ["PyLinOp"]
