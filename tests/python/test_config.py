"""Configurations: factories from dicts and JSON, and back."""

import gc
import json
import time
import weakref

import numpy as np
import pytest

import petiole as pt
from petiole import stop
from petiole._core import kinds


def tridiagonal(n=30):
    from scipy.sparse import diags_array

    dense = diags_array([-1.0, 2.5, -1.0], offsets=[-1, 0, 1], shape=(n, n)).tocsr()
    return pt.Csr.from_scipy(dense), dense.toarray()


CG = {
    "type": "solver::Cg",
    "preconditioner": {"type": "preconditioner::Jacobi", "max_block_size": 2},
    "criteria": [
        {"type": "Iteration", "max_iters": 100},
        {"type": "ResidualNorm", "reduction_factor": 1e-10, "baseline": "rhs_norm"},
    ],
}


def test_a_dict_and_its_json_are_the_same_factory():
    made = pt.factory(CG)
    assert type(made) is pt.Cg and made.kind == "cg"
    assert pt.factory(json.dumps(CG)).to_dict() == made.to_dict()
    assert made.to_dict() == {
        "type": "solver::Cg",
        "preconditioner": {"type": "preconditioner::Jacobi", "block_size": 2},
        "criteria": CG["criteria"][:1] + [CG["criteria"][1]],
    }
    assert json.loads(made.to_json()) == made.to_dict()


@pytest.mark.parametrize("family, name, title", kinds())
def test_every_kind(family, name, title):
    by_class = getattr(pt, title)()
    by_config = pt.factory({"type": f"{family}::{title}"})
    assert type(by_config) is type(by_class)
    again = pt.factory(by_class.to_dict())
    assert again.to_dict() == by_class.to_dict()


def test_every_criterion():
    some = (
        stop.Iteration(7)
        | stop.Residual(0.1, "initial") & stop.ImplicitResidual(0.3)
        | stop.Time(2.5) & (stop.Divergence(1e4) | stop.Stagnation(3, 0.9))
    )
    made = pt.Cg(stop=some, rtol=1e-7, atol=1e-30, maxiter=9, true_residual=False)
    config = made.to_dict()
    assert config["true_residual"] is False
    assert pt.factory(config).to_dict() == config
    assert pt.factory({"type": "cg", "maxiter": 9}).to_dict() == pt.Cg(maxiter=9).to_dict()


def test_solve_agrees_with_the_function():
    A, dense = tridiagonal()
    b = pt.Vector.from_local(None, np.arange(30.0))
    x, log = pt.solve(A, b, CG)
    y, other = pt.cg(A, b, rtol=1e-10, maxiter=100, M=pt.Jacobi(2))
    np.testing.assert_array_equal(x.local, y.local)
    assert log.converged and log.history.tolist() == other.history.tolist()
    np.testing.assert_allclose(dense @ x.local, b.local, atol=1e-7)
    again, log = pt.solve(A, b, CG, x0=x)
    assert log.iterations == 0 and again is not x


def test_solve_stops_as_told():
    A, _ = tridiagonal()
    b = pt.Vector.from_local(None, np.ones(30))
    assert pt.solve(A, b, {"type": "cg", "criteria": {"iteration": 3}})[1].iterations == 3
    log = pt.solve(
        A, b, {"type": "cg", "criteria": {"iteration": 9, "initial_residual_norm": 0.5}}
    )[1]
    assert (
        log.reason == "rtol" and log.residual_norm <= 0.5 * log.history[0] < log.history[-2] * 1e9
    )
    log = pt.solve(
        A, b, {"type": "cg", "criteria": {"min_iters": 6, "rtol": 0.9, "iteration": 20}}
    )[1]
    assert log.iterations == 6 and log.converged
    log = pt.solve(A, b, {"type": "cg", "criteria": {"time": 0, "rtol": 1e-9}})[1]
    assert log.reason == "time" and log.iterations == 0


def test_idr_has_kappa():
    A, dense = tridiagonal()
    b = pt.Vector.from_local(None, np.ones(30))
    histories = set()
    for kappa in 0.1, 0.7, 0.99:
        log = pt.idr(A, b, s=1, kappa=kappa, rtol=1e-9)[1]
        assert log.converged
        histories.add(tuple(log.history))
    assert len(histories) > 1
    assert pt.idr(A, b, s=1, rtol=1e-9)[1].history.tolist() in [list(h) for h in histories]


def test_numpy_values():
    made = pt.factory({"type": "cg", "maxiter": np.int64(4), "rtol": np.float32(0.5)})
    assert made.to_dict() == pt.Cg(maxiter=4, rtol=0.5).to_dict()


