"""lobpcg's constraints beside the dense problem on their complement: any Y, and what Y and X are refused."""

import numpy as np
import pytest
import scipy.linalg
from eigenproblems import SPECTRUM, Problem, each_setting, tol_of  # noqa: F401
from problems import FULL, random

import petiole as pt


def constrained(p, y, columns, largest, rank=None):
    """The eigenvalues on the B-orthogonal complement of y's columns, by a basis of it."""
    wide = np.result_type(p.dtype, np.float64)
    a, b, y = (m.astype(wide) for m in (p.a, p.b, y))
    z = np.linalg.svd(b @ (y / np.linalg.norm(y, axis=0)))[0][:, rank or y.shape[1] :]
    values = scipy.linalg.eigvalsh(z.conj().T @ a @ z, z.conj().T @ b @ z)
    return values[::-1][:columns] if largest else values[:columns]


def overlap(p, y, vectors):
    """The largest cosine between columns of y and the vectors, in the inner product of B."""
    wide = np.result_type(p.dtype, np.float64)
    y, b = y.astype(wide), p.b.astype(wide)
    size = np.sqrt(np.einsum("ij,ij->j", y.conj(), b @ y).real)
    return np.abs((y.conj().T @ b @ p.gather(vectors)) / size[:, None]).max()


def test_a_vector_that_is_not_invariant(comm):
    n = 10
    p = Problem(comm, "uniform", "float64", np.arange(1.0, n + 1))
    p.a = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    A, y = p.matrix(p.a), np.ones((n, 1))
    X = p.vector(np.random.default_rng(0).standard_normal((n, 2)))
    values, vectors, log = pt.lobpcg(A, X, Y=p.vector(y), tol=1e-8, largest=False, maxiter=1000)
    assert log.converged, str(log)
    np.testing.assert_allclose(values, [0.3175, 0.6345], atol=5e-5)
    np.testing.assert_allclose(values, constrained(p, y, 2, False), rtol=1e-12)
    assert overlap(p, y, vectors) < 1e-14


def constraints(kind, p, largest):
    """Four columns, of which three matter where they depend on one another."""
    columns = 4
    y = random((p.n, columns), p.dtype, 50)
    if kind.startswith("known to"):
        v = scipy.linalg.eigh(p.a, p.b)[1]
        v = v[:, -columns:] if largest else v[:, :columns]
        return v + float(kind.split()[-1]) * y
    if kind.startswith("scaled"):
        return np.ldexp(1.0, int(kind.split()[-1])).astype(p.dtype) * y
    if kind == "nearly dependent":
        y[:, 3] = y[:, 0] + (1e-2 if p.eps > 1e-10 else 1e-7) * y[:, 3]
    elif kind == "dependent":
        y[:, 3] = 4 * y[:, 0]
    return y


