"""A collective call that one rank cannot even begin, for what it was given, fails on every rank."""

import numpy as np
import pytest

import petiole as pt


class Unreadable:
    """An array-like whose conversion fails."""

    def __array__(self, *args, **kwargs):
        raise OSError("cannot be read")


class Hungry:
    def __array__(self, *args, **kwargs):
        raise MemoryError("no room")


CUBE = np.zeros((2, 2, 2))
QUAD = np.zeros(3, np.longdouble)
GOOD = np.zeros(3)


def csr(n):
    return pt.Csr.from_arrays((n, n), np.arange(n + 1), np.arange(n), np.ones(n))


def calls(comm):
    """Name: the call with an argument as it should be, a bad one, and the class of its error."""
    size = comm.size
    part = pt.Partition.uniform(size, 3 * size)
    i = np.arange(3) + 3 * comm.rank
    A = pt.Matrix.from_coo(comm, part, i, i, np.ones(3))
    v = pt.Vector.from_local(comm, np.ones(3))
    w = v.zeros_like()
    solver = pt.Cg().generate(A)
    world = v.comm
    bounds = np.arange(4)
    return {
        "zeros, dtype": (lambda a: pt.Vector.zeros(comm, 3, dtype=a), "f8", "longdouble", pt.DtypeError),
        "zeros, columns": (lambda a: pt.Vector.zeros(comm, 3, columns=a), 2, 0, pt.InvalidArgument),
        "zeros, size": (lambda a: pt.Vector.zeros(comm, a), 3, 2**70, pt.InvalidArgument),
        "from_local, 3-D": (lambda a: pt.Vector.from_local(comm, a), GOOD, CUBE, pt.DimensionError),
        "from_local, quad": (lambda a: pt.Vector.from_local(comm, a), GOOD, QUAD, pt.DtypeError),
        "from_local, memory": (
            lambda a: pt.Vector.from_local(comm, a), GOOD, Hungry(), pt.OutOfMemory),
        "from_local, size": (
            lambda a: pt.Vector.from_local(comm, GOOD, global_size=a), 3 * size, -1, ValueError),
        "view": (lambda a: pt.Vector.view(comm, a), GOOD.copy(), np.zeros(6)[::2], ValueError),
        "from_global": (
            lambda a: pt.Vector.from_global(comm, part, a, GOOD), i, i[:2], pt.DimensionError),
        "from_coo, lengths": (
            lambda a: pt.Matrix.from_coo(comm, part, i, a, GOOD), i, i[:2], pt.DimensionError),
        "from_coo, indices": (
            lambda a: pt.Matrix.from_coo(comm, part, i, a, GOOD), i, i + 0.5, pt.DtypeError),
        "from_coo, foreign": (
            lambda a: pt.Matrix.from_coo(comm, part, i, i, GOOD, foreign=a), "send", "no", ValueError),
        "from_csr": (
            lambda a: pt.Matrix.from_csr(comm, bounds, i, a, partition=part), GOOD, GOOD[:2], ValueError),
        "from_csr, no partition": (
            lambda a: pt.Matrix.from_csr(comm, bounds, i, a), GOOD, QUAD, pt.DtypeError),
        "from_blocks": (
            lambda a: pt.Matrix.from_blocks(comm, part, a, csr(3)), [], [0.5], pt.DtypeError),
        "from_local shape": (
            lambda a: pt.Matrix.from_local(comm, csr(3), a), (3 * size,) * 2, (-1, 3), ValueError),
        "update_values": (A.update_values, GOOD, CUBE, pt.DimensionError),
        "local_size": (lambda a: pt.Partition.from_local_size(comm, a), 3, 2**70, ValueError),
        "allreduce, op": (lambda a: world.allreduce(GOOD, a), "sum", "median", ValueError),
        "allreduce, dtype": (world.allreduce, GOOD, QUAD, pt.DtypeError),
        "norm": (v.norm, 2, 3, ValueError),
        "gather": (v.gather, 0, -1, pt.IndexOutOfRange),
        "apply, alpha": (
            lambda a: A.apply(a, v, 0.0, w), 1.0, np.ones(2), pt.DimensionError),
        "LinOp": (lambda a: pt.LinOp(a, comm), 3, 2**70, ValueError),
        "solver, x": (lambda a: solver.apply(v, a), w, pt.Vector.zeros(comm, 2), pt.DimensionError),
        "cg": (lambda a: pt.cg(A, v, rtol=a), 1e-5, -1.0, pt.InvalidArgument),
    }  # fmt: skip


