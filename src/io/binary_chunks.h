/* Reading a binary file's sections: what is handed out has passed its checksums. */
#ifndef PTL_IO_BINARY_CHUNKS_H
#define PTL_IO_BINARY_CHUNKS_H

#include "binary_format.h"

/* One reader, best of one section: it keeps the chunks that it has read last. Begins as {.file,
 * .header}; to be ended by clear. */
typedef struct ptl__binary_reader {
    const ptl__file *file;            /* borrowed */
    const ptl__binary_header *header; /* borrowed */
    int64_t first, count;             /* the chunks in `data` */
    char *data;
    uint32_t *table; /* their checksums */
} ptl__binary_reader;

/* (L) Bytes of a section. PTL_IO; PTL_FORMAT where a chunk does not fit its checksum. */
ptl_status ptl__binary_read(ptl__binary_reader *r, int64_t offset, int64_t bytes,
                            void *to) PTL_MUST_USE;
void ptl__binary_reader_clear(ptl__binary_reader *r);

#endif
