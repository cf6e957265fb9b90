/* For the tests of configurations: reading them, and comparing what is read. */
#ifndef TEST_CONFIG_H
#define TEST_CONFIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include <petiole/petiole.h>

static inline ptl_factory *read_config(const char *json)
{
    ptl_factory *factory;
    if (ptl_config_factory(json, &factory) != PTL_OK)
        fail_msg("%s\n%s", json, ptl_error_message());
    return factory;
}

/* Whether there is a reader in this build. */
static inline int is_supported(void)
{
    ptl_factory *factory;
    if (ptl_config_factory("{\"type\": \"cg\"}", &factory) == PTL_NOT_SUPPORTED)
        return 0;
    ptl_factory_release(&factory);
    return 1;
}

static inline char *written(const ptl_factory *factory)
{
    char *text;
    if (ptl_factory_json(factory, &text) != PTL_OK)
        fail_msg("%s: %s", ptl_factory_name(factory), ptl_error_message());
    return text;
}

/* That two texts say the same. */
static inline void assert_same(const char *one, const char *two)
{
    ptl_factory *a = read_config(one), *b = read_config(two);
    char *left = written(a), *right = written(b);
    assert_string_equal(left, right);
    ptl_json_release(&left);
    ptl_json_release(&right);
    ptl_factory_release(&a);
    ptl_factory_release(&b);
}

typedef struct refused {
    const char *json, *expected; /* a part of the message */
} refused;

static inline void assert_refused(const refused *cases, size_t count, ptl_status code)
{
    for (size_t i = 0; i < count; i++) {
        ptl_factory *factory;
        ptl_status status = ptl_config_factory(cases[i].json, &factory);
        if (status != code || !strstr(ptl_error_message(), cases[i].expected))
            fail_msg("%s\n%s, \"%s\"\nexpected \"%s\"", cases[i].json, ptl_status_name(status),
                     status == PTL_OK ? "" : ptl_error_message(), cases[i].expected);
        assert_null(factory);
    }
}

#endif
