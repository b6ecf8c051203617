"""The fixture `parity` and its marker."""

import pytest

from harness.runs.ledger import differences
from tests.pytest_plugin.user_tests import WRONG

MARKED = """
import pytest

@pytest.mark.parity("mine:right", "numpy")
def test_marked(parity):
    assert parity.implementation is not None
    for case in parity.cases(2): parity.check(case)
"""


def test_a_marked_test_runs_once_for_each_name(run_plugin, mine):
    mine.makepyfile(MARKED)
    result = run_plugin("-v", "--strict-markers")
    result.stdout.fnmatch_lines(
        [
            "*::test_marked[[]numpy[]] PASSED*",
            "*::test_marked[[]mine:right[]] PASSED*",
            "numpy: 2 cases agree (1 test); *",
        ]
    )


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ("keras", "torch", ["torch", "keras"]),
        ("torch", "keras", ["torch", "keras"]),
        ("mine:right", "torch", ["torch", "mine:right"]),
        ("torch/packed", "numpy", ["numpy", "torch/packed"]),
    ],
)
def test_frameworks_are_loaded_in_the_tables_order_whichever_test_comes_first(
    run_plugin, mine, monkeypatch, first, second, order
):
    loaded = []
    monkeypatch.setattr("references.installed", lambda: ("numpy", "torch", "keras"))
    monkeypatch.setattr(
        "harness.implementations.resolve.resolve",
        lambda name: loaded.append(name) or (name, lambda case: None),
    )
    marked = "@pytest.mark.parity('{0}')\ndef test_{1}(parity): assert parity.name == '{0}'\n"
    mine.makepyfile(
        "import pytest\n" + marked.format(first, "first") + marked.format(second, "second")
    )
    assert run_plugin().ret == pytest.ExitCode.OK
    assert list(dict.fromkeys(loaded)) == order


def test_what_comes_later_in_the_table_is_not_loaded_before_its_test(run_plugin, mine, monkeypatch):
    loaded = []
    monkeypatch.setattr("references.installed", lambda: ("numpy", "torch", "keras"))
    monkeypatch.setattr(
        "harness.implementations.resolve.resolve",
        lambda name: loaded.append(name) or (name, lambda case: None),
    )
    mine.makepyfile(
        "import pytest\n@pytest.mark.parity('torch', 'keras')\ndef test_both(parity): pass\n"
    )
    run_plugin("-k", "torch")
    assert loaded == ["torch"]


def test_a_test_that_meets_only_known_differences_fails_as_expected(run_plugin, mine, monkeypatch):
    def met_by(verdict):
        return differences()[0] if verdict.kind == "differs" else None

    for place in ("harness.runs.ledger.known_difference", "harness.runs.summary.known_difference"):
        monkeypatch.setattr(place, met_by)
    mine.makepyfile(WRONG)
    result = run_plugin("-rx", "-k", "test_wrong")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(xfailed=1)
    met = differences()[0].id
    result.stdout.fnmatch_lines(
        [f"mine:no_bias: 3 known to differ*{met}", f"XFAIL*known difference: {met}"]
    )


def test_a_marked_test_of_a_framework_that_is_not_installed_is_skipped(
    run_plugin, mine, monkeypatch
):
    monkeypatch.setattr("references._missing", lambda reference: list(reference.needs))
    for name in ("keras/unroll", "keras gru"):
        mine.makepyfile(MARKED.replace("numpy", name))
        result = run_plugin("-rs")
        result.assert_outcomes(passed=1, skipped=1)
        which = "keras and tensorflow, which are not installed"
        result.stdout.fnmatch_lines(
            [f"SKIPPED*keras needs {which}: pip install 'rnn-parity[[]keras[]]'"]
        )


def test_a_mark_with_anything_but_names_is_a_usage_error(run_plugin, mine):
    mine.makepyfile("import pytest\n@pytest.mark.parity(time=3)\ndef test_marked(parity): pass")
    result = run_plugin()
    assert result.ret != pytest.ExitCode.OK
    assert (
        "@pytest.mark.parity takes names, as 'torch'; limits go to parity.cases(...)"
        in result.stdout.str() + result.stderr.str()
    )
    assert "Traceback" not in result.stdout.str()


def test_each_of_several_marks_counts(run_plugin, mine):
    mine.makepyfile(
        "import pytest\n"
        "@pytest.mark.parity('numpy')\n"
        "@pytest.mark.parity('references.numpy_rnn:run')\n"
        "def test_marked(parity):\n"
        "    for case in parity.cases(1): parity.check(case)"
    )
    run_plugin().assert_outcomes(passed=2)


def test_a_name_that_is_none_is_said_once(run_plugin, mine):
    mine.makepyfile("import pytest\n@pytest.mark.parity('torhc')\ndef test_marked(parity): pass")
    text = run_plugin().stdout.str()
    errors, _, _ = text.partition("short test summary")  # which repeats it where CI is set
    assert errors.count("implementation is 'torhc'") == 1
    assert "another exception" not in text


@pytest.mark.parametrize(
    ("lines", "words", "sentence"),
    [
        ("parity_sight = maybe", [], "parity_sight: invalid truth value 'maybe'; expected true"),
        ("", ["--parity-limit", "hiden=3"], "hiden is no limit"),
    ],
)
def test_what_cannot_be_is_told_before_anything_runs(run_plugin, mine, lines, words, sentence):
    mine.makeini(f"[pytest]\n{lines}\n")
    mine.makepyfile("def test_it(): pass")
    result = run_plugin(*words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stdout.str() + result.stderr.str()


def test_a_check_without_an_implementation_says_where_one_is_named(run_plugin, mine):
    mine.makepyfile("def test_it(parity):\n    for case in parity.cases(1): parity.check(case)")
    result = run_plugin()
    assert (
        "parity.check(case) has no implementation: "
        "pass one, or name it in @pytest.mark.parity('torch')"
    ) in result.stdout.str() + result.stderr.str()
    assert result.ret != pytest.ExitCode.OK
