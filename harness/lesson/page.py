"""The page: one HTML file with everything in it, which fetches nothing."""

import io
from contextlib import redirect_stdout
from itertools import groupby
from typing import Any

import numpy as np
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from harness.lesson.charts import HEIGHT, WIDTH, chart
from harness.lesson.material import Material
from harness.lesson.pictures import picture
from harness.lesson.tables import table
from harness.lesson.text import Block, chapters, markdown, templates, welcome

FIRST = (1, 0)  # the slider's step and unit at first, and the only ones without a script
DIGITS = 6


class Runner:
    """Runs code blocks one after the other in one name space, as a notebook does."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "my_rnn"}

    def output(self, block: Block) -> str:
        """Runs the block and returns what it prints. An error in it is ours, and is raised."""
        stream = io.StringIO()
        code = compile(block.body, "<lesson>", "exec")
        with redirect_stdout(stream):
            exec(code, self.names)  # noqa: S102 - code of the lesson's own templates
        return stream.getvalue().rstrip("\n")


def page(material: Material) -> str:
    """The whole lesson as HTML."""
    environment, prose = templates(), markdown()
    environment.globals |= {
        "output": Runner().output,
        "picture": lambda name: picture(name, material),
        "table": lambda name: table(name, material),
        "chart": chart,
        "chart_size": (WIDTH, HEIGHT),
    }
    environment.filters |= {
        # Markdown's own HTML: it escapes what is not its own
        "markdown": lambda text: Markup(prose.render(text)),  # noqa: S704
        "inline": lambda text: Markup(prose.renderInline(text)),  # noqa: S704
        "python": _highlight,
        "svg": lambda text: Markup(text),  # noqa: S704 - from harness.lesson.svg
    }
    families = groupby(material.examples, lambda example: example.family)
    return environment.get_template("page.html").render(
        m=material,
        welcome=welcome(material),
        chapters=chapters(material),
        slider=_slider(material),
        first=FIRST,
        families=[(family, list(group)) for family, group in families],
    )


def _highlight(code: str) -> Markup:
    html = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup(html)  # noqa: S704 - Pygments escapes the code


def _slider(material: Material) -> dict[str, Any]:
    """The numbers behind the slider; the bars of all rows have one scale."""
    arrays = material.steps._asdict()
    return {
        "scale": max(float(np.abs(array).max()) for array in arrays.values()),
        **{name: np.round(array, DIGITS).tolist() for name, array in arrays.items()},
    }
