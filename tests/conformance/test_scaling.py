"""Solvers are homogeneous: with A times 2^p, b and absolute tolerances times 2^q and the first x times
2^(q - p), all of them the same numbers to the dtype, a solve takes the same iterations, stops for the same
reasons, and its residuals' norms and its x are the same but for those powers, to the last bit. Chebyshev's bounds
and Ir's relaxation are scaled along. Preconditioners are homogeneous too."""

import dataclasses

import numpy as np
import preconditioners
import pytest
import systems
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import DTYPES, FULL, mine, owners, random
from systems import SOLVERS, SYSTEMS, method, rtol_of

import petiole as pt

N = 23
REACH = {"float32": 60, "complex64": 60, "float64": 100, "complex128": 100, "float16": 4}
CORNERS = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]
SOME = DTYPES if FULL else ("float32", "complex128")
HERMITIAN = ("cg", "fcg", "pipecg", "minres", "chebyshev")


def times(values, power):
    """values 2^power, exactly; power may be one per column."""
    return np.asarray(values) * np.exp2(np.asarray(power, np.float64)).astype(values.real.dtype)


@dataclasses.dataclass(frozen=True)
class Run:
    """A system and how it is solved; columns: None, or how many."""

    solver: str
    dtype: str
    variant: preconditioners.Variant = None
    options: tuple = ()
    started: bool = False  # x is not zero
    absolute: bool = False  # the tolerance is
    columns: int = None
    system: str = None

    @property
    def name(self):
        parts = [self.solver, self.dtype, self.variant and self.variant.name, self.system]
        parts += [f"{key}={value}" for key, value in self.options]
        parts += ["started"] * self.started + ["absolute"] * self.absolute
        return "-".join(str(part) for part in parts if part)

    @property
    def dense(self):
        hermitian = self.variant and self.solver in HERMITIAN
        name = self.system or ("hpd" if hermitian else method(self.solver).systems[0])
        values = SYSTEMS[name](N, "float32" if self.dtype == "float16" else self.dtype)
        if self.dtype != "float16":
            return values
        values[np.abs(values) < 2.0**-8] = 0
        return values.astype("float16").astype("float32")

    def factory(self, p, q):
        half = self.dtype == "float16"
        options = {
            "maxiter": 60,
            "rtol": 2e-3 if half else rtol_of(self.dtype),
            **dict(self.options),
        }
        if self.absolute:
            options |= {"rtol": 0, "atol": 2.0 ** (q - 10)}
        if self.variant:
            options["M"] = self.variant.factory()
        elif self.solver == "ir":
            options["relaxation"] = 2.0**-p
        if "bounds" in options and not self.variant:
            options["bounds"] = tuple(bound * 2.0**p for bound in options["bounds"])
        return SOLVERS[self.solver](**options)

    def solve(self, comm, p, q, exec_=None):
        """The solve of A 2^p, b 2^q; q may be one per column. What is to be compared."""
        dense = self.dense
        shape = (N,) if self.columns is None else (N, self.columns)
        b, x = random(shape, dense.dtype, 7), random(shape, dense.dtype, 8)
        if self.dtype == "float16":
            b, x = np.round(64 * b) / 64, np.round(64 * x) / 64
        if not self.started:
            x[:] = 0
        A = systems.matrix(comm, times(dense, p)).op
        own = mine(owners("uniform", N, comm.size), comm.rank)
        b, x = times(b, q)[own], times(x, np.subtract(q, p))[own]
        if self.dtype == "float16":
            A = A.astype("float16")
        b, x = (pt.Vector.from_local(comm, v.astype(self.dtype)) for v in (b, x))
        try:
            log = self.factory(p, np.max(q)).generate(A).apply(b, x)
        except pt.InvalidArgument as error:  # the preconditioner has no pivot, or is not definite
            return type(error), None, None
        return (log.iterations, log.reasons), log.history, x.local


