/* The step of pipelined CG, cut as in openmp_reduce.kern.h. */

/* Its operands from some row on; m and q NULL where there is no preconditioner. */
typedef struct NAME(pipe) {
    const V *n, *m;
    V *z, *q, *s, *p, *x, *r, *u, *w;
} NAME(pipe);

/* Rows of `width` elements that follow each other (but for x, whose rows are ldx apart): sums has
 * STRIP of each kind. */
INLINE void NAME(pipecg_rows)(int preconditioned, int64_t rows, int64_t width, int64_t ld,
                              int64_t ldx, const R *a, const R *b, NAME(pipe) t, double *sums)
{
    const V *n = t.n, *m = t.m;
    V *restrict z = t.z, *restrict q = t.q, *restrict s = t.s, *restrict p = t.p;
    V *restrict x = t.x, *restrict r = t.r, *restrict u = t.u, *restrict w = t.w;
    double ru[STRIP] = {0}, wu[STRIP] = {0}, rr[STRIP] = {0};
    for (int64_t i = 0; i < rows; ++i)
#pragma omp simd
        for (int64_t j = 0; j < width; ++j) {
            const int64_t k = i * ld + j;
            const V old_r = r[k], old_u = preconditioned ? u[k] : old_r, old_w = w[k];
            const V new_z = n[k] + b[j] * z[k], new_s = old_w + b[j] * s[k];
            const V new_p = old_u + b[j] * p[k];
            const V new_r = old_r - a[j] * new_s, new_w = old_w - a[j] * new_z;
            V new_u = new_r;
            if (preconditioned) {
                const V new_q = m[k] + b[j] * q[k];
                new_u = old_u - a[j] * new_q;
                q[k] = new_q;
                u[k] = new_u;
            }
            z[k] = new_z;
            s[k] = new_s;
            p[k] = new_p;
            x[i * ldx + j] += a[j] * new_p;
            r[k] = new_r;
            w[k] = new_w;
            ru[j] += NAME(real_dot)(new_r, new_u);
            wu[j] += NAME(real_dot)(new_w, new_u);
            rr[j] += NAME(square)(new_r);
        }
    for (int64_t j = 0; j < width; ++j) {
        sums[j] += ru[j];
        sums[STRIP + j] += wu[j];
        sums[2 * STRIP + j] += rr[j];
    }
}

/* The operands `rows` elements further on. */
INLINE NAME(pipe) NAME(pipe_from)(NAME(pipe) t, int64_t rows)
{
    return (NAME(pipe)){t.n + rows, t.m ? t.m + rows : NULL,
                        t.z + rows, t.q ? t.q + rows : NULL,
                        t.s + rows, t.p + rows,
                        t.x + rows, t.r + rows,
                        t.u + rows, t.w + rows};
}

INLINE double NAME(add_real_lanes)(const double *l)
{
    return ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
}

INLINE void NAME(pipecg_tile)(int preconditioned, int unit, int64_t rows, int64_t width, int64_t ld,
                              int64_t ldx, const double *of_a, const double *of_b, NAME(pipe) t,
                              double *sums)
{
    R a[STRIP], b[STRIP];
    for (int64_t j = 0; j < STRIP; ++j) {
        a[j] = (R)of_a[unit ? 0 : j];
        b[j] = (R)of_b[unit ? 0 : j];
    }
    if (unit) {
        const int64_t rest = rows % STRIP, whole = rows - rest;
        double lanes[3 * STRIP] = {0};
        NAME(pipecg_rows)
        (preconditioned, whole / STRIP, STRIP, STRIP, STRIP, a, b, t, lanes);
        NAME(pipecg_rows)
        (preconditioned, rest, 1, 1, 1, a, b, NAME(pipe_from)(t, whole), lanes);
        for (int k = 0; k < 3; ++k)
            sums[k * STRIP] = NAME(add_real_lanes)(lanes + k * STRIP);
    } else {
        NAME(pipecg_rows)(preconditioned, rows, width, ld, ldx, a, b, t, sums);
    }
}

/* The operands from row `begin` and column `first` on. */
static NAME(pipe) NAME(pipe_at)(const ptl__pipecg *v, int64_t begin, int64_t first)
{
    const int preconditioned = v->m.data != NULL;
    return (NAME(pipe)){
        AT(v->n, begin, first), preconditioned ? AT(v->m, begin, first) : NULL,
        AT(v->z, begin, first), preconditioned ? AT(v->q, begin, first) : NULL,
        AT(v->s, begin, first), AT(v->p, begin, first),
        AT(v->x, begin, first), AT(v->r, begin, first),
        AT(v->u, begin, first), AT(v->w, begin, first),
    };
}

/* A macro for the same reason as ELEMENTWISE. */
#define PIPECG_STRIP(preconditioned)                                                               \
    EACH_BLOCK (block) {                                                                           \
        const int64_t begin = block_begin(c, block), rows = block_end(c, block) - begin;           \
        const NAME(pipe) t = NAME(pipe_at)(&v, begin, s.first);                                    \
        memset(partial[block], 0, sizeof partial[block]);                                          \
        LEAN_WIDTH(s.width, contiguous,                                                            \
                   NAME(pipecg_tile)(preconditioned, unit, rows, width, v.r.ld, v.x.ld, of_a,      \
                                     of_b, t, partial[block]));                                    \
    }

static void NAME(pipecg_step)(ptl__run run, const double *a, const double *b, const uint8_t *mask,
                              ptl__pipecg v, double *sums)
{
    const cut c = cut_rows(run, v.r.rows);
    const int contiguous = is_unit(v.r) && is_unit(v.x);
    double partial[MAX_BLOCKS][3 * STRIP];
    for (strip s = next_strip((strip){0, 0}, mask, v.r.columns); s.width > 0;
         s = next_strip(s, mask, v.r.columns)) {
        if (s.width != LEAN_STRIP)
            s.width = s.width > LEAN_STRIP ? LEAN_STRIP : 1;
        double of_a[STRIP] = {0}, of_b[STRIP] = {0};
        memcpy(of_a, a + s.first, (size_t)s.width * sizeof *a);
        memcpy(of_b, b + s.first, (size_t)s.width * sizeof *b);
        if (v.m.data) {
            PIPECG_STRIP(1)
        } else {
            PIPECG_STRIP(0)
        }
        for (int k = 0; k < 3; ++k)
            for (int64_t j = 0; j < s.width; ++j) {
                double *sum = &sums[k * v.r.columns + s.first + j];
                *sum = 0;
                for (int64_t block = 0; block < c.blocks; ++block)
                    *sum += partial[block][k * STRIP + j];
            }
    }
}
#undef PIPECG_STRIP
