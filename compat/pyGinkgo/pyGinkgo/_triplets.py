"""Distributed objects by global indices: the typed functions of the bindings."""

import warnings

import petiole as pt

from ._checks import check_lengths, check_range, indices_of, values_of
from ._communicator import agreed, communicator_of
from ._dist_vector import as_columns
from ._executor import petiole_executor
from ._linop import LinOp, format_of, raw_of, vector_of
from ._partition import partition_of


def _arguments(exec, partition, global_size, dtype, vals, **indices):
    """(executor, partition, vals, indices), checked."""
    part, on = partition_of(partition), petiole_executor(exec)
    indices = {name: indices_of(array, name) for name, array in indices.items()}
    vals = values_of(vals, dtype, "vals")
    if vals.ndim != 1:
        raise pt.InvalidArgument(f"vals must be a 1-D array, not one of {vals.ndim} dimensions")
    check_lengths(**indices, vals=vals)
    if part.size != global_size:
        raise pt.InvalidArgument(
            f"partition size is {part.size}, but global_size is {global_size}: they must match"
        )
    for name, array in indices.items():
        check_range(array, name, global_size)
    return on, part, vals, *indices.values()


def matrix_function(cls):
    def matrix(exec, comm_handle, partition, rows, cols, vals, global_size):
        """A square distributed matrix from triplets by global indices, from any rank: rows owned
        elsewhere are sent to their owners, and duplicates are summed (collective). comm_handle is a
        Fortran handle or an mpi4py communicator."""
        comm = communicator_of(comm_handle)
        with agreed(comm):
            on, part, vals, rows, cols = _arguments(
                exec, partition, global_size, cls.dtype, vals, rows=rows, cols=cols
            )
        return cls._of(exec, pt.Matrix.from_coo(comm, part, rows, cols, vals, exec=on))

    return matrix


def vector_function(cls):
    def vector(exec, comm_handle, partition, rows, vals=None, global_size=None):
        """A distributed vector of one column from values by global rows, 0 where no rank gives one
        (collective). comm_handle is a Fortran handle or an mpi4py communicator.

        What a rank says of its own rows counts, the last where it says several things. Values of rows
        that their owner says nothing of are sent to it, and summed.

        vector(exec, comm, partition, dense): of each rank's own rows, in a dense_<T>. Where their
        numbers do not add up to the partition's size, a warning says so, and the vector is as long as
        they add up to.
        """
        comm = communicator_of(comm_handle)
        if vals is None and global_size is None:
            return _of_blocks(cls, exec, comm, partition, rows)
        with agreed(comm):
            on, part, vals, rows = _arguments(
                exec, partition, global_size, cls.dtype, vals, rows=rows
            )
            here = pt.IndexMap(part, comm.rank, rows[:0]).to_local(rows, "local")
        vals, foreign = vals.reshape(-1, 1), here < 0
        made = pt.Vector.from_global(comm, part, rows[foreign], vals[foreign], on)
        made.local[here[~foreign]] = vals[~foreign]
        return cls._of(exec, made)

    return vector


def _of_blocks(cls, exec, comm, partition, dense):
    with agreed(comm):
        on, size = petiole_executor(exec), partition_of(partition).size
        block = vector_of(dense).local if isinstance(dense, LinOp) else dense
        block = as_columns(values_of(block, cls.dtype, "dense"), "dense")
    made = pt.Vector.from_local(comm, block, exec=on)
    if made.shape[0] != size:
        warnings.warn(
            f"the partition has {size} rows, but the blocks of all ranks {made.shape[0]}: the "
            "vector has the rows of the blocks",
            stacklevel=3,
        )
    return cls._of(exec, made)


def coo_function(cls):
    def dist_matrix_object(exec, comm, partition, matrix):
        """A square distributed matrix from local Coo matrices of the whole, that of one rank and empty
        ones on the others, say: rows are sent to their owners, and duplicates are summed
        (collective)."""
        made = cls._empty(exec, comm)
        with agreed(made._comm):
            coo = format_of(matrix).to_coo()
        made.read_distributed(partition, coo.row_indices, coo.col_indices, coo.values)
        return made

    return dist_matrix_object


def _checked(cls, vector, function):
    vector = raw_of(vector)
    if not isinstance(vector, cls):
        raise TypeError(
            f"{function}: {type(vector).__name__} is not a distributed vector of the requested value "
            f"type, a {cls.__name__}"
        )
    return vector


def local_function(cls):
    def vector_local(vector):
        """A copy of this rank's block as a NumPy array, of one dimension where there is one column
        (local)."""
        local = _checked(cls, vector, "vector_local").local
        return (local[:, 0] if local.shape[1] == 1 else local).copy()

    return vector_local


def set_local_function(cls):
    def vector_set_local(vector, vals):
        """Overwrites this rank's block of a vector of one column, in its order (local)."""
        local = _checked(cls, vector, "vector_set_local").local
        if local.shape[1] != 1:
            raise pt.InvalidArgument(
                f"vector_set_local writes vectors of one column, not of {local.shape[1]}"
            )
        vals = values_of(vals, cls.dtype, "vals")
        if vals.shape != (local.shape[0],):
            raise pt.InvalidArgument(
                f"vals has shape {vals.shape}, which must match the vector's local size, "
                f"{local.shape[0]}"
            )
        local[:, 0] = vals

    return vector_set_local


def local_device_function(cls):
    def vector_local_device(vector):
        """Of vectors on CUDA executors alone; so far there are none, and it is an AttributeError
        that says what to do instead."""
        _checked(cls, vector, "vector_local_device")
        raise AttributeError(
            "vector_local(on_device=True) is for vectors on CUDA executors, and this one is in the "
            "host's memory: leave on_device out"
        )

    return vector_local_device
