/* Parameters of every type, and the structs that they lie in: sizes, defaults, copies, JSON. */
#include "config.h"

#include "../kinds/every.c"
#include "base/factory.h"
#include "base/params.h"
#include "core/memory.h"

static every_options initial(void)
{
    const every_options options = EVERY_OPTIONS_INIT;
    return options;
}

static ptl_factory *made(const every_options *options)
{
    ptl_factory *factory;
    assert_int_equal(ptl_every_factory(options, &factory), PTL_OK);
    return factory;
}

static const every_options *options_of(const ptl_factory *factory)
{
    return ptl_factory_options(factory);
}

static void assert_bad(const every_options *options, const char *why)
{
    ptl_factory *factory;
    assert_int_equal(ptl_every_factory(options, &factory), PTL_INVALID);
    assert_null(factory);
    if (!strstr(ptl_error_message(), why))
        fail_msg("\"%s\" has no \"%s\"", ptl_error_message(), why);
}

static ptl_vector *vector_of(double value)
{
    ptl_vector *v;
    const ptl_vector_shape shape = {2, 2, 0, PTL_F64};
    assert_int_equal(ptl_vector_create(NULL, NULL, shape, &v), PTL_OK);
    assert_int_equal(ptl_vector_fill(v, &value), PTL_OK);
    return v;
}

/* ---- the structs ----------------------------------------------------------------------------- */

/* A field that is added to a struct must not lie in what was its padding: old programs leave that
 * as it is, and their size covers it. */
#define ENDS(type, last)                                                                           \
    _Static_assert(offsetof(type, last) + sizeof(((type *)NULL)->last) == sizeof(type),            \
                   #type " ends with padding")
ENDS(ptl_solver_options, kappa);
ENDS(ptl_jacobi_options, l1);
ENDS(ptl_ilu_options, pivot_tolerance);
ENDS(ptl_ilut_options, pivot_tolerance);
ENDS(ptl_isai_options, power);
ENDS(ptl_sor_options, relaxation);
ENDS(ptl_gauss_seidel_options, reserved);
ENDS(ptl_schwarz_options, aggregate_size);
ENDS(ptl_lobpcg_options, callback_ctx);

static void every_kind_has_its_defaults(void **state)
{
    (void)state;
    const ptl_kind *const *list;
    const int64_t count = ptl_kinds(&list);
    for (int64_t i = 0; i < count; i++) {
        const ptl_kind *kind = list[i];
        ptl_factory *whole, *none;
        assert_int_equal(*(const size_t *)kind->initial, kind->options_size);
        assert_non_null(strstr(kind->init, "_OPTIONS_INIT"));
        assert_int_equal(kind->create(kind, kind->initial, &whole), PTL_OK);
        assert_int_equal(kind->create(kind, NULL, &none), PTL_OK);
        assert_int_equal(ptl__factory_sign(0, whole), ptl__factory_sign(0, none));
        for (const ptl_param *param = kind->params; param && param->name; param++)
            assert_false(ptl__param_given(kind, param, ptl_factory_options(none)));
        ptl_factory_release(&whole);
        ptl_factory_release(&none);
    }
}

static void sizes_of_no_header_are_refused(void **state)
{
    (void)state;
    const ptl_kind *const *list;
    const int64_t count = ptl_kinds(&list);
    for (int64_t i = 0; i < count; i++) {
        const size_t whole = list[i]->options_size;
        const size_t sizes[] = {0, 1, sizeof(size_t), whole - 1, whole + 1, whole + 8, SIZE_MAX};
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            union {
                size_t size;
                char bytes[1024];
            } options = {sizes[s]};
            ptl_factory *factory;
            assert_int_equal(list[i]->create(list[i], &options, &factory), PTL_INVALID);
            assert_null(factory);
            assert_non_null(strstr(ptl_error_message(), "options.size is"));
            assert_non_null(strstr(ptl_error_message(), list[i]->init));
        }
    }
}

static void an_older_struct_takes_defaults_for_the_rest(void **state)
{
    (void)state;
    every_options options = initial();
    options.count = 7;
    options.strength = 0;
    options.flag = 0;
    options.sizes = (ptl_ints){-1, NULL}; /* beyond its end: not read */
    options.size = offsetof(every_options, open);
    ptl_factory *factory = made(&options);
    const every_options *own = options_of(factory);
    assert_int_equal(own->size, sizeof options);
    assert_int_equal(own->count, 7);
    assert_true(own->strength == 0);
    assert_true(isnan(own->open));
    assert_int_equal(own->flag, 1);
    assert_int_equal(own->choice, 1);
    assert_int_equal(own->sizes.count, 0);
    ptl_factory_release(&factory);
    options.size = offsetof(every_options, sizes) + 8; /* in the middle of a field */
    assert_bad(&options, "EVERY_OPTIONS_INIT");
}

/* ---- values ---------------------------------------------------------------------------------- */

