"""The tests of the conformance set, and their outcomes in a run."""

import re

ALL = re.findall(
    r"\S+",
    """
nonlinearity[tanh] nonlinearity[relu] nonlinearity[linear] nonlinearity[sigmoid]
nonlinearity[softsign]
num_layers[1] num_layers[2] num_layers[3] bidirectional[False] bidirectional[True]
bias[False] bias[True] go_backwards[False] go_backwards[True] dtype[float32] dtype[float64]
input_size[1] input_size[many] hidden_size[1] hidden_size[many] time[1] time[many]
batch[1] batch[many] cell[gru] cell[lstm] reset_after[False] cell_state initial_state
mask[repeat] mask[zero] exact rounded second_weights determinism inputs_untouched everything sight
""",
)


def outcomes(result):
    """Test name -> outcome."""
    lines = re.findall(
        r"^rnn-parity::\S*?::(\S+) (PASSED|FAILED|SKIPPED|XFAIL)", result.stdout.str(), re.MULTILINE
    )
    return dict(lines)


def named(result, outcome):
    return {name for name, result_of in outcomes(result).items() if result_of == outcome}
