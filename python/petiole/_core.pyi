"""The extension's objects. Shapes, collectivity, ownership and errors are in their docstrings."""

from collections.abc import Callable, Iterable
from os import PathLike
from typing import (
    Any,
    ClassVar,
    Literal,
    NoReturn,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    final,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from typing_extensions import Self, disjoint_base

__version__: str

# An mpi4py communicator, a Communicator, or None for one process.
_Comm: TypeAlias = Any
# A number, or an array with one per column.
_Coefs: TypeAlias = complex | ArrayLike
# An integer means square.
_Shape: TypeAlias = SupportsIndex | tuple[SupportsIndex, SupportsIndex]
# What a reduction gives: a number for a one-dimensional vector, else an array with one per column.
_PerColumn: TypeAlias = Any

def mpi_info() -> dict[str, Any]: ...
def factory_of_json(json: str, callback: Callable[[Event], Any] | None = None) -> Factory: ...
def kinds() -> tuple[tuple[str, str, str], ...]: ...
def lobpcg(
    A: LinOp,
    X: Vector,
    B: LinOp | None = None,
    M: LinOp | Factory | None = None,
    Y: Vector | None = None,
    tol: SupportsFloat | None = None,
    maxiter: SupportsIndex | None = None,
    largest: bool = True,
    *,
    callback: Callable[[EigenEvent], Any] | None = None,
) -> tuple[NDArray[np.float64], Vector, EigenLog]: ...
def rayleigh_ritz(
    A: LinOp, X: Vector, B: LinOp | None = None
) -> tuple[NDArray[np.float64], Vector]: ...

class Error(Exception):
    rank: int | None

class InvalidArgument(Error, ValueError): ...
class DimensionError(Error, ValueError): ...
class IndexOutOfRange(Error, IndexError): ...
class DtypeError(Error, TypeError): ...
class FormatError(Error, ValueError): ...
class FileError(Error, OSError): ...
class MpiError(Error, RuntimeError): ...
class NotSupported(Error, NotImplementedError): ...
class Busy(Error, RuntimeError): ...
class OutOfMemory(Error, MemoryError): ...
class RemoteError(Error, RuntimeError): ...

@final
class Communicator:
    def __new__(cls, comm: _Comm, force_host_buffer: bool = False) -> Self: ...
    @classmethod
    def world(cls) -> Communicator: ...
    @classmethod
    def self(cls) -> Communicator: ...
    @property
    def rank(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def node_rank(self) -> int: ...
    @property
    def node_size(self) -> int: ...
    @property
    def handle(self) -> int: ...
    @property
    def mpi_library(self) -> str: ...
    @property
    def force_host_buffer(self) -> bool: ...
    def barrier(self) -> None: ...
    def allreduce(
        self, array: ArrayLike, op: Literal["sum", "prod", "min", "max"] = "sum"
    ) -> Any: ...
    def abort(self, code: SupportsIndex = 1) -> None: ...
    def _fail(self, error: BaseException, /) -> NoReturn: ...

class _ExecutorType(type):
    @property
    def default(cls) -> Executor: ...
    @default.setter
    def default(cls, value: Executor) -> None: ...

class _ExecutorBase:
    @classmethod
    def Reference(cls) -> Executor: ...
    @classmethod
    def OpenMP(cls, threads: SupportsIndex | None = None) -> Executor: ...
    @classmethod
    def Cuda(cls, device: SupportsIndex | None = None) -> Executor: ...
    @property
    def name(self) -> str: ...
    @property
    def threads(self) -> int: ...
    @property
    def isa(self) -> str: ...
    def synchronize(self) -> None: ...

class Executor(_ExecutorBase, metaclass=_ExecutorType): ...

@final
class Partition:
    @classmethod
    def uniform(cls, num_parts: SupportsIndex, size: SupportsIndex) -> Partition: ...
    @classmethod
    def from_ranges(
        cls,
        bounds: ArrayLike,
        part_ids: ArrayLike | None = None,
        num_parts: SupportsIndex | None = None,
    ) -> Partition: ...
    @classmethod
    def from_mapping(cls, owner: ArrayLike, num_parts: SupportsIndex) -> Partition: ...
    @classmethod
    def from_local_size(cls, comm: _Comm, n: SupportsIndex) -> Partition: ...
    @classmethod
    def from_local_range(
        cls, comm: _Comm, start: SupportsIndex, stop: SupportsIndex
    ) -> Partition: ...
    @property
    def size(self) -> int: ...
    @property
    def num_parts(self) -> int: ...
    @property
    def num_ranges(self) -> int: ...
    @property
    def num_empty_parts(self) -> int: ...
    @property
    def ranges(self) -> NDArray[np.int64]: ...
    @property
    def has_connected_parts(self) -> bool: ...
    @property
    def has_ordered_parts(self) -> bool: ...
    def part_size(self, part: SupportsIndex, /) -> int: ...
    def owner(self, index: SupportsIndex, /) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

_Space: TypeAlias = Literal["local", "ghost", "combined"]

@final
class IndexMap:
    def __new__(cls, partition: Partition, rank: SupportsIndex, ghosts: ArrayLike) -> Self: ...
    @property
    def local_size(self) -> int: ...
    @property
    def ghost_size(self) -> int: ...
    @property
    def rank(self) -> int: ...
    @property
    def ghosts(self) -> NDArray[np.int64]: ...
    @property
    def partition(self) -> Partition: ...
    def to_local(self, globals: ArrayLike, space: _Space = "combined") -> NDArray[np.int64]: ...
    def to_global(self, locals: ArrayLike, space: _Space = "combined") -> NDArray[np.int64]: ...

@final
class Vector:
    __array_ufunc__: ClassVar[None]
    @classmethod
    def zeros(
        cls,
        comm: _Comm,
        local_size: SupportsIndex,
        columns: SupportsIndex | None = None,
        dtype: DTypeLike = "float64",
        exec: Executor | None = None,
    ) -> Vector: ...
    @classmethod
    def from_local(
        cls,
        comm: _Comm,
        array: ArrayLike,
        global_size: SupportsIndex | None = None,
        exec: Executor | None = None,
    ) -> Vector: ...
    @classmethod
    def view(
        cls,
        comm: _Comm,
        array: Any,
        global_size: SupportsIndex | None = None,
        exec: Executor | None = None,
    ) -> Vector: ...
    @classmethod
    def from_global(
        cls,
        comm: _Comm,
        partition: Partition,
        indices: ArrayLike,
        values: ArrayLike,
        exec: Executor | None = None,
    ) -> Vector: ...
    @classmethod
    def read(
        cls,
        path: str | bytes | PathLike[Any],
        comm: _Comm = None,
        partition: Partition | None = None,
        *,
        dtype: DTypeLike | None = None,
        exec: Executor | None = None,
    ) -> Vector: ...
    def write(
        self, path: str | bytes | PathLike[Any], format: Literal["mtx", "binary"] | None = None
    ) -> None: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def local_shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def comm(self) -> Communicator: ...
    @property
    def exec(self) -> Executor: ...
    @property
    def local(self) -> NDArray[Any]: ...
    @local.setter
    def local(self, values: ArrayLike, /) -> None: ...
    @property
    def real(self) -> Vector: ...
    @property
    def imag(self) -> Vector: ...
    def fill(self, value: complex, /) -> None: ...
    def copy(self) -> Vector: ...
    def copy_from(self, v: Vector, /) -> None: ...
    def zeros_like(self) -> Vector: ...
    def astype(self, dtype: DTypeLike, /) -> Vector: ...
    def scale(self, a: _Coefs, /) -> None: ...
    def inv_scale(self, a: _Coefs, /) -> None: ...
    def add_scaled(self, a: _Coefs, v: Vector) -> None: ...
    def sub_scaled(self, a: _Coefs, v: Vector) -> None: ...
    def abs(self) -> Vector: ...
    def conj(self) -> Vector: ...
    def dot(self, v: Vector, /) -> _PerColumn: ...
    def conj_dot(self, v: Vector, /) -> _PerColumn: ...
    def sum(self) -> _PerColumn: ...
    def mean(self) -> _PerColumn: ...
    def norm(self, ord: SupportsFloat = 2) -> _PerColumn: ...
    def gather(self, root: SupportsIndex = 0) -> NDArray[Any] | None: ...
    def allgather(self) -> NDArray[Any]: ...
    def redistribute(self, partition: Partition, /) -> Vector: ...
    def __add__(self, value: Vector, /) -> Vector: ...
    def __radd__(self, value: Vector, /) -> Vector: ...
    def __iadd__(self, value: Vector, /) -> Self: ...
    def __sub__(self, value: Vector, /) -> Vector: ...
    def __rsub__(self, value: Vector, /) -> Vector: ...
    def __isub__(self, value: Vector, /) -> Self: ...
    def __mul__(self, value: _Coefs, /) -> Vector: ...
    def __rmul__(self, value: _Coefs, /) -> Vector: ...
    def __imul__(self, value: _Coefs, /) -> Self: ...
    def __truediv__(self, value: _Coefs, /) -> Vector: ...
    def __rtruediv__(self, value: Any, /) -> Vector: ...
    def __itruediv__(self, value: _Coefs, /) -> Self: ...
    def __neg__(self) -> Vector: ...
    def __abs__(self) -> Vector: ...
    def __matmul__(self, value: Vector, /) -> _PerColumn: ...
    def __rmatmul__(self, value: Any, /) -> Any: ...
    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]: ...
    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...

@disjoint_base
class LinOp:
    __array_ufunc__: ClassVar[None]
    def __init__(
        self,
        shape: _Shape,
        comm: _Comm = None,
        dtype: DTypeLike = "float64",
        exec: Executor | None = None,
    ) -> None: ...
    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def comm(self) -> Communicator: ...
    @property
    def exec(self) -> Executor: ...
    @overload
    def apply(self, x: Vector, y: Vector, /) -> Any: ...
    @overload
    def apply(self, alpha: _Coefs, x: Vector, beta: _Coefs, y: Vector, /) -> None: ...
    def refresh(self, A: LinOp, /) -> None: ...
    @property
    def T(self) -> LinOp: ...
    @property
    def H(self) -> LinOp: ...
    @overload
    def __matmul__(self, value: Vector, /) -> Vector: ...
    @overload
    def __matmul__(self, value: LinOp, /) -> LinOp: ...
    def __rmatmul__(self, value: Any, /) -> Any: ...
    def __add__(self, value: LinOp, /) -> LinOp: ...
    def __radd__(self, value: LinOp, /) -> LinOp: ...
    def __sub__(self, value: LinOp, /) -> LinOp: ...
    def __rsub__(self, value: LinOp, /) -> LinOp: ...
    def __mul__(self, value: complex, /) -> LinOp: ...
    def __rmul__(self, value: complex, /) -> LinOp: ...
    def __neg__(self) -> LinOp: ...

# A local format, a SciPy sparse array or a 2-D array.
_MatrixLike: TypeAlias = Any

class Format(LinOp):
    def __new__(
        cls, matrix: _MatrixLike, *, dtype: DTypeLike | None = None, exec: Executor | None = None
    ) -> Self: ...
    def __init__(
        self, matrix: _MatrixLike, *, dtype: DTypeLike | None = None, exec: Executor | None = None
    ) -> None: ...
    @classmethod
    def from_scipy(
        cls, matrix: Any, *, copy: bool = True, exec: Executor | None = None
    ) -> Self: ...
    @property
    def nnz(self) -> int: ...
    @property
    def format(self) -> Literal["csr", "coo", "ell", "sellp", "dense"]: ...
    def to_csr(self) -> Csr: ...
    def to_coo(self) -> Coo: ...
    def to_ell(self) -> Ell: ...
    def to_sellp(self) -> Sellp: ...
    def to_dense(self) -> Dense: ...
    def to_scipy(self) -> Any: ...
    def copy(self) -> Self: ...
    def astype(self, dtype: DTypeLike, /) -> Self: ...
    def transpose(self, conjugate: bool = False) -> Self: ...

@final
class Csr(Format):
    @classmethod
    def from_arrays(
        cls,
        shape: _Shape,
        indptr: ArrayLike,
        indices: ArrayLike,
        values: ArrayLike,
        *,
        copy: bool = True,
        exec: Executor | None = None,
    ) -> Csr: ...
    @property
    def indptr(self) -> NDArray[Any]: ...
    @property
    def indices(self) -> NDArray[Any]: ...
    @property
    def values(self) -> NDArray[Any]: ...

@final
class Coo(Format):
    @classmethod
    def from_arrays(
        cls,
        shape: _Shape,
        row_indices: ArrayLike,
        col_indices: ArrayLike,
        values: ArrayLike,
        *,
        copy: bool = True,
        exec: Executor | None = None,
    ) -> Coo: ...
    @property
    def row_indices(self) -> NDArray[Any]: ...
    @property
    def col_indices(self) -> NDArray[Any]: ...
    @property
    def values(self) -> NDArray[Any]: ...

@final
class Ell(Format):
    @classmethod
    def from_arrays(
        cls,
        shape: _Shape,
        indices: ArrayLike,
        values: ArrayLike,
        *,
        copy: bool = True,
        exec: Executor | None = None,
    ) -> Ell: ...
    @property
    def indices(self) -> NDArray[Any]: ...
    @property
    def values(self) -> NDArray[Any]: ...

@final
class Sellp(Format):
    @classmethod
    def from_arrays(
        cls,
        shape: _Shape,
        slice_sets: ArrayLike,
        indices: ArrayLike,
        values: ArrayLike,
        slice_size: SupportsIndex,
        *,
        copy: bool = True,
        exec: Executor | None = None,
    ) -> Sellp: ...
    @property
    def slice_size(self) -> int: ...
    @property
    def slice_sets(self) -> NDArray[np.int64]: ...
    @property
    def indices(self) -> NDArray[Any]: ...
    @property
    def values(self) -> NDArray[Any]: ...

@final
class Dense(Format):
    @classmethod
    def view(cls, array: Any, exec: Executor | None = None) -> Dense: ...
    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]: ...
    @property
    def array(self) -> NDArray[Any]: ...

