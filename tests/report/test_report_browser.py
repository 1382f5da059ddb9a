"""The page in a real browser: it loads nothing, runs nothing of strangers, and can be used without a mouse."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import made_reports as made
import pytest

from probatum.report import render

pytestmark = pytest.mark.slow

DOCS = {
    "access/public-access": "Someone without an account can use it.\n\n## What it finds\nA request by an anonymous principal."
}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    home = tmp_path_factory.mktemp("home")  # a browser writes there, also a headless one
    with sync_api.sync_playwright() as play:
        running = play.chromium.launch(executable_path=found, args=QUIET, env={**os.environ, "HOME": str(home)})
        yield running
        running.close()


@pytest.fixture
def visit(browser, tmp_path: Path):
    """Open a report; afterwards nothing may have been complained about, loaded or run."""
    heard: list[str] = []
    contexts = []

    def opened(report, *, fragment="", width=1280, height=900, scheme="light"):
        file = tmp_path / "report.html"
        file.write_text(render(report, "html", root=made.write_project(tmp_path / "project"), docs=DOCS), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else heard.append(f"request: {request.url}"),
        )
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("[role=tab]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert heard == []


TABS = ("findings", "undecided", "cleared", "hidden", "rules", "about")


def unfold(page) -> None:
    """Open all that can be opened: by places, for an element that was looked up may have been drawn anew since."""
    summaries = page.locator("main summary")
    for place in range(summaries.count()):
        summaries.nth(place).click()


def test_every_part_opens_without_a_complaint_and_without_the_network(visit) -> None:
    page = visit(made.everything())

    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert page.get_attribute(f"#tab-{tab}", "aria-selected") == "true"
        assert page.inner_text("main").strip()
        unfold(page)
    page.click("#tab-findings")
    for item in page.query_selector_all(".item"):
        item.click()
        assert page.inner_text("#detail h2")


def test_what_strangers_wrote_does_not_run_and_is_shown_as_it_is(visit) -> None:
    page = visit(made.hostile())

    for tab in TABS:
        page.click(f"#tab-{tab}")
        unfold(page)
    page.click("#tab-findings")
    shown = set()
    for item in page.query_selector_all(".item"):
        item.click()
        shown.add(page.inner_text("#detail h2"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.evaluate("window.pwned") is None
    assert page.query_selector_all("main script, main img, main svg, main style, #print script, #print img, #print svg") == []
    assert "</script><script>window.pwned = 1</script>" in shown
    assert "<img src=x onerror='window.pwned = 2'>" in shown


def test_a_script_that_found_its_way_in_would_be_refused_by_the_policy(browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    page_text = render(made.typical(), "html").replace(
        "</body>", "<script>window.pwned = 9</script><img src=x onerror='window.pwned=9'></body>"
    )
    file.write_text(page_text, encoding="utf-8")
    page = browser.new_page()

    page.goto(file.as_uri())

    assert page.evaluate("window.pwned") is None
    page.close()


def test_the_list_is_filtered_by_word_severity_rule_and_file(visit) -> None:
    page = visit(made.everything())

    def listed():
        return [item.inner_text() for item in page.query_selector_all(".item strong")]

    assert len(listed()) == 6
    page.click("[data-severity=error]")
    assert len(listed()) == 2
    assert page.inner_text("#status") == "2 of 6 findings"
    page.click("[data-severity=error]")
    page.select_option("#by-rule", "access/public-access")
    assert len(listed()) == 1
    page.select_option("#by-rule", "")
    page.select_option("#by-file", "policies/roles/booth-notifier.json")
    assert len(listed()) == 2
    page.fill("#search", "BOOTH any")
    assert len(listed()) == 1
    page.fill("#search", "no such words")
    assert listed() == []
    assert "No finding passes" in page.inner_text("#items")


def test_everything_can_be_done_with_keys(visit) -> None:
    page = visit(made.everything())

    def current():
        return page.get_attribute(".item[aria-current=true]", "data-n")

    assert current() == "1"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert current() == "2"
    page.keyboard.press("k")
    assert current() == "1"
    page.keyboard.press("/")
    page.keyboard.type("jk 1")
    assert page.input_value("#search") == "jk 1"
    page.keyboard.press("Escape")
    assert page.input_value("#search") == ""
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "detail"
    page.keyboard.press("3")
    assert page.get_attribute("#tab-cleared", "aria-selected") == "true"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-hidden", "aria-selected") == "true"
    page.keyboard.press("?")
    assert page.is_visible("dialog")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")  # a dialog tells of its end in an event of its own


def test_an_address_leads_to_one_finding_also_past_the_filters(visit) -> None:
    page = visit(made.everything(), fragment="#finding-3")

    assert page.get_attribute(".item[aria-current=true]", "data-n") == "3"
    page.fill("#search", "no such words")
    page.evaluate("location.hash = '#finding-4'")
    page.wait_for_selector(".item[data-n='4'][aria-current=true]")


def test_a_step_leads_to_its_line(visit) -> None:
    page = visit(made.make(made.public()))

    page.click(".steps li:nth-child(2) button")

    assert page.inner_text(".row.flash .no") == "11"


def test_a_phone_shows_the_list_then_the_finding_and_never_scrolls_sideways(visit) -> None:
    page = visit(made.everything(), width=360, height=740)

    assert not page.is_visible("#detail")
    page.click(".item >> nth=3")
    assert page.is_visible("#detail")
    assert not page.is_visible("#items")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click(".back")
    assert page.is_visible("#items")


def test_a_long_list_is_made_in_parts_and_keys_go_beyond_them(visit) -> None:
    page = visit(made.make(*(replace(made.public(), message=f"finding {n}") for n in range(450))))

    assert len(page.query_selector_all(".item")) == 200
    page.evaluate("location.hash = '#finding-200'")
    page.wait_for_selector(".item[data-n='200'][aria-current=true]")
    page.focus(".item[data-n='200']")
    page.keyboard.press("j")
    assert page.get_attribute(".item[aria-current=true]", "data-n") == "201"
    assert page.inner_text("#status") == "450 findings"


def test_the_theme_follows_the_system_until_it_is_chosen(visit) -> None:
    page = visit(made.typical(), scheme="dark")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_on_paper_every_finding_is_written_out_in_dark_ink(visit) -> None:
    page = visit(made.typical(), scheme="dark")

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")

    printed = page.inner_text("#print")
    assert "anyone on the internet can read" in printed
    assert "a service may assume" in printed
    assert not page.is_visible("main")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility_rules_of_others_hold(visit, published, scheme, width) -> None:
    page = visit(made.everything(), scheme=scheme, width=width)
    # The checker is put in by the test, past the policy of the page: it is no script of the page.
    checker = published("axe-core/axe.min.js").read_text(encoding="utf-8")
    page.evaluate(checker)

    for tab in TABS:
        page.click(f"#tab-{tab}")
        if tab == "findings":
            page.click(".item >> nth=3")
        unfold(page)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in result["violations"]] == [], tab
