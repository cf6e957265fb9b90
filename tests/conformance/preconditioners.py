"""The preconditioners that the suite runs over: every kind of the library's list, with parameters to try. A
kind that VARIANTS does not know is tried with its defaults."""

import dataclasses

import numpy as np
import systems
from problems import DTYPES, EXECUTORS, FULL, PARTITIONS

import petiole as pt


@dataclasses.dataclass(frozen=True)
class Variant:
    kind: str
    options: dict = dataclasses.field(default_factory=dict)
    hermitian: bool = False  # M is Hermitian positive definite where A is
    local: bool = True  # M is that of each rank's local block, and makes no message
    block: bool = True  # and of nothing else; l1 adds up entries of other columns too
    entries: bool = True  # A must have entries

    @property
    def name(self):
        values = (getattr(v, "name", v) for v in self.options.values())
        return "-".join([self.kind, *(str(value) for value in values)])

    def factory(self):
        made = {k: v() if isinstance(v, type) else v for k, v in self.options.items()}
        return systems.PRECONDITIONERS[self.kind](**made)

    def generate(self, A):
        return self.factory().generate(A)


VARIANTS = {
    "jacobi": [
        Variant("jacobi", hermitian=True, entries=False),
        Variant("jacobi", {"l1": True}, hermitian=True, block=False),
        Variant("jacobi", {"block_size": 3}, hermitian=True),
        Variant(
            "jacobi", {"block_size": 4, "detect": True, "l1": True}, hermitian=True, block=False
        ),
    ],
    "ilu": [
        Variant("ilu"),
        Variant("ilu", {"level": 2, "ordering": "rcm", "pivot": "shift"}),
    ],
    "ic": [
        Variant("ic", {"pivot": "shift"}, hermitian=True),
        Variant("ic", {"level": 1, "ordering": "rcm", "pivot": "shift"}, hermitian=True),
    ],
    "ilut": [
        Variant("ilut"),
        Variant("ilut", {"drop_tolerance": 0.1, "match": True, "ordering": "rcm"}),
    ],
    "isai": [
        Variant("isai"),
        Variant("isai", {"symmetry": "spd"}, hermitian=True),
        Variant("isai", {"symmetry": "spd", "power": 2}, hermitian=True),
    ],
    "sor": [
        Variant("sor", {"relaxation": 1.2}),
        Variant("sor", {"relaxation": 0.8, "sweep": "backward"}),
        Variant("sor", {"relaxation": 1.5, "sweep": "symmetric"}, hermitian=True),
    ],
    "gauss_seidel": [
        Variant("gauss_seidel"),
        Variant("gauss_seidel", {"sweep": "symmetric"}, hermitian=True),
    ],
    "schwarz": [
        Variant("schwarz"),
        Variant("schwarz", {"local": pt.Jacobi}, hermitian=True),
        Variant("schwarz", {"local": pt.Direct, "overlap": 1}, local=False),
        Variant(
            "schwarz", {"local": pt.Direct, "overlap": 1, "restricted": False, "l1": True},
            hermitian=True, local=False,
        ),
        Variant(
            "schwarz",
            {"local": pt.Direct, "coarse": pt.Direct, "aggregate_size": 5,
             "coarse_mode": "multiplicative"},
            hermitian=True, local=False,
        ),
    ],
}  # fmt: skip
ALL = [v for kind in systems.PRECONDITIONERS for v in VARIANTS.get(kind, [Variant(kind)])]
HERMITIAN = [v for v in ALL if v.hermitian]


def runs(variants):
    """(variant, dtype, partition, executor): all of them, or in the sample each variant and dtype on one of
    the partitions and executors in turn."""
    found = []
    for v, variant in enumerate(variants):
        for d, dtype in enumerate(DTYPES):
            for e, exec_ in enumerate(EXECUTORS):
                for p, kind in enumerate(PARTITIONS):
                    turn = v + d
                    if FULL or (turn % 3 == p and turn % len(EXECUTORS) == e):
                        found.append((variant, dtype, kind, exec_))
    return found


def name_of(run):
    return "-".join([run[0].name, *run[1:]])


def system_of(comm, run, problem, n=23):
    variant, dtype, kind, exec_ = run
    return systems.system(comm, problem, dtype, kind, EXECUTORS[exec_](), n)


def local_dense(case):
    """The block of the rows and columns that this rank owns."""
    return case.dense[np.ix_(case.rows, case.rows)]


def dense_of(M, case):
    """M as a dense array, the same on every rank: its products with the unit vectors, all at once."""
    n = len(case.dense)
    unit = np.eye(n, dtype=case.dense.dtype)
    X = pt.Vector.from_local(case.comm, np.ascontiguousarray(unit[case.rows]), exec=case.exec)
    rows = np.zeros_like(unit)
    rows[case.rows] = (M @ X).local
    return pt.Communicator(case.comm).allreduce(rows, "sum")
