"""Matrix_<T>_<L>_<G> and DistributedMatrix, beside NumPy."""

import numpy as np
import pytest
from ranks_and_rows import EXEC, NUMBERS, OWNERS, csr, local, owned, tridiagonal, triplets, vector

import petiole as pt
from pyGinkgo import distributed as gkd
from pyGinkgo import pyGinkgoBindings as pgb

N = 17
INDICES = ("int32", "int64")
RTOL = {"half": 1e-2, "float": 1e-5, "complex_float": 1e-5}


def bound(dtype="double", itype="int32"):
    return getattr(pgb.distributed, f"Matrix_{dtype}_{itype}_int64")


def blocks(comm, owners, array):
    """(local block, non-local block, the global columns of the latter) of this rank's rows."""
    mine = owned(owners, comm)
    rows = array[mine]
    foreign = np.flatnonzero(rows.any(axis=0) & (owners != comm.rank))
    foreign = foreign[np.lexsort((foreign, owners[foreign]))]
    return rows[:, mine], rows[:, foreign], foreign


def of_blocks(comm, owners, array, dtype="double", itype="int32"):
    partition = gkd.Partition.from_mapping(EXEC, owners, comm.size)
    here, there, foreign = blocks(comm, owners, array)
    return gkd.DistributedMatrix.from_local_and_non_local(
        EXEC, comm, partition, foreign, csr(here, dtype, itype), csr(there, dtype, itype),
        NUMBERS[dtype], itype,
    )  # fmt: skip


def check_products(comm, A, owners, array, dtype="double"):
    """Both forms of apply, on one column and on three."""
    array = array.astype(np.result_type(array, np.float32))
    for columns in 1, 3:
        x = (np.arange(array.shape[1] * columns).reshape(-1, columns) % 4 - 1).astype(
            NUMBERS[dtype]
        )
        mine = owned(owners, comm)
        Vector = getattr(pgb.distributed, f"Vector_{dtype}")
        b = Vector.from_local_array(EXEC, comm, x.shape, x[mine])
        y = Vector.from_local_array(EXEC, comm, x.shape, np.full_like(x[mine], 2))
        A.apply(b, y)
        rtol = RTOL.get(dtype, 1e-12)
        np.testing.assert_allclose(y.local, (array @ x)[mine], rtol, atol=rtol)
        alpha = getattr(pgb.matrix, f"dense_{dtype}")(EXEC, (1, 1))
        alpha.fill(2)
        A.apply(alpha, b, -1, y)
        np.testing.assert_allclose(y.local, (array @ x)[mine], rtol, atol=rtol)


@pytest.mark.parametrize("ownership", OWNERS)
@pytest.mark.parametrize("itype", INDICES)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_of_both_blocks(comm, dtype, itype, ownership):
    owners, array = OWNERS[ownership](N, comm.size), tridiagonal(N, NUMBERS[dtype])
    A = of_blocks(comm, owners, array, dtype, itype)
    assert type(A.raw) is bound(dtype, itype)
    assert A.shape == A.raw.shape == (N, N) and type(A.shape) is tuple
    check_products(comm, A.raw, owners, array, dtype)
    here, there, foreign = blocks(comm, owners, array)
    assert type(A.get_local_matrix()).__name__ == f"Csr_{dtype}_{itype}"
    assert A.get_local_matrix() == csr(here, dtype, itype)
    assert A.get_non_local_matrix() == csr(there, dtype, itype)
    assert A.raw.get_non_local_indices().tolist() == foreign.tolist()
    assert A.raw.get_executor() is EXEC


