"""Says in a line how a notebook's function is called, what it looks like, and what is wider."""

from collections.abc import Iterable, Iterator, Mapping

from harness.judge.verdict import WIDER_DTYPE
from harness.runs.summary import Summary
from references.form import Form


def form_notes(forms: Mapping[str, Form], nonlinearities: Iterable[str]) -> Iterator[str]:
    """Yields a line for each function that is called otherwise than rnn(inputs, W, U, b).

    Yields another where it claims to compute one nonlinearity, and looks like another one. It
    claims the only one of `nonlinearities`, among several tanh.
    """
    names = set(nonlinearities)
    claim = names.pop() if len(names) == 1 else "tanh"
    for name, form in forms.items():
        if parts := list(_parts(form)):
            yield f"{name} is called {'; '.join(parts)}"
        if form.nonlinearity not in ("", claim):
            option = f"--nonlinearity {form.nonlinearity}"
            yield f"{name} looks like {form.nonlinearity}, not {claim}: verify it with {option}"


def wider_notes(summaries: Iterable[Summary]) -> Iterator[str]:
    """Yields a line, with the fix, for each implementation that agrees in a wider dtype."""
    for summary in summaries:
        if summary.wider:
            yield f"{summary.name} agreed on {summary.wider} cases, but {WIDER_DTYPE}"


def _parts(form: Form) -> Iterator[str]:
    if not form.bias:
        yield "without b, as rnn(inputs, W, U), on cases without a bias"
    if form.rows:
        yield "with rows, as inputs @ W: W is (I, H), and U (H, H) is transposed"
    if form.defaults:
        yield f"without the arguments that have defaults ({', '.join(form.defaults)})"
