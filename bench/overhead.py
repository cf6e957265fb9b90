#!/usr/bin/env python3
"""What a call from Python costs: microseconds on a system too small for anything else to matter; and what
`import petiole` adds to `import numpy`."""

import subprocess
import sys
import timeit

import numpy as np

import petiole as pt


class Forwarding(pt.LinOp):
    """The cheapest operator that Python can write."""

    def apply_impl(self, b, x):
        pass


def laplace(n):
    i = np.arange(n)
    rows, cols = np.r_[i, i[1:], i[:-1]], np.r_[i, i[1:] - 1, i[:-1] + 1]
    values = np.r_[np.full(n, 2.5), np.full(2 * n - 2, -1.0)]
    return pt.Matrix.from_coo(None, pt.Partition.uniform(1, n), rows, cols, values)


def microseconds(statement):
    """The best of seven rounds of many calls, per call."""
    timer = timeit.Timer(statement)
    number = timer.autorange()[0] // 4 + 1
    return 1e6 * min(timer.repeat(7, number)) / number


def import_milliseconds():
    """The best of seven, each in a process of its own."""
    code = """
import numpy, time
began = time.perf_counter()
import petiole
print(1e3 * (time.perf_counter() - began))
"""
    runs = (subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(7))
    return min(map(float, runs))


def main():
    A = laplace(10)
    x = pt.Vector.from_local(None, np.ones(10))
    y = x.zeros_like()
    operator = Forwarding(10)
    solver = pt.Cg(rtol=1e-10).generate(A)
    iterations = solver.apply(x, y).iterations

    def solve():
        y.fill(0)
        solver.apply(x, y)

    calls = {
        "v.fill(0)": lambda: y.fill(0),
        "v.add_scaled(a, w)": lambda: y.add_scaled(0.5, x),
        "v.dot(w)": lambda: x.dot(y),
        "v.local": lambda: x.local,
        "v + w": lambda: x + y,
        "A.apply(x, y), a matrix": lambda: A.apply(x, y),
        "A.apply(x, y), a Python operator": lambda: operator.apply(x, y),
        f"a solve by CG, {iterations} iterations": solve,
    }
    print("microseconds per call from Python, 10 unknowns, one process")
    for name, call in calls.items():
        print(f"{name:36}{microseconds(call):8.2f}")
    print(f"import petiole, after NumPy: {import_milliseconds():.1f} ms")


if __name__ == "__main__":
    main()
