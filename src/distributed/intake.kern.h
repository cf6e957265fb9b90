/* The loops of intake.c for one value type V and one index type I. */
#define ENTRY PTL__JOINED(ptl__row_entry, INDEX_TAG)
#define SORT_ROW PTL__JOINED(ptl__sort_row, INDEX_TAG)

/* Entries are counted in their rows. */
static void PAIR(count)(const chunk *c, halves *b)
{
    I *start = b->local.start, *ghost_start = b->ghost.start;
    for (int64_t i = 0; i < c->count; i++) {
        int64_t row = ptl__index_at(c->rows, c->itype, i);
        if (ptl__index_at(c->cols, c->itype, i) >= 0)
            start[row + 2]++;
        else
            ghost_start[row + 2]++;
    }
}

/* From counts at r + 2 to where the first entry of row r goes, at r + 1; the longest row. */
static int64_t PAIR(begin)(block *b)
{
    I *start = b->start, longest = 0;
    for (int64_t r = 0; r < b->rows; r++) {
        longest = start[r + 2] > longest ? start[r + 2] : longest;
        start[r + 2] += start[r + 1];
    }
    return longest;
}

/* Entries to their rows: start[r + 1] is where the next one of row r goes. */
static void PAIR(scatter)(const chunk *c, const int64_t *ghost_numbers, halves *b)
{
    I *start = b->local.start, *ghost_start = b->ghost.start;
    I *indices = b->local.indices, *ghost_indices = b->ghost.indices;
    V *values = b->local.values, *ghost_values = b->ghost.values;
    const V *from = c->values;
    for (int64_t i = 0; i < c->count; i++) {
        int64_t row = ptl__index_at(c->rows, c->itype, i);
        int64_t col = ptl__index_at(c->cols, c->itype, i);
        if (col >= 0) {
            I k = start[row + 1]++;
            indices[k] = (I)col;
            values[k] = from[i];
        } else {
            I k = ghost_start[row + 1]++;
            ghost_indices[k] = (I)ghost_numbers[-1 - col];
            ghost_values[k] = from[i];
        }
    }
}

/* Ascending columns, equal ones in the order in which they came, through `spare`, which has room
 * for the row. */
static void PAIR(sort_row)(I *cols, V *values, int64_t length, void *spare)
{
    ENTRY *entries = spare;
    V *before = (V *)(entries + length);
    for (int64_t i = 0; i < length; i++) {
        entries[i] = (ENTRY){cols[i], (I)i};
        before[i] = values[i];
    }
    SORT_ROW(entries, length);
    for (int64_t i = 0; i < length; i++) {
        cols[i] = entries[i].col;
        values[i] = before[entries[i].pos];
    }
}

static int PAIR(ascends)(const I *cols, int64_t length)
{
    for (int64_t i = 1; i < length; i++)
        if (cols[i - 1] > cols[i])
            return 0;
    return 1;
}

/* Sorts each row, sums duplicates, and closes the gaps that they leave. */
static void PAIR(join)(block *b, void *spare)
{
    I *start = b->start, *indices = b->indices;
    V *values = b->values;
    I kept = 0, begin = start[0];
    for (int64_t r = 0; r < b->rows; r++) {
        I end = start[r + 1], first = kept;
        if (!PAIR(ascends)(indices + begin, end - begin))
            PAIR(sort_row)(indices + begin, values + begin, end - begin, spare);
        for (I k = begin; k < end; k++)
            if (kept > first && indices[kept - 1] == indices[k]) {
                values[kept - 1] += values[k];
            } else {
                indices[kept] = indices[k];
                values[kept++] = values[k];
            }
        start[r] = first;
        begin = end;
    }
    start[b->rows] = kept;
}

static const loops PAIR(loops) = {PAIR(count), PAIR(begin), PAIR(scatter), PAIR(join),
                                  sizeof(ENTRY) + sizeof(V)};

#undef ENTRY
#undef SORT_ROW
