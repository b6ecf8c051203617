"""`compare`: relates the arrays of two subjects, then judges what they put out."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from operator import ne
from pathlib import Path
from typing import Any

from harness.implementations.find import NotFound
from harness.implementations.names import is_program
from harness.implementations.resolve import check_name
from harness.judge.calls.recorded import as_array
from harness.judge.judge import ENCLOSED, name_of
from harness.judge.verdict import Verdict
from harness.mistakes.causes.diagnosis import Diagnosis
from harness.models.acuity import acuity
from harness.models.comparison import Comparison, Setting, settings
from harness.models.recording import (
    Inputs,
    Recording,
    as_inputs,
    is_recording,
    load_inputs,
    load_recording,
)
from harness.models.relations import Relation, relations
from harness.models.sides import Row, Side, Workers, check_options, rows
from harness.models.subject import Results, Subject, fits
from harness.printable import in_words
from harness.runs.effort import judging_seconds
from harness.runs.environment import environment
from harness.runs.findings import Finding
from harness.runs.forms import form_notes, output_notes
from harness.runs.pool import MEMORY, Pool
from harness.runs.report import Report
from harness.runs.scope import Scope
from harness.runs.summary import Summary
from references.case import Case
from references.sources import framework_of_file, is_source

EXAMPLES = 20  # cases that are drawn where there are no inputs
ACUITY_CASES, ACUITY_STEPS = 8, 20  # that acuity is measured on
ACUITY_SECONDS = 0.02  # for a verdict, at most

SUBJECTS = (
    "give a model, a file, arrays by their names (a state_dict, or W, U and b), a function or "
    "its name"
)


def compare(
    a: Any,
    b: Any,
    inputs: Any = None,
    *,
    layer: str | None = None,
    layer_b: str | None = None,
    examples: int = EXAMPLES,
    seed: int = 0,
    time_limit: float = 60.0,
    memory_limit: int | None = MEMORY,
    **options: Any,
) -> Comparison:
    """Compares two subjects: their arrays, then what they put out for `inputs`.

    A subject is a model (a torch module, a Keras layer or model, a file), an implementation (its
    name, or a function run(case)), or a .npz file of outputs. At least one of them is a model.
    `inputs` is an array (B, T, I), a table of inputs, h_0, c_0 and mask, or a file of these; else
    `examples` cases are drawn. `layer` and `layer_b` name a layer of a model that has several;
    `options` are fields of Config, for each side that does not say them. What is named runs in
    processes of its own, with the limits in seconds and MiB; objects run in this one.
    Raises NotFound for what is none of these, Unreadable or Unsupported for what a model holds,
    TypeError for an unknown option, and ValueError for no examples.
    """
    start = time.monotonic()
    subjects = _subjects(_subject(a, layer, options), _subject(b, layer_b, options))
    files = [Path(subject.source) for subject in subjects if subject.kind == "recording"]
    recording = load_recording(files[0]) if files else None
    own = _inputs(inputs, recording)
    with ThreadPoolExecutor(2) as threads, Pool(2, quiet=True) as pool:
        workers = Workers(pool, (time_limit, memory_limit), threads)
        first, second = threads.map(workers.side, subjects)
        check_options(first, second)
        work = list(rows(first, second, own, examples, seed))
        results = workers.judge_all(work, recording)
        arrays = _relations(first, second)
        hint = "" if any(one.holds for one in arrays) else workers.equal_layer(first, second)
    report = _report(work, results, seed, start)
    words = own.words if own else f"these {len(work[0].cases)} drawn inputs (seed {seed})"
    return _comparison(first, second, work, report, words, arrays, results, hint)


def _subject(source: Any, layer: str | None, options: Mapping[str, Any]) -> Subject:
    """What a user names, or hands over. Raises NotFound."""
    if isinstance(source, str | Path):
        name = str(source)
        if is_source(name) and not is_program(name):
            if is_recording(Path(name)):
                return Subject(name, name, "recording")
            return Subject(name, name, "model", layer, options)
        if ":" not in name and Path(name).is_file():
            framework_of_file(Path(name))  # raises a sentence with the suffixes
        check_name(name)
        return Subject(name, name, "implementation")
    if is_source(source):
        return Subject(type(source).__name__, source, "model", layer, options)
    if not callable(source):
        raise NotFound(f"{type(source).__name__} is no subject: {SUBJECTS}")
    return Subject(name_of(source), source, "implementation")


def _subjects(a: Subject, b: Subject) -> list[Subject]:
    """The two, with names that tell them apart. Raises NotFound where neither has weights."""
    if "model" not in (a.kind, b.kind):
        raise NotFound(
            f"neither {a.name} nor {b.name} is a model, so there are no weights to compare: "
            "name a model's file, or use rnn-parity verify"
        )
    names = [a.name, b.name]
    if a.name == b.name:
        names = [f"{side.name} {side.layer or letter}" for side, letter in ((a, "A"), (b, "B"))]
        if names[0] == names[1]:
            names = [f"{name} {letter}" for name, letter in zip(names, "AB", strict=True)]
    return [replace(side, name=name) for side, name in zip((a, b), names, strict=True)]


def _inputs(inputs: Any, recording: Recording | None) -> Inputs | None:
    """Those of a user, or of a recording, whose outputs belong to its own."""
    if recording and inputs is not None:
        raise NotFound(f"{recording.inputs.words}, belong to its outputs: leave out --inputs")
    if inputs is None:
        return recording.inputs if recording else None
    if isinstance(inputs, str | Path):
        return load_inputs(Path(inputs))
    arrays = inputs if isinstance(inputs, Mapping) else {"inputs": inputs}
    return as_inputs({name: as_array(array) for name, array in arrays.items()})


def _report(work: Sequence[Row], results: Sequence[Results], seed: int, start: float) -> Report:
    """Adds the verdicts up: a summary and a finding for each row."""
    verdicts: list[Verdict] = []
    summaries, findings, scopes, untried = [], {}, {}, {}
    facts = environment()
    for row, own in zip(work, results, strict=True):
        name = row.name + _order(row, own)
        summary = Summary(name)
        wrong = [one for one in own.verdicts if summary.add(replace(one, implementation=row.way))]
        summaries.append(summary)
        verdicts += [replace(one, implementation=name) for one in own.verdicts]
        facts |= own.environment
        if few := _gap(summary, own.verdicts):
            summary.thin, scopes[name] = True, few
        if own.untried:
            untried[name] = own.untried
        if wrong:
            diagnosis = own.diagnosis or Diagnosis((), "")
            findings[name] = (Finding(wrong[0], len(wrong), wrong[0], diagnosis),)
    return Report(
        make_verdicts=lambda: tuple(verdicts),
        summaries=tuple(summaries),
        cases=len(work[0].cases),
        seed=seed,
        limits={},
        environment=facts,
        seconds=time.monotonic() - start,
        findings=findings,
        scopes=scopes,
        untried=untried,
    )


def _gap(summary: Summary, verdicts: Sequence[Verdict]) -> Scope | None:
    """Says that fewer than half of the inputs show anything; None where they do."""
    counts, total = summary.counts, summary.counts.total()
    unclear = [verdict.reason for verdict in verdicts if verdict.kind == "inconclusive"]
    refused, bounded = counts["refused"], sum(ENCLOSED in reason for reason in unclear)
    judged = total - refused - len(unclear)
    if summary.failure_count or not judged or 2 * judged >= total:
        return None
    why = [f"it refused {refused:,}"] if refused else []
    why += [f"its lower layers could only be bounded on {bounded:,}"] if bounded else []
    if others := [reason for reason in unclear if ENCLOSED not in reason]:
        why.append(f"{len(others):,} could not be decided ({others[0]})")
    kind = "inputs that it takes" if 2 * refused > total else "fewer steps"
    gap = f"{summary.name} was judged on {judged:,} of {total:,} inputs, as {in_words(why)}"
    return Scope(judged, gap=f"{gap}. Compare on {kind}: rnn-parity compare has --inputs.")


def _order(row: Row, results: Results) -> str:
    """In which order a notebook's function got the gates, where the weights have another one."""
    gates = results.form.gates if results.form else ()
    is_other = bool(gates) and gates != row.gates
    return f" (gates in the order {', '.join(gates)})" if is_other else ""


