"""Every solver of the list, on distributed matrices, local ones and Python operators: right answers."""

import warnings

import numpy as np
import pytest
import systems
from preconditioners import ALL, HERMITIAN
from problems import COLUMNS, DTYPES, EXECUTORS, FULL, Forwarding, owners
from systems import (
    SOLVERS,
    SYSTEMS,
    diagonal_precond,
    exact,
    generated,
    home,
    method,
    rtol_of,
    runs,
    solve,
)

import petiole as pt

ITERATIVE = [name for name in SOLVERS if method(name).iterative]
DIRECT = [name for name in SOLVERS if not method(name).iterative]


@pytest.fixture(params=list(SOLVERS))
def solver(request):
    return request.param


@pytest.fixture(params=runs(), ids=lambda run: "-".join(run))
def run(request, comm):
    """(solver, case) over what each solver solves."""
    name, problem, dtype, kind, exec_ = request.param
    case = systems.system(comm, problem, dtype, kind, EXECUTORS[exec_]())
    case.problem, case.turn = problem, runs().index(request.param)
    return name, case


@pytest.fixture(params=runs(1), ids=lambda run: "-".join(run))
def at_home(request, comm):
    """(solver, case) on one system for each solver."""
    name, problem, dtype, kind, exec_ = request.param
    return name, systems.system(comm, problem, dtype, kind, EXECUTORS[exec_]())


def preconditioners(name, case):
    """Functions that make what can precondition the case's matrix."""
    if not method(name).iterative:
        return [lambda: None]
    made = [lambda: None, lambda: diagonal_precond(case)]
    listed = HERMITIAN if case.problem == "hpd" else ALL
    first = {variant.kind: variant for variant in reversed(listed)}
    # Those of the list are definite where the matrix is.
    return made if case.problem == "indefinite" else made + [v.factory for v in first.values()]


def test_solves(run):
    name, case = run
    dtype, n = case.dense.dtype, len(case.dense)
    rtol = rtol_of(dtype)
    makers = preconditioners(name, case)
    condition = np.linalg.cond(case.dense)
    for i, columns in enumerate(COLUMNS):
        for p, make in enumerate(makers):
            if not FULL and p != (i + case.turn) % len(makers):
                continue
            b, _ = case.y(21, columns)
            x, _ = case.x(22, columns)
            log = solve(name, case, b, x, rtol=rtol, maxiter=3000, M=make())
            if method(name).squares and case.problem == "hpd" and rtol > 1e-6 and not log.converged:
                continue  # it says so, which solve has checked
            assert log.converged and log.reason == "rtol", str(log)
            expected = exact(case.problem, n, dtype.name, 21, columns)
            error = np.linalg.norm(x.local - expected[case.rows])
            assert error <= 2 * condition * rtol * np.linalg.norm(expected) + 1e-30


def test_a_python_operator_is_solved_like_its_matrix(at_home, comm):
    name, case = at_home
    rtol = rtol_of(case.dense.dtype)
    b, _ = case.y(23, None)
    x, y = b.zeros_like(), b.zeros_like()
    one = solve(name, case, b, x, rtol=rtol, maxiter=3000)
    case.op = Forwarding(comm, case.op)
    if not method(name).iterative:
        with pytest.raises(pt.NotSupported, match="entries|operator"):
            generated(name, case)
        return
    two = solve(name, case, b, y, rtol=rtol, maxiter=3000)
    assert one.converged and two.converged
    # The fused product sums in another order than product and dot apart: equal but for rounding.
    assert abs(one.iterations - two.iterations) <= 2 + one.iterations // 10


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_local_matrix_on_one_process(solver, dtype):
    """Each rank for itself, with a Csr of its own."""
    from scipy.sparse import csr_array

    problem = method(solver).systems[0]
    dense = SYSTEMS[problem](23, dtype)
    A = pt.Csr.from_scipy(csr_array(dense))
    whole = np.asarray(exact(problem, 23, dtype, 35, 2))
    b = pt.Vector.from_local(None, (dense @ whole).astype(dtype))
    x, log = getattr(pt, solver)(A, b, rtol=rtol_of(dtype), maxiter=3000)
    assert log.converged, str(log)
    error = np.linalg.norm(x.local - whole)
    assert error <= 2 * np.linalg.cond(dense) * rtol_of(dtype) * np.linalg.norm(whole)


