/* Configurations: what is read from JSON, what is refused and where, and that what is written is
 * read as the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/params.h"
#include "config.h"
#include "core/memory.h"
#include "stop/stop.h"
#include <petiole/petiole.h>

static const ptl_solver_options *options_of(const ptl_factory *factory)
{
    return ptl_factory_options(factory);
}

/* ---- what is written is read as the same ----------------------------------------------------- */

/* The same kind, parameters and criteria, and the same inside. */
static void assert_equal_factories(const ptl_factory *a, const ptl_factory *b)
{
    const ptl_kind *kind = ptl_factory_kind(a);
    assert_ptr_equal(kind, ptl_factory_kind(b));
    const void *left = ptl_factory_options(a), *right = ptl_factory_options(b);
    assert_int_equal(ptl__params_sign(0, kind, left), ptl__params_sign(0, kind, right));
    if (strcmp(kind->family, "solver") != 0)
        return;
    const ptl_solver_options *one = left, *two = right;
    assert_int_equal(one->true_residual, two->true_residual);
    assert_int_equal(ptl__stop_sign(0, one->stop), ptl__stop_sign(0, two->stop));
    assert_int_equal(!one->precond_factory, !two->precond_factory);
    if (one->precond_factory)
        assert_equal_factories(one->precond_factory, two->precond_factory);
}

static void assert_round_trip(const ptl_factory *factory)
{
    char *text = written(factory);
    ptl_factory *again = read_config(text);
    assert_equal_factories(factory, again);
    char *text_again = written(again);
    assert_string_equal(text, text_again);
    ptl_json_release(&text);
    assert_null(text);
    ptl_json_release(&text_again);
    ptl_factory_release(&again);
}

/* A value of the parameter that is not its default, where the kind takes it. */
static void set_param(const ptl_kind *kind, const ptl_param *param, char *options)
{
    void *place = options + param->offset;
    double *reals = place;
    ptl_factory *factory;
    switch (param->type) {
    case PTL_PARAM_INT:
        *(int64_t *)place += 1;
        break;
    case PTL_PARAM_REAL:
        reals[0] = 0.1 + 0.2; /* needs 17 digits */
        break;
    case PTL_PARAM_BOOL:
    case PTL_PARAM_CHOICE:
        *(int *)place = 1;
        break;
    case PTL_PARAM_BOUNDS:
        reals[0] = 0.1, reals[1] = 1.0 / 3;
        break;
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_OPERATOR:
        assert_int_equal(ptl_jacobi_factory(NULL, place), PTL_OK);
        return;
    case PTL_PARAM_LINOP: /* cannot be written */
    case PTL_PARAM_VECTOR:
        return;
    case PTL_PARAM_INTS: /* test_params.c */
    case PTL_PARAM_REALS:
    case PTL_PARAM_FACTORIES:
        fail();
    }
    if (kind->create(kind, options, &factory) == PTL_OK) {
        ptl_factory_release(&factory);
        return;
    }
    const size_t size = param->type == PTL_PARAM_BOUNDS                                 ? 16
                        : param->type == PTL_PARAM_INT || param->type == PTL_PARAM_REAL ? 8
                                                                                        : 4;
    memcpy(place, (const char *)kind->initial + param->offset, size);
}

static void a_factory_of_every_kind_is_read_as_it_is_written(void **state)
{
    (void)state;
    const ptl_kind *const *kinds;
    int64_t count = ptl_kinds(&kinds);
    assert_true(count >= 2);
    for (int64_t i = 0; i < count; i++) {
        union {
            char bytes[1024];
            double aligned;
        } options = {{0}};
        ptl_factory *factory;
        assert_true(kinds[i]->options_size <= sizeof options);
        memcpy(options.bytes, kinds[i]->initial, kinds[i]->options_size);
        assert_int_equal(kinds[i]->create(kinds[i], options.bytes, &factory), PTL_OK);
        assert_round_trip(factory);
        ptl_factory_release(&factory);
        for (const ptl_param *param = kinds[i]->params; param && param->name; param++)
            set_param(kinds[i], param, options.bytes);
        assert_int_equal(kinds[i]->create(kinds[i], options.bytes, &factory), PTL_OK);
        assert_round_trip(factory);
        ptl_factory_release(&factory);
        for (const ptl_param *param = kinds[i]->params; param && param->name; param++)
            if (param->type == PTL_PARAM_FACTORY || param->type == PTL_PARAM_OPERATOR)
                ptl_factory_release((ptl_factory **)(options.bytes + param->offset));
    }
}

