"""A torch layer as `torch.onnx.export` writes it: the way in which most .onnx files are made."""

from references import NotInstalled, module
from references.case import Case, Outputs
from references.onnx_rnn.calls import session
from references.unsupported import Unsupported


def exported(case: Case) -> Outputs:
    """Copies the case into torch's layer, which `torch.onnx.export` writes without dynamo."""
    if case.config.dtype == "float64":
        raise Unsupported("ONNX Runtime has no RNN, GRU or LSTM in float64")
    try:
        torch = module("torch")
    except NotInstalled as error:
        raise Unsupported(str(error)) from error
    if case.is_masked:
        raise Unsupported("torch's layer takes no mask")
    runtime = session(torch.onnx_bytes(case))
    names = [argument.name for argument in runtime.get_inputs()]
    feed = dict(zip(names, (case.inputs, *case.states), strict=True))
    sequence, *last = runtime.run(None, feed)
    return Outputs.of(sequence, last)
