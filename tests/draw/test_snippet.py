"""The snippet: pasted into a test it builds the very same case."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from harness import Mismatch, cases, check, sample_cases
from harness.draw.snippet import LONGEST, in_one_line, snippet
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run
from tests.references.gated import gated_case

TEST = """
from hypothesis import Phase, given, settings
from harness import cases

seen = []

{snippet}
@settings(phases=[Phase.explicit], database=None)
@given(case=cases())
def test(case):
    seen.append(case)

test()
"""


def pasted(case: Case) -> Case:
    """What a test sees above which the snippet was pasted."""
    names: dict = {}
    exec(TEST.format(snippet=snippet(case)), names)
    (seen,) = names["seen"]
    return seen


def built(case: Case) -> Case:
    """What the snippet's own lines build, above a plain function."""
    names: dict = {}
    exec(snippet(case) + "\ndef test(case):\n    pass\n", names)
    return names["case"]


def bits(case: Case) -> list:
    """Everything that decides the case, arrays as bytes."""
    arrays = [
        case.inputs,
        case.h_0,
        *(array for cell in case.weights for array in cell.arrays().values()),
    ]
    mask = None if case.mask is None else case.mask.tolist()
    return [
        case.config,
        case.masked_output,
        mask,
        [(array.dtype.name, array.shape, array.tobytes()) for array in arrays],
    ]


