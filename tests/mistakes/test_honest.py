"""No false alarm and no diagnosis for implementations that are right in another way."""

import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.causes.diagnosis import diagnose
from tests.mistakes.honest import HONEST


@pytest.mark.parametrize("name", HONEST)
def test_a_right_implementation_agrees_on_every_case(name):
    for case in sample_cases(40, seed=5, time=(1, 12), hidden_size=(1, 20)):
        verdict = judge(case, HONEST[name], name, calls=1)
        assert verdict.kind == "agrees", str(verdict)


@pytest.mark.parametrize("name", HONEST)
def test_a_right_implementation_gets_no_diagnosis(name):
    for case in sample_cases(3, seed=6, time=(1, 10), hidden_size=(1, 12)):
        assert diagnose(case, HONEST[name]).names == ()
