"""Logs and callbacks of distributed solves: each rank has its own, and they say the same."""

import numpy as np
import pytest
from problems import PARTITIONS, mine, owners, partition, spd
from systems import SOLVERS, check_raises, generated, home, method

import petiole as pt


@pytest.fixture(params=list(SOLVERS))
def name(request):
    return request.param


def everywhere(comm, mine):
    """What every rank has, which is the same bit for bit."""
    every = comm.allgather(mine)
    for other in every[1:]:
        np.testing.assert_equal(other, every[0])
    return every[0]


@pytest.mark.parametrize("columns", [None, 3])
def test_each_ranks_callback_hears_the_same(comm, name, columns):
    case = home(comm, name)
    b, _ = case.y(40, columns)
    heard = []

    def callback(event):
        assert event.x.local_shape == b.local_shape and event.r.comm.rank == comm.rank
        heard.append((event.iteration, np.copy(event.residual_norm)))

    solver = generated(name, case, rtol=1e-6, maxiter=40, callback=callback)
    x = b.zeros_like()
    log = solver.apply(b, x)
    assert [iteration for iteration, _ in heard] == list(range(log.iterations + 1))
    everywhere(comm, heard)
    np.testing.assert_array_equal(log.history, [norm for _, norm in heard])
    everywhere(comm, (log.iterations, log.history, log.residual_norm, log.converged, log.reason))
    # The history is the same where nobody listens.
    silent = generated(name, case, rtol=1e-6, maxiter=40).apply(b, b.zeros_like())
    np.testing.assert_array_equal(silent.history, log.history)
    everywhere(comm, silent.history)


def test_the_norms_are_those_of_the_whole(comm, name):
    case = home(comm, name)
    b, _ = case.y(41, None)
    log = generated(name, case, rtol=1e-6, maxiter=3).apply(b, b.zeros_like())
    assert np.isclose(log.history[0], np.linalg.norm(b.allgather()), rtol=1e-6)


def test_callbacks_may_be_on_some_ranks_alone(comm, name):
    case = home(comm, name)
    b, _ = case.y(42, None)
    heard = []
    callback = heard.append if comm.rank == comm.size - 1 else None
    log = generated(name, case, rtol=1e-6, maxiter=20, callback=callback).apply(b, b.zeros_like())
    assert len(heard) == (log.iterations + 1 if callback else 0)
    everywhere(comm, log.history)


@pytest.mark.parametrize("who", [0, -1])
def test_an_exception_in_one_ranks_callback_ends_the_solve_on_all(comm, name, who):
    case = home(comm, name)
    b, _ = case.y(43, None)
    rank, at, heard = who % comm.size, 2 if method(name).iterative else 0, []

    def callback(event):
        heard.append(event.iteration)
        if comm.rank == rank and event.iteration == at:
            raise KeyError(f"call {at}")

    solver = generated(name, case, rtol=0, maxiter=9, callback=callback)
    check_raises(comm, rank, lambda: solver.apply(b, b.zeros_like()))
    assert heard[: at + 1] == list(range(at + 1))
    assert heard[-1] <= at + 1  # others may have gone on to the next reduction


@pytest.mark.parametrize("kind", PARTITIONS)
def test_logs_do_not_depend_on_who_owns_what(comm, kind):
    """A rank without rows hears what the others do."""
    dense = spd(20, "float64", 3)
    own = mine(owners(kind, 20, comm.size), comm.rank)
    rows, cols = np.nonzero(dense[own])
    A = pt.Matrix.from_coo(comm, partition(kind, 20, comm), own[rows], cols, dense[own][rows, cols])
    b = pt.Vector.from_local(comm, np.ones(own.size))
    heard = []
    log = pt.cg(A, b, rtol=1e-10, callback=lambda e: heard.append(e.residual_norm))[1]
    assert log.converged
    np.testing.assert_array_equal(everywhere(comm, heard), log.history)


def test_a_gpu_array_on_one_rank_fails_everywhere(comm):
    class OnGpu:
        __cuda_array_interface__ = dict(shape=(2,), typestr="<f8", data=(16, False), version=3)

    last = comm.size - 1
    array = OnGpu() if comm.rank == last else np.ones(2)
    for make in pt.Vector.from_local, pt.Vector.view:
        with pytest.raises(pt.NotSupported, match="copy it to the host") as caught:
            make(comm, array)
        assert caught.value.rank == last
