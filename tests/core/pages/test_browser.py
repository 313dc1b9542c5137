"""The components in a real browser: widths, themes, keyboard, countdown, chart, htmx; under the strict policy."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stores.people import make_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.core.pages.gallery"),
]
STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def gallery(page: Page, live_server: Any) -> Page:
    page.goto(f"{live_server.url}/gallery")
    return page


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_components_fit_and_are_accessible(gallery: Page, width: int, theme: str) -> None:
    gallery.set_viewport_size({"width": width, "height": 800})
    gallery.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    assert gallery.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(gallery, options=STANDARDS).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


def test_chosen_theme_stays(gallery: Page) -> None:
    gallery.locator("[data-theme-toggle]:visible").click()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    gallery.reload()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    expect(gallery.locator("[data-theme-toggle]").first).to_have_attribute("aria-pressed", "true")


@pytest.mark.rule("DM-27")
def test_countdown_follows_the_servers_clock_not_the_visitors(page: Page, live_server: Any) -> None:
    page.clock.install(time="2031-01-01T00:00:00Z")
    page.goto(f"{live_server.url}/gallery")
    countdown = page.locator(".todo time.countdown")
    expect(countdown.first).to_have_text(re.compile(r"^(61:00:00|60:5\d:\d\d)$"))
    expect(countdown.nth(1)).to_have_class(re.compile("is-overdue"))


def test_keyboard_reaches_content_and_closes_menus(gallery: Page) -> None:
    gallery.keyboard.press("Tab")
    expect(gallery.locator(".skip")).to_be_focused()
    gallery.keyboard.press("Enter")
    expect(gallery.locator("main")).to_be_focused()
    switcher = gallery.locator("details[data-menu] > summary").first
    switcher.focus()
    gallery.keyboard.press("Enter")
    expect(gallery.locator(".menu-body").first).to_be_visible()
    gallery.keyboard.press("Escape")
    expect(gallery.locator(".menu-body").first).to_be_hidden()
    expect(switcher).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_fold_into_one_button_on_a_phone_only(browser: Any, live_server: Any, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery")
    button, field = page.locator("details.filters > summary"), page.locator(".filters select").first
    expect(field).to_be_hidden()
    button.click()
    expect(field).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(button).to_be_hidden()
    page.reload()
    expect(field).to_be_visible()
    context.close()


def test_sorting_swaps_the_table_only_and_back_returns(gallery: Page) -> None:
    gallery.evaluate("window.untouched = true")
    first = gallery.locator("#orders tbody tr td").first
    expect(first).to_have_text("81000")
    gallery.locator("#orders th a.sort").nth(1).click()
    expect(first).to_have_text("81003")
    gallery.wait_for_url("**?sort=paid")
    assert gallery.evaluate("window.untouched") is True
    gallery.go_back()
    expect(first).to_have_text("81000")


def test_expired_session_inside_htmx_leads_the_whole_page_to_sign_in(gallery: Page, live_server: Any) -> None:
    # Where nobody has an account yet, signing in leads on to the setup.
    make_person("owner")
    # Its promise isn't waited for: the page is left before it ends.
    gallery.evaluate("() => { htmx.ajax('GET', document.body.dataset.loginUrl, '#orders'); }")
    gallery.wait_for_url("**/accounts/login/?next=%2Fgallery")


# Where a chart's words and curves are, from the left and top of its place.
INK = """part => {
    const around = document.querySelector('#trend').getBoundingClientRect();
    return [...document.querySelectorAll(part)].map(element => {
        const box = element.getBoundingClientRect();
        return [element.textContent, box.x - around.x, box.y - around.y];
    });
}"""


def ink(page: Page, parts: str) -> dict[str, tuple[float, float]]:
    return {text: (x, y) for text, x, y in page.evaluate(INK, parts) if text}


@pytest.mark.rule("PG-04")
@pytest.mark.parametrize("width", [360, 1440])
def test_plotly_takes_a_chart_over_when_it_is_pointed_at_without_a_jump(gallery: Page, width: int) -> None:
    gallery.set_viewport_size({"width": width, "height": 800})
    chart, requests = gallery.locator("#trend"), []
    # Scripts alone: a busy browser may ask for the page's icon only now.
    gallery.on("request", lambda request: request.resource_type == "script" and requests.append(request.url))
    chart.scroll_into_view_if_needed()
    drawn, size = ink(gallery, "#trend .drawing text"), chart.bounding_box()
    assert "红线\xa05\xa0%" in {text.replace(" ", "\xa0") for text in drawn}
    assert "Plotly" not in gallery.evaluate("Object.keys(window)")

    chart.hover()
    expect(chart.locator(".main-svg").first).to_be_visible()
    expect(chart.locator(".hoverlayer")).to_contain_text(re.compile(r"2026-11-\d\d"))
    assert [url.rpartition("/")[2] for url in requests] == ["plotly.min.js"]
    assert chart.bounding_box() == size
    taken = ink(gallery, "#trend .live text:not(.hoverlayer *)")
    for text in drawn.keys() & taken.keys():
        assert taken[text] == pytest.approx(drawn[text], abs=4), text
    # All but the ticks that a phone has no room for.
    assert len(drawn.keys() & taken.keys()) >= 8

    # A curve without lone days has no dots.
    expect(chart.locator(".live .points path")).to_have_count(0)

    # By keyboard from day to day; on paper the drawing again.
    chart.focus()
    gallery.keyboard.press("ArrowRight")
    expect(chart.locator(".hoverlayer")).to_contain_text("2026-11-20")
    gallery.keyboard.press("ArrowLeft")
    expect(chart.locator(".hoverlayer")).to_contain_text("2026-11-19")
    gallery.emulate_media(media="print")
    expect(chart.locator(".live")).to_be_hidden()
    expect(chart.locator(".drawing")).to_have_css("opacity", "1")


def test_reading_works_without_javascript(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery")
    expect(page.locator(".todo time.countdown").first).not_to_be_empty()
    expect(page.locator("#trend .drawing path").first).to_be_visible()
    expect(page.locator("[data-theme-toggle]").first).to_be_hidden()
    page.locator("details[data-menu] > summary").first.click()
    expect(page.locator(".menu-body").first).to_be_visible()
    page.locator("#orders th a.sort").nth(1).click()
    expect(page.locator("#orders tbody tr td").first).to_have_text("81003")
    context.close()