def test_connections_in_any_order_and_more_than_once(comm):
    """The non-local block's columns stand for the owners in order, and ascending indices of each."""
    owners, array = OWNERS["dealt"](N, comm.size), tridiagonal(N)
    here, there, foreign = blocks(comm, owners, array)
    jumbled = np.concatenate((foreign[::-1], foreign[::2])).astype(np.int32)
    partition = gkd.Partition.from_mapping(EXEC, owners, comm.size)
    make = bound().create_from_local_and_non_local
    for given in partition, partition.raw:
        A = make(EXEC, comm, given, jumbled, csr(here), csr(there))
        check_products(comm, A, owners, array)
        A = make(EXEC, comm, given, jumbled.tolist(), csr(here).convert_to_coo(), csr(there))
        check_products(comm, A, owners, array)
        assert type(A.get_local_matrix()).__name__ == "Coo_double_int32"


def test_blocks_that_do_not_fit(comm):
    owners, array = OWNERS["even"](4 * comm.size, comm.size), tridiagonal(4 * comm.size)
    here, there, foreign = blocks(comm, owners, array)
    part = gkd.Partition.from_mapping(EXEC, owners, comm.size)
    make, last = gkd.DistributedMatrix.from_local_and_non_local, comm.rank == comm.size - 1
    with pytest.raises(ValueError):
        make(EXEC, comm, part, foreign, csr(here[:-1] if last else here), csr(there))
    more = np.hstack((there, np.ones((len(there), 1)))) if last else there
    with pytest.raises(ValueError):
        make(EXEC, comm, part, foreign, csr(here), csr(more))
    wrong = np.array([4 * comm.size]) if last else foreign
    with pytest.raises(IndexError):
        make(EXEC, comm, part, wrong, csr(here), csr(there))
    with pytest.raises(TypeError if last else pt.RemoteError, match="local matrix"):
        solver = pgb.solver.cg_double(EXEC, csr(here), 3, 1e-3)
        make(EXEC, comm, part, foreign, solver if last else csr(here), csr(there))
    with pytest.raises(TypeError if last else pt.RemoteError, match="Partition"):
        make(EXEC, comm, None if last else part, foreign, csr(here), csr(there))
    A = make(EXEC, comm, part, foreign, csr(here), csr(there))
    check_products(comm, A.raw, owners, array)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_of_a_local_operator(comm, dtype):
    n = 3 + comm.rank
    sizes = [3 + rank for rank in range(comm.size)]
    total, array = sum(sizes), tridiagonal(n, NUMBERS[dtype])
    owners = np.repeat(np.arange(comm.size), sizes)
    everything = np.zeros((total, total), NUMBERS[dtype])
    start = owned(owners, comm)[0]
    everything[start : start + n, start : start + n] = array
    block = csr(array, dtype)
    dense = getattr(pgb.matrix, f"dense_{dtype}")(EXEC, array)
    for linop in block, block.convert_to_coo(), dense, pt.Csr(pt.Dense(array)):
        A = gkd.DistributedMatrix.from_local_linop(
            EXEC, comm, (total, total), linop, value_dtype=NUMBERS[dtype]
        )
        assert type(A.raw) is bound(dtype) and A.shape == (total, total)
        assert A.get_local_matrix() is linop
        assert A.get_non_local_matrix().shape == (n, 0)
        check_products(comm, A.raw, owners, everything, dtype)
    converted = bound("float").create_from_local_linop(
        EXEC, comm, (total, total), csr(tridiagonal(n))
    )
    check_products(comm, converted, owners, everything.real.astype(np.float32), "float")


def test_of_a_solver_and_of_user_code(comm):
    """Each rank solves with its own block, and doubles its own rows."""
    n, total = 4, 4 * comm.size
    array = np.eye(n) * 4 + np.eye(n, k=1)
    solver = pgb.solver.direct_double_int32(EXEC, csr(array), "LU")

    class Double(gkd.PyLinOp):
        def apply_impl(self, b, x):
            assert type(b).__name__ == "dense_double" and b.shape == (n, 1)
            np.copyto(np.asarray(x), 2 * np.asarray(b))

    x = np.arange(1.0, n + 1)
    for linop, expected in (solver, np.linalg.solve(array, x)), (Double(EXEC, (n, n)), 2 * x):
        A = bound().create_from_local_linop(EXEC, comm, (total, total), linop)
        assert A.get_local_matrix() is linop
        b = gkd.DistributedVector.from_local_array(EXEC, comm, (total, 1), x)
        y = gkd.DistributedVector.empty(EXEC, comm, (total, 1), (n, 1))
        A.apply(b, y)
        np.testing.assert_allclose(local(y), expected)


