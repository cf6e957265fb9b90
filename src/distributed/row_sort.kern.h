/* The parts of row_sort.h for one index type I. */

/* One entry within its row; `pos` says where it came from, and ascends as entries come. */
typedef struct ROW(row_entry) {
    I col, pos;
} ROW(row_entry);

static inline int ROW(compare_entries)(const void *a, const void *b)
{
    const ROW(row_entry) *x = a, *y = b;
    if (x->col != y->col)
        return x->col < y->col ? -1 : 1;
    return x->pos < y->pos ? -1 : 1;
}

/* Short rows by insertion, in linear time where they are sorted already. */
static inline void ROW(sort_row)(ROW(row_entry) * row, int64_t length)
{
    enum { LONG_ROW = 48 };
    for (int64_t i = 1; i < length; i++) {
        if (row[i - 1].col <= row[i].col)
            continue;
        if (length > LONG_ROW) {
            qsort(row, (size_t)length, sizeof *row, ROW(compare_entries));
            return;
        }
        ROW(row_entry) moved = row[i];
        int64_t j = i;
        for (; j > 0 && row[j - 1].col > moved.col; j--)
            row[j] = row[j - 1];
        row[j] = moved;
    }
}
