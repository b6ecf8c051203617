"""Makes a plan of what a user asked for: writes out names, reads saved cases, checks limits."""

import base64
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from harness.campaign.executors import Ask
from harness.campaign.investigate import describe, measure_pace
from harness.campaign.journal import NoCampaign
from harness.campaign.plan import LARGEST, Plan
from harness.campaign.progress import say
from harness.draw.large import RATE
from harness.draw.limits import FEW
from harness.draw.limits import limits as check_limits
from harness.draw.saved import LARGEST_FILE, load_case
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import (
    by_group,
    cell_of,
    expanded,
    group_of,
    in_import_order,
    plain_name,
    reference_of,
)
from harness.implementations.own_limits import merge_limits, shared_limits, takes_all, with_form
from harness.implementations.resolve import check_name
from harness.printable import how_many, in_words
from harness.processes.process import Ended
from harness.runs.deviations import deviations_in, text_of
from harness.runs.worker import form_in_worker
from references import REFERENCES, default_frameworks
from references.form import Form

CASES = 100_000  # where neither cases nor time are limited
# Without --implementations, a reference that has a faster path is itself judged on one case in so
# many.
EAGER = 100
# Shards, at the least: so the result is the same for any number of workers up to eight.
AHEAD = 32
EXAMPLES = 1000
SOME = "only some of the cases that are drawn for all; a campaign of its own draws what it takes"
PACE = 0.002  # seconds for a verdict of a reference, about


def make_plan(
    names: Mapping[str, int],
    *,
    cases: int | None,
    seconds: float | None,
    seed: int,
    limits: Mapping[str, Any],
    time_limit: float,
    memory_limit: int,
    blind: bool,
    examples: Path | None,
    known: Path | None,
    count: int,
    ask: Ask,
) -> tuple[Plan, dict[str, dict[str, str]]]:
    """Returns the plan, and the facts `versions` and `environment`.

    `names` is as from `shares`, `ask` as from `asking`; the executor does `count` tasks at once.
    Raises NoCampaign, Unreadable, WrongDeviations, TypeError, ValueError, or as `describe` does.
    """
    check_limits(**limits)
    saved, deviations = _load(examples) if examples else (), _deviations(known)
    facts = _facts(names, bounds := (time_limit, memory_limit), ask)
    implementations = {name: _share(names, name) for name in facts["names"]}
    allowed = _allowed(facts, limits)
    plan = Plan(
        implementations,
        CASES if cases is None and seconds is None else cases,
        seconds,
        seed,
        allowed,
        *bounds,
        ahead=max(AHEAD, 4 * count),
        pace=_slowest_pace(implementations if seconds else (), bounds, allowed, ask),
        steer=not blind and not allowed.keys() & {*FEW},  # each choice of limits has its own
        examples=saved,
        large=RATE,
        deviations=deviations,
    )
    return plan, {name: facts[name] for name in ("versions", "environment")}


