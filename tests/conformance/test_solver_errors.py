"""What fails on one rank in a solve, of any method, ends it on every rank; and parameters that cannot be."""

import inspect

import numpy as np
import pytest
import systems
from problems import Forwarding
from systems import PRECONDITIONERS, SOLVERS, check_raises, generated, home, method, solve

import petiole as pt

ITERATIVE = [name for name in SOLVERS if method(name).iterative]
FACTORIES = {**SOLVERS, **PRECONDITIONERS}


@pytest.fixture(params=list(SOLVERS))
def solver(request):
    return request.param


class Raising(Forwarding):
    """Raises on one rank at its call number `at`; after its collective work, as user code must."""

    def __init__(self, comm, matrix, rank, at):
        super().__init__(comm, matrix)
        self.who, self.at, self.calls, self.me = rank, at, 0, comm.rank

    def apply_impl(self, b, x):
        super().apply_impl(b, x)
        self.calls += 1
        if self.me == self.who and self.calls == self.at:
            raise KeyError(f"call {self.at}")


@pytest.mark.parametrize("at", range(1, 11))
@pytest.mark.parametrize("place", ["operator", "preconditioner"])
@pytest.mark.parametrize("name", ITERATIVE)
def test_an_operator_that_raises_on_one_rank_ends_the_solve_on_all(comm, name, place, at):
    case = home(comm, name)
    who = at % comm.size
    A = case.op
    identity = systems.matrix(comm, np.eye(len(case.dense)))
    b, _ = case.y(30, None)
    M = None
    if place == "operator":
        case.op = Raising(comm, A, who, at)
    else:
        M = Raising(comm, identity.op, who, at)

    def run():
        generated(name, case, rtol=0, maxiter=20, M=M).apply(b, b.zeros_like())

    check_raises(comm, who, run)
    # Everything is as usable as before.
    case.op = A
    assert solve(name, case, b, b.zeros_like(), rtol=1e-6, maxiter=3000).converged


@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("place", ["callback", "predicate"])
def test_a_function_that_raises_on_one_rank_ends_the_solve_on_all(comm, solver, place, at):
    if at > 1 and not method(solver).iterative:
        pytest.skip("there is no such iteration")
    case = home(comm, solver)
    who = comm.size // 2

    def function(event):
        if comm.rank == who and event.iteration == at:
            raise KeyError(f"call {at}")

    options = dict(rtol=0, maxiter=5)
    if place == "callback":
        options["callback"] = function
    else:
        options["stop"] = pt.stop.Predicate(function)
    maker = generated(solver, case, **options)
    b, _ = case.y(31, None)
    check_raises(comm, who, lambda: maker.apply(b, b.zeros_like()))


# ---- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "different",
    [
        lambda first: dict(rtol=1e-3 if first else 1e-4),
        lambda first: dict(maxiter=3 if first else 4),
        lambda first: dict(stop=pt.stop.Time(5)) if first else {},
        lambda first: dict(true_residual=first),
    ],
    ids=["rtol", "maxiter", "stop", "true_residual"],
)
def test_parameters_that_differ_between_the_ranks(comm, solver, different):
    if comm.size == 1:
        pytest.skip("one rank")
    case = home(comm, solver)
    with pytest.raises(pt.Error, match="differ"):
        generated(solver, case, **different(comm.rank == 0))


@pytest.mark.parametrize("name", ITERATIVE)
def test_a_preconditioner_on_some_ranks(comm, name):
    if comm.size == 1:
        pytest.skip("one rank")
    case = home(comm, name)
    M = pt.Jacobi() if comm.rank == 0 else None
    with pytest.raises(pt.Error, match="differ"):
        generated(name, case, M=M)


def own_parameters(factory):
    """The parameters that are not every solver's, with their defaults."""
    shared = {"rtol", "atol", "maxiter", "M", "stop", "callback", "true_residual"}
    parameters = inspect.signature(factory).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in shared}


OWN = [(name, p, default) for name in FACTORIES
       for p, default in own_parameters(FACTORIES[name]).items()]  # fmt: skip


# What must be said beside a parameter.
ZERO = ("gather_limit", "kappa", "drop_tolerance", "fill")  # of which 0 is a value
BESIDE = {"lower_precision": {"M": pt.Jacobi()}, "weighted": {"restricted": False}}


