"""A refusal is a verdict of its own, with the text that the implementation gave."""

from harness import sample_cases
from harness.judge.judge import judge
from references import Unsupported


def test_a_case_that_raises_it_is_refused_with_its_text():
    def run(case):
        raise Unsupported("no masks")

    (case,) = sample_cases(1)
    verdict = judge(case, run)
    assert (verdict.kind, verdict.reason) == ("refused", "no masks")


def test_what_only_looks_like_it_is_a_crash():
    def run(case):
        raise NotImplementedError("no masks")

    (case,) = sample_cases(1)
    assert judge(case, run).kind == "crashed"
