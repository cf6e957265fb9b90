"""The package's own functions for one process: arrays, matrices, readers, executors, types."""

import os
import subprocess
import sys
import types

import numpy as np
import pytest
from local_types import COLUMNS, INDICES, ROW_PTRS, ROWS, VALUES, VALUES_OF_A, A, OnDevice

import pyGinkgo as pg
from limits import limit
from pyGinkgo import pyGinkgoBindings as pgb

# ---- executors


def test_devices():
    assert type(pg.device()) is pgb.ReferenceExecutor
    assert type(pg.device("CPU")) is pgb.ReferenceExecutor
    assert type(pg.device("omp")) is pgb.OmpExecutor
    assert type(pg.device(pg.gko_types.ExecutorType.omp)) is pgb.OmpExecutor
    assert type(pg.device("cpu", 0)) is pgb.ReferenceExecutor
    exec = pgb.OmpExecutor()
    assert pg.device(exec) is exec and isinstance(exec, pgb.Executor)
    exec.synchronize()


def test_executors_of_the_host():
    reference = pgb.ReferenceExecutor()
    assert isinstance(reference, pgb.OmpExecutor) and isinstance(reference, pgb.OmpExecutorBase)
    assert pgb.ReferenceExecutor() != reference
    for base in pgb.Executor, pgb.OmpExecutorBase, pgb.Allocator:
        with pytest.raises(TypeError, match="no constructor"):
            base()


def test_names_that_can_be_replaced(monkeypatch):
    made = []
    monkeypatch.setattr(pg.core.pg, "device", lambda name: ("executor", name))
    monkeypatch.setattr(pg.core.pGB.base, "array_float", lambda *args: made.append(args))
    pg.as_array([1, 2], device="here")
    assert made == [(("executor", "here"), [1, 2])] and pg.pGB is pgb


@pytest.mark.parametrize(
    "arguments, error, text",
    [
        (("none",), ValueError, "Unknown device type: none.*cpu, omp, cuda"),
        (("cuda:0", 1), ValueError, "Only one index"),
        (("cuda:a",), ValueError, "integer"),
        ((3,), TypeError, "name of a device"),
    ],
)
def test_no_devices(arguments, error, text):
    with pytest.raises(error, match=text):
        pg.device(*arguments)


@pytest.mark.parametrize("name", ["Cuda", "Hip", "Dpcpp"])
def test_gpus_are_refused_with_the_cure(name):
    cls = getattr(pgb, f"{name}Executor")
    assert cls.get_num_devices() == 0
    for make in lambda: cls(), lambda: cls(0, pgb.ReferenceExecutor()), lambda: cls(device_id=1):
        with pytest.raises(RuntimeError, match='0 .* devices; use .*device\\("cpu"\\)'):
            make()
    with pytest.raises(RuntimeError, match=f"{name}Executor"):
        pg.device(f"{name.lower()}:0")
    assert pg.cuda_available() is False


# ---- types


def test_types():
    assert pg.gko_types.ValueType.values() == list(VALUES)
    assert pg.gko_types.ValueType.type_map() == VALUES
    assert pg.gko_types.IndexType.numpy_types() == list(INDICES.values())
    assert pg.gko_types.dtype == [*VALUES, *INDICES]
    assert str(pg.gko_types.ValueType.half) == "half" == pg.gko_types.ValueType.half
    assert "dense_" + pg.gko_types.ValueType.double == "dense_double"
    assert pg.gko_types.ValueType.float.numpy_type is np.float32
    assert pg.gko_types.MatrixFormat.values() == ["dense", "Csr", "Coo"]
    assert pg.gko_types.ExecutorType.values() == ["cpu", "omp", "cuda", "hip", "dpcpp"]
    assert pg.gko_types.NUMPY_TO_GKO_VALUE[np.float64] == "double"
    assert {pg.gko_types.NUMPY_TO_GKO_INDEX[t] for t in (np.int64, np.longlong)} == {"int64"}
    assert pg.types is pg.gko_types


# ---- arrays and tensors


@pytest.mark.parametrize("name, dtype", (VALUES | INDICES).items())
def test_arrays(name, dtype):
    data = np.array([1, 2, 3], dtype)
    for made in pg.as_array(data, dtype=name), pg.array(data), pg.array([1, 2, 3], dtype=name):
        assert type(made).__name__ == f"array_{name}" and made.at(2) == 3
    assert pg.array(made).at(2) == 3
    assert pg.array(4, dtype=name).shape == (4,) == pg.as_array(4, dtype=name).shape
    assert type(pg.array(data, dtype=dtype)) is type(made)


