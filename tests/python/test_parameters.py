"""Parameters of every type, from Python: of a kind for tests (tests/kinds/every.c), in an extension of its own
with that kind in the list."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

import petiole as pt
from limits import limit

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORE = ROOT / "build" / "tests" / "kinds" / "every_core.so"
ALONE = {
    k: v for k, v in os.environ.items() if not k.startswith(("OMPI_", "PMIX_", "PMI_", "HYDRA"))
}
BEGIN = f"""
import gc, importlib.machinery, importlib.util, inspect, sys
loader = importlib.machinery.ExtensionFileLoader("petiole._core", {str(CORE)!r})
core = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.modules[loader.name] = core
loader.exec_module(core)
import numpy as np
import petiole as pt

A = pt.Csr(np.diag([1.0, 2.0]))
v = pt.Vector.from_local(None, np.array([3.0, 5.0]))

def refused(error, text, **options):
    try:
        pt.Every(**options)
    except error as caught:
        assert text in str(caught), str(caught)
    else:
        raise AssertionError(f"{{options}} are taken")
"""


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(program)],
        capture_output=True, text=True, env=ALONE, timeout=limit(60),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_its_signature_and_its_defaults():
    run("""
    assert pt.Every.__text_signature__ == (
        "(count=3, strength=0.25, open=None, flag=True, choice='second', bounds=None, factory=None, "
        "linop=None, inner=None, vector=None, sizes=None, weights=None, levels=None)")
    for parameter in inspect.signature(pt.Every).parameters.values():
        made = pt.Every(**{parameter.name: parameter.default})
        assert made.to_dict() == {"type": "preconditioner::Every"}
    types = {name: kind for name, _, kind, _, _, _ in core.parameters("every")}
    assert [types[name] for name in ("vector", "sizes", "weights", "levels", "open")] == [
        "vector", "ints", "reals", "factories", "real or none"]
    """)


def test_values_arrive():
    run("""
    np.testing.assert_array_equal((pt.Every(strength=0, vector=v).generate(A) @ v).local, [0, 0])
    np.testing.assert_array_equal((pt.Every(strength=2, vector=v).generate(A) @ v).local, [18, 50])
    M = pt.Every(levels=[pt.Jacobi(), pt.Ilu()]).generate(A)
    np.testing.assert_array_equal((M @ v).local, [3, 2.5])
    """)


def test_a_dict_has_what_json_can_hold():
    run("""
    made = pt.Every(count=0, strength=0, open=0.0, flag=False, choice="first", bounds=(1, 2),
                    factory=pt.Ilu(), inner=pt.Sor(), sizes=np.array([1, 2], np.int32),
                    weights=(0, -1.5), levels=iter([pt.Jacobi(), pt.Every(sizes=range(1, 4))]))
    said = made.to_dict()
    assert said == {
        "type": "preconditioner::Every", "count": 0, "strength": 0.0, "open": 0.0, "flag": False,
        "choice": "first", "bounds": [1.0, 2.0], "factory": {"type": "preconditioner::Ilu"},
        "inner": {"type": "preconditioner::Sor"}, "sizes": [1, 2], "weights": [0.0, -1.5],
        "levels": [{"type": "preconditioner::Jacobi"},
                   {"type": "preconditioner::Every", "sizes": [1, 2, 3]}]}
    assert pt.factory(said).to_dict() == said
    inside = pt.Cg(M=pt.factory({"type": "every", "levels": ["ilu", {"type": "cg"}], "sizes": None}))
    assert inside.to_dict()["preconditioner"]["levels"][1]["type"] == "solver::Cg"
    assert pt.Every(sizes=[], weights=[], levels=()).to_dict() == {"type": "preconditioner::Every"}
    for options, text in (({"vector": v}, "vector: a vector cannot be written"),
                          ({"linop": A}, "linop: an operator cannot be written"),
                          ({"levels": [pt.Ilu(), pt.Every(vector=v)]}, "levels[1].vector: ")):
        try:
            pt.Every(**options).to_dict()
        except pt.NotSupported as caught:
            assert text in str(caught), str(caught)
        else:
            raise AssertionError(options)
    """)


def test_errors_name_the_parameter():
    run("""
    refused(TypeError, "vector must be a Vector or None, not Csr", vector=A)
    refused(TypeError, "sizes must be a sequence of integers or None, not int", sizes=3)
    refused(TypeError, "sizes must be a sequence of integers or None, not str", sizes="12")
    refused(TypeError, "sizes[1]", sizes=[1, 2.5])
    refused(TypeError, "sizes[0]", sizes=["a"])
    refused(pt.InvalidArgument, "every: sizes[2] is 0, expected a positive", sizes=[1, 2, 0])
    refused((OverflowError, pt.InvalidArgument), "sizes[0]", sizes=[2**70])
    refused(TypeError, "weights[1]", weights=[1, None])
    refused(pt.InvalidArgument, "weights[0] is inf", weights=[float("inf")])
    refused(TypeError, "levels must be a sequence of factories or None, not Ilu", levels=pt.Ilu())
    refused(TypeError, "levels[1] must be a factory, not NoneType", levels=[pt.Ilu(), None])
    refused(pt.InvalidArgument, "every: strength is -1", strength=-1)
    refused(TypeError, "strength", strength=None)
    refused(pt.InvalidArgument, "open is nan, expected a finite number or None", open=float("nan"))
    refused(pt.InvalidArgument, "every: open is inf", open=float("inf"))
    """)


def test_what_is_given_lives_as_long_as_it_is_used():
    run("""
    levels = [pt.Cg(callback=lambda event: seen.append(event.iteration), maxiter=1)]
    seen, weights = [], np.ones(3)
    made = pt.Every(levels=levels, vector=pt.Vector.from_local(None, np.ones(2)), weights=weights)
    levels.clear()
    weights[:] = np.nan
    gc.collect()
    M = made.generate(A)
    M @ v
    assert seen == [0, 1]

    class Raises:
        def __iter__(self):
            yield pt.Ilu()
            raise KeyError("on the way")

    refused(KeyError, "on the way", levels=Raises())
    refused(KeyError, "on the way", sizes=Raises())
    holder = []
    op = pt.Every(levels=[pt.Cg(callback=holder.append)])
    holder.append(op)
    del op, holder
    assert gc.collect() > 0
    """)


@pytest.mark.parametrize("kind, options", [
    ("Idr", {"kappa": 0}), ("Ilut", {"drop_tolerance": 0}), ("Ilut", {"fill": 0}),
    ("Ilu", {"pivot_tolerance": 0}), ("Direct", {"gather_limit": 0}),
])  # fmt: skip
def test_zero_can_be_said(kind, options, alone):
    A, b, solution = alone
    made = getattr(pt, kind)(**options)
    assert made.to_dict().items() >= options.items()
    assert pt.factory(made.to_dict()).to_dict() == made.to_dict()
    x = made.generate(A) @ b
    if kind in ("Idr", "Direct"):
        assert abs(x.local - solution).max() < 1e-3


@pytest.mark.parametrize("kind, options", [
    ("Gmres", {"restart": 0}), ("Idr", {"s": 0}), ("Ir", {"relaxation": 0}), ("Sor", {"relaxation": 0}),
    ("Jacobi", {"block_size": 0}), ("Schwarz", {"aggregate_size": 0}), ("Ilut", {"fill": -1}),
])  # fmt: skip
def test_zero_that_cannot_be_is_refused_by_name(kind, options):
    (name,) = options
    with pytest.raises(pt.InvalidArgument, match=rf"{name} is "):
        getattr(pt, kind)(**options)
    with pytest.raises(pt.FormatError, match=name):
        pt.factory({"type": kind, **options})
