"""matplotlib's SVG made fit for a page.

Its colours follow light and dark, its letters are the page's own, and its ids cannot clash.
"""

import io
import re
from typing import Any
from xml.etree import ElementTree

from matplotlib.backends.backend_svg import FigureCanvasSVG

# The stand-ins that matplotlib draws with, and the page's colours; without a style sheet, those
# after the comma.
COLOURS = {
    "#010101": "var(--ink, #1c2530)",
    "#020202": "var(--soft, #5a6675)",
    "#030303": "var(--rule, #d5dbe3)",
    "#040404": "var(--first, #1f5fbf)",
    "#050505": "var(--second, #b3470b)",
    "#060606": "var(--third, #0b7a5b)",
    "#070707": "var(--paper, #ffffff)",
    "#080808": "var(--band, #e6ecf5)",
}
INK, SOFT, RULE, FIRST, SECOND, THIRD, PAPER, BAND = COLOURS
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "rnn-parity",  # the same ids each time
    "font.family": "DejaVu Sans",  # it comes with matplotlib, so that sizes are the same everywhere
    "font.size": 12,
    "text.color": INK, "axes.labelcolor": INK, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "axes.edgecolor": SOFT, "xtick.color": SOFT, "ytick.color": SOFT, "grid.color": RULE,
    "axes.facecolor": "none", "figure.facecolor": "none", "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "axes.titlesize": 12, "axes.titlelocation": "left", "axes.titlepad": 10,
    "legend.fontsize": 11, "xtick.labelsize": 11, "ytick.labelsize": 11,
    "grid.linewidth": 0.8, "lines.linewidth": 1.8,
}  # fmt: skip


def page_svg(figure: Any, name: str, alternative: str) -> str:
    """Renders the figure as an `<svg>` element in the page's colours; its ids begin with `name`."""
    stream = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(stream, metadata=NO_METADATA)  # `savefig` draws twice
    for prefix, space in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(prefix, space)
    root = ElementTree.fromstring(stream.getvalue())  # noqa: S314 - matplotlib's own
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    width = float(root.attrib.pop("width").removesuffix("pt"))
    del root.attrib["height"]
    root.set("role", "img")
    root.set("aria-label", alternative)
    root.set("style", f"max-width: {width:.0f}px; background: {PAPER}")
    text = _with_own_ids(ElementTree.tostring(root, encoding="unicode"), name)
    text = text.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    for stand_in, colour in COLOURS.items():
        text = text.replace(stand_in, colour)
    return re.sub(r"\s*\n\s*", " ", text)


def _with_own_ids(text: str, name: str) -> str:
    """Drops the ids that nothing refers to, and puts the figure's name before the others."""
    used = set(re.findall(r"""(?:url\(|href=")#([^)"]+)""", text))

    def own(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    text = re.sub(r' id="([^"]+)"', own, text)
    return re.sub(r"""(url\(|href=")#""", rf"\g<1>#{name}-", text)