def check(comm, run, pairs):
    """Of a run scaled by each of the pairs beside the same one as it is."""
    as_it_is = run.solve(comm, 0, np.multiply(pairs[0][1], 0))
    for p, q in pairs:
        compare(run, p, q, as_it_is, run.solve(comm, p, q))


def compare(run, p, q, as_it_is, scaled):
    told, history, x = as_it_is
    scaled_told, scaled_history, scaled_x = scaled
    where = f"A 2^{p}, b 2^{q}"
    assert scaled_told == told, where
    if history is None:
        return
    expected = times(x.astype(np.result_type(x.dtype, "float64")), np.subtract(q, p))
    limits = np.finfo(x.dtype)
    # What is below that is rounded, or was while x grew: to multiples of the least number.
    normal = np.abs(expected) >= limits.tiny * 2.0 ** (4 if run.dtype == "float16" else 20)
    np.testing.assert_array_equal(scaled_x[normal], expected[normal], where)
    least = 64 * limits.smallest_subnormal + 64 * limits.eps * np.abs(expected)
    assert np.all(np.abs(scaled_x - expected)[~normal] <= least[~normal]), where
    if run.dtype != "float16":
        np.testing.assert_array_equal(scaled_history, times(history, q), where)


def scales(run, p, q):
    """The pair, q moved to where the dtype holds x, and a last step of 1e-7 of it."""
    most = {2: 4, 4: 80, 8: 1000}[np.finfo(run.dtype).dtype.itemsize]
    return p, int(np.clip(q, p - most, p + most))


def all_runs():
    found = []
    for solver in SOLVERS:
        variants = [None, *preconditioners.ALL] if method(solver).iterative else [None]
        for variant in variants:
            found += [Run(solver, dtype, variant) for dtype in (*DTYPES, "float16")]
    for dtype in (*DTYPES, "float16"):
        found += [
            Run(solver, dtype, started=started, absolute=not started)
            for solver in SOLVERS
            for started in (False, True)
        ]
        found += [
            Run("chebyshev", dtype, options=(("bounds", (0.5, 1200.0)),)),
            Run("gcr", dtype, options=(("restart", 5),)),
            Run("idr", dtype, options=(("s", 2),)),
            *(
                Run(solver, dtype, options=(("orthogonalization", ortho), ("restart", 5)))
                for solver in ("gmres", "fgmres")
                for ortho in ("mgs", "cgs", "cgs2")
            ),
            *(Run(s, dtype, system="hpd") for s in SOLVERS if "hpd" in method(s).systems),
        ]
    return found


def chosen_runs():
    """All of them; or each solver in two dtypes, and some of the others in turn."""
    runs = all_runs()
    simple = [Run(solver, dtype) for solver in SOLVERS for dtype in DTYPES]
    return runs if FULL else simple[::2] + runs[3::29]


@pytest.mark.parametrize(
    "turn, run", list(enumerate(chosen_runs())), ids=lambda v: getattr(v, "name", "")
)
def test_solvers_are_homogeneous(turn, run, comm):
    reach = REACH[run.dtype]
    ends = CORNERS if FULL else [CORNERS[turn % 8], CORNERS[(turn + 3) % 8]]
    check(comm, run, [scales(run, p * reach, q * reach) for p, q in ends])


@settings(max_examples=1000 if FULL else 20)
@given(st.data())
def test_of_any_scales(comm, data):
    run = data.draw(st.sampled_from(all_runs()))
    power = st.integers(-REACH[run.dtype], REACH[run.dtype])
    check(comm, run, [scales(run, data.draw(power), data.draw(power))])


