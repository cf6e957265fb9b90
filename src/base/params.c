/* Parameters of factories, as their kinds describe them. */
#include "params.h"

#include <math.h>
#include <string.h>

#include "../comm/comm.h"
#include "../core/object.h"
#include "../core/status.h"
#include "factory.h"
#include "linop.h"

static size_t size_of(ptl_param_type type)
{
    switch (type) {
    case PTL_PARAM_INT:
        return sizeof(int64_t);
    case PTL_PARAM_REAL:
        return sizeof(double);
    case PTL_PARAM_BOUNDS:
        return 2 * sizeof(double);
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
        return sizeof(void *);
    case PTL_PARAM_OPERATOR:
        return 2 * sizeof(void *);
    default:
        return sizeof(int);
    }
}

static const void *place(const ptl_param *param, const void *options)
{
    return (const char *)options + param->offset;
}

int ptl__param_given(const ptl_param *param, const void *options)
{
    static const char zeros[2 * sizeof(double)];
    return memcmp(place(param, options), zeros, size_of(param->type)) != 0;
}

static ptl_status check_choice(const char *kind, const ptl_param *param, int value)
{
    int count = 0;
    while (param->choices[count])
        count++;
    PTL_CHECK(value >= 0 && value < count, PTL_INVALID, "%s: %s is %d, expected less than %d", kind,
              param->name, value, count);
    return PTL_OK;
}

static ptl_status check(const char *kind, const ptl_param *param, const void *value)
{
    const double *reals = value;
    switch (param->type) {
    case PTL_PARAM_INT:
        PTL_CHECK(*(const int64_t *)value >= 0, PTL_INVALID, "%s: %s is %lld, expected a %s number",
                  kind, param->name, (long long)*(const int64_t *)value,
                  param->initial == 0 ? "non-negative" : "positive");
        return PTL_OK;
    case PTL_PARAM_REAL:
        PTL_CHECK(isfinite(reals[0]), PTL_INVALID, "%s: %s is %g, expected a finite number", kind,
                  param->name, reals[0]);
        return PTL_OK;
    case PTL_PARAM_BOUNDS:
        PTL_CHECK(isfinite(reals[0]) && isfinite(reals[1]) && reals[0] <= reals[1], PTL_INVALID,
                  "%s: %s are %g and %g, expected finite and ascending numbers", kind, param->name,
                  reals[0], reals[1]);
        return PTL_OK;
    case PTL_PARAM_CHOICE:
        return check_choice(kind, param, *(const int *)value);
    case PTL_PARAM_OPERATOR:
        PTL_CHECK(!((void *const *)value)[0] || !((void *const *)value)[1], PTL_INVALID,
                  "%s: %s is both a factory and an operator", kind, param->name);
        return PTL_OK;
    case PTL_PARAM_BOOL:
    case PTL_PARAM_FACTORY:
    case PTL_PARAM_LINOP:
        return PTL_OK;
    }
    return PTL_OK;
}

ptl_status ptl__params_check(const ptl_kind *kind, const void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++)
        PTL_TRY(check(kind->name, param, place(param, options)));
    return PTL_OK;
}

static int is_object(ptl_param_type type)
{
    return type == PTL_PARAM_FACTORY || type == PTL_PARAM_LINOP || type == PTL_PARAM_OPERATOR;
}

void ptl__params_retain(const ptl_kind *kind, void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        void **at = (void **)((char *)options + param->offset);
        if (is_object(param->type))
            ptl__object_retain(at[0]);
        if (param->type == PTL_PARAM_OPERATOR)
            ptl__object_retain(at[1]);
    }
}

void ptl__params_release(const ptl_kind *kind, void *options)
{
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        void **at = (void **)((char *)options + param->offset);
        if (is_object(param->type))
            ptl__object_release(at[0]);
        if (param->type == PTL_PARAM_OPERATOR)
            ptl__object_release(at[1]);
    }
}

/* A factory by what it holds, an operator by its number: it may be one rank's own. */
static int64_t sign_object(int64_t signature, const ptl_param *param, const void *options)
{
    const void *const *at = place(param, options);
    const ptl_linop *op = param->type == PTL_PARAM_OPERATOR ? at[1]
                          : param->type == PTL_PARAM_LINOP  ? at[0]
                                                            : NULL;
    if (param->type != PTL_PARAM_LINOP)
        signature = ptl__factory_sign(signature, at[0]);
    return ptl__sign(signature, op ? op->number : -1);
}

int64_t ptl__params_sign(int64_t signature, const ptl_kind *kind, const void *options)
{
    for (const char *c = kind->name; *c; c++)
        signature = ptl__sign(signature, *c);
    for (const ptl_param *param = kind->params; param && param->name; param++) {
        int64_t words[2] = {0, 0};
        if (is_object(param->type)) {
            signature = sign_object(signature, param, options);
            continue;
        }
        memcpy(words, place(param, options), size_of(param->type));
        signature = ptl__sign(ptl__sign(signature, words[0]), words[1]);
    }
    return signature;
}