@final
class Diagonal(LinOp):
    def __new__(cls, diagonal: Vector | ArrayLike, *, exec: Executor | None = None) -> Self: ...
    def __init__(self, diagonal: Vector | ArrayLike, *, exec: Executor | None = None) -> None: ...
    @property
    def vector(self) -> Vector: ...

@final
class Identity(LinOp):
    def __new__(
        cls,
        shape: _Shape | None,
        comm: _Comm = None,
        local_size: SupportsIndex | None = None,
        dtype: DTypeLike = "float64",
        exec: Executor | None = None,
    ) -> Self: ...
    def __init__(
        self,
        shape: _Shape | None,
        comm: _Comm = None,
        local_size: SupportsIndex | None = None,
        dtype: DTypeLike = "float64",
        exec: Executor | None = None,
    ) -> None: ...

@final
class Composition(LinOp):
    def __new__(cls, *operators: LinOp) -> Self: ...
    def __init__(self, *operators: LinOp) -> None: ...
    @property
    def operators(self) -> tuple[LinOp, ...]: ...

@final
class Combination(LinOp):
    def __new__(cls, coefs: Iterable[complex], operators: Iterable[LinOp]) -> Self: ...
    def __init__(self, coefs: Iterable[complex], operators: Iterable[LinOp]) -> None: ...
    @property
    def coefs(self) -> tuple[Any, ...]: ...
    @property
    def operators(self) -> tuple[LinOp, ...]: ...

