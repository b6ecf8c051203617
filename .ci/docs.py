"""Builds the API reference of the public names from their docstrings, with pdoc, into build/api; a name that it cannot find is an error."""

import os
import warnings
from pathlib import Path

import pdoc

import harness

for name in harness.__all__:  # imported on first use, which pdoc does not try
    setattr(harness, name, getattr(harness, name))
warnings.simplefilter("error")
folder = Path(__file__).resolve().parents[1] / "build" / "api"
os.chdir(
    Path(__file__).parent
)  # beside the folder harness pdoc could not tell it from the installed package
pdoc.pdoc(
    "harness",
    "references",
    "references.case",
    "harness.pytest_plugin",
    "harness.report",
    output_directory=folder,
)
print(f"{len(list(folder.rglob('*.html')))} pages in build/api")