static void zero_is_a_value(void **state)
{
    (void)state;
    every_options options = initial();
    options.count = 0;
    options.strength = 0;
    options.open = 0;
    options.flag = options.choice = 0;
    ptl_factory *factory = made(&options), *again, *other = made(NULL);
    char *text = written(factory);
    for (const char *const *word =
             (const char *const[]){"\"count\": 0", "\"strength\": 0", "\"open\": 0",
                                   "\"flag\": false", "\"choice\": \"first\"", NULL};
         *word; word++)
        assert_non_null(strstr(text, *word));
    again = read_config(text);
    assert_int_equal(ptl__factory_sign(0, again), ptl__factory_sign(0, factory));
    assert_true(ptl__factory_sign(0, other) != ptl__factory_sign(0, factory));
    ptl_json_release(&text);
    ptl_factory_release(&factory);
    ptl_factory_release(&again);
    ptl_factory_release(&other);
}

static void values_that_cannot_be_name_the_parameter(void **state)
{
    (void)state;
    const int64_t sizes[] = {2, 0};
    const double weights[] = {1, NAN};
    ptl_factory *jacobi, *levels[2] = {NULL};
    assert_int_equal(ptl_jacobi_factory(NULL, &jacobi), PTL_OK);
    levels[0] = jacobi;
    enum { BAD = 9 };
    every_options bad[BAD];
    const char *why[BAD] = {
        "every: count is -1, expected a whole number of at least 0",
        "every: strength is -1, expected a finite number of at least 0",
        "every: strength is nan",
        "every: open is inf",
        "every: sizes[1] is 0, expected a positive whole number",
        "every: weights[1] is nan, expected a finite number",
        "every: levels[1] is NULL",
        "every: sizes has 2 entries at NULL",
        "every: levels has -1 entries",
    };
    for (int i = 0; i < BAD; i++)
        bad[i] = initial();
    bad[0].count = -1;
    bad[1].strength = -1;
    bad[2].strength = NAN;
    bad[3].open = INFINITY;
    bad[4].sizes = (ptl_ints){2, sizes};
    bad[5].weights = (ptl_reals){2, weights};
    bad[6].levels = (ptl_factories){2, levels};
    bad[7].sizes = (ptl_ints){2, NULL};
    bad[8].levels = (ptl_factories){-1, levels};
    for (int i = 0; i < BAD; i++)
        assert_bad(&bad[i], why[i]);
    ptl_factory_release(&jacobi);
}

/* A factory with everything that one can have. */
static ptl_factory *full_factory(void)
{
    int64_t sizes[] = {1, 2, 3};
    double weights[] = {-0.5, 0};
    every_options options = initial();
    ptl_factory *levels[2], *factory;
    assert_int_equal(ptl_ilu_factory(NULL, &levels[0]), PTL_OK);
    assert_int_equal(ptl_jacobi_factory(NULL, &levels[1]), PTL_OK);
    options.vector = vector_of(2);
    options.sizes = (ptl_ints){3, sizes};
    options.weights = (ptl_reals){2, weights};
    options.levels = (ptl_factories){2, levels};
    ptl_status status = ptl_every_factory(&options, &factory);
    sizes[1] = -9; /* what was given is the caller's again */
    weights[1] = NAN;
    ptl_factory_release(&levels[0]);
    ptl_factory_release(&levels[1]);
    ptl_vector_release(&options.vector);
    assert_true(status == PTL_OK || status == PTL_NOMEM);
    return factory;
}

static void what_is_given_is_kept(void **state)
{
    (void)state;
    ptl_factory *factory = full_factory();
    const every_options *own = options_of(factory);
    assert_int_equal(own->sizes.count, 3);
    assert_int_equal(own->sizes.values[1], 2);
    assert_true(own->weights.values[0] == -0.5 && own->weights.values[1] == 0);
    assert_int_equal(own->levels.count, 2);
    assert_string_equal(ptl_factory_name(own->levels.items[0]), "ilu");
    assert_string_equal(ptl_factory_name(own->levels.items[1]), "jacobi");
    assert_int_equal(ptl_vector_rows(own->vector), 2);
    ptl_factory_release(&factory);
}

static void memory_that_ends_leaves_nothing(void **state)
{
    (void)state;
    const int64_t live = ptl__alloc_live();
    every_options options = initial();
    const int64_t sizes[] = {1, 2};
    const double weights[] = {3};
    ptl_factory *ilu, *factory = NULL;
    assert_int_equal(ptl_ilu_factory(NULL, &ilu), PTL_OK);
    options.sizes = (ptl_ints){2, sizes};
    options.weights = (ptl_reals){1, weights};
    options.levels = (ptl_factories){1, &ilu};
    options.vector = vector_of(1);
    int failures = 0;
    for (int n = 1; !factory; n++) {
        ptl__alloc_fail_after(n);
        ptl_status status = ptl_every_factory(&options, &factory);
        ptl__alloc_fail_after(0);
        assert_true(status == PTL_OK || status == PTL_NOMEM);
        failures += status == PTL_NOMEM;
    }
    assert_int_equal(failures, 4); /* the factory and three arrays */
    ptl_factory_release(&factory);
    ptl_factory_release(&ilu);
    ptl_vector_release(&options.vector);
    assert_int_equal(ptl__alloc_live(), live);
}

