"""Partitions: which rank owns which global index."""

import numpy as np

import petiole as pt

from ._checks import indices_of
from ._communicator import require_available
from ._executor import petiole_executor
from ._linop import PolymorphicObject, raw_of
from ._resolve import resolve


def _can_be_made(exec):
    require_available()
    petiole_executor(exec)


class Partition(PolymorphicObject):
    """Global indices divided among parts, one part for each rank.

    Partition is what all Partition_<L>_<G> are; its functions that take dtypes choose among them."""

    axes = ("local_index_type", "global_index_type")

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
        bound = partition_class(local_index_dtype, global_index_dtype)
        return bound.build_from_global_size_uniform(exec, num_parts, global_size)

    @classmethod
    def from_contiguous(cls, exec, ranges, local_index_dtype=np.int32, global_index_dtype=np.int64):
        """Part i owns [ranges[i], ranges[i + 1]) (local)."""
        bound = partition_class(local_index_dtype, global_index_dtype)
        return bound.build_from_contiguous(exec, ranges)

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
        bound = partition_class(local_index_dtype, global_index_dtype)
        return bound.build_from_mapping(exec, mapping, num_parts)

    def __new__(cls, raw):
        """Partition(raw) is raw, a partition."""
        if not isinstance(raw, cls):
            raise TypeError(f"{cls.__name__}(raw) takes a {cls.__name__}, not {type(raw).__name__}")
        return raw

    def __init__(self, raw):
        pass

    @classmethod
    def _of(cls, exec, partition):
        """The object around a Petiole partition."""
        made = object.__new__(cls)
        made._exec, made._partition = exec, partition
        return made

    @classmethod
    def build_from_global_size_uniform(cls, exec, num_parts, global_size):
        """[0, global_size) in parts of equal size, the first ones larger by one (local)."""
        _can_be_made(exec)
        return cls._of(exec, pt.Partition.uniform(num_parts, global_size))

    @classmethod
    def build_from_contiguous(cls, exec, ranges, part_ids=None):
        """Range i, [ranges[i], ranges[i + 1]), belongs to part i, or to part_ids[i] (local)."""
        _can_be_made(exec)
        ids = None if part_ids is None else indices_of(part_ids, "part_ids")
        return cls._of(exec, pt.Partition.from_ranges(indices_of(ranges, "ranges"), ids))

    @classmethod
    def build_from_mapping(cls, exec, mapping, num_parts):
        """Index i belongs to part mapping[i] (local)."""
        _can_be_made(exec)
        owners = indices_of(mapping, "mapping")
        return cls._of(exec, pt.Partition.from_mapping(owners, num_parts))

    @property
    def raw(self):
        """The bindings' object, which it is itself (local)."""
        return self

    @property
    def size(self):
        """How many indices there are (local)."""
        return self._partition.size

    @property
    def num_parts(self):
        """How many parts there are (local)."""
        return self._partition.num_parts

    def get_size(self):
        """How many indices there are (local)."""
        return self._partition.size

    def get_num_parts(self):
        """How many parts there are (local)."""
        return self._partition.num_parts

    def get_num_ranges(self):
        """How many ranges there are: neighbours of one part are joined, empty ones left out (local)."""
        return self._partition.num_ranges

    def get_part_size(self, part):
        """How many indices a part owns (local)."""
        return self._partition.part_size(part)

    def part_size(self, part_id):
        """How many indices a part owns (local)."""
        return self._partition.part_size(part_id)

    def __eq__(self, other):
        if not isinstance(other, Partition):
            return NotImplemented
        return self._partition == other._partition

    def __hash__(self):
        return hash((self.size, self.num_parts))

    def __repr__(self):
        parts, size = self.num_parts, self.size
        return f"<pyGinkgo.distributed.Partition size={size} num_parts={parts}>"


def partition_class(local_index_dtype, global_index_dtype):
    """Partition_<L>_<G> for two index dtypes; TypeError where there is none (local)."""
    from .pyGinkgoBindings import distributed  # which is made of this module

    types = local_index_dtype, global_index_dtype
    return resolve(distributed.PARTITION, "Partition", *types)


def partition_of(object):
    """Petiole's partition of an object of the bindings, of a facade around one, or of its own."""
    object = raw_of(object)
    if isinstance(object, Partition):
        return object._partition
    if not isinstance(object, pt.Partition):
        raise TypeError(f"partition must be a Partition, not {type(object).__name__}")
    return object


def of_owners(cls, exec, owners, num_parts):
    """A partition of class `cls` from the owner of each index; ValueErrors say what is wrong."""
    if num_parts <= 0:
        raise ValueError(f"num_parts must be positive, not {num_parts}")
    owners = indices_of(owners, "owners")
    if owners.size == 0:
        raise ValueError("owners must not be empty")
    wrong = np.flatnonzero((owners < 0) | (owners >= num_parts))
    if wrong.size:
        at = wrong[0]
        raise ValueError(
            f"owners[{at}] is an invalid part id: {owners[at]}, outside [0, {num_parts})"
        )
    return cls.build_from_mapping(exec, owners, num_parts)