def test_repeats_bit_for_bit(at_home):
    name, case = at_home
    b, _ = case.y(24, None)
    made = []
    for _ in range(2):
        x = b.zeros_like()
        log = solve(name, case, b, x, rtol=1e-6, maxiter=40)
        made.append((x.local.copy(), np.array(log.history)))
    np.testing.assert_array_equal(made[0][0], made[1][0])
    np.testing.assert_array_equal(made[0][1], made[1][1])


def test_a_solver_is_used_again(at_home):
    """Nothing of a solve is left for the next, whose columns may be others; but for bounds of
    eigenvalues, which are estimated once."""
    name, case = at_home
    again = generated(name, case, rtol=1e-4, maxiter=40)
    for columns in (2, None, 2):
        b, _ = case.y(24, columns)
        x, y = b.zeros_like(), b.zeros_like()
        first = again.apply(b, x)
        fresh = generated(name, case, rtol=1e-4, maxiter=40).apply(b, y)
        assert first.iterations == fresh.iterations
        size = np.max(y.norm())
        close = 0 if name != "chebyshev" else 1e4 * np.finfo(case.dense.dtype).eps
        np.testing.assert_allclose(x.local, y.local, rtol=0, atol=close * size)


def test_exact_guess_takes_no_iteration(at_home):
    name, case = at_home
    x, _ = case.x(25, None)
    b = case.op @ x
    before = x.local.copy()
    log = solve(name, case, b, x, rtol=1e-3)
    assert log.converged and log.iterations == 0
    np.testing.assert_array_equal(x.local, before)


def test_zero_right_hand_side_gives_zero(at_home):
    name, case = at_home
    x, _ = case.x(26, 2)
    b = x.zeros_like()
    log = solve(name, case, b, x)
    assert log.converged and log.iterations == 0
    assert np.all(x.local == 0)


