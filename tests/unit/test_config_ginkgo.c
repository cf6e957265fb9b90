/* Configurations as Ginkgo's files have them: what they say, and what is refused. */
#include "config.h"

#define PRECOND(text) "{\"type\": \"solver::Cg\", \"preconditioner\": " text "}"
#define ILU(text) "{\"type\": \"preconditioner::Ilu\", \"factorization\": " text "}"
#define IC(text) "{\"type\": \"preconditioner::Ic\", \"factorization\": " text "}"

static void what_ginkgo_says_of_its_own_kinds(void **state)
{
    (void)state;
    if (ptl_kind_find("ir"))
        assert_same("{\"type\": \"solver::Ir\", \"solver\": {\"type\": \"solver::Cg\"}, "
                    "\"default_initial_guess\": \"provided\", \"relaxation_factor\": 0.5}",
                    "{\"type\": \"ir\", \"preconditioner\": \"cg\", \"relaxation\": 0.5}");
    if (ptl_kind_find("fgmres")) {
        assert_same("{\"type\": \"solver::Gmres\", \"flexible\": true, \"krylov_dim\": 7}",
                    "{\"type\": \"fgmres\", \"restart\": 7}");
        assert_same("{\"type\": \"gmres\", \"flexible\": false}", "{\"type\": \"gmres\"}");
    }
    if (ptl_kind_find("direct"))
        assert_same("{\"type\": \"solver::Direct\", \"num_rhs\": 2, \"factorization\": {\"type\": "
                    "\"factorization::Lu\", \"symbolic_type\": \"general\"}}",
                    "{\"type\": \"direct\"}");
    if (ptl_kind_find("lower_trs"))
        assert_same("{\"type\": \"solver::LowerTrs\", \"algorithm\": \"syncfree\"}",
                    "{\"type\": \"lower_trs\"}");
    if (ptl_kind_find("idr"))
        assert_same("{\"type\": \"solver::Idr\", \"deterministic\": true, \"subspace_dim\": 3}",
                    "{\"type\": \"idr\", \"s\": 3}");
}

