"""Alters journals at random: bytes, JSON values, rows. What a reader makes of them is tested."""

import contextlib
import io
import json
import random
import sqlite3
import time
from pathlib import Path

from harness.campaign import actions

ODD = [
    None,
    True,
    False,
    0,
    -1,
    1,
    3.5,
    10**18,
    -(10**30),
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "::error::y",
    "\x1b[31m\u202e\n",
    "\ud800",
    "9" * 5000,
    [],
    [1],
    ["x"],
    [[]],
    {},
    {"a": 1},
    {"": []},
    [None] * 30,
]
TEXTS = {
    "facts": ("name", "value"),
    "shards": ("versions", "result"),
    "looked": ("failure", "found"),
}
NUMBERS = ("number", "seconds", "memory", "spent", "committed")
SLOW = 5.0  # seconds


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*path, key))


def altered_json(value, draw):
    """The JSON value with something else in one place, or without that place."""
    path = draw.choice([*places(value)])
    if not path:
        return draw.choice(ODD)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    if isinstance(inner, dict) and draw.random() < 0.2:
        kept = inner.pop(path[-1])
        if draw.random() < 0.5:
            inner["odd\x1b\n"] = kept
    else:
        inner[path[-1]] = draw.choice(ODD)
    return value


def alter_file(data, draw):
    """The bytes with a few changed, cut, or left out."""
    data = bytearray(data)
    start = draw.randrange(len(data))
    kind = draw.randrange(4)
    if kind == 0:
        del data[start:]
    elif kind == 1:
        del data[start : start + draw.randrange(1, 5000)]
    for _ in range(draw.randrange(1, 9) if kind > 1 else 0):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def alter_rows(path, draw, seal=None):
    """Changes one value, or removes, doubles or swaps rows; `seal` makes the checksums fit."""
    connection = sqlite3.connect(path)
    table = draw.choice([*TEXTS])
    (key, content), rows = (
        TEXTS[table],
        connection.execute(
            f"SELECT rowid FROM {table}"
            if table == "shards"
            else f"SELECT {TEXTS[table][0]} FROM {table}"
        ).fetchall(),
    )
    key = "number" if table == "shards" else key
    one, other = draw.choice(rows)[0], draw.choice(rows)[0]
    kind = draw.choice(("json",) * 6 + ("number", "remove", "double", "swap", "text"))
    with contextlib.suppress(sqlite3.IntegrityError), connection:
        if kind == "json":
            column = draw.choice([name for name in TEXTS[table] if name not in ("name", "failure")])
            (text,) = connection.execute(
                f"SELECT {column} FROM {table} WHERE {key} = ?", (one,)
            ).fetchone()
            new = json.dumps(altered_json(json.loads(text), draw))
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (new, one))
        elif kind == "number":
            column = draw.choice(NUMBERS)
            new = draw.choice([-1, 2, 3.5, "x", None, b"\xff", 9e999, 10**17, -(2**63)])
            connection.execute(f"UPDATE shards SET {column} = ?", (new,))
        elif kind == "remove":
            connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (one,))
        elif kind == "double":
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            rest = ", ".join(name for name in columns if name != key)
            new = draw.randrange(30) if table == "shards" else f"{one}x"
            connection.execute(
                f"INSERT INTO {table} ({key}, {rest}) "
                f"SELECT ?, {rest} FROM {table} WHERE {key} = ?",
                (new, one),
            )
        elif kind == "swap":
            texts = [
                connection.execute(
                    f"SELECT {content} FROM {table} WHERE {key} = ?", (k,)
                ).fetchone()[0]
                for k in (one, other)
            ]
            for k, text in zip((other, one), texts, strict=True):
                connection.execute(f"UPDATE {table} SET {content} = ? WHERE {key} = ?", (text, k))
        else:
            new = draw.choice(["", "{", "[" * 5000, b"\xff\xfe", 7, "null", "NaN"])
            connection.execute(f"UPDATE {table} SET {content} = ? WHERE {key} = ?", (new, one))
        if seal:
            seal(connection)
    connection.close()


def seal(connection):
    """Writes right checksums beside whatever the rows hold, as a forger would."""
    from harness.campaign.journal import COLUMNS, checksum

    row = connection.execute("SELECT value FROM facts WHERE name = 'plan'").fetchone()
    plan = checksum(row[0]) if row and isinstance(row[0], str) else ""
    for table, columns in (
        ("facts", "name, value"),
        ("looked", "failure, found"),
        ("shards", COLUMNS),
    ):
        for key, *values in connection.execute(f"SELECT {columns} FROM {table}").fetchall():
            of_plan = "" if (table, key) == ("facts", "plan") else plan
            with contextlib.suppress(TypeError):  # bytes
                new = checksum(table, of_plan, key, *values)
                connection.execute(
                    f"UPDATE {table} SET checksum = ? WHERE {columns.partition(',')[0]} = ?",
                    (new, key),
                )


def outcome(action, *arguments):
    """What `show` or `export` does: "ok", "sentence", or a word on what is wrong with it."""
    from harness.campaign.journal import NoCampaign

    out, start = io.StringIO(), time.perf_counter()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            getattr(actions, action)(*arguments)
        end = "ok"
    except NoCampaign as error:
        end = (
            "sentence"
            if len(str(error).splitlines()) == 1 and "\x1b" not in str(error)
            else f"no sentence: {error}"
        )
    except Exception as error:
        end = f"{type(error).__name__}: {str(error)[:200]}"
    text = out.getvalue()
    if end == "ok" and (
        "\x1b" in text
        or "\u202e" in text
        or any(line.lstrip().startswith("::") for line in text.splitlines())
    ):
        end = "not escaped"
    return end if time.perf_counter() - start < SLOW else "slow"


def trials(journal, folder, count, seed, seal=None, page=0):
    """Yields what each altered journal gives: (number, action, outcome)."""
    data, path = journal.read_bytes(), Path(folder, "x.campaign")
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        for old in path.parent.glob("x.campaign-*"):
            old.unlink()
        if draw.random() < 0.3 and seal is None:
            path.write_bytes(alter_file(data, draw))
        else:
            path.write_bytes(data)
            alter_rows(path, draw, seal)
        report = [Path(folder, "report")] if page and number % page == 0 else [None]
        yield number, "show", outcome("show", str(path), *report)
        yield number, "export", outcome("export", str(path))