KINDS = ["random", "known to 1e-2", "known to 1e-6", "scaled 100", "scaled -100",
         "nearly dependent", "dependent"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("largest", [False, True], ids=["smallest", "largest"])
@pytest.mark.parametrize("precond", [False, True], ids=["plain", "preconditioned"])
def test_any_constraints(setting, kind, generalised, largest, precond):
    if not FULL and (precond != generalised or largest == (KINDS.index(kind) + generalised) % 2):
        pytest.skip("a sample")
    comm, partition_kind, dtype, exec_ = setting
    p = Problem(comm, partition_kind, dtype, SPECTRUM, generalised, exec_)
    M = None
    if precond:
        M = p.matrix(np.linalg.inv(p.a) + np.diag(np.linspace(0.01, 0.02, p.n)).astype(dtype))
    y = constraints(kind, p, largest)
    tol = tol_of(dtype)
    values, vectors, log = pt.lobpcg(
        p.A, p.guess(2), p.B, M, p.vector(y), tol=tol, maxiter=300, largest=largest
    )
    assert log.converged and set(log.reasons) == {"rtol"}, str(log)
    expected = constrained(p, y, 2, largest, 3 if kind == "dependent" else None)
    np.testing.assert_allclose(values, expected, rtol=1e-5 if p.eps > 1e-10 else 1e-8)
    assert overlap(p, y, vectors) < 100 * p.eps
    x = p.gather(vectors)
    np.testing.assert_allclose(x.conj().T @ p.b @ x, np.eye(2), atol=100 * p.n * p.eps)
    if kind == "nearly dependent":  # the complement is known to the eighth digit alone
        return
    wide = np.result_type(dtype, np.float64)
    a, b, x, y = (m.astype(wide) for m in (p.a, p.b, x, y))
    r = a @ x - (b @ x) * values
    assert np.all(np.linalg.norm(r, axis=0) > 10 * log.residual_norms) or "known" in kind
    q = np.linalg.qr(b @ (y / np.linalg.norm(y, axis=0)))[0][:, : 3 if kind == "dependent" else 4]
    r -= q @ (q.conj().T @ r)  # the least that anything along B Y can leave
    assert np.all(np.linalg.norm(r, axis=0) <= log.residual_norms + 50 * p.n * p.eps * 30)


def test_all_but_a_few_directions(comm):
    p = Problem(comm, "empty", "complex128", np.arange(1.0, 13), True)
    y = random((12, 9), p.dtype, 51)
    for columns in 1, 3:
        values, _, log = pt.lobpcg(p.A, p.guess(columns), p.B, Y=p.vector(y), tol=1e-10)
        assert log.converged, str(log)
        np.testing.assert_allclose(values, constrained(p, y, columns, True), rtol=1e-11)
    with pytest.raises(pt.InvalidArgument, match="4 columns of 12 rows are not linearly"):
        pt.lobpcg(p.A, p.guess(4), p.B, Y=p.vector(y))


@pytest.mark.parametrize("generalised", [False, True], ids=["standard", "generalised"])
@pytest.mark.parametrize("what", ["the same", "a mixture", "one column"])
def test_a_guess_within_the_constraints(setting, generalised, what):
    comm, kind, dtype, exec_ = setting
    p = Problem(comm, kind, dtype, SPECTRUM, generalised, exec_)
    y = random((p.n, 3), dtype, 52)
    x = y[:, :2] if what == "the same" else y @ random((3, 2), dtype, 53)
    if what == "one column":
        x[:, 0] = random(p.n, dtype, 54)
    text = f"X's column {what == 'one column':d} lies in the space of the constraints"
    with pytest.raises(pt.InvalidArgument, match=text):
        pt.lobpcg(p.A, p.vector(x), p.B, Y=p.vector(y))


def test_constraints_that_are_refused(comm):
    p = Problem(comm, "uniform", "float64", SPECTRUM)
    y = random((p.n, 2), "float64", 55)
    y[3, 1] = np.nan
    with pytest.raises(pt.InvalidArgument, match="constraints.* not finite .column 1"):
        pt.lobpcg(p.A, p.guess(2), Y=p.vector(y))
    B = p.matrix(np.diag(np.r_[0.0, np.ones(p.n - 1)]))
    with pytest.raises(pt.InvalidArgument, match="B is not positive definite on constraints"):
        pt.lobpcg(p.A, p.guess(2), B, Y=p.vector(np.eye(p.n)[:, :1]))
    values = pt.lobpcg(p.A, p.guess(2), Y=p.vector(np.zeros((p.n, 2))), maxiter=100)[0]
    np.testing.assert_allclose(values, p.nearest(2, True), rtol=1e-12)


def test_constraints_that_do_not_hold_have_a_reason(comm):
    """As where a callback overwrites Y."""
    p = Problem(comm, "empty", "float64", SPECTRUM)
    Y = p.vector(random((p.n, 2), "float64", 56))
    other = random((p.n, 2), "float64", 57)[p.own]

    def callback(event):
        if event.iteration == 1:
            Y.local[:] = other

    log = pt.lobpcg(p.A, p.guess(2), Y=Y, tol=1e-8, maxiter=100, callback=callback)[2]
    assert not log.converged and log.reasons == ("constraints",) * 2
    assert "0 of 2 converged (constraints)" in str(log)


def test_an_iteration_makes_as_many_reductions_as_without(comm):
    p = Problem(comm, "uniform", "float64", SPECTRUM, True)
    Y = p.vector(random((p.n, 3), "float64", 58))

    def reductions(iterations, Y):
        heard = []
        with pt.trace(heard.append):
            log = pt.lobpcg(p.A, p.guess(2), p.B, Y=Y, tol=1e-14, maxiter=iterations)[2]
        assert log.iterations == iterations
        return sum(e.kind == "reduction" and e.phase == "begin" for e in heard)

    assert reductions(6, None) - reductions(3, None) == 6
    assert reductions(6, Y) - reductions(3, Y) == 6
    assert reductions(3, Y) - reductions(3, None) == 3 + 1 + 2  # Y's columns, A Y, X
