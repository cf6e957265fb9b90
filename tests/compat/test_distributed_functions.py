"""The functions over global indices, beside NumPy."""

import json

import numpy as np
import pytest
from ranks_and_rows import (
    EXEC,
    NUMBERS,
    OWNERS,
    assembled,
    local,
    owned,
    tridiagonal,
    triplets,
    vector,
)

import petiole as pt
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 19
FUNCTIONS = ("available", "build_partition", "matrix", "vector", "vector_local", "vector_set_local")
FACADE = ("Partition", "DistributedVector", "DistributedMatrix", "PyLinOp")
MODULES = ("communicator", "partition", "vector", "matrix", "linop")


def test_names(comm):
    assert {*FUNCTIONS, *FACADE, *MODULES, "read"} == set(gkd.__all__)
    assert all(hasattr(gkd, name) for name in gkd.__all__)
    namespace = {}
    exec("from pyGinkgo.distributed import *", namespace)
    assert set(gkd.__all__) <= namespace.keys()
    assert gkd.available is gkd._distributed.available is True
    assert gkd._require_available() is None
    for dtype in NUMBERS:
        for kind in "matrix", "vector", "vector_local", "vector_set_local", "vector_local_device":
            function = getattr(gkd, f"{kind}_{dtype}")
            assert function is getattr(gkd._distributed, f"{kind}_{dtype}")
            assert function is gkd._binding(kind, dtype)
            assert function is gkd._binding(kind, np.dtype(NUMBERS[dtype]))
    with pytest.raises(AttributeError):
        gkd.vector_int32  # noqa: B018
    with pytest.raises(AttributeError):
        gkd.tensor  # noqa: B018


def test_two_names_are_modules_and_functions():
    import pyGinkgo.distributed.matrix as module
    from pyGinkgo.distributed import matrix, vector

    assert matrix is module is gkd.matrix and callable(matrix) and callable(vector)
    assert matrix.DistributedMatrix is gkd.DistributedMatrix
    assert vector.DistributedVector is gkd.DistributedVector
    assert gkd.partition.Partition is gkd.Partition and gkd.linop.PyLinOp is gkd.PyLinOp
    with pytest.raises(TypeError):
        matrix()


def test_handles():
    class Communicator:
        def py2f(self):
            return 7

    assert gkd._comm_handle(42) == 42
    assert gkd._comm_handle(Communicator()) == 7


@pytest.mark.parametrize("dtype", ["float128", "int32", "", None, np.int64, 8])
def test_value_types_that_there_are_not(comm, dtype):
    part = gkd.build_partition(EXEC, OWNERS["even"](N, comm.size), comm.size)
    v = vector(comm, OWNERS["even"](N, comm.size), np.ones(N))
    for call in (
        lambda: gkd._binding("vector", dtype),
        lambda: gkd.vector(EXEC, comm, part, [], [], N, dtype=dtype),
        lambda: gkd.matrix(EXEC, comm, part, [], [], [], N, dtype=dtype),
        lambda: gkd.vector_local(v, dtype),
        lambda: gkd.vector_set_local(v, [], dtype),
    ):
        with pytest.raises(ValueError, match="dtype must be one of"):
            call()


@pytest.mark.parametrize("ownership", OWNERS)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_vectors_there_and_back(comm, dtype, ownership):
    owners, values = OWNERS[ownership](N, comm.size), np.arange(N).astype(NUMBERS[dtype])
    v = vector(comm, owners, values, dtype)
    assert type(v).__name__ == f"Vector_{dtype}" and v.shape == (N, 1)
    mine = owned(owners, comm)
    here = gkd.vector_local(v, dtype)
    assert here.shape == (mine.size,) and here.dtype == NUMBERS[dtype]
    np.testing.assert_array_equal(here, values[mine])
    here[:] = 9  # a copy
    np.testing.assert_array_equal(gkd.vector_local(v, NUMBERS[dtype]), values[mine])
    whole = v.gather_on_root()
    assert whole is None or whole[:, 0].tolist() == values.tolist()  # in global order
    view = v.local
    gkd.vector_set_local(v, 2 * values[mine], dtype)
    np.testing.assert_array_equal(view[:, 0], 2 * values[mine])
    gkd.vector_set_local(v, [1] * mine.size, dtype=dtype)
    assert (view == 1).all()


