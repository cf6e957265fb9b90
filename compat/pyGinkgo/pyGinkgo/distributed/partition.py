"""Partitions: which rank owns which global index."""

from .. import _partition
from .._partition import Partition

__all__ = ["Partition"]

_resolve = _partition.partition_class
