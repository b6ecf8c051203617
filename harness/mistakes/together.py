"""Plants many mistakes on one case, and judges what they give as rows of one case, in one go."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import outside
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.numpy_rnn import run as loop

Layers = Sequence[np.ndarray]  # the sequence (B, T, H*D) of each
STEPS = 2  # the second reads what the first one left, through U
MOST = 1 << 18  # outputs that are judged in one go


def caught_together(case: Case, mistakes: Sequence[Mistake]) -> frozenset[str]:
    """The names of those of which some output lies outside of its bound: the case catches them.

    Of the others it says nothing. None may keep anything from call to call.
    """
    wrong: dict[str, Layers] = {}
    for one in mistakes:
        with suppress(Exception):  # whatever it is, the judge says it of this mistake alone
            outputs = one.plant()(case)
            layers = outputs.layers or (outputs.sequence,)
            if _are_whole(case, layers):
                wrong[one.name] = layers
    return _outside(case, wrong)


def caught_early(case: Case, mistakes: Sequence[Mistake]) -> frozenset[str]:
    """The same by the first steps alone: no step depends on a later one.

    It says nothing of a case with two directions. Each mistake has to change nothing but the
    numbers of the case.
    """
    if case.config.bidirectional:
        return frozenset()
    cases = {one.name: one.edits.prepare(case).first_steps(STEPS) for one in mistakes}
    return _outside(case.first_steps(STEPS), {name: _layers(own) for name, own in cases.items()})


def _layers(case: Case) -> Layers:
    return loop(case).layers or ()


def _are_whole(case: Case, layers: Layers) -> bool:
    """Tells whether there is a sequence for each layer, as the case asks for it."""
    config = case.config
    shape, dtype = (case.batch, case.time, config.output_size), np.dtype(config.dtype)
    of_each = [(one.shape, one.dtype) == (shape, dtype) for one in layers]
    return of_each == [True] * config.num_layers


def _outside(case: Case, wrong: dict[str, Layers]) -> frozenset[str]:
    """The names of what lies outside of the case's bounds somewhere."""
    return frozenset(name for some in _shares(case, wrong) for name in _outside_of(case, some))


def _shares(case: Case, wrong: dict[str, Layers]) -> Iterator[dict[str, Layers]]:
    """Divides them, so that each share holds few outputs."""
    names, outputs = list(wrong), case.batch * case.time * case.config.output_size
    count = max(1, MOST // (outputs * case.config.num_layers))
    for start in range(0, len(names), count):
        yield {name: wrong[name] for name in names[start : start + count]}


def _outside_of(case: Case, wrong: dict[str, Layers]) -> Iterator[str]:
    layers = [np.concatenate(sequences) for sequences in zip(*wrong.values(), strict=True)]
    caught = np.zeros(len(wrong), bool)
    repeated = case.take_rows(np.tile(np.arange(case.batch), len(wrong)))
    for certificate in certify(repeated, layers):
        caught |= outside(certificate).reshape(len(wrong), -1).any(axis=1)
    yield from (name for name, is_caught in zip(wrong, caught, strict=True) if is_caught)