static void ginkgos_factorizations_choose_a_kind(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {ILU("{\"type\": \"factorization::ParIlu\", \"iterations\": 5, \"l_strategy\": "
             "\"classical\","
             " \"u_strategy\": \"sparselib\", \"skip_sorting\": true}"),
         "{\"type\": \"ilu\"}"},
        {ILU("\"factorization::Ilu\""), "{\"type\": \"ilu\"}"},
        {ILU("{\"type\": \"factorization::Ilu\", \"level\": 2, \"algorithm\": \"syncfree\"}"),
         "{\"type\": \"ilu\", \"level\": 2}"},
        {ILU("{\"type\": \"factorization::ParIlut\", \"fill_in_limit\": 3, \"iterations\": 5,"
             " \"approximate_select\": false, \"deterministic_sample\": true}"),
         "{\"type\": \"ilut\", \"fill\": 3}"},
        {ILU("{\"type\": \"factorization::Lu\", \"symbolic_algorithm\": \"general\"}"),
         "{\"type\": \"direct\"}"},
        {ILU("{\"type\": \"factorization::Cholesky\"}"), "{\"type\": \"direct\"}"},
        {ILU("{\"type\": \"factorization::Ic\"}"), "{\"type\": \"ic\"}"},
        {IC("{\"type\": \"factorization::Ic\", \"both_factors\": true}"), "{\"type\": \"ic\"}"},
        {IC("{\"type\": \"factorization::ParIc\", \"iterations\": 3, \"both_factors\": false}"),
         "{\"type\": \"ic\"}"},
        {IC("{\"type\": \"factorization::ParIct\", \"fill_in_limit\": 2.0, \"lt_strategy\": "
            "\"classical\"}"),
         "{\"type\": \"ic\", \"level\": 1}"},
        {IC("\"factorization::ParIct\""), "{\"type\": \"ic\", \"level\": 1}"},
        {IC("{\"type\": \"factorization::ParIct\", \"level\": 0}"), "{\"type\": \"ic\"}"},
        {"{\"type\": \"factorization::ParIlut\", \"fill_in_limit\": 2}",
         "{\"type\": \"ilut\", \"fill\": 2}"},
        {PRECOND("\"factorization::Cholesky\""), PRECOND("\"direct\"")},
        {"{\"type\": \"preconditioner::Ilu\", \"reverse_apply\": false, \"l_solver\": {\"type\": "
         "\"solver::LowerTrs\", \"num_rhs\": 2, \"unit_diagonal\": true}, \"u_solver\": "
         "\"solver::UpperTrs\", \"factorization\": {\"type\": \"factorization::ParIlu\"}}",
         "{\"type\": \"ilu\"}"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_same(same[i][0], same[i][1]);
}

static void what_ginkgo_says_of_preconditioners(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"{\"type\": \"preconditioner::Jacobi\", \"max_block_size\": 4, \"skip_sorting\": true, "
         "\"storage_optimization\": [0, 1], \"accuracy\": 0.1, \"aggregate_l1\": true, "
         "\"max_block_stride\": 32}",
         "{\"type\": \"jacobi\", \"block_size\": 4, \"l1\": true}"},
        {"{\"type\": \"jacobi\", \"storage_optimization\": true}", "{\"type\": \"jacobi\"}"},
        {"{\"type\": \"preconditioner::Isai\", \"isai_type\": \"spd\", \"sparsity_power\": 2, "
         "\"excess_limit\": 0, \"excess_solver_reduction\": 1e-6}",
         "{\"type\": \"isai\", \"symmetry\": \"spd\", \"power\": 2}"},
        {"{\"type\": \"preconditioner::Sor\", \"symmetric\": true, \"relaxation_factor\": 1.5, "
         "\"l_solver\": {\"type\": \"solver::LowerTrs\"}}",
         "{\"type\": \"sor\", \"sweep\": \"symmetric\", \"relaxation\": 1.5}"},
        {"{\"type\": \"preconditioner::GaussSeidel\", \"symmetric\": true}",
         "{\"type\": \"gauss_seidel\", \"sweep\": \"symmetric\"}"},
        {"{\"type\": \"preconditioner::GaussSeidel\", \"symmetric\": false}",
         "{\"type\": \"gauss_seidel\"}"},
        {"{\"type\": \"preconditioner::Schwarz\", \"local_solver\": " ILU(
             "\"factorization::ParIlut\"") ", \"l1_smoother\": true, \"coarse_level\": {\"type\": "
                                           "\"multigrid::Pgm\", \"max_iterations\": 15, "
                                           "\"deterministic\": true}, \"coarse_solver\": "
                                           "{\"type\": \"solver::Direct\"}, \"coarse_weight\": "
                                           "-1.0}",
         "{\"type\": \"schwarz\", \"local\": \"ilut\", \"l1\": true, \"coarse\": \"direct\"}"},
        {"{\"type\": \"solver::Idr\", \"kappa\": 0.5, \"complex_subspace\": false, \"value_type\": "
         "\"float16\"}",
         "{\"type\": \"idr\", \"kappa\": 0.5}"},
        {"{\"type\": \"solver::Chebyshev\", \"foci\": [0.5, 2]}",
         "{\"type\": \"chebyshev\", \"bounds\": [0.5, 2]}"},
        {"{\"type\": \"solver::Gmres\", \"ortho_method\": \"cgs2\", \"krylov_dim\": 5, "
         "\"value_type\": \"half\"}",
         "{\"type\": \"gmres\", \"orthogonalization\": \"cgs2\", \"restart\": 5}"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_same(same[i][0], same[i][1]);
}

static void what_ginkgo_has_and_we_have_not_is_refused(void **state)
{
    (void)state;
    static const refused formats[] = {
        {PRECOND(ILU("{\"type\": \"factorization::ParIlus\"}")),
         "preconditioner.factorization.type: unknown type; known: solver::Cg"},
        {PRECOND(ILU("{\"type\": \"preconditioner::Jacobi\"}")),
         "preconditioner.factorization: unknown factorization; known: factorization::Ilu, "
         "factorization::ParIlu, factorization::ParIlut, factorization::Lu, factorization::Ic"},
        {IC("{\"type\": \"factorization::ParIlu\"}"),
         "factorization: unknown factorization; known: factorization::Ic, factorization::ParIc"},
        {ILU("{\"type\": \"factorization::ParIlu\", \"fill_in_limit\": 2}"),
         "factorization.fill_in_limit: unknown key; known: type, level, ordering, pivot"},
        {ILU("{\"type\": \"factorization::ParIlu\", \"iterations\": 2.5}"),
         "factorization.iterations: expected a whole number"},
        {ILU("[]"), "factorization: expected an object"},
        {ILU("{}"), "factorization.type: is missing"},
        {"{\"type\": \"ilu\", \"level\": 1, \"factorization\": \"factorization::Ilu\"}",
         "level: belongs in the factorization"},
        {"{\"type\": \"ilu\", \"iterations\": 3}", "iterations: unknown key"},
        {"{\"type\": \"ilu\", \"reverse_apply\": true}", "reverse_apply: expected false, got true"},
        {PRECOND("{\"type\": \"ilu\", \"l_solver\": {\"type\": \"preconditioner::Isai\"}}"),
         "preconditioner.l_solver.type: unknown value; known: solver::LowerTrs"},
        {"{\"type\": \"ilu\", \"u_solver\": {\"type\": \"solver::UpperTrs\", \"wide\": 1}}",
         "u_solver.wide: unknown key; known: type, unit_diagonal"},
        {"{\"type\": \"ilu\", \"u_solver\": {}}", "u_solver: has no \"type\""},
        {"{\"type\": \"isai\", \"isai_type\": \"lower\"}",
         "isai_type: unknown value; known: general, spd"},
        {"{\"type\": \"sor\", \"symmetric\": true, \"sweep\": \"backward\"}",
         "symmetric: sweep is given too"},
        {"{\"type\": \"jacobi\", \"storage_optimization\": [1]}",
         "storage_optimization: expected true, false or two whole numbers"},
        {"{\"type\": \"schwarz\", \"coarse_weight\": 0.5}",
         "coarse_weight: expected a negative number"},
        {"{\"type\": \"schwarz\", \"coarse_level\": {\"type\": \"multigrid::Pgm\", \"n\": 1}}",
         "coarse_level.n: unknown key; known: type, value_type"},
        {"{\"type\": \"schwarz\", \"coarse_level\": {\"type\": \"multigrid::Pgm\", "
         "\"deterministic\": \"x\"}}",
         "coarse_level.deterministic: expected true or false"},
        {"{\"type\": \"ilu\", \"u_solver\": {\"type\": \"solver::UpperTrs\", \"unit_diagonal\": "
         "true}}",
         "u_solver.unit_diagonal: expected false, got true"},
        {"{\"type\": \"sor\", \"l_solver\": {\"type\": \"solver::LowerTrs\", \"unit_diagonal\": "
         "\"maybe\"}}",
         "l_solver.unit_diagonal: expected true or false"},
        {"{\"type\": \"ilu\", \"l_solver\": {\"type\": \"solver::LowerTrs\", \"criteria\": []}}",
         "l_solver.criteria: unknown key; known: type, unit_diagonal"},
        {"{\"type\": \"direct\", \"factorization\": {\"type\": \"factorization::Lu\", "
         "\"gather_limit\": 5}}",
         "factorization.gather_limit: unknown key; known: type, value_type"},
        {"{\"type\": \"schwarz\", \"generated_local_solver\": \"mine\"}",
         "generated_local_solver: unknown key; known: type, local, local_solver"},
        {"{\"type\": \"idr\", \"kappa\": 1.5}", "kappa is 1.5, expected a number between 0 and 1"},
    };
    static const refused absent[] = {
        {"{\"type\": \"solver::CbGmres\", \"storage_precision\": \"reduce1\"}",
         "type: there is no solver::CbGmres; use solver::Gmres"},
    };
    assert_refused(formats, sizeof formats / sizeof *formats, PTL_FORMAT);
    assert_refused(absent, sizeof absent / sizeof *absent, PTL_NOT_SUPPORTED);
}

static void without_jansson_there_is_no_reader(void **state)
{
    (void)state;
    ptl_factory *factory;
    assert_int_equal(ptl_config_factory(ILU("\"factorization::Ilu\""), &factory),
                     PTL_NOT_SUPPORTED);
    assert_null(factory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ginkgo_says_of_its_own_kinds),
        cmocka_unit_test(ginkgos_factorizations_choose_a_kind),
        cmocka_unit_test(what_ginkgo_says_of_preconditioners),
        cmocka_unit_test(what_ginkgo_has_and_we_have_not_is_refused),
    };
    const struct CMUnitTest without[] = {
        cmocka_unit_test(without_jansson_there_is_no_reader),
    };
    return is_supported() ? cmocka_run_group_tests(tests, NULL, NULL)
                          : cmocka_run_group_tests(without, NULL, NULL);
}
