"""The page: one HTML file with everything in it, and nothing fetched from anywhere."""

from itertools import groupby
from typing import Any

import numpy as np
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from harness.lesson.charts import HEIGHT, WIDTH, chart
from harness.lesson.execute import Runner
from harness.lesson.material import Material
from harness.lesson.pictures import picture
from harness.lesson.tables import table
from harness.lesson.text import chapters, environment, markdown, welcome

FIRST_STEP, FIRST_UNIT = (
    1,
    0,
)  # what the slider shows at first, and all that it shows without a script
DIGITS = 6


def page(material: Material) -> str:
    """The whole lesson as HTML."""
    made, runner = environment(), Runner()
    prose = markdown()
    made.globals |= {
        "printed": runner.printed,
        "picture": lambda name: picture(name, material),
        "table": lambda name: table(name, material),
        "chart": chart,
        "chart_size": (WIDTH, HEIGHT),
    }
    made.filters |= {
        # Markdown's own HTML: it escapes what is not its own
        "markdown": lambda text: Markup(prose.render(text)),  # noqa: S704
        "inline": lambda text: Markup(prose.renderInline(text)),  # noqa: S704
        "python": _highlighted,
        "svg": lambda text: Markup(text),  # noqa: S704 - from harness.lesson.svg
    }
    return made.get_template("page.html").render(
        m=material,
        welcome=welcome(material),
        chapters=chapters(material),
        slider=_slider(material),
        first=(FIRST_STEP, FIRST_UNIT),
        families=[
            (family, list(group))
            for family, group in groupby(material.planted, lambda shown: shown.family)
        ],
    )


def _highlighted(code: str) -> Markup:
    return Markup(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)))  # noqa: S704 - Pygments escapes the code


def _slider(material: Material) -> dict[str, Any]:
    """The numbers behind the slider; bars of all rows have one scale."""
    steps = material.steps
    rows = {
        "inputs": steps.inputs,
        "states": steps.states,
        "W_x": steps.W_x,
        "U_h": steps.U_h,
        "sums": steps.sums,
        "outputs": steps.outputs,
    }
    return {
        "b": np.round(steps.b, DIGITS).tolist(),
        "scale": max(float(np.abs(array).max()) for array in (*rows.values(), steps.b)),
        **{name: np.round(array, DIGITS).tolist() for name, array in rows.items()},
    }