static ptl_stop *everything(void)
{
    ptl_stop *parts[8], *inner[2], *stop;
    assert_int_equal(ptl_stop_iterations(INT64_MAX, &parts[0]), PTL_OK);
    assert_int_equal(ptl_stop_residual(1.0 / 3, PTL_BASELINE_RHS, &parts[1]), PTL_OK);
    assert_int_equal(ptl_stop_residual(0, PTL_BASELINE_ABSOLUTE, &parts[2]), PTL_OK);
    assert_int_equal(ptl_stop_implicit_residual(1e-300, PTL_BASELINE_INITIAL, &parts[3]), PTL_OK);
    assert_int_equal(ptl_stop_time(0.1, &parts[4]), PTL_OK);
    assert_int_equal(ptl_stop_divergence(1e308, &parts[5]), PTL_OK);
    assert_int_equal(ptl_stop_any(2, parts, &inner[0]), PTL_OK);
    assert_int_equal(ptl_stop_stagnation(7, 0.99, &inner[1]), PTL_OK);
    assert_int_equal(ptl_stop_all(2, inner, &parts[6]), PTL_OK);
    assert_int_equal(ptl_stop_any(1, inner, &parts[7]), PTL_OK);
    assert_int_equal(ptl_stop_any(8, parts, &stop), PTL_OK);
    for (int i = 0; i < 8; i++)
        ptl_stop_release(&parts[i]);
    ptl_stop_release(&inner[0]);
    ptl_stop_release(&inner[1]);
    return stop;
}

static void what_solvers_share_is_read_as_it_is_written(void **state)
{
    (void)state;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    options.true_residual = 0;
    ptl_factory *factory, *jacobi, *inner;
    ptl_stop *leaf;
    assert_int_equal(ptl_jacobi_factory(NULL, &jacobi), PTL_OK);
    options.precond_factory = jacobi;
    assert_int_equal(ptl_stop_iterations(3, &leaf), PTL_OK);
    options.stop = leaf;
    assert_int_equal(ptl_cg_factory(&options, &inner), PTL_OK);
    assert_round_trip(inner);
    options.precond_factory = inner;
    options.stop = everything();
    assert_int_equal(ptl_cg_factory(&options, &factory), PTL_OK);
    assert_round_trip(factory);
    ptl_stop_release(&leaf);
    ptl_stop_release(&options.stop);
    ptl_factory_release(&factory);
    ptl_factory_release(&inner);
    ptl_factory_release(&jacobi);
}

static void numbers_are_written_in_few_digits(void **state)
{
    (void)state;
    ptl_factory *factory = read_config("{\"type\": \"cg\", \"rtol\": 1e-8}");
    char *text = written(factory);
    assert_non_null(strstr(text, "\"reduction_factor\": 1e-8"));
    assert_non_null(strstr(text, "\"type\": \"solver::Cg\""));
    ptl_json_release(&text);
    ptl_factory_release(&factory);
}

static ptl_status unused_event(void *ctx, const ptl_event *event)
{
    (void)ctx;
    (void)event;
    return PTL_OK;
}

static ptl_status unused_predicate(void *ctx, const ptl_event *event, int *stop)
{
    (void)ctx;
    (void)event;
    *stop = 0;
    return PTL_OK;
}

static void assert_not_written(const ptl_solver_options *options, const char *expected)
{
    ptl_solver_options outer = PTL_SOLVER_OPTIONS_INIT;
    ptl_factory *factory;
    char *text;
    assert_int_equal(ptl_cg_factory(options, &outer.precond_factory), PTL_OK);
    assert_int_equal(ptl_cg_factory(&outer, &factory), PTL_OK);
    assert_int_equal(ptl_factory_json(factory, &text), PTL_NOT_SUPPORTED);
    assert_null(text);
    assert_string_equal(ptl_error_message(), expected);
    ptl_factory_release(&factory);
    ptl_factory_release(&outer.precond_factory);
}