static void lists_nest_only_so_deep(void **state)
{
    (void)state;
    ptl_factory *outer = NULL, *inner = made(NULL);
    ptl_status status = PTL_OK;
    int depth = 0;
    for (; status == PTL_OK && depth <= PTL_MAX_DEPTH; depth++) {
        every_options options = initial();
        options.levels = (ptl_factories){1, &inner};
        status = ptl_every_factory(&options, &outer);
        if (status == PTL_OK) {
            ptl_factory_release(&inner);
            inner = outer;
        }
    }
    assert_int_equal(status, PTL_INVALID);
    assert_true(depth >= PTL_MAX_DEPTH - 2);
    ptl_factory_release(&inner);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void what_json_can_hold_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const char text[] =
        "{\"type\": \"preconditioner::Every\", \"power\": 0, \"dims\": [4, 5], \"weights\": [],"
        " \"open\": null, \"levels\": [\"ilu\", {\"type\": \"Every\", \"levels\": [\"sor\"]}]}";
    ptl_factory *factory = read_config(text);
    const every_options *own = options_of(factory);
    assert_true(own->strength == 0 && isnan(own->open));
    assert_true(own->sizes.count == 2 && own->sizes.values[1] == 5);
    assert_int_equal(own->weights.count, 0);
    assert_int_equal(own->levels.count, 2);
    assert_string_equal(ptl_factory_name(options_of(own->levels.items[1])->levels.items[0]), "sor");
    char *first = written(factory);
    ptl_factory *again = read_config(first);
    char *second = written(again);
    assert_string_equal(first, second);
    assert_int_equal(ptl__factory_sign(0, again), ptl__factory_sign(0, factory));
    ptl_json_release(&first);
    ptl_json_release(&second);
    ptl_factory_release(&again);
    ptl_factory_release(&factory);
}

static void what_json_cannot_hold_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *json, *why;
        ptl_status status;
    } cases[] = {
        {"{\"type\": \"every\", \"sizes\": 3}", "sizes: expected an array of whole numbers",
         PTL_FORMAT},
        {"{\"type\": \"every\", \"sizes\": [1, 2.5]}", "sizes[1]: expected", PTL_FORMAT},
        {"{\"type\": \"every\", \"sizes\": [0]}", "sizes[0]: expected a positive whole",
         PTL_FORMAT},
        {"{\"type\": \"every\", \"weights\": [1, \"a\"]}", "weights[1]: expected", PTL_FORMAT},
        {"{\"type\": \"every\", \"strength\": -1}",
         "strength: expected a finite number of at least 0", PTL_FORMAT},
        {"{\"type\": \"every\", \"levels\": \"ilu\"}", "levels: expected an array", PTL_FORMAT},
        {"{\"type\": \"every\", \"levels\": [\"ilu\", \"no\"]}", "levels[1]", PTL_FORMAT},
        {"{\"type\": \"every\", \"levels\": [null]}", "levels[0]", PTL_FORMAT},
        {"{\"type\": \"every\", \"sizes\": [1], \"dims\": [1]}", "another name", PTL_FORMAT},
        {"{\"type\": \"every\", \"strength\": 0.25, \"power\": 1}", "another name", PTL_FORMAT},
        {"{\"type\": \"every\", \"vector\": [1, 2]}", "vector: a vector cannot be described",
         PTL_NOT_SUPPORTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ptl_factory *factory;
        const int64_t live = ptl__alloc_live();
        assert_int_equal(ptl_config_factory(cases[i].json, &factory), cases[i].status);
        if (!strstr(ptl_error_message(), cases[i].why))
            fail_msg("\"%s\" has no \"%s\"", ptl_error_message(), cases[i].why);
        assert_int_equal(ptl__alloc_live(), live);
    }
    ptl_factory *factory = full_factory();
    char *text;
    assert_int_equal(ptl_factory_json(factory, &text), PTL_NOT_SUPPORTED);
    assert_non_null(strstr(ptl_error_message(), "vector: a vector cannot be written"));
    assert_null(text);
    ptl_factory_release(&factory);
}

int main(void)
{
    ptl_exec *exec; /* the default stays alive, so that leaks can be counted */
    if (ptl_exec_default(&exec) != PTL_OK)
        return 1;
    const int64_t live = ptl__alloc_live();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_defaults),
        cmocka_unit_test(sizes_of_no_header_are_refused),
        cmocka_unit_test(an_older_struct_takes_defaults_for_the_rest),
        cmocka_unit_test(values_that_cannot_be_name_the_parameter),
        cmocka_unit_test(what_is_given_is_kept),
        cmocka_unit_test(memory_that_ends_leaves_nothing),
        cmocka_unit_test(lists_nest_only_so_deep),
    };
    const struct CMUnitTest with_json[] = {
        cmocka_unit_test(zero_is_a_value),
        cmocka_unit_test(what_json_can_hold_is_read_as_it_is_written),
        cmocka_unit_test(what_json_cannot_hold_is_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += is_supported() ? cmocka_run_group_tests(with_json, NULL, NULL) : 0;
    failed += ptl__alloc_live() != live;
    ptl_exec_release(&exec);
    return failed;
}
