"""Where names are found, what kind of thing they are, and what their constructors refuse."""

import itertools

import numpy as np
import pytest
from ranks_and_rows import EXEC, NUMBERS, OWNERS, assembled, csr, tridiagonal, vector

import pyGinkgo as pg
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 6
INDICES = "int32", "int64"


@pytest.fixture
def everything(comm):
    """One bound object of each kind."""
    owners = OWNERS["even"](N, comm.size)
    A = assembled(comm, owners, tridiagonal(N))
    solver = pgb.solver.cg_double(EXEC, A, 5, 1e-9)
    return [
        EXEC,
        pgb.dim2(2, 3),
        pgb.base.array_double(EXEC, 3),
        pgb.matrix.dense_double(EXEC, (2, 2)),
        csr(tridiagonal(N)),
        csr(tridiagonal(N)).convert_to_coo(),
        gkd.build_partition(EXEC, owners, comm.size),
        vector(comm, owners, np.ones(N)),
        gkd.DistributedVector(vector(comm, owners, np.ones(N))),
        A,
        gkd.DistributedMatrix(A),
        gkd.PyLinOp(EXEC, (2, 2)),
        gkd.Communicator(comm),
        pgb.distributed.Communicator(False),
        pgb.preconditioner.Jacobi_double_int32(EXEC, A),
        solver,
        solver.initialize_logger(),
        pgb.factorization.factorization(EXEC, csr(np.eye(2))),
    ]


def test_executors_are_at_the_top():
    for name in "ReferenceExecutor", "OmpExecutor", "Executor", "CudaExecutor", "DpcppExecutor":
        assert getattr(pg, name) is getattr(pgb, name) and name in pg.__all__
    assert isinstance(pg.device("omp"), pg.OmpExecutor)


def test_devices_that_there_are_not():
    for kind in "all", "cpu", "gpu", "accelerator", "host":
        assert pgb.DpcppExecutor.get_num_devices(kind) == 0
    assert pgb.DpcppExecutor.get_num_devices(device_type="gpu") == 0
    for cls in pgb.CudaExecutor, pgb.HipExecutor, pgb.DpcppExecutor:
        assert cls.get_num_devices() == 0
    with pytest.raises(ValueError, match="all, cpu, gpu"):
        pgb.DpcppExecutor.get_num_devices("fpga")
    for options in ({"master": EXEC}, {"device_type": "gpu"}, {"device_id": 1}):
        with pytest.raises(RuntimeError, match="ReferenceExecutor"):
            pgb.DpcppExecutor(**options)


def test_typed_names_are_in_both_places():
    names = [f"Partition_{pair}" for pair in ("int32_int32", "int32_int64", "int64_int64")]
    for T in NUMBERS:
        names += [f"Vector_{T}", f"PyLinOp_{T}", f"vector_{T}", f"matrix_{T}", f"vector_local_{T}"]
        names += [f"Matrix_{T}_{L}_int64" for L in INDICES] + [f"dist_matrix_object_{T}_int"]
    for name in (*names, "partition_from_global_size", "PyLinOp"):
        assert getattr(gkd, name) is getattr(pgb.distributed, name), name
        assert name in dir(gkd)
    assert gkd.Communicator is not pgb.distributed.Communicator
    assert not gkd.available or gkd.Communicator is pgb.mpi.Communicator
    assert not hasattr(gkd, "Vector_int32") and not hasattr(gkd, "pt")


def test_typed_names_make_what_the_facade_makes(comm):
    gko = gkd.Communicator(comm)
    assert (gko.rank(), gko.size()) == (comm.rank, comm.size)
    part = gkd.Partition_int32_int64.build_from_global_size_uniform(EXEC, comm.size, N)
    n = part.get_part_size(comm.rank)
    v = gkd.Vector_double.from_local_array(EXEC, gko, (N, 1), np.ones(n))
    A = gkd.Matrix_double_int32_int64.create_from_local_linop(EXEC, gko, (N, N), csr(np.eye(n)))
    w = gkd.Vector_double.create(EXEC, gko, (N, 1), (n, 1))
    A.apply(v, w)
    assert (w.local == 1).all() and gkd.DistributedVector(v).raw is v


