"""Dense problems of eigenvalues on any partition, which the tests of lobpcg share."""

import numpy as np
import pytest
import scipy.linalg
from problems import DTYPES, EXECUTORS, FULL, PARTITIONS, mine, owners, partition, random

import petiole as pt

try:
    pt.rayleigh_ritz(pt.Identity(1), pt.Vector.from_local(None, np.ones(1)))
except pt.NotSupported:
    pytest.skip("petiole was built without LAPACK", allow_module_level=True)


def hermitian(values, dtype, seed):
    """A dense matrix with these eigenvalues and random eigenvectors."""
    q, _ = np.linalg.qr(random((len(values), len(values)), "complex128", seed))
    if np.dtype(dtype).kind == "f":
        q, _ = np.linalg.qr(random((len(values), len(values)), "float64", seed))
    a = (q * values) @ q.conj().T
    return ((a + a.conj().T) / 2).astype(dtype)


class Problem:
    """A and B with their eigenvalues, on a partition."""

    def __init__(self, comm, kind, dtype, values, generalised=False, exec_=None, seed=31):
        self.comm, self.dtype, self.n = comm, np.dtype(dtype), len(values)
        self.who = owners(kind, self.n, comm.size)
        self.own, self.kind, self.exec = mine(self.who, comm.rank), kind, exec_
        self.a = hermitian(np.asarray(values), dtype, seed)
        self.A = self.matrix(self.a)
        self.b = np.eye(self.n, dtype=dtype)
        self.B = None
        if generalised:
            self.b = hermitian(np.linspace(0.5, 2, self.n), dtype, seed + 1)
            self.B = self.matrix(self.b)
        wide = "complex128" if self.dtype.kind == "c" else "float64"
        self.values = scipy.linalg.eigh(self.a.astype(wide), self.b.astype(wide))[0]
        self.eps = np.finfo(dtype).eps

    def matrix(self, dense):
        rows, cols = np.nonzero(dense[self.own])
        part = partition(self.kind, self.n, self.comm)
        return pt.Matrix.from_coo(
            self.comm, part, self.own[rows], cols, dense[self.own][rows, cols], exec=self.exec
        )

    def vector(self, array):
        return pt.Vector.from_local(
            self.comm, np.asarray(array, self.dtype)[self.own], exec=self.exec
        )

    def guess(self, columns, seed=32):
        return self.vector(random((self.n, columns), self.dtype, seed))

    def gather(self, v):
        parts = self.comm.allgather((self.own, np.array(v.local)))
        whole = np.empty((self.n, *v.local.shape[1:]), self.dtype)
        for own, local in parts:
            whole[own] = local
        return whole.reshape(self.n, -1)

    def check(self, values, vectors, norms, size=None):
        """Residuals are what the log says, and vectors B-orthonormal."""
        x = self.gather(vectors)
        size = size or np.abs(self.a).sum(axis=1).max()
        r = self.a @ x - (self.b @ x) * values
        rounding = 50 * self.n * self.eps * size
        np.testing.assert_allclose(np.linalg.norm(r, axis=0), norms, rtol=0.1, atol=rounding)
        gram = x.conj().T @ self.b @ x
        np.testing.assert_allclose(gram, np.eye(x.shape[1]), atol=100 * self.n * self.eps)

    def nearest(self, columns, largest):
        return self.values[::-1][:columns] if largest else self.values[:columns]


def tol_of(dtype):
    return 2e-4 if np.finfo(dtype).bits == 32 else 1e-8


SPECTRUM = np.concatenate((np.linspace(1, 10, 33), [20, 21, 22, 23, 24, 25, 30]))


SETTINGS = [  # the sample has each dtype once, on the partitions in turn
    (kind, dtype)
    for p, kind in enumerate(PARTITIONS)
    for d, dtype in enumerate(DTYPES)
    if FULL or (d + 1) % len(PARTITIONS) == p
]


@pytest.fixture(name="setting", params=SETTINGS, ids="-".join)
def each_setting(request, comm):
    kind, dtype = request.param
    name = "openmp" if FULL or DTYPES.index(dtype) % 2 else "reference"
    return comm, kind, dtype, EXECUTORS[name]()
