"""The subjects of a comparison: models, implementations, and outputs that were recorded."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, NamedTuple

from harness.implementations.find import notebook_form
from harness.implementations.resolve import resolve
from harness.judge.calls.observe import Implementation
from harness.judge.calls.recorded import called_once
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.causes.diagnosis import Diagnosis
from harness.mistakes.causes.explain import explain
from harness.mistakes.causes.unread_weights import reads_no_weights
from harness.models.recording import Inputs
from harness.models.relations import relations
from harness.processes.here import IMPORT, here_is
from harness.runs.environment import environment
from harness.runs.worker import sendable, timed_import
from references import REFERENCES
from references.case import Case, CellWeights, Config
from references.form import Form
from references.layer import Layer, Unreadable
from references.read import layer_call, read_layer
from references.sources import layers, of_framework
from references.unsupported import Unsupported

Kind = Literal["model", "implementation", "recording"]
# The layers that this process has read from files, by subject; a worker serves one comparison.
_layers: dict[str, Layer] = {}


@dataclass(frozen=True)
class Subject:
    """One side of a comparison, as the user names it; what it names is read in a worker."""

    name: str
    source: Any  # a file, an object, or an implementation or its name
    kind: Kind
    layer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)  # what a file does not say

    @property
    def is_object(self) -> bool:
        """It lives in this process, and cannot be sent to a worker."""
        return not isinstance(self.source, str)


class Results(NamedTuple):
    """A subject's verdicts on cases, and what it looks like where one of them is wrong."""

    verdicts: tuple[Verdict, ...]
    diagnosis: Diagnosis | None
    environment: Mapping[str, str]
    form: Form | None = None  # how a notebook's function takes the weights
    untried: int = 0  # cases that it was not called on, as it ended its process too often


def read_subject(subject: Subject) -> Layer:
    """Reads a model's layer, within the limit for an import. Raises what `read_layer` does."""
    here_is(0, IMPORT)
    layer = read_layer(subject.source, subject.layer, **subject.options)
    if not subject.is_object:
        _layers[subject.name] = layer
    return layer


def fits(one: Config, other: Config) -> bool:
    """Tells whether weights of one fit the other: all but bias and dtype are the same."""
    return replace(one, bias=other.bias, dtype=other.dtype) == other


def equal_layer(subject: Subject, other: Layer) -> str:
    """Names the layer of this model whose arrays are those of the other; empty for none."""
    here_is(0, IMPORT)
    for name, read in layers(subject.source, subject.options).items():
        with suppress(Unreadable, Unsupported):
            layer = read()
            is_like = fits(layer.config, other.config)
            if is_like and all(relation.holds for relation in relations(layer, other)):
                return name
    return ""


def judge_subject(
    subject: Subject,
    framework: str,
    inputs: Sequence[Inputs],
    model: tuple[Config, tuple[CellWeights, ...]] | None = None,
    diagnose: bool = True,
) -> Results:
    """Judges a subject on these inputs, called once on each; diagnoses a failure if it may.

    A model computes the weights of another `model` by its framework's mirror, and its own by its
    very layer. The verdicts have no cases, which may be large: whoever asks has them.
    """
    if model:
        run = _implementation(subject, framework)
    else:
        # What was read before is judged, so that a file which changes meanwhile is no proof.
        layer = _layers.get(subject.name) or read_subject(subject)
        model = layer.config, layer.weights
        mirror = of_framework(*_inference(framework))
        run = _very_layer(subject, layer.config.num_layers, mirror)
    cases = [one.case(*model) for one in inputs]
    follows = subject.kind == "implementation"
    before = partial(here_is, 0)
    results = verdicts_of(subject.name, run, cases, before, framework, follows, diagnose)
    form = notebook_form(subject.name, run)
    return results._replace(verdicts=tuple(map(_without_case, results.verdicts)), form=form)


def _without_case(verdict: Verdict) -> Verdict:
    return replace(sendable(verdict), case=None)  # type: ignore[arg-type]


def verdicts_of(
    name: str,
    run: Implementation,
    cases: Sequence[Case],
    before: Callable[[int], None] = lambda _: None,
    framework: str = "",
    follows: bool = False,
    diagnose: bool = True,
) -> Results:
    """Judges an implementation on each case, called once, and diagnoses its first failure.

    Calls `before` with a case's index before that is judged, and with the number of cases before
    the diagnosis. One that `follows` any case may be called on others for it.
    """
    verdicts = []
    for index, case in enumerate(cases):
        before(index)
        verdicts.append(judge(case, run, name, calls=1))
    wrong = next((one for one in verdicts if one.is_failure), None)
    before(len(cases))
    diagnosis = _diagnosis(wrong, run, follows) if wrong and diagnose else None
    names = [framework] if framework else []
    return Results(tuple(verdicts), diagnosis, environment(names))


def _implementation(subject: Subject, framework: str) -> Implementation:
    if subject.kind == "model":
        return of_framework(framework or "numpy", REFERENCES[framework or "numpy"].fast)
    if subject.is_object:
        return resolve(subject.source)[1]
    return timed_import(subject.source)


def fast_name(framework: str) -> str:
    """The fastest way to compute weights by a framework, or by the loop where they have none."""
    if not framework:
        return "numpy"
    return "/".join(filter(None, (framework, REFERENCES[framework].fast)))


def _inference(framework: str) -> tuple[str, str]:
    """The way to compute lower layers as the layer itself does: other ways have other bits."""
    row = REFERENCES[framework or "numpy"]
    return framework or "numpy", row.inference or row.fast


def _very_layer(subject: Subject, num_layers: int, mirror: Implementation) -> Implementation:
    """Calls the layer itself; of a case that is cut to its lowest layers, the mirror of these."""
    very = layer_call(subject.source, subject.layer, **subject.options)

    def run(case: Case) -> Any:
        return (very if case.config.num_layers == num_layers else mirror)(case)

    run.exact_dtype = True  # type: ignore[attr-defined]
    return run


def _diagnosis(verdict: Verdict, run: Implementation, follows: bool) -> Diagnosis:
    """Diagnoses by the outputs of this case alone: its weights may be all that it knows.

    One that reads the weights of any case is also called on others.
    """
    diagnosis = explain(verdict, called_once(verdict.case, run))
    if diagnosis.names or not follows or reads_no_weights(verdict.case, run):
        return diagnosis
    return explain(verdict, run)
