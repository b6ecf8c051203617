"""TensorFlow's start is quiet; what goes wrong in it is not."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from references.keras_rnn.notices import without_notices

pytestmark = pytest.mark.framework
LINES = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    b"I0000 00:00:1795968968.882585   25337 port.cc:153] oneDNN custom operations are on.\n",
    b"To enable the following instructions: AVX2, in other operations.\n",
    b"2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:113] oneDNN is on.\n",
)


def test_notices_are_dropped_and_all_else_stays(capfd):
    with suppress(ImportError), without_notices():
        os.write(2, b"".join([*LINES, b"E0000 00:00:1 it failed\n", b"a word\n"]))
        raise ImportError
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "E0000 00:00:1 it failed\na word\nlater\n"


@pytest.mark.process
@pytest.mark.slow(seconds=4)
def test_the_start_says_nothing():
    code = "import references.keras_rnn"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
def test_a_standard_error_that_is_closed_stops_nothing():
    code = (
        "from references.keras_rnn.notices import without_notices\nwith without_notices(): print(1)"
    )
    script = code.replace("references.keras_rnn.notices", "notices")
    folder = os.path.dirname(sys.modules["references.keras_rnn.notices"].__file__)
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, script],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": folder},
    )
    assert done.stdout == b"1\n"
