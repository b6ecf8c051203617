from dataclasses import replace

import pytest

from harness.models.comparison import Comparison, settings
from harness.models.relations import Relation
from references.options import Saying, config_of
from tests.models.pairs import model
from tests.report.stubs import report, run, wrong

EQUAL = Relation("layer 0", "weight_ih_l0", "kernel", "equal after transposing", True)
FOLDED = Relation("layer 0", "b + b", "bias", "folded: rounded once in 1 of 3 entries", True)
OTHER = Relation("layer 0", "weight_hh_l0", "recurrent_kernel", "B has A's transposed", False)


def comparison(*relations, of=run, other=(), **fields):
    return Comparison("a", "b", other, relations, report(of), "these inputs", **fields)


def test_a_proof_says_for_what_and_no_more():
    assert comparison(EQUAL, FOLDED).sentence.startswith(
        "Proved for these inputs, and no others. All 2 arrays of a and b are equal but for layout "
        "and rounded sums of biases. "
    )
    assert "equal but for layout. " in comparison(EQUAL).sentence
    for words, between in (
        ("equal", ""),
        ("equal, in float32 and float64", " but for dtype"),
        ("equal after transposing, in float32 and float64", " but for layout and dtype"),
        ("zeros, and B has none", " but for a bias of zeros"),
    ):
        assert f"are equal{between}. " in comparison(EQUAL._replace(words=words)).sentence
    assert "arrays" not in comparison().sentence


def test_the_first_array_that_differs_is_named():
    result = comparison(EQUAL, OTHER, OTHER)
    assert result.exit_status == 1
    assert "weight_hh_l0 and recurrent_kernel of layer 0: B has A's transposed (2 of 3" in (
        result.sentence
    )


def test_wrong_outputs_and_settings_fail_though_arrays_are_equal():
    assert comparison(EQUAL, of=wrong).exit_status == 1
    one, two = model("gru")[0], model("gru", reset_after=False)[0]
    other = settings(one, two)
    assert [str(setting) for setting in other] == ["reset_after is True in A, False in B"]
    assert comparison(EQUAL, other=other).exit_status == 1
    _, assumptions = config_of(
        Saying("a file", {"input_size": 2, "hidden_size": 3, "cell": "gru"}), {}
    )
    (setting,) = settings(one, two, (assumptions, ()))
    assert str(setting) == "reset_after is True in A, False in B (assumed of A)"
    (setting,) = settings(one, two, (assumptions, assumptions))
    assert str(setting).endswith(" (assumed of A and B)")


def test_no_bias_and_another_dtype_are_no_settings():
    config, _ = model()
    assert settings(config, replace(config, bias=False, dtype="float64")) == ()


@pytest.mark.parametrize("verbose", [False, True])
def test_it_is_printed_sentence_first_then_arrays_then_verdicts(verbose):
    text = comparison(EQUAL, acuity="Acuity.", notes=("Assumed.",)).text(verbose)
    parts = ["Proved for", "A: a", "weight_ih_l0", "implementation", "Acuity.", "Assumed."]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_names_from_files_cannot_move_the_cursor():
    evil = EQUAL._replace(a="\x1b[31mW\n::error::x")
    text = str(comparison(evil))
    assert "\x1b" not in text
    assert "\n::error" not in text
