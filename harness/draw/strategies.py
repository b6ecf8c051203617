"""Hypothesis strategies over the same space: sizes, options and a few integers are drawn.

The numbers of a case follow from these integers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import assume, event, example
from hypothesis import strategies as st

from harness.draw.bits import coded
from harness.draw.choices import IN_KINDS, Choices
from harness.draw.generate import assemble, layer_kinds_of, shapes_of
from harness.draw.layer_kinds import LayerKind, nearest
from harness.draw.limits import EXACT_REGIMES, Limits, limits
from harness.draw.masks import MASKED, MASKS
from harness.draw.rare import RARE
from harness.draw.saved import load_case
from harness.draw.shapes import Shape
from harness.judge.judge import judge
from references.case import MASKED_OUTPUTS, Case, Config
from references.numpy_rnn import run

CODE = (1 << 64) - 1
Test = TypeVar("Test", bound=Callable[..., Any])


def cases(**values: Any) -> st.SearchStrategy[Case]:
    """Cases within limits by name.

    They shrink to sizes of 1, the first value of each option, and numbers that are 0 or small
    powers of two. Each array comes from one integer, so that a smaller array never needs more
    draws: shrinking sizes stays possible throughout. Raises LimitError (a TypeError and a
    ValueError) at once for a limit that does not exist or allows nothing.
    """
    return _cases(limits(**values))


@st.composite
def _shapes(draw: st.DrawFn, allowed: Limits, kinds: tuple[LayerKind, ...]) -> Shape:
    sizes = {name: draw(st.integers(*ends)) for name, ends in allowed.sizes.items()}
    fields = draw(st.sampled_from(allowed.kinds)) | {
        name: draw(st.sampled_from(values))
        for name, values in allowed.choices.items()
        if name not in ("nonlinearity", *IN_KINDS)
    }
    config = Config(sizes.pop("input_size"), sizes.pop("hidden_size"), **fields)
    has_mask = allowed.masks and draw(st.sampled_from(MASKS)) != "none"
    masked_output = draw(st.sampled_from(MASKED_OUTPUTS)) if has_mask else "repeat"
    if kinds:
        kind = nearest(kinds, LayerKind(config.kind, masked_output if has_mask else ""))
        config, has_mask = kind.layers(config), kind.masked_output != ""
        masked_output = kind.masked_output or "repeat"
    return Shape(config, **sizes, has_mask=has_mask, masked_output=masked_output)


@st.composite
def _cases(draw: st.DrawFn, allowed: Limits) -> Case:
    if allowed.shapes:
        shape = draw(st.sampled_from(shapes_of(0, allowed)))
    else:
        shape = draw(_shapes(allowed, layer_kinds_of(0, allowed)))
    config, kinds = shape.config, MASKED if shape.has_mask else ("none",)
    choices = Choices(
        time=shape.time,
        batch=shape.batch,
        regime=draw(st.sampled_from(allowed.regimes_for(config))),
        with_state=allowed.initial_states and draw(st.booleans()),
        mask_kind=draw(st.sampled_from(kinds)),
        masked_output=shape.masked_output,
        rare=draw(st.sampled_from(RARE)),
        recurrent_biases=allowed.recurrent_biases,
    )
    # pytest --hypothesis-show-statistics says how often each was drawn.
    event(f"regime {choices.regime}")
    codes: list[int] = []

    def code() -> int:
        codes.append(draw(st.integers(0, CODE)))
        return codes[-1]

    case = assemble(config, choices, coded(code), origin="")
    if config.nonlinearity in ("relu", "linear") and choices.regime not in EXACT_REGIMES:
        assume(_can_be_decided(case))
    arguments = ", ".join(f"{name}={value!r}" for name, value in choices._asdict().items())
    object.__setattr__(case, "origin", f"coded_case({config!r}, {arguments}, codes={codes})")
    return case


def saved_examples(folder: Path | str, parameter: str = "case") -> Callable[[Test], Test]:
    """A decorator that makes every saved case (`*.case`) in the folder an `@example` of the test.

    The case is passed under the parameter's name. A folder that does not exist holds no case.
    Raises Unreadable for a file that is no saved case.

    >>> from hypothesis import given
    >>> @given(case=cases())
    ... @saved_examples("rnn-parity-failures")
    ... def test_mine(case): ...
    """
    saved = [load_case(path)[0] for path in sorted(Path(folder).glob("*.case"))]

    def decorate(test: Test) -> Test:
        for case in reversed(saved):  # Hypothesis takes the one written last first
            test = example(**{parameter: case})(test)
        return test

    return decorate


def _can_be_decided(case: Case) -> bool:
    """True where nearly all outputs of the loop are decided.

    Sparse numbers may decay to where flushed subnormals prove nothing.
    """
    verdict = judge(case, run, calls=1)
    return 4 * verdict.undecided <= verdict.outputs


def coded_case(config: Config, *, codes: list[int], **choices: Any) -> Case:
    """The case that `cases` drew with these codes: what its `origin` calls."""
    return assemble(config, Choices(**choices), coded(iter(codes).__next__), origin="")
