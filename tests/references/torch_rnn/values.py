"""The values of each of the Options of torch's layers, its default first."""

VALUES: dict[str, tuple[object, ...]] = {
    "module": ("layer", "positional", "all positional", "skip_init", "cells"),
    "layout": ("batch_first", "time_major", "unbatched", "vmap", "packed", "packed_sorted"),
    "state": ("given", "default", "halves"),
    "weights": ("before", "after", "double", "assigned", "functional"),
    "form": ("module", "saved", "traced", "scripted"),
    "grad": ("on", "off", "inference"),
    "dropout": (False, True),
    "strided": (False, True),
    "onednn": (True, False),
}
