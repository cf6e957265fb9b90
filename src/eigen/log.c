/* The log of an eigenvalue iteration. */
#include "log.h"

#include <stdio.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/status.h"

static void log_destroy(void *self)
{
    ptl_eigen_log *log = self;
    ptl__free(log->values);
    ptl__free(log->residual_norms);
    ptl__free(log->reasons);
    ptl__free(log->values_history);
    ptl__free(log->history);
    ptl__free(log);
}

enum { HISTORY_ROWS = 1024 };

static ptl_status allocate(ptl_eigen_log *log, int64_t columns, int64_t maxiter)
{
    log->columns = columns;
    log->capacity = maxiter < HISTORY_ROWS ? maxiter + 1 : HISTORY_ROWS;
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->values));
    PTL_TRY(PTL_NEW_ZERO(columns, double, &log->residual_norms));
    PTL_TRY(PTL_NEW_ZERO(columns, ptl_reason, &log->reasons));
    PTL_TRY(PTL_NEW(log->capacity * columns, double, &log->values_history));
    return PTL_NEW(log->capacity * columns, double, &log->history);
}

ptl_status ptl__eigen_log_create(int64_t columns, int64_t wanted, int64_t maxiter,
                                 ptl_eigen_log **out)
{
    *out = NULL;
    ptl_eigen_log *log = NULL;
    PTL_TRY(PTL_NEW_ZERO(1, ptl_eigen_log, &log));
    ptl__object_init(log, log_destroy);
    log->wanted = wanted;
    ptl_status status = allocate(log, columns, maxiter);
    if (status == PTL_OK)
        *out = log;
    else
        ptl_eigen_log_release(&log);
    return status;
}

ptl_status ptl__eigen_log_record(ptl_eigen_log *log, int64_t iteration)
{
    const int64_t row = log->columns, old = log->capacity * row;
    if (iteration >= log->capacity) {
        PTL_TRY(ptl__grow(old, 2 * old, sizeof(double), (void **)&log->values_history));
        PTL_TRY(ptl__grow(old, 2 * old, sizeof(double), (void **)&log->history));
        log->capacity *= 2;
    }
    log->iterations = iteration;
    memcpy(log->values_history + iteration * row, log->values, (size_t)row * sizeof(double));
    memcpy(log->history + iteration * row, log->residual_norms, (size_t)row * sizeof(double));
    return PTL_OK;
}

void ptl__eigen_log_finish(ptl_eigen_log *log, double seconds)
{
    int64_t worst = 0, converged = 0;
    for (int64_t j = 0; j < log->wanted; j++) {
        converged += ptl_reason_converged(log->reasons[j]);
        if (!(log->residual_norms[j] <= log->residual_norms[worst]))
            worst = j;
    }
    log->time = seconds;
    char which[80] = "converged";
    if (converged < log->wanted)
        snprintf(which, sizeof which, "%lld of %lld converged (%s)", (long long)converged,
                 (long long)log->wanted, ptl_reason_text(log->reasons[worst]));
    snprintf(log->text, sizeof log->text,
             "%s after %lld iteration%s, largest residual %.3g, %.3g s", which,
             (long long)log->iterations, log->iterations == 1 ? "" : "s",
             log->residual_norms[worst], seconds);
}

int ptl_eigen_log_converged(const ptl_eigen_log *log)
{
    for (int64_t j = 0; j < log->wanted; j++)
        if (!ptl_reason_converged(log->reasons[j]))
            return 0;
    return 1;
}

int64_t ptl_eigen_log_columns(const ptl_eigen_log *log)
{
    return log->columns;
}

int64_t ptl_eigen_log_iterations(const ptl_eigen_log *log)
{
    return log->iterations;
}

const double *ptl_eigen_log_values(const ptl_eigen_log *log)
{
    return log->values;
}

const double *ptl_eigen_log_residual_norms(const ptl_eigen_log *log)
{
    return log->residual_norms;
}

const ptl_reason *ptl_eigen_log_reasons(const ptl_eigen_log *log)
{
    return log->reasons;
}

const double *ptl_eigen_log_values_history(const ptl_eigen_log *log)
{
    return log->values_history;
}

const double *ptl_eigen_log_history(const ptl_eigen_log *log)
{
    return log->history;
}

double ptl_eigen_log_time(const ptl_eigen_log *log)
{
    return log->time;
}

const char *ptl_eigen_log_text(const ptl_eigen_log *log)
{
    return log->text;
}

PTL__OBJECT_FUNCTIONS(ptl_eigen_log)
