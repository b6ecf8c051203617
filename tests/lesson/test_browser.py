"""The page in a real browser: what a student does with it, and what must never happen."""

import json
import re
import shutil
from contextlib import contextmanager

import pytest

from harness.mistakes.catalogue import BY_NAME, MISTAKES
from references import installed

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install '.[browser]'"
)
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: pip install '.[browser]'"
)

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
pytestmark = [pytest.mark.process, pytest.mark.framework]
WIDTHS = (1280, 360)
CHOOSE = """name => {
    const select = document.getElementById('mistake');
    select.value = name;
    select.dispatchEvent(new Event('change'));
}"""
SCROLLING = """[...document.querySelectorAll('pre, .scroll')].filter(
    box => box.scrollWidth > box.clientWidth
).length"""
WIDE = '<div style="width: 2000px">wide</div>'
IMAGE = '<img src="http://127.0.0.1:9/x.png" alt="">'
INSERT = "html => document.body.insertAdjacentHTML('beforeend', html)"
OPEN = "document.querySelectorAll('details:not(.mistake)').forEach(d => d.open = true)"


@pytest.fixture(scope="module")
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(request, tmp_path_factory):
    """The page with the frameworks, where they are installed: it has all that the other has."""
    everything = {"torch", "keras"} <= set(installed())
    return write(
        request.getfixturevalue("full_page" if everything else "plain_page"), tmp_path_factory
    )


@pytest.fixture(scope="module")
def plain_address(plain_page, tmp_path_factory):
    return write(plain_page, tmp_path_factory)


def write(html, tmp_path_factory):
    file = tmp_path_factory.mktemp("lesson") / "lesson.html"
    file.write_text(html, encoding="utf-8")
    return file.as_uri()


class Watch:
    """A page, and whatever it does that it should not."""

    def __init__(self, tab, address):
        self.tab, self.trouble = tab, []
        tab.on("console", lambda message: self.trouble.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        tab.on(
            "request",
            lambda request: (
                request.url.partition("#")[0] != address
                and self.trouble.append(f"request: {request.url[:60]}")
            ),
        )
        tab.on(
            "dialog",
            lambda dialog: (self.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()),
        )
        tab.goto(address)


@contextmanager
def open_page(chromium, address, width=1280, scheme="light", script=True):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
    )
    try:
        yield Watch(context.new_page(), address)
    finally:
        context.close()


@pytest.fixture
def watch(chromium, address):
    """A page on which nothing went wrong by the end of the test."""
    with open_page(chromium, address) as page:
        yield page
        assert page.trouble == []


@pytest.mark.deep
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_loads_and_nothing_goes_wrong(chromium, plain_address, width):
    with open_page(chromium, plain_address, width) as page:
        assert page.tab.locator("section").count() == 7
        assert page.tab.locator(".mistake:visible").count() == 1
        assert page.tab.evaluate("document.documentElement.scrollWidth") == width
        assert page.trouble == []


def steps(tab):
    return json.loads(tab.locator("#steps").text_content())


@pytest.mark.deep
def test_the_slider_shows_each_step(watch):
    tab = watch.tab
    data = steps(tab)
    for t in (0, 41):
        tab.locator("#step").fill(str(t))
        assert tab.locator("#step-value").text_content() == str(t)
        assert float(tab.locator("#term-W_x").text_content()) == data["W_x"][t][0]
        assert float(tab.locator("#term-outputs").text_content()) == data["outputs"][t][0]
    tab.locator("#unit").fill("63")
    assert float(tab.locator("#term-sums").text_content()) == data["sums"][41][63]
    assert tab.locator("#slider .bars[data-row=outputs] rect.chosen").count() == 1
    height = float(
        tab.locator("#slider .bars[data-row=outputs] rect").nth(63).get_attribute("height")
    )
    assert abs(height / 12 * data["scale"] - abs(data["outputs"][41][63])) < 1e-9


@pytest.mark.deep
def test_the_slider_moves_by_keyboard(watch):
    watch.tab.locator("#step").focus()
    watch.tab.keyboard.press("End")
    assert watch.tab.locator("#step-value").text_content() == "41"
    watch.tab.keyboard.press("ArrowLeft")
    assert watch.tab.locator("#step-value").text_content() == "40"


def highlights(tab):
    """What is highlighted in each panel."""
    return [
        [cell.get_attribute("data-sources") for cell in panel.locator(".cell.chosen").all()]
        for panel in tab.locator("#mirror-picture .panel").all()
    ]


