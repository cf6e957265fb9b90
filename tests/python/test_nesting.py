"""Objects within objects within objects: deep ones are used and ended on a small stack, deeper ones are
refused when they are made, and one that is met on very many ways costs no more than once."""

import threading

import numpy as np
import pytest

import petiole as pt

DEEP = 490  # below the limit, with room for what a solve puts around it


@pytest.fixture
def small_stack():
    """A function that runs another on a thread with 1 MiB of stack, and returns what that returns."""

    def run(function):
        results, size = [], threading.stack_size(1 << 20)
        try:
            thread = threading.Thread(target=lambda: results.append(function()))
            thread.start()
        finally:
            threading.stack_size(size)
        thread.join()
        return results[0]

    return run


def matrix():
    return pt.Csr(np.array([[1.0, 0], [0, 2]]))


def flip(dtype):
    return "float32" if dtype == np.float64 else "float64"


def nest(step, x, times=DEEP):
    for _ in range(times):
        x = step(x)
    return x


OPERATORS = {
    "product": lambda x: pt.Composition(x, matrix()),
    "product on the right": lambda x: pt.Composition(matrix(), x),
    "sum": lambda x: pt.Combination([1], [x]),
    "cast": lambda x: pt.Cast(x, flip(x.dtype)),
    "local block": lambda x: pt.Matrix.from_local(None, x),
    "solver": lambda x: pt.Ir(maxiter=1, true_residual=False).generate(x),
    "preconditioned": lambda x: pt.Ir(M=x, maxiter=1, true_residual=False).generate(matrix()),
    "Schwarz": lambda x: pt.Schwarz(local=x).generate(matrix()),
}
FACTORIES = {
    "solver": lambda x: pt.Ir(M=x, maxiter=1),
    "local solver": lambda x: pt.Schwarz(local=x),
    "coarse solver": lambda x: pt.Schwarz(coarse=x),
}
CRITERIA = {
    "any": lambda x: x | pt.stop.Iteration(3),
    "all": lambda x: x & pt.stop.Iteration(3),
    "both": lambda x: (x & pt.stop.Iteration(3)) | pt.stop.Iteration(3),
}


