"""Facts, activation paths, and Keras on another backend, without TensorFlow."""

import os
import subprocess
import sys

import numpy as np
import pytest

from references import Unsupported

pytestmark = [pytest.mark.framework, pytest.mark.process]
pytest.importorskip("torch")  # before TensorFlow
keras = pytest.importorskip("keras")

from references.keras_rnn import framework  # noqa: E402

# TensorFlow may be installed: here it is as if it were not.
ON_TORCH = """
import sys
sys.modules["tensorflow"] = None
import references
from harness import sample_cases, verify
from harness.judge.judge import judge
from references import REFERENCES, installed, load, module
assert REFERENCES["keras"].needs == ("keras", "torch") and "keras" in installed()
report = verify("keras", examples=20)
(summary,) = report.summaries
assert report.agrees, str(report)
print(summary.counts["agrees"] >= 10, summary.counts.keys() <= {"agrees", "refused"})
(case,) = sample_cases(1, 3, dtype="float32", bidirectional=False, masks=False, time=3, batch=2)
for name in sys.argv[1:]:
    verdict = judge(case, load(name), name, calls=1)
    print(name, verdict.kind, verdict.reason if verdict.kind != "agrees" else "")
print(module("keras").facts()["keras backend"], *module("keras").activation_paths("tanh"))
config, weights = module("keras").mirror.read(module("keras").mirror.write(case))
print(config == case.config, (weights[0].W == case.weights[0].W).all())
print(judge(next(sample_cases(1, dtype="float64")), load("keras"), "keras").reason)
"""
RIGHT = ("keras/unroll", "keras/stacked", "keras/model", "keras/weights_after", "keras/dropout")
REFUSED = {"keras/graph": "a traced graph", "keras/function": "tf.function", "keras/jit": "tf.func"}


@pytest.mark.deep
def test_the_torch_backend_computes_the_same_without_tensorflow():
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    command = [sys.executable, "-c", ON_TORCH, *RIGHT, *REFUSED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "True True"
    assert lines[1:6] == [f"{name} agrees " for name in RIGHT]
    for line, (name, what) in zip(lines[6:9], REFUSED.items(), strict=True):
        assert line.startswith(f"{name} refused {what}")
        assert line.endswith("Keras runs on torch here; set KERAS_BACKEND=tensorflow")
    assert lines[9:] == ["torch eager", "True True", "Keras computes float64 in float32 on torch"]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras runs on another backend")
def test_tensorflow_is_told_of_in_the_facts():
    facts = framework.facts()
    assert list(facts)[:3] == ["keras", "keras backend", "tensorflow"]
    assert int(facts["tensorflow threads"]) >= 1


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "softsign"])
def test_every_path_computes_the_activation(nonlinearity):
    z = np.array([-1.5, 0.25, 3.0])
    right = {"tanh": np.tanh(z), "relu": np.maximum(z, 0), "softsign": z / (1 + np.abs(z))}
    for path in framework.activation_paths(nonlinearity).values():
        assert np.allclose(path(z), right[nonlinearity])
        assert path(z).dtype == "float64"


def test_what_needs_tensorflow_says_so(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(Unsupported, match="a graph needs TensorFlow, and Keras runs on jax here"):
        framework.need_tensorflow("a graph")
