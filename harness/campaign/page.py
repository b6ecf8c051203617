"""Renders a campaign's report as one HTML page, which fetches nothing. Escapes foreign text."""

from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from harness.campaign.charts import growth, histogram, memory
from harness.campaign.journal import shell_name
from harness.campaign.progress import duration
from harness.campaign.report import findings_of
from harness.judge.verdict import KINDS
from harness.printable import printable
from harness.report.as_json import Document

HISTOGRAMS = 60  # implementations


def page(document: Document) -> str:
    """Renders the whole report, which is as from `harness.campaign.report.document`."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        clean=printable,
        comma=lambda value: f"{value:,}",
        duration=duration,
        shell=shell_name,
    )
    template = (files("harness.campaign") / "page.html").read_text(encoding="utf-8")
    rows = [row for row in document["implementations"] if row["cases"]]
    with_ratios = [row for row in rows if any(row["histogram"])][:HISTOGRAMS]
    pictures = {
        "growth": growth(rows) if rows else "",
        "memory": memory(document["run"]) if document["run"]["memory"] else "",
        **{f"ratios{n}": histogram(row, f"ratios{n}") for n, row in enumerate(with_ratios)},
    }
    # Matplotlib escapes the text in a picture.
    markup = {name: Markup(svg) for name, svg in pictures.items()}  # noqa: S704
    return environment.from_string(template).render(
        document=document,
        findings=[*findings_of(document)],
        run=document["run"],
        plan=document["plan"],
        own={one["id"] for one in document["deviations"]},
        kinds=[kind for kind in (*KINDS, "known") if any(row["counts"].get(kind) for row in rows)],
        histograms=[(row["name"], markup[f"ratios{n}"]) for n, row in enumerate(with_ratios)],
        **{name: markup[name] for name in ("growth", "memory")},
    )
