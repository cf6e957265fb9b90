#!/usr/bin/env python3
"""Ilu(0) and Ic(0) of the heat problem beside PETSc's block Jacobi with ILU and ICC, in alternating runs on 1
and 2 ranks: set-up, refresh with new values, apply."""

import sys

from compare import medians, run

REPEATS = 5


def report(ranks, ours, theirs):
    print(f"\n{ranks} rank{'s' if ranks > 1 else ''}")
    print(f"{'':24}{'petiole':>12}{'PETSc':>12}{'PETSc/petiole':>16}")
    for kind in ("ilu", "ic"):
        for what in ("setup", "refresh", "apply"):
            a, b = ours[f"{kind}_{what}"], theirs[f"{kind}_{what}"]
            print(f"{kind + '(0), ' + what:24}{1e3 * a:9.3f} ms{1e3 * b:9.3f} ms{b / a:16.2f}")


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(
        f"incomplete factors, heat, {n}^3 cells: medians of {rounds} alternating runs of the best of {REPEATS}"
    )
    for ranks in (1, 2):
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(run("out/bench/factors_petiole", "heat", n, ranks, REPEATS))
            theirs.append(run("out/bench/factors_petsc", "heat", n, ranks, REPEATS))
        a, b = medians(ours), medians(theirs)
        report(ranks, a, b)
        for kind in ("ilu", "ic"):
            norms = a[f"{kind}_norm"], b[f"{kind}_norm"]
            if abs(norms[0] - norms[1]) > 1e-9 * abs(norms[1]):
                sys.exit(f"{kind}: what is applied differs: norms {norms[0]} and {norms[1]}")


if __name__ == "__main__":
    main()
