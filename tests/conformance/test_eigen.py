"""lobpcg and rayleigh_ritz beside numpy.linalg and scipy.linalg: every dtype, partition and number of
ranks, problems that are hard for such methods, and an error on one rank."""

import numpy as np
import pytest
import scipy.linalg
from eigenproblems import SPECTRUM, Problem, each_setting, hermitian, tol_of  # noqa: F401
from problems import DTYPES, Forwarding, mine, owners, partition, random

import petiole as pt


@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("columns", [1, 2, 7])
def test_lobpcg(setting, columns, generalised):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, generalised, exec_)
    X = p.guess(columns)
    before = X.local.copy()
    largest = columns != 2
    values, vectors, log = pt.lobpcg(
        p.A, X, p.B, tol=tol_of(dtype), maxiter=150, largest=largest, relative=False
    )
    assert log.converged and set(log.reasons) == {"atol"}, str(log)
    assert np.all(log.residual_norms <= tol_of(dtype))
    np.testing.assert_allclose(values, p.nearest(columns, largest), rtol=20 * p.n * p.eps)
    np.testing.assert_array_equal(values, log.values)
    p.check(values, vectors, log.residual_norms)
    np.testing.assert_array_equal(X.local, before)
    assert vectors.dtype == X.dtype and vectors.shape == X.shape
    assert log.history.shape == log.values_history.shape == (log.iterations + 1, columns)
    assert np.all(log.history[-1] <= tol_of(dtype))


def test_tolerances_relative_to_the_eigenvalue(setting):
    comm, kind, dtype, exec_ = setting
    scale = 1e-3  # where an absolute tolerance is easily met
    p = Problem(comm, kind, dtype, scale * SPECTRUM, exec_=exec_)
    tol = tol_of(dtype)
    values, vectors, log = pt.lobpcg(p.A, p.guess(3), tol=tol, maxiter=150, largest=False)
    assert log.converged and set(log.reasons) == {"rtol"}, str(log)
    assert np.all(log.residual_norms <= tol * np.abs(values))
    assert np.any(log.history[-2] > tol * np.abs(log.values_history[-2]))
    p.check(values, vectors, log.residual_norms)


def test_columns_that_are_not_waited_for(setting):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, exec_=exec_)
    tol = tol_of(dtype)
    X = p.guess(6)
    all_of_them = pt.lobpcg(p.A, X, tol=tol, maxiter=150)[2]
    values, vectors, log = pt.lobpcg(p.A, X, tol=tol, maxiter=150, wanted=2)
    assert log.converged and log.reasons[:2] == ("rtol", "rtol"), str(log)
    assert set(log.reasons[2:]) <= {"rtol", "running"} and "running" in log.reasons
    assert log.iterations < all_of_them.iterations
    np.testing.assert_allclose(values[:2], p.nearest(2, True), rtol=20 * p.n * p.eps)
    p.check(values, vectors, log.residual_norms)
    none = pt.lobpcg(p.A, X, tol=tol, maxiter=1, wanted=2)[2]
    assert not none.converged and set(none.reasons) == {"maxiter"}
    assert str(none).startswith("0 of 2 converged (maxiter)")
    for wanted, text in (0, "wanted is 0: expected 1 or more"), (7, "wanted is 7, X has 6 columns"):
        with pytest.raises(pt.InvalidArgument, match=text):
            pt.lobpcg(p.A, X, wanted=wanted)


@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("columns", [1, 2, 7])
def test_rayleigh_ritz(setting, columns, generalised):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, generalised, exec_)
    X = p.guess(columns)
    before = X.local.copy()
    values, vectors = pt.rayleigh_ritz(p.A, X, p.B)
    x = p.gather(X).astype("complex128")
    expected = scipy.linalg.eigh(x.conj().T @ p.a @ x, x.conj().T @ p.b @ x)[0]
    np.testing.assert_allclose(values, expected, rtol=100 * p.n * p.eps)
    y = p.gather(vectors)
    np.testing.assert_allclose(
        y.conj().T @ p.a @ y, np.diag(values), atol=100 * p.n * p.eps * SPECTRUM.max()
    )
    np.testing.assert_allclose(y.conj().T @ p.b @ y, np.eye(columns), atol=100 * p.n * p.eps)
    assert np.linalg.matrix_rank(np.hstack((x, y)), tol=1e-3) == columns
    np.testing.assert_array_equal(X.local, before)


