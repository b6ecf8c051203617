"""The page fetches nothing, and text from outside is text in it."""

import re
from html.parser import HTMLParser

import pytest

pytestmark = pytest.mark.process


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


def test_the_page_is_whole_and_what_an_implementation_says_is_text_in_it(markup):
    page = (markup[0] / "<b>c.report/report.html").read_text()
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
    assert re.search(r" a second over \d+ (s|min);", page)
    assert "U transposed" in page
