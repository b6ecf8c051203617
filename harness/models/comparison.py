"""The result of a comparison: what is set otherwise, how arrays relate, verdicts on outputs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from harness.models.relations import Relation
from harness.printable import how_many, in_words, printable
from harness.runs.report import Report
from harness.runs.summary import Summary
from harness.runs.tables import as_text, columns_of, print_table, terminal_table
from harness.runs.terminal import lines
from references.case import Config
from references.options import is_assumed

# What may lie between arrays that are the same: how a relation says so, and the word for it.
BETWEEN = (
    (" after ", "layout"),
    (", in ", "dtype"),
    ("zeros, and ", "a bias of zeros"),
    ("folded", "rounded sums of biases"),
)


class Setting(NamedTuple):
    """A field of Config that A and B have, and differ in."""

    name: str
    a: object
    b: object
    assumed: str = ""  # A, B or both: of which it is assumed, as its file does not say

    def __str__(self) -> str:
        assumed = f" (assumed of {self.assumed})" if self.assumed else ""
        return f"{self.name} is {self.a} in A, {self.b} in B{assumed}"


def settings(
    a: Config, b: Config, assumptions: tuple[Sequence[str], Sequence[str]] = ((), ())
) -> tuple[Setting, ...]:
    """What A and B compute otherwise. A bias that is left out is one of zeros, and is no setting.

    Nor is the dtype, of which each array tells. `assumptions` are those on A and on B.
    """
    names = [name for name in vars(a) if name not in ("bias", "dtype")]
    pairs = [(name, getattr(a, name), getattr(b, name)) for name in names]
    return tuple(
        Setting(name, one, other, _assumed(name, *assumptions))
        for name, one, other in pairs
        if one != other
    )


def _assumed(name: str, a: Sequence[str], b: Sequence[str]) -> str:
    """Says of which sides this field is assumed: "A and B", or empty for none."""
    return " and ".join(side for side, own in (("A", a), ("B", b)) if is_assumed(name, own))


@dataclass(frozen=True, repr=False)
class Comparison:
    """Holds how two subjects relate: their arrays, and the verdicts on what they put out."""

    a: str  # as the user names it
    b: str
    settings: tuple[Setting, ...]
    relations: tuple[Relation, ...]
    report: Report  # a row for each subject on each set of weights
    inputs: str  # which inputs these were, in words
    acuity: str = ""  # how small an error of one weight they would have shown, a sentence
    notes: tuple[str, ...] = ()  # sentences
    assumed: int = 0  # how many of the notes, the first, say what is assumed of A and B
    hint: str = ""  # where one model holds the other's layer under another name, a sentence

    @property
    def exit_status(self) -> int:
        """Is 0 for agreement, 1 where arrays or outputs differ, 3 where it cannot tell."""
        return 1 if self.settings or self._unequal else self.report.exit_status

    @property
    def agrees(self) -> bool:
        """Tells whether arrays are equal but for layout, and every output is right."""
        return self.exit_status == 0

    @cached_property
    def _unequal(self) -> list[Relation]:
        return [relation for relation in self.relations if not relation.holds]

    @property
    def _wrong(self) -> list[Summary]:
        return [summary for summary in self.report.summaries if summary.failure_count]

    def raise_if_failed(self) -> None:
        """Raises Mismatch, Refused or Inconclusive with a verdict, else AssertionError."""
        self.report.raise_if_failed()
        if self.exit_status:
            raise AssertionError(self.sentence)

    @property
    def sentence(self) -> str:
        """Says the result in a sentence or two."""
        if self.exit_status == 1:
            return f"Not the same: {' '.join(self._differences())}"
        if self.exit_status == 3:
            return self.report.sentence
        refused = any(summary.counts["refused"] for summary in self.report.summaries)
        but = " but for those that are refused" if refused else ""
        others = "no others"
        if self.assumed:
            others += f", on {how_many(self.assumed, 'assumption')}"
        return f"Proved for {self.inputs}{but}, and {others}. {self._equal()}{self._outputs()}"

    def _equal(self) -> str:
        """Says that the arrays are equal, where there are such, and what lies between them."""
        if not self.relations:
            return ""
        words = "; ".join(relation.words for relation in self.relations)
        between = in_words(name for sign, name in BETWEEN if sign in words)
        but = f" but for {between}" if between else ""
        return f"All {len(self.relations)} arrays of {self.a} and {self.b} are equal{but}. "

    def _differences(self) -> Iterator[str]:
        """Yields a sentence for what is set otherwise, for arrays and for outputs."""
        if self.settings:
            yield f"{'; '.join(map(str, self.settings))}."
        if self._unequal:
            first, count = self._unequal[0], len(self._unequal)
            names = f"{first.a or 'nothing'} and {first.b or 'nothing'} of {first.place}"
            others = f" ({count} of {len(self.relations)} arrays differ)" if count > 1 else ""
            yield f"{names}: {first.words}{others}."
        if self.hint:
            yield self.hint
        for summary in self._wrong:
            count, untried = summary.failure_count, self.report.untried.get(summary.name, 0)
            total = summary.counts.total() + untried
            mistakes = self.report.findings[summary.name][0].diagnosis.names
            looks = f", and looks like {mistakes[0]}" if mistakes else ""
            verb = "is wrong" if summary.counts["differs"] else "crashed"
            yield f"{summary.name} {verb} on {count} of {total} inputs{looks}."
            if untried:
                yield f"It was given up: {untried} of them were never tried."
        if not self._wrong and self.report.exit_status == 0:
            yield f"On {self.inputs} each computes what its own weights say."

    def _outputs(self) -> str:
        """Says whose outputs are right, who met known differences, and who refused inputs."""
        names = in_words(summary.name for summary in self.report.summaries)
        verb = "computes" if len(self.report.summaries) == 1 else "each compute"
        known = sum(summary.known.total() for summary in self.report.summaries)
        but = f", but for {known} verdicts that meet known differences of the frameworks"
        refusals = [
            f" {summary.name} refused {summary.counts['refused']} of {summary.counts.total()}."
            for summary in self.report.summaries
            if summary.counts["refused"]
        ]
        says = f"{names} {verb} what the hand-written loop does{but if known else ''}."
        return says + "".join(refusals)

    def print_to(self, console: Console, verbose: bool = False) -> None:
        """Prints the sentence, the arrays side by side, verdicts and findings, and acuity."""
        sentence = printable(self.sentence, keep="")
        console.print(Text(sentence, style="bold"), soft_wrap=True)
        for setting in self.settings:
            console.print(Text(printable(setting)), soft_wrap=True)
        if self.relations:
            console.print(terminal_table(self._arrays(), justify="left"))
        report = self.report
        entries = [{"name": summary.name, **summary.to_json()} for summary in report.summaries]
        print_table(console, terminal_table(columns_of(entries)))
        for line in filter(None, (self.acuity, *self.notes, *lines(report, verbose))):
            console.print(Text(printable(line)), soft_wrap=True)

    def _arrays(self) -> dict[str, list[str]]:
        """The arrays side by side, column by column."""
        return {
            "": [relation.place for relation in self.relations],
            f"A: {self.a}": [relation.a for relation in self.relations],
            f"B: {self.b}": [relation.b for relation in self.relations],
            "relation": [relation.words for relation in self.relations],
        }

    def text(self, verbose: bool = False) -> str:
        """Returns what `print_to` prints."""
        return as_text(self.print_to, verbose)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Comparison({self.sentence})"
