"""A campaign's report as one HTML page with everything in it, which fetches nothing. Text from outside is escaped."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from harness.campaign.charts import growth, histogram, memory
from harness.campaign.report import findings_of
from harness.judge.verdict import KINDS
from harness.report.foreign import printable

HISTOGRAMS = 60  # implementations
Document = dict[str, Any]


def page(told: Document) -> str:
    """The whole report; `told` is as from `harness.campaign.report.document`."""
    # Markup: from matplotlib, which escapes what stands in a picture
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"clean": printable, "comma": lambda value: f"{value:,}"}
    implementations = [told_one for told_one in told["implementations"] if told_one["cases"]]
    with_ratios = [one for one in implementations if any(one["histogram"])]
    pictures = {
        "histograms": [
            (one["name"], Markup(histogram(one, f"ratios{number}")))
            for number, one in enumerate(with_ratios[:HISTOGRAMS])
        ],  # noqa: S704
        "growth": Markup(growth(implementations)) if implementations else "",  # noqa: S704
        "memory": Markup(memory(told["run"])) if told["run"]["memory"] else "",  # noqa: S704
    }
    kinds = [
        kind
        for kind in (*KINDS, "known")
        if any(one["counts"].get(kind) for one in implementations)
    ]
    template = environment.from_string(
        (files("harness.campaign") / "page.html").read_text(encoding="utf-8")
    )
    return template.render(
        told=told,
        findings=list(findings_of(told)),
        run=told["run"],
        plan=told["plan"],
        kinds=kinds,
        **pictures,
    )
