"""What a user asked for, made into a plan: names written out, saved cases read, limits checked."""

import base64
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.campaign.executors import attempt
from harness.campaign.investigate import describe, measure_pace
from harness.campaign.journal import Unusable
from harness.campaign.plan import LARGEST, Plan
from harness.draw.limits import limits as checked_limits
from harness.draw.saved import LARGEST_FILE, load_case
from harness.runs.process import Ended
from harness.runs.resolve import (
    NotFound,
    check_name,
    group_of,
    in_import_order,
    merge_limits,
    reference_of,
)
from references import REFERENCES, installed

CASES = 100_000  # where neither cases nor time are given
EAGER = 100  # where nothing was asked for, a reference that has a faster path is itself judged on one case in so many
AHEAD = 32  # shards, at the least: so the result is the same for any number of workers up to eight
EXAMPLES = 1000
PACE = 0.002  # seconds for a verdict of a reference, about


def make_plan(
    asked: Mapping[str, int],
    *,
    cases: int | None,
    seconds: float | None,
    seed: int,
    limits: Mapping[str, Any],
    bounds: tuple[float, int],
    steer: bool,
    examples: Path | None,
    count: int,
    ask: Callable[..., Any],
) -> tuple[Plan, dict[str, dict[str, str]]]:
    """The plan, and versions and environment. `asked` is as from `shares`; `count` tasks are done at once; `ask` is as in isolated.

    Raises NotFound, NotInstalled, Unreadable, Unusable, or TypeError and ValueError for limits.
    """
    checked_limits(**limits)
    saved = _saved(examples) if examples else ()
    facts = ask("start", bounds, describe, in_import_order(asked))
    if isinstance(facts, Ended):
        raise NotFound(f"{' and '.join(asked)} {facts.how} when it was imported")
    names = {
        name: asked[name] if name in asked else asked[f"{name.partition('/')[0]}/all"]
        for name in facts["names"]
    }
    if cases is None and seconds is None:
        cases = CASES
    allowed = merge_limits(names, facts["limits"], limits)
    pace = max(
        _pace(ask, bounds, name, allowed) if seconds and not reference_of(name) else PACE
        for name in names
    )
    plan = Plan(
        names, cases, seconds, seed, allowed, *bounds, max(AHEAD, 4 * count), pace, steer, saved
    )
    return plan, {name: facts[name] for name in ("versions", "environment")}


def _pace(
    ask: Callable[..., Any], bounds: tuple[float, int], name: str, limits: Mapping[str, Any]
) -> float:
    """Seconds that it takes for a verdict. Where it ends its process, or breaks the judge, that is for the campaign to find."""
    found = attempt(ask, group_of(name), bounds, measure_pace, name, limits)
    return PACE if isinstance(found, Ended) else max(PACE, found)


def shares(text: str | None) -> dict[str, int]:
    """`torch,keras@100` as the names, and on one case in how many each is judged; what is installed where nothing is asked for.

    Raises NotFound, or NotInstalled, for what cannot be a name.
    """
    if text is None:
        frameworks = [name for name in installed() if REFERENCES[name].needs]
        fast = {
            name: f"{name}/{REFERENCES[name].fast}" for name in frameworks if REFERENCES[name].fast
        }
        found = {name: EAGER if name in fast else 1 for name in frameworks} | dict.fromkeys(
            fast.values(), 1
        )
        if not found:
            raise NotFound(
                "no framework is installed: pip install 'rnn-parity[all]', or name --implementations"
            )
        return found
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, at, every = item.rpartition("@")
        if not at:
            name, every = item, "1"
        elif not every.isdecimal() or not 1 <= int(every) <= LARGEST:
            raise NotFound(
                f"{item!r} has {every!r} after its @, expected one case in how many, as in {name}@100"
            )
        if name in found:
            raise NotFound(f"{name} is named twice")
        check_name(name)
        found[name] = int(every)
    if not found:
        raise NotFound(
            "--implementations names none; expected names separated by commas, as in torch,keras/graph,torch/all@1000"
        )
    return found


def _saved(path: Path) -> tuple[str, ...]:
    """The saved cases in a folder, or in a file, in base64."""
    paths: Iterable[Path] = sorted(path.glob("*.case")) if path.is_dir() else [path]
    found = []
    for file in paths:
        load_case(file)  # it raises for what is none
        found.append(base64.b64encode(file.read_bytes()).decode())
    if not found:
        raise Unusable(f"{path} holds no saved case: there is no file *.case in it")
    size = sum(map(len, found))
    if len(found) > EXAMPLES or size > LARGEST_FILE:
        raise Unusable(
            f"{path} holds {len(found)} saved cases of {size * 3 // 4 >> 20} MiB; a campaign takes {EXAMPLES} and 96 MiB"
        )
    return tuple(found)
