/* Factories that differ on one rank, in a parameter of each type: generating fails on every rank,
 * and works where all are the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kinds/every.c"

static int failures;

#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            failures++;                                                                            \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #cond, ptl_error_message());   \
        }                                                                                          \
    } while (0)

/* What the parameters are made of. */
typedef struct parts {
    ptl_vector *vectors[2];
    ptl_factory *factories[2];
} parts;

/* A parameter of each type that is not the default; `other` is another value of the i-th. */
enum { PARAMS = 11 };
static every_options options_of(const parts *p, int i, int other)
{
    static const int64_t sizes[2][2] = {{1, 2}, {1, 3}};
    static const double weights[2][2] = {{0.5, 0}, {0.5, -1}};
    every_options o = EVERY_OPTIONS_INIT;
    o.count = i == 0 && other ? 5 : 4;
    o.strength = i == 1 && other ? 0 : 1;
    o.open = i == 2 && other ? 0 : NAN;
    o.flag = i == 3 && other;
    o.choice = i == 4 && other;
    o.bounds[1] = i == 5 && other ? 2 : 1;
    o.factory = p->factories[i == 6 && other];
    o.vector = p->vectors[i == 7 && other];
    o.sizes = (ptl_ints){i == 8 && other == 1 ? 1 : 2, sizes[i == 8 && other == 2]};
    o.weights = (ptl_reals){i == 9 && other == 1 ? 1 : 2, weights[i == 9 && other == 2]};
    o.levels = (ptl_factories){i == 10 && other == 1 ? 1 : 2, p->factories};
    return o;
}

static ptl_status generate(const every_options *options, ptl_linop *A)
{
    ptl_factory *factory = NULL;
    ptl_linop *M = NULL;
    EXPECT(ptl_every_factory(options, &factory) == PTL_OK);
    ptl_status status = ptl_factory_generate(factory, A, &M);
    EXPECT(!M == (status != PTL_OK));
    ptl_linop_release(&M);
    ptl_factory_release(&factory);
    return status;
}

static void every_parameter_is_compared(ptl_comm *comm, const parts *p, ptl_linop *A)
{
    const int ranks = ptl_comm_size(comm), last = ptl_comm_rank(comm) == ranks - 1;
    for (int i = 0; i < PARAMS; i++)
        for (int other = 0; other < 3; other++) {
            const every_options same = options_of(p, i, other);
            const every_options mixed = options_of(p, i, last ? other : 0);
            EXPECT(generate(&same, A) == PTL_OK);
            const ptl_status status = generate(&mixed, A);
            const int differ = ranks > 1 && other > 0 && !(i == 10 && other == 2);
            EXPECT((status != PTL_OK) == differ);
            EXPECT(!differ || strstr(ptl_error_message(), "parameters of factories"));
        }
}

/* The levels in another order are another list. */
static void lists_are_compared_in_order(ptl_comm *comm, const parts *p, ptl_linop *A)
{
    ptl_factory *const turned[2] = {p->factories[1], p->factories[0]};
    every_options o = options_of(p, 0, 0);
    o.levels.items = ptl_comm_rank(comm) == 0 ? p->factories : turned;
    EXPECT((generate(&o, A) != PTL_OK) == (ptl_comm_size(comm) > 1));
}

int main(void)
{
    ptl_comm *comm = NULL;
    parts p;
    ptl_linop *A = NULL;
    if (ptl_comm_world(&comm) != PTL_OK) {
        fprintf(stderr, "%s\n", ptl_error_message());
        return 1;
    }
    const int64_t rows = ptl_comm_rank(comm) == 0 ? 0 : 3; /* rank 0 has none */
    for (int k = 0; k < 2; k++) {
        const ptl_vector_shape shape = {-1, rows, 0, PTL_F64};
        EXPECT(ptl_vector_create(comm, NULL, shape, &p.vectors[k]) == PTL_OK);
        EXPECT(ptl_vector_fill(p.vectors[k], &(double){k + 1}) == PTL_OK);
    }
    EXPECT(ptl_jacobi_factory(NULL, &p.factories[0]) == PTL_OK);
    EXPECT(ptl_sor_factory(NULL, &p.factories[1]) == PTL_OK);
    EXPECT(ptl_diagonal_create(p.vectors[1], &A) == PTL_OK);
    every_parameter_is_compared(comm, &p, A);
    lists_are_compared_in_order(comm, &p, A);
    for (int k = 0; k < 2; k++) {
        ptl_vector_release(&p.vectors[k]);
        ptl_factory_release(&p.factories[k]);
    }
    ptl_linop_release(&A);
    ptl_comm_release(&comm);
    return failures > 0;
}
