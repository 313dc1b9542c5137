"""PDF documents, typeset by Typst in a process of its own with limits of time and memory (BX-09).

A template reads its data as JSON: data is never markup. The same data and instant give the same bytes.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import typst
from django.conf import settings

from core.timebase import to_epoch

SECONDS = 60
# The families that have Chinese characters, the best first; then what Typst brings along for Latin letters.
CHINESE_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Droid Sans Fallback")
LATIN_FONTS = ("DejaVu Sans", "Libertinus Serif")


class TypesettingError(Exception):
    """A document that could not be made, such as within its time."""


@lru_cache(maxsize=1)
def has_chinese_font() -> bool:
    """Whether this machine has a font with Chinese characters (Debian: fonts-noto-cjk)."""
    return not set(CHINESE_FONTS).isdisjoint(typst.Fonts().families())


def typeset(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of a template (a file of this folder); ``at``: the instant of its making, as the file says."""
    fonts = [*CHINESE_FONTS, *LATIN_FONTS] if has_chinese_font() else list(LATIN_FONTS)
    asked = {"template": template, "data": {**data, "fonts": fonts}, "at": to_epoch(at)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "appeals.typesetting.worker"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=settings.BASE_DIR,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TypesettingError(f"{template} took longer than {SECONDS} s") from error
    if done.returncode:
        raise TypesettingError(done.stderr.decode(errors="replace")[-500:])
    return done.stdout
