"""What a Python program does with Petiole where MPIs may not fit: `mismatch.py CASE`. It prints what it
is told, a line each, and works on alone."""

import sys

import numpy as np

import petiole as pt


def serial():
    """What needs no MPI, which must work before and after."""
    A = pt.Csr.from_arrays((2, 2), [0, 1, 2], [0, 1], [2.0, 4.0])
    x, log = pt.cg(A, pt.Vector.from_local(None, np.ones(2)))
    assert log.converged and np.allclose(x.local, [0.5, 0.25])


def loaded():
    with open("/proc/self/maps") as maps:
        return [line.split("/", 1)[1] for line in maps if "/libmpi" in line or "/libmpich" in line]


def untouched():
    """Without mpi4py nothing that works in one process loads an MPI or an adaptor."""
    serial()
    pt.Partition.uniform(3, 10)
    pt.Communicator.self().barrier()
    info = pt.mpi_info()
    assert info["library"] == info["path"] == info["interface"] == info["adaptor"] == ""
    assert not info["initialized"] and not info["gpu_aware"]
    assert not loaded()


def lazy():
    """With mpi4py the adaptor is loaded at the first communicator, while its MPI is known before."""
    from mpi4py import MPI

    serial()
    info = pt.mpi_info()
    assert info["adaptor"] == "" and info["initialized"]
    assert info["library"] == MPI.Get_library_version().rstrip("\0")
    assert info["interface"] in ("openmpi", "mpich", "mpi-abi") and info["path"]
    pt.Communicator(MPI.COMM_WORLD)
    assert pt.mpi_info()["adaptor"] == info["interface"]


def refused():
    """Whatever takes mpi4py's communicator refuses it, and what needs none goes on."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    serial()
    for use in (
        lambda: pt.Communicator(comm).barrier(),
        lambda: pt.Vector.from_local(comm, np.ones(2)),
        lambda: pt.Matrix.from_coo(comm, pt.Partition.uniform(1, 1), [0], [0], [1.0]),
        lambda: pt.LinOp(2, comm=comm),
        lambda: pt.Communicator.world(),
    ):
        try:
            use()
            print("no error")
        except pt.MpiError as error:
            assert isinstance(error, RuntimeError)
            print(f"MpiError: {error}")
    serial()


{"untouched": untouched, "lazy": lazy, "refused": refused}[sys.argv[1]]()
