"""Builds the API reference of the public names with pdoc, into build/api.

A name that pdoc cannot find is an error.
"""

import os
import warnings
from pathlib import Path

import pdoc

import harness

PUBLIC = ("harness", "references", "references.case", "harness.pytest_plugin", "harness.report")

for name in harness.__all__:  # imported on first use, which pdoc does not try
    setattr(harness, name, getattr(harness, name))
warnings.simplefilter("error")
folder = Path(__file__).resolve().parents[1] / "build" / "api"
# Beside the folder harness, pdoc could not tell it from the installed package.
os.chdir(Path(__file__).parent)
pdoc.pdoc(*PUBLIC, output_directory=folder)
print(f"{len(list(folder.rglob('*.html')))} pages in build/api")
