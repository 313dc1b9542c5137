"""The browser's side of push messages: the service worker, and how a browser is called."""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


@lru_cache(maxsize=1)
def worker_script() -> bytes:
    """The source of the service worker."""
    place = finders.find("js/service-worker.js")
    assert isinstance(place, str)
    return Path(place).read_bytes()


def browser_label(user_agent: str) -> str:
    """What a person knows a browser by: Chrome, Windows."""
    browser = next((name for mark, name in BROWSERS if re.search(rf"\b{mark}(iOS|A)?/", user_agent)), _("Browser"))
    system = next((name for name in SYSTEMS if name in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)