def test_local_sizes_that_do_not_add_up(comm):
    last = comm.rank == comm.size - 1
    n = 3 * comm.size
    make = gkd.DistributedMatrix.from_local_linop
    for shape in (n + 1, n + 1), (n, n + 1), (-1, n), (n, n, n), "ab":
        with pytest.raises(ValueError):
            make(EXEC, comm, shape, csr(np.eye(3)))
    with pytest.raises(ValueError):
        make(EXEC, comm, (n, n), csr(np.eye(4 if last else 3)))
    with pytest.raises(TypeError if last else pt.RemoteError, match="LinOp"):
        make(EXEC, comm, (n, n), "no operator" if last else csr(np.eye(3)))
    with pytest.raises(TypeError, match="no distributed Matrix for"):
        make(EXEC, comm, (n, n), csr(np.eye(3)), np.int32)


def test_rectangles_of_local_operators(comm):
    block = np.arange(6.0).reshape(2, 3) + comm.rank
    A = bound().create_from_local_linop(EXEC, comm, (2 * comm.size, 3 * comm.size), csr(block))
    assert A.shape == (2 * comm.size, 3 * comm.size)
    Vector = pgb.distributed.Vector_double
    b = Vector.from_local_array_deduce_size(EXEC, comm, np.ones(3))
    x = Vector.from_local_array_deduce_size(EXEC, comm, np.zeros(2))
    A.apply(b, x)
    np.testing.assert_allclose(local(x), block.sum(axis=1))


@pytest.mark.parametrize("itype", INDICES)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_empty_at_first(comm, dtype, itype):
    A = gkd.DistributedMatrix.empty(EXEC, comm, NUMBERS[dtype], itype)
    assert type(A.raw) is bound(dtype, itype)
    assert A.shape == A.raw.local_shape == (0, 0)
    assert A.get_local_matrix().shape == A.get_non_local_matrix().shape == (0, 0)
    assert A.raw.get_non_local_indices().size == 0
    nothing = getattr(pgb.distributed, f"Vector_{dtype}").create(EXEC, comm, (0, 1), (0, 1))
    A.raw.apply(nothing, nothing.create(EXEC, comm, (0, 1), (0, 1)))
    owners, array = OWNERS["dealt"](N, comm.size), tridiagonal(N, NUMBERS[dtype])
    part = gkd.build_partition(EXEC, owners, comm.size)
    rows, cols, values = triplets(array, np.arange(N)[comm.rank :: comm.size][::-1])
    A.raw.read_distributed(part, rows, cols, values)
    assert A.shape == (N, N)
    check_products(comm, A.raw, owners, array, dtype)
    here, there, foreign = blocks(comm, owners, array)
    assert type(A.get_local_matrix()).__name__ == f"Csr_{dtype}_{itype}"
    np.testing.assert_array_equal(np.asarray(A.get_local_matrix().convert_to_dense()), here)
    assert A.get_local_matrix() == csr(here, dtype, itype)
    assert A.get_non_local_matrix() == csr(there, dtype, itype)
    with pytest.raises(ValueError, match="matching lengths"):
        A.raw.read_distributed(part, rows, cols[1:], values)
    assert A.shape == (N, N)


def test_no_rows_at_all(comm):
    part = gkd.Partition.uniform(EXEC, comm.size, 0)
    none = csr(np.zeros((0, 0)))
    A = gkd.DistributedMatrix.from_local_and_non_local(EXEC, comm, part, [], none, none)
    assert A.shape == (0, 0)
    check_products(comm, A.raw, np.zeros(0, int), np.zeros((0, 0)))
    assert bound().create_from_local_linop(EXEC, comm, (0, 0), none).shape == (0, 0)