@pytest.mark.deep
def test_pointing_at_a_weight_shows_it_in_all_three(watch):
    tab = watch.tab
    tab.get_by_role("button", name="U[0, 2] is").hover()
    assert highlights(tab) == [['["U[0, 2]"]']] * 3
    homes = tab.locator("#homes-text").text_content()
    torch, keras = "weight_hh_l0[0, 2] (copied)", "recurrent_kernel[2, 0] (transposed)"
    assert homes == f"U[0, 2]: PyTorch {torch}; Keras {keras}."
    tab.get_by_role("button", name="b_W[1] is").hover()
    assert highlights(tab) == [['["b_W[1]"]'], ['["b_W[1]"]'], ['["b_W[1]", "b_U[1]"]']]


@pytest.mark.deep
def test_a_framework_points_back(watch):
    watch.tab.locator("#mirror-picture .panel").nth(2).locator(".cell").last.hover()
    assert highlights(watch.tab)[0] == ['["b_W[2]"]', '["b_U[2]"]']


@pytest.mark.deep
def test_the_mirror_is_walked_by_keyboard(watch):
    tab = watch.tab
    first = tab.get_by_role("button", name="W[0, 0] is", exact=False).first
    first.focus()
    assert highlights(tab) == [['["W[0, 0]"]']] * 3
    for key, name in (
        ("ArrowDown", "W[1, 0]"),
        ("ArrowRight", "W[1, 1]"),
        ("End", "W[2, 1]"),
        ("ArrowDown", "W[2, 1]"),
        ("Tab", "U[0, 0]"),
    ):
        tab.keyboard.press(key)
        assert highlights(tab)[0] == [f'["{name}"]']
        assert tab.evaluate("document.activeElement.matches(':focus-visible')")


@pytest.mark.deep
@pytest.mark.parametrize("name", ["bias dropped", "directions' weights swapped", "NaN"])
def test_a_mistake_is_chosen(watch, name):
    tab = watch.tab
    tab.get_by_label("Choose a mistake").select_option(name)
    example = tab.locator(".mistake:visible")
    assert example.count() == 1
    assert example.locator("summary").text_content() == name
    assert BY_NAME[name].fix in example.inner_text()
    assert f"Matches with {name}" in example.inner_text()
    assert example.locator("polyline.wrong").count() >= 1


@pytest.mark.deep
def test_every_mistake_can_be_chosen(watch):
    tab = watch.tab
    for name in tab.locator("#mistake option").all_text_contents():
        tab.evaluate(CHOOSE, name)
        assert tab.locator(".mistake[open] summary").all_text_contents() == [name]


@pytest.mark.deep
def test_answers_are_hidden_until_they_are_asked_for(watch):
    tab = watch.tab
    answers = tab.locator(".answer")
    assert answers.count() == 6
    assert not answers.first.locator("pre").first.is_visible()
    answers.first.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert answers.first.locator("pre").first.is_visible()
    answers.nth(3).locator("summary").click()
    assert answers.nth(3).locator("figure svg:visible").count() == 1


@pytest.mark.deep
def test_only_what_scrolls_is_a_stop_for_the_keyboard(chromium, address):
    stops = "[...document.querySelectorAll('pre[tabindex], .scroll[tabindex]')].length"
    for width, some in ((1280, False), (360, True)):
        with open_page(chromium, address, width) as page:
            page.tab.evaluate(OPEN)
            page.tab.wait_for_timeout(50)  # toggling is told of a moment later
            assert page.tab.evaluate(stops) == page.tab.evaluate(SCROLLING)
            assert (page.tab.evaluate(stops) > 0) == some


@pytest.mark.deep
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(chromium, address, width):
    with open_page(chromium, address, width) as page:
        page.tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.tab.evaluate("document.documentElement.scrollWidth") == width
        page.tab.evaluate(INSERT, WIDE)
        assert (
            page.tab.evaluate("document.documentElement.scrollWidth") > width
        )  # it would be noticed


@pytest.mark.deep
def test_each_picture_is_drawn_for_the_width_it_has(chromium, address):
    for width in WIDTHS:
        with open_page(chromium, address, width) as page:
            assert page.tab.locator("#figure-chaos svg:visible").count() == 1
            assert page.tab.locator("#figure-chaos svg:visible").bounding_box()["width"] <= width


