import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from harness.lesson.page import Runner, page
from harness.lesson.pictures import Picture
from harness.lesson.text import Block
from harness.mistakes.catalogue import MISTAKES

LARGEST = 5_000_000
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> </script> {{ 7 * 7 }} `x` *y*"


class Reader(HTMLParser):
    """Elements, what they would fetch, and the text outside scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.fetched, self.ids, self.text, self.inside = Counter(), [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements[tag] += 1
        self.inside.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            fetches = name in ("src", "srcset", "poster", "data", "background", "xlink:href") or (
                name == "href" and tag != "a"
            )
            if fetches and not value.startswith("#"):
                self.fetched.append(value)
            if name.startswith("on"):
                self.fetched.append(f"{name}={value}")

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if self.inside and self.inside[-1] == "style":
            self.fetched += re.findall(r"@import[^;]*|url\((?!#)[^)]*\)", data)
        if not self.inside or self.inside[-1] not in ("script", "style"):
            self.text.append(data)


def test_it_is_small_enough(html):
    assert len(html.encode()) < LARGEST


def test_nothing_is_fetched(html):
    assert Reader(html).fetched == []
    assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org/[\w/]+", "", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize(
    "added",
    [
        '<img src="https://example.org/x.png">',
        '<link rel="stylesheet" href="x.css">',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url(x.png) }</style>",
        '<p onclick="x()">',
    ],
)
def test_what_would_be_fetched_is_noticed(added):
    assert Reader(f"<html><body>{added}</body></html>").fetched


def test_its_parts(html):
    found = Reader(html)
    assert (
        found.elements["h1"],
        found.elements["main"],
        found.elements["footer"],
        found.elements["section"],
    ) == (1, 1, 1, 7)
    assert len(found.ids) == len(set(found.ids))
    assert re.findall(r'<details class="mistake" data-name="([^"]+)">', html) == [
        m.name.replace("'", "&#39;") for m in MISTAKES
    ]


@pytest.mark.framework
def test_the_versions_stand_at_its_foot(full, full_page):
    foot = " ".join(Reader(full_page[full_page.index("<footer>") :]).text)
    assert {"rnn-parity", "python", "numpy", "torch", "keras", "tensorflow"} <= set(full.versions)
    assert all(name in foot and value in foot for name, value in full.versions.items())


def test_the_foot_of_a_page_without_frameworks_names_none(plain, plain_page):
    assert not {"torch", "keras", "tensorflow"} & set(plain.versions)
    assert "torch" not in plain_page[plain_page.index("<footer>") : plain_page.index("</footer>")]


@pytest.mark.framework
def test_the_numbers_in_the_text_are_the_materials(full, full_page):
    text = " ".join(" ".join(Reader(full_page).text).split())
    assert f"{100 * full.allclose.notebook.ones:.1f} % of the 2,688 outputs are exactly 1" in text
    notebook, scaled = (len(one.audit.missed) for one in full.allclose[:2])
    words = f"misses {notebook} of them on the textbook's numbers, and {scaled} on"
    assert words in text.replace(" ,", ",")
    for outcome in full.single.outcomes.values():
        assert f"{outcome.difference.max():.1e}" in text


def test_a_second_picture_stands_where_lines_coincide_and_nowhere_else(plain, plain_page):
    for one in plain.examples:
        name = one.mistake.name.replace("'", "&#39;")
        start = plain_page.index(f'<details class="mistake" data-name="{name}">')
        text = plain_page[start : plain_page.index("</details>", start)]
        assert text.count("<svg") == 1 + one.coincide
        assert ("The lines coincide." in text) == one.coincide
    assert 5 < sum(one.coincide for one in plain.examples) < 30


def test_the_code_on_the_page_was_run(plain_page):
    text = " ".join(" ".join(Reader(plain_page).text).split())
    assert "final_output_sequence (42, 64)" in text
    assert "0.6000000000000001 0.6" in text
    assert "textbook 0.0 True scaled 0.38" in text
    assert "my_rnn:rnn computes what the hand-written loop computes, for T " in text
    assert "my_rnn:mistaken" in text
    words = "Matches with U transposed: U is used as its own transpose. To fix it: write np.dot(U"
    assert words in text


def test_whatever_is_put_in_is_escaped(plain, monkeypatch):
    monkeypatch.setattr(
        "harness.lesson.page.picture", lambda name, material: Picture("", "")
    )  # they take long, and hold no such text
    first, *rest = plain.examples
    texts = dict.fromkeys(("family", "diagnosis", "where", "case"), HOSTILE)
    mistake = replace(first.mistake, name=HOSTILE, sentence=HOSTILE, fix=HOSTILE)
    hostile = first._replace(mistake=mistake, right=(0.0, np.nan, 1.0), **texts)
    mirrored = plain.mirror._replace(homes={HOSTILE: HOSTILE})
    changes = {"examples": (hostile, *rest), "versions": {HOSTILE: HOSTILE}}
    html = page(replace(plain, mirror=mirrored, **changes))
    found, clean = Reader(html), Reader(page(plain))
    assert found.fetched == []
    assert {
        tag: n
        for tag, n in found.elements.items()
        if tag not in ("dt", "dd", "div", "path", "polyline", "optgroup")
    } == {
        tag: n
        for tag, n in clean.elements.items()
        if tag not in ("dt", "dd", "div", "path", "polyline", "optgroup")
    }
    assert "alert(2)>" not in html
    assert " ".join(HOSTILE.split()) in " ".join(" ".join(found.text).split())


def test_what_is_not_escaped_would_be_noticed(plain_page):
    spoilt = Reader(plain_page.replace("</footer>", HOSTILE + "</footer>"))
    assert spoilt.fetched
    assert spoilt.elements["script"] > Reader(plain_page).elements["script"]


def test_code_is_run_in_one_name_space_and_its_errors_are_raised():
    runner = Runner()
    assert runner.output(Block("run", "python", "x = 2")) == ""
    assert runner.output(Block("run", "python", "print(x + 1)")) == "3"
    with pytest.raises(NameError):
        runner.output(Block("run", "python", "nothing"))