@pytest.fixture(scope="module")
def path(comm, tmp_path_factory):
    """A file of the tridiagonal matrix."""
    path = comm.bcast(str(tmp_path_factory.mktemp("matrix") / "A.mtx") if comm.rank == 0 else None)
    if comm.rank == 0:
        rows, cols, values = triplets(tridiagonal(N), np.arange(N))
        lines = [f"{i + 1} {j + 1} {value}" for i, j, value in zip(rows, cols, values)]
        header = f"%%MatrixMarket matrix coordinate real general\n{N} {N} {len(lines)}\n"
        with open(path, "w") as file:
            file.write(header + "\n".join(lines) + "\n")
    comm.Barrier()
    return path


def test_reading_a_file_in_every_spelling(comm, path):
    even, dealt = OWNERS["even"](N, comm.size), OWNERS["dealt"](N, comm.size)
    part = gkd.Partition.from_mapping(EXEC, dealt, comm.size)
    facade = gkd.DistributedMatrix
    for A, owners, dtype in (
        (facade.read(EXEC, comm, path), even, "double"),
        (facade.read(EXEC, comm, path, part, np.float32), dealt, "float"),
        (bound("half", "int64").read(EXEC, comm, path, part.raw), dealt, "half"),
        (bound("complex_float").read(EXEC, comm, path), even, "complex_float"),
        (gkd.read(path), even, "double"),
        (gkd.read(path, EXEC, comm, part, dtype="float"), dealt, "float"),
        (gkd.read(path, comm=comm, dtype=np.float64), even, "double"),
    ):
        A = getattr(A, "raw", A)
        assert type(A).__name__.startswith(f"Matrix_{dtype}_") and A.shape == (N, N)
        check_products(comm, A, owners, tridiagonal(N), dtype)
    A = bound().create_empty(EXEC, comm)
    A.read_file(path, part)
    check_products(comm, A, dealt, tridiagonal(N))
    import pyGinkgo

    A = pyGinkgo.read(path, dtype="double", device="cpu", comm=comm)
    check_products(comm, A, even, tridiagonal(N))


def test_files_and_types_that_there_are_not(comm, path):
    last = comm.rank == comm.size - 1
    with pytest.raises(OSError):
        gkd.read(path + "x" if last else path, comm=comm)
    with pytest.raises(ValueError, match="dtype must be one of"):
        gkd.read(path, comm=comm, dtype="int32")
    with pytest.raises(ValueError):
        gkd.read(path, comm=comm, partition=gkd.Partition.uniform(EXEC, comm.size, N + 1))


def test_a_wrong_vector_on_one_rank(comm):
    owners, array = OWNERS["even"](N, comm.size), tridiagonal(N)
    A, last = of_blocks(comm, owners, array).raw, comm.rank == comm.size - 1
    b, x = vector(comm, owners, np.ones(N)), vector(comm, owners, np.zeros(N))
    with pytest.raises(TypeError if last else pt.RemoteError, match="vector"):
        A.apply(np.ones(3) if last else b, x)
    short = vector(comm, owners[:-1], np.zeros(N - 1))
    with pytest.raises(ValueError):
        A.apply(b, short)
    check_products(comm, A, owners, array)


def test_the_names_of_classes_say_their_types(comm):
    for dtype in NUMBERS:
        for itype in INDICES:
            cls = bound(dtype, itype)
            assert cls.dtype == NUMBERS[dtype] and cls.value_type == dtype
            assert gkd.matrix._resolve(NUMBERS[dtype], itype, np.int64) is cls
    assert bound().__name__.split("_")[1] == "double"
    with pytest.raises(TypeError, match="no distributed Matrix"):
        gkd.matrix._resolve(np.float64, np.int32, np.int32)
