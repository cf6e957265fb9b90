/* One stopping criterion, read from a configuration. */
#include <string.h>

#include "../core/status.h"
#include "criteria.h"
#include "value.h"

const ptl__criterion_form ptl__criterion_forms[] = {
    {"Iteration", PTL__STOP_ITERATIONS, "max_iters", 0, 0},
    {"ResidualNorm", PTL__STOP_RESIDUAL, "reduction_factor", 1, 0},
    {"ImplicitResidualNorm", PTL__STOP_IMPLICIT, "reduction_factor", 1, 0},
    {"Time", PTL__STOP_TIME, "seconds", 0, 0},
    {"Divergence", PTL__STOP_DIVERGENCE, "factor", 0, 0},
    {"Stagnation", PTL__STOP_STAGNATION, "factor", 0, 1},
    {NULL, PTL__STOP_ANY, NULL, 0, 0},
};

const char *const ptl__baseline_names[] = {"rhs_norm", "initial_resnorm", "absolute", NULL};

/* ---- numbers --------------------------------------------------------------------------------- */

/* Ginkgo's time is a count of nanoseconds. */
static ptl_status read_nanoseconds(const json_t *value, const ptl__json_place *at, double *seconds)
{
    int64_t count;
    PTL_TRY(ptl__value_int(value, at, &count));
    *seconds = 1e-9 * (double)count;
    return PTL_OK;
}

/* A criterion of one number; `value` stands at `at`. */
static ptl_status of_number(ptl__stop_type type, ptl_baseline baseline, const json_t *value,
                            const ptl__json_place *at, ptl_stop **out)
{
    int64_t count = 0;
    double real = 0;
    if (type == PTL__STOP_ITERATIONS)
        PTL_TRY(ptl__value_int(value, at, &count));
    else
        PTL_TRY(ptl__value_real(value, at, &real));
    switch (type) {
    case PTL__STOP_ITERATIONS:
        return ptl__json_found(at, ptl_stop_iterations(count, out));
    case PTL__STOP_RESIDUAL:
        return ptl__json_found(at, ptl_stop_residual(real, baseline, out));
    case PTL__STOP_IMPLICIT:
        return ptl__json_found(at, ptl_stop_implicit_residual(real, baseline, out));
    case PTL__STOP_TIME:
        return ptl__json_found(at, ptl_stop_time(real, out));
    default:
        return ptl__json_found(at, ptl_stop_divergence(real, out));
    }
}

/* The value of a key that must be there. */
static ptl_status required(const json_t *object, const ptl__json_place *here, json_t **out)
{
    *out = ptl__value_of(object, here->key);
    return *out ? PTL_OK : ptl__json_fail(here, PTL_FORMAT, "is missing");
}

static ptl_status read_stagnation(const json_t *object, const ptl__json_place *at, ptl_stop **out)
{
    static const char *const keys[] = {"window", "factor", "type", "value_type"};
    const ptl__json_place window_at = {at, "window", 0}, factor_at = {at, "factor", 0};
    json_t *value;
    int64_t window;
    double factor;
    if (!json_is_object(object))
        return ptl__json_expected(at, "an object with a window and a factor", object);
    PTL_TRY(ptl__value_known_keys(object, at, keys, 4));
    PTL_TRY(required(object, &window_at, &value));
    PTL_TRY(ptl__value_int(value, &window_at, &window));
    PTL_TRY(required(object, &factor_at, &value));
    PTL_TRY(ptl__value_real(value, &factor_at, &factor));
    return ptl__json_found(at, ptl_stop_stagnation(window, factor, out));
}

static ptl_status read_time(const json_t *object, const ptl__json_place *at, ptl_stop **out)
{
    const ptl__json_place limit_at = {at, "time_limit", 0}, seconds_at = {at, "seconds", 0};
    json_t *limit = ptl__value_of(object, "time_limit"), *value;
    double seconds;
    if (limit && ptl__value_of(object, "seconds"))
        return ptl__json_fail(at, PTL_FORMAT, "both time_limit and seconds are given");
    if (!limit) {
        PTL_TRY(required(object, &seconds_at, &value));
        return of_number(PTL__STOP_TIME, PTL_BASELINE_ABSOLUTE, value, &seconds_at, out);
    }
    PTL_TRY(read_nanoseconds(limit, &limit_at, &seconds));
    return ptl__json_found(&limit_at, ptl_stop_time(seconds, out));
}

