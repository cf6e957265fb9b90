"""Every collective entry point, each of its arguments in turn, bad in every way on one rank alone: no rank
may wait for another. All fail, the others with what the rank at fault says, or all succeed.

The communicator itself is left as it is: a rank with another one can tell nobody.
"""

import contextlib

import numpy as np
import pytest

import petiole as pt

N = 3  # rows of each rank


class Trap:
    """Raises, whatever it is asked for."""

    def __init__(self, error):
        self.error = error

    def spring(self, *args, **kwargs):
        raise self.error("the trap")

    def __getattr__(self, name):
        raise self.error("the trap")

    __array__ = __index__ = __float__ = __int__ = __complex__ = __bool__ = __len__ = __iter__ = spring
    __getitem__ = __fspath__ = __call__ = __radd__ = __rsub__ = __rmul__ = __rmatmul__ = spring
    __eq__ = __hash__ = __str__ = spring


class Unmade(pt.LinOp):
    """An operator whose __init__ has not run."""

    def __init__(self):
        pass


class Taker(pt.LinOp):
    """Keeps the vector that it was lent, which then ends."""

    def apply_impl(self, b, x):
        self.kept = b
        x.local[:] = b.local


def ended():
    taker, v = Taker(2), pt.Vector.from_local(None, np.ones(2))
    taker @ v
    return taker.kept


def bad_values():
    """What no argument can be, or few; by name."""
    return {
        "None": None,
        "an object": object(),
        "a string": "nonsense",
        "a lone surrogate": "\ud800",
        "bytes": b"ab",
        "a negative number": -1,
        "too large a number": 2**70,
        "not a number": float("nan"),
        "complex": 1j,
        "a dict": {},
        "a tuple": (1.5, int),
        "a ragged list": [[1], [1, 2]],
        "many dimensions": np.zeros((1, 2, 1, 2)),
        "long doubles": np.zeros(N, np.longdouble),
        "masked": np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]),
        "an error": Trap(ZeroDivisionError),
        "an error like ours": Trap(ValueError),
        "no memory": Trap(MemoryError),
        "an interrupt": Trap(KeyboardInterrupt),
        "an exit": Trap(SystemExit),
        "an operator without __init__": Unmade(),
        "a vector that has ended": ended(),
        "a vector of one process": pt.Vector.from_local(None, np.ones(N)),
        "a matrix of one process": pt.Csr(np.eye(N)),
        "a class": pt.Jacobi,
        "a factory": pt.Jacobi(),
    }


class System:
    """Objects on a communicator, as they should be."""

    def __init__(self, comm):
        self.comm, size = comm, comm.size
        self.n = N * size
        self.part = pt.Partition.uniform(size, self.n)
        self.rows = np.arange(N) + N * comm.rank
        self.values = np.full(N, 2.0)
        self.A = self.matrix()
        self.b = pt.Vector.from_local(comm, np.arange(1.0, N + 1))
        self.x = self.b.zeros_like()
        self.X = pt.Vector.from_local(comm, np.eye(self.n)[self.rows, :2] + 0.1)
        self.world = self.b.comm

    def matrix(self):
        return pt.Matrix.from_coo(self.comm, self.part, self.rows, self.rows, self.values)


