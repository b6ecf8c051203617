"""The implementations beside the loop: the installed frameworks, or the loop summed backwards."""

from harness.judge.observe import Implementation
from harness.mistakes.right_variants import RIGHT
from references import REFERENCES, default_frameworks, load

REORDERED = "Reordered loop"


def frameworks(numpy_only: bool) -> tuple[str, ...]:
    """The names of the references beside the loop, torch first; imports none of them."""
    return () if numpy_only else default_frameworks()


def implementations(names: tuple[str, ...]) -> dict[str, Implementation]:
    """The references of these names, by their titles; imports their frameworks.

    Where there are none, the reordered loop.
    """
    if not names:
        return {REORDERED: RIGHT["sums from the other end"]}
    return {REFERENCES[name].title: load(name) for name in names}
