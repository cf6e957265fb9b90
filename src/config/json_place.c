/* Where in a configuration something stands. */
#include "json_place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../core/status.h"

/* Text that ends where its room does. */
typedef struct text {
    char *start;
    size_t size, used;
} text;

PTL_PRINTF(2, 3) static void append(text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(t->start + t->used, t->size - t->used, fmt, args);
    va_end(args);
    t->used += length < 0 ? 0 : (size_t)length;
    if (t->used >= t->size)
        t->used = t->size - 1;
}

static void append_place(text *t, const ptl__json_place *at)
{
    if (!at)
        return;
    append_place(t, at->outer);
    if (at->key)
        append(t, "%s%s", at->outer ? "." : "", at->key);
    else
        append(t, "[%zu]", at->index);
}

ptl_status ptl__json_fail(const ptl__json_place *at, ptl_status code, const char *fmt, ...)
{
    char message[PTL__MESSAGE_SIZE] = "";
    text t = {message, sizeof message / 2, 0}; /* the rest is for what is wrong there */
    append_place(&t, at);
    const char *cut = t.used + 1 == t.size ? "..." : "";
    t.size = sizeof message;
    append(&t, "%s%s: ", cut, at ? "" : "the configuration");
    va_list args;
    va_start(args, fmt);
    vsnprintf(message + t.used, sizeof message - t.used, fmt, args);
    va_end(args);
    return ptl_fail(code, "%s", message);
}

void ptl__json_free(char *dumped)
{
    json_free_t release;
    json_get_alloc_funcs(NULL, &release);
    release(dumped);
}

ptl_status ptl__json_expected(const ptl__json_place *at, const char *expected, const json_t *value)
{
    enum { SHOWN = 40 };
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *shown = dumped ? dumped : "something else";
    int cut = strlen(shown) > SHOWN;
    ptl_status status = ptl__json_fail(at, PTL_FORMAT, "expected %s, got %.*s%s", expected,
                                       cut ? SHOWN : (int)strlen(shown), shown, cut ? "..." : "");
    ptl__json_free(dumped);
    return status;
}

ptl_status ptl__json_unknown(const ptl__json_place *at, const char *what, const char *const *names,
                             int count)
{
    char list[PTL__MESSAGE_SIZE] = "";
    text t = {list, sizeof list, 0};
    for (int i = 0; i < count; i++)
        append(&t, "%s%s", i ? ", " : "", names[i]);
    return ptl__json_fail(at, PTL_FORMAT, "unknown %s; known: %s", what, list);
}

ptl_status ptl__json_found(const ptl__json_place *at, ptl_status status)
{
    if (status == PTL_OK || status == PTL_NOMEM)
        return status;
    char message[PTL__MESSAGE_SIZE];
    snprintf(message, sizeof message, "%s", ptl__error_of(status)->message);
    return ptl__json_fail(at, status == PTL_INVALID ? PTL_FORMAT : status, "%s", message);
}
