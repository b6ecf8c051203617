"""Verifies implementations against the hand-written loop on sampled cases."""

import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.draw.generate import sample_cases
from harness.draw.limits import FEW, GATED, MOST_COUNT, MOST_EXAMPLES, Limits, plain
from harness.draw.limits import limits as checked_limits
from harness.draw.shrink import SECONDS
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import is_program, is_users, row_name
from harness.implementations.own_limits import limits_of_row, merge_limits, shared_limits
from harness.mistakes.sight import Sight
from harness.printable import in_words
from harness.runs.batches import Row
from harness.runs.deviations import Deviation, read_deviations
from harness.runs.failures import clearest, largest, unusable
from harness.runs.findings import Finding, Request, at_import, case_path, unexamined
from harness.runs.forms import form_notes, output_notes
from harness.runs.in_workers import InWorkers
from harness.runs.parts import Examples, Parts, drawable
from harness.runs.pool import MEMORY
from harness.runs.report import Report
from harness.runs.scope import Scope
from references import REFERENCES, default_frameworks

if TYPE_CHECKING:  # a run in workers needs no guard
    from harness.runs.in_process import InThisProcess

    Runner = InThisProcess | InWorkers

# With no implementation named, a reference that has a faster path is itself called on one case in
# so many.
EAGER = 10
# With no implementation named cases of GATED cells follow, a tenth as many, and never fewer than
# so many: fewer would prove nothing.
SHARE = 20
CASES_OF_A_KIND = 10  # of layers: with a faster path a kind for so many cases
FEWEST_KINDS = 20
MOST = 3  # kinds of an implementation's failures that are shrunk and diagnosed

Progress = Callable[[int], None]


def verify(
    *implementations: Any,
    examples: int = 200,
    seed: int = 0,
    save: str | Path | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    time_limit: float = 60.0,
    memory_limit: int = MEMORY,
    independent: bool = False,
    known: str | Path | None = None,
    **limits: Any,
) -> Report:
    """Judges each implementation on `examples` cases of `seed`, drawn within `limits`.

    An implementation is a reference's name ("torch"), a variant ("keras/unroll", "torch/all"),
    "package.module:function", "file.py:function", "command:./program", or a function; with none,
    see `by_default`. `save` is a folder for the smallest failing cases. `progress` is called with
    the number of verdicts so far. Ctrl-C ends the run with a report of them. What refuses cases is
    judged on as many later ones. Large cases follow, beyond default sizes that `limits` leave.

    With `workers` so many processes share the run, each with one thread; the report is the same for
    any number. They take names, not functions, and a script that asks for them needs
    `if __name__ == "__main__":`. An implementation that ends its process, or takes longer than
    `time_limit` seconds for one verdict, or more than `memory_limit` MiB, is then reported, and the
    run goes on. With `independent` one that imports the answer fails (`implementations.answers`).
    `known` is a TOML file of your own known deviations, see `harness.runs.deviations`.
    What is there but cannot be used, a file that raises at import, say, has crashed in `phase`
    "import". Raises NotFound, NotInstalled, TypeError and ValueError for limits, WrongDeviations.
    """
    start, bounds = time.perf_counter(), (time_limit, memory_limit)
    examples, seed, workers, limits = _checked(examples, seed, workers, bounds, limits)
    _check_imports_are_seen(independent, implementations, workers)
    chosen, every = (implementations, {}) if implementations else by_default(**limits)
    runner = _in_this_process(chosen) if workers is None else InWorkers(chosen, workers, bounds)
    counts = _counts(examples, not implementations), seed, _few_kinds(examples, limits, every)
    report = _run(runner, every, *counts, save, progress, read_deviations(known))
    for summary in report.summaries if independent else ():
        summary.takes_answer = summary.name in (report.uses or {})
    return replace(report, seconds=time.perf_counter() - start)


def _in_this_process(implementations: tuple[Any, ...]) -> "InThisProcess":
    from harness.runs.in_process import InThisProcess

    return InThisProcess(implementations)


