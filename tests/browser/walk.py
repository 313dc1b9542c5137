"""What is measured on every page of the walk: status, console, other hosts, shifts, width, targets, first row, axe."""

from typing import Any, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import PageFaults

STANDARDS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
# Of two themes only the colours differ.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
MOST_SHIFT = 0.02
TARGET = 44
# So much of the first row is to be seen on the first screen.
ROW = 60

# Chromium reports shifts as they come; those within half a second of a press belong to the press.
COUNT_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => {
    for (const entry of list.getEntries())
        if (!entry.hadRecentInput)
            window.shifts.push([entry.value, entry.sources.map(source => source.node instanceof Element
                ? source.node.outerHTML.slice(0, 120) : String(source.node && source.node.textContent).slice(0, 60))]);
}).observe({type: 'layout-shift', buffered: true});
"""
# Everything has come: fonts, and what the page loads by itself; two frames more for the last layout.
SETTLED = """async () => {
    await document.fonts.ready;
    const waiting = () => document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling');
    for (let turn = 0; waiting() && turn < 1000; turn++) await new Promise(done => setTimeout(done, 50));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
# What makes a page wider than the screen: the innermost elements that stick out and that nothing around them clips.
STICKING_OUT = """() => {
    const clipped = element => {
        for (let around = element.parentElement; around; around = around.parentElement)
            if (around !== document.documentElement && getComputedStyle(around).overflowX !== 'visible') return true;
        return false;
    };
    const out = [...document.querySelectorAll('body *')].filter(
        element => element.getBoundingClientRect().right > innerWidth + 1 && !clipped(element));
    return out.filter(element => !out.some(other => other !== element && element.contains(other)))
        .map(element => element.outerHTML.slice(0, 200)).slice(0, 3);
}"""
# What a thumb presses and is lower than it wants. A link in the midst of a sentence is as high as its line; a box or a
# circle is pressed by its label.
SMALL_TARGETS = """least => {
    const seen = element => element.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}) &&
        !element.closest('.visually-hidden, .skip, [hidden]');
    const words = node => [...node.childNodes].some(
        child => child.nodeType === 3 && /[\\p{L}\\p{N}]/u.test(child.data));
    const inSentence = element => element.tagName === 'A' && getComputedStyle(element).display === 'inline' &&
        element.parentElement && words(element.parentElement);
    const high = element => {
        // A link whose ::after fills the row is pressed anywhere on the row.
        const fill = getComputedStyle(element, '::after');
        if (fill.position === 'absolute' && fill.content !== 'none' && fill.inset === '0px' && element.offsetParent)
            return element.offsetParent.getBoundingClientRect().height;
        const labelled = element.matches('[type=checkbox], [type=radio]') && element.labels.length;
        return (labelled ? element.labels[0] : element).getBoundingClientRect().height;
    };
    return [...document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')]
        .filter(element => seen(element) && element.getBoundingClientRect().width > 1 && !inSentence(element))
        .filter(element => high(element) < least - 0.5)
        .map(element => `${Math.round(high(element))} px: ${element.outerHTML.slice(0, 110)}`);
}"""
FIRST_ROW = """() => {
    const row = document.querySelector('main tbody tr, main ol.todo > li');
    return row ? Math.round(row.getBoundingClientRect().top + scrollY) : null;
}"""


class Size(NamedTuple):
    """A screen, and whether it is pressed by a thumb."""

    width: int
    height: int
    phone: bool = False


WIDE, PHONE = Size(1440, 900), Size(360, 740, phone=True)


def open_screen(browser: Browser, size: Size, site: str, session: str) -> BrowserContext:
    """A browser on a screen of a size, of somebody who is signed in where there is a session."""
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size.width, "height": size.height},
        has_touch=size.phone,
        is_mobile=size.phone,
    )
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    context.add_init_script(COUNT_SHIFTS)
    return context


def faults_of(page: Page, watched: PageFaults, address: str) -> list[str]:
    """Open a page; report failed answers, console errors, requests to other hosts and layout shifts."""
    watched.found.clear()
    answer = page.goto(address)
    page.evaluate(SETTLED)
    found = list(watched.found)
    if answer is None or answer.status != 200:
        found.append(f"status {answer and answer.status}")
    if shifts_of(page):
        # On a busy machine a table may be drawn before all its rows have come: what moves by itself moves again.
        page.goto(address)
        page.evaluate(SETTLED)
        if again := shifts_of(page):
            found.append(f"layout shift {again}")
    return found


def shifts_of(page: Page) -> list[Any]:
    """The layout shifts of the page that is open, where they are more than a page may move."""
    shifts: list[Any] = page.evaluate("window.shifts")
    return shifts if sum(value for value, _sources in shifts) > MOST_SHIFT else []


def misfits(page: Page, size: Size) -> list[str]:
    """What is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth") - size.width
    return [f"wider than the screen by {wide}: {page.evaluate(STICKING_OUT)}"] if wide > 0 else []


def small_targets(page: Page) -> list[str]:
    """What a thumb can't press."""
    return [f"target of {target}" for target in page.evaluate(SMALL_TARGETS, TARGET)]


def late_row(page: Page, size: Size) -> list[str]:
    """A list that begins below the first screen."""
    first = page.evaluate(FIRST_ROW)
    return [] if first is None or first <= size.height - ROW else [f"the first row begins at {first} px"]


def accessibility_faults(page: Page, *, dark: bool) -> list[str]:
    """Violations of the page that is open, and of its colours in dark."""
    found: list[tuple[str, Any]] = [
        ("light", rule) for rule in Axe().run(page, options=STANDARDS).response["violations"]
    ]
    if dark:
        page.emulate_media(color_scheme="dark")
        violations = page.evaluate("options => axe.run(document, options)", COLOURS)["violations"]
        found += [("dark", rule) for rule in violations]
        page.emulate_media(color_scheme="light")
    return [f"{theme} {rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]}" for theme, rule in found]
