"""Processes without MPI: importing loads none; where none is to be had, what needs one says so, and all else
works. Each test is a program of its own."""

import importlib

import pytest
from programs import SETTING, WITHOUT, run

from pyGinkgo import pyGinkgoBindings as pgb


def test_importing_loads_no_mpi():
    said = run(
        SETTING,
        """
        import sys
        print(mpi_is_loaded(), "mpi4py.MPI" in sys.modules)
        print(isinstance(gkd.available, bool), gkd.available is pgb.distributed.available)
        assert hasattr(pgb, "mpi") is gkd.available
        if gkd.available:
            text = (pgb.mpi.BUILD_MPI_IMPL, pgb.mpi.BUILD_MPI_LIBRARY_VERSION)
            assert all(isinstance(part, str) and part for part in text) and not pgb.mpi.is_gpu_aware()
        gkd.PyLinOp(exec, (2, 2)), hasattr(gkd, "vector_half"), gkd._comm_handle(3)
        print(mpi_is_loaded(), "mpi4py.MPI" in sys.modules)
        """,
    )
    assert said == "False False True True False False".split()


def test_mpi_is_an_attribute_where_there_is_one(comm):
    assert hasattr(pgb, "mpi") and pgb.mpi is importlib.import_module(
        "pyGinkgo.pyGinkgoBindings.mpi"
    )
    assert hasattr(pgb.mpi, "verify_abi") and hasattr(pgb, "distributed")


def test_mpi_is_no_attribute_where_there_is_none():
    said = run(
        WITHOUT,
        SETTING,
        """
        print(hasattr(pgb, "mpi"), hasattr(pgb, "distributed"), hasattr(gkd, "Communicator"))
        for way in "from pyGinkgo.pyGinkgoBindings import mpi", "import pyGinkgo.pyGinkgoBindings.mpi":
            try:
                __builtins__.exec(way)
            except ImportError:
                print("ImportError")
        print(hasattr(pgb, "mpi"))
        """,
    )
    assert said == "False True True ImportError ImportError False".split()


def test_what_needs_mpi_says_that_there_is_none():
    said = run(
        WITHOUT,
        SETTING,
        """
        from pyGinkgo._communicator import communicator_of
        rows, values = np.arange(3), np.ones(3)
        calls = (
            lambda: gkd._require_available(),
            lambda: gkd._binding("vector", "double"),
            lambda: gkd.build_partition(exec, rows, 3),
            lambda: gkd.matrix(None, 0, None, None, None, None, 1),
            lambda: gkd.vector(exec, 0, None, rows, values, 3),
            lambda: gkd.vector_local(None),
            lambda: gkd.vector_set_local(None, values),
            lambda: gkd.read("A.mtx"),
            lambda: gkd.vector_double(exec, 0, None, rows, values, 3),
            lambda: gkd.Partition.uniform(exec, 1, 3),
            lambda: gkd.Partition.from_contiguous(exec, np.array([0, 3])),
            lambda: gkd.Partition.from_mapping(exec, 0 * rows, 1),
            lambda: gkd.DistributedVector.empty(exec, 0, (3, 1), (3, 1)),
            lambda: gkd.DistributedVector.from_local_array(exec, 0, (3, 1), values),
            lambda: gkd.DistributedVector.from_local_array_deduce_size(exec, 0, values),
            lambda: gkd.DistributedMatrix.empty(exec, 0),
            lambda: gkd.DistributedMatrix.from_local_linop(exec, 0, (3, 3), None),
            lambda: gkd.DistributedMatrix.from_local_and_non_local(exec, 0, None, [], None, None),
            lambda: gkd.communicator.map_rank_to_device_id(0, 1),
            lambda: gkd.communicator.is_gpu_aware(),
            lambda: pgb.mpi.Communicator(0),
            lambda: pgb.mpi.Communicator.world(),
            lambda: pgb.mpi.verify_abi(0),
            lambda: gkd.Communicator(0),
            lambda: pgb.mpi.runtime_mpi_library_version(),
            lambda: pgb.distributed.Communicator(False),
            lambda: pgb.distributed.partition_from_global_size(exec, 1, 3),
            lambda: pgb.distributed.Vector_double.from_local_array_view(exec, 0, (3, 1), values),
        )
        for call in calls:
            try:
                call()
            except RuntimeError as error:
                assert "distributed bindings are unavailable" in str(error), error
                print("said")
        print(len(calls), gkd.available, mpi_is_loaded())
        """,
    )
    assert said == ["said"] * 28 + ["28", "False", "False"]


def test_what_needs_no_mpi_works():
    said = run(
        WITHOUT,
        SETTING,
        """
        class Double(gkd.PyLinOp):
            def apply_impl(self, b, x):
                np.copyto(np.asarray(x), 2 * np.asarray(b))

        b, x = (pgb.matrix.dense_double(exec, np.ones((3, 1))) for _ in range(2))
        Double(exec, (3, 3)).apply(b, x)
        print(np.asarray(x).tolist() == [2, 2, 2])
        logger, _ = pgb.solver.cg_double(exec, Double(exec, (3, 3)), 10, 1e-9).apply(b, x)
        print(logger.has_converged(), np.asarray(x).tolist() == [0.5] * 3)
        print(isinstance(gkd.matrix._resolve(np.float64, np.int32, np.int64), type))
        """,
    )
    assert said == ["True"] * 4


def test_mpi_is_found_without_mpi4py(comm):
    """An MPI that is installed is enough: Petiole starts it itself."""
    from petiole import mpi_info

    hide = WITHOUT.partition("import petiole")[0]
    said = run(
        f"import os; os.environ['PETIOLE_MPI'] = {mpi_info()['path']!r}",
        hide,
        SETTING,
        """
        assert gkd.available and not mpi_is_loaded()
        world = pgb.distributed.Communicator(False)
        print(mpi_is_loaded(), world.size, pgb.mpi.Communicator(world).rank())
        v = gkd.DistributedVector.from_local_array(exec, world, (3, 1), np.ones(3))
        print(v.shape, gkd.read.__name__, pgb.mpi.BUILD_MPI_IMPL)
        """,
    )
    assert said == ["True", "1", "0", "(3,", "1)", "read", mpi_info()["interface"]]


@pytest.mark.parametrize("name", ["PETIOLE_MPI", "nothing"])
def test_available_goes_by_what_there_is(name):
    """Adaptors alone are not enough; with the path of an MPI they are."""
    said = run(
        WITHOUT.replace('"adaptors": ""', '"adaptors": "openmpi"'),
        f"""
        import os
        os.environ[{name!r}] = "a library"
        """,
        SETTING,
        """
        import pyGinkgo._communicator as c
        c._mpi_is_installed = lambda: False
        print(gkd.available)
        """,
    )
    assert said == [str(name == "PETIOLE_MPI")]