def calls(s, path):
    """Name: (function, its arguments, those by keyword)."""
    c, A, b, x, part = s.comm, s.A, s.b, s.x, s.part
    indptr, cg = np.arange(N + 1), pt.Cg().generate(A)
    eye = pt.Csr(np.eye(N))
    settings = {"type": "cg", "M": {"type": "jacobi"}}
    options = {"rtol": 1e-5, "atol": 0.0, "maxiter": 9, "M": pt.Jacobi(), "stop": None,
               "callback": None, "true_residual": True, "progress": False}  # fmt: skip
    table = {
        "Vector.zeros": (pt.Vector.zeros, [c, N, 2, "f8", None], {}),
        "Vector.from_local": (pt.Vector.from_local, [c, s.values, s.n, None], {}),
        "Vector.view": (pt.Vector.view, [c, s.values.copy(), s.n, None], {}),
        "Vector.from_global": (pt.Vector.from_global, [c, part, s.rows, s.values, None], {}),
        "Vector.read": (pt.Vector.read, [path.format("b"), c, part], {"dtype": "f8", "exec": None}),
        "Vector.write": (b.write, [path.format("b"), "mtx"], {}),
        "Vector.dot": (b.dot, [b], {}),
        "Vector.conj_dot": (b.conj_dot, [b], {}),
        "Vector @": (lambda v: b @ v, [b], {}),
        "Vector.norm": (b.norm, [2], {}),
        "Vector.gather": (b.gather, [0], {}),
        "Vector.redistribute": (b.redistribute, [part], {}),
        "Matrix.from_coo": (pt.Matrix.from_coo, [c, part, s.rows, s.rows, s.values],
                            {"col_partition": part, "foreign": "send", "exec": None}),
        "Matrix.from_csr": (pt.Matrix.from_csr, [c, indptr, s.rows, s.values],
                            {"partition": part, "col_partition": part, "exec": None}),
        "Matrix.from_csr, no partition": (pt.Matrix.from_csr, [c, indptr, s.rows, s.values], {}),
        "Matrix.from_scipy": (pt.Matrix.from_scipy, [c, A.to_scipy()], {"partition": part}),
        "Matrix.from_blocks": (pt.Matrix.from_blocks, [c, part, [], eye, None], {}),
        "Matrix.from_local": (pt.Matrix.from_local, [c, eye, (s.n, s.n)], {}),
        "Matrix.read": (pt.Matrix.read, [path.format("A"), c, part],
                        {"col_partition": part, "dtype": "f8", "exec": None}),
        "Matrix.write": (A.write, [path.format("A"), "mtx"], {}),
        "Matrix.update_values": (A.update_values, [s.values], {}),
        "Matrix.to_format": (A.to_format, ["ell"], {}),
        "Matrix.astype": (A.astype, ["f4"], {}),
        "Matrix.row_scale, vector": (A.row_scale, [b], {}),
        "Matrix.row_scale, array": (A.row_scale, [s.values], {}),
        "Matrix.transpose": (A.transpose, [True], {}),
        "Matrix.redistribute": (A.redistribute, [part, part], {}),
        "Matrix.submatrix": (A.submatrix, [s.rows, s.rows], {}),
        "Matrix +": (lambda B: A + B, [s.matrix()], {}),
        "+ Matrix": (lambda B: B + A, [s.matrix()], {}),
        "Matrix -": (lambda B: A - B, [s.matrix()], {}),
        "- Matrix": (lambda B: B - A, [s.matrix()], {}),
        "Matrix *": (lambda a: A * a, [2.0], {}),
        "* Matrix": (lambda a: a * A, [2.0], {}),
        "Matrix /": (lambda a: A / a, [2.0], {}),
        "Matrix @ Matrix": (lambda B: A @ B, [s.matrix()], {}),
        "@ Matrix": (lambda B: B @ A, [s.matrix()], {}),
        "Matrix @ Vector": (lambda v: A @ v, [b], {}),
        "@ Vector": (lambda B: B @ b, [A], {}),
        "LinOp.apply": (A.apply, [b, x], {}),
        "LinOp.apply, scaled": (A.apply, [2.0, b, 1.0, x], {}),
        "LinOp": (pt.LinOp, [s.n, c, "f8", None], {}),
        "Identity": (pt.Identity, [s.n, c, N, "f8", None], {}),
        "Solver.apply": (cg.apply, [b, x], {}),
        "Solver.apply, scaled": (cg.apply, [1.0, b, 0.0, x], {}),
        "refresh": (cg.refresh, [A], {}),
        "generate": (pt.Cg(M=pt.Identity(s.n, c)).generate, [A], {}),
        "Factorization.solve": (pt.factorization.lu(A).solve, [b], {}),
        "ilu": (pt.factorization.ilu, [A], {"level": 0, "ordering": "natural", "pivot": "error",
                                            "pivot_tolerance": 1e-3}),
        "ic": (pt.factorization.ic, [A], {"level": 0, "ordering": "natural", "pivot": "error",
                                          "pivot_tolerance": 1e-3}),
        "ilut": (pt.factorization.ilut, [A], {"drop_tolerance": 1e-3, "fill": 2.0, "match": False,
                                              "ordering": "natural", "pivot": "error"}),
        "cholesky": (pt.factorization.cholesky, [A, "natural"], {}),
        "lobpcg": (pt.lobpcg, [A, s.X], {"B": None, "M": None, "Y": None, "tol": 1e-3, "maxiter": 1,
                                         "largest": True, "callback": None, "relative": True}),
        "rayleigh_ritz": (pt.rayleigh_ritz, [A, s.X], {"B": None}),
        "solve": (pt.solve, [A, b, settings, None], {"callback": None, "progress": False}),
        "from_local_size": (pt.Partition.from_local_size, [c, N], {}),
        "from_local_range": (pt.Partition.from_local_range, [c, s.rows[0], s.rows[0] + N], {}),
        "allreduce": (s.world.allreduce, [s.values, "sum"], {}),
    }  # fmt: skip
    for name in ("cg", "gmres", "ir"):
        table[name] = (getattr(pt, name), [A, b, None], options)
    return table


# What may be bad where nobody can be told: no argument that is left lives on a communicator.
NOBODY = {("ilu", 0), ("ic", 0), ("ilut", 0), ("cholesky", 0)}