def values_of(parameter, default):
    """(allowed, refused) values of a parameter, by its default."""
    if isinstance(default, bool):
        return [True, False], []
    if isinstance(default, int):
        return [default], [-1, 2**64] + [0] * (default != 0 and parameter not in ZERO)
    if isinstance(default, float):
        return [default, 0.5], [-1.0 if parameter in ZERO else 0.0, np.nan, np.inf]
    if isinstance(default, str):
        return [default], ["none of them", ""]
    if parameter != "bounds":  # a factory
        return [None], []
    return [None, (0.5, 2.0)], [(2.0, 0.5), (np.nan, 1.0), (0.0, 0.0)]


@pytest.mark.parametrize("name, parameter, default", OWN)
def test_own_parameters(name, parameter, default):
    allowed, refused = values_of(parameter, default)
    for value in allowed:
        beside = BESIDE.get(parameter, {})
        assert FACTORIES[name](**{parameter: value}, **beside).kind == name
    for value in refused:
        with pytest.raises(pt.InvalidArgument, match=parameter):
            FACTORIES[name](**{parameter: value})
    if not isinstance(default, bool):
        with pytest.raises((TypeError, pt.InvalidArgument), match=parameter):
            FACTORIES[name](**{parameter: object()})


@pytest.mark.parametrize("name, parameter, default", OWN)
def test_own_parameters_that_differ_between_the_ranks(comm, name, parameter, default):
    if comm.size == 1 or isinstance(default, str) or default is None or name in PRECONDITIONERS:
        pytest.skip("one rank, or no two values to be had")
    value = {bool: True, int: 7, float: 0.5}[type(default)]
    case = home(comm, name)
    said = {parameter: value} if comm.rank == 0 else {}
    factory = SOLVERS[name](**said, **BESIDE.get(parameter, {}))
    with pytest.raises(pt.Error, match="differ"):
        factory.generate(case.op)


@pytest.mark.parametrize("name", list(FACTORIES))
def test_parameters_of_others_are_refused(name):
    own = own_parameters(FACTORIES[name])
    for _, parameter, default in OWN:
        if parameter not in own:
            with pytest.raises(TypeError, match=parameter):
                FACTORIES[name](**{parameter: default})
    with pytest.raises(TypeError, match="nonsense"):
        FACTORIES[name](nonsense=1)


def test_options_that_cannot_be(comm, solver):
    case = home(comm, solver)
    make = SOLVERS[solver]
    for wrong in (dict(M="jacobi"), dict(callback=3), dict(stop=1e-3), dict(rtol="small")):
        with pytest.raises(TypeError):
            make(**wrong)
    for wrong in (dict(rtol=-1.0), dict(rtol=np.nan), dict(atol=-1.0), dict(maxiter=-1)):
        with pytest.raises(pt.InvalidArgument):
            make(**wrong)
    with pytest.raises(TypeError):
        make(1e-5)
    rectangular = pt.Matrix.from_coo(
        comm, pt.Partition.uniform(comm.size, 3), [], [], np.zeros(0),
        col_partition=pt.Partition.uniform(comm.size, 4),
    )  # fmt: skip
    with pytest.raises(pt.DimensionError):
        make().generate(rectangular)
    if method(solver).iterative:
        other = pt.Matrix.from_coo(comm, pt.Partition.uniform(comm.size, 3), [], [], np.zeros(0))
        with pytest.raises(pt.DimensionError):
            make(M=other).generate(case.op)


def test_every_solver_is_a_function_too(comm, solver):
    case = home(comm, solver)
    function = getattr(pt, solver)
    b, _ = case.y(43, None)
    guess, _ = case.x(44, None)
    before = guess.local.copy()
    x, log = function(case.op, b, guess, rtol=1e-6, maxiter=3000)
    assert log.converged and function.__name__ == solver
    np.testing.assert_array_equal(guess.local, before)
    assert (b - case.op @ x).norm() <= 1.001e-6 * b.norm()
    assert list(inspect.signature(function).parameters)[:3] == ["A", "b", "x0"]
    assert set(own_parameters(SOLVERS[solver])) <= set(inspect.signature(function).parameters)
    with pytest.raises(TypeError, match="nonsense"):
        function(case.op, b, nonsense=1)
