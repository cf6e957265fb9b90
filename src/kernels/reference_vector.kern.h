/* The vector kernels as plain loops. */
static void NAME(fill)(ptl__run run, const void *value, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        AT(y, i, j) = (V)COEF(value, 0);
}

static void NAME(copy)(ptl__run run, ptl__block x, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        AT(y, i, j) = AT(x, i, j);
}

static void NAME(scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        if (CHANGES(j))
            AT(y, i, j) *= (V)COEF(a, j);
}

static void NAME(inv_scale)(ptl__run run, const void *a, const uint8_t *mask, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        if (CHANGES(j))
            AT(y, i, j) = NAME(quotient)(AT(y, i, j), COEF(a, j), NAME(reciprocal)(COEF(a, j)));
}

static void NAME(add_scaled)(ptl__run run, const void *a, int subtract, ptl__block x,
                             const uint8_t *mask, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        if (CHANGES(j))
            AT(y, i, j) += (V)(subtract ? -COEF(a, j) : COEF(a, j)) * AT(x, i, j);
}

static void NAME(scale_add)(ptl__run run, const void *a, ptl__block x, const uint8_t *mask,
                            ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        if (CHANGES(j))
            AT(y, i, j) = AT(x, i, j) + (V)COEF(a, j) * AT(y, i, j);
}

static void NAME(dot)(ptl__run run, int conj_x, ptl__block x, ptl__block y, void *sums)
{
    (void)run;
    W *s = sums;
    EACH_COLUMN (x, j) {
        s[j] = 0;
        EACH_ROW (x, i)
            s[j] += (W)(conj_x ? NAME(conjugate)(AT(x, i, j)) : AT(x, i, j)) * (W)AT(y, i, j);
    }
}

static void NAME(norm2_squared)(ptl__run run, ptl__block x, double *sums)
{
    (void)run;
    EACH_COLUMN (x, j) {
        sums[j] = 0;
        EACH_ROW (x, i)
            sums[j] += NAME(square)(AT(x, i, j));
    }
}

static void NAME(scaled_squares)(ptl__run run, const double *scales, ptl__block x, double *sums)
{
    (void)run;
    EACH_COLUMN (x, j) {
        sums[j] = 0;
        EACH_ROW (x, i)
            sums[j] += NAME(scaled_square)(scales[j], AT(x, i, j));
    }
}

static void NAME(norm1)(ptl__run run, ptl__block x, double *sums)
{
    (void)run;
    EACH_COLUMN (x, j) {
        sums[j] = 0;
        EACH_ROW (x, i)
            sums[j] += NAME(modulus)(AT(x, i, j));
    }
}

static void NAME(norm_inf)(ptl__run run, ptl__block x, double *maxima)
{
    (void)run;
    EACH_COLUMN (x, j) {
        maxima[j] = 0;
        EACH_ROW (x, i)
            maxima[j] = NAME(is_nan)(AT(x, i, j))
                            ? NAN
                            : NAME(larger)(maxima[j], NAME(modulus)(AT(x, i, j)));
    }
}

static void NAME(sum)(ptl__run run, ptl__block x, void *sums)
{
    (void)run;
    W *s = sums;
    EACH_COLUMN (x, j) {
        s[j] = 0;
        EACH_ROW (x, i)
            s[j] += (W)AT(x, i, j);
    }
}

static void NAME(map)(ptl__run run, ptl_map map, ptl__block x, ptl__block y)
{
    (void)run;
    EACH (x, i, j) {
        V v = AT(x, i, j);
        R *real = &((R *)y.data)[i * y.ld + j];
        switch (map) {
        case PTL_MAP_ABS:
            *real = (R)NAME(modulus)(v);
            break;
        case PTL_MAP_REAL:
            *real = creal(v);
            break;
        case PTL_MAP_IMAG:
            *real = cimag(v);
            break;
        case PTL_MAP_CONJ:
            AT(y, i, j) = NAME(conjugate)(v);
            break;
        }
    }
}