def test_rows_that_nobody_gives_are_zero(comm):
    owners = OWNERS["even"](N, comm.size)
    part, mine = gkd.build_partition(EXEC, owners, comm.size), owned(owners, comm)
    v = gkd.vector(EXEC, comm, part, mine[::2], np.ones(mine[::2].size), N)
    expected = np.zeros(mine.size)
    expected[::2] = 1
    assert local(v).tolist() == expected.tolist()
    assert not local(gkd.vector(EXEC, comm, part, [], [], N)).any()


def test_values_of_a_vector_that_several_give(comm):
    """The owner's word counts, its last; what it says nothing of is sent to it."""
    owners = OWNERS["dealt"](N, comm.size)
    part, mine = gkd.build_partition(EXEC, owners, comm.size), owned(owners, comm)
    everything = np.arange(N)
    v = gkd.vector(EXEC, comm, part, everything, np.cos(everything), N)
    np.testing.assert_array_equal(local(v), np.cos(mine))
    v = gkd.vector(EXEC, comm, part, everything, np.full(N, 100.0 * comm.rank), N)
    assert (local(v) == 100 * comm.rank).all()
    twice = np.concatenate((mine, mine))
    v = gkd.vector(EXEC, comm, part, twice, np.repeat([1.0, 2.0], mine.size), N)
    assert (local(v) == 2).all()
    given = everything if comm.rank == comm.size - 1 else everything[:0]
    v = gkd.vector(EXEC, comm, part, given, np.cos(given), N)
    np.testing.assert_array_equal(local(v), np.cos(mine))


@pytest.mark.parametrize("ownership", OWNERS)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_matrices_multiply(comm, dtype, ownership):
    owners, array = OWNERS[ownership](N, comm.size), tridiagonal(N, NUMBERS[dtype])
    A = assembled(comm, owners, array, dtype)
    assert type(A).__name__.split("_")[:2] == ["Matrix", *dtype.split("_")][:2]
    assert A.shape == (N, N)
    x = (np.arange(N) % 3).astype(NUMBERS[dtype])
    b, y = vector(comm, owners, x, dtype), vector(comm, owners, 0 * x, dtype)
    A.apply(b, y)
    np.testing.assert_allclose(local(y), (array @ x)[owned(owners, comm)], rtol=1e-2)


def test_entries_from_any_rank_are_summed(comm):
    owners, array = OWNERS["dealt"](N, comm.size), tridiagonal(N)
    part = gkd.build_partition(EXEC, owners, comm.size)
    rows, cols, values = triplets(array, np.arange(N))  # everything, from every rank
    A = gkd.matrix(EXEC, comm, part, rows, cols, values, N)
    x = vector(comm, owners, np.ones(N))
    y = vector(comm, owners, np.zeros(N))
    A.apply(x, y)
    np.testing.assert_allclose(local(y), comm.size * array.sum(axis=1)[owned(owners, comm)])
    alone = slice(None) if comm.rank == 0 else slice(0)
    A = gkd.matrix(EXEC, comm, part, rows[alone], cols[alone], values[alone], N, dtype="float")
    x, y = (vector(comm, owners, values, "float") for values in (np.ones(N), np.zeros(N)))
    A.apply(x, y)
    np.testing.assert_allclose(local(y), array.sum(axis=1)[owned(owners, comm)])


@pytest.mark.parametrize("itype", [np.int32, np.int64, np.longlong, np.uint8, np.float64])
def test_indices_of_any_type(comm, itype):
    owners, array = OWNERS["even"](N, comm.size), tridiagonal(N)
    part = gkd.build_partition(EXEC, owners.astype(itype), comm.size)
    rows, cols, values = triplets(array, owned(owners, comm))
    given = rows.astype(itype), cols.astype(itype)[:, None][:, 0], values.astype(np.float32)
    A = gkd.matrix(EXEC, comm, part.raw, *given, np.int64(N), dtype="double")
    assert A.raw.shape == (N, N) if hasattr(A, "raw") else A.shape == (N, N)
    v = gkd.vector(EXEC, comm, part.raw, rows.astype(itype).tolist(), values.tolist(), N)
    assert v.shape == (N, 1)