static void what_no_text_describes_is_named(void **state)
{
    (void)state;
    ptl_solver_options options = PTL_SOLVER_OPTIONS_INIT;
    options.callback = unused_event;
    assert_not_written(&options, "preconditioner.callback: a callback cannot be written");
    options.callback = NULL;
    assert_int_equal(ptl_stop_predicate(unused_predicate, NULL, NULL, &options.stop), PTL_OK);
    assert_not_written(&options, "preconditioner.criteria: a predicate cannot be written");
    ptl_stop_release(&options.stop);
    assert_int_equal(ptl_stop_any(0, NULL, &options.stop), PTL_OK);
    assert_not_written(&options, "preconditioner.criteria: any() of no criteria cannot be written");
    ptl_stop_release(&options.stop);
    assert_int_equal(ptl_stop_divergence(INFINITY, &options.stop), PTL_OK);
    assert_not_written(&options, "preconditioner.criteria: inf cannot be written as JSON");
    ptl_stop_release(&options.stop);
    const double ones[] = {1, 1};
    const ptl_vector_shape shape = {2, 2, 0, PTL_F64};
    ptl_vector *v;
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, ones, &v), PTL_OK);
    assert_int_equal(ptl_diagonal_create(v, &options.precond), PTL_OK);
    assert_not_written(
        &options, "preconditioner.preconditioner: an operator cannot be written: give a factory");
    ptl_linop_release(&options.precond);
    ptl_vector_release(&v);
}

/* ---- what is read ---------------------------------------------------------------------------- */

static void a_type_has_three_names(void **state)
{
    (void)state;
    assert_same("{\"type\": \"solver::Cg\"}", "{\"type\": \"cg\"}");
    assert_same("{\"type\": \"Cg\"}", "{\"type\": \"solver::cg\"}");
    assert_same("{\"type\": \"preconditioner::Jacobi\"}", "{\"type\": \"jacobi\"}");
    assert_same("{\"type\": \"cg\", \"M\": \"jacobi\"}",
                "{\"type\": \"cg\", \"preconditioner\": {\"type\": \"preconditioner::Jacobi\", "
                "\"block_size\": null}}");
}

#define CG(criteria) "{\"type\": \"cg\", \"criteria\": " criteria "}"

static void criteria_have_a_long_and_a_short_form(void **state)
{
    (void)state;
    assert_same(CG("[{\"type\": \"Iteration\", \"max_iters\": 5}, {\"type\": \"ResidualNorm\", "
                   "\"reduction_factor\": 0.5}]"),
                CG("{\"iteration\": 5, \"relative_residual_norm\": 0.5}"));
    assert_same(CG("[{\"type\": \"ResidualNorm\", \"reduction_factor\": 0.5, \"baseline\": "
                   "\"initial_resnorm\"}, {\"type\": \"ResidualNorm\", \"reduction_factor\": 1, "
                   "\"baseline\": \"absolute\"}]"),
                CG("{\"initial_residual_norm\": 0.5, \"absolute_residual_norm\": 1}"));
    assert_same(CG("[{\"type\": \"ImplicitResidualNorm\", \"reduction_factor\": 0.5}, {\"type\": "
                   "\"ImplicitResidualNorm\", \"reduction_factor\": 1, \"baseline\": "
                   "\"initial_resnorm\"}, {\"type\": \"ImplicitResidualNorm\", "
                   "\"reduction_factor\": 2, \"baseline\": \"absolute\"}]"),
                CG("{\"relative_implicit_residual_norm\": 0.5, \"initial_implicit_residual_norm\": "
                   "1, \"absolute_implicit_residual_norm\": 2}"));
    assert_same(CG("[{\"type\": \"Time\", \"time_limit\": 2500000000}]"),
                CG("[{\"time\": 2500000000}]"));
    assert_same(CG("{\"type\": \"Time\", \"seconds\": 2.5}"), CG("{\"time\": 2500000000}"));
    assert_same(CG("{\"type\": \"Stagnation\", \"window\": 3, \"factor\": 0.9}"),
                CG("{\"stagnation\": {\"window\": 3, \"factor\": 0.9}}"));
    assert_same(CG("{\"type\": \"Divergence\", \"factor\": 1e4}"), CG("{\"divergence\": 1e4}"));
    assert_same(CG("{\"min_iters\": 4, \"iteration\": 9, \"rtol\": 0.5}"),
                CG("{\"all\": [{\"iteration\": 4}, {\"any\": [{\"maxiter\": 9}, "
                   "{\"relative_residual_norm\": 0.5}]}]}"));
}

