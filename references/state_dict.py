"""Layers in arrays by torch's names: a state_dict, a .safetensors file. It needs no torch."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from references.cells import CELLS
from references.layer import Layer, Unreadable, check_dtype, layer_of
from references.options import Saying, config_of
from references.unsupported import Unsupported

PARAMETERS = {"weight_ih": "W", "weight_hh": "U", "bias_ih": "b_W", "bias_hh": "b_U"}
EXPECTED = "; its arrays need torch's names, as weight_ih_l0 and weight_hh_l0"
# encoder.weight_ih_l0_reverse; a cell's parameters have no _l0, and weight_hr is a projection.
NAME = re.compile(
    r"(?:(.*)\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(_l\d+(?:_reverse)?)?"
)
Read = Callable[[str], np.ndarray]


def layers(
    shapes: Mapping[str, tuple[int, ...]], read: Read, options: Mapping[str, Any]
) -> dict[str, Callable[[], Layer]]:
    """The layers in these arrays by their dotted names, in order; `read(name)` gives an array."""
    places: dict[str, dict[tuple[str, str], str]] = {}
    for name in shapes:
        if match := NAME.fullmatch(name):
            prefix, parameter, suffix = match.groups(default="")
            places.setdefault(prefix, {})[parameter, suffix] = name
    return {
        prefix: partial(_layer, prefix, names, shapes, read, options)
        for prefix, names in places.items()
        if any(parameter in PARAMETERS for parameter, _ in names)
    }


def _layer(
    prefix: str,
    names: dict[tuple[str, str], str],
    shapes: Mapping[str, tuple[int, ...]],
    read: Read,
    options: Mapping[str, Any],
) -> Layer:
    projection = next((name for (kind, _), name in names.items() if kind == "weight_hr"), "")
    if projection:
        raise Unsupported(f"{projection} projects h (proj_size), and no Config says that")
    suffixes = _suffixes(prefix, {suffix for _, suffix in names})
    bidirectional = any(suffix.endswith("_reverse") for suffix in suffixes)
    biases = any(kind.startswith("bias") for kind, _ in names)
    kinds = [kind for kind in PARAMETERS if biases or not kind.startswith("bias")]
    for suffix in suffixes:
        for kind in kinds:
            if (kind, suffix) not in names:
                where = f"layer {prefix!r}" if prefix else "the layer"
                has = _sources(prefix, f"{kind}{suffix}", shapes) or ", ".join(names.values())
                raise Unreadable(f"{where} has no {kind}{suffix}, but {has}")
    first = suffixes[0]
    W, U = (shapes[names[kind, first]] for kind in ("weight_ih", "weight_hh"))
    says = {
        "num_layers": len(suffixes) // (1 + bidirectional),
        "bidirectional": bidirectional,
        "bias": biases,
        "go_backwards": False,
        "reset_after": True,
    } | sizes(names["weight_ih", first], W, names["weight_hh", first], U)
    own = [{PARAMETERS[kind]: names[kind, suffix] for kind in kinds} for suffix in suffixes]
    arrays = [{ours: read(theirs) for ours, theirs in cell.items()} for cell in own]
    check_dtype(own[0]["W"], arrays[0]["W"].dtype.name)
    says["dtype"] = arrays[0]["W"].dtype.name
    config, assumptions = config_of(Saying("a state_dict", says), options)
    return layer_of(prefix, config, arrays, "torch", own, assumptions)


def _sources(prefix: str, missing: str, shapes: Mapping[str, Any]) -> str:
    """What torch computes this parameter of, and what to do; empty where there is no such array."""
    stem = f"{prefix}." if prefix else ""
    starts = f"{stem}{missing}_", f"{stem}parametrizations.{missing}."
    parts = [name for name in shapes if name.startswith(starts) and not NAME.fullmatch(name)]
    how = "of which torch computes it. Remove the parametrization, and save the state_dict again"
    return f"{', '.join(parts)}, {how}" if parts else ""


def _suffixes(prefix: str, suffixes: set[str]) -> list[str]:
    """In the order of `Case.weights`: _l0, _l0_reverse, _l1, ... or that of a cell, which is ""."""
    if suffixes == {""}:
        return [""]
    ways = ("", "_reverse") if any(name.endswith("_reverse") for name in suffixes) else ("",)
    count = len(suffixes) // len(ways)
    expected = [f"_l{layer}{way}" for layer in range(count) for way in ways]
    if set(expected) != suffixes:
        where = f"layer {prefix!r}" if prefix else "the layer"
        own = ", ".join(suffix or "none" for suffix in sorted(suffixes))
        raise Unreadable(f"{where} has parameters with the suffixes {own}: no layer has them all")
    return expected


def sizes(W_name: str, W: tuple[int, ...], U_name: str, U: tuple[int, ...]) -> dict[str, Any]:
    """The cell and its sizes by the shapes of W (G*H, I) and U (G*H, H).

    Raises Unreadable for other shapes.
    """
    cell = _cell(U)
    if not cell:
        expected = "expected (gates * hidden_size, hidden_size) with 1, 3 or 4 gates"
        how = f"; transpose {W_name} and {U_name} first" if _cell(U[::-1]) else ""
        raise Unreadable(f"{U_name} has shape {U}, {expected}{how}")
    if len(W) != 2 or W[0] != U[0] or not W[1]:
        raise Unreadable(f"{W_name} has shape {W}, but {U_name} {U} asks for ({U[0]}, input_size)")
    return {"cell": cell, "hidden_size": U[1], "input_size": W[1]}


def _cell(U: tuple[int, ...]) -> str:
    """The cell whose U has this shape; empty for none."""
    gates = U[0] // U[1] if len(U) == 2 and all(U) and U[0] % U[1] == 0 else 0
    return next((name for name, own in CELLS.items() if len(own.GATES) == gates), "")
