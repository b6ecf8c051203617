"""The comparison, on certificates made by hand: what is counted, which place is worst and first,
and the sentence.
"""

from typing import Any

import numpy as np
import pytest

from harness.judge import compare as compare_module
from harness.judge.bounds.enclosure import Enclosure
from harness.judge.certificate import Certificate
from harness.judge.compare import compare, outside
from harness.judge.verdict import Verdict
from references.case import Case, CellWeights, Config, Outputs

H, T, B = 2, 3, 2


@pytest.fixture(params=[compare_module.MANY, T * H, 3, 1], autouse=True)
def _at_a_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All outputs are compared at once, or row by row, or few steps at a time."""
    monkeypatch.setattr(compare_module, "MANY", request.param)


NAN, INF = float("nan"), float("inf")


def case_of(num_layers: int = 1, bidirectional: bool = False, dtype: str = "float64") -> Case:
    """A case of these sizes; its numbers are not looked at."""
    config = Config(1, H, num_layers, bidirectional, dtype=dtype)
    widths = [
        config.layer_input_size(layer)
        for layer in range(num_layers)
        for _ in range(config.num_directions)
    ]
    cells = tuple(
        CellWeights(np.zeros((H, width), dtype), np.zeros((H, H), dtype)) for width in widths
    )
    return Case(config, cells, np.zeros((B, T, 1), dtype))


def certificate(
    changed: dict[tuple[int, int, int], dict[str, Any]],
    layer: int = 0,
    direction: int = 0,
    final: np.ndarray | None = None,
) -> Certificate:
    """Everywhere 1 in 1 +- 1 and decided, but for the (unit, time, row) that are changed."""
    arrays = {
        "actual": np.ones((H, T, B)),
        "centre": np.ones((H, T, B)),
        "radius": np.ones((H, T, B)),
        "decided": np.ones((H, T, B), bool),
    }
    for at, values in changed.items():
        for name, value in values.items():
            arrays[name][at] = value
    actual, *allowed = (
        arrays[name].T for name in ("actual", "centre", "radius", "decided")
    )  # (B, T, H)
    return Certificate(
        layer, direction, actual, Enclosure(*allowed), np.zeros((B, H)) if final is None else final
    )


def everywhere(count: int = H * T * B, **values: Any) -> dict[tuple[int, ...], dict[str, Any]]:
    """The same values at that many places."""
    return dict.fromkeys(list(np.ndindex(H, T, B))[:count], values)


def verdict_on(
    *certificates: Certificate, h_n: np.ndarray | None = None, dtype: str = "float64"
) -> Verdict:
    layers, directions = (
        1 + max(getattr(one, name) for one in certificates) for name in ("layer", "direction")
    )
    case = case_of(layers, directions == 2, dtype)
    return compare(case, "it", Outputs(np.zeros((B, T, H * directions)), h_n), list(certificates))


def counts(verdict: Verdict) -> tuple[int, ...]:
    return verdict.outputs, verdict.exact, verdict.undecided, verdict.wrong


def coordinates(place: Any) -> tuple[int, ...]:
    """Layer, direction, row, time, unit."""
    return place.layer, place.direction, place.batch, place.time, place.unit


def test_outputs_equal_ones_undecided_ones_and_wrong_ones_are_counted_over_all_certificates() -> (
    None
):
    one = certificate({
        (0, 0, 0): {"radius": 0},
        (0, 1, 0): {"radius": 0, "actual": 2},
        (1, 0, 0): {"decided": False},
        (1, 1, 0): {"decided": False, "radius": INF},
        (1, 2, 0): {"decided": False, "radius": INF, "actual": NAN},
    })  # fmt: skip
    other = certificate(
        {(0, 0, 0): {"radius": 0}, (1, 2, 1): {"actual": NAN}, (0, 2, 1): {"actual": 2.5}},
        direction=1,
    )
    assert counts(verdict_on(one)) == (12, 2, 3, 1)
    assert counts(verdict_on(other, certificate({}))) == (24, 1, 0, 2)
    assert counts(verdict_on(one, other)) == (24, 3, 3, 3)
    assert (
        verdict_on(one, other).reason
        == "3 of 24 outputs lie outside what right arithmetic can give"
    )


def test_an_output_on_the_very_end_of_its_bound_is_inside_and_the_next_number_is_not() -> None:
    for end in (1.0, -1.0):
        assert verdict_on(certificate({(0, 0, 0): {"actual": end, "centre": 0}})).kind == "agrees"
        beyond = np.nextafter(end, 2 * end)
        assert verdict_on(certificate({(0, 0, 0): {"actual": beyond, "centre": 0}})).wrong == 1
    assert verdict_on(certificate({(0, 0, 0): {"actual": 1 + 2.0**-52, "radius": 0}})).wrong == 1


def test_minus_zero_equals_zero() -> None:
    assert (
        verdict_on(certificate({(0, 0, 0): {"actual": -0.0, "centre": 0.0, "radius": 0}})).kind
        == "agrees"
    )


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_what_is_not_finite_is_inside_an_infinite_radius_alone(value: float) -> None:
    assert (
        verdict_on(
            certificate({(1, 1, 1): {"actual": value, "radius": INF, "decided": False}})
        ).kind
        == "agrees"
    )
    for radius in (0, 1, 1e308):
        verdict = verdict_on(certificate({(1, 1, 1): {"actual": value, "radius": radius}}))
        assert (verdict.kind, verdict.wrong, coordinates(verdict.worst)) == (
            "differs",
            1,
            (0, 0, 1, 1, 1),
        )
        assert coordinates(verdict.first) == coordinates(verdict.worst)


def test_the_worst_is_the_decided_output_nearest_to_its_bound() -> None:
    verdict = verdict_on(
        certificate(
            {
                (0, 1, 1): {
                    "actual": 1.5,
                    "radius": 4,
                },  # further off than the next, but a smaller share of its bound
                (1, 2, 0): {"actual": 1.25, "radius": 0.5},
                (1, 1, 1): {"actual": 1.75, "decided": False},
                (1, 0, 1): {"radius": 0},
            }
        )
    )
    assert coordinates(verdict.worst) == (0, 0, 0, 2, 1)
    assert (verdict.worst.actual, verdict.worst.expected, verdict.worst.allowed) == (1.25, 1, 0.5)
    assert verdict.worst_ratio == 0.5
    assert verdict.first is None


def test_the_worst_of_several_certificates_is_the_worst_of_all_and_the_earliest_of_equals() -> None:
    near, nearer = ({(0, 1, 1): {"actual": 1 + share}} for share in (0.25, 0.75))
    assert coordinates(verdict_on(certificate(near), certificate(nearer, direction=1)).worst)[
        :2
    ] == (0, 1)
    assert coordinates(verdict_on(certificate(nearer), certificate(near, direction=1)).worst)[
        :2
    ] == (0, 0)
    assert coordinates(verdict_on(certificate(near), certificate(near, direction=1)).worst)[:2] == (
        0,
        0,
    )


def test_an_undecided_output_that_is_outside_is_wrong_and_may_be_the_worst() -> None:
    verdict = verdict_on(
        certificate({(0, 0, 1): {"actual": 4, "decided": False}, (0, 2, 1): {"actual": 3}})
    )
    assert (verdict.kind, verdict.wrong, coordinates(verdict.worst)) == (
        "differs",
        2,
        (0, 0, 1, 0, 0),
    )


def test_a_nan_is_worse_than_every_number_that_is_outside() -> None:
    far, nan = {(0, 0, 0): {"actual": 1e300}}, {(1, 1, 0): {"actual": NAN}}
    assert coordinates(verdict_on(certificate(far | nan)).worst) == (0, 0, 0, 1, 1)
    inside = {(0, 0, 0): {"actual": 1.5}}
    verdict = verdict_on(certificate(inside), certificate(nan, direction=1))
    assert coordinates(verdict.worst) == coordinates(verdict.first) == (0, 1, 0, 1, 1)


def test_where_every_output_is_equal_the_worst_ratio_is_0_whatever_the_radius() -> None:
    for radius in (0, 1):
        verdict = verdict_on(certificate(everywhere(radius=radius)))
        assert (verdict.kind, verdict.worst_ratio, verdict.worst.ratio) == ("agrees", 0, 0)


def test_an_undecided_output_that_is_inside_is_no_worse_than_an_equal_one() -> None:
    verdict = verdict_on(certificate({(1, 2, 1): {"actual": 1.75, "decided": False}}))
    assert (verdict.undecided, verdict.worst_ratio) == (1, 0)


def test_the_first_wrong_output_is_the_first_in_time_then_by_unit_then_by_row() -> None:
    wrong = {"actual": 9}
    for others, first in (
        ([(0, 2, 0), (1, 1, 1)], (1, 1, 1)),
        ([(1, 1, 0), (0, 1, 1)], (0, 1, 1)),
        ([(1, 1, 1), (1, 1, 0)], (1, 1, 0)),
    ):
        unit, time, row = first
        verdict = verdict_on(certificate(dict.fromkeys(others, wrong)))
        assert coordinates(verdict.first) == (0, 0, row, time, unit)


def test_the_first_wrong_output_is_that_of_the_lowest_layer_and_the_first_direction() -> None:
    def wrong(time: int, layer: int, direction: int) -> Certificate:
        return certificate({(0, time, 0): {"actual": 9}}, layer, direction)

    assert coordinates(verdict_on(certificate({}), wrong(2, 0, 1), wrong(0, 1, 0)).first) == (
        0,
        1,
        0,
        0,
        0,
    )
    assert coordinates(verdict_on(wrong(2, 0, 0), wrong(0, 0, 1)).first) == (0, 0, 0, 2, 0)


def test_the_backward_direction_is_compared_in_processing_order_and_shown_at_its_own_time() -> None:
    steps = {(0, 0, 0): {"actual": 9}, (1, 1, 1): {"actual": 20}}
    verdict = verdict_on(certificate({}), certificate(steps, direction=1))
    assert coordinates(verdict.first) == (0, 1, 0, T - 1, 0)
    assert coordinates(verdict.worst) == (0, 1, 1, T - 2, 1)


@pytest.mark.parametrize(("dtype", "last_place"), [("float32", 2.0**-23), ("float64", 2.0**-52)])
def test_a_difference_is_given_in_units_in_the_last_place_of_the_expected_value_in_the_cases_dtype(
    dtype: str, last_place: float
) -> None:
    for centre, scale in ((1.0, 1), (-1.0, 1), (6.0, 4), (0.375, 0.25)):
        for places in (1, 5):
            wrong = {"actual": centre - places * scale * last_place, "centre": centre, "radius": 0}
            place = verdict_on(certificate({(1, 2, 1): wrong}), dtype=dtype).first
            assert place.ulp == places
            assert (place.actual, place.expected, place.allowed, place.ratio) == (
                wrong["actual"],
                centre,
                0,
                INF,
            )


@pytest.mark.parametrize(
    ("undecided", "kind"),
    [(0, "agrees"), (1, "agrees"), (6, "agrees"), (7, "inconclusive"), (12, "inconclusive")],
)
def test_a_case_is_inconclusive_where_fewer_than_half_of_its_outputs_are_decided(
    undecided: int, kind: str
) -> None:
    verdict = verdict_on(certificate(everywhere(undecided, decided=False)))
    assert (verdict.kind, verdict.undecided) == (kind, undecided)
    if kind == "inconclusive":
        assert (
            verdict.reason
            == f"the bound of {undecided} of 12 outputs is too wide to prove anything"
        )


def test_one_wrong_output_outranks_any_number_of_undecided_ones() -> None:
    undecided = everywhere(decided=False)
    assert verdict_on(certificate(undecided | {(0, 0, 0): {"actual": 9}})).kind == "differs"
    wrong_state = verdict_on(certificate(undecided), h_n=np.ones((1, B, H)))
    assert (wrong_state.kind, wrong_state.wrong) == ("differs", 0)


def test_the_sentence_of_agreement_says_how_many_had_to_be_equal() -> None:
    some = verdict_on(certificate({(0, 0, 0): {"radius": 0}}), dtype="float32")
    assert (
        some.reason
        == "12 outputs of float32 lie inside their bounds; 1 of them had to be equal, and are"
    )
    whole = verdict_on(certificate(everywhere(radius=0)))
    assert (
        whole.reason
        == "12 outputs of float64 lie inside their bounds; all of them had to be equal, and are"
    )


def test_each_final_state_is_compared_with_its_own_layer_and_direction() -> None:
    states = np.arange(16.0).reshape(4, B, H)
    certificates = [
        certificate({}, layer, direction, final=states[2 * layer + direction])
        for layer in range(2)
        for direction in range(2)
    ]
    right = verdict_on(*certificates, h_n=states)
    assert (right.kind, right.h_n_checked) == ("agrees", True)
    assert not verdict_on(*certificates).h_n_checked
    for index, row, unit in np.ndindex(4, B, H):
        for off in (-0.5, 0.5, NAN):
            wrong = states.copy()
            wrong[index, row, unit] += off
            verdict = verdict_on(*certificates, h_n=wrong)
            expected = float(states[index, row, unit])
            assert verdict.kind == "differs"
            assert verdict.reason == (
                f"h_n[{index}, {row}, {unit}] is {expected + off!r}, "
                f"but the state after the last valid step is {expected!r}"
            )


def test_of_several_wrong_final_states_the_first_is_named() -> None:
    certificates = [
        certificate({}, direction=direction, final=np.zeros((B, H))) for direction in range(2)
    ]
    wrong = np.zeros((2, B, H))
    wrong[0, 1, 0] = wrong[0, 1, 1] = wrong[1, 0, 0] = 1
    assert verdict_on(*certificates, h_n=wrong).reason.startswith("h_n[0, 1, 0] is 1.0, ")


def test_a_final_state_of_nan_equals_a_state_of_nan_and_no_number() -> None:
    final = np.array([[NAN, 1.0], [2.0, INF]])
    assert verdict_on(certificate({}, final=final), h_n=final[np.newaxis]).kind == "agrees"
    for value in (0.0, INF):
        other = np.where(np.isnan(final), value, final)
        assert verdict_on(certificate({}, final=final), h_n=other[np.newaxis]).kind == "differs"
        assert verdict_on(certificate({}, final=other), h_n=final[np.newaxis]).kind == "differs"


def test_a_wrong_output_is_told_before_a_wrong_final_state() -> None:
    verdict = verdict_on(certificate({(0, 0, 0): {"actual": 9}}), h_n=np.ones((1, B, H)))
    assert verdict.reason == "1 of 12 outputs lie outside what right arithmetic can give"


@pytest.mark.parametrize(
    ("changed", "deviation"),
    [
        ({}, 0),
        ({(0, 0, 0): {"actual": 2.0}}, 0),
        ({(0, 0, 0): {"actual": 2.5}}, 0.5),
        ({(0, 0, 0): {"actual": 2.5}, (1, 2, 1): {"actual": -3.0}}, 3),
        ({(0, 0, 0): {"actual": 2.5}, (1, 2, 1): {"actual": 9.0, "radius": INF}}, 0.5),
        ({(0, 1, 0): {"actual": 1.25, "radius": 0.0}}, 0.25),
        ({(0, 1, 0): {"actual": NAN}}, INF),
        ({(0, 1, 0): {"actual": -INF}}, INF),
    ],
)
def test_the_deviation_is_how_far_outside_the_furthest_lies(
    changed: dict[tuple[int, int, int], dict[str, Any]], deviation: float
) -> None:
    assert verdict_on(certificate(changed)).deviation == deviation


def test_a_wrong_final_state_lies_infinitely_far_outside() -> None:
    h_n = np.full((1, B, H), 2.0)
    assert verdict_on(certificate({}), h_n=h_n).deviation == INF


@pytest.mark.filterwarnings("error")
def test_what_overflows_beside_what_is_wrong_is_inside_without_a_warning() -> None:
    one = certificate({(0, 0, 0): {"radius": INF, "actual": INF}, (1, 2, 1): {"actual": 9}})
    wrong = np.zeros((B, T, H), bool)
    wrong[1, 2, 1] = True
    assert np.array_equal(outside(one), wrong)
    assert counts(verdict_on(one)) == (12, 0, 0, 1)