def test_by_keywords(comm):
    owners, array = OWNERS["even"](N, comm.size), tridiagonal(N)
    part = gkd.build_partition(exec=EXEC, owners=owners, num_parts=comm.size)
    rows, cols, vals = triplets(array, owned(owners, comm))
    shared = {"exec": EXEC, "partition": part, "global_size": N}
    handle = comm.py2f()
    for A in (
        gkd.matrix(comm=comm, rows=rows, cols=cols, vals=vals, dtype="double", **shared),
        gkd.matrix_double(comm_handle=handle, rows=rows, cols=cols, vals=vals, **shared),
    ):
        assert A.shape == (N, N)
    mine = owned(owners, comm)
    for v in (
        gkd.vector(comm=handle, rows=mine, vals=mine, **shared),
        gkd.vector_double(comm_handle=handle, rows=mine, vals=mine, **shared),
    ):
        assert gkd.vector_local(vector=v, dtype="double", on_device=False).tolist() == mine.tolist()
        gkd.vector_set_local(vector=v, vals=2 * mine, dtype="double")
        assert gkd.vector_local_double(vector=v).tolist() == (2 * mine).tolist()


class OnDevice:
    """Says that it lies in the memory of a GPU, at an address that must never be looked at."""

    def __init__(self, array):
        self.__cuda_array_interface__ = {
            "shape": array.shape, "typestr": array.dtype.str, "data": (0xDEAD, False),
            "strides": None, "version": 3,
        }  # fmt: skip


def wrong_matrices(n):
    """(error's class, text, replaced arguments)"""
    one = np.array([0])
    yield ValueError, "matching lengths", {"cols": np.array([0, 0])}
    yield ValueError, "matching lengths", {"vals": np.ones(2)}
    yield ValueError, "partition size", {"global_size": n + 1}
    yield ValueError, "out-of-range global index", {"rows": np.array([n])}
    yield ValueError, "out-of-range global index", {"cols": np.array([-1])}
    yield ValueError, "1-D array", {"rows": one[:, None]}
    yield TypeError, "whole numbers", {"rows": np.array([0.5])}
    yield TypeError, "not converted", {"vals": np.array([1j])}
    yield ValueError, "only supported on a CUDA executor", {"rows": OnDevice(one)}
    yield ValueError, "only supported on a CUDA executor", {"vals": OnDevice(np.ones(1))}


@pytest.mark.parametrize("on", ["every rank", "the last rank"])
def test_what_is_wrong(comm, on):
    wrong_here = on == "every rank" or comm.rank == comm.size - 1
    part = gkd.build_partition(EXEC, OWNERS["even"](N, comm.size), comm.size)
    one = np.zeros(1, np.int64)
    good = {"partition": part, "rows": one, "cols": one, "vals": np.ones(1), "global_size": N}
    for error, text, changes in wrong_matrices(N):
        given = good | changes if wrong_here else good
        with pytest.raises(error, match=text):
            gkd.matrix(EXEC, comm, **given)
        if "cols" not in changes:
            with pytest.raises(error, match=text):
                gkd.vector(EXEC, comm, **{k: v for k, v in given.items() if k != "cols"})
    for changes in {"partition": "even"}, {"exec": "cpu"}:
        given = {"exec": EXEC, **good} | (changes if wrong_here else {})
        with pytest.raises(TypeError if wrong_here else pt.RemoteError):
            gkd.matrix(comm=comm, **given)
    assert gkd.matrix(EXEC, comm, **good).shape == (N, N)


def test_a_partition_of_another_number_of_parts(comm):
    part = gkd.build_partition(EXEC, np.zeros(N, int), comm.size + 1)
    for call in (
        lambda: gkd.matrix(EXEC, comm, part, [0], [0], [1.0], N),
        lambda: gkd.vector(EXEC, comm, part, [0], [1.0], N),
    ):
        with pytest.raises(ValueError, match="parts"):
            call()