@pytest.mark.parametrize("dtype", SOME)
@pytest.mark.parametrize("solver", SOLVERS)
def test_columns_have_scales_of_their_own(solver, dtype, comm):
    run, reach = Run(solver, dtype, columns=4), REACH[dtype]
    q = np.array([0, reach // 2, -reach, -reach // 2 - 1])
    check(comm, run, [(p, q) for p in ((-reach, reach // 2, 0) if FULL else (-reach,))])


@pytest.mark.parametrize("variant", preconditioners.ALL, ids=lambda v: v.name)
@pytest.mark.parametrize("problem", ["hpd", "general", "zeros"])
def test_preconditioners_are_homogeneous(variant, problem, comm):
    """M of A 2^p is M 2^-p, a row of zeros included where its pivots can be shifted."""
    for dtype in SOME:
        dense = SYSTEMS["general" if problem == "zeros" else problem](N, dtype)
        if problem == "zeros":
            dense[5] = 0
        reach = REACH[dtype]
        made = {}
        for p in (0, reach, 1 - reach):
            case = systems.matrix(comm, times(dense, p))
            try:
                made[p] = times(preconditioners.dense_of(variant.generate(case.op), case), p)
            except pt.Error as error:
                made[p] = np.array(type(error).__name__)
            np.testing.assert_array_equal(made[p], made[0], f"{dtype}, 2^{p}")


def vector(comm, values):
    own = mine(owners("uniform", len(values), comm.size), comm.rank)
    return pt.Vector.from_local(comm, np.asarray(values)[own]), own


@pytest.mark.parametrize("dtype, size", [("float64", 1e16), ("float32", 1e7), ("float64", 1e-16)])
def test_minres_where_b_is_far_from_A(dtype, size, comm):
    A = systems.matrix(comm, np.array([[2, 1], [1, 3]], dtype)).op
    b, own = vector(comm, np.array([1, 2], dtype) * np.dtype(dtype).type(size))
    x = b.zeros_like()
    log = pt.Minres().generate(A).apply(b, x)
    assert log.converged and log.iterations <= 2, str(log)
    np.testing.assert_allclose(x.local, np.array([0.2, 0.6])[own] * size, rtol=1e-5)


def test_minres_on_heat_in_single_precision(comm):
    """Entries of 1e-4, and 100 on the right."""
    n = 50
    dense = 1e-4 * (2.1 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)).astype("float32")
    A = systems.matrix(comm, dense.astype("float32")).op
    b, _ = vector(comm, np.full(n, 100, "float32"))
    logs = [solver().generate(A).apply(b, b.zeros_like()) for solver in (pt.Cg, pt.Minres)]
    assert all(log.converged for log in logs), [str(log) for log in logs]
    assert logs[1].iterations <= logs[0].iterations + 1


@pytest.mark.parametrize("p, q", [(80, 100), (-80, 100), (80, -100), (-80, -100)])
def test_refinement_in_float_of_what_float_does_not_hold(p, q, comm):
    for M in (pt.Schwarz, pt.Ilu):
        options = (("M", M()), ("lower_precision", True))
        check(comm, Refinement("ir", "float64", options=options), [(p, q)])


class Refinement(Run):
    def factory(self, p, q):
        return pt.Ir(maxiter=60, rtol=1e-10, **dict(self.options))


class Scaled(pt.LinOp):
    """An operator without entries, in single precision, of one process."""

    def __init__(self, dense):
        super().__init__(dense.shape, dtype=dense.dtype)
        self.dense = dense

    def apply_impl(self, b, x):
        with np.errstate(over="ignore", invalid="ignore"):
            x.local[:] = self.dense @ b.local


@pytest.mark.parametrize("solver", [name for name in SOLVERS if method(name).iterative])
def test_operators_without_entries(solver):
    dense = SYSTEMS[method(solver).systems[0]](N, "float32")
    b = random((N,), "float32", 7)
    told = {}
    for p, q in [(0, 0), (-60, 60), (60, 60), (-60, -60)]:
        right = pt.Vector.from_local(None, times(b, q))
        factory = Run(solver, "float32").factory(p, q)
        x = right.zeros_like()
        log = factory.generate(Scaled(times(dense, p))).apply(right, x)
        told[p, q] = (log.iterations, log.reasons, times(x.local, p - q).tobytes())
    assert len(set(told.values())) == 1, {key: value[:2] for key, value in told.items()}