static void objects_hold_any_or_all(void **state)
{
    (void)state;
    assert_same(CG("{\"iteration\": 9, \"all\": {\"rtol\": 0.5, \"atol\": 2}}"),
                CG("[{\"iteration\": 9}, {\"all\": [{\"rtol\": 0.5}, {\"atol\": 2}]}]"));
    assert_same(CG("{\"any\": {\"rtol\": 0.5, \"atol\": 2}}"),
                CG("[{\"rtol\": 0.5}, {\"atol\": 2}]"));
    assert_same(CG("{\"all\": {\"type\": \"Iteration\", \"max_iters\": 9}}"),
                CG("{\"iteration\": 9}"));
}

static void tolerances_are_criteria(void **state)
{
    (void)state;
    assert_same("{\"type\": \"cg\", \"rtol\": 0.5, \"atol\": 2, \"maxiter\": 9}",
                CG("[{\"rtol\": 0.5}, {\"atol\": 2}, {\"maxiter\": 9}]"));
    assert_same("{\"type\": \"cg\", \"maxiter\": 9}", CG("[{\"rtol\": 1e-5}, {\"maxiter\": 9}]"));
    assert_same("{\"type\": \"cg\", \"maxiter\": 9, \"criteria\": {\"rtol\": 0.5}}",
                CG("[{\"rtol\": 0.5}, {\"maxiter\": 9}]"));
    ptl_factory *factory = read_config("{\"type\": \"cg\", \"true_residual\": false, "
                                       "\"maxiter\": null, \"value_type\": \"float64\"}");
    assert_int_equal(options_of(factory)->true_residual, 0);
    assert_null(options_of(factory)->stop);
    ptl_factory_release(&factory);
}

/* What a parameter needs beside it: M in lower precision is generated, weighted results add up. */
static const char *beside(const char *param)
{
    return strcmp(param, "lower_precision") == 0 ? ", \"preconditioner\": \"jacobi\""
           : strcmp(param, "weighted") == 0      ? ", \"restricted\": false"
                                                 : "";
}

static void parameters_are_read_by_both_names(void **state)
{
    (void)state;
    const ptl_kind *const *kinds;
    int64_t count = ptl_kinds(&kinds);
    for (int64_t i = 0; i < count; i++)
        for (const ptl_param *param = kinds[i]->params; param && param->name; param++) {
            char json[2][256];
            const char *names[] = {param->name, param->alias ? param->alias : param->name};
            for (int j = 0; j < 2; j++) {
                char value[64] = "true";
                if (param->type == PTL_PARAM_INT)
                    snprintf(value, sizeof value, "%.0f", param->least + 1);
                else if (param->type == PTL_PARAM_REAL)
                    snprintf(value, sizeof value, "0.75");
                else if (param->type == PTL_PARAM_CHOICE)
                    snprintf(value, sizeof value, "\"%s\"", param->choices[1]);
                else if (param->type == PTL_PARAM_BOUNDS)
                    snprintf(value, sizeof value, "[0.5, 2]");
                else if (param->type == PTL_PARAM_FACTORY || param->type == PTL_PARAM_OPERATOR)
                    snprintf(value, sizeof value, "\"jacobi\"");
                else if (param->type == PTL_PARAM_LINOP)
                    snprintf(value, sizeof value, "null"); /* none can be described */
                snprintf(json[j], sizeof json[j], "{\"type\": \"%s\", \"%s\": %s%s}",
                         kinds[i]->name, names[j], value, beside(param->name));
            }
            assert_same(json[0], json[1]);
        }
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void malformed_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const refused cases[] = {
        {"{\"type\": \"cg\",\n  \"rtol\": }", "line 2, column 11"},
        {"", "line 1"},
        {"{\"type\": \"cg\"} x", "line 1, column 16"},
        {"{\"type\": \"cg\", \"rtol\": 1, \"rtol\": 2}", "duplicate"},
        {"{\"type\": \"cg\", \"rtol\": NaN}", "column"},
        {"{\"type\": \"cg\", \"rtol\": 1e999}", "column"},
        {"{\"type\": \"cg\", \"maxiter\": 9223372036854775808}", "column"},
        {"{\"type\": \"c\xff\"}", "unable to decode"},
        {"\"cg\"", "line 1"},
        {"[]", "the configuration: expected an object or a type's name, got []"},
    };
    assert_refused(cases, sizeof cases / sizeof *cases, PTL_FORMAT);
}

