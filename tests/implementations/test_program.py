"""A program of any language is judged as a function is, and its every end is a sentence."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness import compare, sample_cases, verify
from harness.campaign import actions
from harness.campaign.open_journal import begin
from harness.cli.init import TEMPLATES
from harness.draw.limits import limits
from harness.draw.saved import save_case
from harness.implementations.find import NotFound, Unusable
from harness.implementations.program import CRASHES, Program, replay_command, words_of
from harness.implementations.remote import Remote
from harness.judge.calls.observe import observe
from harness.judge.calls.second_calls import from_zeros, other_weights
from harness.judge.judge import called_cases, judge
from harness.mistakes.causes.explain import explain
from harness.pytest_plugin.child import in_child
from harness.runs.batches import Block, judge_block
from tests.campaign.plans import PLAN
from tests.cli.commands import command, complaint, invoke
from tests.models.pairs import save

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]
HERE = Path(__file__).parent / "programs"
SKELETON = (TEMPLATES / "command.template").read_text()  # rnn.py, as `rnn-parity init` writes it
PLAIN = {"nonlinearity": "tanh", "bidirectional": False, "masks": False, "go_backwards": False}
SIZES = {"time": (1, 6), "hidden_size": (1, 6), "input_size": (1, 6)}
QUICK = ("--examples", "8", "--workers", "1", "--num-layers", "1", "--nonlinearity", "tanh")
QUICK += ("--bidirectional", "False", "--no-masks", "--go-backwards", "False", "--time", "1:5")
# By file: what has to be there, how it is built, and its two mistakes.
LANGUAGES = {
    "rnn.py": (sys.executable, (), ("np.tanh(", "("), ("h @ U.T", "h @ U")),
    "rnn.mjs": ("node", (), ("Math.tanh(sum)", "sum"), ("U[i * H + j]", "U[j * H + i]")),
    "rnn.cpp": (
        "g++",
        ("-O0", "-std=c++17"),
        ("std::tanh(sum)", "sum"),
        ("U[i * H + j]", "U[j * H + i]"),
    ),
    "rnn.rs": (
        "rustc",
        ("--edition", "2021", "-C", "opt-level=1"),
        (").tanh()", ")"),
        ("u[i * units..][..units].iter()", "u[i..].iter().step_by(units)"),
    ),
}


def build(language, *mistake):
    """The command of a program in this folder, with a mistake in it or without."""
    tool, options, *_ = LANGUAGES[language]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True)
    if version.returncode:  # rustup's, say, without a toolchain
        pytest.skip(f"{tool} cannot be used: {version.stderr[:99]}")
    text = (HERE / language).read_text() if options or language == "rnn.mjs" else SKELETON
    assert not mistake or mistake[0] in text
    Path(language).write_text(text.replace(*mistake) if mistake else text)
    if not options:
        return f"command:{tool} {language}"
    subprocess.run([tool, *options, "-o", "rnn", language], check=True)
    return "command:./rnn"


def script(text, name="own.sh"):
    """The command of a shell script, whose $1 is the folder."""
    Path(name).write_text(f"#!/bin/sh\n{text}\n")
    Path(name).chmod(0o755)
    return f"command:./{name}"


def kinds_of(name, count=12, **limits_):
    """How often each kind of verdict comes on a block, of which every second case is called
    twice.
    """
    block = Block((name,), tuple(range(count)), 0, limits(**limits_), {}, strides={name: 2})
    return Counter(row.verdict.kind for row in judge_block(block, {name: Remote.of(name)}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_right_program_agrees_with_layers_and_second_calls(language):
    kinds = kinds_of(build(language), 20, nonlinearity="tanh", **SIZES)
    assert set(kinds) == {"agrees", "refused"}
    assert kinds["agrees"] >= 6


WRONG = [(language, at) for language in LANGUAGES for at in (2, 3)]
SHORT = ("rnn.rs", 2), ("rnn.rs", 3)


@pytest.mark.parametrize(
    ("language", "at"),
    [pytest.param(*one, marks=[] if one in SHORT else pytest.mark.long) for one in WRONG],
)
def test_a_wrong_program_is_caught_and_named(language, at):
    run = Remote.of(build(language, *LANGUAGES[language][at]))
    (case,) = sample_cases(1, regimes="mantissa", time=4, hidden_size=3, num_layers=1, **PLAIN)
    verdict = judge(case, run)
    assert verdict.kind == "differs"
    diagnosis = str(explain(verdict, run))
    assert {2: "linear for the activation", 3: "U transposed"}[at] in diagnosis


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_verifies_200_cases_and_names_a_mistake(language):
    process = command("verify", build(language), "--examples", "200")
    assert process.returncode == 0, process.stdout + process.stderr
    for at, mistake in ((2, "linear for the activation"), (3, "U transposed")):
        process = command("verify", build(language, *LANGUAGES[language][at]))
        assert process.returncode == 1
        assert mistake in process.stdout


def test_a_program_runs_once_for_a_block_with_its_second_calls_and_lower_layers():
    build("rnn.py")
    count = f'echo x >> runs\nexec {sys.executable} rnn.py "$1"'
    report = verify(script(count), examples=30, **PLAIN, **SIZES)
    assert report.agrees
    runs = len(Path("runs").read_text().split())
    assert runs <= 3  # rounds


def test_each_answer_is_for_one_call():
    """Else what differs from call to call would look the same."""
    build("rnn.py")
    run = Remote.of(script(f'echo x >> runs\nexec {sys.executable} rnn.py "$1"'))
    (case,) = sample_cases(1, num_layers=1, **PLAIN, **SIZES)
    run.prepare(list(called_cases(case)), lambda position: None)
    for runs in (1, 2):
        assert judge(case, run).kind == "agrees"
        assert len(Path("runs").read_text().split()) == runs
    ways = [list(map(repr, called_cases(case, way))) for way in (from_zeros, other_weights)]
    assert ways[0] != ways[1]


CACHES = """
weights = {}
def run(texts, arrays, right=run):
    for name in arrays:
        if name[-1] in "WU" and LEAK == "weights" or name == "h_0" and LEAK == "state":
            key = name, arrays["inputs"].shape, arrays[name].shape
            arrays[name] = weights.setdefault(key, arrays[name])
    return right(texts, arrays)