def _notes(work: Sequence[Row], results: Sequence[Results], report: Report) -> Iterator[str]:
    """How a notebook's function was called, what it looks like, and what outputs are, as verify."""
    for row, own in zip(work, results, strict=True):
        if own.form:
            claims = {name: (value,) for name, value in vars(row.cases[0].config).items()}
            # The model says what is computed: no option claims another cell.
            yield from form_notes({row.side.subject.name: own.form}, claims, advice="")
    yield from output_notes(report.summaries)


def _settings(
    a: Side, b: Side, work: Sequence[Row], results: Sequence[Results]
) -> Iterator[Setting]:
    """Yields what is set otherwise in two layers, or in a layer and what a function computes."""
    if a.layer and b.layer:
        assumptions = a.layer.assumptions, b.layer.assumptions
        yield from settings(a.layer.config, b.layer.config, assumptions)
        return
    for row, own in zip(work, results, strict=True):
        config, form = row.cases[0].config, own.form
        if form and config.cell == form.cell == "gru":
            values = config.reset_after, form.reset_after
            if form.reset_after not in (None, config.reset_after):
                yield Setting("reset_after", *(values if a.layer else values[::-1]))


def _relations(a: Side, b: Side) -> tuple[Relation, ...]:
    if a.layer and b.layer and fits(a.layer.config, b.layer.config):
        return relations(a.layer, b.layer)
    return ()


def _comparison(
    a: Side,
    b: Side,
    work: Sequence[Row],
    report: Report,
    words: str,
    arrays: tuple[Relation, ...],
    results: Sequence[Results],
    hint: str,
) -> Comparison:
    layers = [side.layer for side in (a, b) if side.layer]
    assumptions = dict.fromkeys(sentence for layer in layers for sentence in layer.assumptions)
    return Comparison(
        a.subject.name,
        b.subject.name,
        tuple(_settings(a, b, work, results)),
        arrays,
        report,
        words,
        _acuity(work[0].cases) if report.agrees else "",
        (*assumptions, *_notes(work, results, report)),
        len(assumptions),
        hint,
    )


def _acuity(cases: Sequence[Case]) -> str:
    """Measures acuity on the first cases, each cut to what is judged soon."""
    parts = [_part(case) for case in cases[:ACUITY_CASES]]
    if max(map(judging_seconds, parts)) > ACUITY_SECONDS:
        return "How small an error of one weight would have shown takes too long to measure."
    is_cut = any(map(ne, parts, cases))
    on = "On the first row and steps of these inputs: " if is_cut else ""
    return on + acuity(parts)


def _part(case: Case) -> Case:
    """The case, or its first row and steps where a verdict on all of it takes long."""
    if judging_seconds(case) <= ACUITY_SECONDS:
        return case
    return case.first_row().first_steps(min(case.time, ACUITY_STEPS))
