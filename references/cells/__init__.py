"""The recurrent cells: each is a file with an equation, GATES and STATES.

`step(p, x, *states)` gives the new states, the output first. `p` holds the weights by gate, see
`references.cells.gates`; x is (I, B) and each state (H, B): a batch stands in columns.
"""

from types import ModuleType

from references.cells import gru, lstm, rnn

CELLS: dict[str, ModuleType] = {"rnn": rnn, "gru": gru, "lstm": lstm}
