"""Traces, profiles and plots of solves, on any number of ranks."""

import gc
import json
import threading
import weakref
from collections import Counter

import numpy as np
import pytest
from problems import spd_matrix

import petiole as pt
from limits import limit


@pytest.fixture
def case(comm):
    return spd_matrix(comm, "uniform", "float64", None)


def solve(case, **keywords):
    b, _ = case.y(3, None)
    return pt.cg(case.op, b, M=pt.Jacobi(), **keywords)[1]


def test_kinds_are_heard_as_asked(case, comm):
    heard = []
    with pt.trace(heard.append, kinds=("reduction", "iteration")) as t:
        assert isinstance(t, pt.trace)
        log = solve(case)
    solve(case)  # not heard
    assert Counter((e.kind, e.phase, e.name) for e in heard) == {
        ("reduction", "begin", "sum"): 2 * log.iterations + 3,
        ("reduction", "end", "sum"): 2 * log.iterations + 3,
        ("iteration", "point", "cg"): log.iterations,
    }
    assert [e.amount for e in heard if e.kind == "iteration"] == list(range(1, log.iterations + 1))
    times = [e.seconds for e in heard]
    assert times == sorted(times)
    with pytest.raises(AttributeError):
        heard[0].kind = "solve"
    assert "reduction sum begin" in repr(heard[0])


def test_events_of_all_kinds_nest(case, comm):
    heard, open_ = [], []
    with pt.trace(heard.append):
        solve(case)
    for e in heard:
        if e.phase == "begin":
            open_.append((e.kind, e.name))
        elif e.phase == "end":
            assert open_.pop() == (e.kind, e.name)
    assert not open_
    kinds = {e.kind for e in heard}
    expected = {"solve", "generate", "iteration", "product", "precondition", "vector", "apply"}
    expected |= {"reduction", "allocation"} | ({"halo"} if comm.size > 1 else set())
    assert kinds | {"wait"} == expected | {"wait"}
    sent = {e.amount for e in heard if e.kind == "halo"}
    assert all(bytes_ % 8 == 0 for bytes_ in sent)


def test_a_failing_callback_is_told_at_the_end(case):
    class Mine(Exception):
        pass

    calls = []

    def fail(event):
        calls.append(event)
        raise Mine(f"call {len(calls)}")

    with pytest.raises(Mine, match="call 1"):
        with pt.trace(fail):
            log = solve(case)
    assert log.converged and len(calls) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_blocks_own_exception_goes_first(case):
    with pytest.raises(KeyError):
        with pt.trace(lambda event: 1 / 0):
            solve(case)
            raise KeyError


def test_a_callback_uses_petiole_and_ends_its_own_trace(case, comm):
    b, _ = case.y(3, None)
    norms = []
    with pt.trace(lambda event: norms.append(b.norm()), kinds="iteration"):
        log = solve(case)
    assert norms == [b.norm()] * log.iterations

    heard = []

    def end(event):
        heard.append(event)
        t.__exit__(None, None, None)

    with pt.trace(end) as t:
        solve(case)
    assert len(heard) == 1


def test_a_trace_is_collected_and_can_be_used_again(case):
    heard = []
    t = pt.trace(heard.append, kinds=["solve"])
    for n in (2, 4):
        with t:
            solve(case)
            with pytest.raises(pt.InvalidArgument, match="at work"):
                t.__enter__()
        assert len(heard) == n

    class Callback:
        def __call__(self, event):
            pass

    callback = Callback()
    callback.trace = pt.trace(callback)
    with callback.trace:
        solve(case)
    dead = weakref.ref(callback)
    del callback
    gc.collect()
    assert dead() is None


def test_other_threads_are_heard(comm):
    heard = []

    def work():
        pt.Vector.zeros(None, 5)

    with pt.trace(heard.append, kinds="allocation"):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(heard) >= 4 and {e.name for e in heard} <= {"host", "guarded"}


def test_what_cannot_be_traced_is_refused(comm):
    with pytest.raises(TypeError, match="callback"):
        pt.trace(3)
    with pytest.raises(pt.InvalidArgument, match="reductions.*reduction"):
        pt.trace(print, kinds=["reductions"])
    with pytest.raises(TypeError):
        pt.trace(print, kinds=3)
    with pytest.raises(TypeError):
        pt.TraceEvent()


# ---- profiles ------------------------------------------------------------------------------------