def by_default(**limits: Any) -> tuple[tuple[str, ...], dict[str, int]]:
    """Returns every framework of `default_frameworks`, and the faster path of those that have one.

    Such a framework is itself called on every tenth case alone, which is returned by name. Rows of
    GRU and LSTM follow, `torch gru`, on a tenth as many cases, where `limits` leave them any.
    """
    frameworks = default_frameworks()
    every = {name: EAGER for name in frameworks if REFERENCES[name].fast}
    paths: list[str] = []
    for name in frameworks:
        paths += [name, f"{name}/{REFERENCES[name].fast}"] if name in every else [name]
    cells = [cell for cell in GATED if drawable(cell, limits)]
    rows = [row_name(name, cell) for cell in cells for name in paths if name not in every]
    return (*paths, *rows), every


def _few_kinds(
    examples: int, limits: Mapping[str, Any], every: Mapping[str, int]
) -> Mapping[str, Any]:
    """Returns limits with few kinds of layers, each of which the faster paths of `every` prepare.

    They miss no known mistake that many kinds would catch. `limits` may say otherwise.
    """
    if not every or limits.keys() & {*FEW}:
        return limits
    return {
        **limits,
        "layer_kinds": min(MOST_COUNT, max(FEWEST_KINDS, examples // CASES_OF_A_KIND)),
    }


def _counts(examples: int, by_default: bool) -> Examples:
    """Returns the numbers of cases: rows of one cell have a tenth of the others' by default."""
    share = min(examples, max(SHARE, examples // 10)) if by_default else examples
    return Examples(examples, share)


def _run(
    runner: "Runner",
    every: Mapping[str, int],
    examples: Examples,
    seed: int,
    limits: Mapping[str, Any],
    save: str | Path | None,
    progress: Progress | None,
    deviations: tuple[Deviation, ...],
) -> Report:
    folder = None if save is None else Path(save)
    with runner:
        own, errors = _own_limits(runner)
        limits = merge_limits(own, shared_limits(list(own.values())), limits)
        allowed = checked_limits(**limits)
        parts = Parts(runner.names, own, examples, seed, limits, every, deviations)
        interrupted = _collect(parts, _rows(errors, runner, parts), progress)
        facts = runner.facts()
        findings = dict(_findings(runner, parts, interrupted, folder, facts))
        findings |= _at_import(errors)
    sights, scopes = _proved(parts, findings, interrupted)
    return Report(
        make_verdicts=parts.verdicts,
        summaries=tuple(parts.summaries.values()),
        cases=examples.most,
        seed=seed,
        limits=limits,
        environment=facts,
        findings=findings,
        sights=sights,
        scopes=scopes,
        seconds=0.0,
        interrupted=interrupted,
        uses=runner.uses,
        notes=tuple(_notes(runner, parts, every, allowed)),
        large=parts.large,
        untried={} if interrupted else parts.untried(),
        shares=parts.shares,
        deviations=deviations,
    )


def _notes(
    runner: "Runner", parts: Parts, every: Mapping[str, int], allowed: Limits
) -> Iterator[str]:
    """Yields what a reader must know besides."""
    yield from form_notes(runner.forms, allowed.choices)
    if allowed.shapes:
        yield f"the cases have at most {allowed.shapes} shapes; none are large"
    if allowed.layer_kinds:
        yield f"the cases have at most {allowed.layer_kinds} kinds of layers (--layer-kinds)"
    yield from output_notes(parts.summaries.values())
    for name in runner.names:
        if uses := (runner.uses or {}).get(name):
            yield f"{name} uses the answer: it imports {in_words(list(map(str, uses)))}"
    for name, count in every.items():
        yield f"{name} was called on every {count}th case"
    yield from runner.notes


def _own_limits(
    runner: "Runner",
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Unusable]]:
    """Returns the own limits by name, and why others cannot be used."""
    own: dict[str, Mapping[str, Any]] = {}
    errors = {}
    for name in runner.names:
        try:
            own[name] = runner.limits_of(name) if is_users(name) else _few_shapes(name)
        except Unusable as error:
            errors[name] = error
    return own, errors


def _few_shapes(name: str) -> dict[str, Any]:
    """Returns the limit `shapes` of a reference's row; its cell is that of its part of the run."""
    return {key: value for key, value in limits_of_row(name).items() if key == "shapes"}


def _at_import(errors: Mapping[str, Unusable]) -> dict[str, tuple[Finding, ...]]:
    """Returns the findings of what cannot be used."""
    return {
        name: (at_import(unusable(name, error), error.paste),) for name, error in errors.items()
    }


def _rows(errors: Mapping[str, Unusable], runner: "Runner", parts: Parts) -> Iterator[Row]:
    """Yields the verdicts on what cannot be used, then those of all rounds."""
    for name, error in errors.items():
        yield Row(0, unusable(name, error))
    for row in runner.rows(parts):
        parts.learn(row)
        yield row


def _collect(parts: Parts, rows: Iterator[Row], progress: Progress | None) -> bool:
    """Adds the rows up; returns whether Ctrl-C ended them."""
    try:
        for count, row in enumerate(rows, 1):
            parts.add(row)
            if progress:
                progress(count)
    except KeyboardInterrupt:
        return True
    return False


def _proved(
    parts: Parts, failed: Container[str], interrupted: bool
) -> tuple[dict[str, Sight], dict[str, Scope]]:
    """Returns what the cases could have shown and what they were, by name.

    Marks those of which they prove too little. What was only sampled is in neither.
    """
    scopes, summaries = parts.scopes(interrupted), parts.summaries
    sights = parts.sights(name for name in scopes if name not in failed)
    for name, scope in scopes.items():
        summaries[name].thin = bool(scope.gap)
    for name, sight in sights.items():
        summaries[name].blind = sight.blind
    return sights, scopes


def _findings(
    runner: "Runner",
    parts: Parts,
    interrupted: bool,
    save: Path | None,
    facts: Mapping[str, str],
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Yields the findings of each implementation that failed, one for each kind, by name."""
    for name in parts.summaries:
        kinds = parts.failures(name)
        seconds = SECONDS / max(1, min(len(kinds), MOST))
        findings = []
        for number, kind in enumerate(kinds, 1):
            failures, path = tuple(kind.verdicts()), case_path(save, name, number)
            request = Request(clearest(failures), kind.count, path, facts, seconds)
            if request.failure.phase == "import":
                one = at_import(request.failure)
            elif interrupted or number > MOST:
                others = f"{MOST} others are more frequent"
                why = "the run was interrupted" if interrupted else others
                one = unexamined(request, why)
            else:
                one = runner.finding(replace(request, witness=largest(failures)))
            findings.append(replace(one, first=failures[0]))
        if findings:
            yield name, tuple(findings)


def _checked(
    examples: Any, seed: Any, workers: Any, bounds: tuple[Any, Any], limits: Mapping[str, Any]
) -> tuple[int, int, int | None, dict[str, Any]]:
    """Returns all but the bounds, of time and memory, as Python's own numbers.

    Raises ValueError, TypeError and LimitError.
    """
    examples, seed, workers = map(plain, (examples, seed, workers))
    if not _is_count(examples) or examples > MOST_EXAMPLES:
        expectation = f"a whole number from 1 to {MOST_EXAMPLES:,}; a campaign judges more"
        raise ValueError(f"examples is {examples!r}, expected {expectation}")
    if workers is not None and not _is_count(workers):
        expectation = "None, for this process, or a whole number of at least 1"
        raise ValueError(f"workers is {workers!r}, expected {expectation}")
    if "fixed_weights" in limits:
        how = "check(case, function, fixed_weights=True) judges one that has weights of its own"
        raise TypeError(f"fixed_weights is no limit: verify draws the weights; {how}")
    time_limit, memory_limit = bounds
    if not _is_count(plain(memory_limit)):
        raise ValueError(
            f"memory_limit is {memory_limit!r}, expected a whole number of MiB above 0"
        )
    if not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit!r}, expected a number of seconds above 0")
    checked_limits(**limits)
    sample_cases(examples, seed)  # raises ValueError for a seed that cannot be
    return examples, seed, workers, {name: plain(value) for name, value in limits.items()}


def _check_imports_are_seen(
    independent: bool, implementations: Iterable[Any], workers: int | None
) -> None:
    if not independent:
        return
    if workers is None:
        raise ValueError("independent is True without workers: only in a worker are imports seen")
    if programs := list(filter(is_program, implementations)):
        raise NotFound(f"{programs[0]} is a program: nobody sees what it imports (--independent)")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
