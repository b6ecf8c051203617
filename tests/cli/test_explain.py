"""From a failure to its file and back: what verify writes, explain judges on the code as it is."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from harness import sample_cases
from harness.cli.main import cli
from harness.draw.saved import load_case, save_case
from references.case import Case, CellWeights, Config
from tests.cli.commands import SMALL, complaint, invoke, one_line

pytestmark = pytest.mark.process

WRONG = ("verify", "mine.py:transposed", "--save", "failed", *SMALL)


@pytest.fixture
def path():
    """A file as verify writes it, of a case on which a transposed U shows."""
    limits = {"num_layers": 1, "bidirectional": False, "nonlinearity": "tanh", "masks": False}
    sizes = {"time": 3, "hidden_size": 3, "go_backwards": False, "initial_states": False}
    (case,) = sample_cases(1, **limits, **sizes, input_size=2, batch=1, regimes="contracting")
    save_case(case, Path("a.case"), {"implementation": "mine.py:transposed", "numpy": "1.0"})
    return Path("a.case")


def test_a_notebook_function_claims_to_compute_the_cases_nonlinearity():
    Path("relu.py").write_text(
        "import numpy as np\n"
        "def rnn(inputs, W, U, b):\n"
        "    h, outputs = 0 * b, []\n"
        "    for x in inputs:\n"
        "        h = np.maximum(W @ x + U @ h + b, 0)\n"
        "        outputs.append(h)\n"
        "    return np.stack(outputs)\n"
    )
    for nonlinearity, status in (("relu", 0), ("tanh", 1)):
        limits = {"num_layers": 1, "bidirectional": False, "masks": False, "go_backwards": False}
        (case,) = sample_cases(1, **limits, initial_states=False, nonlinearity=nonlinearity)
        save_case(case, Path("a.case"), {"implementation": "relu.py:rnn"})
        assert invoke("explain", "a.case").return_value == status


@pytest.mark.process
def test_verify_writes_a_file_that_explain_judges_again():
    result = invoke(*WRONG, "--seed", "5", "-v")
    assert result.return_value == 1
    (path,) = Path("failed").iterdir()
    text = one_line(result.stdout)
    assert "diagnosis Matches with U transposed" in text
    assert "To fix it: " in text
    assert "next(sample_cases(1, seed=5, start=" in text
    assert f"saved as {path}; replay it with: rnn-parity explain {path}" in text
    for line in ("import numpy as np", "from hypothesis import example", "@example(case=case)"):
        assert line in text
    assert "hidden_size=2" in text.split("case = Case(")[1]
    case, facts = load_case(path)
    assert eval(facts["found"], {"sample_cases": sample_cases}).origin == facts["found"]
    assert _pasted(result.stdout) == (case.config, case.inputs.tolist())
    explained = invoke("explain", str(path), "-v")
    assert explained.return_value == 1
    assert f"saved with numpy {facts['numpy']}" in one_line(explained.stdout)


def _pasted(text):
    """The case that the printed snippet builds: no line of it is broken by the terminal's width."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if "import numpy as np" in line)
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = next(index for index, line in enumerate(lines) if line.strip() == ")" and index > start)
    names: dict = {}
    exec("\n".join(line[indent:] for line in lines[start : end + 1]), names)
    return names["case"].config, names["case"].inputs.tolist()


def test_it_names_the_mistake_and_prints_the_case(path):
    result = invoke("explain", str(path), "-v")
    assert result.return_value == 1
    text = one_line(result.stdout)
    assert text.startswith("mine.py:transposed differs: ")
    assert "diagnosis Matches with U transposed" in text
    assert "saved with numpy 1.0" in text
    assert "case = Case(" in text


def test_twelve_lines_are_enough_without_v(path):
    result = invoke("explain", str(path))
    lines = result.stdout.splitlines()
    assert len(lines) <= 12
    labels = [line.split()[0] for line in lines[1:-1]]
    assert labels == ["where", "actual", "expected", "diagnosis", "case"]
    crashed = invoke("explain", str(path), "mine.py:crashes").stdout.splitlines()
    assert [line.split()[0] for line in crashed[1:-1]] == ["raised", "diagnosis", "case"]
    assert crashed[1].startswith("  raised at   mine.py:")
    assert crashed[2] == "  diagnosis   Called again on this case, it crashes in the same way."


def test_it_agrees_once_the_code_is_fixed(path):
    source = Path("mine.py").read_text()
    Path("mine.py").write_text(source.replace("U.T", "U"))
    result = invoke("explain", str(path))
    assert result.return_value == 0
    assert result.stdout.startswith("mine.py:transposed agrees: ")
    assert "diagnosis" not in result.stdout
    assert "Case(" not in result.stdout  # unasked
    assert "case = Case(" in invoke("explain", str(path), "-v").stdout


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("numpy", 0, "numpy agrees: "),
        ("mine.py:crashes", 1, "it raised ValueError: broken"),
        ("mine.py:refuses", 3, "not today"),
    ],
)
def test_another_implementation_may_be_named(path, name, status, sentence):
    result = invoke("explain", str(path), name)
    assert result.return_value == status
    assert sentence in result.stdout


def test_a_failure_that_needs_a_second_call_fails_again(path):
    """The file is imported anew: what the first run remembered is gone."""
    result = invoke("explain", str(path), "mine.py:caches")
    assert result.return_value == 1
    assert "weights of an earlier call" in one_line(result.stdout)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "bad.case is no saved case, or is cut off"),
        (b"text\n" * 50, "bad.case is no saved case, or is cut off"),
        (None, "bad.case cannot be read: No such file or directory"),
    ],
    ids=["empty", "text", "missing"],
)
def test_a_bad_file_exits_with_2_and_one_sentence(data, sentence):
    if data is not None:
        Path("bad.case").write_bytes(data)
    assert complaint("explain", "bad.case").startswith(sentence)


