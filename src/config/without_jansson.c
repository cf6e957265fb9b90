/* What stands in for the reader and the writer where the library is built without jansson. */
#include "../core/status.h"
#include <petiole/config.h>

static ptl_status missing(void)
{
    return ptl_fail(PTL_NOT_SUPPORTED,
                    "this libpetiole was built without jansson, which reads JSON: install it "
                    "(Debian: libjansson-dev) and build again with -Djansson=enabled");
}

ptl_status ptl_config_factory(const char *json, ptl_factory **out)
{
    (void)json;
    *out = NULL;
    return missing();
}

ptl_status ptl_factory_json(const ptl_factory *factory, char **out)
{
    (void)factory;
    *out = NULL;
    return missing();
}