static void NAME(convert)(ptl__run run, ptl_dtype to, ptl__block x, ptl__block y)
{
    (void)run;
    EACH (x, i, j) {
        V v = AT(x, i, j);
        int64_t k = i * y.ld + j;
        switch (to) {
        case PTL_F32:
            ((float *)y.data)[k] = (float)creal(v);
            break;
        case PTL_F64:
            ((double *)y.data)[k] = creal(v);
            break;
        case PTL_C64:
            ((float _Complex *)y.data)[k] = (float _Complex)v;
            break;
        case PTL_C128:
            ((double _Complex *)y.data)[k] = v;
            break;
        case PTL_F16:
            ((uint16_t *)y.data)[k] = half_from_double(creal(v));
            break;
        default:
            assert(!"a dtype");
        }
    }
}

static void NAME(widen)(ptl__run run, ptl__block x, ptl__block y)
{
    (void)run;
    EACH (y, i, j)
        AT(y, i, j) = (V)half_to_float(((const uint16_t *)x.data)[i * x.ld + j]);
}

static void NAME(diagonal_apply_dot)(ptl__run run, const void *d, ptl__block x, ptl__block y,
                                     void *sums)
{
    EACH (y, i, j)
        AT(y, i, j) = ((const V *)d)[i] * AT(x, i, j);
    NAME(dot)(run, 1, x, y, sums);
}

static int64_t NAME(diagonal_invert)(ptl__run run, int64_t rows, void *d)
{
    (void)run;
    int64_t bad = -1;
    V *v = d;
    for (int64_t i = 0; i < rows; ++i) {
        if (bad < 0 && (v[i] == 0 || !isfinite(creal(v[i])) || !isfinite(cimag(v[i]))))
            bad = i;
        v[i] = (V)NAME(reciprocal)(v[i]);
    }
    return bad;
}

static void NAME(combine)(ptl__run run, int count, const ptl__block *x, const void *a,
                          const void *beta, const uint8_t *mask, ptl__block y, double *norms)
{
    EACH (y, i, j)
        if (CHANGES(j)) {
            V sum = beta ? (V)COEF(beta, j) * AT(y, i, j) : 0;
            for (int k = 0; k < count; ++k)
                sum += (V)COEF(a, k * y.columns + j) * AT(x[k], i, j);
            AT(y, i, j) = sum;
        }
    if (norms)
        NAME(norm2_squared)(run, y, norms);
}

static void NAME(dots)(ptl__run run, int count, const ptl__block *x, ptl__block y, void *sums)
{
    for (int k = 0; k < count; ++k)
        NAME(dot)(run, 1, x[k], y, (W *)sums + k * y.columns);
}

static void NAME(cg_step)(ptl__run run, const void *a, const uint8_t *mask, ptl__block p,
                          ptl__block q, ptl__block x, ptl__block r, double *sums)
{
    NAME(add_scaled)(run, a, 0, p, mask, x);
    NAME(add_scaled)(run, a, 1, q, mask, r);
    NAME(norm2_squared)(run, r, sums);
}

static void NAME(pipecg_step)(ptl__run run, const double *a, const double *b, const uint8_t *mask,
                              ptl__pipecg v, double *sums)
{
    (void)run;
    double *ru = sums, *wu = ru + v.r.columns, *rr = wu + v.r.columns;
    EACH_COLUMN (v.r, j)
        if (CHANGES(j))
            ru[j] = wu[j] = rr[j] = 0;
    EACH (v.r, i, j)
        if (CHANGES(j)) {
            AT(v.z, i, j) = AT(v.n, i, j) + (R)b[j] * AT(v.z, i, j);
            AT(v.s, i, j) = AT(v.w, i, j) + (R)b[j] * AT(v.s, i, j);
            AT(v.p, i, j) = AT(v.u, i, j) + (R)b[j] * AT(v.p, i, j);
            AT(v.x, i, j) += (R)a[j] * AT(v.p, i, j);
            AT(v.r, i, j) -= (R)a[j] * AT(v.s, i, j);
            AT(v.w, i, j) -= (R)a[j] * AT(v.z, i, j);
            if (v.m.data) {
                AT(v.q, i, j) = AT(v.m, i, j) + (R)b[j] * AT(v.q, i, j);
                AT(v.u, i, j) -= (R)a[j] * AT(v.q, i, j);
            }
            ru[j] += NAME(real_dot)(AT(v.r, i, j), AT(v.u, i, j));
            wu[j] += NAME(real_dot)(AT(v.w, i, j), AT(v.u, i, j));
            rr[j] += NAME(square)(AT(v.r, i, j));
        }
}