NAMES = """
Vector.zeros|Vector.from_local|Vector.view|Vector.from_global|Vector.read|Vector.write|Vector.dot
Vector.conj_dot|Vector @|Vector.norm|Vector.gather|Vector.redistribute|Matrix.from_coo|Matrix.from_csr
Matrix.from_csr, no partition|Matrix.from_scipy|Matrix.from_blocks|Matrix.from_local|Matrix.read
Matrix.write|Matrix.update_values|Matrix.to_format|Matrix.astype|Matrix.row_scale, vector
Matrix.row_scale, array|Matrix.transpose|Matrix.redistribute|Matrix.submatrix|Matrix +|+ Matrix|Matrix -
- Matrix|Matrix *|* Matrix|Matrix /|Matrix @ Matrix|@ Matrix|Matrix @ Vector|@ Vector|LinOp.apply
LinOp.apply, scaled|LinOp|Identity|Solver.apply|Solver.apply, scaled|refresh|generate|Factorization.solve
ilu|ic|ilut|cholesky|lobpcg|rayleigh_ritz|solve|from_local_size|from_local_range|allreduce|cg|gmres|ir
""".strip().replace("\n", "|").split("|")  # fmt: skip


def variants(name, comm, args, options):
    """(what is bad, the arguments of the rank at fault) in all ways."""
    places = [i for i, given in enumerate(args) if given is not comm and (name, i) not in NOBODY]
    for kind, bad in bad_values().items():
        for i in places:
            yield f"{kind} as argument {i}", [*args[:i], bad, *args[i + 1 :]], options
        for key in options:
            yield f"{kind} as {key}", args, {**options, key: bad}


def miscounts(comm, args, options):
    """The same for arguments that have no place, or none in a place."""
    yield "an argument more", [*args, *[None] * 9], options
    yield "a keyword more", args, {**options, "nonsense": 1}
    yield "a keyword that cannot be", args, {**options, "\ud800": 1}
    kept = 1 + next((i for i, given in enumerate(args) if given is comm), 0)
    if args[kept:]:
        yield "arguments less", args[:kept], options


def outcome(function, args, options):
    """The exception of a call, or None."""
    try:
        function(*args, **options)
    except BaseException as error:
        return error
    return None


@pytest.fixture(scope="module")
def system(comm):
    return System(comm)


@pytest.fixture(scope="module")
def path(system, tmp_path_factory):
    """A pattern of paths, rank 0's, with a matrix and a vector to read."""
    folder = np.zeros(4096, np.int8)
    if system.world.rank == 0:
        text = str(tmp_path_factory.mktemp("files")).encode()
        folder[: len(text)] = list(text)
    text = system.world.allreduce(folder, "sum").tobytes().rstrip(b"\0").decode()
    pattern = text + "/{}.mtx"
    system.A.write(pattern.format("A"))
    system.b.write(pattern.format("b"))
    return pattern


def test_every_call_is_in_the_list(system, path):
    assert list(calls(system, path)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_bad_on_one_rank(system, path, name, full, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where bad paths that are names of files become some
    world, last = system.world, system.comm.size - 1
    function, args, options = calls(system, path)[name]
    is_operator = function.__name__ == "<lambda>"
    assert outcome(function, args, options) is None
    counts = [] if is_operator else miscounts(system.comm, args, options)
    bad_ones = list(variants(name, system.comm, args, options))
    if not full:  # which of the kinds an argument meets depends on the call
        bad_ones = bad_ones[NAMES.index(name) % 4 :: 4]
    for what, *bad in [*bad_ones, *counts]:
        error = outcome(function, *(bad if world.rank == last else (args, options)))
        failed = int(error is not None)
        assert world.allreduce(failed, "min") == failed, f"{what}: {error!r}"
        if failed and world.rank != last:
            assert isinstance(error, pt.Error), f"{what}: {error!r}"
            assert error.rank is not None, f"{what}: {error!r}"
    assert outcome(function, args, options) is None


def test_a_profile_whose_block_fails_on_one_rank(system):
    """Wherever the others are by then; and all are in step behind it."""
    comm, last = system.world, system.comm.size - 1

    def fail(error):
        if comm.rank == last:
            raise error

    def block(step, error):
        with pt.Profile(comm) as profile:
            if step == "before a call":
                fail(error)
            system.b.norm()
            if step == "between calls":
                fail(error)
            if step == "caught":
                fail(error)
            for _ in range(2):  # who goes on after the failure fails again, until the end
                with contextlib.suppress(pt.Error if step == "caught" else ()):
                    pt.cg(system.A, system.b)
            if step == "at the end":
                fail(error)
        return profile

    for step in ("before a call", "between calls", "caught", "at the end"):
        for error in (KeyError("k"), ValueError("v"), KeyboardInterrupt(), pt.FormatError("f")):
            with pytest.raises(BaseException) as caught:
                block(step, error)
            if comm.rank == last:
                assert caught.value is error
            elif step == "caught":
                assert isinstance(caught.value, pt.Error)
            else:
                kind = ValueError if isinstance(error, ValueError) else pt.RemoteError
                assert isinstance(caught.value, kind) and caught.value.rank == last
            assert comm.allreduce(1, "sum") == comm.size
    assert block("never", None).table()


def test_a_profile_whose_block_fails_everywhere(system):
    for fail in (lambda: 1 / 0, lambda: pt.cg(system.A, system.b, rtol=-1), lambda: system.b.norm(3)):
        with pytest.raises((ZeroDivisionError, pt.InvalidArgument)), pt.Profile(system.comm):
            fail()
        assert system.world.allreduce(1, "sum") == system.comm.size