def test_columns_stop_one_by_one(at_home):
    """An easy column between hard ones: it does not change once it has converged, and the others do
    not depend on it."""
    name, case = at_home
    n, dtype = len(case.dense), case.dense.dtype
    b, _ = case.y(27, 3)
    guess = np.zeros((n, 3), dtype)
    guess[:, 1] = exact(method(name).systems[0], n, dtype.name, 27, 3)[:, 1]
    made = []
    for start in (guess, 0 * guess):
        x = pt.Vector.from_local(case.comm, start[case.cols], exec=case.exec)
        log = solve(name, case, b, x, rtol=1e-3, maxiter=3000)
        assert log.converged and log.reasons == ("rtol",) * 3
        made.append((x.local.copy(), log.column_iterations))
    (easy, few), (hard, many) = made
    assert few[1] == 0 and min(few[0], few[2]) > 0 and many[1] > 0
    np.testing.assert_array_equal(easy[:, 1], guess[case.cols, 1])
    if name == "pipecg":  # where one column has drifted, all are computed afresh
        assert np.all(np.abs(few - many)[[0, 2]] <= 1 + many[[0, 2]] // 10)
        return
    assert few[0] == many[0] and few[2] == many[2]
    np.testing.assert_array_equal(easy[:, [0, 2]], hard[:, [0, 2]])


@pytest.mark.parametrize("columns", [None, 2])
def test_nothing_at_all(comm, solver, columns):
    """N = 0."""
    part = pt.Partition.uniform(comm.size, 0)
    none = np.zeros(0, np.int64)
    A = pt.Matrix.from_coo(comm, part, none, none, np.zeros(0))
    b = pt.Vector.zeros(comm, 0, columns=columns)
    M = pt.Jacobi() if method(solver).iterative else None
    log = SOLVERS[solver](M=M).generate(A).apply(b, b.zeros_like())
    assert log.converged and log.iterations == 0


@pytest.mark.parametrize("n", [1, 2])
def test_hardly_anything(comm, solver, n):
    """Fewer rows than ranks, than directions, than columns."""
    case = home(comm, solver, n=n)
    b, _ = case.y(36, 7)
    x = b.zeros_like()
    log = solve(solver, case, b, x, rtol=1e-9, maxiter=200)
    assert log.converged, str(log)


# ---- matrices that methods have trouble with -----------------------------------------------------


def laplacian(n):
    """Of a ring: symmetric, singular, and every right-hand side A y is consistent."""
    return 2 * np.eye(n) - np.roll(np.eye(n), 1, axis=0) - np.roll(np.eye(n), -1, axis=0)


HARD = {
    "singular": laplacian(12),
    "zero": np.zeros((6, 6)),
    "negative": -np.diag(np.linspace(1, 3, 8)),
    "indefinite": np.diag([1.0, -1.0, 2.0, -3.0, 1.5]),
    "skew": np.kron(np.eye(4), [[0.0, 1.0], [-1.0, 0.0]]),
    "shift": np.roll(np.eye(9), 1, axis=0),
    "nilpotent": np.diag(np.ones(7), 1),
    "huge": 1e300 * np.diag(np.linspace(1, 3, 6)),
    "tiny": 1e-300 * np.diag(np.linspace(1, 3, 6)),
}


@pytest.mark.parametrize(
    "dtype, columns, consistent",
    [(d, c, e) for d in ("float64", "complex128") for c in (None, 2) for e in (True, False)
     if FULL or (d == "float64") == (c is None) == e],
)  # fmt: skip
@pytest.mark.parametrize("hard", list(HARD))
def test_hard_matrices_end_with_an_honest_reason(comm, solver, hard, consistent, dtype, columns):
    case = systems.matrix(comm, HARD[hard].astype(dtype))
    b, whole = case.y(37, columns)
    if consistent:
        b = case.op @ b
    x = b.zeros_like()
    try:
        log = solve(solver, case, b, x, rtol=1e-8, maxiter=60)
    except pt.Error:  # a factory that refuses the matrix, which all ranks have seen
        return
    if not log.converged:
        assert log.reason in {
            "maxiter", "divergence", "stagnation", "breakdown", "indefinite", "non_finite",
            "accuracy_limit",
        }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in SOLVERS if method(name).definite])
@pytest.mark.parametrize("columns", [None, 7])
def test_indefinite_stops_with_the_reason(comm, name, columns):
    case = systems.matrix(comm, HARD["indefinite"])
    values = np.array([1.0, 3.0, 1.0, 1.0, 1.0])[case.rows]
    values = values if columns is None else np.repeat(values[:, None], columns, axis=1)
    b = pt.Vector.from_local(comm, values)
    log = solve(name, case, b, b.zeros_like())
    assert not log.converged and log.reason == "indefinite"


@pytest.mark.parametrize("name", [name for name in SOLVERS if method(name).definite])
def test_an_indefinite_preconditioner_stops_with_the_reason(comm, name):
    case = home(comm, name)
    n = len(case.dense)
    M = systems.matrix(comm, -np.eye(n)).op
    b, _ = case.y(38, None)
    log = solve(name, case, b, b.zeros_like(), M=M)
    assert not log.converged and log.reason == "indefinite"


# ---- as operators --------------------------------------------------------------------------------


def test_a_solver_is_an_operator(comm, solver):
    """Applied as one it starts from zero."""
    case = home(comm, solver)
    inner = generated(solver, case, rtol=1e-12, maxiter=3000)
    b, whole = case.y(33, None)
    expected = np.linalg.solve(case.dense, whole)[case.rows]
    np.testing.assert_allclose((inner @ b).local, expected, rtol=1e-6, atol=1e-9)
    y, _ = case.x(34, None)
    before = y.local.copy()
    inner.apply(2.0, b, -0.5, y)
    np.testing.assert_allclose(y.local, 2 * expected - before / 2, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ITERATIVE)
