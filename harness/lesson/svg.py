"""matplotlib's SVG made fit for a page: colours that follow light and dark, the page's own letters, ids that cannot clash."""

import io
import re
from typing import Any
from xml.etree import ElementTree

# Stand-ins that matplotlib draws with, and what stands there in the page; after the comma what holds where no style sheet is.
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
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "rnn-parity",  # the same ids each time
    "font.family": "DejaVu Sans",  # it comes with matplotlib, so that sizes are the same everywhere
    "font.size": 12,
    "text.color": INK, "axes.edgecolor": SOFT, "axes.labelcolor": INK, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.facecolor": "none", "figure.facecolor": "none", "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "grid.color": RULE, "grid.linewidth": 0.8, "lines.linewidth": 1.8,
    "axes.titlesize": 12, "axes.titlelocation": "left", "axes.titlepad": 10, "legend.fontsize": 11,
    "xtick.labelsize": 11, "ytick.labelsize": 11, "axes.axisbelow": True,
}  # fmt: skip


def page_svg(figure: Any, name: str, alternative: str) -> str:
    """The figure as an `<svg>` element that takes the page's colours; `name` makes its ids its own."""
    stream = io.StringIO()
    figure.savefig(
        stream,
        format="svg",
        transparent=True,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    for prefix, space in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(prefix, space)
    root = ElementTree.fromstring(stream.getvalue())  # noqa: S314 - written by matplotlib a moment ago
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}metadata":
                parent.remove(child)
    _own_ids(root, name)
    width = root.attrib.pop("width").removesuffix("pt")
    root.attrib.pop("height")
    root.set("role", "img")
    root.set("aria-label", alternative)
    root.set("style", f"max-width: {float(width):.0f}px; background: {PAPER}")
    text = ElementTree.tostring(root, encoding="unicode")
    text = re.sub(
        r"\s*\n\s*", " ", text.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    )
    for stand_in, colour in COLOURS.items():
        text = text.replace(stand_in, colour)
    return text


def _own_ids(root: ElementTree.Element, name: str) -> None:
    """Ids that nothing refers to go; the others get the figure's name in front."""
    text = ElementTree.tostring(root, encoding="unicode")
    referred = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text))
    for element in root.iter():
        own = element.get("id")
        if own in referred:
            element.set("id", f"{name}-{own}")
        elif own is not None:
            del element.attrib["id"]
        for attribute, value in element.attrib.items():
            if value.startswith(("url(#", "#")) and value.strip("url(#)") in referred:
                element.set(attribute, value.replace("#", f"#{name}-"))
            elif "url(#" in value:
                element.set(attribute, value.replace("url(#", f"url(#{name}-"))
