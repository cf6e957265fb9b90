/* Preconditioner factories. A preconditioner M is close to A^-1 and cheap to apply. It is generated
 * from the entries of A, a matrix or a local format of any storage: generate is PTL_NOT_SUPPORTED
 * for operators without entries, such as user code, and PTL_DIMENSION if A is not square.
 *
 * For a matrix on several ranks, each rank generates its preconditioner from its local block, the
 * rows and columns that it owns (except ptl_schwarz_factory). Applying it needs no messages. This
 * is block Jacobi over the ranks, or Schwarz without overlap, so M, and the number of iterations of
 * a solve, depend on the partition.
 *
 * ptl_linop_refresh updates M to the values of another matrix of the same pattern. Row numbers in
 * messages are global. */
#ifndef PETIOLE_PRECOND_H
#define PETIOLE_PRECOND_H

#include <stddef.h>

#include <petiole/export.h>
#include <petiole/factorization.h>
#include <petiole/factory.h>
#include <petiole/linop.h>
#include <petiole/status.h>

PTL_BEGIN_DECLS

/* Initialise each options struct with its macro, then set fields (see kind.h). */

typedef struct ptl_jacobi_options {
    size_t size;
    int64_t block_size; /* rows of a block, 1 to 64 */
    int detect;         /* 1: a block is up to block_size neighbouring rows of the same pattern */
    int l1; /* 1: the absolute values of a row's entries outside of its block are added to its
               diagonal entry, with the sign (phase) of that entry */
} ptl_jacobi_options;
#define PTL_JACOBI_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(ptl_jacobi_options), 1, 0, 0                                                        \
    }

/* (L) Jacobi: M = D^-1 with D the diagonal of A, or its diagonal blocks (Saad, Iterative Methods
 * for Sparse Linear Systems, 2nd ed., 10.2 and 4.1.1); with `l1` a smoother that never diverges
 * for symmetric positive definite A (Baker, Falgout, Kolev and Yang, SIAM J. Sci. Comput. 33, 2011,
 * section 4.1). A block does not cross from one rank to the next; the last block of a rank may be
 * smaller. generate is PTL_INVALID, with the row, if an entry of the diagonal is 0 or not finite,
 * or a block is singular. options may be NULL. */
PTL_API ptl_status ptl_jacobi_factory(const ptl_jacobi_options *options,
                                      ptl_factory **out) PTL_MUST_USE;

/* (L) M = (L U)^-1 by ptl_factorize_ilu of each rank's local block. M is a factorization
 * (ptl_linop_as_factorization). options may be NULL. */
PTL_API ptl_status ptl_ilu_factory(const ptl_ilu_options *options, ptl_factory **out) PTL_MUST_USE;
/* (L) M = (L L^H)^-1 by ptl_factorize_ic: Hermitian positive definite. The same otherwise. */
PTL_API ptl_status ptl_ic_factory(const ptl_ic_options *options, ptl_factory **out) PTL_MUST_USE;
/* (L) M = (L U)^-1 by ptl_factorize_ilut. The same otherwise. */
PTL_API ptl_status ptl_ilut_factory(const ptl_ilut_options *options,
                                    ptl_factory **out) PTL_MUST_USE;

typedef enum ptl_isai { PTL_ISAI_GENERAL, PTL_ISAI_SPD } ptl_isai;
typedef struct ptl_isai_options {
    size_t size;
    int symmetry;  /* a ptl_isai */
    int64_t power; /* M has the pattern of A^power, from 1 on */
} ptl_isai_options;
#define PTL_ISAI_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(ptl_isai_options), PTL_ISAI_GENERAL, 1                                              \
    }

/* (L) Incomplete sparse approximate inverses, which are applied by products, without triangular
 * solves. PTL_ISAI_GENERAL: M has the pattern of A^power, and M A is the identity on it (Anzt,
 * Huckle, Bräckle and Dongarra, Parallel Computing 71, 2018). PTL_ISAI_SPD, for Hermitian positive
 * definite A: M = W^H W, where W has the lower triangle of that pattern and approximates the
 * inverse of A's Cholesky factor (Kolotilina and Yeremin, SIAM J. Matrix Anal. Appl. 14, 1993); M
 * is Hermitian positive definite. generate is PTL_INVALID, with the row, if the small system of a
 * row is singular or not positive definite. options may be NULL. */
PTL_API ptl_status ptl_isai_factory(const ptl_isai_options *options,
                                    ptl_factory **out) PTL_MUST_USE;

typedef enum ptl_sweep { PTL_SWEEP_FORWARD, PTL_SWEEP_BACKWARD, PTL_SWEEP_SYMMETRIC } ptl_sweep;
typedef struct ptl_sor_options {
    size_t size;
    int sweep;         /* a ptl_sweep */
    double relaxation; /* omega, between 0 and 2 */
} ptl_sor_options;
typedef struct ptl_gauss_seidel_options {
    size_t size;
    int sweep;    /* a ptl_sweep */
    int reserved; /* 0 */
} ptl_gauss_seidel_options;
#define PTL_SOR_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(ptl_sor_options), PTL_SWEEP_FORWARD, 1                                              \
    }
