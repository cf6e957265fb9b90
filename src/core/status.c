/* Codes, their texts, and the message of each thread's last failure. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} codes[PTL_STATUS_COUNT] = {
#define X(name, text) {#name, text},
    PTL_STATUS_MAP(X)
#undef X
};

static _Thread_local ptl__error last_error = {.code = PTL_OK, .rank = -1};

static int known(ptl_status code)
{
    return (unsigned)code < PTL_STATUS_COUNT;
}

const char *ptl_status_name(ptl_status code)
{
    return known(code) ? codes[code].name : "UNKNOWN";
}

const char *ptl_status_text(ptl_status code)
{
    return known(code) ? codes[code].text : "unknown status";
}

ptl__error *ptl__last_error(void)
{
    return &last_error;
}

ptl__error *ptl__error_of(ptl_status code)
{
    if (last_error.code != code)
        ptl_fail(code, "%s", ptl_status_text(code));
    return &last_error;
}

const char *ptl_error_message(void)
{
    return last_error.message;
}

int ptl_error_rank(void)
{
    return last_error.rank;
}

ptl_status ptl_fail(ptl_status code, const char *fmt, ...)
{
    char message[PTL__MESSAGE_SIZE]; /* apart: the arguments may include the last message */
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    last_error.code = code;
    last_error.rank = -1;
    last_error.link = NULL;
    memcpy(last_error.message, message, sizeof message);
    return code;
}
