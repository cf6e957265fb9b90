"""Classes and functions of the kinds that the library lists, and the criteria of petiole.stop."""

import inspect
import pickle

import numpy as np
import pytest

import petiole as pt
from petiole import _core

KINDS = _core.kinds()


@pytest.mark.parametrize("family, name, title", KINDS)
def test_every_kind_is_a_class(family, name, title):
    factory = getattr(pt, title)
    assert issubclass(factory, pt.Factory) and title in pt.__all__
    assert factory.__name__ == title and factory.__module__ == "petiole"
    made = factory()
    assert made.kind == name and repr(made) == f"<petiole.{title} factory>"
    about, *details = factory.__doc__.split("\n\n")
    assert about.endswith(".") and "\n".join(details)
    for parameter in inspect.signature(factory).parameters.values():
        assert parameter.name in factory.__doc__
        assert parameter.default is not inspect.Parameter.empty
        if parameter.name != "stop":
            factory(**{parameter.name: parameter.default})  # the default can be said


@pytest.mark.parametrize("name", [name for family, name, _ in KINDS if family == "solver"])
def test_every_solver_is_a_function(name, alone):
    function = getattr(pt, name)
    assert function.__name__ == name and name in pt.__all__
    assert pickle.loads(pickle.dumps(function)) is function
    title = next(title for _, other, title in KINDS if other == name)
    assert f"`{title}`" in function.__doc__
    names = list(inspect.signature(function).parameters)
    assert names == ["A", "b", "x0", *inspect.signature(getattr(pt, title)).parameters, "progress"]
    with pytest.raises(TypeError, match=rf"{name}\(\)"):
        function(alone[0])
    with pytest.raises(TypeError, match="A must be a LinOp"):
        function(3, alone[1])


@pytest.mark.parametrize("name", [name for family, name, _ in KINDS if family == "solver"])
def test_progress_of_any_solver(name, capfd, monkeypatch):
    monkeypatch.setattr("petiole._progress.Progress.SECONDS", np.inf)  # no lines on the way
    n = np.arange(5)
    A = pt.Matrix.from_coo(None, pt.Partition.uniform(1, 5), n, n, n + 1.0)
    b = pt.Vector.from_local(None, np.ones(5))
    seen = []
    stop = pt.stop.Iteration(3) | pt.stop.Residual(1e-3)
    x, log = getattr(pt, name)(A, b, stop=stop, progress=True, callback=seen.append)
    assert capfd.readouterr().err == f"{name}: {log}\n"
    assert [event.iteration for event in seen] == list(range(log.iterations + 1))


def test_criteria():
    for name in pt.stop.__all__:
        thing = getattr(pt.stop, name)
        assert thing.__doc__ and thing.__module__ == "petiole.stop"
    one = pt.stop.Iteration(3)
    for both in (one | one, one & one, (one | one) & pt.stop.Time(1)):
        assert type(both) is pt.stop.Criterion
    with pytest.raises(TypeError):
        one | 3
    with pytest.raises(TypeError):
        pt.stop.Criterion()


def test_an_exception_in_a_predicate_comes_out_as_itself(alone):
    A, b, _ = alone

    def fn(event):
        raise LookupError("as asked")

    with pytest.raises(LookupError, match="as asked"):
        pt.cg(A, b, stop=pt.stop.Predicate(fn))

    class Undecided:
        def __bool__(self):
            raise OverflowError("neither")

    with pytest.raises(OverflowError):
        pt.cg(A, b, stop=pt.stop.Predicate(lambda event: Undecided()))


def test_a_predicate_sees_events(alone):
    A, b, solution = alone
    kept = []

    def fn(event):
        kept.append(event)
        return abs(event.x.local - solution).max() < 1e-6

    x, log = pt.cg(A, b, rtol=0, stop=pt.stop.Predicate(fn))
    assert log.reason == "predicate" and log.converged
    assert [event.iteration for event in kept] == list(range(log.iterations + 1))
    with pytest.raises(pt.Expired, match="has returned"):
        getattr(kept[0], "x")  # noqa: B009