#define PTL_GAUSS_SEIDEL_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(ptl_gauss_seidel_options), PTL_SWEEP_FORWARD, 0                                     \
    }

/* (L) One sweep of successive over-relaxation from zero: with A = L + D + U, M = (D / omega +
 * L)^-1; backward with U in place of L; symmetric is a forward sweep followed by a backward one, M
 * = (2 - omega) / omega (D / omega + U)^-1 D (D / omega + L)^-1, which is Hermitian positive
 * definite if A is (Saad, 2nd ed., 4.1 and 10.2). Gauss-Seidel is omega = 1. generate is
 * PTL_INVALID, with the row, if an entry of the diagonal is 0 or not finite. options may be NULL.
 */
PTL_API ptl_status ptl_sor_factory(const ptl_sor_options *options, ptl_factory **out) PTL_MUST_USE;
PTL_API ptl_status ptl_gauss_seidel_factory(const ptl_gauss_seidel_options *options,
                                            ptl_factory **out) PTL_MUST_USE;

typedef enum ptl_coarse_mode { PTL_COARSE_ADDITIVE, PTL_COARSE_MULTIPLICATIVE } ptl_coarse_mode;
typedef struct ptl_schwarz_options {
    size_t size;
    /* The local solver: a factory, which each rank applies to its extended block (a ptl_csr on one
     * process), or an existing operator on one process with that block's rows. Retained; at most
     * one of the two; none: Ilu. */
    ptl_factory *local;
    ptl_linop *local_operator;
    int64_t overlap; /* layers of the matrix graph around the owned rows */
    int restricted;  /* 1: on each row the owner's result alone; 0: the sum of the ranks' results */
    int weighted;    /* 1: rows in several blocks are weighted, see below; needs restricted 0 */
    int l1; /* 1: entries outside of the block are added to the diagonal, as in ptl_jacobi_options
             */
    ptl_factory *coarse; /* solver of the coarse level; retained; NULL: no coarse level */
    ptl_linop *
        restriction; /* R, a matrix of coarse rows x A's rows; retained; NULL: made of aggregates */
    int coarse_mode; /* a ptl_coarse_mode */
    int64_t aggregate_size; /* approximate number of rows of an aggregate */
} ptl_schwarz_options;
#define PTL_SCHWARZ_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(ptl_schwarz_options), NULL, NULL, 0, 1, /* restricted */                            \
            0, 0, NULL, NULL, PTL_COARSE_ADDITIVE, 64  /* aggregate_size */                        \
    }

/* (L) Schwarz: M = sum_i R_i^T A_i^-1 R_i over the ranks, where A_i is A restricted to the rows
 * that rank i owns and `overlap` layers around them, whose rows are fetched from their owners, and
 * A_i^-1 is the operator that `local` generates from A_i (Smith, Bjorstad and Gropp, Domain
 * Decomposition, 1996, section 1.3). Each layer consists of the columns that occur in the rows of
 * the layer before. Without `restricted` M is that sum, which is symmetric if the A_i^-1 are.
 * `restricted`, the default, uses on each row the result of its owner alone. It needs one message
 * less and usually fewer iterations, but with an overlap M is not symmetric (Cai and Sarkis, SIAM
 * J. Sci. Comput. 21, 1999): use it with ptl_gmres_factory and other methods for any A;
 * ptl_cg_factory needs the sum and may otherwise not converge.
 *
 * `weighted` is a sum too and as symmetric, with W_i A_i^-1 W_i in place of A_i^-1. W_i is
 * diagonal; the squares of a row's weights sum to 1 over the blocks that contain the row, and the
 * owner's square is twice that of each other rank (weights that sum to 1 without the squares:
 * Haferssas, Jolivet and Nataf, SIAM J. Sci. Comput. 39, 2017). The weights keep an incomplete
 * factorization's eigenvalues from being counted twice in an overlap. Matrices from meshes take
 * fewer iterations than with the plain sum; matrices whose entries vary by orders of magnitude take
 * many more.
 *
 * With a coarse level M_0 = R^H (R A R^H)^-1 R, from a given R or from aggregates of rows that each
 * rank finds (Vanek, Mandel and Brezina, Computing 56, 1996, section 5.1): additive, M + M_0; or
 * multiplicative, M_0 + (I - M_0 A) M (I - A M_0), which stays symmetric (Tang, Nabben, Vuik and
 * Erlangga, J. Sci. Comput. 39, 2009, P_BNN). A row without entries outside the diagonal is in no
 * aggregate. A row of the coarse matrix that consists of rounding errors alone (its sums cancel)
 * counts as zeros: a coarse solver either refuses such a row or ignores it.
 *
 * Row numbers in messages about a block are local to it: first the rows that the rank owns, in
 * local order, then those of the overlap, by owner and index. generate is PTL_NOT_SUPPORTED for an
 * overlap if the matrix was made by ptl_matrix_from_local on several ranks, or its row and column
 * partitions differ; PTL_DIMENSION and PTL_DTYPE if an operator or R does not fit. A refresh
 * generates the parts again that cannot be refreshed; an operator that was given stays as it is.
 * options may be NULL. */
PTL_API ptl_status ptl_schwarz_factory(const ptl_schwarz_options *options,
                                       ptl_factory **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
