"""Finds out whether a file can be written, before the work whose result it is to hold."""

import os
from pathlib import Path


def writing_error(path: Path) -> str:
    """Says why this file cannot be written; empty where it can. Nothing is left behind."""
    try:
        if path.is_dir():
            return "it is a folder"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}; make it first"
        if path.exists():
            # Opening a pipe or a device now might wait for ever. Under /dev/fd it has no name.
            if path.is_file():
                path.open("ab").close()
            return ""
        file = Path(os.path.realpath(path))  # a link stays, also one to a file that is to be
        file.open("ab").close()
        file.unlink()
    except (OSError, ValueError) as error:
        return reason_of(error)
    return ""


def reason_of(error: Exception) -> str:
    """What the system says of an error, without file and number."""
    return str(getattr(error, "strerror", None) or error)
