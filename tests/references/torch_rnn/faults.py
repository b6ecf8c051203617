"""What torch does wrong with a case and options: ids of known differences that must show."""


def faults(case, options):
    """The ids of those that apply, whatever else is asked for with them."""
    holds = {
        "torch-positional-dtype": options.module == "all positional" and case.config.cell != "lstm",
        "torch-skip-init": options.module == "skip_init",
        "torch-script-layer": options.form == "scripted" and options.module != "cells",
        "torch-vmap": options.layout == "vmap",
    }
    return {id for id, here in holds.items() if here}
