"""Time limits against hangs, alike on machines of any speed and load.

A limit is written for an idle machine as fast as the one whose IDLE stands below, and is many times what the
work takes there. `limit(seconds)` is that, times how much longer the same computation takes here and now; or
times PETIOLE_TEST_PATIENCE, where it is set. No test judges speed: bench/ does.
"""

import os
import time

IDLE = 0.05  # seconds that the computation takes on one core of an AMD EPYC with Python 3.11
AGAIN = 30  # seconds after which it is measured again: other work comes and goes
_last = None  # when it was measured, and what was found


def computation():
    total = 0
    for i in range(930_000):
        total += i * i % 7
    return total


def patience(clock=time.perf_counter):
    """How many times longer than usual to wait, at least 1."""
    global _last
    if os.environ.get("PETIOLE_TEST_PATIENCE"):
        return float(os.environ["PETIOLE_TEST_PATIENCE"])
    began = clock()
    if _last is None or began - _last[0] > AGAIN:
        computation()
        ended = clock()
        _last = ended, max(1.0, (ended - began) / IDLE)
    return _last[1]


def limit(seconds):
    """So many seconds, on a machine as busy as this one."""
    return seconds * patience()
