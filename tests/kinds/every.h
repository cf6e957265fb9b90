/* A kind for tests, with a parameter of each type: its options. */
#ifndef EVERY_H
#define EVERY_H

#include <math.h>

#include <petiole/petiole.h>

typedef struct every_options {
    size_t size;
    int64_t count;    /* 0 or more */
    double strength;  /* 0 or more */
    double open;      /* NAN: chosen by what is made */
    int flag, choice; /* 0: "first" */
    double bounds[2];
    ptl_factory *factory;
    ptl_linop *linop;
    ptl_factory *inner; /* or: */
    ptl_linop *inner_operator;
    ptl_vector *vector;
    ptl_ints sizes;    /* each 1 or more */
    ptl_reals weights; /* any */
    ptl_factories levels;
} every_options;

#define EVERY_OPTIONS_INIT                                                                         \
    {                                                                                              \
        sizeof(every_options), 3, 0.25, NAN, 1, 1, {0, 0}, NULL, NULL, NULL, NULL, NULL,           \
            {0, NULL}, {0, NULL},                                                                  \
        {                                                                                          \
            0, NULL                                                                                \
        }                                                                                          \
    }

ptl_status ptl_every_factory(const every_options *options, ptl_factory **out);

#endif
