"""Says in a line how a function is called, what it looks like, and what its outputs are."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from harness.judge.calls.last_outputs import BY_LAST_OUTPUTS
from harness.judge.lengths import EVERY
from harness.judge.verdict import WIDER_DTYPE
from harness.printable import how_many
from harness.runs.summary import Summary
from references.cells import CELLS
from references.form import Form
from references.probe import ORDERS

CELL_WORDS = {"rnn": "an RNN", "gru": "a GRU", "lstm": "an LSTM"}
RESETS = {True: "after", False: "before"}


def form_notes(
    forms: Mapping[str, Form],
    choices: Mapping[str, Collection[Any]],
    advice: str = ": verify it with ",
) -> Iterator[str]:
    """Yields a line for each function that is called otherwise than rnn(inputs, W, U, b).

    Yields others for its cell and gates, and where it claims to compute one cell or nonlinearity,
    and looks like another one. It claims the only one of `choices`, among several nonlinearities
    tanh. The `advice` before the option for another claim is empty where there is none to choose.
    """
    claim = _claim(choices["nonlinearity"], "tanh")
    for name, form in forms.items():
        cell = _claim(choices["cell"], form.cell or "rnn")
        if parts := list(_parts(form)):
            yield f"{name} is called {'; '.join(parts)}"
        if form.cell not in ("", cell):
            others = f"looks like {CELL_WORDS[form.cell]}, not {CELL_WORDS[cell]}"
            yield f"{name} {others}" + (advice and f"{advice}--cell {form.cell}")
        elif form.nonlinearity not in ("", claim):
            others = f"looks like {form.nonlinearity}, not {claim}"
            yield f"{name} {others}" + (advice and f"{advice}--nonlinearity {form.nonlinearity}")
        elif not form.cell and cell == "rnn":
            unless = advice and ", unless --cell gru or --cell lstm says otherwise"
            judged = f"it is judged as an RNN{unless}"
            yield f"{name} raises on small cases of an RNN, a GRU and an LSTM: {judged}"
            yield f"{name} gets one row at a time, inputs (T, I); what takes a batch is a run(case)"
        elif form.cell not in ("", "rnn"):
            yield f"{name} {'; '.join(_looks(form))}"
            yield from _unknown(name, form, choices["reset_after"], advice)


def output_notes(summaries: Collection[Summary]) -> Iterator[str]:
    """Yields a line, with the fix, for each implementation that agrees in a wider dtype.

    Then yields one for each that gives its last output alone.
    """
    for summary in summaries:
        if summary.wider:
            yield f"{summary.name} agreed on {how_many(summary.wider, 'case')}, but {WIDER_DTYPE}"
    for summary in summaries:
        if count := summary.by_last_outputs:
            long = f"in {summary.by_sample} of more than {EVERY:,} steps"
            sample = f", or {long} to a sample of these" if summary.by_sample else ""
            yield f"{summary.name} was {BY_LAST_OUTPUTS}{sample}, in {how_many(count, 'verdict')}"


def _claim(values: Collection[str], otherwise: str) -> str:
    names = set(values)
    return names.pop() if len(names) == 1 else otherwise


def _parts(form: Form) -> Iterator[str]:
    height = {"gru": "3H", "lstm": "4H"}.get(form.cell, "H")
    if not form.bias:
        yield "without b, as rnn(inputs, W, U), on cases without a bias"
    if form.biases == "rows":
        yield f"with b (2, {height}): one row is added with W x, one with U h"
    if form.biases == "two":
        yield "with two biases, as rnn(inputs, W, U, b_W, b_U)"
    if form.rows:
        yield f"with rows, as inputs @ W: W is (I, {height}), and U (H, {height}) is transposed"
    if form.defaults:
        yield f"without the arguments that have defaults ({', '.join(form.defaults)})"


def _looks(form: Form) -> Iterator[str]:
    """What the probe shows of a cell with gates."""
    yield f"looks like {CELL_WORDS[form.cell]}"
    if form.gates:
        yield f"gates {', '.join(form.gates)} ({ORDERS[form.cell][form.gates]})"
    if form.reset_after is not None:
        yield f"reset {RESETS[form.reset_after]} the product U h"
    if form.cell == "gru" and form.biases == "sum" and form.bias:
        yield "one b, so cases have no bias of U h"


def _unknown(name: str, form: Form, resets: Collection[bool], advice: str) -> Iterator[str]:
    """What the probe does not show, and how the function is judged."""
    if not form.gates:
        order = ", ".join(CELLS[form.cell].GATES)
        yield f"the order of {name}'s gates cannot be told, so it is judged with {order}"
    if form.cell == "gru" and form.reset_after is None:
        judged = " and ".join(RESETS[reset] for reset in dict.fromkeys(resets))
        yield (
            f"where {name} resets cannot be told, so it is judged with the reset {judged} "
            "the product U h" + (advice and "; --reset-after says otherwise")
        )
