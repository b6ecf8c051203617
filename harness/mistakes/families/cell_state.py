"""An LSTM's second state c: where it starts, how it goes on, and what is returned of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.families.direction import of_backward, of_forward
from harness.mistakes.families.gates import monotone, of_stored
from harness.mistakes.families.numerics import round_to
from harness.mistakes.families.state import (
    at_boundary,
    highest_first,
    of_layers,
    swap_directions,
)
from harness.mistakes.mistake import Mistake, OfState
from references.case import Case, Outputs
from references.cells import CELLS
from references.cells.walk import Moment, States

H, C = (CELLS["lstm"].STATES.index(state) for state in ("h", "c"))


def _state(name: str, sentence: str, loop: str, mirror: str) -> Mistake:
    return Mistake(name, sentence).of("lstm").to_fix(loop, mirror)


def _states_differ(case: Case) -> bool:
    return not np.array_equal(case.h_0, case.c_0)  # type: ignore[arg-type]


def _swap_states(case: Case) -> Case:
    assert case.c_0 is not None
    return replace(case, h_0=case.c_0, c_0=case.h_0, origin="")


def _returns(**fields: str) -> Callable[[Case, Outputs], Outputs]:
    """Returns final states under each other's names."""
    return lambda _, outputs: replace(
        outputs, layers=None, **{name: getattr(outputs, other) for name, other in fields.items()}
    )


def _c_for_h(now: Moment) -> States:
    _, c = now.equation()
    return c, c


def _zero_where_masked(now: Moment, c: Any) -> Any:
    return np.where(np.asarray(now.valid), c, 0)


def _first_layer_for_all(case: Case) -> Case:
    assert case.c_0 is not None
    return replace(case, c_0=of_layers(case.c_0, [0] * case.config.num_layers), origin="")


def _layers_of_c_n(case: Case, outputs: Outputs) -> Outputs:
    layers = highest_first(case.config.num_layers)
    c_n = None if outputs.c_n is None else of_layers(outputs.c_n, layers)
    return replace(outputs, c_n=c_n, layers=None)


def _layers_of_c_0(case: Case) -> Case:
    assert case.c_0 is not None
    layers = highest_first(case.config.num_layers)
    return replace(case, c_0=of_layers(case.c_0, layers), origin="")