def _allowed(facts: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """Merges the limits of the run with the shared ones; says whose own limits are narrower."""
    allowed = merge_limits(facts["names"], facts["limits"], limits)
    if some := [name for name, own in facts["own"].items() if not takes_all(own, allowed)]:
        say(f"{in_words(some)} {'take' if len(some) > 1 else 'takes'} {SOME}")
    return allowed


def _facts(names: Iterable[str], bounds: tuple[float, int], ask: Ask) -> dict[str, Any]:
    """Returns what `describe` says of the names, and their shared limits; raises its errors.

    Each group is described in the process that judges it later.
    """
    groups = by_group(in_import_order(names))
    every = ask((group, bounds, describe, own) for group, own in groups.items())
    for own, facts in zip(groups.values(), every, strict=True):
        if isinstance(facts, Ended):
            ordered = expanded(own)
            guilty = ordered if facts.importing is None else [ordered[facts.importing]]
            raise Unusable(f"{' and '.join(guilty)} {facts.how} when it was imported")
    whole: dict[str, Any] = {
        key: {name: value for facts in every for name, value in facts[key].items()}
        for key in ("limits", "versions", "environment")
    }
    limits = _with_forms(whole["limits"], bounds, ask)
    names = list(chain.from_iterable(facts["names"] for facts in every))
    return whole | {"names": names, "limits": shared_limits([*limits.values()]), "own": limits}


def _with_forms(
    limits: Mapping[str, Mapping[str, Any]], bounds: tuple[float, int], ask: Ask
) -> dict[str, Mapping[str, Any]]:
    """Adds what probes show of notebooks' functions, unless one ends its process."""
    own = [name for name in limits if not reference_of(name)]
    forms = ask((group_of(name), bounds, form_in_worker, name) for name in own)
    form_of = dict(zip(own, forms, strict=True))
    return {
        name: with_form(name, each, form_of[name]) if isinstance(form_of.get(name), Form) else each
        for name, each in limits.items()
    }


def _share(names: Mapping[str, int], name: str) -> int:
    """On one case in how many it is judged: by its own name, or by `torch/all`."""
    return names[name] if name in names else names[f"{name.partition('/')[0]}/all"]


def _slowest_pace(
    names: Iterable[str],
    bounds: tuple[float, int],
    limits: Mapping[str, Any],
    ask: Ask,
) -> float:
    """Seconds for a verdict of the slowest of the user's functions among these.

    What ends its process is for the campaign to find.
    """
    own = [name for name in names if not reference_of(name)]
    paces = ask((group_of(name), bounds, measure_pace, name, limits) for name in own)
    return max([PACE, *(float(pace) for pace in paces if not isinstance(pace, Ended))])


def shares(text: str | None) -> dict[str, int]:
    """Reads `torch,keras@100`: the names, and on one case in how many each is judged.

    Without a text these are the installed frameworks. Raises NotFound, or NotInstalled, for what
    cannot be a name.
    """
    shares: dict[str, int] = {}
    for item in _default() if text is None else filter(None, map(str.strip, text.split(","))):
        name, at, every = item.rpartition("@")
        if not at or set(every) & set("/\\:"):  # of a path
            name, every = item, "1"
        elif not every.isdecimal() or not 1 <= int(every) <= LARGEST:
            expectation = f"expected one case in how many, as in {name}@100"
            raise NotFound(f"{item!r} has {every!r} after its @, {expectation}")
        if name in shares:
            raise NotFound(f"{name} is named twice")
        check_name(name)
        if cell := cell_of(name):
            raise NotFound(
                f"{name!r} is a row of verify: name {plain_name(name)}, and --cell {cell}"
            )
        shares[name] = int(every)
    if not shares:
        raise NotFound(
            "--implementations names none; "
            "expected names separated by commas, as in torch,keras/graph,torch/all@1000"
        )
    return shares


def _default() -> list[str]:
    """Lists the frameworks; one with a faster variant is judged on a share beside it."""
    frameworks = {name: REFERENCES[name].fast for name in default_frameworks()}
    if not frameworks:
        raise NotFound(
            "no framework is installed: pip install 'rnn-parity[all]', or name --implementations"
        )
    names = [f"{name}@{EAGER}" if fast else name for name, fast in frameworks.items()]
    return names + [f"{name}/{fast}" for name, fast in frameworks.items() if fast]


def _deviations(path: Path | None) -> dict[str, str] | None:
    """Reads the file of the user's own known deviations, if any, and checks it."""
    if path is None:
        return None
    text = text_of(path)
    deviations_in(text, path)
    return {"file": str(path.resolve()), "text": text}


def _load(path: Path) -> tuple[str, ...]:
    """Loads the saved cases in a folder, or in a file, as base64."""
    paths: Iterable[Path] = sorted(path.glob("*.case")) if path.is_dir() else [path]
    cases = []
    for file in paths:
        load_case(file)  # raises for a file that is no case
        cases.append(base64.b64encode(file.read_bytes()).decode())
    if not cases:
        raise NoCampaign(f"{path} holds no saved case: there is no file *.case in it")
    size = sum(map(len, cases))
    if len(cases) > EXAMPLES or size > LARGEST_FILE:
        raise NoCampaign(
            f"{path} holds {how_many(len(cases), 'saved case')} of {size * 3 // 4 >> 20} MiB; "
            f"a campaign takes {EXAMPLES} and 96 MiB"
        )
    return tuple(cases)