def test_a_solver_preconditions_another(comm, name):
    """The inverse of A leaves little to do, whether it is given or made by a factory."""
    case = home(comm, name)
    b, _ = case.y(33, None)
    factory = SOLVERS[name](rtol=1e-11, maxiter=3000)
    for M in (factory, factory.generate(case.op)):
        if name == "minres":  # which needs a definite M
            M = diagonal_precond(case)
        x = b.zeros_like()
        log = solve(name, case, b, x, rtol=1e-8, maxiter=60, M=M)
        most = {"minres": 60, "chebyshev": 15}.get(name, 4)
        assert log.converged and log.iterations <= most, str(log)


@pytest.mark.parametrize("name", DIRECT)
def test_direct_methods_take_no_preconditioner(comm, name):
    with pytest.raises(pt.InvalidArgument, match="preconditioner"):
        SOLVERS[name](M=pt.Jacobi())


def test_jacobi_refuses_a_zero_diagonal(comm):
    n = 5
    who = owners("uniform", n, comm.size)
    i = np.flatnonzero(who == comm.rank)
    values = np.where(i == 3, 0.0, 1.0)
    A = pt.Matrix.from_coo(comm, pt.Partition.from_mapping(who, comm.size), i, i, values)
    with pytest.raises(ValueError, match="row 3") as caught:
        pt.Jacobi().generate(A)
    assert caught.value.rank == who[3]


# ---- beside SciPy --------------------------------------------------------------------------------


def scipy_iterate(name, A, b, k, M):
    """SciPy's x after k iterations."""
    from scipy.sparse import linalg

    if name == "gmres":
        return linalg.gmres(A, b, rtol=0, restart=k, maxiter=1)[0]
    return getattr(linalg, name)(A, b, rtol=0, maxiter=k, M=M)[0]


@pytest.mark.parametrize("precond", [False, True], ids=["plain", "jacobi"])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(
    "name", [n for n in ("cg", "bicgstab", "cgs", "gmres", "minres") if n in SOLVERS]
)
def test_iterates_are_those_of_scipy(comm, name, dtype, precond):
    if (name == "minres" and dtype == "complex128") or (name == "gmres" and precond):
        pytest.skip("SciPy has another method there")
    case = home(comm, name, dtype)
    b, whole = case.y(39, None)
    M, scipy_M = None, None
    if precond:
        M, scipy_M = diagonal_precond(case), np.diag(1 / np.abs(np.diag(case.dense)))
    for k in (1, 2, 3, 5):
        x = b.zeros_like()
        log = solve(name, case, b, x, rtol=0, maxiter=k, M=M)
        assert log.iterations == k
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = scipy_iterate(name, case.dense, whole, k, scipy_M)
        np.testing.assert_allclose(
            x.local, expected[case.rows], rtol=0, atol=1e-9 * np.abs(expected).max()
        )


# ---- real matrices -------------------------------------------------------------------------------

REAL = {
    "fv1.mtx": [("cg", {}), ("minres", {}), ("chebyshev", {})],
    "watt_2.mtx": [("bicgstab", {}), ("gmres", {"restart": 100})],
    "young1c.mtx": [("direct", {}), ("gmres", {"restart": 400})],
    "cryg2500.mtx": [("direct", {})],
    "1138_bus.mtx": [("cg", {}), ("direct", {})],
}


@pytest.mark.parametrize(
    "name, solver, options",
    [(m, s, o) for m, methods in REAL.items() for s, o in methods if s in SOLVERS],
)
def test_real_matrices(comm, data, name, solver, options):
    A = pt.Matrix.read(data / name, comm)
    b = A @ pt.Vector.from_local(comm, np.ones(A.local_shape[0], A.dtype))
    M = pt.Jacobi() if method(solver).iterative else None
    x = b.zeros_like()
    log = SOLVERS[solver](rtol=1e-6, M=M, maxiter=5000, **options).generate(A).apply(b, x)
    systems.check_honest(A, b, x, log, 1e-6)
    assert log.converged, str(log)
