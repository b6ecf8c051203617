"""A GRU or an LSTM as unlucky as right arithmetic can be.

Its sums are random trees, and its activations, Arb's, are as far off as K allows. Only the points
that NUMERICS calls exact are left exact.
"""

from fractions import Fraction

import numpy as np

from harness.judge.bounds.activation import EMPTY, FULL, FUNCTIONS, ONE_FROM
from references.case import Case, CellWeights, Config, Outputs
from references.cells import CELLS
from tests.judge.oracle import activated, numbers

OFF = {name: one.k for name, one in FUNCTIONS.items()}  # the roundings of each activation
# Where arrays may reach overflow and underflow, and the biases that shut a gate or open it.
ENDS = ("ordinary", "subnormal", "tiny", "large", "huge")
SHUT = (0.0, -10.0, -60.0, -100.0, 100.0)


def extreme_case(fields, dtype, seed):
    """A case of which each array has its own end of the format, and each gate its own bias."""
    random = np.random.default_rng([seed, 13])
    I, H, B, T = random.integers(1, 4, 4)
    gates = len(CELLS[fields["cell"]].GATES)

    def array(*shape, kinds=ENDS):
        return numbers(random.choice(kinds), shape, dtype, random)

    blocks = [[array(H, columns) for _ in range(gates)] for columns in (I, H)]
    W, U = map(np.concatenate, blocks)
    b_W, b_U = (np.concatenate([array(H) for _ in range(gates)]) for _ in range(2))
    if random.random() < 0.7:  # bounded gates around candidates without bounds
        ordinary = np.repeat([gate not in "ng" for gate in CELLS[fields["cell"]].GATES], H)
        for one in (W, U, b_W, b_U):
            one[ordinary] *= 0
        b_W[ordinary] = random.choice(SHUT, int(ordinary.sum()))
    if H > 1 and random.random() < 0.5:  # sums that cancel
        U[:, 1] = -U[:, 0]
    h_0 = array(1, B, H, kinds=("ordinary", "integers", *ENDS))
    c_0 = array(1, B, H) if fields["cell"] == "lstm" else None
    config = Config(int(I), int(H), dtype=dtype, **fields)
    return Case(config, (CellWeights(W, U, b_W, b_U),), array(B, T, I), h_0, c_0=c_0)


class Adversary:
    """Evaluates one row of a case of one layer, number by number."""

    def __init__(self, case, seed):
        self.case = case
        self.random = np.random.default_rng(seed)
        self.dtype = np.dtype(case.config.dtype).type
        self.unit = Fraction(1, 2 ** {"float32": 24, "float64": 53}[case.config.dtype])
        self.tiny = np.finfo(self.dtype).tiny
        self.flushes = seed % 3 == 0
        self.fuses = seed % 2 == 0
        self.forms = self.random.integers(0, 3, 4)

    def stored(self, number):
        """A number as the processor holds it."""
        number = self.dtype(number)
        return self.dtype(0) if self.flushes and abs(number) < self.tiny else number

    def times(self, a, b):
        return self.stored(self.stored(a) * self.stored(b))

    def plus(self, a, b):
        return self.stored(self.stored(a) + self.stored(b))

    def total(self, addends):
        """The sum, in a random tree."""
        addends = list(addends)
        while len(addends) > 1:
            first = addends.pop(self.random.integers(len(addends)))
            second = addends.pop(self.random.integers(len(addends)))
            addends.append(self.plus(first, second))
        return addends[0]

    def products(self, weights, numbers):
        pairs = list(zip(weights, numbers, strict=True))
        if not self.fuses or len(pairs) < 2:
            return [self.times(a, b) for a, b in pairs]
        a, b = pairs[0]
        wide = np.float64 if self.dtype is np.float32 else np.longdouble
        rest = self.total(self.times(*pair) for pair in pairs[1:])
        return [self.stored(self.dtype(wide(a) * wide(b) + wide(rest)))]

    def activate(self, name, z):
        """As far from the true value as K allows, but for the exact points."""
        if np.isnan(z):
            return z
        exact = {
            "tanh": ((z == 0, 0), (z >= ONE_FROM, 1), (z <= -ONE_FROM, -1)),
            "sigmoid": (
                (z == 0, 0.5),
                (z >= FULL, 1),
                (z <= EMPTY[self.case.config.dtype], 0),
            ),
        }[name]
        for holds, value in exact:
            if holds:
                return self.dtype(value)
        true = Fraction(float(activated(name, z).mid()))
        off = 2 * OFF[name] * self.unit * int(self.random.integers(-1, 2)) * Fraction(15, 16)
        return self.stored(self.dtype(float(true * (1 + off))))

    def gate(self, gate, x, h, reset=None):
        """The addends of a gate's unit sums, one list a unit."""
        (weights, *_), H = self.case.weights, self.case.config.hidden_size
        sums = []
        for row in range(gate * H, (gate + 1) * H):
            from_h = [*self.products(weights.U[row], h), weights.b_U[row]]
            if reset is not None:
                r = reset[row - gate * H]
                whole = self.forms[0] == 0
                from_h = [self.times(r, self.total(from_h))] if whole else [
                    self.times(r, one) for one in from_h
                ]  # fmt: skip
            sums.append(self.total([*self.products(weights.W[row], x), weights.b_W[row], *from_h]))
        return sums

    def gru(self, x, h):
        """The next h."""
        r, z = ([self.activate("sigmoid", s) for s in self.gate(gate, x, h)] for gate in (0, 1))
        if self.case.config.reset_after:
            sums = self.gate(2, x, h, r)
        else:
            sums = self.gate(2, x, [self.times(*pair) for pair in zip(r, h, strict=True)])
        n = [self.activate("tanh", s) for s in sums]
        return [self.update(*unit) for unit in zip(z, n, h, strict=True)]

    def update(self, z, n, h):
        rest = self.plus(1, -z)
        if self.forms[1] == 0:
            return self.plus(self.times(rest, n), self.times(z, h))
        if self.forms[1] == 1:
            return self.plus(h, self.times(rest, self.plus(n, -h)))
        return self.plus(n, self.times(z, self.plus(h, -n)))

    def lstm(self, x, h, c):
        """The next h and c."""
        sums = [self.gate(gate, x, h) for gate in range(4)]
        names = "sigmoid", "sigmoid", "tanh", "sigmoid"
        i, f, g, o = (
            [self.activate(name, s) for s in gate] for name, gate in zip(names, sums, strict=True)
        )
        c = [self.plus(self.times(f[j], c[j]), self.times(i[j], g[j])) for j in range(len(c))]
        return [self.times(o[j], self.activate("tanh", c[j])) for j in range(len(c))], c

    def run(self):
        """Every step from its own state before it."""
        case = self.case
        sequence, h_n, c_n = [], [], []
        with np.errstate(all="ignore"):
            for row in range(case.batch):
                h = list(case.h_0[0, row])
                c = None if case.c_0 is None else list(case.c_0[0, row])
                steps = []
                for x in case.inputs[row]:
                    if c is None:
                        h = self.gru(x, h)
                    else:
                        h, c = self.lstm(x, h, c)
                    steps.append(h)
                sequence.append(steps)
                h_n.append(h)
                c_n.append(c)
        arrays = (np.array(a, self.dtype) for a in (sequence, [h_n]))
        return Outputs(*arrays, c_n=None if case.c_0 is None else np.array([c_n], self.dtype))
