"""Reports to print: real ones of small runs, each made once, and stubs whose every text may be as
bad as text can be.
"""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

from markdown_it import MarkdownIt

from harness import verify
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.sight import Sight
from harness.runs.ledger import differences
from harness.runs.summary import Summary
from references import Unsupported
from references.numpy_rnn import run

NASTY = (
    "x ::error::y # <script>alert(1)</script> ``` | `a` [b](javascript:c) **d** "
    "@e #1 www.f.g http://h.i "
    "\x1b[31m\x00\ud800\u202e%0A,: &amp; \\|%\r\n::error::z"
)
COMMONMARK = MarkdownIt("gfm-like", {"linkify": False, "html": True}).enable("table")
_transposed = BY_NAME["U transposed"].plant()
SMALL = {"time": (2, 5), "input_size": (2, 4), "hidden_size": (2, 4)}


def wrong(case):
    return _transposed(case)


def not_a_number(case):
    return run(case).sequence * float("nan")


def crashes(case):
    raise ValueError(NASTY)


def refuses(case):
    raise Unsupported(NASTY)


@cache
def report(*implementations, examples=6, **limits):
    return verify(*implementations, examples=examples, **SMALL | limits)


def summary(name, status=0, **changes):
    """A Summary with an exit status of our choice."""
    counts = {0: {"agrees": 3}, 1: {"agrees": 1, "differs": 2}, 3: {"refused": 3}}[status]
    return replace(Summary(name, Counter(counts), 30, 10, worst_ratio=0.25), **changes)


def stub(*summaries, **changes):
    """What a Report shows of itself, with these summaries; no finding beside a failure."""
    status = max((one.exit_status for one in summaries), key=lambda one: {1: 2, 3: 1, 0: 0}[one])
    fields = {
        "names": tuple(one.name for one in summaries),
        "cases": 3,
        "seed": 7,
        "limits": {},
        "deviations": (),
        "own_ids": set(),
        "environment": {"python": "3"},
        "findings": {},
        "sights": {one.name: Sight({"U transposed": 1}, {}, 1) for one in summaries},
        "scopes": {},
        "seconds": 0.5,
        "summaries": tuple(summaries),
        "uses": None,
        "exit_status": status,
        "agrees": status == 0,
        "interrupted": False,
        "notes": (),
        "large": 0,
        "untried": {},
        "shares": {},
        "stale": [],
        "is_unusable": lambda name: False,
        "sentence": f"A sentence about {summaries[0].name}.",
    }
    return SimpleNamespace(**fields | changes)


def known(name="keras"):
    """A summary that meets the ledger's first entry."""
    return summary(name, counts=Counter(agrees=2, known=1), known=Counter({differences()[0].id: 1}))


def nasty():
    return stub(
        summary(NASTY, 1, refusals=Counter({NASTY: 1})),
        summary("b" + NASTY, 3),
        sentence=NASTY,
        environment={NASTY: NASTY},
        limits={"regimes": (NASTY,)},
        sights={NASTY: Sight({"a": 1}, {"b": NASTY}, 1)},
    )


def many(count, length=3000):
    """As many summaries with a long reason each."""
    return stub(
        *(
            summary(f"n{number}", 3, refusals=Counter([f"{number} {'é' * length}"]))
            for number in range(count)
        )
    )


def html(text):
    return COMMONMARK.render(text.encode("utf-8", "backslashreplace").decode())


def tags(text):
    return set(re.findall(r"</?([a-z0-9]+)", html(text)))