static void unknown_keys_and_types_are_refused_with_the_known(void **state)
{
    (void)state;
    static const refused cases[] = {
        {"{}", "type: is missing"},
        {"{\"type\": \"solver::Nothing\"}", "type: unknown type; known: solver::Cg, "},
        {"{\"type\": \"preconditioner::Cg\"}", "preconditioner::Jacobi"},
        {"{\"type\": 3}", "type: expected the name of a type, got 3"},
        {"{\"type\": \"cg\", \"restarts\": 3}",
         "restarts: unknown key; known: type, preconditioner, M, criteria, rtol, atol, maxiter"},
        {"{\"type\": \"cg\", \"preconditioner\": {\"type\": \"jacobi\", \"factorization\": {}}}",
         "preconditioner.factorization: unknown key; known: type, block_size, max_block_size"},
        {"{\"type\": \"cg\", \"preconditioner\": {\"block_size\": 1}}",
         "preconditioner.type: is missing"},
        {"{\"type\": \"cg\", \"preconditioner\": \"jakobi\"}", "preconditioner: unknown type"},
        {"{\"type\": \"cg\", \"preconditioner\": [1]}", "preconditioner: expected an object"},
        {CG("{\"iterations\": 4}"),
         "criteria.iterations: unknown key; known: iteration, relative_residual_norm"},
        {CG("{\"type\": \"Iterations\"}"),
         "criteria.type: unknown value; known: Iteration, ResidualNorm, ImplicitResidualNorm"},
        {CG("[{\"type\": \"Iteration\", \"max_iters\": 1}, {\"type\": \"Iteration\", \"n\": 1}]"),
         "criteria[1].n: unknown key; known: type, max_iters"},
        {CG("{\"all\": [{\"type\": \"ResidualNorm\", \"reduction_factor\": 1, \"baseline\": 2}]}"),
         "criteria.all[0].baseline: expected a string, got 2"},
        {CG("{\"type\": \"ResidualNorm\", \"reduction_factor\": 1, \"baseline\": \"rhs\"}"),
         "criteria.baseline: unknown value; known: rhs_norm, initial_resnorm, absolute"},
        {"{\"type\": \"cg\", \"value_type\": \"int8\"}",
         "value_type: unknown value; known: float16, half, float32, float64"},
    };
    assert_refused(cases, sizeof cases / sizeof *cases, PTL_FORMAT);
}

static void values_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const refused cases[] = {
        {"{\"type\": \"cg\", \"rtol\": -1}", "rtol: the residual's factor is -1"},
        {"{\"type\": \"cg\", \"rtol\": \"small\"}", "rtol: expected a number, got \"small\""},
        {"{\"type\": \"cg\", \"maxiter\": 1e3}", "maxiter: expected a whole number, got 1000.0"},
        {"{\"type\": \"cg\", \"maxiter\": -1}", "maxiter: maxiter is -1"},
        {"{\"type\": \"cg\", \"true_residual\": 1}", "true_residual: expected true or false"},
        {"{\"type\": \"cg\", \"M\": \"jacobi\", \"preconditioner\": \"jacobi\"}",
         "M: is also given under another name"},
        {"{\"type\": \"jacobi\", \"block_size\": 0}", "block_size: expected a positive whole"},
        {"{\"type\": \"cg\", \"M\": {\"type\": \"jacobi\", \"max_block_size\": -1}}",
         "M.max_block_size: expected a positive whole"},
        {CG("[]"), "criteria: holds no criteria"},
        {CG("{}"), "criteria: holds no criteria"},
        {CG("5"), "criteria: expected criteria in an object or an array, got 5"},
        {CG("{\"any\": []}"), "criteria.any: holds no criteria"},
        {CG("[{\"type\": \"Iteration\"}]"), "criteria[0].max_iters: is missing"},
        {CG("{\"time\": 0.5}"), "criteria.time: expected a whole number"},
        {CG("{\"type\": \"Time\", \"time_limit\": 1, \"seconds\": 1}"), "criteria: both"},
        {CG("{\"type\": \"Time\"}"), "criteria.seconds: is missing"},
        {CG("{\"seconds\": -1}"), "criteria.seconds: the time is -1"},
        {CG("{\"stagnation\": {\"window\": 0, \"factor\": 1}}"), "criteria.stagnation: the window"},
        {CG("{\"stagnation\": 1}"), "criteria.stagnation: expected an object"},
        {CG("{\"divergence\": 0}"), "criteria.divergence: the divergence's factor is 0"},
        {CG("{\"rtol\": 1, \"min_iters\": -1}"), "criteria.min_iters: maxiter is -1"},
        {"{\"type\": \"cg\", \"M\": {\"type\": \"jacobi\", \"max_block_size\": 65}}",
         "M: block_size is 65"},
        {"{\"type\": \"cg\", \"criteria\": "
         "[\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee\"]}",
         "criteria[0]: expected criteria in an object or an array, got "
         "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddd..."},
    };
    assert_refused(cases, sizeof cases / sizeof *cases, PTL_FORMAT);
    ptl_factory *factory;
    assert_int_equal(ptl_config_factory(NULL, &factory), PTL_INVALID);
}

