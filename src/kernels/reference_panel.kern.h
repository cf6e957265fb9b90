/* The kernels on panels as plain loops. */
static void NAME(gram)(ptl__run run, ptl__block x, ptl__block y, void *sums)
{
    (void)run;
    W *s = sums;
    EACH_COLUMN (x, a)
        EACH_COLUMN (y, b) {
            s[a * y.columns + b] = 0;
            EACH_ROW (x, i)
                s[a * y.columns + b] += (W)NAME(conjugate)(AT(x, i, a)) * (W)AT(y, i, b);
        }
}

static void NAME(multiply)(ptl__run run, int add, ptl__block x, const void *c, ptl__block y)
{
    (void)run;
    EACH (y, i, j) {
        V sum = add ? AT(y, i, j) : 0;
        EACH_COLUMN (x, l)
            sum += AT(x, i, l) * (V)COEF(c, l * y.columns + j);
        AT(y, i, j) = sum;
    }
}
