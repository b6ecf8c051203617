"""Hypothesis strategies over the same space: sizes, options and a few integers are drawn, from which the numbers follow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import assume, event, example
from hypothesis import strategies as st

from harness.draw.bits import coded
from harness.draw.generate import MASKS, assemble
from harness.draw.limits import EXACT_REGIMES, limits
from harness.draw.saved import load_case
from harness.judge.judge import judge
from references.case import Case, Config
from references.numpy_rnn import run

CODE = (1 << 64) - 1
Test = TypeVar("Test", bound=Callable[..., Any])


def cases(**given: Any) -> st.SearchStrategy[Case]:
    """Cases within the limits; shrinks to sizes of 1, the first value of each option, and 0 or small powers of two.

    Each array comes from one integer, so a smaller array never needs more draws: shrinking sizes stays possible throughout.
    Raises TypeError or ValueError at once for a limit that is unknown or allows nothing.
    """
    return _cases(limits(**given))


@st.composite
def _cases(draw: st.DrawFn, allowed: Any) -> Case:
    sizes: dict[str, Any] = {
        name: draw(st.integers(low, high)) for name, (low, high) in allowed.sizes.items()
    }
    fields = {name: draw(st.sampled_from(values)) for name, values in allowed.choices.items()}
    mask_kind = draw(st.sampled_from(MASKS)) if allowed.masks else "none"
    options: dict[str, Any] = {
        "regime": draw(st.sampled_from(allowed.regimes_for(fields["nonlinearity"]))),
        "with_state": allowed.initial_states and draw(st.booleans()),
        "mask_kind": mask_kind,
        "masked_output": draw(st.sampled_from(("repeat", "zero")))
        if mask_kind != "none"
        else "repeat",
    }
    event(
        f"regime {options['regime']}"
    )  # pytest --hypothesis-show-statistics says how often each was drawn
    config = Config(sizes.pop("input_size"), sizes.pop("hidden_size"), **fields)
    codes: list[int] = []

    def code() -> int:
        codes.append(draw(st.integers(0, CODE)))
        return codes[-1]

    case = assemble(config, **sizes, **options, bits=coded(code), origin="")
    if config.nonlinearity in ("relu", "linear") and options["regime"] not in EXACT_REGIMES:
        assume(_can_be_decided(case))
    arguments = ", ".join(f"{name}={value!r}" for name, value in (sizes | options).items())
    object.__setattr__(case, "origin", f"coded_case({config!r}, {arguments}, codes={codes})")
    return case


def saved_examples(folder: Path | str, parameter: str = "case") -> Callable[[Test], Test]:
    """A decorator: every saved case (`*.case`) in the folder becomes an `@example` of the test, under this parameter's name.

    None does where there is no such folder. Raises Unreadable for a file that is no saved case.

    >>> from hypothesis import given
    >>> @given(case=cases())
    ... @saved_examples("rnn-parity-failures")
    ... def test_mine(case): ...
    """
    found = [load_case(path)[0] for path in sorted(Path(folder).glob("*.case"))]

    def decorated(test: Test) -> Test:
        for case in reversed(found):  # Hypothesis takes the one written last first
            test = example(**{parameter: case})(test)
        return test

    return decorated


def _can_be_decided(case: Case) -> bool:
    """Whether the loop's own outputs are nearly all decided: sparse numbers may decay to where flushed subnormals prove nothing."""
    verdict = judge(case, run, calls=1)
    return 4 * verdict.undecided <= verdict.outputs


def coded_case(config: Config, *, codes: list[int], **options: Any) -> Case:
    """The case that `cases` drew with these codes: what its `origin` calls."""
    return assemble(config, **options, bits=coded(iter(codes).__next__), origin="")