@pytest.mark.parametrize(
    "config, message",
    [
        ({"type": "cg", "preconditioner": {"type": "jacobi", "factorization": {}}},
         r"^preconditioner\.factorization: unknown key; known: type, block_size"),
        ({"type": "solver::Nothing"}, r"^type: unknown type; known: solver::Cg, "),
        ({}, "^type: is missing"),
        ({"type": "cg", "rtol": float("nan")}, "^the configuration: .*JSON"),
        ({"type": "cg", "rtol": "1e-5"}, "^rtol: expected a number"),
        ('{"type": "cg",\n "type": "cg"}', "line 2, column .*duplicate"),
        ("{", "line 1, column 1"),
        ('{"type": "cg"}\0', "NUL"),
        ('["cg"]', "expected an object"),
    ],
)  # fmt: skip
def test_bad_configurations(config, message):
    with pytest.raises(pt.FormatError, match=message):
        pt.factory(config)
    with pytest.raises(pt.FormatError, match=message):
        pt.solve(*system(), config)


def system():
    A, _ = tridiagonal(3)
    return A, pt.Vector.from_local(None, np.ones(3))


def test_wrong_types():
    with pytest.raises(TypeError, match="config must be a dict or a string, not list"):
        pt.factory([CG])
    with pytest.raises(TypeError, match="not a Jacobi"):
        pt.factory({"type": "cg", "M": pt.Jacobi()})
    with pytest.raises(TypeError, match="callback must be callable"):
        pt.solve(*system(), CG, callback=3)
    with pytest.raises(pt.FormatError, match="expected a solver, jacobi is a preconditioner"):
        pt.solve(*system(), {"type": "jacobi"})
    with pytest.raises(pt.FormatError, match="^M: block_size is 65"):
        pt.factory({"type": "cg", "M": {"type": "jacobi", "block_size": 65}})


def test_what_cannot_be_written_is_named():
    for factory, message in (
        (pt.Cg(callback=print), "^callback: a callback cannot be written"),
        (pt.Cg(M=pt.Cg(callback=print)), r"^preconditioner\.callback: "),
        (pt.Cg(M=tridiagonal()[0]), "^preconditioner: an operator"),
        (pt.Cg(stop=stop.Predicate(lambda event: True)), r"^criteria\[0\]: a predicate"),
        (pt.Cg(stop=stop.Divergence(float("inf"))), r"^criteria\[0\]: inf cannot"),
    ):
        for method in factory.to_dict, factory.to_json:
            with pytest.raises(pt.NotSupported, match=message):
                method()


def test_the_callback_hears_the_outermost_solver():
    seen = []
    A, b = system()
    config = {"type": "cg", "M": {"type": "cg", "maxiter": 1}}
    log = pt.solve(A, b, config, callback=lambda event: seen.append(event.iteration))[1]
    assert seen == list(range(log.iterations + 1))


def test_progress(capsys):
    pt.solve(*system(), CG, progress=True)
    assert "converged" in capsys.readouterr().err


class Slow(pt.LinOp):
    def apply_impl(self, b, x):
        time.sleep(0.01)
        x.local[:] = np.linspace(1, 1e6, x.local.size) * b.local


@pytest.mark.parametrize(
    "config",
    [
        {"type": "cg", "criteria": {"iteration": 10**9, "divergence": 1e300}},
        {"type": "cg", "maxiter": 1, "rtol": 0, "M": {"type": "cg", "rtol": 0, "maxiter": 10**9}},
    ],
    ids=["outer", "inner"],
)
def test_a_solve_by_configuration_is_interrupted(config, ctrl_c):
    A = Slow(400)
    b = pt.Vector.from_local(None, np.ones(400))
    with ctrl_c(after=0.3):
        pt.solve(A, b, config)


def test_what_is_generated_keeps_the_factory():
    class Callback:
        def __call__(self, event):
            pass

    A, b = system()
    callback = Callback()
    gone = weakref.ref(callback)
    text = json.dumps({"type": "cg", "M": {"type": "cg", "M": "jacobi"}})
    solver = pt._core.factory_of_json(text, callback).generate(A)
    del callback
    gc.collect()
    assert gone() is not None
    assert solver.apply(b, b.zeros_like()).converged
    del solver
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("text", ["\ud800", '{"type": "\udcff"}', '{"type": "cg", "\ud800": 1}'])
def test_a_lone_surrogate_is_no_character(text):
    with pytest.raises(pt.FormatError, match="surrogate"):
        pt.factory(text)
    with pytest.raises(pt.FormatError, match="Unicode"):
        pt.factory({"type": "cg", text: text})


def test_what_is_nested_too_deep(alone):
    config = {}
    for _ in range(100_000):
        config = {"M": config}
    with pytest.raises(pt.FormatError, match="nested too deep"):
        pt.solve(*alone[:2], config)
