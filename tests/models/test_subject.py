import numpy as np
import pytest

from harness.draw.inputs import cases_with
from harness.models.recording import Inputs
from harness.models.subject import Subject, fast_name, judge_subject, read_subject, verdicts_of
from harness.processes import here
from harness.runs import worker
from references.numpy_rnn import run
from tests.models.pairs import changed, model, save


def test_a_model_is_read_and_judged_on_its_own_weights(tmp_path):
    config, weights = model("gru", num_layers=2)
    path = save(tmp_path / "m.npz", config, weights)
    subject = Subject(path, path, "model")
    layer = read_subject(subject)
    assert layer.config == config
    inputs = [Inputs.of(case) for case in cases_with(config, layer.weights, 3, 0)]
    judged = judge_subject(subject, "", inputs)
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


@pytest.mark.slow
def test_a_file_that_changes_meanwhile_is_no_proof(tmp_path):
    config, weights = model("gru")
    path = save(tmp_path / "m.npz", config, weights)
    subject = Subject(path, path, "model")
    read_subject(subject)
    inputs = [Inputs.of(case) for case in cases_with(config, weights, 1, 0)]
    save(tmp_path / "m.npz", config, changed(weights, "U", np.negative))
    assert [verdict.kind for verdict in judge_subject(subject, "", inputs).verdicts] == ["differs"]


def test_verdicts_come_without_their_cases():
    config, weights = model()
    inputs = [Inputs.of(case) for case in cases_with(config, weights, 2, 0)]
    subject = Subject("numpy", "numpy", "implementation")
    judged = judge_subject(subject, "", inputs, (config, weights))
    assert [(one.kind, one.case) for one in judged.verdicts] == [("agrees", None)] * 2


def test_a_users_file_is_imported_within_its_limit(monkeypatch):
    places = []
    monkeypatch.setattr(
        worker, "implementation_of", lambda name: places.append(tuple(here._here[:2])) or run
    )
    subject = Subject("my.py:run", "my.py:run", "implementation")
    judge_subject(subject, "", [], model())
    assert places == [(0, worker.IMPORT)]


@pytest.mark.parametrize(("framework", "name"), [("", "numpy"), ("torch", "torch")])
def test_the_fastest_way_to_compute_weights(framework, name):
    assert fast_name(framework) == name
