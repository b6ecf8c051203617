"""`--parity-implementation`: tests without a file, and what a wrong name is answered."""

import pytest

from tests.pytest_plugin.outcomes import ALL, named, outcomes


def test_a_right_implementation_passes_all_there_is_with_no_test_file(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:right", "--parity-examples", "3")
    assert result.ret == pytest.ExitCode.OK
    assert list(outcomes(result)) == ALL
    assert named(result, "PASSED") == set(ALL)
    result.stdout.fnmatch_lines(
        [
            "*= rnn-parity =*",
            (
                "mine:right: 13? cases agree (36 tests); worst ratio 0.* over * outputs, "
                "*% of which had to be equal; *"
            ),
        ]
    )


def test_a_notebook_function_is_recognised_by_its_signature(run_plugin):
    result = run_plugin(
        "-v", "--parity-implementation", "mine.py:notebook", "--parity-examples", "8"
    )
    assert result.ret == pytest.ExitCode.OK
    assert {"nonlinearity[tanh]", "bias[False]", "everything", "sight", "determinism"} <= named(
        result, "PASSED"
    )
    assert {"nonlinearity[relu]", "num_layers[2]", "mask[zero]", "initial_state"} <= named(
        result, "SKIPPED"
    )


@pytest.mark.long
def test_a_notebook_function_computes_what_the_limits_say(run_plugin, mine):
    mine.makepyfile(
        relu="""
        import numpy as np
        def rnn(inputs, W, U, b):
            h, outputs = 0 * b, []
            for x in inputs:
                h = np.maximum(W @ x + U @ h + b, 0)
                outputs.append(h)
            return np.stack(outputs)
        """
    )
    words = ("-v", "--parity-implementation", "relu.py:rnn", "--parity-examples", "8")
    result = run_plugin(*words, "--parity-limit", "nonlinearity=relu")
    assert result.ret == pytest.ExitCode.OK
    assert {"nonlinearity[relu]", "everything"} <= named(result, "PASSED")
    assert run_plugin(*words).ret == pytest.ExitCode.TESTS_FAILED


def test_a_wrong_one_fails_with_the_whole_finding_and_a_saved_case(run_plugin, mine):
    result = run_plugin(
        "-v",
        "--parity-implementation",
        "mine:transposed",
        "--parity-examples",
        "8",
        "-k",
        "num_layers or inputs",
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == {"num_layers[1]"}
    assert named(result, "PASSED") == {"inputs_untouched"}
    result.stdout.fnmatch_lines(
        [
            "*_ num_layers[[]1[]] of mine:transposed _*",
            (
                "mine:transposed differs on * cases: "
                "* outputs lie outside what right arithmetic can give"
            ),
            "  where       layer 0, direction 0, batch *, time 1, unit 0 (the first that differs)",
            "  diagnosis   Matches with U transposed: U is used as its own transpose.*",
            "    @example(case=case)  # above the test, below @given(case=cases())",
            (
                "  saved as    rnn-parity-failures/mine-transposed-*.case; "
                "replay it with: rnn-parity explain *-transposed-*.case"
            ),
            "FAILED rnn-parity::mine:transposed::num_layers[[]1[]] - mine:transposed differs*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert len(list(mine.path.glob("rnn-parity-failures/*.case"))) == 1


def test_a_variant_that_is_not_there_is_one_sentence_and_all_is_written_out(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "numpy/nosuch", "-k", "bias")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["--parity-implementation: numpy has no variant 'nosuch'; it has none"]
    )
    assert (
        "rnn-parity::numpy::sight"
        in run_plugin("--co", "-q", "--parity-implementation", "numpy/all").stdout.str()
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "nosuch:run",
            (
                "--parity-implementation: nosuch cannot be imported: "
                "ModuleNotFoundError: No module named 'nosuch'"
            ),
        ),
        (
            "torhc",
            (
                "--parity-implementation: implementation is 'torhc', "
                "expected one of numpy, torch, keras, *"
            ),
        ),
    ],
)
def test_an_implementation_that_is_not_there_is_an_error_of_collection(run_plugin, name, sentence):
    result = run_plugin("--parity-implementation", name)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([sentence])


def test_what_cannot_be_used_fails_and_stops_no_other_test(run_plugin):
    names = ("mine:nosuch", "mine:right")
    words = [word for name in names for word in ("--parity-implementation", name)]
    result = run_plugin(*words, "--parity-examples", "2", "-k", "import or inputs", "-v")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == {"import"}
    assert named(result, "PASSED") == {"inputs_untouched"}
    sentence = "mine has no function nosuch; it has notebook, transposed, *"
    result.stdout.fnmatch_lines([f"--parity-implementation: {sentence}"])
    assert "Traceback" not in result.stdout.str()


def test_a_framework_that_is_not_installed_is_an_error_of_collection(run_plugin, monkeypatch):
    monkeypatch.setattr("references._missing", lambda reference: list(reference.needs))
    result = run_plugin("--parity-implementation", "torch")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    install = "which is not installed: pip install 'rnn-parity[[]torch[]]'"
    result.stdout.fnmatch_lines([f"--parity-implementation: torch needs torch, {install}"])


def test_the_set_runs_beside_a_users_tests_or_alone_by_its_marker(run_plugin, mine):
    mine.makepyfile(test_own="def test_own(): pass")
    words = (
        "--strict-markers",
        "--parity-implementation",
        "mine:right",
        "--parity-examples",
        "1",
        "--parity-limit",
        "time=3",
    )
    both = run_plugin("--co", "-q", *words).stdout.str()
    assert both.startswith("test_own.py::test_own\n")
    assert both.count("rnn-parity::") == 37
    alone = run_plugin("--co", "-q", "-m", "parity", *words).stdout.str()
    assert "test_own" not in alone
    assert alone.count("rnn-parity::") == 37


def test_limits_of_its_own_that_cannot_be_are_one_sentence(run_plugin):
    result = run_plugin("--parity-implementation", "mine:mistyped", "-k", "sight")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "--parity-implementation: the limits of mine:mistyped are wrong: "
            "nonlinearty is no limit; *"
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_limits_without_a_cell_are_of_an_rnn_as_for_verify(run_plugin):
    result = run_plugin("--parity-implementation", "mine:one_cell", "-k", "cell or everything")
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] >= 2


def test_all_that_failed_is_run_again_by_lf(run_plugin, mine):
    words = ("-v", "--parity-implementation", "mine:transposed", "--parity-examples", "3")
    words += ("-p", "cacheprovider")
    failures = named(run_plugin(*words, "-k", "time or batch"), "FAILED")
    assert any("[" in name for name in failures)
    again = run_plugin(*words, "--lf", "-k", "time or batch")
    assert named(again, "FAILED") == failures
    again.assert_outcomes(failed=len(failures), deselected=again.parseoutcomes()["deselected"])