def test_partitions_are_of_one_class(comm):
    owners = OWNERS["even"](N, comm.size)
    made = [
        gkd.build_partition(EXEC, owners, comm.size),
        pgb.distributed.build_partition(EXEC, owners, comm.size),
        gkd.Partition.uniform(EXEC, comm.size, N),
        gkd.Partition.from_mapping(EXEC, owners, comm.size, np.int64, np.int64),
        gkd.Partition_int32_int64.build_from_mapping(EXEC, owners, comm.size),
    ]
    for cls, part in itertools.product((gkd.Partition, pgb.distributed.Partition), made):
        assert isinstance(part, cls) and isinstance(part.raw, cls) and cls(part) == part
        assert isinstance(part, pgb.PolymorphicObject) and part.get_executor() is EXEC
        assert (part.size, part.num_parts, part.get_num_parts()) == (N, comm.size, comm.size)
        assert part.part_size(0) == part.get_part_size(0)
    assert isinstance(made[2].raw, pgb.distributed.Partition_int32_int64)
    assert isinstance(made[3].raw, pgb.distributed.Partition_int64_int64)


def test_bound_objects_can_be_hashed(everything):
    kept = {object: i for i, object in enumerate(everything)}
    assert [kept[object] for object in everything] == list(range(len(everything)))


def test_what_is_equal_has_the_same_hash(comm):
    parts = [gkd.Partition.uniform(EXEC, comm.size, N) for _ in range(2)]
    assert parts[0] == parts[1] and len(set(parts)) == 1
    assert len({pgb.dim2(2, 3), pgb.dim2(2, 3), (2, 3)}) == 1


def test_what_functions_make_has_no_constructor(everything):
    made = (gkd.Partition, gkd.DistributedVector, gkd.DistributedMatrix)
    classes = [type(object) for object in everything if hasattr(type(object), "_of")]
    classes += [pgb.LinOp, pgb.PolymorphicObject, *made, pgb.distributed.Vector_float]
    classes += [pgb.solver.solver_double, pgb.preconditioner.preconditioner_float]
    for cls in classes:
        with pytest.raises(TypeError):
            cls()
    for cls, wrong in itertools.product(made, (None, "raw", 3, EXEC, np.ones(3))):
        with pytest.raises(TypeError):
            cls(wrong)
    for cls in pgb.distributed.Vector_double, pgb.distributed.Matrix_double_int32_int64, pgb.LinOp:
        with pytest.raises(TypeError, match="no constructor"):
            cls(EXEC, (2, 2))


def test_a_facade_takes_its_own_kind(comm):
    owners = OWNERS["even"](N, comm.size)
    v, A = vector(comm, owners, np.ones(N)), assembled(comm, owners, tridiagonal(N))
    assert gkd.DistributedVector(gkd.DistributedVector(v)).raw is v
    with pytest.raises(TypeError, match="takes a Vector"):
        gkd.DistributedVector(A)
    with pytest.raises(TypeError, match="takes a Matrix"):
        gkd.DistributedMatrix(v)


@pytest.mark.parametrize("size", [(-1, 2), (2.5, 2), ("2", 2), (2,), (2, 2, 2), 3, None])
def test_sizes_that_are_none(size):
    for make in (
        lambda: gkd.PyLinOp(EXEC, () if size is None else size),
        lambda: pgb.dim2(*size) if isinstance(size, tuple) else pgb.dim2(size),
    ):
        with pytest.raises((TypeError, ValueError)):
            make()


def test_options_are_told_where_they_are_given():
    """Of a solver that waits for vectors too."""
    A = gkd.PyLinOp(EXEC, (2, 2))
    for make in (
        lambda: pgb.solver.cg_double(EXEC, A, -1, 1e-9),
        lambda: pgb.solver.gmres_double(EXEC, A, 5, 0, 1e-9),
        lambda: pgb.solver.cg_double(EXEC, A, 5, "small"),
        lambda: pgb.solver.cg_double(EXEC, A, "preconditioner", 5, 1e-9),
        lambda: pgb.preconditioner.Jacobi_double_int32(EXEC, A, 0),
        lambda: pgb.solver.cg_double(EXEC, np.eye(2), 5, 1e-9),
    ):
        with pytest.raises((TypeError, ValueError)):
            make()