def test_the_table_is_the_same_on_all_ranks(case, comm):
    with pt.Profile(comm) as p:
        log = solve(case)
        if comm.rank == comm.size - 1:  # what others have not
            pt.Vector.zeros(None, 5).norm(1)
    table = p.table()
    assert comm.bcast(table) == table and comm.bcast(str(p)) == str(p)
    rows = {(row["kind"], row["name"]): row for row in table}
    assert rows["solve", "cg"]["calls"] == 1
    assert rows["product", "matrix"]["calls"] == log.iterations + 2
    assert rows["reduction", "sum"]["calls"] == 2 * log.iterations + 3
    assert rows["iteration", "cg"]["amount"] == 0
    alone = rows["reduction", "norm"]
    assert alone["calls"] == alone["amount"] == 1
    assert alone["total_min"] == 0 or comm.size == 1
    for row in table:
        assert row["self_min"] <= row["self_mean"] <= row["self_max"] <= row["total_max"]
        assert row["total_min"] <= row["total_mean"] <= row["total_max"]
        if row["kind"] in ("reduction", "halo", "iteration", "vector", "allocation"):
            assert row["self_max"] == 0
    assert sum(row["share"] for row in table) <= 1 + 1e-9
    assert rows["solve", "cg"]["total_mean"] <= p.seconds
    assert p.lost == 0
    text = str(p)
    assert f"{comm.size} rank" in text and "cg_step" in text and "%" in text


def test_the_trace_file_has_all_ranks(case, comm, folder):
    path = folder / "trace.json"
    with pt.Profile(comm) as p:
        solve(case)
    p.write_trace(path)
    comm.barrier()
    events = json.loads(path.read_text())
    assert {e["pid"] for e in events} == set(range(comm.size))
    named = [e["args"]["name"] for e in events if e["name"] == "process_name"]
    assert named == [f"rank {rank}" for rank in range(comm.size)]
    lanes = {}
    for e in events:
        if e["ph"] == "M":
            continue
        assert 0 <= e["ts"] <= 1e6 * limit(60)
        lane = lanes.setdefault((e["pid"], e["tid"]), [])
        assert not lane or lane[0] <= e["ts"]
        lane[:1] = [e["ts"]]
        if e["ph"] == "B":
            lane.append(e["name"])
        elif e["ph"] == "E":
            assert lane.pop() == e["name"]
    assert all(len(lane) == 1 for lane in lanes.values())
    assert (0, 2) in lanes  # reductions


def test_few_events_are_kept_where_few_are_asked_for(case, comm, folder):
    with pt.Profile(comm, max_events=10) as p:
        solve(case)
    assert p.lost > 10 and f"{p.lost} events" in str(p)
    with pt.Profile(comm, max_events=0) as none:
        solve(case)
    for profile, count in (p, 10), (none, 0):
        profile.write_trace(folder / "few.json")
        comm.barrier()
        events = json.loads((folder / "few.json").read_text())
        kept = Counter(e["pid"] for e in events if e["ph"] != "M")
        assert all(kept[rank] == count for rank in range(comm.size))
        comm.barrier()


def test_no_table_where_the_block_has_not_ended_well(case, comm, folder):
    p = pt.Profile(comm)
    for _ in range(2):
        with pytest.raises(pt.InvalidArgument, match="no table"):
            p.table()
        with pytest.raises(pt.InvalidArgument, match="no table"):
            p.write_trace(folder / "none.json")
        assert "without a table" in str(p) and p.seconds == p.lost == 0
        with pytest.raises(KeyError):
            with p:
                raise KeyError
    with p:
        pass
    assert p.table() is not None
    with pytest.raises(pt.InvalidArgument, match="one block"):
        with p:
            pass
    with pytest.raises(pt.InvalidArgument, match="max_events"):
        pt.Profile(comm, max_events=-1)


def test_a_file_that_one_rank_cannot_write_fails_on_all(comm, folder):
    with pt.Profile(comm) as p:
        pass
    own = folder / ("no" if comm.rank == comm.size - 1 else "") / "trace.json"
    with pytest.raises(pt.FileError) as error:
        p.write_trace(own)
    assert error.value.rank == comm.size - 1
    with pytest.raises(TypeError if comm.rank == 0 else pt.RemoteError):
        p.write_trace(3 if comm.rank == 0 else folder / "trace.json")
    comm.barrier()
    assert list(folder.glob("trace*")) == []


# ---- plots ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [None, 3])
def test_history_is_drawn(case, columns):
    Figure = pytest.importorskip("matplotlib.figure").Figure
    b, _ = case.y(3, columns)
    x, log = pt.cg(case.op, b)
    axes = Figure().add_subplot()
    assert pt.plot.history(log, axes, label="cg") is axes
    lines = axes.get_lines()
    count = columns or 1
    assert len(lines) == 2 * count and axes.get_yscale() == "log"
    ends = np.atleast_1d(log.column_iterations)
    norms = log.history.reshape(-1, count)
    for j in range(count):
        line, cross = lines[2 * j], lines[2 * j + 1]
        np.testing.assert_array_equal(line.get_ydata(), norms[: ends[j] + 1, j])
        assert cross.get_xdata()[0] == ends[j]
        assert cross.get_ydata()[0] == np.atleast_1d(log.true_residual_norm)[j]
    assert lines[0].get_label() == ("cg 0" if columns else "cg")


def test_history_makes_its_own_axes(case, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = pt.plot.history(solve(case))
    assert axes.get_xlabel() == "iteration"
    matplotlib.pyplot.close(axes.figure)


def test_history_says_what_to_install(case, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'petiole\[plot\]'"):
        pt.plot.history(solve(case))
