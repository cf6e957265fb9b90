/* Configuration: a solver or preconditioner described as JSON, in the form of Ginkgo's files. Needs
 * jansson at build time; without it every call here but ptl_json_release is PTL_NOT_SUPPORTED.
 *
 *     {"type": "solver::Gmres", "krylov_dim": 50,
 *      "preconditioner": {"type": "preconditioner::Jacobi"},
 *      "criteria": [{"type": "Iteration", "max_iters": 1000},
 *                   {"type": "ResidualNorm", "reduction_factor": 1e-8, "baseline": "rhs_norm"}]}
 *
 * "type" is a kind of ptl_kinds: "solver::Gmres", "Gmres" or "gmres". Its parameters have the names
 * of its table (ptl_param.name, or ptl_param.alias as in Ginkgo). A factory inside a factory is an
 * object like the whole, or a string where nothing but its type is to be said. Every solver also
 * has
 *
 * - "preconditioner" (or "M"; of "ir" also "solver"): a factory;
 * - "rtol", "atol", "maxiter": as criteria; rtol is 1e-5 where neither it nor criteria are given;
 * - "true_residual": ptl_solver_options.true_residual;
 * - "criteria": a solve stops where any of them holds. They are a criterion or an array of them. A
 *   criterion is an object with a "type":
 *     "Iteration": "max_iters";
 *     "ResidualNorm", "ImplicitResidualNorm": "reduction_factor" and, else "rhs_norm", "baseline":
 *       "rhs_norm", "initial_resnorm" or "absolute";
 *     "Time": "time_limit", whole nanoseconds, or "seconds";
 *     "Divergence": "factor";
 *     "Stagnation": "window", "factor";
 *   or an object without one, whose entries are criteria, any of which is enough: "iteration" (or
 *   "maxiter"), "relative_residual_norm" (or "rtol"), "initial_residual_norm",
 *   "absolute_residual_norm" (or "atol"), "relative_implicit_residual_norm",
 *   "initial_implicit_residual_norm", "absolute_implicit_residual_norm", "time" (nanoseconds),
 *   "seconds", "divergence" (its factor), "stagnation" (an object), and "any" and "all", which hold
 *   criteria; "min_iters" keeps the others from holding before so many iterations.
 *
 * null stands for the default. Keys of Ginkgo's that choose nothing here are accepted where their
 * value can be met: "value_type", "index_type", "local_index_type" and "global_index_type" (types
 * are those of the matrix, whatever they say), "num_rhs", "skip_sorting", "algorithm",
 * "deterministic", "default_initial_guess": "provided", and the "factorization" of "direct".
 * "flexible": true makes "gmres" an "fgmres". */
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
 * keys, with line and column; for unknown keys and types (the message lists those that are known),
 * and for values that cannot be, with the path of the key ("criteria[1].baseline").
 * PTL_NOT_SUPPORTED for what cannot be made here. */
PTL_API ptl_status ptl_config_factory(const char *json, ptl_factory **out) PTL_MUST_USE;
/* (L) The JSON text that describes a factory, ended by ptl_json_release: reading it gives an equal
 * factory. PTL_NOT_SUPPORTED, naming it, for what no text describes: a callback, a predicate, an
 * operator that is given as the preconditioner, an infinite number, a factory of no kind. */
PTL_API ptl_status ptl_factory_json(const ptl_factory *factory, char **out) PTL_MUST_USE;
/* (L) Ends a text and sets the pointer to NULL. NULL is let through. */
PTL_API void ptl_json_release(char **json);

/* (C) Solves A x = b from the guess in x by the solver that `json` describes: factory, generate and
 * ptl_solver_solve in one, with their failures. PTL_FORMAT where it describes no solver. `out`, the
 * log, may be NULL. */
PTL_API ptl_status ptl_config_solve(const char *json, ptl_linop *A, ptl_vector *b, ptl_vector *x,
                                    ptl_log **out) PTL_MUST_USE;

PTL_END_DECLS

#endif
