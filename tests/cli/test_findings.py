"""`rnn-parity findings` lists the known differences and prints each one's script."""

import pytest
from click.testing import CliRunner

from harness.cli.findings import findings
from harness.runs.ledger import differences


def run(*arguments):
    return CliRunner().invoke(findings, arguments, standalone_mode=False)


def test_every_finding_is_listed():
    text = run().output
    assert all(f"{entry.id} ({entry.status} here)" in text for entry in differences())
    assert "https://github.com/keras-team/keras/issues/17596" in text


@pytest.mark.parametrize("entry", differences(), ids=lambda entry: entry.id)
def test_the_script_is_printed_alone(entry):
    assert run(entry.id, "--script").output.strip() == entry.script.strip()


def test_one_finding_is_described_whole():
    text = run("keras-last-output-zeros").output
    for word in (
        "met by     keras/last_output_zero",
        "witness",
        "only used when",
        "issues/17596",
        "script",
        "prints",
        "(1, 1) False",
    ):
        assert word in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nonsense",), "there is no finding 'nonsense'; there are keras-"),
        (("--script",), "name its ID"),
    ],
)
def test_what_is_not_there_is_a_usage_error(arguments, sentence):
    error = run(*arguments).exception
    assert sentence in error.format_message()
