"""What people reported: each is caught, and named alone, on the smallest case that shows it."""

import pytest

from harness import verify
from tests.field.reports import REPORTS


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.deep)])
@pytest.mark.parametrize("source", REPORTS)
def test_a_reported_fault_is_named_alone(source, seed):
    run, mistake = REPORTS[source]
    report = verify(run, examples=40, seed=seed)
    assert report.exit_status == 1
    (findings,) = report.findings.values()
    assert {finding.diagnosis.names for finding in findings} == {(mistake,)}
