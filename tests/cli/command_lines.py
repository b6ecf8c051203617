"""Command lines at random, over all commands; none of them runs code of a user's."""

import signal

from click import Context, Group
from click.testing import CliRunner

from harness.cli.main import cli

WORDS = [
    "numpy", "torhc", "torch/", "numpy/all", "keras/../x", "a/b", ":", "::error::x", "x.py:",
    ":run", "nowhere.py:run", "no.module:f", "mine.py", "", " ", "-", "--", "---", "-1", "0", "1",
    "2:5", "5:2", "1:", ":3", "0:0", "1e999", "nan", "-inf", "9" * 400, "1_000", "٣",
    str(2**63), str(10**15), str(10**16), "90s", "0s", "1e3h", "99999d", "a\nb", "\x1b[31m",
    "\u202e", "é" * 120, "x" * 300, "\udcff", "a\0b", "case.case", "a.case", ".", "..", "/",
    "/dev/null", "/proc/self/mem", "~", "*", "{}", "%s", "$HOME", "ß", "😀", "a,b", ",",
    "numpy@0", "numpy@x", "numpy@5", "numpy,numpy", "float32", "tanh", "ternary", "True",
    "torch-positional-dtype", "there/r.json", "tcp://x:1",
]  # fmt: skip


class Work(BaseException):
    """A command has taken all its words, and starts to work."""


def work(*_, **__):
    """Stands for what takes long, or runs code."""
    raise Work


LONG = (
    "subprocess.Popen",
    "multiprocessing.process.BaseProcess.start",
    "harness.lesson.material.build",
    "harness.cli.doctor.environment",
    "harness.runs.calibrate.calibrate",
    "harness.cli.trace._everyone",
    "webbrowser.open",
)
GOOD = ("numpy", "case.case", "numpy@5", "5", "2:5", "90s", "mine", "r.json", "tanh", "float32")
SECONDS = 20  # for one command line


def commands(group=cli, path=()):
    """Every command with the words that call it."""
    for name in group.commands:
        _, command, _ = group.resolve_command(Context(group), [name])
        if isinstance(command, Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def command_line(draw):
    """A command with options and arguments that mostly are none."""
    words, command = draw.choice([*commands()])
    words = list(words)
    options = [
        option
        for one in command.params
        for option in (*one.opts, *one.secondary_opts)
        if option.startswith("-")
    ]
    words += [draw.choice(GOOD)] * draw.randrange(2)
    for _ in range(draw.randrange(4)):
        kind = draw.randrange(4)
        option = draw.choice([*options, "--no-such", "-z"])
        words += [
            [option],
            [option, draw.choice(draw.choice((WORDS, GOOD)))],
            [f"{option}={draw.choice(draw.choice((WORDS, GOOD)))}"],
            [draw.choice(draw.choice((WORDS, GOOD)))],
        ][kind]
    if draw.random() < 0.05:
        words = [draw.choice(draw.choice((WORDS, GOOD))), *words]
    return words


def outcome(words):
    """The exit status; an error's name where main() would print a traceback."""

    def slow(*_):
        raise TimeoutError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, slow)
    signal.alarm(SECONDS)
    try:
        result = CliRunner().invoke(cli, words)
    except Work:
        return 0
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if isinstance(result.exception, Work):
        return 0
    if result.exception and not isinstance(result.exception, SystemExit):
        return f"{type(result.exception).__name__}: {str(result.exception)[:300]}"
    if (
        any(line.lstrip().startswith("::") for line in result.output.splitlines())
        or "\x1b" in result.output
    ):
        return f"not escaped: {result.output[:300]!r}"
    return result.exit_code
