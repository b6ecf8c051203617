"""The properties within limits."""

import pytest

from tests.pytest_plugin.outcomes import ALL, named


def test_one_that_refuses_the_plain_case_is_held_where_it_refuses_nothing(run_plugin):
    result = run_plugin("-v", "--parity-implementation", "mine:only_relu", "--parity-examples", "8")
    assert result.ret == pytest.ExitCode.OK
    assert named(result, "SKIPPED") == {
        f"nonlinearity[{name}]" for name in ("tanh", "linear", "sigmoid", "softsign")
    }


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
