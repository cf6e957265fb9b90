/* The two systems of the benchmark, row by row, on a grid of n x n x n cells in natural order:
 *
 * - laplace: the 7-point Laplacian, 6 on the diagonal, -1 for each neighbour;
 * - heat: steady conduction in a cube of eight materials' blocks, conductivities 1 and 1000, by
 * finite volumes with the harmonic mean on the faces, the temperature given on the faces x = 0 and
 * x = 1 and no flow through the others.
 *
 * Both programs, Petiole's and the peer's, solve exactly these numbers. */
#ifndef BENCH_PROBLEM_H
#define BENCH_PROBLEM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct problem {
    int64_t n;
    int heat;
} problem;

/* The owned rows [begin, end) as CSR with global columns of 32 bits, and their right-hand side. */
typedef struct system_rows {
    int32_t begin, end;
    int32_t *indptr, *indices;
    double *values, *rhs;
} system_rows;

/* Conductivity of a cell: a checkerboard of blocks, four along each axis. */
static inline double conductivity(int64_t n, int64_t x, int64_t y, int64_t z)
{
    int64_t block = (4 * x) / n + (4 * y) / n + (4 * z) / n;
    return block % 2 ? 1000.0 : 1.0;
}

static inline double harmonic_mean(double a, double b)
{
    return 2.0 * a * b / (a + b);
}

/* One row: columns ascending, at most 7. Returns how many. */
static inline int problem_row(problem p, int64_t row, int32_t *cols, double *values, double *rhs)
{
    int64_t n = p.n, at[3] = {row % n, row / n % n, row / n / n}, stride[3] = {1, n, n * n};
    double k = conductivity(n, at[0], at[1], at[2]), diagonal = p.heat ? 0.0 : 6.0;
    int count = 0, place = 0;
    *rhs = p.heat ? 0.0 : 1.0;

    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < 3; i++) {
            int axis = side < 0 ? 2 - i : i;
            int64_t there = at[axis] + side;
            int inside = there >= 0 && there < n;
            if (!p.heat) {
                if (inside) {
                    cols[count] = (int32_t)(row + side * stride[axis]);
                    values[count++] = -1.0;
                }
            } else if (inside) {
                int64_t cell[3] = {at[0], at[1], at[2]};
                cell[axis] = there;
                double face = harmonic_mean(k, conductivity(n, cell[0], cell[1], cell[2]));
                cols[count] = (int32_t)(row + side * stride[axis]);
                values[count++] = -face;
                diagonal += face;
            } else if (axis == 0) { /* half a cell to the face: 1 at x = 0, 0 at x = 1 */
                diagonal += 2.0 * k;
                *rhs += side < 0 ? 2.0 * k : 0.0;
            }
        }
        if (side < 0)
            place = count++;
    }
    cols[place] = (int32_t)row;
    values[place] = diagonal;
    return count;
}

static inline void *bench_alloc(size_t bytes)
{
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static inline system_rows system_rows_make(problem p, int64_t begin, int64_t end)
{
    size_t rows = (size_t)(end - begin);
    system_rows s = {.begin = (int32_t)begin, .end = (int32_t)end};
    s.indptr = bench_alloc((rows + 1) * sizeof *s.indptr);
    s.indices = bench_alloc(7 * rows * sizeof *s.indices);
    s.values = bench_alloc(7 * rows * sizeof *s.values);
    s.rhs = bench_alloc(rows * sizeof *s.rhs);
    s.indptr[0] = 0;
    for (size_t i = 0; i < rows; i++) {
        int32_t at = s.indptr[i];
        s.indptr[i + 1] =
            at + problem_row(p, begin + (int64_t)i, s.indices + at, s.values + at, s.rhs + i);
    }
    return s;
}

static inline void system_rows_free(system_rows *s)
{
    free(s->indptr);
    free(s->indices);
    free(s->values);
    free(s->rhs);
}

/* What both programs are told: `heat_x laplace|heat n products iterations`. */
typedef struct bench_arguments {
    problem problem;
    int products, iterations;
} bench_arguments;

static inline bench_arguments bench_parse(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: %s laplace|heat N PRODUCTS ITERATIONS\n", argv[0]);
        exit(2);
    }
    bench_arguments a = {.problem = {.n = atoll(argv[2]), .heat = !strcmp(argv[1], "heat")},
                         .products = atoi(argv[3]),
                         .iterations = atoi(argv[4])};
    if (a.problem.n < 1 || a.problem.n > 1290 || a.products < 1 || a.iterations < 1) {
        fprintf(stderr, "%s: N is from 1 to 1290, the rest at least 1\n", argv[0]);
        exit(2);
    }
    return a;
}

static inline double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
