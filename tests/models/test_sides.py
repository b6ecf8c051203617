import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from harness.models.recording import as_inputs
from harness.models.sides import Side, Workers, check_options, fits, in_dtype, rows
from harness.models.subject import Subject
from references.layer import Layer, Unreadable
from tests.models.pairs import model, save


def side(name, config, weights, framework="torch", kind="model"):
    layer = Layer("", config, weights, framework, ()) if kind == "model" else None
    return Side(Subject(name, name, kind), layer)


def outputs(a, b, inputs):
    """What masked steps put out in each row."""
    return [row.cases[0].masked_output for row in rows(a, b, inputs, 3, 0)]


def names(*arguments):
    return [row.name for row in rows(*arguments, None, 3, 0)]


def test_each_is_judged_on_its_own_weights_and_b_on_those_of_a():
    a, b = side("a", *model()), side("b", *model(seed=2))
    assert names(a, b) == ["a", "b", "b on the weights of a"]
    first, second, third = rows(a, b, None, 3, 0)
    assert (first.own, second.own, third.own) == (True, True, False)
    assert third.side is b
    assert all(
        map(np.array_equal, [c.W for c in third.cases[0].weights], [c.W for c in model()[1]])
    )


def test_what_is_no_model_is_judged_on_the_weights_of_the_other():
    a, b = side("a", *model()), side("f", None, None, kind="implementation")
    assert names(a, b) == ["a", "f on the weights of a"]
    assert names(b, a) == ["a", "f on the weights of a"]


MASK = np.array([[True, True, False]])
PADDED = as_inputs({"inputs": np.ones((1, 3, 2)), "mask": MASK})


@pytest.mark.parametrize(
    ("framework", "output", "of_both"),
    [("torch", "zero", "zero"), ("onnx", "zero", "zero"), ("keras", "repeat", "zero")],
)
def test_each_puts_out_at_masked_steps_what_its_framework_does(framework, output, of_both):
    for bidirectional, own in ((False, output), (True, of_both)):
        a = side("a", *model(bidirectional=bidirectional), framework=framework)
        b = side("b", *model(bidirectional=bidirectional), framework="")
        f, r = (side(kind, None, None, kind=kind) for kind in ("implementation", "recording"))
        assert outputs(a, b, PADDED) == [
            own,
            "repeat",
            own,
        ]
        assert outputs(a, f, PADDED) == [own, own]
        recorded = PADDED._replace(masked_output="zero")
        assert outputs(b, r, recorded) == ["zero"] * 2
        assert outputs(a, r, PADDED) == [own, "repeat"]


def test_weights_that_do_not_fit_are_left_out():
    a, b = side("a", *model()), side("b", *model(hidden_size=4))
    assert names(a, b) == ["a", "b"]
    assert not fits(a.layer.config, b.layer.config)


def test_plain_arrays_are_computed_by_the_loop_and_that_is_said():
    a, b = side("a", *model(), framework=""), side("b", *model())
    assert names(a, b)[0] == "a, by the loop"


def test_weights_of_a_are_rounded_to_the_dtype_of_b():
    a, b = side("a", *model(dtype="float64")), side("b", *model())
    *_, third = rows(a, b, None, 3, 0)
    assert {case.config.dtype for case in third.cases} == {"float32"}
    assert len({id(case.weights) for case in third.cases}) == 1
    (narrow,) = in_dtype(third.cases[:1], "float32")
    assert narrow.config == third.cases[0].config


class Worker:
    """Stands for a worker process: notes what is sent to it, and how many bytes come back."""

    def __init__(self):
        self.calls, self.sizes = [], []

    def ask(self, group, bounds, function, *arguments):
        self.calls.append((group, pickle.dumps(arguments)))
        result = function(*pickle.loads(self.calls[-1][1]))
        self.sizes.append(len(pickle.dumps(result)))
        return (True, result), False


def test_weights_are_sent_once_and_never_come_back_with_a_verdict(tmp_path):
    config, weights = model("rnn", hidden_size=60, input_size=60)
    paths = [save(tmp_path / f"{name}.npz", config, weights) for name in "ab"]
    a, b = (Side(Subject(p, p, "model"), Layer("", config, weights, "", ())) for p in paths)
    work, worker = list(rows(a, b, None, 3, 0)), Worker()
    with ThreadPoolExecutor(2) as threads:
        results = Workers(worker, (60.0, None), threads).judge_all(work, None)
    size = sum(array.nbytes for cell in weights for array in cell.arrays().values())
    has_weights = [weights[0].W.tobytes() in sent for _, sent in worker.calls]
    assert sorted(has_weights) == [False, False, True]
    assert has_weights[[group for group, _ in worker.calls].index(paths[0])] is False
    assert max(worker.sizes) < size
    for row, own in zip(work, results, strict=True):
        assert [verdict.implementation for verdict in own.verdicts] == [row.name] * 3
        assert [verdict.case for verdict in own.verdicts] == list(row.cases)
        assert {verdict.kind for verdict in own.verdicts} == {"agrees"}


def test_large_weights_leave_time_for_fewer_and_shorter_cases():
    config, weights = model("rnn", hidden_size=1500, input_size=1500)
    (row, *_) = rows(side("a", config, weights), side("b", config, weights), None, 20, 0)
    assert 2 <= len(row.cases) < 20
    assert max(case.batch * case.time for case in row.cases) < 100


def test_inputs_make_one_case():
    inputs = as_inputs({"inputs": np.ones((1, 2, 2)), "h_0": np.ones((1, 1, 3))})
    (row, *_) = rows(side("a", *model()), side("b", *model()), inputs, 20, 0)
    (case,) = row.cases
    assert case.h_0.all()
    assert not case.c_0.any()


@pytest.mark.parametrize("field", ["cell", "num_layers", "bidirectional"])
def test_weights_of_another_kind_do_not_fit(field):
    others = {"cell": "gru", "num_layers": 2, "bidirectional": True}
    config, _ = model()
    other, _ = model(**{field: others[field]})
    assert not fits(config, other)


def test_weights_that_another_dtype_has_no_numbers_for_are_judged_on_their_own_alone():
    config, weights = model(dtype="float64")
    weights = (replace(weights[0], W=weights[0].W * 1e300),)
    a, b = side("a", config, weights), side("b", *model())
    assert names(a, b) == ["a", "b"]


def test_of_several_options_the_one_that_no_side_takes_is_named():
    a, b = (
        side(name, *model("rnn"))._replace(others=others)
        for name, others in (
            ("a", {"go_backwards": True, "nonlinearity": "relu"}),
            ("b", {"nonlinearity": "relu"}),
        )
    )
    with pytest.raises(Unreadable, match=r"^a: the layer has nonlinearity 'tanh', and the option"):
        check_options(a, b)
    check_options(a, b._replace(others={}))
    check_options(a._replace(others={}), b)
    function = side("f", None, None, kind="implementation")
    with pytest.raises(Unreadable, match=r"^a: the layer has go_backwards False, and the option"):
        check_options(function, a)
