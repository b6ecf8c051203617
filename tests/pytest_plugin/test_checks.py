"""What each check catches, and when it cannot tell."""

import pytest

from tests.pytest_plugin.outcomes import ALL, named


@pytest.mark.parametrize(
    ("name", "failing", "sentence"),
    [
        (
            "no_relu",
            {"nonlinearity[relu]", "everything"},
            "mine:no_relu differs on * cases: * outputs lie outside what right arithmetic can give",
        ),
        pytest.param(
            "writes",
            {"inputs_untouched"},
            "mine:writes wrote into case.inputs, which belongs to the caller: copy it first.",
            marks=pytest.mark.deep,
        ),
        pytest.param(
            "remembers",
            {"second_weights", "everything"},
            "mine:remembers differs on * cases: * "
            "(in a second call of the same shapes, with other weights; *",
            marks=pytest.mark.deep,
        ),
        pytest.param(
            "other_bits",
            {"determinism"},
            "mine:other_bits gives other bits when it is called again on the same case: "
            "* of sequence differ, first *",
            marks=pytest.mark.deep,
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


def test_one_that_refuses_everything_is_no_green_run(run_plugin):
    result = run_plugin(
        "-v", "--parity-implementation", "mine:refuses", "--parity-examples", "2", "-rs"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == {"sight"}
    assert named(result, "SKIPPED") == set(ALL) - {"sight"}
    result.stdout.fnmatch_lines(
        [
            (
                "Cannot tell: mine:refuses never agreed on a case, so nothing was shown. "
                "The first verdict:"
            ),
            "mine:refuses: * refused (* tests)",
            "SKIPPED*refused: not today",
        ]
    )


def test_one_that_crashes_fails_everywhere(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:crashes", "--parity-examples", "1")
    assert named(result, "FAILED") == set(ALL)
    result.stdout.fnmatch_lines(["mine:crashes crashed: it raised ValueError: broken for good"])


def test_cases_that_cannot_see_are_no_green_run(run_plugin):
    limits = (
        "--parity-limit",
        "hidden_size=1",
        "--parity-limit",
        "time=1",
        "--parity-limit",
        "num_layers=1",
        "--parity-limit",
        "nonlinearity=tanh",
        "--parity-limit",
        "regimes=large",
        "--parity-limit",
        "cell=rnn",
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


@pytest.mark.deep
def test_one_that_refuses_much_is_judged_on_as_many_cases_and_what_is_rare_is_missed(run_plugin):
    words = ("--parity-examples", "8", "-k", "everything or sight")
    result = run_plugin("-v", "--parity-implementation", "mine:only_relu", *words)
    assert named(result, "PASSED") == {"everything", "sight"}
    result.stdout.fnmatch_lines(["mine:only_relu: 8? cases agree, * refused (2 tests); *"])
    result = run_plugin("-v", "--parity-implementation", "mine:picky", *words)
    assert named(result, "FAILED") == {"sight"}
    result.stdout.fnmatch_lines(["Cannot tell: mine:picky was judged on * cases*, as it refused *"])


def test_state_that_zeros_do_not_reset_is_seen_among_cases_of_every_kind(run_plugin):
    words = ("--parity-examples", "8", "-k", "everything")
    result = run_plugin("-v", "--parity-implementation", "mine:keeps_state", *words)
    assert named(result, "FAILED") == {"everything"}


def test_one_that_fails_is_not_said_to_hide_what_the_failures_name(run_plugin):
    words = ("-k", "sight", "--parity-examples", "4")
    result = run_plugin("--parity-implementation", "mine:transposed", *words)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["mine:transposed fails on * of 20 of these cases, so that *"])
    assert "not U transposed" not in result.stdout.str()


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
            (
                "mine:writes_blindly wrote into case.weights[[]0[]].U, "
                "which belongs to the caller: copy it first."
            ),
            (
                "mine:writes_blindly crashed: "
                "it raised ValueError: assignment destination is read-only"
            ),
        ]
    )
