"""`convert`: writes a model's layer as a file of another kind, and proves that by `compare`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.implementations.find import NotFound, Unusable
from harness.models.compare import compare
from harness.models.comparison import Comparison
from harness.models.subject import Subject, read_subject
from harness.processes.here import IMPORT, here_is
from harness.processes.process import Ended
from harness.runs.pool import MEMORY, ask_once
from harness.runs.writable import writing_error
from references.case import CellWeights, Config
from references.read import write_layer
from references.sources import PENDING, is_source


class Conversion(NamedTuple):
    """What was written, where, and the proof; the file has its own name only where it is proved."""

    path: Path
    notes: Sequence[str]  # sentences on what was rounded, or is not said in the file
    proof: Comparison


def convert(
    a: str,
    b: str | Path,
    *,
    layer: str | None = None,
    force: bool = False,
    time_limit: float = 60.0,
    memory_limit: int | None = MEMORY,
    **options: Any,
) -> Conversion:
    """Reads the layer of A, writes it as B, whose suffix says how, and compares both.

    The file is called `B.unproven` until the two agree. Raises NotFound for a B that is
    there, unless by `force`; Unsupported for a layer that has no equivalent, before anything is
    written; and what `compare` raises.
    """
    target = Path(b)
    if not is_source(str(a)) or not is_source(str(b)):
        wrong = a if not is_source(str(a)) else b
        raise NotFound(f"{wrong} is no file of a model, as model.pt, model.keras or model.onnx")
    _check_place(target, a, force)
    bounds = time_limit, memory_limit
    subject = Subject(str(a), str(a), "model", layer, options)
    # Frameworks alone run in these workers: what they print are notices.
    source = ask_once(bounds, read_subject, subject, quiet=True)
    source = _result(source, f"{a} cannot be read: reading it")
    unproven = _unproven(target)
    notes = ask_once(bounds, _write, source.config, source.weights, unproven, quiet=True)
    notes = _result(notes, f"{unproven} cannot be written: writing it")
    if source.config.cell == "rnn":  # which a state_dict does not say
        options["nonlinearity"] = source.config.nonlinearity
    proof = compare(
        a, unproven, layer=layer, time_limit=time_limit, memory_limit=memory_limit, **options
    )
    if proof.agrees:
        if target.exists() and not force:
            raise NotFound(f"{b} appeared meanwhile; what was written and proved is {unproven}")
        unproven.replace(target)
        return Conversion(target, notes, proof)
    return Conversion(unproven, notes, proof)


def _check_place(target: Path, source: str, force: bool) -> None:
    """Raises NotFound where nothing may be written."""
    if target.exists() and Path(source).exists() and target.samefile(source):
        raise NotFound(f"{source} is what is read, and would be lost; name another file")
    if target.is_dir():
        raise NotFound(f"{target} is a folder; name a file")
    if target.exists() and not force:
        wish = "name another file, or overwrite it with --force"
        raise NotFound(f"{target} is there already; {wish}")
    if trouble := writing_error(_unproven(target)):
        raise NotFound(f"{target} cannot be written: {trouble}")


def _unproven(target: Path) -> Path:
    """The file's name until it is proved."""
    return target.with_name(f"{target.name}{PENDING}")


def _write(config: Config, weights: tuple[CellWeights, ...], path: Path) -> list[str]:
    here_is(0, IMPORT)
    return write_layer(config, weights, path)


def _result(answer: Any, what: str) -> Any:
    if isinstance(answer, Ended):
        raise Unusable(f"{what} {answer.how}")
    return answer