/* As deep as criteria may be, deeper, and deeper than the parser lets through. */
static void deep_configurations_end(void **state)
{
    (void)state;
    enum { DEEP = 3000 };
    static char json[4 * DEEP];
    const int depths[] = {PTL_MAX_DEPTH - 1, PTL_MAX_DEPTH, 2000, DEEP};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        const int depth = depths[i];
        strcpy(json, "{\"type\": \"cg\", \"criteria\": ");
        size_t at = strlen(json);
        memset(json + at, '[', (size_t)depth);
        at += (size_t)depth;
        at += (size_t)sprintf(json + at, "{\"iteration\": 1}");
        memset(json + at, ']', (size_t)depth);
        strcpy(json + at + depth, "}");
        ptl_factory *factory;
        ptl_status status = ptl_config_factory(json, &factory);
        assert_int_equal(status, depth < PTL_MAX_DEPTH ? PTL_OK : PTL_FORMAT);
        ptl_factory_release(&factory);
    }
}

static void nothing_leaks_where_memory_ends(void **state)
{
    (void)state;
    const char *json = "{\"type\": \"cg\", \"rtol\": 0.5, \"M\": {\"type\": \"cg\", \"M\": "
                       "\"jacobi\"}, \"criteria\": {\"min_iters\": 2, \"iteration\": 3, \"all\": "
                       "[{\"atol\": 1}, {\"stagnation\": {\"window\": 1, \"factor\": 1}}]}}";
    const int64_t live = ptl__alloc_live();
    ptl_status status = PTL_NOMEM;
    int64_t n = 0;
    while (status == PTL_NOMEM) {
        ptl_factory *factory;
        ptl__alloc_fail_after(++n);
        status = ptl_config_factory(json, &factory);
        ptl__alloc_fail_after(0);
        ptl_factory_release(&factory);
        assert_int_equal(ptl__alloc_live(), live);
    }
    assert_int_equal(status, PTL_OK);
    assert_true(n > 10);
}

/* Not there where the library is built without jansson. */
__attribute__((weak)) void json_set_alloc_funcs(void *(*)(size_t), void (*)(void *));

static int64_t heap_live;

static void *counted_malloc(size_t size)
{
    heap_live++;
    return malloc(size);
}

static void counted_free(void *block)
{
    heap_live -= block != NULL;
    free(block);
}

static ptl_status read_and_write(const char *json)
{
    ptl_factory *factory;
    char *text = NULL;
    ptl_status status = ptl_config_factory(json, &factory);
    if (status == PTL_OK)
        status = ptl_factory_json(factory, &text);
    ptl_json_release(&text);
    ptl_factory_release(&factory);
    return status;
}

/* Also where the program gives jansson functions of its own. (That it lacks memory cannot be tried:
 * jansson 2.14 ends the process then.) */
