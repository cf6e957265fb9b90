/* Tracing: who hears what, the end of a tracer wherever it happens, and what a solve tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "core/memory.h"
#include "core/trace.h"
#include <petiole/petiole.h>

/* What a tracer has heard, by kind and phase. */
typedef struct heard {
    ptl_tracer *tracer, *other; /* other: one that it ends */
    int64_t calls, begun[PTL_TRACE_COUNT], ended[PTL_TRACE_COUNT], points[PTL_TRACE_COUNT];
    int64_t amounts[PTL_TRACE_COUNT];
    double last;
} heard;

static void listen(void *ctx, const ptl_trace_event *event)
{
    heard *h = ctx;
    h->calls++;
    h->begun[event->kind] += event->phase == PTL_TRACE_BEGIN;
    h->ended[event->kind] += event->phase == PTL_TRACE_END;
    h->points[event->kind] += event->phase == PTL_TRACE_POINT;
    h->amounts[event->kind] += event->phase == PTL_TRACE_BEGIN ? 0 : event->amount;
    assert_true(event->seconds >= h->last);
    assert_non_null(event->name);
    h->last = event->seconds;
}

/* Something that every tracer of all kinds hears. */
static void happen(void)
{
    ptl__trace_point(PTL_TRACE_VECTOR, "test", 3);
}

static void allocate(int64_t bytes)
{
    char *block;
    assert_int_equal(PTL_NEW(bytes, char, &block), PTL_OK);
    ptl__free(block);
}

static void kinds_are_heard_as_asked(void **state)
{
    (void)state;
    heard all = {0}, some = {0};
    assert_int_equal(ptl_trace_start(listen, &all, 0, &all.tracer), PTL_OK);
    assert_int_equal(ptl_trace_start(listen, &some, 1u << PTL_TRACE_ALLOCATION, &some.tracer),
                     PTL_OK);
    allocate(40);
    happen();
    ptl_trace_end(&all.tracer);
    assert_null(all.tracer);
    allocate(2);
    happen();
    ptl_trace_end(&some.tracer);
    allocate(1);
    assert_int_equal(all.calls, 2);
    assert_int_equal(all.amounts[PTL_TRACE_ALLOCATION], 40);
    assert_int_equal(all.amounts[PTL_TRACE_VECTOR], 3);
    assert_int_equal(some.calls, 2);
    assert_int_equal(some.amounts[PTL_TRACE_ALLOCATION], 42);
    assert_int_equal(ptl__traced, 0);
    ptl_trace_end(&some.tracer);
    ptl_trace_end(NULL);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    heard h = {0};
    ptl_tracer *many[16], *one_more = (ptl_tracer *)&h;
    assert_int_equal(ptl_trace_start(NULL, NULL, 0, &one_more), PTL_INVALID);
    assert_null(one_more);
    assert_int_equal(ptl_trace_start(listen, &h, 1u << PTL_TRACE_COUNT, &one_more), PTL_INVALID);
    for (int i = 0; i < 16; i++)
        assert_int_equal(ptl_trace_start(listen, &h, 0, &many[i]), PTL_OK);
    assert_int_equal(ptl_trace_start(listen, &h, 0, &one_more), PTL_NOT_SUPPORTED);
    assert_null(one_more);
    happen();
    assert_int_equal(h.calls, 16);
    ptl_trace_end(&many[7]);
    assert_int_equal(ptl_trace_start(listen, &h, 0, &many[7]), PTL_OK);
    for (int i = 0; i < 16; i++)
        ptl_trace_end(&many[i]);
    happen();
    assert_int_equal(h.calls, 16);
    assert_string_equal(ptl_trace_kind_text(PTL_TRACE_HALO), "halo");
    assert_string_equal(ptl_trace_kind_text(PTL_TRACE_COUNT), "unknown");
}

static void end_both(void *ctx, const ptl_trace_event *event)
{
    heard *h = ctx;
    listen(ctx, event);
    ptl_trace_end(&h->tracer);
    ptl_trace_end(&h->other);
    allocate(8); /* its own doing, which nobody is told */
}

static void a_tracer_ends_itself_and_another(void **state)
{
    (void)state;
    heard h = {0}, later = {0}, witness = {0};
    assert_int_equal(ptl_trace_start(listen, &witness, 0, &witness.tracer), PTL_OK);
    assert_int_equal(ptl_trace_start(end_both, &h, 0, &h.tracer), PTL_OK);
    assert_int_equal(ptl_trace_start(listen, &later, 0, &h.other), PTL_OK);
    happen();
    happen();
    assert_int_equal(h.calls, 1);
    assert_int_equal(later.calls, 0);
    assert_int_equal(witness.calls, 2);
    ptl_trace_end(&witness.tracer);
}

/* A tracer that is in its function until it is let go. */
typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int inside, open, left;
    ptl_tracer *tracer;
} gate;

static void hold(void *ctx, const ptl_trace_event *event)
{
    (void)event;
    gate *g = ctx;
    pthread_mutex_lock(&g->lock);
    g->inside = 1;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    g->left = 1;
    pthread_mutex_unlock(&g->lock);
}

