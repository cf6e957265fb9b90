"""pyGinkgoBindings.mpi: communicators of every kind, and which MPI there is."""

import numpy as np
import pytest
from ranks_and_rows import EXEC

import petiole as pt
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb
from pyGinkgo._communicator import communicator_of


def test_rank_size_and_world(comm):
    for made in (
        pgb.mpi.Communicator(comm),
        pgb.mpi.Communicator(comm, force_host_buffer=True),
        pgb.mpi.Communicator(pt.Communicator(comm)),
        pgb.mpi.Communicator(pgb.mpi.Communicator(comm)),
        pgb.mpi.Communicator.world(),
        pgb.mpi.Communicator.world(True),
    ):
        assert (made.rank(), made.size()) == (comm.rank, comm.size)
        assert f"rank {comm.rank} of {comm.size}" in repr(made)
        assert made.node_local_rank() == comm.rank  # all of a test's ranks are on one node


def test_which_mpi(comm):
    from mpi4py import MPI

    version = MPI.Get_library_version()
    assert pgb.mpi.runtime_mpi_library_version().split(",")[0] in version
    assert pgb.mpi.BUILD_MPI_LIBRARY_VERSION.split(",")[0] in version
    assert pgb.mpi.BUILD_MPI_IMPL in ("openmpi", "mpich", "mpi-abi")
    assert pgb.mpi.BUILD_MPI_IMPL == pt.mpi_info()["interface"]
    assert pgb.mpi.verify_abi(comm) is True
    assert pgb.mpi.is_gpu_aware() is gkd.communicator.is_gpu_aware() is False
    with pytest.raises(AttributeError):
        pgb.mpi.BUILD_MPI  # noqa: B018


def test_devices_are_dealt_out(comm):
    for map_rank in pgb.mpi.map_rank_to_device_id, gkd.communicator.map_rank_to_device_id:
        assert map_rank(comm, 1) == 0
        assert map_rank(comm, 3) == comm.rank % 3
        with pytest.raises(ValueError, match="num_devices"):
            map_rank(comm, 0 if comm.rank == comm.size - 1 else 2)  # wrong on one rank only


def test_a_part_of_the_ranks(comm):
    half = comm.Split(comm.rank % 2, comm.rank)
    made = pgb.mpi.Communicator(half)
    assert (made.rank(), made.size()) == (half.rank, half.size)
    v = gkd.DistributedVector.from_local_array_deduce_size(EXEC, half, np.ones(2))
    assert v.shape == (2 * half.size, 1)
    norm = pgb.matrix.dense_double(EXEC, (1, 1))
    v.raw.compute_norm1(norm)
    assert norm.at(0, 0) == 2 * half.size
    half.Free()
    with pytest.raises(RuntimeError, match="freed"):
        v.raw.compute_norm1(norm)
    with pytest.raises(RuntimeError, match="MPI_COMM_NULL"):
        gkd.DistributedVector.from_local_array_deduce_size(EXEC, half, np.ones(2))


def test_every_way_to_say_which_communicator(comm):
    class Foreign:
        def py2f(self):
            return comm.py2f()

    for way in comm, comm.py2f(), np.int64(comm.py2f()), Foreign(), pgb.mpi.Communicator(comm):
        assert communicator_of(way) == pt.Communicator(comm)


@pytest.mark.parametrize("wrong", [None, "world", object()])
def test_what_is_no_communicator(comm, wrong):
    for call in (
        lambda: pgb.mpi.Communicator(wrong),
        lambda: pgb.mpi.verify_abi(wrong),
        lambda: pgb.mpi.map_rank_to_device_id(wrong, 1),
        lambda: gkd.DistributedVector.empty(EXEC, wrong, (4, 1), (4, 1)),
        lambda: gkd.DistributedMatrix.empty(EXEC, wrong),
        lambda: gkd._comm_handle(wrong),
    ):
        with pytest.raises(TypeError, match="mpi4py communicator"):
            call()


def test_null_communicators_and_handles_of_none(comm):
    from mpi4py import MPI

    with pytest.raises(RuntimeError, match="MPI_COMM_NULL"):
        pgb.mpi.Communicator(MPI.COMM_NULL)
    with pytest.raises(RuntimeError):
        communicator_of(MPI.COMM_NULL.py2f())