@pytest.mark.parametrize("wrong", [None, object(), "world"])
def test_what_is_no_communicator(comm, wrong):
    part = gkd.build_partition(EXEC, OWNERS["even"](N, comm.size), comm.size)
    for call in (
        lambda: gkd.matrix(EXEC, wrong, part, [0], [0], [1.0], N),
        lambda: gkd.vector(EXEC, wrong, part, [0], [1.0], N),
        lambda: gkd.vector_float(EXEC, wrong, part, [0], [1.0], N),
    ):
        with pytest.raises(TypeError, match="mpi4py communicator"):
            call()


def test_local_blocks_of_something_else(comm):
    owners = OWNERS["even"](N, comm.size)
    v, here = vector(comm, owners, np.ones(N)), owned(owners, comm).size
    dense = pgb.matrix.dense_double(EXEC, np.ones((3, 1)))
    for wrong, dtype in (v, "float"), (v, "half"), (dense, "double"), (None, "double"):
        with pytest.raises(TypeError, match="not a distributed vector"):
            gkd.vector_local(wrong, dtype)
        with pytest.raises(TypeError, match="not a distributed vector"):
            gkd.vector_set_local(wrong, np.ones(here), dtype)
    for values in np.ones(here + 1), np.ones((here, 1)), 3.0:
        with pytest.raises(ValueError, match="must match the vector's local size"):
            gkd.vector_set_local(v, values)
    wide = pgb.distributed.Vector_double.create(EXEC, comm, (comm.size, 2), (1, 2))
    assert gkd.vector_local(wide).shape == (1, 2)
    with pytest.raises(ValueError, match="one column"):
        gkd.vector_set_local(wide, np.ones(1))
    facade = gkd.DistributedVector(v)
    assert gkd.vector_local(facade).size == here


@pytest.mark.parametrize("dtype", ["half", "float", "double"])
def test_what_needs_a_gpu_says_so(comm, dtype):
    owners = OWNERS["even"](N, comm.size)
    v, here = vector(comm, owners, np.ones(N), dtype), np.ones(owned(owners, comm).size)
    with pytest.raises(AttributeError, match="CUDA executors"):
        gkd.vector_local(v, dtype, on_device=True)
    with pytest.raises(ValueError, match="only supported on a CUDA executor"):
        gkd.vector_set_local(v, OnDevice(here.astype(NUMBERS[dtype])), dtype)
    assert (local(v) == 1).all()


def test_no_rows_here(comm):
    """One rank owns all; then N = 0 of no rows for anybody."""
    owners = OWNERS["last"](N, comm.size)
    v = vector(comm, owners, np.arange(float(N)))
    assert gkd.vector_local(v).shape == (N if comm.rank == comm.size - 1 else 0,)
    nothing = gkd.Partition.uniform(EXEC, comm.size, 0)
    A = gkd.matrix(EXEC, comm, nothing, [], [], [], 0)
    x = gkd.vector(EXEC, comm, nothing, [], [], 0)
    A.apply(x, gkd.vector(EXEC, comm, nothing, [], [], 0))
    assert A.shape == (0, 0) and gkd.vector_local(x).shape == (0,)


@pytest.mark.parametrize("ownership", OWNERS)
@pytest.mark.parametrize("dtype", ["float", "double"])
def test_a_solve_as_json_says(comm, dtype, ownership):
    owners = OWNERS[ownership](N, comm.size)
    array = tridiagonal(N) + tridiagonal(N).T
    A = assembled(comm, owners, array, dtype)
    exact = np.cos(np.arange(N))
    b = vector(comm, owners, array @ exact, dtype)
    x = vector(comm, owners, np.zeros(N), dtype)
    tolerance = {"float": 1e-5, "double": 1e-10}[dtype]
    config = {
        "type": "solver::Cg",
        "criteria": [
            {"type": "Iteration", "max_iters": 100},
            {"type": "ResidualNorm", "reduction_factor": tolerance},
        ],
    }
    solve = getattr(pgb.solver, f"config_solve_{dtype}")
    logger = solve(EXEC, A, b, x, json.dumps(config))
    assert logger.has_converged() and 0 < logger.get_num_iterations() <= 100
    np.testing.assert_allclose(
        gkd.vector_local(x, dtype), exact[owned(owners, comm)], atol=10 * tolerance
    )
