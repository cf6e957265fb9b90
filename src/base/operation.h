/* Which operation it is, for the signatures of collective calls and for the numbers of what local
 * ones make (see ../comm/comm.h). */
#ifndef PTL_BASE_OPERATION_H
#define PTL_BASE_OPERATION_H

typedef enum ptl__operation {
    /* vectors */
    PTL__VECTOR_MAKE = 1,
    PTL__VECTOR_FROM_GLOBAL,
    PTL__DOT,
    PTL__CONJ_DOT,
    PTL__SUM,
    PTL__MEAN,
    PTL__NORM,
    PTL__GATHER,
    PTL__REDISTRIBUTE_VECTOR,
    PTL__CLONE,
    PTL__ZEROS_LIKE,
    PTL__ASTYPE,
    PTL__COMBINE,
    PTL__MAP, /* and those after it, one of each ptl_map */
    /* operators */
    PTL__OPERATOR_MAKE = 32,
    PTL__IDENTITY,
    PTL__APPLY,
    PTL__GENERATE,
    PTL__REFRESH,
    PTL__SOLVE,
    PTL__FACTORIZE,
    PTL__COMPOSE,
    PTL__SUM_OPERATORS,
    PTL__CAST,
    PTL__DIAGONAL,
    PTL__LAZY_TRANSPOSE, /* and those after it, one of each ptl_op */
    /* matrices */
    PTL__MATRIX_FROM_COO = 64,
    PTL__MATRIX_FROM_CSR,
    PTL__MATRIX_FROM_BLOCKS,
    PTL__MATRIX_FROM_LOCAL,
    PTL__CONVERT,
    PTL__TRANSPOSE,
    PTL__REDISTRIBUTE,
    PTL__ADD,
    PTL__MULTIPLY,
    PTL__SUBMATRIX,
    PTL__SCALE,
    PTL__UPDATE_VALUES,
    PTL__COUNT_ENTRIES,
    PTL__LAYERS,
    PTL__EXTENDED_BLOCK,
    /* files */
    PTL__WRITE_MATRIX,
    PTL__WRITE_VECTOR,
    /* eigenvalues */
    PTL__LOBPCG = 96,
    PTL__RAYLEIGH_RITZ,
} ptl__operation;

#endif