for path in"""


@pytest.mark.parametrize("leak", ["weights", "state"])
def test_what_stays_from_case_to_case_is_caught(leak):
    text = SKELETON.replace("for path in", f"LEAK = {leak!r}{CACHES}")
    Path("rnn.py").write_text(text)
    sizes = {"time": 3, "batch": 2, "hidden_size": 3, "input_size": 2, "num_layers": 1}
    name = f"command:{sys.executable} rnn.py"
    assert kinds_of(name, **PLAIN, **sizes)["differs"] >= 1
    Path("rnn.py").write_text(SKELETON)
    assert kinds_of(name, **PLAIN, **sizes) == {"agrees": 12}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 0", "it left no outputs for a case, expected 0000.out.safetensors or"),
        ("echo late >&2; exit 3", "it ended with exit status 3: late"),
        ("exit 3", "it ended with exit status 3"),
        ("kill -9 $$", "it ended by SIGKILL"),
        (
            r"printf 'a\nb\n\033[31mc\n::error::d\n' >&2; exit 1",
            r"it ended with exit status 1: b; \x1b[31mc; ::error::d",
        ),
        ('rm -r "$1"', "it left no outputs for a case, expected 0000.out.safetensors"),
        (
            'rm -r "$1"; ln -s / "$1"',
            "it left no outputs for a case, expected 0000.out.safetensors",
        ),
        ('for i in 1 2 3 4 5; do : > "$1/0000.$i"; done', "it left no outputs for a case"),
        ("yes long | head -c 3000000 >&2; exit 1", "it ended with exit status 1: long; long; long"),
        ('for f in "$1"/*; do echo no > "${f%.safetensors}.unsupported"; done', "no"),
    ],
)
def test_each_end_is_a_sentence(text, reason):
    (case,) = sample_cases(1, num_layers=1)
    observation = observe(case, Remote.of(script(text)))
    assert observation.reason.startswith(reason)
    assert observation.reason.isprintable()
    assert observation.kind == ("refused" if reason == "no" else "crashed")


def test_outputs_do_not_count_where_it_ended_badly():
    build("rnn.py")
    run = Remote.of(script(f'{sys.executable} rnn.py "$1"; exit 5'))
    (case,) = sample_cases(1, num_layers=1, **PLAIN)
    assert judge(case, run).reason == "it ended with exit status 5"


def test_a_crash_is_said_of_its_own_case_and_others_are_judged():
    build("rnn.py")
    bad = 'grep -lq "\\"hidden_size\\":\\"3\\"" "$1"/*.safetensors && { echo three >&2; exit 2; }'
    run = Remote.of(script(f'{bad}\nexec {sys.executable} rnn.py "$1"'))
    cases = [
        case
        for size in (2, 3, 4, 3, 5)
        for case in sample_cases(1, num_layers=1, hidden_size=size, **PLAIN)
    ]
    places = []
    run.prepare(cases, places.append)
    assert set(places) == set(range(5))
    observations = [observe(case, run) for case in cases]
    assert [one.outputs is None for one in observations] == [False, True, False, True, False]
    assert observations[1].reason == "it ended with exit status 2: three"


def test_it_is_run_no_more_after_some_crashes_in_a_block():
    run = Remote.of(script("echo x >> runs; exit 2"))
    cases = list(sample_cases(6, num_layers=1))
    run.prepare(cases, lambda position: None)
    reasons = Counter(observe(case, run).reason for case in cases)
    left_out = "it ended with exit status 2: on 3 cases of this block, and was not run on this one"
    assert reasons == {"it ended with exit status 2": CRASHES, left_out: 3}
    assert len(Path("runs").read_text().split()) == 1 + CRASHES


def test_a_crash_that_several_cases_bring_about_is_said():
    build("rnn.py")
    many = '[ $(ls "$1" | wc -l) -gt 2 ] && exit 4'
    run = Remote.of(script(f'{many}\nexec {sys.executable} rnn.py "$1"'))
    cases = list(sample_cases(3, num_layers=1, **PLAIN))
    run.prepare(cases, lambda position: None)
    (first, *others) = [observe(case, run) for case in cases]
    assert first.reason.startswith(
        "it ended with exit status 4 (on 3 cases in a run, on each alone"
    )
    assert all(one.outputs for one in others)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("command:./absent --fast", "there is no program ./absent"),
        ("command:", "'command:' names no program, expected command:./my_rnn"),
        ("command:'./a", '"command:\'./a" cannot be divided into words: No closing quotation'),
    ],
)
def test_a_program_that_is_not_there_is_a_usage_error(name, sentence):
    assert complaint("verify", name) == sentence


def test_words_are_divided_without_a_shell():
    Path("my rnn").write_text("")
    assert words_of("command:'my rnn' $HOME *.py ; x") == ["my rnn", "$HOME", "*.py", ";", "x"]
    assert replay_command("a.case", "command:./a b") == "rnn-parity explain a.case 'command:./a b'"
    assert replay_command("a.case", "mine.py:run") == "rnn-parity explain a.case"
    assert replay_command("-d/a.case", "mine.py:run") == "rnn-parity explain ./-d/a.case"
    assert (
        replay_command("my cases/a.case", "mine.py:run") == "rnn-parity explain 'my cases/a.case'"
    )


def test_what_cannot_be_started_is_a_crash(capfd):
    Path("data").write_text("no program")
    with pytest.raises(Unusable, match=r"it is not executable; chmod \+x \./data"):
        Program("command:./data")
    Path("data").chmod(0o755)
    with pytest.raises(Unusable, match=r"is named with its folder: command:\./data"):
        Program("command:data")
    (case,) = sample_cases(1)
    observation = observe(case, Remote.of("command:./data"))
    assert observation.reason == "it could not be started: Exec format error"


def test_where_no_folder_can_be_made_nothing_is_said_of_the_program(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    (case,) = sample_cases(1)
    observation = observe(case, Remote.of(script("exit 0")))
    assert observation.kind == "inconclusive"
    assert observation.reason.startswith("its cases could not be written to /nowhere/rnn-parity-")


def test_its_files_have_versions():
    build("rnn.py")
    name = f"command:{sys.executable} rnn.py --fast"
    digests = Remote.of(name).digests()
    assert set(digests) == {f"{name}: {sys.executable}", f"{name}: rnn.py"}
    Path("rnn.py").write_text("1\n")
    assert Remote.of(name).digests() != digests


def processes_of(mark):
    """The processes whose command has this word."""
    return [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or ())]


def test_nothing_that_it_started_goes_on():
    build("rnn.py")
    run = Remote.of(script(f'sleep 321.5 &\n{sys.executable} rnn.py "$1"'))
    (case,) = sample_cases(1, num_layers=1, **PLAIN)
    assert judge(case, run).kind == "agrees"
    until = time.monotonic() + 5
    while processes_of("321.5") and time.monotonic() < until:
        time.sleep(0.02)
    assert not processes_of("321.5")


def test_the_plugins_time_limit_holds():
    run = in_child(script("sleep 322.5 & sleep 322.5"), 0.3)
    (case,) = sample_cases(1)
    start = time.monotonic()
    assert observe(case, run).reason == "it took longer than 0.3 seconds on a case"
    assert time.monotonic() - start < 5
    assert not processes_of("322.5")


@pytest.mark.slow
def test_the_commands_time_limit_ends_it_with_its_children_and_leaves_no_files(tmp_path):
    hangs, folder = script("sleep 323.5 & sleep 323.5"), tmp_path / "tmp"
    folder.mkdir()
    options = (*QUICK, "--time-limit", "0.5")
    process = command("verify", hangs, *options, TMPDIR=str(folder))
    assert process.returncode == 1, process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    assert "took longer than 0.5 seconds" in process.stdout
    assert not processes_of("323.5")
    assert os.listdir(folder) == []


@pytest.mark.long
def test_the_commands_memory_limit_ends_it():
    Path("eats.py").write_text("import time\nx = bytearray(300 << 20)\ntime.sleep(324.5)\n")
    eats = f"command:{sys.executable} eats.py"
    process = command("verify", eats, *QUICK, "--memory-limit", "250")
    assert process.returncode == 1
    assert "took more than 250 MiB of memory" in process.stdout
    assert not processes_of("eats.py")


def test_a_case_is_replayed_where_the_program_is_named():
    wrong = script("echo no >&2; exit 3")
    (case,) = sample_cases(1, num_layers=1, **PLAIN)
    save_case(case, Path("a.case"), {"implementation": wrong})
    assert complaint("explain", "a.case") == (
        "a.case names a program, which is run only if you name it, too: "
        f"{replay_command('a.case', wrong)}"
    )
    result = invoke("explain", "a.case", wrong)
    assert result.return_value == 1
    assert "it ended with exit status 3: no" in result.stdout
    assert "Called again on this case, it crashes in the same way." in result.stdout


def test_what_takes_no_program_says_so():
    build("rnn.py")
    name = f"command:{sys.executable} rnn.py"
    assert complaint("verify", name, "--independent").startswith(f"{name} is a program: nobody")
    assert complaint("audit", name).startswith(f"check is {name!r}, expected package.module")
    with pytest.raises(NotFound, match="there is no program"):
        Program("command:./absent")


@pytest.mark.long
def test_a_campaign_runs_it_and_goes_on_only_if_it_may_run_what_the_journal_names():
    build("rnn.py")
    name = f"command:{sys.executable} rnn.py"
    words = ("--implementations", name, "--cases", "60", "--workers", "1", "--num-layers", "1")
    process = command("campaign", "mine", *words, "--nonlinearity", "tanh", "--time-steps", "1:5")
    assert process.returncode == 0, process.stdout + process.stderr
    sentence = complaint("campaign", "resume", "mine")
    assert sentence == f"mine.campaign says what would be run: {name}; agree: --run-programs"
    assert command("campaign", "resume", "mine", "--run-programs").returncode == 0


def test_a_journal_cannot_say_what_is_run():
    name = "command:rm -rf important"
    with begin(Path("theirs.campaign"), replace(PLAN, implementations={name: 1}), {}):
        pass
    with pytest.raises(NotFound, match=f"{name}; agree: --run-programs"):
        actions.resume("theirs", 1, None, accept=False)


@pytest.mark.long
def test_a_program_is_compared_with_a_model_on_the_models_weights():
    (case,) = sample_cases(1, seed=2, num_layers=2, hidden_size=3, dtype="float32", **PLAIN)
    save("model.npz", case.config, case.weights)
    comparison = compare("model.npz", build("rnn.py"), examples=3)
    assert comparison.agrees
    wrong = compare("model.npz", build("rnn.py", "h @ U.T", "h @ U"), examples=3)
    assert not wrong.agrees
    assert "U transposed" in str(wrong)
