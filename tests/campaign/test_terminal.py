"""The report on a terminal: no control characters."""

import pytest

pytestmark = pytest.mark.process


def test_the_terminal_shows_no_control_character(markup):
    output = markup[1].stdout
    assert "\x1b" not in output
    assert "<script>alert('x')</script> & \\x1b[31m" in output
    assert "Not the same:" in output
    assert "rnn-parity explain FILE" in output
