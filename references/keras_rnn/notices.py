"""Drops the notices that TensorFlow prints as it starts; its errors stay.

TensorFlow 2.21 prints some before its log has begun, whatever TF_CPP_MIN_LOG_LEVEL says.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

NOTICE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|[IW]0000 |To enable the following instructions|[0-9: .-]+: [IW] tensorflow/"
)


@contextmanager
def without_notices() -> Iterator[None]:
    """Holds back what goes to standard error, and writes all but notices at the end."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        own = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    with TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(own, 2)
            os.close(own)
            file.seek(0)
            for line in file:
                if not NOTICE.match(line):
                    os.write(2, line)
