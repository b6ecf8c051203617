"""The form of what a journal holds: each field is checked where it is read."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any

from harness.campaign.plan import LARGEST
from harness.campaign.steer import FEATURES
from harness.campaign.tally import LOWEST
from harness.draw.limits import SIZES
from harness.judge.verdict import COORDINATES, FAILURES, KINDS
from harness.printable import one_line
from references.cells import CELLS

Check = Callable[[Any], bool]
# A check; a type; a list of one form; a table of one form, under the key str, or of a form for each
# field, where a name with `?` may be left out.
Form = Any
WORDS = ("NaN", "Infinity", "-Infinity")  # for the numbers that JSON lacks
LONGEST = 200  # characters of a place


class Damage(ValueError):
    """A journal holds what no campaign writes; the text says where."""


def read(text: Any, form: Form, where: str) -> Any:
    """Returns the JSON value in a text. Raises Damage where it is none, or is of another form."""
    if not isinstance(text, str):
        raise Damage(f"{where} is no text")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Damage(f"{where} is no JSON") from error
    check(value, form, where)
    return value


def check(value: Any, form: Form, where: str) -> None:
    """Raises Damage with the place of the first part of the value that is not of the form."""
    if isinstance(form, list):
        _expect(isinstance(value, list), value, where)
        for index, item in enumerate(value):
            check(item, form[0], f"{where}[{index}]")
    elif isinstance(form, dict):
        _expect(isinstance(value, dict), value, where)
        for name, inner in _fields(value, form, where):
            check(value[name], inner, f"{where}.{one_line(name, 60)}")
    else:
        _expect(
            isinstance(value, form) if isinstance(form, type | UnionType) else form(value),
            value,
            where,
        )


def _fields(value: Mapping[str, Any], form: Mapping[Any, Form], where: str) -> list[Any]:
    """Lists the names to check with their forms. Raises Damage for one that is left out."""
    if str in form:
        return [(name, form[str]) for name in value]
    needed = {name for name in form if not name.endswith("?")}
    if missing := sorted(needed - value.keys()):
        raise Damage(f"{where} has no {missing[0]}")
    fields = [(name.rstrip("?"), inner) for name, inner in form.items()]
    return [(name, inner) for name, inner in fields if name in value]


def _expect(holds: bool, value: Any, where: str) -> None:
    if not holds:
        raise Damage(f"{where} is {one_line(repr(value)[:1000], 60)}, which it cannot be")


def one_of(*values: Any) -> Check:
    """Returns the check for one of these values."""
    return lambda value: any(type(value) is type(one) and value == one for one in values)


def maybe(form: Form) -> Check:
    """Returns the check for None, or a value of the form."""

    def holds(value: Any) -> bool:
        if value is not None:
            check(value, form, "it")
        return True

    return holds


def whole(value: Any) -> bool:
    """Tells whether it is a count."""
    return type(value) is int and 0 <= value <= LARGEST


def index(value: Any) -> bool:
    """Tells whether it can be a case's; those of the saved ones count down from -1."""
    return type(value) is int and abs(value) <= LARGEST


def number(value: Any) -> bool:
    """Tells whether it is a number, or NaN or infinity, as a ratio may be."""
    return isinstance(value, float) or whole(value)


def figure(value: Any) -> bool:
    """Tells whether it is a number of seconds or bytes."""
    return number(value) and 0 <= value <= LARGEST


def _is_number_of_report(value: Any) -> bool:
    return value in WORDS if isinstance(value, str) else number(value)


def _is_base64(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and bool(base64.b64decode(value))


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_crash(value: Any) -> bool:
    types = (str, str, int, str, str)
    return isinstance(value, list) and (not value or [*map(type, value)] == [*types])


def _is_top(value: Any) -> bool:
    check(value, [object], "it")
    check(value[1:], [[str]], "it")
    return len(value) == 2 and number(value[0]) and len(value[1]) == len(FEATURES)


def _is_group(value: Any) -> bool:
    check(value, [str | bool], "it")
    check(value[:3], [str], "it")
    return len(value) >= 3 and value[0] in FAILURES


def _is_histogram(value: Any) -> bool:
    check(value, [whole], "it")
    return len(value) == LOWEST + 3


def _counts_of(*names: str) -> Callable[[Any], bool]:
    """Checks a table of whole numbers by these names."""

    def is_counts(value: Any) -> bool:
        check(value, {str: whole}, "it")
        return set(value) <= set(names)

    return is_counts


def _is_bits(value: Any) -> bool:
    check(value, [str], "it")
    return len(value) == 2 and all(re.fullmatch("[0-9a-f]+", bits) for bits in value)


TEXTS = {str: str}
AT = {"case": index, "part": {str: object}, "rebuild": str}
FAILURE = {
    "group": _is_group, "count": whole, "at": AT, "reason": str, "where": _is_place,
    "deviation?": maybe(number), "crash?": _is_crash, "ended": bool,
}  # fmt: skip
IS_REACH = _counts_of(*SIZES, "num_layers")
TALLY = {
    "counts": _counts_of(*KINDS, "known"), "cells?": _counts_of(*CELLS),
    "outputs": whole, "exact": whole, "undecided": whole, "wider?": whole,
    "by_last_outputs?": whole, "by_sample?": whole, "reach?": IS_REACH, "large?": IS_REACH,
    "worst_ratio": number, "refusals": {str: whole}, "known": {str: whole}, "cases": whole,
    "deaths": whole, "left_out": whole, "worst_at": maybe(AT | {"kind": str, "place": str}),
    "tiny_ratio": number, "histogram": _is_histogram, "failures": [FAILURE], "drawn": {str: whole},
    "top": [_is_top], "agreed": [whole], "against?": {str: whole},
}  # fmt: skip
RESULT = {"tables": {str: TALLY}, "coverage": {str: _is_bits}, "part": {str: object}}
NUMBERS = ("actual", "expected", "allowed", "ulp", "ratio")
PLACE: Form = {
    **dict.fromkeys(COORDINATES, whole), **dict.fromkeys(NUMBERS, _is_number_of_report),
    "state?": one_of("h", "c"),
}  # fmt: skip
# By the first word of an investigation's key. What is `?` is not in a journal of 0.1.0.
OUTCOMES: dict[str, Form] = {
    "diagnosis": {"names": [str], "sentence": str},
    "smallest": {
        "case?": str, "snippet?": str, "reason?": str, "saved": _is_base64, "where?": maybe(PLACE),
    },
    "sight": {
        "caught": whole, "applicable": whole, "median_cases": _is_number_of_report, "blind": bool,
        "missed?": TEXTS, "unseen?": TEXTS, "untried": object, "sentence": str,
    },
}  # fmt: skip
