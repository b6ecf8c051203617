"""The section at the end, also from the workers of pytest-xdist and in pytest-html's page."""

import re

import pytest

from tests.pytest_plugin.user_tests import TESTS as USER_TESTS

TESTS = """
import pytest
import mine

@pytest.mark.parametrize("start", range(3))
def test_right(parity, start):
    for case in parity.cases(2): parity.check(case, mine.right)

def test_wrong(parity):
    for case in parity.cases(9): parity.check(case, mine.wrong)
"""


CAUGHT = "    parity.check(case, mine.no_bias, 'mine:right')"
HERE = ("-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "--parity-examples", "2")


def test_the_section_at_the_end_adds_them_up(run_plugin, mine):
    mine.makepyfile(USER_TESTS)
    result = run_plugin()
    result.stdout.fnmatch_lines(
        [
            "*= rnn-parity =*",
            (
                "mine:right: 28 cases agree (2 tests); worst ratio 0.* over * "
                "of which had to be equal; *known mistakes"
            ),
        ]
    )


def test_there_is_no_section_where_nothing_was_checked(run_plugin, mine):
    mine.makepyfile("def test_nothing(parity): pass")
    result = run_plugin()
    assert result.ret == pytest.ExitCode.OK
    assert "rnn-parity" not in result.stdout.str().replace(str(mine.path), "")


def test_a_test_whose_cases_hide_plain_mistakes_is_named(run_plugin, mine):
    source = (
        "import mine, pytest\n"
        "def test_one_step(parity):\n"
        "  for case in parity.cases(5, time=1, initial_states=False, bias=True):\n"
        "    parity.check(case, mine.right)"
    )
    mine.makepyfile(source)
    run_plugin().stdout.fnmatch_lines(
        ["  test_*.py::test_one_step would have hidden: U transposed*"]
    )
    mine.makepyfile(f"{source}\n  assert False")
    failed = run_plugin().stdout.str()
    assert "mine:right: 5 cases agree (1 test)" in failed
    assert "would have hidden" not in failed
    mine.makepyfile(f"{source}\n  with pytest.raises(AssertionError):\n{CAUGHT}")
    caught = run_plugin().stdout.str()
    assert "5 cases agree, 1 differs (1 test)" in caught
    assert "would have hidden" not in caught


@pytest.mark.deep
@pytest.mark.process
def test_figures_and_failures_arrive_from_workers(mine):
    pytest.importorskip("xdist")
    mine.makepyfile(TESTS.replace("mine.wrong", "mine.no_bias, 'no_bias'"))
    result = mine.runpytest_subprocess("-n", "2", *HERE)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines_random(
        [
            "mine:right: 6 cases agree (3 tests); *",
            "no_bias: * differ* (1 test); *",
            "saved as rnn-parity-failures/*",
        ]
    )
    assert list(mine.path.glob("rnn-parity-failures/*.case"))


@pytest.mark.deep
@pytest.mark.process
def test_each_implementation_has_a_group_or_it_is_said_that_there_are_none(mine):
    """pytest 9.2 ignores the groups of pytest-xdist 3.8: then the run says so."""
    pytest.importorskip("xdist")
    asked = ("--parity-implementation", "numpy", "--parity-implementation", "mine:right")
    result = mine.runpytest_subprocess("-n", "2", "--dist", "loadgroup", "-v", *HERE, *asked)
    assert result.ret == pytest.ExitCode.OK
    ran = re.findall(r"\[(gw\d)\].*rnn-parity::(numpy|mine:right)::", result.stdout.str())
    assert len(ran) == 76
    workers = {
        name: {worker for worker, of in ran if of == name} for name in ("numpy", "mine:right")
    }
    grouped = all(len(found) == 1 for found in workers.values())
    assert grouped == ("@numpy" in result.stdout.str())
    assert grouped != (
        "--dist loadgroup had no effect, so frameworks were loaded in several processes"
        in result.stdout.str()
    )


@pytest.mark.deep
@pytest.mark.process
def test_the_page_of_pytest_html_has_the_lines(mine):
    pytest.importorskip("pytest_html")
    mine.makepyfile(TESTS.replace("mine.wrong", "mine.right, '<b>theirs</b>'"))
    result = mine.runpytest_subprocess("--html", "page.html", "--self-contained-html", *HERE)
    assert result.ret == pytest.ExitCode.OK
    page = (mine.path / "page.html").read_text(encoding="utf-8")
    assert "<h3>rnn-parity</h3>" in page
    assert "<li>mine:right: 6 cases agree (3 tests); worst ratio" in page
    assert "<li>&lt;b&gt;theirs&lt;/b&gt;: 9 cases agree" in page
    (mine.path / "test_none.py").write_text("def test_none(): pass")
    mine.runpytest_subprocess("--html", "page.html", "--self-contained-html", *HERE, "test_none.py")
    assert "<h3>rnn-parity</h3>" not in (mine.path / "page.html").read_text(encoding="utf-8")