def test_one_dimensional_vectors(setting):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, exec_=exec_)
    x = p.vector(random(p.n, dtype, 33))
    values, vector, log = pt.lobpcg(p.A, x, tol=tol_of(dtype), maxiter=100)
    assert log.converged and values.shape == (1,) and vector.shape == (p.n,)
    p.check(values, vector, log.residual_norms)
    values, vector = pt.rayleigh_ritz(p.A, x)
    assert values.shape == (1,) and vector.shape == (p.n,)


def test_like_scipy(comm):
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import lobpcg

    n = 300
    a = diags_array([-np.ones(n - 1), np.linspace(2, 5, n), -np.ones(n - 1)], offsets=[-1, 0, 1])
    guess = random((n, 4), "float64", 34)
    theirs, _, history = lobpcg(
        a.tocsr(), guess, tol=1e-7, maxiter=200, largest=False, retResidualNormsHistory=True
    )
    who = owners("uniform", n, comm.size)
    own = mine(who, comm.rank)
    A = pt.Matrix.from_scipy(comm, a.tocsr()[own], partition=partition("uniform", n, comm))
    X = pt.Vector.from_local(comm, guess[own])
    values, _, log = pt.lobpcg(A, X, tol=1e-7, maxiter=200, largest=False)
    assert log.converged, str(log)
    np.testing.assert_allclose(values, theirs, atol=1e-11)
    assert log.iterations <= 1.1 * (len(history) - 3) + 2


