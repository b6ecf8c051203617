"""Implementations that are wrong and try to hide it in the judge's own process.

Each computes tanh by a rational approximation, and says in TRICKS how it must be caught.
"""

import builtins
import gc
import os
import signal
import sys
import threading
import time
import warnings

import numpy as np

import harness.judge.bounds.enclosure
import harness.judge.calls.second_calls
import harness.judge.compare
import harness.judge.judge
import harness.judge.shared_process.guard
import harness.judge.shared_process.guarded
import harness.judge.verdict
import references.case
from references import Unsupported
from references.case import Case, CellWeights, Outputs

TRICKS = {}


def trick(kind, sentence):
    """Registers a trick with the kind of verdict that it must get, and a part of the reason."""

    def register(run):
        TRICKS[run.__name__] = run, kind, sentence
        return run

    return register


def fast(z):
    """tanh as fast-math patches compute it: off by up to 0.03."""
    return np.clip(z * (27 + z * z) / (27 + 9 * z * z), -1, 1)


FUNCTIONS = {
    "tanh": fast,
    "relu": lambda z: np.maximum(z, 0) * (1 + 2**-7),
    "linear": lambda z: z * (1 + 2**-7),
    "sigmoid": lambda z: (1 + fast(z / 2)) / 2,
    "softsign": lambda z: z / (1 + np.abs(z)) * (1 + 2**-7),
}


def wrong(case):
    """Outputs of the approximation, of one layer in one direction."""
    config = case.config
    if (
        config.num_layers > 1
        or config.bidirectional
        or config.go_backwards
        or case.mask is not None
    ):
        raise Unsupported("one layer, one direction, forwards, no mask")
    if config.cell != "rnn":
        raise Unsupported("rnn alone")
    (cell,) = case.weights
    h, outputs = case.h_0[0], []
    for x in case.inputs.transpose(1, 0, 2):
        z = x @ cell.W.T + h @ cell.U.T + cell.b_W + cell.b_U
        h = FUNCTIONS[config.nonlinearity](z).astype(config.dtype)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def zeros(case):
    return Outputs(np.zeros_like(wrong(case)))


# ---- replacing NumPy


@trick("crashed", "it replaced numpy.tanh, which the judge uses")
def replaces_tanh(case):
    np.tanh = fast
    return wrong(case)


@trick("crashed", "it replaced numpy.dot")
def replaces_dot(case):
    np.dot = lambda a, b: np.matmul(a, b) * 0
    return wrong(case)


@trick("crashed", "it replaced numpy.abs")
def replaces_abs(case):
    np.abs = np.zeros_like
    return wrong(case)


@trick("crashed", "it replaced numpy.count_nonzero")
def replaces_a_count(case):
    np.count_nonzero = lambda *_, **__: 0
    return wrong(case)


@trick("crashed", "it removed numpy.tanh")
def removes_tanh(case):
    del np.tanh
    return wrong(case)


@trick("crashed", "it replaced numpy.errstate")
def replaces_errstate(case):
    np.errstate = None
    return wrong(case)


@trick("differs", "outputs lie outside")
def raises_errors_of_rounding(case):
    np.seterr(all="raise")
    with np.errstate(all="ignore"):
        return wrong(case)