@final
class Cast(LinOp):
    def __new__(cls, A: LinOp, dtype: DTypeLike) -> Self: ...
    def __init__(self, A: LinOp, dtype: DTypeLike) -> None: ...
    @property
    def operator(self) -> LinOp: ...

@final
class Matrix(LinOp):
    @classmethod
    def from_coo(
        cls,
        comm: _Comm,
        partition: Partition,
        rows: ArrayLike,
        cols: ArrayLike,
        values: ArrayLike,
        *,
        col_partition: Partition | None = None,
        foreign: Literal["send", "refuse"] = "send",
        exec: Executor | None = None,
    ) -> Matrix: ...
    @classmethod
    def from_csr(
        cls,
        comm: _Comm,
        indptr: ArrayLike,
        indices: ArrayLike,
        values: ArrayLike,
        *,
        partition: Partition | None = None,
        col_partition: Partition | None = None,
        exec: Executor | None = None,
    ) -> Matrix: ...
    @classmethod
    def from_scipy(
        cls,
        comm: _Comm,
        local_rows: Any,
        *,
        partition: Partition | None = None,
        col_partition: Partition | None = None,
        exec: Executor | None = None,
    ) -> Matrix: ...
    @classmethod
    def from_blocks(
        cls,
        comm: _Comm,
        partition: Partition,
        ghosts: ArrayLike,
        local: Csr,
        ghost: Csr | None = None,
    ) -> Matrix: ...
    @classmethod
    def from_local(
        cls,
        comm: _Comm,
        linop: LinOp,
        global_shape: _Shape | None = None,
    ) -> Matrix: ...
    @classmethod
    def read(
        cls,
        path: str | bytes | PathLike[Any],
        comm: _Comm = None,
        partition: Partition | None = None,
        *,
        col_partition: Partition | None = None,
        dtype: DTypeLike | None = None,
        exec: Executor | None = None,
    ) -> Matrix: ...
    def write(
        self, path: str | bytes | PathLike[Any], format: Literal["mtx", "binary"] | None = None
    ) -> None: ...
    @property
    def local_shape(self) -> tuple[int, int]: ...
    @property
    def nnz(self) -> int: ...
    @property
    def local(self) -> Any: ...
    @property
    def ghost(self) -> Csr | None: ...
    @property
    def ghosts(self) -> NDArray[np.int64]: ...
    @property
    def partition(self) -> Partition: ...
    @property
    def col_partition(self) -> Partition: ...
    @property
    def index_map(self) -> IndexMap: ...
    @property
    def format(self) -> str: ...
    def diagonal(self) -> Vector: ...
    def update_values(self, values: ArrayLike, /) -> None: ...
    def to_format(self, name: Literal["csr", "coo", "ell", "sellp", "dense"], /) -> Matrix: ...
    def to_scipy(self) -> Any: ...
    def copy(self) -> Matrix: ...
    def astype(self, dtype: DTypeLike, /) -> Matrix: ...
    def row_scale(self, v: Vector | ArrayLike, /) -> None: ...
    def col_scale(self, v: Vector | ArrayLike, /) -> None: ...
    def transpose(self, conjugate: bool = False) -> Matrix: ...
    def redistribute(
        self, partition: Partition, col_partition: Partition | None = None
    ) -> Matrix: ...
    def submatrix(self, rows: ArrayLike, cols: ArrayLike) -> Matrix: ...
    @overload
    def __add__(self, value: Matrix, /) -> Matrix: ...
    @overload
    def __add__(self, value: LinOp, /) -> LinOp: ...
    def __radd__(self, value: Any, /) -> Any: ...
    @overload
    def __sub__(self, value: Matrix, /) -> Matrix: ...
    @overload
    def __sub__(self, value: LinOp, /) -> LinOp: ...
    def __rsub__(self, value: Any, /) -> Any: ...
    def __mul__(self, value: complex, /) -> Matrix: ...
    def __rmul__(self, value: complex, /) -> Matrix: ...
    def __truediv__(self, value: complex, /) -> Matrix: ...
    def __rtruediv__(self, value: Any, /) -> Any: ...
    def __neg__(self) -> Matrix: ...
    @overload  # type: ignore[override]
    def __matmul__(self, value: Vector, /) -> Vector: ...
    @overload
    def __matmul__(self, value: Matrix, /) -> Matrix: ...
    @overload
    def __matmul__(self, value: LinOp, /) -> LinOp: ...
    def __rmatmul__(self, value: Any, /) -> Any: ...