@pytest.mark.parametrize("gap", [0.05, 1e-5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_clusters(comm, dtype, gap):
    """Eigenvalues that are equal at the wanted end, and nearly so where it is cut: the narrow gap's
    vector is not found in so many iterations, the values are."""
    spectrum = np.concatenate((np.linspace(0, 4, 40), [9, 9, 9, 9 + gap, 10, 10, 10]))
    p = Problem(comm, "empty", dtype, spectrum)
    values, vectors, log = pt.lobpcg(p.A, p.guess(5), tol=tol_of(dtype), maxiter=100)
    rounding = 200 * p.n * p.eps
    if gap > 1e-3:
        assert log.converged, str(log)
        np.testing.assert_allclose(values, p.nearest(5, True), atol=rounding)
    np.testing.assert_allclose(values, p.nearest(5, True), atol=1e-5 + rounding)
    p.check(values, vectors, log.residual_norms)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns, n", [(1, 1), (1, 2), (2, 2), (2, 5), (3, 7), (7, 7), (4, 9)])
def test_small_spaces(comm, columns, n, dtype):
    """Three times the columns do not fit the space: the Rayleigh-Ritz step takes all of it."""
    p = Problem(comm, "uniform", dtype, np.arange(1.0, n + 1))
    values, vectors, log = pt.lobpcg(p.A, p.guess(columns), tol=tol_of(dtype), maxiter=30)
    assert log.converged, str(log)
    np.testing.assert_allclose(values, p.nearest(columns, True), rtol=200 * p.eps)
    p.check(values, vectors, log.residual_norms)


def test_exact_start_takes_no_iteration(setting):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, exec_=exec_)
    x = np.linalg.eigh(p.a)[1][:, :3]
    values, vectors, log = pt.lobpcg(p.A, p.vector(x), tol=20 * tol_of(dtype), largest=False)
    assert log.converged and log.iterations == 0, str(log)
    p.check(values, vectors, log.residual_norms)


def test_exact_columns_beside_others(comm):
    """Columns that have converged are kept while the others move; tol 0 is never met before rounding."""
    p = Problem(comm, "scattered", "float64", SPECTRUM)
    x = random((p.n, 4), "float64", 35)
    x[:, :2] = np.linalg.eigh(p.a)[1][:, -2:]
    values, vectors, log = pt.lobpcg(p.A, p.vector(x), tol=1e-8, maxiter=100)
    assert log.converged
    np.testing.assert_allclose(values, p.nearest(4, True))
    values, vectors, log = pt.lobpcg(p.A, p.vector(x), tol=0, maxiter=80)
    assert not log.converged and set(log.reasons) == {"maxiter"} and log.iterations == 80
    assert np.all(log.residual_norms < 1e-11)
    p.check(values, vectors, log.residual_norms)


@pytest.mark.parametrize("call", [pt.lobpcg, pt.rayleigh_ritz])
@pytest.mark.parametrize("what", ["equal", "zero", "sum", "nan", "many"])
def test_dependent_start_vectors(comm, call, what):
    p = Problem(comm, "empty", "float64", np.arange(1.0, 13))
    x = random((p.n, 3), "float64", 36)
    if what == "equal":
        x[:, 2] = x[:, 0]
    elif what == "zero":
        x[:, 1] = 0
    elif what == "sum":
        x[:, 2] = 3 * x[:, 0] - 2 * x[:, 1]
    elif what == "nan":
        x[5, 1] = np.nan
    else:
        x = random((p.n, 13), "float64", 37)
    message = "not finite" if what == "nan" else f"{x.shape[1]} columns of 12 rows are not linearly"
    with pytest.raises(pt.InvalidArgument, match=message):
        call(p.A, p.vector(x))


def test_b_must_be_positive_definite(comm):
    p = Problem(comm, "uniform", "complex128", np.arange(1.0, 13))
    B = p.matrix(hermitian(np.linspace(-3, -1, 12), "complex128", 38))
    for call in (pt.lobpcg, pt.rayleigh_ritz):
        with pytest.raises(pt.InvalidArgument, match="B is not positive definite"):
            call(p.A, p.guess(2), B)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("precond", ["linop", "factory", "solver"])
def test_preconditioners(comm, dtype, precond):
    """An ill-conditioned problem's smallest eigenvalues, which need one."""
    n = 60
    diagonal = np.logspace(0, 4, n)
    a = (np.diag(diagonal) + 0.1 * hermitian(np.linspace(-1, 1, n), dtype, 39)).astype(dtype)
    p = Problem(comm, "empty", dtype, diagonal)
    p.a, p.A = a, p.matrix(a)
    p.values = np.linalg.eigvalsh(a.astype("complex128"))
    M = {
        "linop": lambda: pt.Jacobi().generate(p.A),
        "factory": pt.Jacobi,
        "solver": lambda: pt.Cg(rtol=1e-2, M=pt.Jacobi()),  # memory for one number of columns
    }[precond]()
    tol = 2e-2 if np.finfo(dtype).bits == 32 else 1e-6
    values, vectors, log = pt.lobpcg(p.A, p.guess(3), M=M, tol=tol, maxiter=60, largest=False)
    assert log.converged, str(log)
    np.testing.assert_allclose(values, p.nearest(3, False), atol=tol)
    p.check(values, vectors, log.residual_norms)
    without = pt.lobpcg(p.A, p.guess(3), tol=tol, maxiter=60, largest=False)[2]
    assert not without.converged


def test_an_operator_that_solves(comm):
    """The inverse as the operator: columns converge one by one, so its solves change in width."""
    p = Problem(comm, "scattered", "float64", np.concatenate(([0.1, 1, 2], np.linspace(9, 50, 40))))
    inverse = pt.Cg(rtol=1e-13, maxiter=500).generate(p.A)
    values, vectors, log = pt.lobpcg(inverse, p.guess(3), tol=1e-7, maxiter=50)
    assert log.converged, str(log)
    np.testing.assert_allclose(1 / values, p.values[:3], rtol=1e-6)


@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_constraints(comm, dtype, generalised):
    p = Problem(comm, "empty", dtype, SPECTRUM, generalised)
    w, v = scipy.linalg.eigh(p.a, p.b)
    Y = p.vector(v[:, -3:] @ random((3, 3), dtype, 40))
    values, vectors, log = pt.lobpcg(p.A, p.guess(2), p.B, Y=Y, tol=10 * tol_of(dtype), maxiter=100)
    assert log.converged, str(log)
    np.testing.assert_allclose(values, p.values[::-1][3:5], rtol=1e-4 if p.eps > 1e-10 else 1e-9)
    overlap = v[:, -3:].conj().T @ p.b @ p.gather(vectors)
    assert np.abs(overlap).max() < 1e4 * p.eps


def test_python_operators(setting):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, True, exec_)
    A, B = Forwarding(comm, p.A), Forwarding(comm, p.B)
    values, vectors, log = pt.lobpcg(A, p.guess(2), B, tol=tol_of(dtype), maxiter=150)
    assert log.converged, str(log)
    p.check(values, vectors, log.residual_norms)