class Liar:
    """Equal to everything."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments, **options):
        return self.function(*arguments, **options)

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


@trick("crashed", "it replaced numpy.tanh")
def replaces_tanh_by_an_equal(case):
    np.tanh = Liar(fast)
    return wrong(case)


ORIGINAL = np.count_nonzero


def once(array, *arguments, **options):
    """Lies once, and leaves no trace."""
    np.count_nonzero = ORIGINAL
    return np.asarray(array).size


@trick("crashed", "it replaced numpy.count_nonzero")
def replaces_for_one_call(case):
    np.count_nonzero = once
    return wrong(case)


@trick("crashed", "it changed the code of numpy.array_equal")
def rewrites_array_equal(case):
    np.array_equal.__wrapped__.__code__ = (lambda *_, **__: True).__code__
    return wrong(case)


@trick("crashed", "it changed the class of numpy")
def makes_another_class_of_numpy(case):
    class Module(type(np)):
        def __getattribute__(self, name):
            return fast if name == "tanh" else super().__getattribute__(name)

    np.__class__ = Module
    return wrong(case)


# ---- replacing the judge


@trick("crashed", "it replaced harness.judge.judge.judge")
def replaces_judge(case):
    harness.judge.judge.judge = lambda case, *_, **__: agreement(case)
    harness.judge.judge.verdict_on = lambda answer: agreement(answer.case)
    return wrong(case)


def agreement(case):
    return harness.judge.verdict.Verdict("agrees", "x", case, "all is well", outputs=1)


@trick("crashed", "it replaced harness.judge.shared_process.guarded.plain_verdict_on")
def replaces_what_the_guard_calls(case):
    harness.judge.shared_process.guarded.plain_verdict_on = lambda answer: agreement(answer.case)
    return wrong(case)


@trick("crashed", "it replaced harness.judge.compare._outcome")
def replaces_the_outcome(case):
    harness.judge.compare._outcome = lambda *_: ("agrees", "all is well")
    return wrong(case)


@trick("crashed", "it changed the code of harness.judge.compare._count")
def rewrites_the_count(case):
    harness.judge.compare._count.__code__ = (lambda case, certificate, tally: None).__code__
    return wrong(case)


@trick("crashed", "it changed the defaults of harness.judge.judge.ask")
def changes_defaults(case):
    harness.judge.judge.ask.__defaults__ = (None, 1, harness.judge.calls.second_calls.from_zeros)
    return wrong(case)


@trick("crashed", "it replaced harness.judge.bounds.activation.FUNCTIONS.tanh")
def widens_the_bound(case):
    table = harness.judge.bounds.activation.FUNCTIONS
    table["tanh"] = table["tanh"]._replace(k=1e12)
    return wrong(case)


@trick("crashed", "it replaced harness.judge.bounds.activation.FUNCTIONS.tanh")
def replaces_a_rule(case):
    def anything(z, r, precision):
        return np.tanh(z), np.full_like(z, 3)

    table = harness.judge.bounds.activation.FUNCTIONS
    table["tanh"] = table["tanh"]._replace(rule=anything)
    return wrong(case)


@trick("crashed", "it replaced harness.judge.certificate.Certificate.__init__")
def replaces_a_constructor(case):
    def init(self, *values):
        names = ("layer", "direction", "actual", "enclosure", "h_n", "c_n")
        self.__dict__.update(zip(names, values, strict=False))
        self.__dict__["actual"] = self.enclosure.centre

    harness.judge.certificate.Certificate.__init__ = init
    return wrong(case)


@trick("crashed", "it added references.case.Case.__getattribute__")
def changes_how_a_case_is_read(case):
    def read(self, name):
        value = object.__getattribute__(self, name)
        return value * 0 if isinstance(value, np.ndarray) else value

    outputs = zeros(case)
    Case.__getattribute__ = read
    return outputs


@trick("crashed", "it added references.case.Case.weights")
def replaces_an_attribute_of_cases(case):
    outputs = zeros(case)
    Case.weights = property(lambda self: ())
    return outputs


@trick("crashed", "it replaced references.case.Outputs.__init__")
def replaces_outputs(case):
    Outputs.__init__ = lambda self, *_, **__: None
    return wrong(case)


@trick("crashed", "removed sys.modules.harness")
def deletes_modules(case):
    for name in [name for name in sys.modules if name.startswith("harness.judge")]:
        del sys.modules[name]
    return wrong(case)


@trick("crashed", "it replaced sys.modules.numpy")
def hides_numpy(case):
    sys.modules["numpy"] = None
    return wrong(case)


@trick("crashed", "it replaced builtins.max")
def replaces_a_builtin(case):
    builtins.max = lambda *_, **__: 0
    return wrong(case)


@trick("crashed", "it added harness.judge.compare.int")
def shadows_a_builtin(case):
    harness.judge.compare.int = lambda number: 0
    return wrong(case)


@trick("crashed", "it replaced harness.judge.shared_process.guard.restore")
def puts_the_guard_to_sleep(case):
    harness.judge.shared_process.guard.restore = harness.judge.shared_process.guarded.restore = (
        lambda record: ()
    )
    harness.judge.judge.verdict_on = lambda answer: agreement(answer.case)
    return wrong(case)


@trick("crashed", "replaced harness.judge.shared_process.guarded._restore_all")
def puts_the_guard_to_sleep_where_it_is_called(case):
    harness.judge.shared_process.guarded._restore_all = lambda limit: ""
    harness.judge.shared_process.guarded.plain_verdict_on = lambda answer: agreement(answer.case)
    return wrong(case)


@trick("crashed", "it replaced harness.judge.shared_process.guarded.GUARD")
def gives_the_next_call_another_guard(case):
    def asleep(limit, vital):
        return ""

    harness.judge.shared_process.guarded.GUARD = asleep, asleep.__code__, None
    return wrong(case)


@trick("crashed", "changed the code of harness.judge.shared_process.guard.restore")
def rewrites_the_guard(case):
    harness.judge.shared_process.guarded._restore_all.__code__ = (lambda limit, vital: "").__code__
    harness.judge.shared_process.guard.restore.__code__ = (lambda record: ()).__code__
    harness.judge.shared_process.guard._values.__code__ = (lambda record: ()).__code__
    harness.judge.shared_process.guarded.plain_verdict_on = lambda answer: agreement(answer.case)
    return wrong(case)


@trick("crashed", "it replaced builtins.")
def breaks_the_builtins_of_the_guard(case):
    outputs = wrong(case)
    builtins.zip = builtins.id = builtins.tuple = builtins.isinstance = builtins.len = None
    return outputs


@trick("crashed", "it lowered the recursion limit")
def lowers_the_recursion_limit(case):
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    outputs = wrong(case)
    sys.setrecursionlimit(depth + 12)
    return outputs


# ---- reaching for the case


def set_to_zero(case):
    for cell in case.__dict__["weights"]:
        for name in ("W", "U", "b_W", "b_U"):
            object.__setattr__(cell, name, np.zeros_like(getattr(cell, name)))
    for name in ("inputs", "h_0"):
        object.__setattr__(case, name, np.zeros_like(case.__dict__[name]))


@trick("differs", "outputs lie outside")
def walks_the_stack(case):
    outputs, frame = zeros(case), sys._getframe()
    while frame := frame.f_back:
        for value in list(frame.f_locals.values()):
            if isinstance(value, Case):
                set_to_zero(value)
    return outputs


@trick("differs", "outputs lie outside")
def walks_the_collector(case):
    outputs = zeros(case)
    for item in gc.get_objects():
        if type(item) is Case and is_like(item, case):
            set_to_zero(item)
    return outputs


def is_like(item, case):
    """A case of the same Config, or its weights: those of other tests in this process stay
    whole.
    """
    if type(item) is Case:
        values = vars(item)  # of one that is being made, not all
        return "weights" in values and values["config"] == vars(case)["config"]
    if type(item) is not CellWeights:
        return False
    W, own = vars(item).get("W"), case.weights[0].W
    return W is not None and (W.shape, W.dtype) == (own.shape, own.dtype)


@trick("differs", "it wrote into case.")
def writes_into_every_array(case):
    outputs = zeros(case)
    mine = {id(item) for item in (outputs.sequence, *case.__dict__.values())}
    mine |= {id(array) for cell in case.weights for array in cell.arrays().values()}
    for item in gc.get_objects():
        if not is_like(item, case):
            continue
        for array in vars(item).values():
            if type(array) is np.ndarray and id(array) not in mine:
                try:
                    array.flags.writeable = True
                    array[...] = 0
                except ValueError:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        array.strides = (0,) * array.ndim
    return outputs


@trick("differs", "it wrote into case.")
def writes_into_its_own(case):
    outputs = zeros(case)
    for cell in case.weights:
        for array in cell.arrays().values():
            array.flags.writeable = True
            array[...] = 0
    return outputs


@trick("differs", "outputs lie outside")
def empties_every_dict_on_the_stack(case):
    outputs, frame = wrong(case), sys._getframe().f_back
    while frame and "harness" in frame.f_code.co_filename:
        for value in frame.f_locals.values():
            if type(value) in (dict, list, set):
                value.clear()
        frame = frame.f_back
    return outputs


# ---- forging answers


class Forged(np.ndarray):
    """Compares as if all were well."""

    def __sub__(self, other):
        return np.zeros(self.shape)

    def __le__(self, other):
        return np.ones(self.shape, bool)

    __eq__ = __lt__ = __le__
    __hash__ = None

    def __array_function__(self, function, types, arguments, options):
        return True

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        return np.zeros(self.shape)


@trick("differs", "expected a numpy.ndarray")
def returns_a_subclass(case):
    return wrong(case).view(Forged)


class Pretender:
    """Says that it is an array, and gives what is asked for."""

    __class__ = np.ndarray

    def __init__(self, array):
        self.array = array

    def __getattr__(self, name):
        return getattr(self.array, name)

    def __array__(self, *_, **__):
        return self.array

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


@trick("differs", "expected a numpy.ndarray")
def returns_a_pretender(case):
    return Pretender(wrong(case))


class Changing(Outputs):
    """Another sequence at each reading."""

    @property
    def sequence(self):
        self.__dict__["reads"] = self.__dict__.get("reads", 0) + 1
        return self.__dict__["array"] if self.__dict__["reads"] == 1 else Forged((1,))


@trick("differs", "outputs lie outside")
def returns_changing_outputs(case):
    outputs = object.__new__(Changing)
    outputs.__dict__.update(array=wrong(case), h_n=None, layers=None, c_n=None)
    return outputs


class Late(Outputs):
    """Replaces NumPy when it is read, after the call."""

    @property
    def sequence(self):
        np.tanh = fast
        harness.judge.compare._outcome = lambda *_: ("agrees", "all is well")
        return self.__dict__["array"]


@trick("crashed", "it replaced numpy.tanh")
def replaces_when_it_is_read(case):
    outputs = object.__new__(Late)
    outputs.__dict__.update(array=wrong(case), h_n=None, layers=None, c_n=None)
    return outputs


@trick("differs", "Outputs.layers must be a tuple")
def returns_a_lying_tuple(case):
    class Tuple(tuple):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            return Forged((1,))

    array = wrong(case)
    return Outputs(array, None, Tuple([array, array]))


@trick("differs", "has shape")
def returns_nothing(case):
    return np.empty((0,), case.config.dtype)


@trick("differs", "outputs lie outside")
def returns_nan(case):
    return np.full_like(wrong(case), np.nan)


@trick("differs", "has dtype")
def returns_objects(case):
    return wrong(case).astype(object)


# ---- later


@trick("differs", "outputs lie outside")
def changes_the_array_later(case):
    array = wrong(case)

    def change():
        time.sleep(0.0005)
        array[...] = 0

    threading.Thread(target=change, daemon=True).start()
    return array


@trick("crashed", "it replaced numpy.tanh")
def replaces_from_a_thread(case):
    def replace():
        np.tanh = fast

    thread = threading.Thread(target=replace)
    thread.start()
    outputs = wrong(case)
    thread.join()
    return outputs


@trick("differs", "outputs lie outside")
def ends_a_thread(case):
    threading.excepthook = lambda *_: None
    thread = threading.Thread(target=sys.exit, args=(0,))
    thread.start()
    thread.join()
    return wrong(case)


def intrude(*_):
    raise RuntimeError("an alarm of mine")


@trick("crashed", "an alarm of mine")
def raises_from_a_signal(case):
    outputs = wrong(case)
    signal.signal(signal.SIGALRM, intrude)
    signal.setitimer(signal.ITIMER_REAL, 1e-5)
    return outputs


def quit_quietly(*_):
    sys.exit(0)


@trick("crashed", "SystemExit")
def exits_from_a_signal(case):
    outputs = wrong(case)
    signal.signal(signal.SIGALRM, quit_quietly)
    signal.setitimer(signal.ITIMER_REAL, 1e-5)
    return outputs


@trick("crashed", "it raised SystemExit")
def exits(case):
    sys.exit(0)


@trick("crashed", "it raised GeneratorExit")
def raises_what_nobody_catches(case):
    raise GeneratorExit


@trick("crashed", "it raised RecursionError")
def recurses(case):
    return recurses(case)


class Unprintable(Exception):
    def __str__(self):
        raise SystemExit(0)


@trick("crashed", "it raised Unprintable: no message")
def raises_what_cannot_be_printed(case):
    raise Unprintable


@trick("crashed", "replaced references.unsupported.Unsupported")
def replaces_the_refusal(case):
    outputs = wrong(case)
    references.unsupported.Unsupported = harness.judge.calls.observe.Unsupported = object
    return outputs


@trick("differs", "outputs lie outside")
def changes_the_environment(case):
    os.environ["PYTHONHASHSEED"] = os.environ["OPENBLAS_NUM_THREADS"] = "0"
    return wrong(case)
