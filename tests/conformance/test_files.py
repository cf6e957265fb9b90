"""MatrixMarket files, small ones of every kind and real ones, read on every number of ranks."""

import numpy as np
import pytest
from problems import PARTITIONS, mine, owners, partition

import petiole as pt

SPD = ("fv1.mtx", "1138_bus.mtx")
REAL = (*SPD, "cryg2500.mtx", "watt_2.mtx", "west0479.mtx", "young1c.mtx", "jagmesh7.mtx")

GOOD = {
    "general": ("coordinate real general", "% a comment\n\n3 4 3\n1 1 1.5\n3 4 -2e-3\n2 1 7\n"),
    "crlf": ("coordinate real general", "2 2 1\r\n1 2 3.25\r\n"),
    "integer": ("coordinate integer symmetric", "3 3 3\n1 1 4\n3 1 -2\n3 3 1\n"),
    "skew": ("coordinate real skew-symmetric", "3 3 2\n2 1 4\n3 1 -2.5\n"),
    "hermitian": ("coordinate complex hermitian", "2 2 2\n1 1 4 0\n2 1 -2.5 1e1\n"),
    "complex": ("coordinate complex general", "2 3 2\n1 3 4 -1\n2 1 -2.5 0.125\n"),
    "pattern": ("coordinate pattern symmetric", "3 3 2\n2 1\n3 3\n"),
    "array": ("array real general", "3 2\n1\n2\n3\n4\n5\n6\n"),
    "array-symmetric": ("array real symmetric", "2 2\n1\n2\n3\n"),
    "empty": ("coordinate real general", "0 0 0\n"),
    "no-entries": ("coordinate real general", "3 3 0\n"),
}

# What is wrong, and the line that must be named.
BAD = {
    "no banner": ("%%NotMarket\n1 1 1\n1 1 1\n", 1),
    "empty": ("", 1),
    "unknown field": ("%%MatrixMarket matrix coordinate quaternion general\n1 1 1\n1 1 1\n", 1),
    "no sizes": ("%%MatrixMarket matrix coordinate real general\n% only this\n", 2),
    "bad sizes": ("%%MatrixMarket matrix coordinate real general\n2 x 1\n1 1 1\n", 2),
    "negative": ("%%MatrixMarket matrix coordinate real general\n2 -2 1\n1 1 1\n", 2),
    "row 0": ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n0 1 1\n", 4),
    "column 3": ("%%MatrixMarket matrix coordinate real general\n2 2 1\n% c\n1 3 1\n", 4),
    "no value": ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1\n", 3),
    "bad value": ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1.x\n", 3),
    "too few": ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n", 3),
    "too many": ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n2 2 1\n", 4),
}


@pytest.fixture
def write(comm, tmp_path):
    """Writes a file on rank 0 and gives its path on every rank."""

    def put(text):
        path = comm.bcast(str(tmp_path / "file.mtx"))
        if comm.rank == 0:
            with open(path, "w", newline="") as file:
                file.write(text)
        comm.barrier()
        return path

    return put


@pytest.mark.parametrize("name", GOOD)
def test_small_files(comm, write, name):
    import io

    from scipy.io import mmread

    kind, body = GOOD[name]
    text = f"%%MatrixMarket matrix {kind}\n{body}"
    A = pt.Matrix.read(write(text), comm)
    if name in ("empty",):
        expected = np.zeros((0, 0))
    else:
        expected = mmread(io.StringIO(text.replace("\r\n", "\n")))
        expected = expected.toarray() if hasattr(expected, "toarray") else expected
    assert A.shape == expected.shape
    part = pt.Partition.uniform(comm.size, expected.shape[0])
    assert A.partition == part
    start = sum(part.part_size(r) for r in range(comm.rank))
    own = expected[start : start + part.part_size(comm.rank)]
    np.testing.assert_array_equal(A.to_scipy().toarray(), own)
    assert A.dtype == (np.complex128 if "complex" in kind else np.float64)


@pytest.mark.parametrize("name", BAD)
def test_malformed_files(comm, write, name):
    text, line = BAD[name]
    path = write(text)
    with pytest.raises(pt.FormatError) as caught:
        pt.Matrix.read(path, comm)
    assert f"{path}:{line}: " in str(caught.value)
    assert comm.allgather((str(caught.value), caught.value.rank)) == comm.size * [
        (str(caught.value), caught.value.rank)
    ]


def test_missing_file(comm):
    with pytest.raises(OSError, match="nothing/here"):
        pt.Matrix.read("/nothing/here.mtx", comm)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_real_matrices_read_correctly(comm, data, name, kind):
    from scipy.io import mmread

    expected = mmread(data / name).tocsr()
    n = expected.shape[0]
    A = pt.Matrix.read(data / name, comm, partition(kind, n, comm))
    own = mine(owners(kind, n, comm.size), comm.rank)
    assert (A.to_scipy() != expected[own].astype(A.dtype)).nnz == 0
    rng = np.random.default_rng(1)
    x = rng.standard_normal(n).astype(A.dtype)
    y = A @ pt.Vector.from_local(comm, x[own])
    np.testing.assert_allclose(
        y.local, (expected @ x)[own], atol=1e-12 * abs(expected).max() * n**0.5
    )


@pytest.mark.parametrize("name", SPD)
@pytest.mark.parametrize("kind", PARTITIONS)
def test_cg_on_real_matrices(comm, data, name, kind):
    from scipy.io import mmread

    whole = mmread(data / name).tocsr()
    n = whole.shape[0]
    A = pt.Matrix.read(data / name, comm, partition(kind, n, comm))
    own = mine(owners(kind, n, comm.size), comm.rank)
    rhs = whole @ np.sin(np.arange(n))
    b = pt.Vector.from_local(comm, rhs[own])
    x, log = pt.cg(A, b, rtol=5e-9, M=pt.Jacobi())
    assert log.converged, str(log)
    # The true residual by SciPy, apart from everything of ours.
    values = np.empty(n)
    for indices, part in zip(comm.allgather(own), comm.allgather(np.asarray(x.local))):
        values[indices] = part
    assert np.linalg.norm(rhs - whole @ values) <= 1e-8 * np.linalg.norm(rhs)