def test_repeats_bit_for_bit(setting):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, exec_=exec_)
    one, two = (pt.lobpcg(p.A, p.guess(3), tol=tol_of(dtype), maxiter=40) for _ in range(2))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1].local, two[1].local)
    np.testing.assert_array_equal(one[2].history, two[2].history)


def test_callback(comm):
    p = Problem(comm, "empty", "float64", SPECTRUM)
    seen = []

    def callback(event):
        gram = event.vectors.conj_dot(event.vectors)
        seen.append((event.iteration, event.values, event.residual_norms, gram, event))

    _, _, log = pt.lobpcg(p.A, p.guess(2), tol=1e-6, maxiter=100, callback=callback)
    assert [s[0] for s in seen] == list(range(log.iterations + 1))
    np.testing.assert_array_equal([s[1] for s in seen], log.values_history)
    np.testing.assert_array_equal([s[2] for s in seen], log.history)
    np.testing.assert_allclose([s[3] for s in seen], 1, rtol=1e-12)
    with pytest.raises(pt.Expired, match="the callback has returned"):
        seen[0][4].vectors  # noqa: B018


def test_maxiter(comm):
    p = Problem(comm, "uniform", "float64", SPECTRUM)
    X = p.guess(3)
    values, vectors, log = pt.lobpcg(p.A, X, tol=1e-12, maxiter=0, largest=False)
    ritz, _ = pt.rayleigh_ritz(p.A, X)
    np.testing.assert_allclose(values, ritz, rtol=1e-13)
    assert not log.converged and log.iterations == 0 and log.reasons == ("maxiter",) * 3
    log = pt.lobpcg(p.A, X, tol=1e-12)[2]
    assert log.iterations == 20 and "0 of 3 converged (maxiter) after 20 iterations" in str(log)
    values, _, log = pt.lobpcg(p.A, X, maxiter=60)
    assert log.converged and np.all(log.residual_norms <= 10 * np.sqrt(p.eps) * values)
    log = pt.lobpcg(p.A, X, maxiter=60, relative=False)[2]  # SciPy's default
    assert log.converged and np.all(log.residual_norms <= p.n * np.sqrt(p.eps))


class Spoiled(Forwarding):
    """Gives NaN from some product on."""

    def __init__(self, comm, matrix, calls):
        super().__init__(comm, matrix)
        self.calls = calls

    def apply_impl(self, b, x):
        self.matrix.apply(b, x)
        self.calls -= 1
        if self.calls < 0 and x.local.size:
            x.local[0] = np.nan


def test_nan_stops_with_the_reason(comm):
    p = Problem(comm, "empty", "float64", SPECTRUM)
    values, vectors, log = pt.lobpcg(Spoiled(comm, p.A, 4), p.guess(2), tol=1e-10, maxiter=50)
    assert not log.converged and set(log.reasons) == {"non_finite"} and log.iterations == 3
    assert np.all(np.isfinite(values)) and np.all(np.isfinite(vectors.local))
    with pytest.raises(pt.InvalidArgument, match="not finite"):
        pt.rayleigh_ritz(Spoiled(comm, p.A, 0), p.guess(2))


class Failing(Forwarding):
    """Raises in one call on one rank, after its communication."""

    def __init__(self, comm, matrix, call):
        super().__init__(comm, matrix)
        self.call = call if comm.rank == comm.size - 1 else -1

    def apply_impl(self, b, x):
        self.matrix.apply(b, x)
        self.call -= 1
        if self.call == -1:
            raise ZeroDivisionError("on one rank")