@final
class Solver(LinOp):
    @overload
    def apply(self, b: Vector, x: Vector, /) -> Log: ...
    @overload
    def apply(self, alpha: _Coefs, b: Vector, beta: _Coefs, x: Vector, /) -> None: ...

@disjoint_base
class Factory:
    @property
    def kind(self) -> str: ...
    def generate(self, A: LinOp, /) -> LinOp: ...
    def to_dict(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...

@final
class Cg(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Fcg(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class PipeCg(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Bicgstab(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Cgs(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Gmres(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        restart: SupportsIndex = 30,
        orthogonalization: Literal["mgs", "cgs", "cgs2"] = "mgs",
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Fgmres(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        restart: SupportsIndex = 30,
        orthogonalization: Literal["mgs", "cgs", "cgs2"] = "mgs",
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Gcr(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        restart: SupportsIndex = 30,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Minres(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Idr(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        s: SupportsIndex = 4,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Ir(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        relaxation: SupportsFloat = 1.0,
        lower_precision: bool = False,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Chebyshev(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        bounds: tuple[SupportsFloat, SupportsFloat] | None = None,
        steps: SupportsIndex = 12,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Direct(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        gather_limit: SupportsIndex = 100000,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class LowerTrs(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        unit_diagonal: bool = False,
        gather_limit: SupportsIndex = 100000,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class UpperTrs(Factory):
    def __new__(
        cls,
        *,
        rtol: SupportsFloat | None = 1e-5,
        atol: SupportsFloat | None = 0.0,
        maxiter: SupportsIndex | None = None,
        M: LinOp | Factory | None = None,
        stop: Criterion | None = None,
        callback: Callable[[Event], Any] | None = None,
        true_residual: bool = True,
        unit_diagonal: bool = False,
        gather_limit: SupportsIndex = 100000,
    ) -> Self: ...
    def generate(self, A: LinOp, /) -> Solver: ...

@final
class Jacobi(Factory):
    def __new__(
        cls, block_size: SupportsIndex = 1, detect: bool = False, l1: bool = False
    ) -> Self: ...

@final
class Isai(Factory):
    def __new__(
        cls, symmetry: Literal["general", "spd"] = "general", power: SupportsIndex = 1
    ) -> Self: ...

@final
class Sor(Factory):
    def __new__(
        cls,
        relaxation: SupportsFloat = 1.0,
        sweep: Literal["forward", "backward", "symmetric"] = "forward",
    ) -> Self: ...

@final
class GaussSeidel(Factory):
    def __new__(cls, sweep: Literal["forward", "backward", "symmetric"] = "forward") -> Self: ...

@final
class Ilu(Factory):
    def __new__(
        cls,
        level: SupportsIndex = 0,
        ordering: Literal["natural", "rcm", "min_degree", "nested_dissection"] = "natural",
        pivot: Literal["error", "shift"] = "error",
        pivot_tolerance: SupportsFloat = 1e-14,
    ) -> Self: ...

@final
class Ic(Factory):
    def __new__(
        cls,
        level: SupportsIndex = 0,
        ordering: Literal["natural", "rcm", "min_degree", "nested_dissection"] = "natural",
        pivot: Literal["error", "shift"] = "error",
        pivot_tolerance: SupportsFloat = 1e-14,
    ) -> Self: ...

@final
class Ilut(Factory):
    def __new__(
        cls,
        drop_tolerance: SupportsFloat = 1e-4,
        fill: SupportsFloat = 10.0,
        match: bool = False,
        ordering: Literal["natural", "rcm", "min_degree", "nested_dissection"] = "natural",
        pivot: Literal["error", "shift"] = "error",
        pivot_tolerance: SupportsFloat = 1e-14,
    ) -> Self: ...

@final
class Schwarz(Factory):
    def __new__(
        cls,
        local: Factory | LinOp | None = None,
        overlap: SupportsIndex = 0,
        restricted: bool = True,
        l1: bool = False,
        coarse: Factory | None = None,
        restriction: LinOp | None = None,
        aggregate_size: SupportsIndex = 64,
        coarse_mode: Literal["additive", "multiplicative"] = "additive",
        weighted: bool = False,
    ) -> Self: ...

@disjoint_base
class Criterion:
    def __and__(self, value: Criterion, /) -> Criterion: ...
    def __rand__(self, value: Criterion, /) -> Criterion: ...
    def __or__(self, value: Criterion, /) -> Criterion: ...
    def __ror__(self, value: Criterion, /) -> Criterion: ...

@final
class Iteration(Criterion):
    def __new__(cls, n: SupportsIndex) -> Self: ...

@final
class Residual(Criterion):
    def __new__(
        cls, factor: SupportsFloat, baseline: Literal["rhs", "initial", "absolute"] = "rhs"
    ) -> Self: ...

@final
class EigenLog:
    @property
    def converged(self) -> bool: ...
    @property
    def iterations(self) -> int: ...
    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def residual_norms(self) -> NDArray[np.float64]: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def values_history(self) -> NDArray[np.float64]: ...
    @property
    def history(self) -> NDArray[np.float64]: ...
    @property
    def time(self) -> float: ...

@final
class EigenEvent:
    @property
    def iteration(self) -> int: ...
    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def residual_norms(self) -> NDArray[np.float64]: ...
    @property
    def vectors(self) -> Vector: ...

@final
class ImplicitResidual(Criterion):
    def __new__(
        cls, factor: SupportsFloat, baseline: Literal["rhs", "initial", "absolute"] = "rhs"
    ) -> Self: ...

@final
class Time(Criterion):
    def __new__(cls, seconds: SupportsFloat) -> Self: ...

@final
class Divergence(Criterion):
    def __new__(cls, factor: SupportsFloat) -> Self: ...

@final
class Stagnation(Criterion):
    def __new__(cls, window: SupportsIndex, factor: SupportsFloat) -> Self: ...

@final
class Predicate(Criterion):
    def __new__(cls, fn: Callable[[Event], bool]) -> Self: ...

@final
class Log:
    @property
    def converged(self) -> bool: ...
    @property
    def iterations(self) -> int: ...
    @property
    def residual_norm(self) -> _PerColumn: ...
    @property
    def true_residual_norm(self) -> _PerColumn: ...
    @property
    def rhs_norm(self) -> _PerColumn: ...
    @property
    def history(self) -> NDArray[np.float64]: ...
    @property
    def reason(self) -> str: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def column_iterations(self) -> _PerColumn: ...
    @property
    def time(self) -> float: ...

@final
class Event:
    @property
    def iteration(self) -> int: ...
    @property
    def residual_norm(self) -> _PerColumn: ...
    @property
    def x(self) -> Vector: ...
    @property
    def r(self) -> Vector: ...

@final
class TraceEvent:
    @property
    def kind(self) -> str: ...
    @property
    def phase(self) -> Literal["begin", "end", "point"]: ...
    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> int: ...
    @property
    def seconds(self) -> float: ...

_TraceKind: TypeAlias = Literal[
    "solve",
    "generate",
    "iteration",
    "product",
    "precondition",
    "vector",
    "apply",
    "reduction",
    "halo",
    "wait",
    "allocation",
]

@final
class trace:
    def __new__(
        cls,
        callback: Callable[[TraceEvent], Any],
        kinds: _TraceKind | Iterable[_TraceKind] | None = (),
    ) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

@final
class Profile:
    def __new__(cls, comm: _Comm = None, max_events: SupportsIndex = 1000000) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...
    @property
    def seconds(self) -> float: ...
    @property
    def lost(self) -> int: ...
    def table(self) -> list[dict[str, Any]]: ...
    def write_trace(self, path: str | bytes | PathLike[Any], /) -> None: ...
