"""`--parity-implementation`: which tests there are without a file, what each catches, and what a mistaken command is told."""

import re

import pytest

ALL = re.findall(
    r"\S+",
    """nonlinearity[tanh] nonlinearity[relu] nonlinearity[linear] nonlinearity[sigmoid] nonlinearity[softsign] num_layers[1] num_layers[2]
num_layers[3] bidirectional[False] bidirectional[True] bias[False] bias[True] go_backwards[False] go_backwards[True] dtype[float32]
dtype[float64] input_size[1] input_size[many] hidden_size[1] hidden_size[many] time[1] time[many] batch[1] batch[many] initial_state
mask[repeat] mask[zero] exact rounded second_weights determinism inputs_untouched everything sight""",
)


def outcomes(result):
    """Test name -> outcome."""
    lines = re.findall(
        r"^rnn-parity::\S*?::(\S+) (PASSED|FAILED|SKIPPED|XFAIL)", result.stdout.str(), re.MULTILINE
    )
    return dict(lines)


def named(result, outcome):
    return {name for name, found in outcomes(result).items() if found == outcome}


def test_a_right_implementation_passes_all_there_is_with_no_test_file(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:right", "--parity-examples", "8")
    assert result.ret == pytest.ExitCode.OK
    assert list(outcomes(result)) == ALL
    assert named(result, "PASSED") == set(ALL)
    result.stdout.fnmatch_lines(
        [
            "*= rnn-parity =*",
            "mine:right: 320 cases agree (32 tests); worst ratio 0.* over * outputs, *% of which had to be equal; *",
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
            "mine:transposed differs: * outputs lie outside what right arithmetic can give",
            "  where       layer 0, direction 0, batch 0, time 1, unit 0 (the first that differs)",
            "  diagnosis   Matches with U transposed: U is used as its own transpose.*",
            "    @example(case=case)  # above the test, below @given(case=cases())",
            "  saved as    rnn-parity-failures/mine-transposed-*.case; replay it with: rnn-parity explain *-transposed-*.case",
            "FAILED rnn-parity::mine:transposed::num_layers[[]1[]] - mine:transposed differs:*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert len(list(mine.path.glob("rnn-parity-failures/*.case"))) == 1


@pytest.mark.parametrize(
    ("name", "failing", "sentence"),
    [
        (
            "no_relu",
            {"nonlinearity[relu]", "everything"},
            "mine:no_relu differs: * outputs lie outside what right arithmetic can give",
        ),
        (
            "writes",
            {"inputs_untouched"},
            "mine:writes wrote into case.inputs, which belongs to the caller: copy it first.",
        ),
        (
            "remembers",
            {"second_weights"},
            "mine:remembers differs: * (in a second call of the same shapes, with other weights; *",
        ),
        (
            "other_bits",
            {"determinism"},
            "mine:other_bits gives other bits when it is called again on the same case: * of sequence differ, first *",
        ),
        (
            "flaky",
            {"bias[False]"},
            "  diagnosis   Called again, it is right: on the failing case and on the probes.",
        ),
    ],
)
def test_what_is_wrong_in_one_way_fails_in_the_property_of_that_name(
    run_plugin, name, failing, sentence
):
    some = "relu or everything or inputs or second or determinism or bias"
    result = run_plugin(
        "-v", "--parity-implementation", f"mine:{name}", "--parity-examples", "4", "-k", some
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == failing
    result.stdout.fnmatch_lines([sentence])


def test_one_that_writes_blindly_is_told_what_it_wrote_into(run_plugin):
    result = run_plugin(
        "-v",
        "--parity-implementation",
        "mine:writes_blindly",
        "--parity-examples",
        "2",
        "-k",
        "inputs or determinism",
    )
    assert named(result, "FAILED") == {"inputs_untouched", "determinism"}
    result.stdout.fnmatch_lines_random(
        [
            "mine:writes_blindly wrote into case.weights[[]0[]].U, which belongs to the caller: copy it first.",
            "mine:writes_blindly crashed: it raised ValueError: assignment destination is read-only",
        ]
    )


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


def test_one_that_refuses_everything_is_no_green_run(run_plugin):
    result = run_plugin(
        "-v", "--parity-implementation", "mine:refuses", "--parity-examples", "2", "-rs"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == {"sight"}
    assert named(result, "SKIPPED") == set(ALL) - {"sight"}
    result.stdout.fnmatch_lines(
        [
            "Cannot tell: mine:refuses never agreed on a case, so nothing was shown. The first verdict:",
            "mine:refuses: * refused (* tests)",
            "SKIPPED*refused: not today",
        ]
    )


def test_one_that_crashes_fails_everywhere(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:crashes", "--parity-examples", "1")
    assert named(result, "FAILED") == set(ALL)
    result.stdout.fnmatch_lines(["mine:crashes crashed: it raised ValueError: broken for good"])


def test_one_that_refuses_the_plain_case_is_held_where_it_refuses_nothing(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:only_relu", "--parity-examples", "8")
    assert result.ret == pytest.ExitCode.OK
    assert named(result, "SKIPPED") == {
        f"nonlinearity[{name}]" for name in ("tanh", "linear", "sigmoid", "softsign")
    }


def test_cases_that_cannot_see_are_no_green_run(run_plugin):
    limits = (
        "--parity-limit",
        "hidden_size=1",
        "--parity-limit",
        "time=1",
        "--parity-limit",
        "num_layers=1",
    )
    result = run_plugin(
        "--parity-implementation", "mine:right", "-k", "sight", "--parity-examples", "1", *limits
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "Cannot tell: these cases would have caught * known mistakes*",
            "Draw more cases (--parity-examples), or allow more *",
        ]
    )


def test_limits_leave_out_what_they_exclude(run_plugin):
    limits = (
        "--parity-limit",
        "nonlinearity=relu,linear",
        "--parity-limit",
        "masks=no",
        "--parity-limit",
        "time=2:6",
    )
    result = run_plugin(
        "--parity-implementation", "mine:right", "--parity-examples", "3", "--co", "-q", *limits
    )
    left = set(ALL) - {
        "nonlinearity[tanh]",
        "nonlinearity[sigmoid]",
        "nonlinearity[softsign]",
        "mask[repeat]",
        "mask[zero]",
        "time[1]",
    }
    assert {
        line.rpartition("::")[2] for line in result.stdout.lines if line.startswith("rnn-parity::")
    } == left


def test_options_may_stand_in_the_ini_file(run_plugin, mine):
    limits = "parity_limit = nonlinearity=tanh\n  dtype=float64"
    mine.makeini(
        f"[pytest]\nparity_implementation = mine:right\nparity_examples = 2\n{limits}\nparity_seed = 5\n"
    )
    result = run_plugin("-v", "-k", "dtype or relu or batch")
    assert list(outcomes(result)) == ["dtype[float64]", "batch[1]", "batch[many]"]
    result.stdout.fnmatch_lines(["mine:right: 6 cases agree (3 tests); *"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--parity-limit", "nonlinearty=tanh"),
            "ERROR: parity_limit: nonlinearty is no limit; the limits are time, *",
        ),
        (
            ("--parity-limit", "tanh"),
            "ERROR: parity_limit is 'tanh', expected NAME=VALUE, as nonlinearity=tanh",
        ),
        (
            ("--parity-limit", "dtype=float16"),
            "ERROR: parity_limit: dtype is 'float16', expected one of float32, float64",
        ),
    ],
)
def test_a_mistaken_limit_is_a_usage_error(run_plugin, words, sentence):
    result = run_plugin("--parity-implementation", "mine:right", *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([sentence])


def test_a_number_that_is_none_is_a_usage_error(run_plugin, mine):
    mine.makeini("[pytest]\nparity_examples = many\n")
    result = run_plugin("--parity-implementation", "mine:right")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: parity_examples is many, expected a whole number of at least 1"]
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "nosuch:run",
            "--parity-implementation: nosuch cannot be imported: ModuleNotFoundError: No module named 'nosuch'",
        ),
        (
            "mine:nosuch",
            "--parity-implementation: mine has no function nosuch; it has notebook, transposed, *",
        ),
        (
            "torhc",
            "--parity-implementation: implementation is 'torhc', expected one of numpy, torch, keras, *",
        ),
    ],
)
def test_an_implementation_that_is_not_there_is_an_error_of_collection(run_plugin, name, sentence):
    result = run_plugin("--parity-implementation", name)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([sentence])


def test_a_framework_that_is_not_installed_is_an_error_of_collection(run_plugin, monkeypatch):
    monkeypatch.setattr("references.installed", lambda: ("numpy",))
    result = run_plugin("--parity-implementation", "torch")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["--parity-implementation: torch is not installed: pip install 'rnn-parity[[]torch[]]'"]
    )


def test_known_differences_are_expected_failures(run_plugin, monkeypatch):
    from harness.runs.ledger import differences

    def foretold(verdict):
        return differences()[0] if verdict.kind == "differs" else None

    for place in (
        "harness.pytest_plugin.checks.known_difference",
        "harness.runs.summary.known_difference",
    ):
        monkeypatch.setattr(place, foretold)
    result = run_plugin(
        "-v",
        "--parity-implementation",
        "mine:no_relu",
        "--parity-examples",
        "3",
        "-k",
        "nonlinearity or everything",
    )
    assert result.ret == pytest.ExitCode.OK
    assert named(result, "XFAIL") == {"nonlinearity[relu]"}
    assert "everything" in named(result, "PASSED")  # it met the same, and agreed elsewhere
    result.stdout.fnmatch_lines(
        [f"mine:no_relu: *, * known to differ *; known differences: {differences()[0].id}"]
    )


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
    assert both.count("rnn-parity::") == 33
    alone = run_plugin("--co", "-q", "-m", "parity", *words).stdout.str()
    assert "test_own" not in alone
    assert alone.count("rnn-parity::") == 33


def test_limits_of_its_own_that_cannot_be_are_one_sentence(run_plugin):
    result = run_plugin("--parity-implementation", "mine:mistyped", "-k", "sight")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "--parity-implementation: the own limits of mine:mistyped cannot be: "
            "nonlinearty is no limit; *"
        ]
    )
    assert "Traceback" not in result.stdout.str()