CARRY_C = "carry c on to the next step, as h"
STATEFUL = "pass both states on: (h, c) in torch, [h, c] in Keras"
FINAL = "return h and c of the last step: (h_n, c_n)"
BOTH_STATES = "torch returns (h_n, c_n), Keras h and then c"
INITIAL = "start from h_0 and from c_0"
GIVE_BOTH = "pass (h_0, c_0) in torch, initial_state=[h_0, c_0] in Keras"
LAYERS = "c is (L*D, B, H), lowest layer first, as h"
DIRECTIONS = "c[layer * 2] is forward, c[layer * 2 + 1] backward, as in h"
BOTH_ORDERS = (
    "torch has forward first in h and c; Keras' Bidirectional h and c forward, then backward"
)
LOWEST_FIRST = "torch has the lowest layer first; in Keras each layer has h and c of its own"
C_INSIDE = "the sequence holds h of every step: torch and Keras return c of the last step alone"
C_ITSELF = "return c itself; tanh belongs to the output alone"
HOLD = "at a masked step carry both states on unchanged"
MASK = "pass mask= (Keras), or pack the sequence (torch): they hold h and c alike"
MISTAKES = (
    _state("c not carried", "Every step starts from c_0.", CARRY_C, STATEFUL)
    .when("several_steps")
    .change(carry=OfState(C, lambda now, c: now.initial[0])),
    _state("c dropped", "c is zero again at every step after the first.", CARRY_C, STATEFUL)
    .when("several_steps")
    .change(carry=OfState(C, lambda now, c: np.zeros_like(c))),
    _state("h not carried", "The gates of every step read h_0.", "carry h on, as c", STATEFUL)
    .when("several_steps")
    .change(carry=OfState(H, lambda now, h: now.initial[0])),
    _state("h dropped", "h is zero again at every step after the first.", "carry h on", STATEFUL)
    .when("several_steps")
    .change(carry=OfState(H, lambda now, h: np.zeros_like(h))),
    _state("c leaks between rows", "Each row goes on from its neighbour's c.", CARRY_C, STATEFUL)
    .when("several_rows", "several_steps")
    .change(carry=OfState(C, lambda now, c: np.roll(c, 1, axis=1))),
    _state("c lost at a chunk boundary", "c is zero again within the sequence.", CARRY_C, STATEFUL)
    .when("several_steps")
    .change(**at_boundary(lambda now, c: np.zeros_like(c), C)),
    _state(
        "c in bfloat16",
        "The c that goes on keeps 8 bits, as in bfloat16.",
        "keep c in the case's dtype",
        "switch autocast and mixed_precision off",
    )
    .when("several_steps")
    .change(carry=OfState(C, of_stored(lambda c: round_to(8, c)))),
    _state("c_0 ignored", "c starts from zeros whatever c_0.", INITIAL, GIVE_BOTH)
    .when("cell_state")
    .change_case(c_0=np.zeros_like),
    _state("h_0 ignored", "h starts from zeros whatever h_0; c does not.", INITIAL, GIVE_BOTH)
    .when("initial_state")
    .change_case(h_0=np.zeros_like),
    _state("h_0 and c_0 swapped", "h starts from c_0, and c from h_0.", INITIAL, GIVE_BOTH)
    .when(_states_differ)
    .change(case=(_swap_states,)),
    _state("c_0 is h_0", "c starts from h_0.", INITIAL, GIVE_BOTH)
    .when(_states_differ)
    .change(case=(lambda case: replace(case, c_0=case.h_0, origin=""),)),
    _state(
        "c_0 rows reversed",
        "Each row starts from another row's c_0.",
        "after sorting by length, sort h_0 and c_0 too",
        "unsort both states, or let torch sort: enforce_sorted=False",
    )
    .when("cell_state", "several_rows")
    .change_case(c_0=np.fliplr),
    _state(
        "c_0 layers reversed", "Each layer starts from another layer's c_0.", LAYERS, LOWEST_FIRST
    )
    .when("cell_state", "several_layers")
    .change(case=(_layers_of_c_0,)),
    _state(
        "first layer's c_0 for all",
        "All layers start from the first layer's c_0.",
        LAYERS,
        LOWEST_FIRST,
    )
    .when("cell_state", "several_layers")
    .change(case=(_first_layer_for_all,)),
    _state("c_n layers reversed", "c_n has its layers the other way round.", LAYERS, LOWEST_FIRST)
    .when("several_layers")
    .change(outputs=(_layers_of_c_n,)),
    _state(
        "c_0 directions swapped",
        "Each direction starts from the other's c_0.",
        DIRECTIONS,
        BOTH_ORDERS,
    )
    .when("cell_state", "bidirectional")
    .change_case(c_0=swap_directions),
    _state(
        "one c_0 for both directions",
        "Backward starts from forward's c_0.",
        DIRECTIONS,
        BOTH_ORDERS,
    )
    .when("cell_state", "bidirectional")
    .change_case(c_0=of_forward),
    _state("backward c_0 ignored", "The backward c starts from zeros.", DIRECTIONS, BOTH_ORDERS)
    .when("cell_state", "bidirectional")
    .change_case(c_0=of_backward(np.zeros_like)),
    _state("c_n directions swapped", "Each direction has the other's c_n.", DIRECTIONS, BOTH_ORDERS)
    .when("bidirectional")
    .change_outputs(c_n=swap_directions),
    _state("forward c_n twice", "The backward c_n is forward's.", DIRECTIONS, BOTH_ORDERS)
    .when("bidirectional")
    .change_outputs(c_n=of_forward),
    _state("(h, c) returned as (c, h)", "h_n is c_n, and c_n is h_n.", FINAL, BOTH_STATES).change(
        outputs=(_returns(h_n="c_n", c_n="h_n"),)
    ),
    _state("c_n is h_n", "c_n is h_n.", FINAL, BOTH_STATES).change(outputs=(_returns(c_n="h_n"),)),
    _state("h_n is c_n", "h_n is c_n.", FINAL, BOTH_STATES).change(outputs=(_returns(h_n="c_n"),)),
    _state("c_n is c_0", "c_n is the initial state.", FINAL, BOTH_STATES).change(
        outputs=(lambda case, outputs: replace(outputs, c_n=case.c_0, layers=None),)
    ),
    _state("c put out for h", "The outputs are c; h goes on.", "put out h", C_INSIDE).change(
        step=_c_for_h, carry=OfState(H, lambda now, c: now.equation()[0])
    ),
    _state("tanh of c_n", "c_n is tanh of the last c.", C_ITSELF, C_ITSELF).change_outputs(
        c_n=lambda c_n: monotone(np.tanh, c_n)
    ),
    _state("c_n of zeros", "c_n is zeros.", FINAL, BOTH_STATES).change_outputs(
        c_n=lambda c_n: c_n * 0
    ),
    _state("c updated on masked steps", "Masked steps change c, but not h.", HOLD, MASK)
    .when("masked")
    .change(hold=OfState(C, lambda now, c: c)),
    _state("h updated on masked steps", "Masked steps change h, but not c.", HOLD, MASK)
    .when("masked")
    .change(hold=OfState(H, lambda now, h: h)),
    _state("c zero on masked steps", "A masked step resets c.", HOLD, MASK)
    .when("masked")
    .change(hold=OfState(C, _zero_where_masked)),
)
