"""Files that are wrong and try to pass: each replaces, forges, hides or ends something.

By name, Python whose `rnn(inputs, W, U, b)` or `run(case)` is never right.
"""

WRONG = """
import numpy as np
def loop(inputs, W, U, b):
    h, outputs = np.zeros_like(b), []
    for x in inputs:
        h = np.tanh(W @ x + U.T @ h + b)
        outputs.append(h)
    return np.stack(outputs)
"""
RNN = "def rnn(inputs, W, U, b): return loop(inputs, W, U, b)\n"
# Replaces something when it is imported.
AT_IMPORT = {
    "tanh": "np.tanh = lambda z: z / (1 + abs(z))",
    "dot": "np.dot = lambda a, b: 0 * (a @ b)",
    "array_equal": "np.array_equal = lambda *a, **k: True",
    "abs": "np.abs = lambda a: 0 * a",
    "isfinite": "np.isfinite = lambda a: np.ones_like(a, bool)",
    "errstate": "np.seterr(all='raise')",
    "ufuncs": "np.greater = np.less = np.equal = lambda *a, **k: False",
    "compare": "import harness.judge.compare as c; c.compare = lambda *a: c.Verdict('agrees')",
    "judge": "import harness.judge.judge as j; j.judge = j.verdict_on = lambda *a, **k: None",
    "observe": "import harness.judge.calls.observe as o; o.observe = lambda *a: None",
    "certify": "import harness.judge.certificate as c; c.certify = lambda *a: None",
    "loop": "import references.numpy_rnn as n; n.run = lambda case: None",
    "walk": "import references.cells.walk as w; w.recur = lambda *a: None",
    "step": "import references.cells.rnn as r; r.notebook_step = lambda *a: 0",
    "case": (
        "from references.case import Case; Case.inputs = property(lambda s: np.zeros((1, 1, 1)))"
    ),
    "outputs": "from references.case import Outputs; Outputs.__init__ = lambda s, *a, **k: None",
    "verdict": "from harness.judge.verdict import Verdict; Verdict.kind = 'agrees'",
    "json": 'import json; json.dumps = lambda *a, **k: \'{"kind": "agrees"}\'',
    "safetensors": "import safetensors.numpy as s; s.save = lambda *a, **k: b''",
    "frames": "import harness.implementations.frames as f; f.send = lambda *a: None",
    "callee": (
        "import harness.implementations.callee as c; "
        "c.observe = lambda *a: c.Observation(None, 'agrees')"
    ),
    "complaint": "import harness.judge.calls.returned as o; o._complaint = lambda *a: ''",
    "isinstance": "import builtins; builtins.isinstance = lambda *a: True",
    "len": "import builtins; builtins.len = lambda a: 0",
    "import": "import builtins; builtins.__import__ = lambda *a, **k: np",
    "modules": "import sys; [sys.modules.pop(n) for n in list(sys.modules) if 'harness' in n]",
    "numpy gone": "import sys; sys.modules['numpy'] = None",
    "path": "import sys; sys.path[:] = ['nowhere']",
    "folder": "import os; os.chdir('/')",
    "environment": "import os; os.environ.clear(); os.environ['PYTHONPATH'] = 'nowhere'",
    "recursion": "import sys; sys.setrecursionlimit(30)",
    "trace": "import sys; sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)",
    "alarm": (
        "import signal; signal.signal(signal.SIGALRM, lambda *a: 1 / 0); "
        "signal.setitimer(0, .05, .05)"
    ),
    "term": "import signal; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 3, 15)]",
    "atexit": "import atexit, os; atexit.register(os._exit, 0)",
    "threads": "import threading, sys; threading.Thread(target=sys.exit, args=(0,)).start()",
    "gc": "import gc; [o.clear() for o in gc.get_objects() if type(o) is dict and 'kind' in o]",
    "stack": (
        "import sys; f = sys._getframe()\nwhile f: f.f_globals['observe'] = None; f = f.f_back"
    ),
    "frozen": "import gc; gc.disable(); import sys; sys.setswitchinterval(1e-9)",
    "descriptors": "import os; os.closerange(3, 4096)",
    "standard": "import os, sys; sys.stdout = sys.stderr = sys.stdin = None; os.closerange(0, 3)",
}
# Gives or does something when it is called.
AT_CALL = {
    "lying array": """
class Lying(np.ndarray):
    __eq__ = __le__ = __lt__ = lambda s, o: np.ones(s.shape, bool)
    __sub__ = __rsub__ = lambda s, o: np.zeros(s.shape)
def run(case): return np.zeros((case.batch, case.time, case.config.hidden_size)).view(Lying)
""",
    "lying object": """
class Lying:
    shape, dtype = property(lambda s: Lying()), np.dtype('float64')
    __eq__ = lambda s, o: True
    __array__ = lambda s, *a, **k: np.zeros((1, 1, 1))
def run(case): return Lying()
""",
    "lying outputs": """
from references.case import Outputs
class Mine(Outputs):
    sequence = property(lambda s: None, lambda s, v: None)
def run(case): return Mine(np.zeros((case.batch, case.time, case.config.hidden_size)))
""",
    "verdict": """
from harness.judge.verdict import Verdict
def run(case): return Verdict('agrees', 'it', case)
""",
    "observation": """
from harness.judge.calls.returned import Observation
from references.case import Outputs
class Own:
    observe = lambda s, case: Observation(None, 'agrees')
    def __call__(self, case): return Observation(None, 'agrees')
rnn = run = Own()
""",
    "NaN": """
def run(case): return np.full((case.batch, case.time, case.config.hidden_size), np.nan)
""",
    "nothing": "def run(case): return None",
    "empty": "def run(case): return np.zeros((0, 0, 0))",
    "later": """
import threading, time
def run(case):
    out = np.zeros((case.batch, case.time, case.config.hidden_size))
    threading.Thread(target=lambda: (time.sleep(.001), out.fill(1))).start()
    return out
""",
    "writes": """
def run(case):
    case.inputs.flags.writeable = True
    case.inputs[:] = 0
    return np.zeros((case.batch, case.time, case.config.hidden_size))
""",
    "agreement on the pipe": """
import os, json
from safetensors.numpy import save
def run(case):
    data = save({}, {"rnn-parity": json.dumps({"kind": "agrees", "reason": "", "crash": None})})
    for d in range(3, 600):
        try: os.write(d, len(data).to_bytes(8, "little") + data)
        except OSError: pass
    return loop(case.inputs[0], case.weights[0].W, case.weights[0].U, case.weights[0].b_W)
""",
    "noise on the pipe": """
import os
def run(case):
    for d in range(3, 600):
        try: os.write(d, b"agrees\\n" * 99)
        except OSError: pass
    return np.zeros((case.batch, case.time, case.config.hidden_size))
""",
    "exit 0": "import os\ndef run(case): os._exit(0)",
    "exit in a thread": """
import os, threading
def run(case):
    threading.Thread(target=os._exit, args=(0,)).start()
    threading.Event().wait(9)
""",
    "sys.exit": "import sys\ndef run(case): sys.exit(0)",
    "killed": "import os\ndef run(case): os.kill(os.getpid(), 9)",
    "kills its parent": "import os\ndef run(case): os.kill(os.getppid(), 9)",
    "kills its group": "import os\ndef run(case): os.killpg(0, 9)",
    "aborts": "import os\ndef run(case): os.abort()",
    "execs": "import os\ndef run(case): os.execv('/bin/true', ['true'])",
    "forks": """
import os
def run(case):
    os.fork()
    return np.zeros((case.batch, case.time, case.config.hidden_size))
""",
    "Ctrl-C": "def run(case): raise KeyboardInterrupt",
    "recurses": "def run(case): return run(case)",
    "endless text": "def run(case): raise ValueError('agrees\\n' * 10**6)",
    "evil text": "class E(Exception):\n    __str__ = lambda s: 1 / 0\ndef run(case): raise E",
}


def sources() -> dict[str, str]:
    """Every file by its name; the function is `rnn`, or else `run`."""
    files = {f"import {name}": f"{WRONG}{code}\n{RNN}" for name, code in AT_IMPORT.items()}
    return files | {f"call {name}": f"{WRONG}{code}\n" for name, code in AT_CALL.items()}
