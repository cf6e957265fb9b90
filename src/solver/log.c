/* The log of a solve. */
#include "log.h"

#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

static void log_destroy(void *self)
{
    ptl_log *log = self;
    ptl__free(log->residual_norms);
    ptl__free(log->true_residual_norms);
    ptl__free(log->rhs_norms);
    ptl__free(log->initial_norms);
    ptl__free(log->implicit_norms);
    ptl__free(log->initial_implicit);
    ptl__free(log->reasons);
    ptl__free(log->column_iterations);
    ptl__free(log->history);
    ptl__free(log);
}

/* The history of a few thousand iterations has its room from the start, a longer one grows. */
enum { HISTORY_ROWS = 4096 };

static ptl_status allocate(ptl_log *log, int64_t columns, int64_t maxiter)
{
    log->columns = columns;
    log->capacity = maxiter < HISTORY_ROWS ? maxiter + 1 : HISTORY_ROWS;
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->residual_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->true_residual_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->rhs_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->initial_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->implicit_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->initial_implicit));
    PTL_TRY(PTL_NEW_ZERO(columns, ptl_reason, &log->reasons));
    PTL_TRY(PTL_NEW_ZERO(columns, int64_t, &log->column_iterations));
    return PTL_NEW(log->capacity * columns, double, &log->history);
}

ptl_status ptl__log_create(int64_t columns, int64_t maxiter, ptl_log **out)
{
    *out = NULL;
    ptl_log *log = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_log, &log));
    ptl__object_init(log, log_destroy);
    ptl_status status = allocate(log, columns, maxiter);
    if (status == PTL_OK)
        *out = log;
    else
        ptl_log_release(&log);
    return status;
}

void ptl__log_reset(ptl_log *log)
{
    log->iterations = 0;
    memset(log->reasons, 0, (size_t)log->columns * sizeof *log->reasons);
    memset(log->column_iterations, 0, (size_t)log->columns * sizeof *log->column_iterations);
}

ptl_status ptl__log_record(ptl_log *log, int64_t iteration)
{
    if (iteration >= log->capacity) {
        int64_t row = log->columns;
        PTL_TRY(ptl__grow(log->capacity * row, 2 * log->capacity * row, sizeof(double),
                          (void **)&log->history));
        log->capacity *= 2;
    }
    log->iterations = iteration;
    memcpy(log->history + iteration * log->columns, log->residual_norms,
           (size_t)log->columns * sizeof(double));
    for (int64_t j = 0; j < log->columns; j++)
        if (log->reasons[j] == PTL_REASON_RUNNING)
            log->column_iterations[j] = iteration;
    return PTL_OK;
}

/* The column that says most about the solve: one that did not converge, else the one with the
 * largest residual. */
static int64_t worst_column(const ptl_log *log)
{
    int64_t worst = 0;
    for (int64_t j = 1; j < log->columns; j++) {
        int j_failed = !ptl_reason_converged(log->reasons[j]);
        int worst_failed = !ptl_reason_converged(log->reasons[worst]);
        if (j_failed > worst_failed ||
            (j_failed == worst_failed && log->residual_norms[j] > log->residual_norms[worst]))
            worst = j;
    }
    return worst;
}

void ptl__log_finish(ptl_log *log, double seconds)
{
    int64_t j = worst_column(log);
    log->time = seconds;
    snprintf(log->text, sizeof log->text,
             "%s (%s) after %lld iteration%s, residual %.3g, true residual %.3g, %.3g s",
             ptl_log_converged(log) ? "converged" : "not converged",
             ptl_reason_text(log->reasons[j]), (long long)log->iterations,
             log->iterations == 1 ? "" : "s", log->residual_norms[j], log->true_residual_norms[j],
             seconds);
}

int ptl_log_converged(const ptl_log *log)
{
    for (int64_t j = 0; j < log->columns; j++)
        if (!ptl_reason_converged(log->reasons[j]))
            return 0;
    return 1;
}

int64_t ptl_log_columns(const ptl_log *log)
{
    return log->columns;
}

int64_t ptl_log_iterations(const ptl_log *log)
{
    return log->iterations;
}

const double *ptl_log_residual_norms(const ptl_log *log)
{
    return log->residual_norms;
}

const double *ptl_log_true_residual_norms(const ptl_log *log)
{
    return log->true_residual_norms;
}

const double *ptl_log_rhs_norms(const ptl_log *log)
{
    return log->rhs_norms;
}

const ptl_reason *ptl_log_reasons(const ptl_log *log)
{
    return log->reasons;
}

const int64_t *ptl_log_column_iterations(const ptl_log *log)
{
    return log->column_iterations;
}

const double *ptl_log_history(const ptl_log *log)
{
    return log->history;
}

double ptl_log_time(const ptl_log *log)
{
    return log->time;
}

const char *ptl_log_text(const ptl_log *log)
{
    return log->text;
}

PTL__OBJECT_FUNCTIONS(ptl_log)
