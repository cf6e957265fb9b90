"""The tests' time limits: at least what they say, longer on a busy machine, as long as one asks for."""

import itertools

import pytest

import limits


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch):
    monkeypatch.setattr(limits, "_last", None)
    monkeypatch.delenv("PETIOLE_TEST_PATIENCE", raising=False)


@pytest.mark.parametrize("slower, factor", [(0.1, 1), (1, 1), (7, 7)])
def test_what_is_measured(slower, factor):
    """By a clock on which the computation takes so many times what it takes on an idle machine."""
    clock = itertools.count(0, slower * limits.IDLE)
    assert limits.patience(clock.__next__) == pytest.approx(factor)


def test_measured_again_after_a_while():
    ticks = iter([0, 3 * limits.IDLE, limits.AGAIN, 100 + limits.AGAIN, 100 + limits.AGAIN])
    assert [limits.patience(ticks.__next__) for _ in range(3)] == pytest.approx([3, 3, 1])


def test_limits(monkeypatch):
    assert limits.limit(10) >= 10
    monkeypatch.setenv("PETIOLE_TEST_PATIENCE", "2.5")
    assert limits.limit(10) == 25
