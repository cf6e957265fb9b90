/* Levels of fill, by rows: each is merged with the rows of U that it is eliminated with (Saad, 2nd
 * ed., algorithm 10.6). */
#include "fill.h"

#include "../core/interrupt.h"
#include "../core/memory.h"
#include "../core/status.h"

/* Rooms of the growing arrays, and the levels of U's entries. */
typedef struct growing {
    int64_t lower_room, upper_room;
    int32_t *levels;
} growing;

/* Room for a row of `count` more entries in either factor. */
static ptl_status reserve(growing *g, ptl__fill *f, int64_t count)
{
    const size_t size = ptl_itype_size(f->itype);
    if (f->lower_nnz + count > g->lower_room) {
        const int64_t room = f->lower_nnz + f->lower_nnz / 2 + count;
        PTL_TRY(ptl__grow(f->lower_nnz, room, size, &f->lower));
        g->lower_room = room;
    }
    if (f->upper_nnz + count > g->upper_room) {
        const int64_t room = f->upper_nnz + f->upper_nnz / 2 + count;
        PTL_TRY(ptl__grow(f->upper_nnz, room, size, &f->upper));
        PTL_TRY(ptl__grow(f->upper_nnz, room, sizeof *g->levels, (void **)&g->levels));
        g->upper_room = room;
    }
    return PTL_OK;
}

#define I int32_t
#define NAME(f) f##_i32
#include "fill.kern.h"
#undef I
#undef NAME

#define I int64_t
#define NAME(f) f##_i64
#include "fill.kern.h"
#undef I
#undef NAME

static ptl_status make_rows(const void *indptr, const void *indices, int64_t level, growing *g,
                            ptl__fill *f)
{
    int32_t *levels = NULL;
    void *next;
    PTL_TRY(ptl__alloc(f->rows + 1, ptl_itype_size(f->itype), &next));
    ptl_status status = PTL_NEW(f->rows, int32_t, &levels);
    if (status == PTL_OK)
        status = (f->itype == PTL_I32 ? make_rows_i32 : make_rows_i64)(indptr, indices, level, next,
                                                                       levels, g, f);
    ptl__free(next);
    ptl__free(levels);
    return status;
}

ptl_status ptl__fill_init(int64_t rows, ptl_itype itype, const void *indptr, const void *indices,
                          int64_t level, ptl__fill *fill)
{
    enum { MOST = 1 << 29 }; /* the sum of two levels and 1 fits 32 bits */
    growing g = {0};
    *fill = (ptl__fill){.rows = rows, .itype = itype};
    PTL_TRY(PTL_NEW_ZERO(rows + 1, int64_t, &fill->lower_indptr));
    PTL_TRY(PTL_NEW_ZERO(rows + 1, int64_t, &fill->upper_indptr));
    ptl_status status = make_rows(indptr, indices, level < MOST ? level : MOST, &g, fill);
    ptl__free(g.levels);
    return status;
}

void ptl__fill_clear(ptl__fill *fill)
{
    ptl__free(fill->lower_indptr);
    ptl__free(fill->upper_indptr);
    ptl__free(fill->lower);
    ptl__free(fill->upper);
    *fill = (ptl__fill){0};
}
