"""Makes the pictures of the README: `python -m tools.screenshots [--keep FOLDER]`.

Starts Dianwei on a throw-away demo with a fixed seed and photographs it with headless Chromium: wide and phone,
Chinese and English, light and dark. The pictures go to docs/screenshots.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config import children
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
SEED = "20260301"
SCALE = "0.5"
START_SECONDS = 60
MOST_BYTES = 150_000
WIDE, PHONE = (1200, 900), (390, 844)


@dataclass(frozen=True)
class Picture:
    """One page in one look. ``{store}`` in the path stands for the store that needs most attention."""

    name: str
    path: str
    language: str = "zh-hans"
    size: tuple[int, int] = WIDE
    theme: str = "light"
    shows: str = "main h1"


PICTURES = (
    Picture("stores-zh", "/"),
    Picture("panel-zh", "/stores/{store}/"),
    Picture("panel-en-dark", "/stores/{store}/", language="en", theme="dark"),
    Picture("metric-en", "/stores/{store}/metrics/late_dispatch/", language="en", shows="#history .drawing"),
    Picture("rating-zh", "/stores/{store}/rating/"),
    Picture("rulebook-en", "/rules/?q=dispatch", language="en"),
    Picture("panel-zh-phone", "/stores/{store}/", size=PHONE),
    Picture("orders-zh-phone", "/stores/{store}/orders/?tab=ship", size=PHONE),
)


def main() -> int:
    """Make every picture; the exit status is 1 when one is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="use this DATA_DIR and leave it there")
    parser.add_argument("--only", action="append", metavar="NAME", help="this picture only (repeatable)")
    arguments = parser.parse_args()
    wanted = [picture for picture in PICTURES if not arguments.only or picture.name in arguments.only]
    with (
        tempfile.TemporaryDirectory(prefix="dianwei-screenshots-") as folder,
        running_demo((arguments.keep or Path(folder)).resolve()) as (address, email, password),
    ):
        made = photograph(address, email, password, wanted)
    large = [path for path in made if path.stat().st_size > MOST_BYTES]
    for path in made:
        print(f"{path.relative_to(ROOT)} {path.stat().st_size:,} bytes{' TOO LARGE' if path in large else ''}")
    return int(bool(large))


@contextmanager
def running_demo(data_dir: Path) -> Iterator[tuple[str, str, str]]:
    """Run the product on the demo in ``data_dir``; yields its address and the owner's e-mail address and password."""
    port = free_port()
    address = f"http://localhost:{port}"
    environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(port), "BASE_URL": address, "DATABASE_URL": ""}
    environment |= {"REDIS_URL": "", "LOG_LEVEL": "WARNING"}
    manage = [sys.executable, str(ROOT / "manage.py")]
    kept = data_dir / "screenshots.json"
    if not kept.exists():
        subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)
        subprocess.run([*manage, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, check=True)
        command = [*manage, "demo", "--seed", SEED, "--scale", SCALE, "--json"]
        kept.write_text(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    owner = json.loads(kept.read_text())["sign_ins"][0]
    with (data_dir / "screenshots.log").open("wb") as log:
        command = [*manage, "serve", "--no-prepare", "--web-workers", "1", "--task-workers", "1"]
        server = children.start(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield address, owner["email"], owner["password"]
        finally:
            children.stop(server, patience=30)


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection("localhost", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError(f"the server on port {port} did not start")


def photograph(address: str, email: str, password: str, pictures: list[Picture]) -> list[Path]:
    """Take the pictures; returns their files."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        try:
            state = _sign_in(browser, address, email, password)
            store = _store_in_trouble(browser, address, state)
            return [_take(browser, address, state, store, picture) for picture in pictures]
        finally:
            browser.close()


def _sign_in(browser: Browser, address: str, email: str, password: str) -> Path:
    """Sign in once; returns the file of cookies for all pictures."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{address}/me/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("form [type=submit].primary").click()
    page.wait_for_url("**/me/")
    path = Path(tempfile.mkstemp(prefix="dianwei-cookies-")[1])
    context.storage_state(path=path)
    context.close()
    return path


def _store_in_trouble(browser: Browser, address: str, state: Path) -> str:
    """The number of the first store in the list whose status is red, else of the first."""
    context = browser.new_context(storage_state=state, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/")
    rows = page.locator("main tbody tr")
    red = rows.filter(has=page.locator(".tone-red, .is-red, [data-level=red]"))
    row = red.first if red.count() else rows.first
    href = row.locator("a[href*='/stores/']").first.get_attribute("href") or ""
    context.close()
    return href.split("/stores/")[1].split("/")[0]


def _take(browser: Browser, address: str, state: Path, store: str, picture: Picture) -> Path:
    width, height = picture.size
    context = browser.new_context(
        storage_state=state,
        locale="zh-CN" if picture.language.startswith("zh") else "en-GB",
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "language", "value": picture.language, "url": address}])
    page = context.new_page()
    page.goto(address + picture.path.format(store=store), wait_until="networkidle")
    _choose_language(page, picture.language)
    page.locator(picture.shows).first.wait_for(timeout=20_000)
    path = TARGET / f"{picture.name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()
    return path


def _choose_language(page: Page, language: str) -> None:
    """The person's own language wins over the cookie: switch it by the button that every page has."""
    html = "zh-Hans" if language.startswith("zh") else language
    if page.locator("html").get_attribute("lang") != html:
        page.evaluate("value => document.querySelector(`button[name=language][value=${value}]`).click()", language)
        page.wait_for_selector(f"html[lang={html}]")
        page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    sys.exit(main())
