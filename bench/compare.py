#!/usr/bin/env python3
"""Runs the benchmark's two programs in turn on 2 ranks and prints medians and their ratios."""

import statistics
import subprocess
import sys

RANKS, PRODUCTS, ITERATIONS = 2, 50, 50


def run(program, system, n, ranks=RANKS, products=PRODUCTS):
    """The numbers that one run prints, by name."""
    command = ["script/mpirun", "openmpi", str(ranks), "300", program]
    command += [system, str(n), str(products), str(ITERATIONS)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    words = done.stdout.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}


def medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def least_bytes(numbers):
    """What a product and an iteration must move at least: 8 bytes for each value and element, 4 for
    each index. An iteration reads or writes 14 vectors: 2 in the product, 3 and 3 where z = M r and
    p = z + beta p are made, 6 where x and r are updated together."""
    rows, nnz = numbers["rows"], numbers["nnz"]
    matrix = 12 * nnz + 4 * rows
    return {"product": matrix + 16 * rows, "iteration": matrix + 14 * 8 * rows}


def report(system, n, ours, theirs):
    sizes = f"{ours['rows']:,.0f} cells, {ours['nnz']:,.0f} entries"
    print(f"\n{system}, {n}^3 = {sizes}, {RANKS} ranks")
    print(f"{'':24}{'petiole':>12}{'PETSc':>12}{'PETSc/petiole':>16}{'GB/s':>8}{'of triad':>10}")
    bytes_moved = least_bytes(ours)
    lines = [
        ("product", "product", "product"),
        ("CG iteration", "iteration", "iteration"),
        ("  PETSc, natural norm", "iteration", "natural"),
    ]
    for label, mine, peer in lines:
        rate = bytes_moved[mine] / ours[mine]
        print(
            f"{label:24}{1e3 * ours[mine]:9.3f} ms{1e3 * theirs[peer]:9.3f} ms"
            f"{theirs[peer] / ours[mine]:16.2f}{1e-9 * rate:8.1f}{rate / ours['triad']:10.0%}"
        )
    print(f"{'set-up':24}{ours['setup']:10.3f} s{theirs['setup']:10.3f} s")
    print(f"triad on the same ranks: {1e-9 * ours['triad']:.1f} GB/s")


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 114
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"medians of {rounds} alternating runs; a ratio above 1 means that petiole is faster")
    for system in ("laplace", "heat"):
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(run("out/bench/heat_petiole", system, n))
            theirs.append(run("out/bench/heat_petsc", system, n))
        a, b = medians(ours), medians(theirs)
        report(system, n, a, b)
        if abs(a["norm"] - b["norm"]) > 1e-6 * abs(b["norm"]):
            sys.exit(f"the iterates differ: norms {a['norm']} and {b['norm']}")


if __name__ == "__main__":
    main()
