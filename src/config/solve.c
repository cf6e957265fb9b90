/* A solve by a configuration, and the end of a text. */
#include <string.h>

#include "../base/linop.h"
#include "../comm/comm.h"
#include "../core/memory.h"
#include "../core/status.h"
#include <petiole/config.h>
#include <petiole/kind.h>

void ptl_json_release(char **json)
{
    if (!json)
        return;
    ptl__free(*json);
    *json = NULL;
}

static ptl_status solver_factory(const char *json, ptl_factory **out)
{
    PTL_TRY(ptl_config_factory(json, out));
    const ptl_kind *kind = ptl_factory_kind(*out);
    PTL_CHECK(strcmp(kind->family, "solver") == 0, PTL_FORMAT,
              "type: expected a solver, %s is a %s", kind->name, kind->family);
    return PTL_OK;
}

ptl_status ptl_config_solve(const char *json, ptl_linop *A, ptl_vector *b, ptl_vector *x,
                            ptl_log **out)
{
    ptl_factory *factory = NULL;
    ptl_linop *solver = NULL;
    if (out)
        *out = NULL;
    PTL_CHECK(A, PTL_INVALID, "A is NULL");
    ptl_status status = ptl__agree(A->comm, solver_factory(json, &factory), 0, "configurations");
    if (status == PTL_OK)
        status = ptl_factory_generate(factory, A, &solver);
    if (status == PTL_OK)
        status = ptl_solver_solve(solver, b, x, out);
    ptl_linop_release(&solver);
    ptl_factory_release(&factory);
    return status;
}