@pytest.mark.slow
@given(case=cases(time=(1, 3), batch=(1, 2), input_size=(1, 3), hidden_size=(1, 2)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_small_case_is_built_bit_for_bit(case):
    assert bits(built(case)) == bits(case)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_subnormals_extremes_and_thirds_are_built_bit_for_bit(dtype):
    info = np.finfo(dtype)
    odd = np.array(
        [[info.smallest_subnormal, info.max], [info.tiny, np.array(1, dtype) / np.array(3, dtype)]],
        dtype,
    )
    case = Case(
        Config(2, 2, dtype=dtype),
        (CellWeights(odd, -odd, odd[0], odd[1]),),
        odd[np.newaxis],
        odd[np.newaxis, :1],
    )
    assert bits(pasted(case)) == bits(case)


def test_negative_zeros_are_built_bit_for_bit():
    zero = np.array([[-0.0]])
    case = Case(
        Config(1, 1, dtype="float64"),
        (CellWeights(zero, zero, zero[0], zero[0]),),
        zero[np.newaxis],
        zero[np.newaxis],
    )
    assert bits(pasted(case)) == bits(case)


@pytest.mark.parametrize("masked_output", ["repeat", "zero"])
@pytest.mark.parametrize(
    "mask",
    [None, np.array([[True, False]]), np.array([[False, False]])],
    ids=["no mask", "mixed", "none counts"],
)
def test_masks_are_built(mask, masked_output):
    one = np.ones((1, 1), "float32")
    case = Case(
        Config(1, 1),
        (CellWeights(one, one),),
        np.ones((1, 2, 1), "float32"),
        None,
        mask,
        masked_output,
    )
    assert bits(pasted(case)) == bits(case)


@pytest.mark.parametrize(
    "limits",
    [
        {"num_layers": 3},
        {"bidirectional": True, "num_layers": 2},
        {"go_backwards": True},
        {"bias": False},
        {"nonlinearity": "softsign"},
        {"dtype": "float64", "regimes": "tiny"},
        {"dtype": "float32", "regimes": "large"},
    ],
    ids=str,
)
def test_every_option_is_built(limits):
    for case in sample_cases(
        5, time=(1, 2), batch=(1, 2), input_size=(1, 2), hidden_size=(1, 2), **limits
    ):
        assert bits(pasted(case)) == bits(case)


def test_it_names_no_default_and_imports_what_it_uses():
    one = np.ones((1, 1), "float32")
    text = snippet(Case(Config(1, 1), (CellWeights(one, one),), np.ones((1, 1, 1), "float32")))
    assert text.splitlines() == [
        "import numpy as np",
        "from hypothesis import example",
        "from references.case import Case, CellWeights, Config",
        "",
        "case = Case(",
        "    Config(input_size=1, hidden_size=1),",
        "    (CellWeights(np.array([[1.0]], 'float32'), np.array([[1.0]], 'float32'), "
        "np.array([0.0], 'float32'), np.array([0.0], 'float32')),),",
        "    np.array([[[1.0]]], 'float32'),",
        *text.splitlines()[8:-3],  # where the case comes from, if anything
        ")",
        "",
        "@example(case=case)  # above the test, below @given(case=cases())",
    ]


def test_a_large_case_gets_a_note_that_is_no_code():
    (case,) = sample_cases(1, time=LONGEST)
    (line,) = snippet(case).splitlines()
    count = int(line.split()[1])
    assert count > LONGEST
    assert line == f"# {count} numbers are too many to paste; use the saved file, or {case.origin}"
    shorn = Case(case.config, case.weights, case.inputs)
    assert snippet(shorn).endswith(
        " numbers are too many to paste; use the saved file, or the code that built the case"
    )


def test_the_largest_case_that_is_pasted_has_so_many_numbers():
    one = np.ones((1, 1), "float32")

    def long(steps: int) -> Case:
        return Case(Config(1, 1), (CellWeights(one, one),), np.ones((1, steps, 1), "float32"))

    assert snippet(long(LONGEST - 5)).startswith("import numpy")
    assert snippet(long(LONGEST - 4)).startswith(f"# {LONGEST + 1} numbers are too many")


def test_a_pasted_case_of_a_mended_implementation_raises_no_warning():
    """The smallest case that shows one mistake is blind to the others by design: the test it is
    pasted into must pass when mended.
    """
    one = np.ones((1, 1), "float32")
    small = pasted(
        Case(
            Config(1, 1),
            (CellWeights(one, one),),
            np.ones((1, 1, 1), "float32"),
            origin="coded_case(...)",
        )
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(small, run).kind == "agrees"


@pytest.mark.slow
def test_a_failure_found_by_hypothesis_shows_the_snippet_of_the_smallest_case():
    @given(case=cases())
    @settings(
        max_examples=100,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
    )
    def wrong(case):
        check(case, lambda case: run(case).sequence * 0 - 3)

    with pytest.raises(Mismatch) as raised:
        wrong()
    text = str(raised.value)
    assert "coded_case(" in text  # the one line that builds it
    assert snippet(raised.value.verdict.case) in "\n".join(
        line.removeprefix("    ") for line in text.splitlines()
    )


def test_one_line_names_the_weights_of_each_cell():
    cells = tuple(CellWeights(np.full((1, 1), n), np.zeros((1, 1))) for n in (2.0, 3.0))
    case = Case(Config(1, 1, num_layers=2, dtype="float64"), cells, np.ones((1, 1, 1)))
    line = in_one_line(case)
    assert line.endswith("inputs [[[1.0]]], W [[2.0]], W[1] [[3.0]], all other numbers 0")


@pytest.mark.parametrize(
    "fields", [{"cell": "lstm"}, {"cell": "gru", "reset_after": False}], ids=str
)
def test_a_gated_case_is_built_bit_for_bit(fields):
    case = gated_case(**fields, time=2, masked_output="zero")
    again = built(case)
    assert bits(again) == bits(case)
    assert (again.c_0 is None) == (case.c_0 is None)
    assert case.c_0 is None or again.c_0.tobytes() == case.c_0.tobytes()


def test_one_line_shows_a_cell_state_and_no_zeros():
    case = gated_case("lstm", input_size=1, hidden_size=1, batch=1, time=1, bias=False)
    small = Case(case.config, (CellWeights(*np.zeros((2, 4, 1))),), case.inputs, c_0=case.c_0)
    assert f"c_0 {case.c_0.tolist()}" in in_one_line(small)
    assert "cell='lstm'" in in_one_line(small)
