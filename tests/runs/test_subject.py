import pytest

from harness.draw.inputs import cases_with
from harness.runs.subject import Subject, fast_name, judge_subject, read_subject, verdicts_of
from references.numpy_rnn import run
from tests.runs.pairs import model, save


def test_a_model_is_read_and_judged_on_its_own_weights(tmp_path):
    config, weights = model("gru", num_layers=2)
    path = save(tmp_path / "m.npz", config, weights)
    subject = Subject(path, path, "model")
    layer = read_subject(subject)
    assert layer.config == config
    cases = list(cases_with(config, layer.weights, 3, 0))
    judged = judge_subject(subject, "", cases, own=True)
    assert [verdict.kind for verdict in judged.verdicts] == ["agrees"] * 3
    assert judged.diagnosis is None
    assert "numpy" in judged.environment


def test_the_first_failure_is_diagnosed_by_its_outputs_alone():
    config, weights = model("rnn")
    cases = list(cases_with(config, weights, 2, 0))
    calls = []

    def reverse(case):
        calls.append(case)
        return run(case).sequence[:, ::-1]

    judged = verdicts_of("it", reverse, cases)
    assert judged.diagnosis.names[0] == "output time reversed"
    assert all(case.weights[0].W.tobytes() == weights[0].W.tobytes() for case in calls)


def test_what_names_an_object_stays_in_this_process():
    assert Subject("f", run, "implementation").is_object
    assert not Subject("numpy", "numpy", "implementation").is_object


@pytest.mark.parametrize(("framework", "name"), [("", "numpy"), ("torch", "torch")])
def test_the_fastest_way_to_compute_weights(framework, name):
    assert fast_name(framework) == name