@pytest.mark.parametrize("step", OPERATORS.values(), ids=OPERATORS)
def test_operators(small_stack, step):
    def use():
        A = nest(step, matrix(), DEEP // 2 - 1)
        x = pt.Vector.from_local(None, np.ones(2, A.dtype))
        assert str(A).startswith("<petiole.") and A.shape == (2, 2)
        return (A @ x).local.shape

    assert small_stack(use) == (2,)


def test_transposes_between_products(small_stack):
    A = nest(lambda x: pt.Composition(x.T), matrix(), 200)
    x = pt.Vector.from_local(None, np.ones(2))
    assert small_stack(lambda: (A @ x).local.tolist()) == [1, 2]


@pytest.mark.parametrize("step", FACTORIES.values(), ids=FACTORIES)
def test_factories(small_stack, step):
    def use():
        made = nest(step, pt.Ilu())
        again = pt.factory(made.to_json())
        return repr(made), again.to_json() == made.to_json(), pt.factory(made.to_dict()).kind

    name, same, kind = small_stack(use)
    assert same and kind in name.lower()


def test_a_deep_factory_generates(small_stack):
    made = nest(FACTORIES["solver"], pt.Jacobi())
    b = pt.Vector.from_local(None, np.ones(2))
    assert small_stack(lambda: (made.generate(matrix()) @ b).local.tolist()) == [1, 0.5]


@pytest.mark.parametrize("step", CRITERIA.values(), ids=CRITERIA)
def test_criteria(small_stack, step):
    def use():
        made = nest(step, pt.stop.Iteration(3), DEEP // 2)
        b = pt.Vector.from_local(None, np.ones(2))
        text = pt.Cg(stop=made).to_json()
        assert pt.factory(text).to_json() == text
        return pt.cg(matrix(), b, stop=made)[1].iterations

    assert small_stack(use) <= 3


@pytest.mark.parametrize(
    "step, start",
    [(step, matrix) for step in OPERATORS.values()]
    + [(step, pt.Ilu) for step in FACTORIES.values()]
    + [(step, lambda: pt.stop.Iteration(3)) for step in CRITERIA.values()],
    ids=[*OPERATORS, *FACTORIES, *CRITERIA],
)
def test_what_is_too_deep_is_refused(step, start):
    with pytest.raises(pt.InvalidArgument, match="nested 501 deep: at most 500"):
        nest(step, start(), 10_000)


def test_what_is_too_deep_is_refused_on_every_rank(comm):
    b = pt.Vector.from_local(comm, np.ones(3))
    part, rows = pt.Partition.uniform(b.comm.size, b.shape[0]), np.arange(3) + 3 * b.comm.rank
    A = pt.Matrix.from_coo(comm, part, rows, rows, np.ones(3))
    deep = nest(lambda x: pt.Ir(maxiter=1).generate(x), A, 499)
    with pytest.raises(pt.InvalidArgument, match="nested 501 deep"):
        pt.Cg().generate(deep)
    assert (nest(lambda x: pt.Composition(x, A), A, 300) @ b).local.tolist() == [1, 1, 1]


def test_python_objects_that_hold_each_other_end_on_a_small_stack(small_stack):
    """What only Python nests: casts to the same dtype, vectors that look at each other's memory."""

    def use():
        x = pt.Vector.from_local(None, np.ones(2))
        A = nest(lambda A: pt.Cast(A, "float64").T, matrix(), 20_000)
        product = (A @ x).local.tolist()
        v = nest(lambda v: pt.Vector.view(None, v.local), x, 20_000)
        return product, v.local.tolist()

    assert small_stack(use) == ([1, 2], [1, 1])


@pytest.mark.parametrize("times", [1_500, 100_000])
@pytest.mark.parametrize("open, close", [('{"type":"solver::Ir","solver":', "}"), ("[", "]")])
def test_configurations(small_stack, open, close, times):
    inner = '{"type":"preconditioner::Jacobi"}' if close == "}" else '{"maxiter":3}'
    text = open * times + inner + close * times
    if close == "]":
        text = f'{{"type":"solver::Cg","criteria":{text}}}'

    def use():
        with pytest.raises(pt.FormatError, match="nested|depth") as caught:
            pt.factory(text)
        return str(caught.value)

    assert small_stack(use)


def test_a_configuration_as_a_dict():
    config = nest(lambda inner: {"type": "solver::Ir", "preconditioner": inner}, None, 100_000)
    with pytest.raises(pt.FormatError, match="nested too deep"):
        pt.factory(config)


TWICE = {
    "product": lambda x: x @ x,
    "product of two": lambda x: pt.Composition(x, x),
    "sum": lambda x: x + x,
    "sum of two": lambda x: pt.Combination([0.5, 0.5], [x, x]),
    "product of a sum": lambda x: pt.Composition(x.T, x.T),
}


@pytest.mark.parametrize("twice", TWICE.values(), ids=TWICE)
def test_an_operator_that_is_met_on_very_many_ways(comm, twice):
    part = pt.Partition.uniform(pt.Vector.from_local(comm, np.ones(1)).comm.size, 8)
    A = pt.Matrix.from_coo(comm, part, [], [], np.ones(0))
    P = nest(twice, A, 40)
    assert P.shape == (8, 8) and P.dtype == np.float64 and "(8, 8)" in repr(P)
    assert P.T.shape == P.H.shape == (8, 8) and P.T.T is P
    assert pt.Composition(P, A).shape == (8, 8)


def test_the_diagonal_of_a_sum_of_sums_of_one_matrix():
    S = nest(TWICE["sum of two"], matrix(), 40)
    b = pt.Vector.from_local(None, np.ones(2))
    assert (pt.Jacobi().generate(S) @ b).local.tolist() == [1, 0.5]


def test_criteria_and_factories_of_too_many_parts():
    with pytest.raises(pt.InvalidArgument, match="at most 4096"):
        nest(lambda x: x | x, pt.stop.Iteration(3), 40)
    with pytest.raises(pt.InvalidArgument, match="at most 4096"):
        nest(lambda x: pt.Schwarz(local=x, coarse=x), pt.Ilu(), 40)


def test_long_chains_are_flat():
    A, x = matrix(), pt.Vector.from_local(None, np.ones(2))
    product = total = A
    for _ in range(2_000):
        product, total = product @ A, total + A
    assert (total @ x).local.tolist() == [2001, 4002]
    assert (product.T @ x).local[0] == 1