static void *happen_there(void *unused)
{
    happen();
    return unused;
}

static void *open_gate(void *ctx)
{
    gate *g = ctx;
    pthread_mutex_lock(&g->lock);
    g->open = 1;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* While a tracer is at work others start, hear and end; its own end waits for it. */
static void the_end_waits_for_a_call_in_another_thread(void **state)
{
    (void)state;
    gate g = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    heard h = {0};
    pthread_t inside, opener;
    assert_int_equal(ptl_trace_start(hold, &g, 1u << PTL_TRACE_VECTOR, &g.tracer), PTL_OK);
    assert_int_equal(pthread_create(&inside, NULL, happen_there, NULL), 0);
    pthread_mutex_lock(&g.lock);
    while (!g.inside)
        pthread_cond_wait(&g.changed, &g.lock);
    pthread_mutex_unlock(&g.lock);
    assert_int_equal(ptl_trace_start(listen, &h, 0, &h.tracer), PTL_OK);
    allocate(5);
    ptl_trace_end(&h.tracer);
    assert_int_equal(h.calls, 1);
    assert_int_equal(pthread_create(&opener, NULL, open_gate, &g), 0);
    ptl_trace_end(&g.tracer);
    assert_int_equal(g.left, 1);
    pthread_join(inside, NULL);
    pthread_join(opener, NULL);
}

static ptl_linop *diagonal_matrix(void)
{
    const int32_t indptr[] = {0, 1, 2, 3}, indices[] = {0, 1, 2};
    const double values[] = {2, 4, 8};
    const ptl_csr_arrays arrays = {3, 3, PTL_F64, PTL_I32, indptr, indices, values};
    ptl_csr *A;
    assert_int_equal(ptl_csr_copy_of(NULL, &arrays, &A), PTL_OK);
    return ptl_csr_linop(A);
}

static void a_solve_tells_what_it_does(void **state)
{
    (void)state;
    ptl_linop *A = diagonal_matrix(), *solver;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    ptl_factory *cg;
    ptl_vector *b, *x;
    ptl_log *log;
    const ptl_vector_shape shape = {3, 3, 0, PTL_F64};
    const double ones[] = {1, 1, 1};
    heard h = {0};
    assert_int_equal(ptl_jacobi_factory(NULL, &options.precond_factory), PTL_OK);
    assert_int_equal(ptl_cg_factory(&options, &cg), PTL_OK);
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, ones, &b), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &x), PTL_OK);
    assert_int_equal(ptl_trace_start(listen, &h, 0, &h.tracer), PTL_OK);
    assert_int_equal(ptl_factory_generate(cg, A, &solver), PTL_OK);
    assert_int_equal(ptl_solver_solve(solver, b, x, &log), PTL_OK);
    ptl_trace_end(&h.tracer);

    for (int kind = 0; kind < PTL_TRACE_COUNT; kind++)
        assert_int_equal(h.begun[kind], h.ended[kind]);
    const int64_t iterations = ptl_log_iterations(log);
    assert_int_equal(h.begun[PTL_TRACE_SOLVE], 1);
    assert_int_equal(h.begun[PTL_TRACE_GENERATE], 2); /* Jacobi's too */
    assert_int_equal(h.points[PTL_TRACE_ITERATION], iterations);
    assert_int_equal(h.begun[PTL_TRACE_PRODUCT], iterations + 2); /* the residuals of both ends */
    assert_int_equal(h.begun[PTL_TRACE_PRECONDITION], iterations + 1);
    assert_int_equal(h.begun[PTL_TRACE_APPLY], 2 * iterations + 3);
    /* One more: the true residual is 0 here, which is looked at again. */
    assert_int_equal(h.begun[PTL_TRACE_REDUCTION], 2 * iterations + 3 + 1);
    assert_int_equal(h.begun[PTL_TRACE_HALO], 0);
    assert_true(h.amounts[PTL_TRACE_ALLOCATION] > 0);

    double norm;
    memset(h.begun, 0, sizeof h.begun);
    assert_int_equal(ptl_trace_start(listen, &h, 0, &h.tracer), PTL_OK);
    assert_int_equal(ptl_vector_norm(x, PTL_NORM_2, &norm), PTL_OK);
    assert_int_equal(ptl_vector_norm(x, PTL_NORM_INF, &norm), PTL_OK);
    assert_int_equal(ptl_vector_dot(x, b, &norm), PTL_OK);
    assert_int_equal(ptl_vector_sum(x, &norm), PTL_OK);
    ptl_trace_end(&h.tracer);
    assert_int_equal(h.begun[PTL_TRACE_REDUCTION], 4);

    ptl_log_release(&log);
    ptl_vector_release(&x);
    ptl_vector_release(&b);
    ptl_linop_release(&solver);
    ptl_factory_release(&cg);
    ptl_factory_release(&options.precond_factory);
    ptl_linop_release(&A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_heard_as_asked),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_tracer_ends_itself_and_another),
        cmocka_unit_test(the_end_waits_for_a_call_in_another_thread),
        cmocka_unit_test(a_solve_tells_what_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
