"""Petiole: MPI-distributed sparse linear algebra.

    from mpi4py import MPI
    import numpy as np, petiole as pt

    part = pt.Partition.uniform(MPI.COMM_WORLD.size, N)
    A = pt.Matrix.from_coo(MPI.COMM_WORLD, part, rows, cols, values)
    b = pt.Vector.from_local(MPI.COMM_WORLD, local_array)
    x, log = pt.cg(A, b, rtol=1e-8, M=pt.Jacobi())

`comm` takes an mpi4py communicator, a `Communicator`, or None for one process; `exec` an executor, or
None for `Executor.default`. Where a docstring says (collective), every rank of the communicator makes
the call, in the same order; where such a call fails on one rank, it fails on every rank.
"""

from typing import TYPE_CHECKING

from petiole import _core, _solve, factorization, ordering, plot, stop
from petiole._config import factory, solve
from petiole._core import (
    Busy,
    Cast,
    Combination,
    Communicator,
    Composition,
    Coo,
    Csr,
    Dense,
    Diagonal,
    DimensionError,
    DtypeError,
    EigenEvent,
    EigenLog,
    Ell,
    Error,
    Event,
    Executor,
    Expired,
    Factorization,
    Factory,
    FileError,
    Format,
    FormatError,
    Identity,
    IndexMap,
    IndexOutOfRange,
    InvalidArgument,
    LinOp,
    Log,
    Matrix,
    MpiError,
    NotSupported,
    OutOfMemory,
    Partition,
    Profile,
    RemoteError,
    Sellp,
    Solver,
    TraceEvent,
    Vector,
    __version__,
    lobpcg,
    mpi_info,
    rayleigh_ritz,
    trace,
)
from petiole._run import abort_on_exception

if TYPE_CHECKING:
    # made by script/generate: kinds
    from petiole._core import (
        Bicgstab,
        Cg,
        Cgs,
        Chebyshev,
        Direct,
        Fcg,
        Fgmres,
        GaussSeidel,
        Gcr,
        Gmres,
        Ic,
        Idr,
        Ilu,
        Ilut,
        Ir,
        Isai,
        Jacobi,
        LowerTrs,
        Minres,
        PipeCg,
        Schwarz,
        Sor,
        UpperTrs,
    )
    from petiole._solve import (
        bicgstab,
        cg,
        cgs,
        chebyshev,
        direct,
        fcg,
        fgmres,
        gcr,
        gmres,
        idr,
        ir,
        lower_trs,
        minres,
        pipecg,
        upper_trs,
    )
    # end of kinds

Reference, OpenMP, Cuda = Executor.Reference, Executor.OpenMP, Executor.Cuda

# A class for each kind of factory that the library has, and a function for each solver.
globals().update({title: getattr(_core, title) for _, _, title in _core.kinds()})
globals().update(_solve.FUNCTIONS)


def get_include() -> str:
    """The folder of the C headers, for `#include <petiole/petiole.h>` (local)."""
    from petiole._install import HEADERS, folder

    return folder(HEADERS)


__all__ = [
    # made by script/generate: names
    "Bicgstab",
    "Busy",
    "Cast",
    "Cg",
    "Cgs",
    "Chebyshev",
    "Combination",
    "Communicator",
    "Composition",
    "Coo",
    "Csr",
    "Cuda",
    "Dense",
    "Diagonal",
    "DimensionError",
    "Direct",
    "DtypeError",
    "EigenEvent",
    "EigenLog",
    "Ell",
    "Error",
    "Event",
    "Executor",
    "Expired",
    "Factorization",
    "Factory",
    "Fcg",
    "Fgmres",
    "FileError",
    "Format",
    "FormatError",
    "GaussSeidel",
    "Gcr",
    "Gmres",
    "Ic",
    "Identity",
    "Idr",
    "Ilu",
    "Ilut",
    "IndexMap",
    "IndexOutOfRange",
    "InvalidArgument",
    "Ir",
    "Isai",
    "Jacobi",
    "LinOp",
    "Log",
    "LowerTrs",
    "Matrix",
    "Minres",
    "MpiError",
    "NotSupported",
    "OpenMP",
    "OutOfMemory",
    "Partition",
    "PipeCg",
    "Profile",
    "Reference",
    "RemoteError",
    "Schwarz",
    "Sellp",
    "Solver",
    "Sor",
    "TraceEvent",
    "UpperTrs",
    "Vector",
    "__version__",
    "abort_on_exception",
    "bicgstab",
    "cg",
    "cgs",
    "chebyshev",
    "direct",
    "factorization",
    "factory",
    "fcg",
    "fgmres",
    "gcr",
    "get_include",
    "gmres",
    "idr",
    "ir",
    "lobpcg",
    "lower_trs",
    "minres",
    "mpi_info",
    "ordering",
    "pipecg",
    "plot",
    "rayleigh_ritz",
    "solve",
    "stop",
    "trace",
    "upper_trs",
    # end of names
]
