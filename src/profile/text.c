/* The table of a profile, as it is printed. */
#include <stdarg.h>
#include <stdio.h>

#include "../core/memory.h"
#include "../core/status.h"
#include "profile.h"

enum { LINE = 160, FIXED_LINES = 8 }; /* the most bytes of a line; lines that are no rows */

/* Text that has room for what is printed to it. */
typedef struct printed {
    char *at, *end;
} printed;

__attribute__((format(printf, 2, 3))) static void print(printed *to, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int length = vsnprintf(to->at, (size_t)(to->end - to->at), fmt, args);
    va_end(args);
    to->at += length;
}

static void print_row(printed *to, const ptl_profile_row *row)
{
    print(to, "%-12.12s  %-20.20s %9lld %13lld", ptl_trace_kind_text(row->kind), row->name,
          (long long)row->calls, (long long)row->amount);
    if (row->total.max > 0)
        print(to, " %11.6f", row->total.mean);
    if (row->total.max > 0 && !ptl__profile_in_flight(row->kind))
        print(to, " %11.6f %11.6f %11.6f %6.1f%%", row->self.min, row->self.mean, row->self.max,
              100 * row->share);
    print(to, "\n");
}

ptl_status ptl__profile_print(ptl_profile *p)
{
    const int64_t room = (p->labels_count + FIXED_LINES) * LINE;
    PTL_TRY(PTL_NEW(room, char, &p->text));
    printed to = {p->text, p->text + room};
    double inside = 0;
    print(&to, "%d rank%s, %.6f s. Seconds over the ranks; self: without the events inside.\n",
          p->comm->size, p->comm->size > 1 ? "s" : "", p->mean_seconds);
    print(&to, "%-12s  %-20s %9s %13s %11s %11s %11s %11s %7s\n", "kind", "name", "calls", "amount",
          "total mean", "self min", "mean", "max", "share");
    for (int64_t i = 0; i < p->labels_count; i++) {
        print_row(&to, &p->rows[i]);
        inside += p->rows[i].share;
    }
    print(&to, "outside of all events: %.1f%%\n", inside < 1 ? 100 * (1 - inside) : 0.0);
    if (p->most_lost > 0)
        print(&to, "%lld events (the maximum over the ranks) were not kept for the trace file\n",
              (long long)p->most_lost);
    to.at[-1] = 0; /* without the last end of line, which print adds */
    return PTL_OK;
}
