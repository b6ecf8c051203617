"""The values of a case that a run counts: a Config's choices, mask and initial state, in words.

Sizes are not counted.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from harness.draw.choices import Choices
from harness.draw.limits import CHOICES, Limits
from references.case import Case, Config

Value = tuple[str, Any]
Values = frozenset[Value]

WHOLE = "whole"  # a mask without a step that it hides

WORDS: dict[Value, str] = {
    ("bidirectional", True): "two directions",
    ("bidirectional", False): "one direction",
    ("go_backwards", True): "go_backwards",
    ("mask", True): "masks",
    ("mask", False): "mask=None",
    ("mask", WHOLE): "masks that hide nothing",
    ("initial_state", True): "initial states",
    ("initial_state", False): "initial states of zeros",
}
PLURALS = (
    *("two directions", "masks", "masks that hide nothing"),
    *("initial states", "initial states of zeros", "several layers"),
)


def values_of(case: Case) -> Values:
    """Returns the values of a case. A mask that hides nothing is a value of its own."""
    mask: object = case.mask is not None
    if case.mask is not None and case.mask.all():
        mask = WHOLE
    return _values(case.config, mask, not case.starts_from_zeros, case.masked_output)


def expected_values(config: Config, choices: Choices) -> Values:
    """Returns the values that a case of these choices nearly always has."""
    mask = choices.mask_kind != "none"
    return _values(config, mask, choices.with_state, choices.masked_output)


def values_to_judge(allowed: Limits) -> list[Value]:
    """Lists the values that a run has to judge, as far as its limits allow them."""
    values = [(name, value) for name in CHOICES for value in dict.fromkeys(allowed.choices[name])]
    return [*values, ("mask", False), *([("mask", True)] if allowed.masks else [])]


def _values(config: Config, mask: object, with_state: bool, masked_output: str) -> Values:
    values: set[Value] = {(name, getattr(config, name)) for name in CHOICES}
    values |= {("mask", mask), ("initial_state", with_state)}
    if mask:
        values.add(("masked_output", masked_output))
    return frozenset(values)


def words(values: Iterable[Value], allowed: Limits) -> Iterator[str]:
    """Says values, the many of one feature together; `allowed` says which there are."""
    values = list(values)
    for name in dict.fromkeys(name for name, _ in values):
        own = [content for one, content in values if one == name]
        rest = [value for value in dict.fromkeys(allowed.choices.get(name, ())) if value not in own]
        if name == "nonlinearity" and len(own) > 1 and len(rest) == 1:
            yield f"all nonlinearities but {rest[0]}"
        elif name == "num_layers" and len(own) > 1 and rest == [1]:
            yield "several layers"
        else:
            yield from (_word(name, content) for content in own)


def _word(name: str, content: Any) -> str:
    if name == "num_layers":
        return f"{content} layer{'s' if content > 1 else ''}"
    if isinstance(content, bool) or name == "masked_output":
        return WORDS.get((name, content), f"{name}={content}")
    return WORDS.get((name, content), str(content))


def be(subjects: Iterable[str]) -> str:
    """Returns the verb for these words: "was" or "were"."""
    subjects = list(subjects)
    several = len(subjects) > 1 or any(one in PLURALS or one.endswith("layers") for one in subjects)
    return "were" if several or subjects[0].startswith("all ") else "was"