/* ---- {"type": "Iteration", "max_iters": 100} ------------------------------------------------- */

static ptl_status form_of(const json_t *object, const ptl__json_place *at,
                          const ptl__criterion_form **out)
{
    const ptl__json_place here = {at, "type", 0};
    const char *titles[16];
    int count = 0, found;
    for (; ptl__criterion_forms[count].title; count++)
        titles[count] = ptl__criterion_forms[count].title;
    titles[count] = NULL;
    PTL_TRY(ptl__value_choice(json_object_get(object, "type"), &here, titles, &found));
    *out = &ptl__criterion_forms[found];
    return PTL_OK;
}

ptl_status ptl__criterion_typed(const json_t *object, const ptl__json_place *at, ptl_stop **out)
{
    const ptl__criterion_form *form;
    PTL_TRY(form_of(object, at, &form));
    if (form->has_window)
        return read_stagnation(object, at, out);
    const int is_time = form->type == PTL__STOP_TIME;
    const char *keys[] = {"type", form->key, "value_type",
                          is_time              ? "time_limit"
                          : form->has_baseline ? "baseline"
                                               : ""};
    PTL_TRY(ptl__value_known_keys(object, at, keys, is_time || form->has_baseline ? 4 : 3));
    if (is_time)
        return read_time(object, at, out);
    const ptl__json_place baseline_at = {at, "baseline", 0}, number_at = {at, form->key, 0};
    json_t *number, *baseline = ptl__value_of(object, "baseline");
    int choice = PTL_BASELINE_RHS;
    if (baseline)
        PTL_TRY(ptl__value_choice(baseline, &baseline_at, ptl__baseline_names, &choice));
    PTL_TRY(required(object, &number_at, &number));
    return of_number(form->type, (ptl_baseline)choice, number, &number_at, out);
}

/* ---- "relative_residual_norm": 1e-6 ---------------------------------------------------------- */

static const struct {
    const char *key;
    ptl__stop_type type;
    ptl_baseline baseline;
} short_forms[] = {
    {"iteration", PTL__STOP_ITERATIONS, PTL_BASELINE_ABSOLUTE},
    {"relative_residual_norm", PTL__STOP_RESIDUAL, PTL_BASELINE_RHS},
    {"initial_residual_norm", PTL__STOP_RESIDUAL, PTL_BASELINE_INITIAL},
    {"absolute_residual_norm", PTL__STOP_RESIDUAL, PTL_BASELINE_ABSOLUTE},
    {"relative_implicit_residual_norm", PTL__STOP_IMPLICIT, PTL_BASELINE_RHS},
    {"initial_implicit_residual_norm", PTL__STOP_IMPLICIT, PTL_BASELINE_INITIAL},
    {"absolute_implicit_residual_norm", PTL__STOP_IMPLICIT, PTL_BASELINE_ABSOLUTE},
    {"maxiter", PTL__STOP_ITERATIONS, PTL_BASELINE_ABSOLUTE},
    {"rtol", PTL__STOP_RESIDUAL, PTL_BASELINE_RHS},
    {"atol", PTL__STOP_RESIDUAL, PTL_BASELINE_ABSOLUTE},
    {"seconds", PTL__STOP_TIME, PTL_BASELINE_ABSOLUTE},
    {"divergence", PTL__STOP_DIVERGENCE, PTL_BASELINE_ABSOLUTE},
};
enum { SHORT_FORMS = sizeof short_forms / sizeof *short_forms };

ptl_status ptl__criterion_entry(const json_t *value, const ptl__json_place *here, ptl_stop **out)
{
    double seconds;
    for (int i = 0; i < SHORT_FORMS; i++)
        if (strcmp(short_forms[i].key, here->key) == 0)
            return of_number(short_forms[i].type, short_forms[i].baseline, value, here, out);
    if (strcmp(here->key, "stagnation") == 0)
        return read_stagnation(value, here, out);
    PTL_TRY(read_nanoseconds(value, here, &seconds)); /* "time" */
    return ptl__json_found(here, ptl_stop_time(seconds, out));
}

int ptl__criterion_keys(const char *keys[PTL__CRITERION_KEYS])
{
    for (int i = 0; i < SHORT_FORMS; i++)
        keys[i] = short_forms[i].key;
    keys[SHORT_FORMS] = "time";
    keys[SHORT_FORMS + 1] = "stagnation";
    return SHORT_FORMS + 2;
}
