"""Every way of writing and calling Keras' layers computes the same, alone and in pairs, but for the
known differences.
"""

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from harness import cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference
from references import load, variants
from tests.references.combinations import (
    MASKS,
    SMALL,
    assert_right,
    computable,
    drawn,
    masked,
    pairs,
)
from tests.references.keras_rnn.faults import faults
from tests.references.keras_rnn.values import VALUES
from tests.references.marks import COPY_WARNING

pytest.importorskip("torch")  # before TensorFlow
pytest.importorskip("keras")

from references.keras_rnn import calls
from references.keras_rnn.options import Options, refuse
from references.keras_rnn.variants import compute as written

pytestmark = [pytest.mark.framework, COPY_WARNING]
NAMES = variants("keras")
GATED = ("keras/implementation_1", "keras/no_cudnn")  # SimpleRNN has no such options
UNGATED = [name for name in NAMES if name not in GATED]
# These do what nobody asked for, in nearly every case.
ALWAYS = ("keras/reset_to", "keras/weights_argument")
PAIRS = pairs(VALUES)
# One size: Keras' networks are made once for each config.
ONE_SIZE = {"input_size": 2, "hidden_size": 3, "num_layers": (1, 2)}
GATES = {"cell": ("gru", "lstm")}
SLOW = ("keras/jit", "keras/function", "keras/predict", "keras/saved", "keras/model")
TWO = (
    "keras/backward_layer",
    "keras/made_backward",
    "keras/weights_argument",
    *(name for name in NAMES if "merge" in name),
)
BOTH = {"bidirectional": True, "nonlinearity": ("tanh", "relu", "linear")}
ONE = (
    "keras/stacked",
    "keras/list_of_cells",
    "keras/list_of_one",
    "keras/stacked_reset",
    "keras/halves",
    "keras/initializers",
)
FORWARD = {"bidirectional": False}
COMPILED = {"nonlinearity": "tanh", "dtype": "float32", "bias": True, "time": (1, 3)}


@pytest.mark.parametrize("name", UNGATED)
@given(data=st.data(), kind=st.sampled_from(("none", *MASKS)))
@settings(max_examples=2)
def test_what_a_variant_does_not_refuse_is_right_or_known(name, data, kind):
    check_drawn(name, data, kind)


@pytest.mark.long
@pytest.mark.parametrize("name", UNGATED)
@given(data=st.data(), kind=st.sampled_from(("none", *MASKS)))
@settings(max_examples=20)
def test_the_same_of_more_cases(name, data, kind):
    check_drawn(name, data, kind)


@pytest.mark.deep
@pytest.mark.parametrize("name", NAMES)
def test_gated_cells_are_right_or_known(name):
    check_gated(name, 1)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_more_gated_cells_are_right_or_known(name):
    check_gated(name, 24, seed=1)


def check_gated(name, count, seed=0):
    """Cases until `count` agree, at most eight or four times as many that are not refused."""
    kinds = []
    for case in drawn(400, seed, tuple((GATES | ONE_SIZE).items())):
        verdict = judge(case, load(name), name, calls=1)
        if verdict.kind != "refused":
            assert_right(verdict, [entry for entry in [known_difference(verdict)] if entry])
            kinds.append(verdict.kind)
        if kinds.count("agrees") == count or len(kinds) == max(8, 4 * count):
            break
    assert "agrees" in kinds or name in ALWAYS, kinds


def check_drawn(name, data, kind):
    special = dict.fromkeys(SLOW, COMPILED) | dict.fromkeys(TWO, BOTH) | dict.fromkeys(ONE, FORWARD)
    case = data.draw(cases(**(SMALL | ONE_SIZE | special.get(name, {})), masks=False))
    verdict = judge(
        case if kind == "none" else masked(case, kind, 2 * len(kind)), load(name), name, calls=1
    )
    if verdict.kind == "refused":
        reject()
    assert_right(verdict, [entry for entry in [known_difference(verdict)] if entry])


@pytest.mark.deep
@given(options=st.sampled_from(PAIRS), seed=st.integers(0, 3))
@settings(max_examples=30)
def test_every_two_options_are_right_or_known(options, seed):
    check_pair(options, seed, lambda case: written(case, **options))


@pytest.mark.long
@given(options=st.sampled_from(PAIRS), seed=st.integers(0, 3))
@settings(max_examples=60)
def test_every_two_options_are_right_or_known_with_gates(options, seed):
    check_pair(options, seed, lambda case: written(case, **options), **GATES)


def check_pairs(options, seeds, run):
    for seed in seeds:
        check_pair(options, seed, run)


def check_pair(options, seed, run, **limits):
    found, _ = computable(refuse, Options(**options), 1, seed, **ONE_SIZE, **limits)
    for case in found:
        assert_right(judge(case, run, "it", calls=1), faults(case, Options(**options)))


def test_every_option_computes_and_few_pairs_exclude_each_other():
    without = [options for options in PAIRS if not computable(refuse, Options(**options), 1)[0]]
    assert [options for options in without if len(options) == 1] == [
        {"implementation": 1},
        {"use_cudnn": False},
    ]
    assert (len(PAIRS), len(without)) == (530, 129)
    gated = [
        options for options in PAIRS if not computable(refuse, Options(**options), 1, **GATES)[0]
    ]
    assert {len(options) for options in gated} == {2}
    assert len(gated) == 67


def reversed_in_time(case):
    outputs = written(case)
    return outputs.sequence[:, ::-1].copy(), outputs.h_n


@pytest.mark.parametrize(
    "options", [{"unroll": True}, {"mask": "masking", "state": "default"}, {"layer": "RNN"}]
)
def test_the_check_of_pairs_notices_a_wrong_variant(options):
    with pytest.raises(AssertionError, match="it differs"):
        check_pairs(options, range(40), reversed_in_time)


@pytest.mark.parametrize("name", ["keras/weights_after", "keras/function"])
def test_weights_that_are_not_replaced_are_noticed(name, monkeypatch):
    monkeypatch.setattr(calls.Network, "set_weights", lambda *_: None)
    found, _ = computable(refuse, Options(), 3, **ONE_SIZE)
    assert {judge(case, load(name), "it", calls=1).kind for case in found} == {"differs"}


def test_a_second_half_that_forgets_is_noticed(monkeypatch):
    monkeypatch.setattr(
        calls, "_in_halves", lambda net, case, inputs, states, mask: net(inputs * 0, states, mask)
    )
    found, _ = computable(refuse, Options(state="halves"), 5, **ONE_SIZE)
    assert "differs" in {judge(case, load("keras/halves"), "it", calls=1).kind for case in found}
