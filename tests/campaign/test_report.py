"""What a campaign is told as: the schema, the terminal, the page; text from outside is text everywhere."""

import copy
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from harness.campaign.report import findings_of
from harness.report.as_json import schema
from tests.campaign.conftest import ENVIRONMENT, HERE, campaign, command, report

HOSTILE = f"{HERE / 'hostile'}.py"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A campaign with findings that want to be markup: its folder, its terminal's text."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("told")
        patch.chdir(folder)
        done = campaign(
            "<b>c",
            "--implementations",
            f"numpy,{HOSTILE}:raises_markup,{HOSTILE}:half_transposed@3",
            "--cases",
            "300",
        )
        assert done.returncode == 1, done.stderr
        found = report("<b>c")
    return folder, done, found


def test_every_report_fits_the_schema(told):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(told[2], schema())


def test_the_schema_is_strict_enough_to_see_a_lost_field(told):
    for path in (
        ("implementations", 0, "findings"),
        ("run", "memory"),
        ("plan", "seed"),
        ("implementations", 0, "histogram"),
    ):
        document = copy.deepcopy(told[2])
        place = document
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema())


def test_every_field_is_described(told):
    def walk(value, node):
        node = schema()["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        if isinstance(value, dict) and "properties" in node:
            assert set(value) <= set(node["properties"])
            for name, inner in value.items():
                walk(inner, node["properties"][name])
        if isinstance(value, list) and "items" in node:
            for inner in value:
                walk(inner, node["items"])

    walk(told[2], schema())


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.handlers = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [
            value
            for name, value in attributes
            if name in ("src", "href", "xlink:href", "srcset", "action")
        ]
        self.handlers += [name for name, _ in attributes if name.startswith("on")]


def test_the_page_is_whole_and_what_an_implementation_says_is_text_in_it(told):
    page = (told[0] / "<b>c.report/report.html").read_text()
    elements = Elements()
    elements.feed(page)
    assert "script" not in elements.tags
    assert "b" not in elements.tags  # the campaign's name
    assert not elements.handlers
    assert all(address.startswith("#") for address in elements.addresses)
    assert not re.search(r"url\((?!#)", page)
    assert not re.search(r"https?://(?!www\.w3\.org/)", page)
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "\x1b" not in page
    assert elements.tags.count("svg") == 2 + 2  # ratios of those that have any, growth, memory
    assert "U transposed" in page


def test_the_terminal_shows_no_control_character(told):
    output = told[1].stdout
    assert "\x1b" not in output
    assert "<script>alert('x')</script> & \\x1b[31m" in output
    assert "Not the same:" in output
    assert "rnn-parity explain FILE" in output


def test_findings_point_at_files_that_are_there(told):
    for finding in findings_of(told[2]):
        assert (told[0] / "<b>c.report" / finding["saved"]).is_file()


def test_a_report_that_cannot_be_written_is_told_and_nothing_is_lost():
    Path("c.report/report.html").mkdir(parents=True)
    done = campaign("c", "--implementations", "numpy", "--cases", "50")
    assert done.returncode == 4
    assert "c.report could not be written" in done.stderr
    assert "rnn-parity campaign show c --report FOLDER writes it elsewhere" in done.stderr
    assert "numpy computes what the hand-written loop computes" in done.stdout
    assert campaign("show", "c", "--report", "d").returncode == 0
    assert Path("d/report.html").exists()


def test_a_page_of_the_users_is_not_overwritten():
    assert campaign("c", "--implementations", "numpy", "--cases", "50").returncode == 0
    Path("mine").mkdir()
    Path("mine/report.html").write_text("precious")
    done = campaign("show", "c", "--report", "mine")
    assert done.returncode == 2
    assert (
        "mine holds a report.html that is no campaign's: it would be overwritten; take another name"
        in done.stderr
    )
    assert Path("mine/report.html").read_text() == "precious"


def test_findings_of_an_earlier_campaign_of_the_name_do_not_stay():
    assert campaign("c", "--implementations", f"{HOSTILE}:raises", "--cases", "20").returncode == 1
    Path("c.report/findings/mine.case").write_text("precious")
    Path("c.campaign").unlink()
    assert campaign("c", "--implementations", "numpy", "--cases", "50").returncode == 0
    assert [path.name for path in Path("c.report/findings").iterdir()] == ["mine.case"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("redirection", "status"),
    [("> /dev/full", 4), ("2> /dev/full", 0), (">&-", 0), ("2>&-", 0), ("2>&1 | head -c 1", None)],
)
def test_whatever_becomes_of_the_output_the_report_is_written(redirection, status):
    words = [*command("c"), "--implementations", "numpy", "--cases", "50"]
    done = subprocess.run(
        f"{shlex.join(words)} {redirection}",
        shell=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=100,
    )
    assert "Traceback" not in done.stderr
    assert status is None or done.returncode == status, done.stderr
    assert Path("c.report/report.html").exists()