NAMES = [
    "zeros, dtype", "zeros, columns", "zeros, size", "from_local, 3-D", "from_local, quad",
    "from_local, memory", "from_local, size", "view", "from_global", "from_coo, lengths",
    "from_coo, indices", "from_coo, foreign", "from_csr", "from_csr, no partition", "from_blocks",
    "from_local shape", "update_values", "local_size", "allreduce, op", "allreduce, dtype", "norm",
    "gather", "apply, alpha", "LinOp", "solver, x", "cg",
]  # fmt: skip


def test_every_call_is_in_the_list(comm):
    assert list(calls(comm)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_argument_on_one_rank(comm, name):
    call, good, bad, error = calls(comm)[name]
    last = comm.size - 1
    with pytest.raises(error) as caught:
        call(bad if comm.rank == last else good)
    assert isinstance(caught.value, pt.Error)
    assert caught.value.rank == last
    call(good)  # and everybody is in step


def test_python_exceptions_come_out_as_themselves_and_remotely(comm):
    """What Petiole did not detect itself: a conversion that raises, and wrong types."""
    who = comm.size - 1
    v = pt.Vector.zeros(comm, 3)
    i = np.arange(3) + 3 * comm.rank
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 3 * comm.size), i, i, np.ones(3))
    for call, good, bad, error in (
        (lambda a: pt.Vector.from_local(comm, a), GOOD, Unreadable(), OSError),
        (lambda a: pt.Vector.from_local(comm, GOOD, exec=a), None, 3, TypeError),
        (v.dot, v, 3, TypeError),
        (v.norm, 2, "two", TypeError),
        (lambda a: v @ a, v, None, TypeError),
        (lambda a: A @ a, v, np.zeros(3), TypeError),
        (lambda a: A.apply(*a), (v, v.copy()), (v,), TypeError),
        (lambda a: pt.cg(A, a), v, np.zeros(3), TypeError),
        (lambda a: pt.cg(a, v), A, None, TypeError),
        (lambda a: pt.cg(A, v, a), None, 5, TypeError),
        (lambda a: pt.cg(A, v, M=a), None, "jacobi", TypeError),
        (lambda a: pt.cg(A, v, rtol=a), 1e-5, "small", TypeError),
    ):
        with pytest.raises(error if comm.rank == who else pt.RemoteError) as caught:
            call(bad if comm.rank == who else good)
        if comm.rank == who:
            assert not isinstance(caught.value, pt.Error)
        else:
            assert caught.value.rank == who and error.__name__ in str(caught.value)
        call(good)


def test_ranks_that_ask_for_different_things(comm):
    """Each is fine by itself; together they would leave some ranks waiting for the others."""
    if comm.size == 1:
        pytest.skip("ranks cannot differ")
    i = np.arange(3) + 3 * comm.rank
    A = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 3 * comm.size), i, i, i + 1.0)
    b = pt.Vector.from_local(comm, np.ones(3))
    for call, common, other in (
        (lambda a: pt.cg(A, b, rtol=0, maxiter=a), 2, 1),
        (lambda a: pt.cg(A, b, rtol=a), 1e-10, 1e-1),
        (lambda a: pt.cg(A, b, stop=pt.stop.Residual(1e-3, a)), "rhs", "absolute"),
        (lambda a: pt.cg(A, b, M=a), None, pt.Jacobi()),
        (lambda a: A.apply(*a), (b, b.copy()), (2, b, 1, b.copy())),
    ):
        with pytest.raises(pt.DimensionError, match="ranks pass different"):
            call(other if comm.rank == comm.size - 1 else common)
        call(common)
