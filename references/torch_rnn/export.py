"""A case's layer as an ONNX file, by torch's own exporter."""

import io
import warnings

import torch

from references.case import Case
from references.torch_rnn.mirror import write

# The exporter warns that it is the older one, of its own parts, and of a trace's fixed shapes.
EXPECTED = (
    ".*legacy TorchScript", "Exporting a model to ONNX", "Converting a tensor",
    "The feature will be removed",
)  # fmt: skip


def onnx_bytes(case: Case) -> bytes:
    """The file that `torch.onnx.export` writes without dynamo. It takes inputs, h_0 and c_0.

    Raises Unsupported for what torch has not. Needs the package onnx.
    """
    inputs, *hx = (torch.tensor(array) for array in (case.inputs, *case.states))
    file = io.BytesIO()
    with warnings.catch_warnings():
        for message in EXPECTED:
            warnings.filterwarnings("ignore", message)
        arguments = (inputs, hx[0] if len(hx) == 1 else tuple(hx))
        torch.onnx.export(write(case).eval(), arguments, file, dynamo=False)
    return file.getvalue()
