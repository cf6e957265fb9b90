/* The instruction sets that the openmp kernels are compiled for, and the choice of one. meson.build
 * says which of them this build has. */
#if defined PTL__HAVE_AVX2 || defined PTL__HAVE_AVX512
#include <cpuid.h>
#endif
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../core/status.h"
#include "kernels.h"

/* What meson.build lets the compiler use for each. */
#if defined PTL__HAVE_AVX2 || defined PTL__HAVE_AVX512
/* With F16C, which not every compiler's __builtin_cpu_supports knows. */
static int has_avx2(void)
{
    unsigned eax, ebx, ecx = 0, edx;
    return __builtin_cpu_supports("avx2") && __get_cpuid(1, &eax, &ebx, &ecx, &edx) &&
           (ecx & bit_F16C);
}
#endif

#ifdef PTL__HAVE_AVX512
static int has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

typedef struct isa {
    const char *name;
    const ptl__kernels *kernels; /* NULL: not in this build */
    int (*supported)(void);      /* by this processor; NULL: by every one */
} isa;

/* From the narrowest to the widest. */
static const isa isas[] = {
    {"baseline", &ptl__kernels_openmp_baseline, NULL},
#ifdef PTL__HAVE_AVX2
    {"avx2", &ptl__kernels_openmp_avx2, has_avx2},
#else
    {"avx2", NULL, NULL},
#endif
#ifdef PTL__HAVE_AVX512
    {"avx512", &ptl__kernels_openmp_avx512, has_avx512},
#else
    {"avx512", NULL, NULL},
#endif
};
enum { ISAS = sizeof isas / sizeof *isas };

static pthread_mutex_t chosen_lock = PTHREAD_MUTEX_INITIALIZER;
static const ptl__kernels *chosen; /* NULL until the first choice that succeeded */

static int usable(const isa *set)
{
    return set->kernels && (!set->supported || set->supported());
}

int ptl__kernels_openmp_all(const ptl__kernels *all[PTL__ISAS_MAX])
{
    int count = 0;
    for (int i = 0; i < ISAS; ++i)
        if (usable(&isas[i]))
            all[count++] = isas[i].kernels;
    return count;
}

static ptl_status choose_named(const char *name, const ptl__kernels **out)
{
    for (int i = 0; i < ISAS; ++i) {
        if (strcmp(isas[i].name, name) != 0)
            continue;
        PTL_CHECK(isas[i].kernels, PTL_NOT_SUPPORTED,
                  "PETIOLE_ISA is %s: this build of Petiole has no kernels for it", name);
        PTL_CHECK(usable(&isas[i]), PTL_NOT_SUPPORTED,
                  "PETIOLE_ISA is %s: this processor lacks some of its instructions", name);
        *out = isas[i].kernels;
        return PTL_OK;
    }
    return ptl_fail(PTL_INVALID, "PETIOLE_ISA is \"%s\": expected baseline, avx2 or avx512", name);
}

static ptl_status choose(const ptl__kernels **out)
{
    const char *name = getenv("PETIOLE_ISA");
    if (name && *name)
        return choose_named(name, out);
    const ptl__kernels *all[PTL__ISAS_MAX];
    *out = all[ptl__kernels_openmp_all(all) - 1];
    return PTL_OK;
}

ptl_status ptl__kernels_openmp(const ptl__kernels **out)
{
    pthread_mutex_lock(&chosen_lock);
    const ptl_status status = chosen ? PTL_OK : choose(&chosen);
    *out = chosen;
    pthread_mutex_unlock(&chosen_lock);
    return status;
}
