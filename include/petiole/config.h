/* Configuration: a solver or preconditioner described as JSON, in the form of Ginkgo's files. Needs
 * jansson at build time; without it every call here except ptl_json_release is PTL_NOT_SUPPORTED.
 *
 *     {"type": "solver::Gmres", "krylov_dim": 50,
 *      "preconditioner": {"type": "preconditioner::Jacobi"},
 *      "criteria": [{"type": "Iteration", "max_iters": 1000},
 *                   {"type": "ResidualNorm", "reduction_factor": 1e-8, "baseline": "rhs_norm"}]}
 *
 * "type" is a kind of ptl_kinds: "solver::Gmres", "Gmres" or "gmres". Its parameters have the names
 * of its table (ptl_param.name, or ptl_param.alias as in Ginkgo). A factory inside a factory is an
 * object of the same form, or a string if it has nothing but a type. Every solver also has
 *
 * - "preconditioner" (or "M"; of "ir" also "solver"): a factory;
 * - "rtol", "atol", "maxiter": short forms of criteria; rtol is 1e-5 if neither rtol nor criteria
 *   are given;
 * - "true_residual": ptl_solver_options.true_residual;
 * - "criteria": a criterion, or an array of criteria; a solve stops when any of them holds. A
 *   criterion is an object with a "type":
 *     "Iteration": "max_iters";
 *     "ResidualNorm", "ImplicitResidualNorm": "reduction_factor", and "baseline": "rhs_norm" (the
 *     default), "initial_resnorm" or "absolute";
 *     "Time": "time_limit", whole nanoseconds, or "seconds";
 *     "Divergence": "factor";
 *     "Stagnation": "window", "factor";
 *   or an object without a "type", whose entries are criteria, any of which is enough:
 *   "iteration" (or "maxiter"), "relative_residual_norm" (or "rtol"), "initial_residual_norm",
 *   "absolute_residual_norm" (or "atol"), "relative_implicit_residual_norm",
 *   "initial_implicit_residual_norm", "absolute_implicit_residual_norm", "time" (nanoseconds),
 *   "seconds", "divergence" (its factor), "stagnation" (an object), and "any" and "all", which
 *   contain criteria; with "min_iters" the other criteria do not hold before that many iterations.
 *
 * null means the default. Some keys of Ginkgo have no effect in Petiole; they are accepted if their
 * value agrees with what Petiole does: "value_type", "index_type", "local_index_type" and
 * "global_index_type" (with any value: the types are those of the matrix), "num_rhs",
 * "skip_sorting", "algorithm", "deterministic", "default_initial_guess": "provided", and the
 * "factorization" of "direct". "flexible": true makes "gmres" an "fgmres". */
#ifndef PETIOLE_CONFIG_H
#define PETIOLE_CONFIG_H

#include <petiole/export.h>
#include <petiole/factory.h>
#include <petiole/linop.h>
#include <petiole/solver.h>
#include <petiole/status.h>
#include <petiole/vector.h>

PTL_BEGIN_DECLS

/* (L) The factory that `json`, UTF-8 text, describes. PTL_FORMAT for malformed JSON and duplicate
 * keys, with line and column; for unknown keys and types (the message lists the known ones), and
 * for invalid values, with the path of the key ("criteria[1].baseline"). PTL_NOT_SUPPORTED for what
 * Petiole, or this build of it, does not have. */
PTL_API ptl_status ptl_config_factory(const char *json, ptl_factory **out) PTL_MUST_USE;
/* (L) The JSON text that describes a factory, to be freed by ptl_json_release. Reading it gives an
 * equal factory. PTL_NOT_SUPPORTED, naming it, for what no text describes: a callback, a predicate,
 * an operator that is given as the preconditioner, an infinite number, a factory of no kind. */
PTL_API ptl_status ptl_factory_json(const ptl_factory *factory, char **out) PTL_MUST_USE;
/* (L) Frees a text and sets the pointer to NULL. *json may be NULL. */
PTL_API void ptl_json_release(char **json);

/* (C) Solves A x = b from the guess in x by the solver that `json` describes: makes the factory,
 * generates the solver and calls ptl_solver_solve, and fails as these do. PTL_FORMAT if the text
 * describes something other than a solver. `out`, the log, may be NULL. */
PTL_API ptl_status ptl_config_solve(const char *json, ptl_linop *A, ptl_vector *b, ptl_vector *x,
                                    ptl_log **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
