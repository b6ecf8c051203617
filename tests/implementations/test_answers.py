"""What a user's code takes from where it is compared with: seen in a worker, at import and
later.
"""

import textwrap

import pytest

from harness import verify
from harness.implementations import answers
from harness.implementations.answers import Use

SMALL = {"time": (2, 4), "batch": 1, "input_size": (2, 3), "hidden_size": (2, 3)}


def answer(*names):
    return list(answers._answers(names))


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("torch", "torch"),
        ("torch.nn.functional", "torch"),
        ("keras.layers", "keras"),
        ("tensorflow", "tensorflow"),
        ("references.load", "references.load"),
        ("references.*", "references.load"),
        ("references.numpy_rnn", "references.numpy_rnn"),
        ("references.numpy_rnn.run", "references.numpy_rnn"),
        ("references.cells", "references.cells"),
        ("references.cells.rnn.simple_rnn", "references.cells"),
        ("references.torch_rnn.mirror", "references.torch_rnn"),
        ("references.keras_rnn", "references.keras_rnn"),
    ],
)
def test_frameworks_the_loop_and_the_mirrors_are_the_answer(name, module):
    assert answer(name) == [module]


@pytest.mark.parametrize(
    "name",
    [
        "numpy",
        "torchvision_of_a_friend",
        "references",
        "references.case.Case",
        "references.Unsupported",
        "references.from_notebook",
        "references.cells.activations",
        "references.cells.activations.relu",
        "harness.check",
    ],
)
def test_the_types_of_the_contract_and_activations_are_not(name):
    assert answer(name) == []


def test_an_import_statement_says_all_that_it_imports():
    assert answers._by_statement("references", fromlist=("load", "Unsupported")) == [
        "references.load",
        "references.Unsupported",
    ]
    assert answers._by_statement("references.cells.rnn") == ["references.cells.rnn"]
    assert answers._by_statement("torch", level=1, fromlist=("nn",)) == ()


FILES = {
    "at_import": """
        from references import Unsupported
        from references.numpy_rnn import run as loop
        def run(case):
            return loop(case)
        """,
    "while_it_runs": """
        def run(case):
            if case.time == 3:
                from references.numpy_rnn import run as loop
            else:
                from references import load
                loop = load("numpy")
            return loop(case)
        """,
    "by_attribute": """
        import references
        def run(case):
            return references.load("numpy")(case)
        """,
    "by_name": """
        import importlib
        def run(case):
            return importlib.import_module("references.numpy_rnn").run(case)
        """,
    "through_a_friend": """
        from friend import run
        """,
    "friend": """
        import references.numpy_rnn
        run = references.numpy_rnn.run
        """,
    "honest": """
        import importlib
        import numpy as np
        import references
        from references import Unsupported, from_notebook
        from references.case import Case, CellWeights, Config, Outputs
        from references.cells.activations import relu
        importlib.import_module("references.case")
        @from_notebook
        def run(inputs, W, U, b):
            state_t, outputs = np.zeros_like(b), []
            for input_t in inputs:
                state_t = np.tanh(np.dot(W, input_t) + np.dot(U, state_t) + b)
                outputs.append(state_t)
            return np.stack(outputs)
        """,
}
USES = {
    "at_import": [("references.numpy_rnn", "at_import.py", 2)],
    "while_it_runs": [
        ("references.numpy_rnn", "while_it_runs.py", 3),
        ("references.load", "while_it_runs.py", 5),
    ],
    "by_attribute": [("references.load", "by_attribute.py", 3)],
    "by_name": [("references.numpy_rnn", "by_name.py", 3)],
    "through_a_friend": [("references.numpy_rnn", "friend.py", 1)],
    "honest": [],
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The files, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text).lstrip())


@pytest.mark.deep
@pytest.mark.process
def test_what_a_file_imports_of_the_answer_is_reported_and_fails_only_if_asked(files):
    names = {name: f"{name}.py:run" for name in USES}
    limits = {**SMALL, "time": (2, 3), "num_layers": 1, "bidirectional": False}
    limits |= {"nonlinearity": "tanh", "go_backwards": False, "masks": False}
    limits |= {"initial_states": False}
    expected = {
        names[name]: tuple(Use(*use) for use in uses) for name, uses in USES.items() if uses
    }
    one = names["by_name"]
    report = verify(one, examples=16, workers=1, **limits)
    assert (report.uses, report.exit_status) == ({one: expected[one]}, 0)
    strict = verify(*names.values(), examples=16, workers=1, independent=True, **limits)
    assert (strict.uses, strict.exit_status) == (expected, 1)
    for name in names.values():
        note = f"{name} uses the answer: it imports "
        assert any(line.startswith(note) for line in strict.notes) == (name in expected)
    for name, summary in zip(names.values(), strict.summaries, strict=True):
        assert summary.exit_status == (1 if name in expected else 0)
        assert (f"{name} imports references." in strict.sentence) == (name in expected)
    with pytest.raises(AssertionError, match="Not independent: "):
        strict.raise_if_failed()


@pytest.mark.process
def test_a_package_is_its_users_and_a_reference_uses_no_answer(files, tmp_path, monkeypatch):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("from .inner import run")
    (tmp_path / "pack" / "inner.py").write_text("from references.numpy_rnn import run")
    report = verify("pack:run", "numpy", examples=8, workers=1, **SMALL)
    assert report.uses == {"pack:run": (Use("references.numpy_rnn", "pack/inner.py", 1),)}


@pytest.mark.process
@pytest.mark.framework
def test_a_framework_that_is_imported_is_the_answer(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("import numpy\nimport torch.nn\ndef run(case): return 1\n")
    report = verify("mine.py:run", examples=8, workers=1, independent=True, **SMALL)
    assert report.uses == {"mine.py:run": (Use("torch", "mine.py", 2),)}
    assert report.sentence.startswith("Not the same: ")


def test_in_this_process_nobody_watches_and_this_is_no_independence():
    report = verify("numpy", examples=2, **SMALL)
    assert report.uses is None
    with pytest.raises(ValueError, match="independent is True without workers"):
        verify("numpy", examples=2, independent=True, **SMALL)