@pytest.mark.deep
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_axe_finds_nothing(chromium, address, width, scheme):
    with open_page(chromium, address, width, scheme) as page:
        page.tab.evaluate(OPEN)
        report = axe.Axe().run(page.tab)
        assert report.violations_count == 0, report.generate_report()


@pytest.mark.deep
def test_the_page_without_frameworks_is_as_good(chromium, plain_address):
    with open_page(chromium, plain_address, 360) as page:
        page.tab.evaluate(OPEN)
        assert page.tab.evaluate("document.documentElement.scrollWidth") == 360
        page.tab.get_by_role("button", name="U[0, 2] is").hover()
        homes = page.tab.locator("#homes-text").text_content()
        assert "Keras recurrent_kernel[2, 0] (transposed)" in homes
        assert page.trouble == []


@pytest.mark.deep
def test_axe_would_find_something(chromium, tmp_path):
    (tmp_path / "spoilt.html").write_text(
        '<img src="x.png"><p style="color: #ccc; background: #fff">pale</p>'
    )
    with open_page(chromium, (tmp_path / "spoilt.html").as_uri()) as page:
        assert {one["id"] for one in axe.Axe().run(page.tab).response["violations"]} >= {
            "image-alt",
            "color-contrast",
            "html-has-lang",
        }


def colour(tab, variable):
    return tab.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", variable
    )


@pytest.mark.deep
def test_light_dark_and_print_each_have_their_colours(chromium, address):
    with open_page(chromium, address) as light, open_page(chromium, address, scheme="dark") as dark:
        for variable in ("--paper", "--ink", "--first"):
            assert colour(light.tab, variable) != colour(dark.tab, variable)
        path = "#figure-fading .wide path[style*='--first']"
        line = f'getComputedStyle(document.querySelector("{path}")).stroke'
        assert light.tab.evaluate(line) != dark.tab.evaluate(line)
        dark.tab.emulate_media(media="print")
        assert colour(dark.tab, "--paper") == "#fff"
        assert not dark.tab.locator("#slider .controls").is_visible()


@pytest.mark.deep
def test_motion_is_reduced_where_that_is_asked_for(chromium, address):
    with open_page(chromium, address) as page:
        scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
        assert page.tab.evaluate(scrolling) == "smooth"
        page.tab.emulate_media(reduced_motion="reduce")
        assert page.tab.evaluate(scrolling) == "auto"


@pytest.mark.deep
def test_without_a_script_it_can_still_be_read(chromium, address):
    with open_page(chromium, address, script=False) as page:
        tab = page.tab
        assert not tab.locator("#slider .controls").is_visible()
        assert "Without a script" in tab.locator("#slider").inner_text()
        assert tab.locator(".mistake:visible").count() == len(MISTAKES)
        assert re.fullmatch(r"[+-]0\.\d{6}", tab.locator("#term-outputs").text_content())
        tab.locator(".mistake").nth(5).locator("summary").click()
        assert tab.locator(".mistake").nth(5).locator("dl").is_visible()


@pytest.mark.deep
def test_it_prints(chromium, address):
    with open_page(chromium, address, scheme="dark") as page:
        printed = page.tab.pdf(format="A4")
        assert printed.startswith(b"%PDF")
        assert 10 < len(re.findall(rb"/Type\s*/Page\b", printed)) < 40


@pytest.mark.deep
def test_whatever_goes_wrong_would_be_noticed(chromium, address):
    with open_page(chromium, address) as page:
        page.tab.evaluate("console.error('oh')")
        page.tab.evaluate("setTimeout(() => { throw new Error('no') })")
        page.tab.evaluate("setTimeout(() => alert('hey'))")
        page.tab.wait_for_timeout(100)
        assert {entry.partition(":")[0] for entry in page.trouble} == {"console", "error", "dialog"}


@pytest.mark.deep
def test_a_request_that_leaves_the_page_would_be_noticed_and_is_forbidden(
    chromium, address, tmp_path
):
    with open_page(chromium, address) as page:
        page.tab.evaluate(INSERT, IMAGE)
        page.tab.wait_for_timeout(100)
        assert any("Content Security Policy" in entry for entry in page.trouble)
    (tmp_path / "open.html").write_text('<img src="http://127.0.0.1:9/x.png">')
    with open_page(chromium, (tmp_path / "open.html").as_uri()) as page:
        assert any(entry.startswith("request: http://127.0.0.1:9") for entry in page.trouble)