def test_arrays_of_no_type():
    for size in 3, np.int64(3):
        with pytest.raises(ValueError, match="Cannot infer dtype.*specify dtype"):
            pg.array(size)
    with pytest.raises(ValueError, match="Cannot infer dtype"):
        pg.array(["a"])
    with pytest.raises(ValueError, match="Cannot find dtype complex64"):
        pg.array([1.0], dtype="complex64")
    with pytest.raises(ValueError, match="Not a valid dtype: single"):
        pg.as_array([1.0], dtype="single")
    assert type(pg.as_array([1.0])) is pgb.base.array_float


@pytest.mark.parametrize("name, dtype", VALUES.items())
def test_tensors(name, dtype):
    data = A.astype(dtype)
    for made in pg.as_tensor(data, dtype=name), pg.dense(data), pg.dense(A, dtype=dtype):
        assert type(made).__name__ == f"dense_{name}" and np.array_equal(np.asarray(made), A)
    for made in (
        pg.as_tensor(dim=(3, 1), dtype=pg.gko_types.ValueType[name], fill=2.0),
        pg.dense(dim=(3, 1), dtype=name, fill=2.0),
    ):
        assert made.shape == (3, 1) and made.at(2, 0) == 2
    assert pg.as_tensor(dim=(2, 2), dtype=name, device="omp").at(0, 0) == 0
    assert pg.dense(dtype=name).shape == (0, 0)
    assert pg.dense(dim=(2, 2), dtype=name, stride=3).get_num_stored_elements() == 6
    assert pg.dense(np.arange(6, dtype=dtype), dim=(2, 2), stride=3).at(1, 0) == 3


def test_tensors_of_no_type():
    with pytest.raises(ValueError, match="Either obj or dim must be provided"):
        pg.as_tensor(dtype="double")
    with pytest.raises(ValueError, match="Not a valid dtype: invalid.*half, float, double"):
        pg.as_tensor(dim=(1, 1), dtype="invalid")
    with pytest.raises(ValueError, match="Cannot infer dtype.*specify dtype"):
        pg.dense(dim=(3, 1))
    with pytest.raises(ValueError, match="Cannot find dtype int32"):
        pg.dense(A, dtype="int32")
    with pytest.raises(ValueError, match="requires stride"):
        pg.dense(np.arange(6.0), dim=(2, 3))
    with pytest.raises(TypeError, match="GPU"):
        pg.dense(OnDevice())


# ---- sparse matrices


@pytest.mark.parametrize("itype", INDICES)
@pytest.mark.parametrize("dtype", VALUES)
@pytest.mark.parametrize("stem", ["Csr", "Coo"])
def test_sparse(stem, dtype, itype):
    rows = ROW_PTRS if stem == "Csr" else ROWS
    arrays = [np.array(VALUES_OF_A, VALUES[dtype])]
    arrays += [np.array(a, INDICES[itype]) for a in (COLUMNS, rows)]
    names = ("indices", "indptr") if stem == "Csr" else ("col", "row")
    like = types.SimpleNamespace(shape=(3, 3), **dict(zip(("data", *names), arrays)))
    make = getattr(pg, stem)
    parts = dict(zip(("data", "cols", "rows"), arrays), dim=(3, 3))
    for made in make(like), make(**parts), make(like, dtype=dtype, itype=itype):
        assert type(made).__name__ == f"{stem}_{dtype}_{itype}"
        assert np.array_equal(np.asarray(made.convert_to_dense()), A)
    assert type(make(like, dtype="float", itype="int64")).__name__ == f"{stem}_float_int64"
    assert make(dtype=dtype, itype=itype).shape == (0, 0)
    with pytest.raises(ValueError, match="requires dim, data, cols, and rows.*Missing: rows"):
        make(dim=(3, 3), data=arrays[0], cols=arrays[1])
    with pytest.raises(ValueError, match="not both"):
        make(like, dim=(3, 3))


