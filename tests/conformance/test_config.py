"""Configurations on several ranks."""

import numpy as np
import pytest
from problems import spd

import petiole as pt
from petiole._core import kinds

CONFIG = {
    "type": "solver::Cg",
    "preconditioner": {"type": "preconditioner::Jacobi"},
    "criteria": {"iteration": 200, "relative_residual_norm": 1e-9},
}


@pytest.fixture
def system(comm):
    n = 20
    dense = spd(n, "float64", 3)
    part = pt.Partition.uniform(comm.size, n)
    rows, cols = np.nonzero(dense)
    mine = np.arange(rows.size) % comm.size == comm.rank
    A = pt.Matrix.from_coo(comm, part, rows[mine], cols[mine], dense[rows, cols][mine])
    b = pt.Vector.from_local(comm, np.ones(part.part_size(comm.rank)))
    return A, b, dense


def test_a_configuration_solves(system, comm):
    A, b, dense = system
    x, log = pt.solve(A, b, CONFIG)
    assert log.converged and log.reason == "rtol"
    np.testing.assert_allclose(dense @ x.allgather(), 1, atol=1e-6)


def nested(factorization, outer="Ilu", solver="solver::Gmres"):
    """A program's configuration of Ginkgo's, with the factorization that is named."""
    return {
        "type": solver,
        "preconditioner": {
            "type": f"preconditioner::{outer}",
            "factorization": {"type": f"factorization::{factorization}"},
        },
        "criteria": [
            {"type": "Iteration", "max_iters": 1000},
            {"type": "ResidualNorm", "reduction_factor": 1e-7},
        ],
    }


@pytest.mark.parametrize(
    "config, like",
    [
        (nested("ParIlu") | {"value_type": "float64"}, pt.Ilu()),
        (nested("Ilu"), pt.Ilu()),
        (nested("ParIlut"), pt.Ilut()),
        (nested("ParIc", "Ic", "solver::Cg"), pt.Ic()),
        (nested("ParIct", "Ic", "solver::Cg"), pt.Ic(level=1)),
        (nested("Lu"), pt.Direct()),
        (nested("Cholesky", "Ic", "solver::Cg"), pt.Direct()),
        (nested("Ilu") | {"preconditioner": {"type": "factorization::ParIlu"}}, pt.Ilu()),
        (
            nested("Ilu")
            | {
                "preconditioner": {
                    "type": "preconditioner::Schwarz",
                    "local_solver": nested("ParIlu")["preconditioner"],
                }
            },
            pt.Schwarz(local=pt.Ilu()),
        ),
    ],
)
def test_ginkgos_factorizations_solve(system, config, like):
    A, b, dense = system
    x, log = pt.solve(A, b, config)
    method = pt.cg if config["type"] == "solver::Cg" else pt.gmres
    y, other = method(A, b, rtol=1e-7, maxiter=1000, M=like)
    assert log.converged and log.history.tolist() == other.history.tolist()
    np.testing.assert_array_equal(x.local, y.local)
    np.testing.assert_allclose(dense @ x.allgather(), 1, atol=1e-5)


def test_exact_factors_alone_solve(system):
    A, b, dense = system
    for name in "Lu", "Cholesky":
        x, log = pt.solve(A, b, {"type": f"factorization::{name}"})
        assert log.converged
        np.testing.assert_allclose(dense @ x.allgather(), 1, rtol=1e-10)


@pytest.mark.parametrize("who", ["first", "last"])
@pytest.mark.parametrize(
    "bad, kind, message",
    [
        ({"type": "cg", "preconditioner": {"type": "jacobi", "level": 1}}, pt.FormatError,
         r"preconditioner\.level: unknown key"),
        ('{"type": "cg"', pt.FormatError, "line 1"),
        ({"type": "jacobi"}, pt.FormatError, "expected a solver"),
        ({"type": "cg", "M": {"type": "jacobi", "block_size": 65}}, pt.FormatError, "block_size is 65"),
        (["cg"], (TypeError, pt.RemoteError), "config must be a dict or a string"),
    ],
)  # fmt: skip
def test_a_bad_configuration_on_one_rank_fails_on_all(system, comm, bad, kind, message, who):
    A, b, _ = system
    at = 0 if who == "first" else comm.size - 1
    with pytest.raises(kind, match=message):
        pt.solve(A, b, bad if comm.rank == at else CONFIG)
    assert pt.solve(A, b, CONFIG)[1].converged


@pytest.mark.parametrize(
    "change",
    [
        {"criteria": {"iteration": 201, "relative_residual_norm": 1e-9}},
        {"criteria": {"iteration": 200, "initial_residual_norm": 1e-9}},
        {"true_residual": False},
        {"preconditioner": None},
        {"preconditioner": {"type": "cg"}},
        *(
            {"type": name, "preconditioner": None}  # which some do not take
            for family, name, _ in kinds()
            if family == "solver" and name != "cg"
        ),
    ],
)
def test_ranks_with_different_configurations_fail(system, comm, change):
    A, b, _ = system
    mine = CONFIG | change if comm.rank == comm.size - 1 else CONFIG
    if comm.size == 1:
        pytest.skip("one rank cannot differ")
    with pytest.raises(pt.Error, match="different"):
        pt.solve(A, b, mine)
    assert pt.solve(A, b, CONFIG)[1].converged
