"""The properties within limits."""

import pytest

from tests.pytest_plugin.outcomes import ALL, named


@pytest.mark.deep
def test_one_that_refuses_the_plain_case_is_held_where_it_refuses_nothing(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:only_relu", "--parity-examples", "8")
    assert result.ret == pytest.ExitCode.OK
    gated = {"cell[gru]", "cell[lstm]", "reset_after[False]", "cell_state"}
    assert named(result, "SKIPPED") == gated | {
        f"nonlinearity[{name}]" for name in ("tanh", "linear", "sigmoid", "softsign")
    }


def test_one_of_gates_alone_is_held_where_it_refuses_nothing(run_plugin):
    words = ("--parity-implementation", "mine:only_lstm", "--parity-examples", "4")
    result = run_plugin("-v", *words, "-k", "cell or relu or everything or layers or determinism")
    assert result.ret == pytest.ExitCode.OK
    assert named(result, "SKIPPED") == {"nonlinearity[relu]", "cell[gru]"}
    assert "cell_state" in named(result, "PASSED")


@pytest.mark.deep
def test_a_cell_that_is_not_refused_is_in_everything_and_has_to_be_right(run_plugin):
    words = ("--parity-implementation", "mine:no_gru", "--parity-examples", "4")
    result = run_plugin("-v", *words, "-k", "cell or everything or layers")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert named(result, "FAILED") == {"cell[gru]", "everything"}
    only = run_plugin("-v", *words, "--parity-limit", "cell=rnn,lstm", "-k", "cell or everything")
    assert named(only, "FAILED") == set()
    assert named(only, "PASSED") == {"cell[lstm]", "cell_state", "everything"}


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
        "cell[gru]",
        "cell[lstm]",
        "reset_after[False]",
        "cell_state",
    }
    assert {
        line.rpartition("::")[2] for line in result.stdout.lines if line.startswith("rnn-parity::")
    } == left