def test_a_cut_and_an_altered_file_exit_with_2(path):
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    assert "is no saved case, or is cut off" in complaint("explain", str(path))
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    sentence = f"{path} was altered: its checksum does not fit its contents"
    assert complaint("explain", str(path)) == sentence


def test_a_huge_file_and_a_folder_exit_with_2():
    with open("huge.case", "wb") as file:
        file.truncate(1 << 40)
    assert "holds 1099511627776 bytes, more than" in complaint("explain", "huge.case")
    Path("folder").mkdir()
    assert "is a directory" in complaint("explain", "folder")


def test_an_implementation_that_is_not_there_any_more_exits_with_2(path):
    Path("mine.py").unlink()
    assert complaint("explain", str(path)) == "there is no file mine.py"
    sentence = complaint("explain", str(path), "torhc")
    assert sentence.startswith("implementation is 'torhc', expected one of")


def test_an_implementation_that_cannot_be_used_any_more_exits_with_1(path):
    Path("mine.py").write_text("import numpy\n1 / 0\n")
    result = CliRunner().invoke(cli, ["explain", str(path)])
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Crashed: mine.py cannot be imported: ZeroDivisionError: division by zero",
        "  raised at   mine.py:2, in <module>: 1 / 0",
    ]


def test_a_file_without_an_implementation_asks_for_one(path):
    case, _ = load_case(path)
    save_case(case, Path("bare.case"))
    assert "name an IMPLEMENTATION" in complaint("explain", "bare.case")
    assert invoke("explain", "bare.case", "numpy").return_value == 0


@pytest.mark.process
def test_a_folder_that_cannot_be_written_costs_no_verdict():
    """The run is over and its result is there: it is printed, and exits with 1."""
    Path("taken").write_text("a file")
    result = invoke("verify", "mine.py:transposed", "--save", "taken/failed", *SMALL)
    assert result.return_value == 1
    assert "diagnosis Matches with U transposed" in one_line(result.stdout)


@pytest.mark.process
def test_a_run_that_agrees_writes_nothing():
    assert invoke("verify", "numpy", "--save", "failed", *SMALL).return_value == 0
    assert not Path("failed").exists()


def large(steps, **facts):
    """A file of 1 MB and more: one unit, and many steps."""
    weights = (CellWeights(np.array([[0.5]]), np.array([[0.25]])),)
    config = Config(1, 1, dtype="float64")
    save_case(Case(config, weights, np.full((1, steps, 1), 0.5)), Path("large.case"), facts)


def test_a_case_that_takes_more_than_ten_seconds_needs_force(monkeypatch):
    large(2_000_000)
    monkeypatch.setattr(
        "harness.cli.explain.ask_once", lambda *_, **__: pytest.fail("it was judged")
    )
    sentence = complaint("explain", "large.case", "numpy")
    assert sentence == (
        "large.case takes about 20 s: it has 2,000,000 steps, one after the other. "
        "To judge it all the same: --force"
    )
    with pytest.raises(pytest.fail.Exception, match="it was judged"):
        invoke("explain", "large.case", "numpy", "--force")


@pytest.mark.slow
def test_a_failure_on_a_large_case_is_diagnosed_on_a_smaller_one():
    large(30_000)
    Path("scales.py").write_text(
        "from references.cells.rnn import simple_rnn\n"
        "def run(inputs, W, U, b):\n    return simple_rnn(inputs, 1.5 * W, U, b)\n"
    )
    start = time.process_time()
    result = invoke("explain", "large.case", "scales.py:run")
    assert time.process_time() - start < 10
    assert result.return_value == 1
    assert "smallest    Config(input_size=1, hidden_size=1" in result.stdout
    assert "Matches no known mistake" in result.stdout


NASTY = "a\n::error::b\x1b[31m\u202e##[error]c"


def test_nothing_that_a_strangers_file_says_is_more_than_text(path):
    case, _ = load_case(path)
    facts = {NASTY: NASTY, "b": {NASTY: [NASTY]}} | {f"fact {n}": n for n in range(100)}
    save_case(replace(case, origin=NASTY), Path("nasty.case"), facts)
    for words in (("numpy", "-v"), ("mine.py:transposed", "-v"), ("mine.py:transposed",)):
        result = invoke("explain", "nasty.case", *words)
        assert not any(line.lstrip().startswith("::") for line in result.stdout.splitlines())
        for bad in ("\x1b", "\u202e", "##[", "\nb"):
            assert bad not in result.stdout
    verbose = invoke("explain", "nasty.case", "numpy", "-v").stdout
    assert r"saved with  a ::error::b\x1b[31m\u202e\x23#[error]c" in verbose
    assert "saved with  62 more facts" in verbose


@pytest.mark.parametrize("name", [NASTY, "x" * 300, "a\0", "\udcff", 3, ["numpy"], {"a": 1}])
def test_a_name_in_a_file_that_is_none_is_one_sentence(path, name):
    case, _ = load_case(path)
    save_case(case, Path("nasty.case"), {"implementation": name})
    sentence = complaint("explain", "nasty.case")
    assert sentence.startswith("nasty.case says that ")
    assert sentence.endswith("failed, which is no name: name an IMPLEMENTATION")