@pytest.mark.parametrize("call", range(8))
@pytest.mark.parametrize("which", ["A", "B", "M", "callback"])
def test_an_error_on_one_rank_ends_the_call_on_all(comm, which, call):
    p = Problem(comm, "empty", "float64", SPECTRUM, True)
    raised = ZeroDivisionError if comm.rank == comm.size - 1 else pt.RemoteError
    calls = {"A": p.A, "B": p.B, "M": pt.Identity(p.n, comm, local_size=p.own.size)}
    last = [call]

    def callback(event):
        last[0] -= 1
        if last[0] == -1 and comm.rank == comm.size - 1:
            raise ZeroDivisionError("on one rank")

    if which == "callback":
        calls["callback"] = callback
    else:
        calls[which] = Failing(comm, calls[which], call)
    with pytest.raises(raised, match="on one rank"):
        pt.lobpcg(X=p.guess(2), tol=1e-12, maxiter=50, **calls)
    if call == 0 and which in "AB":
        calls[which] = Failing(comm, calls[which].matrix, 0)
        with pytest.raises(raised, match="on one rank"):
            pt.rayleigh_ritz(calls["A"], p.guess(2), calls["B"])
    assert pt.lobpcg(p.A, p.guess(2), tol=1e-6, maxiter=100)[2].converged  # all is well after it


def test_bad_arguments(comm):
    p = Problem(comm, "uniform", "float64", SPECTRUM)
    X = p.guess(2)
    for bad, error, message in [
        (dict(tol=-1), pt.InvalidArgument, "tol is -1"),
        (dict(tol=np.nan), pt.InvalidArgument, "tol is"),
        (dict(maxiter=-1), pt.InvalidArgument, "maxiter is -1"),
        (dict(X=X.astype("complex64"), B=Forwarding(comm, p.A)), pt.DtypeError, "complex64"),
        (dict(M=3), TypeError, "M must be a LinOp, a factory or None, not int"),
        (dict(X=np.ones((4, 2))), TypeError, "X must be a"),
        (dict(A=np.eye(3)), TypeError, "A must be a"),
        (dict(callback=3), TypeError, "callback must be callable"),
        (dict(Y=X.astype("float32")), pt.DtypeError, "constraints is float32"),
        (dict(B=pt.Identity(3)), (pt.DimensionError, pt.InvalidArgument), "3|communicator"),
    ]:
        with pytest.raises(error, match=message):
            pt.lobpcg(**{"A": p.A, "X": X, **bad})
    part = partition("uniform", 3, comm)
    wide = pt.Matrix.from_coo(comm, part, [], [], [], col_partition=partition("uniform", p.n, comm))
    with pytest.raises(pt.DimensionError, match="need a square operator"):
        pt.rayleigh_ritz(wide, X)


def test_arguments_that_differ(comm):
    """Or that one rank alone gets wrong."""
    if comm.size == 1:
        pytest.skip("needs several ranks")
    p = Problem(comm, "uniform", "float64", SPECTRUM)
    X = p.guess(2)
    with pytest.raises(pt.DimensionError, match="ranks pass different"):
        pt.lobpcg(p.A, X, tol=1e-3 if comm.rank else 1e-4)
    with pytest.raises(TypeError if comm.rank == 1 else pt.RemoteError, match="X must be a"):
        pt.lobpcg(p.A, 3 if comm.rank == 1 else X)
    with pytest.raises(TypeError if comm.rank == 0 else pt.RemoteError, match="M must be a"):
        pt.lobpcg(p.A, X, M=None if comm.rank else "jacobi")


def test_no_rows(comm):
    X = pt.Vector.zeros(comm, 0, 2)
    A = pt.Identity(0, comm, local_size=0)
    for call in (pt.lobpcg, pt.rayleigh_ritz):
        with pytest.raises(pt.InvalidArgument, match="2 columns of 0 rows"):
            call(A, X)


def test_dense_problems():
    """As a dense eigensolver, of one process: the identity's columns span everything."""
    a = hermitian(np.array([1.0, 2, 3, 5]), "float64", 41)
    b = hermitian(np.array([1.0, 2, 2, 3]), "float64", 42)
    eye = pt.Vector.from_local(None, np.eye(4))
    values, vectors = pt.rayleigh_ritz(pt.Dense(a), eye, pt.Dense(b))
    expected, _ = scipy.linalg.eigh(a, b)
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    np.testing.assert_allclose(a @ vectors.local, b @ vectors.local * values, atol=1e-12)
