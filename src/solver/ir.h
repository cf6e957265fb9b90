/* The iteration x += M r, for the methods that differ from ir in their M alone. */
#ifndef PTL_SOLVER_IR_H
#define PTL_SOLVER_IR_H

#include "solver.h"

#define PTL__IR_NEEDS                                                                              \
    {                                                                                              \
        .work = 2, .coefs = 2, .scratch = 4                                                        \
    }

/* A method's run, with the needs above. */
ptl_status ptl__ir_run(ptl__solve *s) PTL_MUST_USE;

#endif
