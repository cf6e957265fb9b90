/* A piece of a MatrixMarket file. The data is cut into as many pieces per rank as keep a piece
 * small; a line belongs to the piece in which it begins. */
#ifndef PTL_IO_MTX_PIECE_H
#define PTL_IO_MTX_PIECE_H

#include "mtx_parse.h"

enum {
    PTL__MTX_PIECE = 4 << 20,    /* bytes */
    PTL__MTX_LONGEST = 64 << 10, /* line with data */
};

/* What takes this rank's entries as they come. */
typedef ptl_status ptl__mtx_take(void *ctx, int64_t count, const ptl__pair *pairs,
                                 const void *values);

/* A file being read. */
typedef struct ptl__mtx_reading {
    ptl_comm *comm;
    const ptl__file *file;
    ptl__mtx_kind kind;
    int64_t number; /* of this rank's next line with data, in the whole file */
    int threads;
    const ptl_partition *partition; /* of the rows */
    ptl__mtx_take *take;
    void *ctx;
    /* The piece at hand: ptl__mtx_text_room bytes, and its entries. */
    char *text;
    int64_t room; /* entries */
    int64_t *rows;
    ptl__pair *pairs;
    void *values;
} ptl__mtx_reading;

/* Bytes [begin, end) of the file. */
typedef struct ptl__mtx_span {
    int64_t begin, end;
} ptl__mtx_span;

/* The lines that begin there, in r->text, and the byte of the file where they begin. */
typedef struct ptl__mtx_piece {
    const char *begin, *end;
    int64_t offset;
} ptl__mtx_piece;

/* What is wrong with the file, on the rank that has found it. */
typedef struct ptl__mtx_trouble {
    int64_t byte; /* where the line begins; INT64_MAX: nothing is wrong */
    char what[160];
} ptl__mtx_trouble;

/* Bytes that any piece's text needs, with what ends it. */
int64_t ptl__mtx_text_room(const ptl__mtx_reading *r);
void ptl__mtx_free_entries(ptl__mtx_reading *r);

/* How many pieces each rank has: the same on all. */
int64_t ptl__mtx_pieces(const ptl__mtx_reading *r);
/* This rank's k-th piece. */
ptl__mtx_span ptl__mtx_span_of(const ptl__mtx_reading *r, int64_t k);

/* (L) Reads the lines of a piece. */
ptl_status ptl__mtx_load(ptl__mtx_reading *r, ptl__mtx_span s, ptl__mtx_piece *out,
                         ptl__mtx_trouble *t) PTL_MUST_USE;
/* (L) Its entries, *count of them, to r->rows, r->pairs and r->values. `first`: the number of its
 * first line with data; *lines: how many it has. */
ptl_status ptl__mtx_parse_piece(ptl__mtx_reading *r, const ptl__mtx_piece *p, int64_t first,
                                int64_t *lines, int64_t *count,
                                ptl__mtx_trouble *trouble) PTL_MUST_USE;

#endif
