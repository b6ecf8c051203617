"""One step of an LSTM by hand, for each of its mistakes."""

import math

import pytest

from harness.mistakes.families.lstm import MISTAKES
from tests.mistakes.scalars import one_unit, outputs_of, sigmoid, terms

X, H, C = 0.7, 0.5, 0.25
CASE = one_unit("lstm", [X], H, C)


def step(
    gate=sigmoid, candidate=math.tanh, shown=math.tanh, old=C, h=H, c=lambda c: c, o=None,
    more=(0, 0, 0, 0), gates=lambda i, f, o: (i, f, o),
):  # fmt: skip
    """(h, c) after one step with these parts changed."""
    z = [a + b + m for a, b, m in zip(*terms(CASE, X, h), more, strict=True)]
    i, f, out = gates(gate(z[0]), gate(z[1]), gate(z[3]))
    new = c(f * old + i * candidate(z[2]))
    return (o(z[3], new) if o else out) * shown(new), new


def hard(slope):
    return lambda z: min(max(slope * z + 0.5, 0), 1)


def same(z):
    return z


def positive(z):
    return max(z, 0)


STEPS = {
    "tanh of c missing": step(shown=same),
    "sigmoid of c": step(shown=sigmoid),
    "relu of c": step(shown=positive),
    "output of the old c": step(shown=lambda c: math.tanh(C)),
    "tanh of c carried": step(c=math.tanh, shown=same),
    "lstm candidate without tanh": step(candidate=same),
    "lstm candidate by sigmoid": step(candidate=sigmoid),
    "lstm candidate by relu": step(candidate=positive),
    "both tanh of an lstm missing": step(candidate=same, shown=same),
    "both tanh of an lstm by sigmoid": step(candidate=sigmoid, shown=sigmoid),
    "both tanh of an lstm by relu": step(candidate=positive, shown=positive),
    "lstm gates without sigmoid": step(gate=same),
    "lstm gates by tanh": step(gate=math.tanh),
    "lstm gates by hard sigmoid": step(gate=hard(1 / 6)),
    "lstm gates by the older hard sigmoid": step(gate=hard(0.2)),
    "peepholes": step(more=(C, C, 0, C)),
    "peephole of the output gate": step(o=lambda z, c: sigmoid(z + c)),
    "input gate coupled": step(gates=lambda i, f, o: (1 - f, f, o)),
    "forget gate coupled": step(gates=lambda i, f, o: (i, 1 - i, o)),
    "forget bias added": step(more=(0, 1, 0, 0)),
    "forget bias of 1 forgotten": step(more=(0, -1, 0, 0)),
    "forget gate forgotten": step(gates=lambda i, f, o: (i, 1, o)),
    "input gate forgotten": step(gates=lambda i, f, o: (1, f, o)),
    "output gate forgotten": step(gates=lambda i, f, o: (i, f, 1)),
    "f for i": step(gates=lambda i, f, o: (f, f, o)),
    "o for f": step(gates=lambda i, f, o: (i, o, o)),
    "h for c": step(old=H),
    "c for h": step(h=C),
}


@pytest.mark.parametrize("name", STEPS)
def test_by_hand(name):
    outputs = outputs_of(name, CASE)
    assert (outputs.sequence.item(), outputs.c_n.item()) == pytest.approx(STEPS[name], 1e-12)
    assert STEPS[name] != pytest.approx(step(), 1e-6)


def test_c_is_clipped():
    outputs = outputs_of("c clipped", one_unit("lstm", [X], H, 100.0))
    assert outputs.c_n.item() == 3


def test_every_mistake_is_worked_out():
    assert {mistake.name for mistake in MISTAKES} == {*STEPS, "c clipped"}
