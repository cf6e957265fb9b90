"""What an iteration of each solver costs, counted by the library's own events: docs/solver-costs.csv
is the table, which the documentation shows. A solver that is not in it fails."""

import csv
import pathlib
from collections import Counter

import numpy as np
import pytest

import petiole as pt
from petiole import _core

TABLE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "solver-costs.csv"
with TABLE.open(newline="") as file:
    ROWS = list(csv.DictReader(file))
KINDS = [(name, title) for family, name, title in _core.kinds() if family == "solver"]
COUNTED = ("reductions", "products", "preconditioner applications", "vector words")
# The most reductions of any one iteration.
BOUNDS = {
    "cg": 2,
    "pipecg": 1,
    "bicgstab": 3,
    "minres": 2,
    "gmres": 2,
    "fgmres": 2,
    "gcr": 2,
    "idr": 2,
}
N = 400


def laplace(comm, solver):
    """Tridiagonal and definite, and not solved in a few dozen iterations; a triangle of it where the
    solver wants one."""
    part = pt.Partition.uniform(comm.size, N)
    ranges = np.cumsum([0, *(part.part_size(rank) for rank in range(comm.size))])
    own = np.arange(ranges[comm.rank], ranges[comm.rank + 1])
    rows = np.repeat(own, 3)
    cols = rows + np.tile([-1, 0, 1], own.size)
    values = np.tile([-1.0, 2.001, -1.0], own.size)
    inside = (cols >= 0) & (cols < N)
    if solver in ("lower_trs", "upper_trs"):
        inside &= cols <= rows if solver == "lower_trs" else cols >= rows
    A = pt.Matrix.from_coo(comm, part, rows[inside], cols[inside], values[inside])
    return A, pt.Vector.from_local(comm, np.cos(own))


def value_of(text):
    try:
        return int(text)
    except ValueError:
        return text


def options_of(row):
    return {key: value_of(text) for key, text in (o.split("=") for o in row["options"].split())}


def events_of(comm, row, maxiter):
    """What is told from the beginning of the solve to its end."""
    cls = getattr(pt, dict(KINDS)[row["solver"]])
    options = {"rtol": 0, "maxiter": maxiter, **options_of(row)}
    A, b = laplace(comm, row["solver"])
    try:
        solver = cls(M=pt.Jacobi(), **options).generate(A)
    except pt.InvalidArgument:  # it takes none
        solver = cls(**options).generate(A)
    x = b.zeros_like()
    heard = []
    with pt.trace(heard.append):
        log = solver.apply(b, x)
    begun = next(i for i, e in enumerate(heard) if e.kind == "solve")
    return heard[begun:], log


def count(events):
    """The columns of the table for some events."""
    counts = Counter()
    for e in events:
        if e.kind == "vector":
            counts["vector words"] += e.amount
        elif e.phase == "begin":
            counts[e.kind] += 1
    return {
        "reductions": counts["reduction"],
        "products": counts["product"],
        "preconditioner applications": counts["precondition"],
        "vector words": counts["vector words"],
    }


def iterations(events):
    """The events of each iteration after the first: from one iteration's end to the next one's."""
    ends = [i for i, e in enumerate(events) if e.kind == "iteration"]
    return [events[a:b] for a, b in zip(ends, ends[1:])]


def told(row):
    return {column: int(row[column]) for column in COUNTED}


def is_modified(row):
    """Modified Gram-Schmidt: a reduction for each direction."""
    return "mgs" in row["options"]


def name_of(row):
    return " ".join([row["solver"], row["options"]]).strip()


def measured(name, comm):
    """A line for the table."""
    events, _ = events_of(comm, {"solver": name, "options": ""}, 25)
    each = iterations(events)
    counts = count(each[-1] if each else events)
    return ",".join([name, "", "iteration" if each else "solve", *map(str, counts.values())])


@pytest.mark.parametrize("name", [name for name, _ in KINDS])
def test_every_solver_is_in_the_table(name, comm):
    known = name in {row["solver"] for row in ROWS}
    assert known, f"to be added to {TABLE.name}: {measured(name, comm)}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_costs_are_those_of_the_table(row, comm):
    if row["per"] == "solve":
        events, log = events_of(comm, row, None)
        assert count(events) == told(row)
        return
    period = 1 if row["per"] == "iteration" else int(row["per"].split()[0])
    events, log = events_of(comm, row, 1 + 3 * period * (1 + 8 // period))
    assert log.reason == "maxiter", str(log)
    each = iterations(events)
    for first in range(period, len(each) - period + 1, period):
        assert count(sum(each[first : first + period], [])) == told(row), f"from {first + 1}"


@pytest.mark.parametrize("row", [row for row in ROWS if row["per"] != "solve"], ids=name_of)
def test_no_iteration_takes_more_reductions_or_any_memory(row, comm):
    events, log = events_of(comm, row, 25)
    each = iterations(events)
    assert len(each) == log.iterations - 1 == 24
    for n, events in enumerate(each, 2):
        assert [e for e in events if e.kind == "allocation"] == [], f"iteration {n}"
        if row["solver"] in BOUNDS and not is_modified(row):
            assert count(events)["reductions"] <= BOUNDS[row["solver"]], f"iteration {n}"
