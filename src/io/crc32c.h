/* CRC-32C (Castagnoli), in parts: of bytes that are not all in one place. A part's register starts
 * with 0 and is not inverted; registers of disjoint parts of one message, each advanced to its end,
 * add up by exclusive or. */
#ifndef PTL_IO_CRC32C_H
#define PTL_IO_CRC32C_H

#include <stdint.h>

/* The register after `bytes` more bytes; after as many zeros. */
uint32_t ptl__crc_add(uint32_t reg, const void *data, int64_t bytes);
uint32_t ptl__crc_zeros(uint32_t reg, int64_t bytes);

/* The checksum of a message of `bytes` bytes whose register, from 0 on, is `reg`. */
uint32_t ptl__crc_of(uint32_t reg, int64_t bytes);

#endif