def test_sparse_of_no_type():
    with pytest.raises(ValueError, match="Cannot infer dtype.*specify dtype"):
        pg.Csr(itype="int32")
    with pytest.raises(ValueError, match="Cannot infer itype.*specify itype"):
        pg.Coo(dtype="float")
    mixed = types.SimpleNamespace(
        shape=(1, 1), data=np.ones(1), indices=np.zeros(1, np.int32), indptr=np.array([0, 1])
    )
    with pytest.raises(ValueError, match="Cannot infer itype.*int32, int64"):
        pg.Csr(mixed)


# ---- files


def test_read(tmp_path):
    path = tmp_path / "A.mtx"
    path.write_text("%%MatrixMarket matrix coordinate real general\n2 2 1\n2 1 7\n")
    for dtype in VALUES:
        dense = pg.read(path, dtype=dtype)
        assert type(dense).__name__ == f"dense_{dtype}" and dense.at(1, 0) == 7
        for stem in "Csr", "Coo":
            for itype in INDICES:
                made = pg.read(str(path), format=stem, dtype=dtype, itype=itype, device="omp")
                assert type(made).__name__ == f"{stem}_{dtype}_{itype}"
                assert made.get_num_stored_elements() == 1
    assert type(pg.read(bytes(path), "Csr")) is pgb.matrix.Csr_double_int32
    for name, text in ("format", "Not a valid matrix format: no"), ("dtype", "Not a valid dtype"):
        with pytest.raises(ValueError, match=text):
            pg.read(path, **{name: "no"})
    with pytest.raises(ValueError, match="Not a valid itype: no.*int32, int64"):
        pg.read(path, format="Csr", itype="no")
    with pytest.raises(OSError):
        pg.read(tmp_path / "none.mtx")


# ---- factors


@pytest.mark.parametrize("name", VALUES)
def test_factors(name):
    S = np.array([[4, 1, 0], [1, 3, 1], [0, 1, 2]])
    dense = getattr(pgb.matrix, f"dense_{name}")(pgb.ReferenceExecutor(), S)
    expected = np.linalg.cholesky(S)
    tolerance = 1e-2 if name == "half" else 1e-6
    for matrix in dense, dense.convert_to_csr():
        lower, upper = pg.factor(matrix, kind="Lower"), pg.factor(matrix)
        assert type(lower).__name__ == f"Csr_{name}_int32" == type(upper).__name__
        assert np.allclose(np.asarray(lower.convert_to_dense()), expected, atol=tolerance)
        assert np.allclose(np.asarray(upper.convert_to_dense()), expected.T, atol=tolerance)
    product = dense.convert_to_csr()
    lower.apply(upper, product)
    assert np.allclose(np.asarray(product.convert_to_dense()), S, atol=4 * tolerance)

    exec = pgb.ReferenceExecutor()
    b, x = type(dense)(exec, S @ [1, 2, 3]), type(dense)(exec, (3, 1))
    pgb.factorization.factorization(exec, dense).apply(b, x)
    assert np.allclose(np.asarray(x), [1, 2, 3], atol=20 * tolerance)


def test_no_factors():
    indefinite = pg.dense(np.array([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(Exception, match="row 1|positive"):
        pg.factor(indefinite)
    with pytest.raises(ValueError, match='"Upper" or "Lower"'):
        pg.factor(pg.dense(np.eye(2)), kind="Middle")


def test_importing_loads_no_mpi():
    code = """
import sys, pyGinkgo, pyGinkgo.distributed, pyGinkgo.pyGinkgoBindings
assert "mpi4py.MPI" not in sys.modules and "torch" not in sys.modules
assert "libmpi" not in open("/proc/self/maps").read()
"""
    env = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=limit(50), env=env)


def test_right_hand_sides_that_do_not_fit():
    for b, reason in (
        (np.array([1 + 1j, 2]), "does not fit"),
        (OnDevice(2), "memory of a GPU"),
        (None, "expected numbers"),
    ):
        with pytest.raises(TypeError, match=reason):
            pg.solve(pg.dense(np.eye(2)), b)


def test_indices_in_parts_are_not_wrapped():
    for cols in [0, 2**32], [0.0, 0.5]:
        with pytest.raises(ValueError, match="cols holds numbers that no int32 is"):
            pg.Csr(dim=(2, 2), data=[1.0, 1.0], cols=cols, rows=[0, 1, 2], itype="int32")
    assert pg.dense(dim=pgb.dim2(2, 3), dtype="double").shape == (2, 3)
