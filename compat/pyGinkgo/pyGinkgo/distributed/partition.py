"""Partitions: which rank owns which global index."""

import numpy as np

from ..pyGinkgoBindings import distributed as _distributed
from ._resolve import resolve

__all__ = ["Partition"]


def _resolve(local_index_dtype, global_index_dtype):
    """The bindings' class for two index dtypes; TypeError where there is none (local)."""
    types = local_index_dtype, global_index_dtype
    return resolve(_distributed.PARTITION, "Partition", *types)


class Partition:
    """Global indices divided among parts, one part for each rank. `raw` is the bindings' object."""

    def __init__(self, raw):
        self._raw = raw

    @classmethod
    def uniform(
        cls,
        exec,
        num_parts,
        global_size,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """[0, global_size) in parts of equal size, the first ones larger by one (local)."""
        bound = _resolve(local_index_dtype, global_index_dtype)
        return cls(bound.build_from_global_size_uniform(exec, num_parts, global_size))

    @classmethod
    def from_contiguous(cls, exec, ranges, local_index_dtype=np.int32, global_index_dtype=np.int64):
        """Part i owns [ranges[i], ranges[i + 1]) (local)."""
        bound = _resolve(local_index_dtype, global_index_dtype)
        return cls(bound.build_from_contiguous(exec, ranges))

    @classmethod
    def from_mapping(
        cls,
        exec,
        mapping,
        num_parts,
        local_index_dtype=np.int32,
        global_index_dtype=np.int64,
    ):
        """Index i belongs to part mapping[i] (local)."""
        bound = _resolve(local_index_dtype, global_index_dtype)
        return cls(bound.build_from_mapping(exec, mapping, num_parts))

    @property
    def raw(self):
        """The bindings' object (local)."""
        return self._raw

    @property
    def size(self):
        """How many indices there are (local)."""
        return self._raw.get_size()

    @property
    def num_parts(self):
        """How many parts there are (local)."""
        return self._raw.get_num_parts()

    def part_size(self, part_id):
        """How many indices a part owns (local)."""
        return self._raw.get_part_size(part_id)

    def get_num_parts(self):
        """How many parts there are (local)."""
        return self._raw.get_num_parts()

    def __repr__(self):
        return repr(self._raw)
