"""Names a report's rows: an implementation's name, and a cell where it is judged on that alone."""

from references.cells import CELLS


def row_name(name: str, cell: str) -> str:
    """Returns the name of a row of one cell's cases: `keras/graph gru`."""
    return f"{name} {cell}"


def cell_of(name: str) -> str:
    """Returns the cell that such a name ends with; the text is empty for other names."""
    rest, _, cell = name.rpartition(" ")
    return cell if rest and ":" not in name and cell in CELLS else ""


def plain_name(name: str) -> str:
    """Returns the implementation of such a row: `keras/graph`. Other names stay as they are."""
    return name.removesuffix(f" {cell}") if (cell := cell_of(name)) else name