static void nothing_of_jansson_leaks(void **state)
{
    (void)state;
    json_set_alloc_funcs(counted_malloc, counted_free);
    assert_int_equal(read_and_write("{\"type\": \"cg\", \"M\": {\"type\": \"cg\"}, \"criteria\": "
                                    "{\"all\": [{\"atol\": 0.3}, {\"stagnation\": {\"window\": 1, "
                                    "\"factor\": 0.30000000000000004}}]}}"),
                     PTL_OK);
    assert_int_equal(read_and_write("{\"type\": \"cg\", \"rtol\": \"x\"}"), PTL_FORMAT);
    assert_int_equal(read_and_write("{\"type\": \"cg\", \"rtol\": \"x}"), PTL_FORMAT);
    assert_int_equal(read_and_write("{\"type\": \"cg\", \"divergence\": 1}"), PTL_FORMAT);
    what_no_text_describes_is_named(state);
    assert_int_equal(heap_live, 0);
    json_set_alloc_funcs(malloc, free);
}

/* ---- a solve --------------------------------------------------------------------------------- */

static void a_configuration_solves(void **state)
{
    (void)state;
    const double d[] = {2, 4, 8}, rhs[] = {2, 4, 8};
    const ptl_vector_shape shape = {3, 3, 0, PTL_F64};
    ptl_vector *v, *b, *x;
    ptl_linop *A;
    ptl_log *log;
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, d, &v), PTL_OK);
    assert_int_equal(ptl_vector_copy_of(NULL, NULL, shape, 1, rhs, &b), PTL_OK);
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &x), PTL_OK);
    assert_int_equal(ptl_diagonal_create(v, &A), PTL_OK);
    const char *json = "{\"type\": \"solver::Cg\", \"preconditioner\": {\"type\": "
                       "\"preconditioner::Jacobi\"}, \"criteria\": [{\"type\": \"Iteration\", "
                       "\"max_iters\": 10}, {\"type\": \"ResidualNorm\", \"reduction_factor\": "
                       "1e-12}]}";
    assert_int_equal(ptl_config_solve(json, A, b, x, &log), PTL_OK);
    assert_true(ptl_log_converged(log));
    assert_int_equal(ptl_log_iterations(log), 1);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(((double *)ptl_vector_data(x))[i] - 1) < 1e-12);
    ptl_log_release(&log);
    assert_int_equal(ptl_config_solve(json, A, b, x, NULL), PTL_OK);
    assert_int_equal(ptl_config_solve("{\"type\": \"jacobi\"}", A, b, x, &log), PTL_FORMAT);
    assert_non_null(strstr(ptl_error_message(), "expected a solver"));
    assert_null(log);
    assert_int_equal(ptl_config_solve("{", A, b, x, &log), PTL_FORMAT);
    ptl_linop_release(&A);
    ptl_vector_release(&v);
    ptl_vector_release(&b);
    ptl_vector_release(&x);
}

static void without_jansson_every_call_says_so(void **state)
{
    (void)state;
    ptl_factory *jacobi, *factory;
    char *text;
    assert_int_equal(ptl_jacobi_factory(NULL, &jacobi), PTL_OK);
    assert_int_equal(ptl_factory_json(jacobi, &text), PTL_NOT_SUPPORTED);
    assert_null(text);
    assert_int_equal(ptl_config_factory("{}", &factory), PTL_NOT_SUPPORTED);
    assert_null(factory);
    assert_non_null(strstr(ptl_error_message(), "libjansson-dev"));
    ptl_factory_release(&jacobi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_factory_of_every_kind_is_read_as_it_is_written),
        cmocka_unit_test(what_solvers_share_is_read_as_it_is_written),
        cmocka_unit_test(numbers_are_written_in_few_digits),
        cmocka_unit_test(what_no_text_describes_is_named),
        cmocka_unit_test(a_type_has_three_names),
        cmocka_unit_test(criteria_have_a_long_and_a_short_form),
        cmocka_unit_test(objects_hold_any_or_all),
        cmocka_unit_test(tolerances_are_criteria),
        cmocka_unit_test(parameters_are_read_by_both_names),
        cmocka_unit_test(malformed_json_is_refused_with_its_place),
        cmocka_unit_test(unknown_keys_and_types_are_refused_with_the_known),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(deep_configurations_end),
        cmocka_unit_test(nothing_leaks_where_memory_ends),
        cmocka_unit_test(nothing_of_jansson_leaks),
        cmocka_unit_test(a_configuration_solves),
    };
    const struct CMUnitTest without[] = {
        cmocka_unit_test(without_jansson_every_call_says_so),
    };
    return is_supported() ? cmocka_run_group_tests(tests, NULL, NULL)
                          : cmocka_run_group_tests(without, NULL, NULL);
}
