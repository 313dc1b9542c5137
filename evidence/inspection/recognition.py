"""Text in pictures, by Tesseract inside tesserocr (PN-28). It needs language data, which is a package of its own.

What it reads are proposals, each with how sure it is. When we tried, every wrong number was below 70 percent.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tesserocr
from PIL import Image

from evidence.inspection.page_facts import MAX_WORDS_A_PAGE, Page, Run, words_of

LANGUAGES = ("chi_sim", "eng")
PLACES = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata")
# Pictures with shorter sides than this are doubled before they are read, those with more pixels made smaller.
SMALL_SIDE, MOST_PIXELS = 1400, 5_000_000
LEAST_SURE = 40
# The sandbox ends after 10 seconds: what is not read by then stays unread, and the other facts are kept.
SECONDS = 5.0


def data_folder() -> Path | None:
    """Where language data is: the folder that TESSDATA_PREFIX names, else where distributions put it."""
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [named] if named is not None else PLACES
    return next((Path(folder) for folder in folders if languages_in(Path(folder))), None)


def languages_in(folder: Path) -> tuple[str, ...]:
    """Of the languages that we read those whose data is in the folder."""
    return tuple(code for code in LANGUAGES if (folder / f"{code}.traineddata").is_file())


class Reader:
    """Reads pictures for so many seconds; without language data (``engine`` None) it leaves them unread."""

    def __init__(self, engine: Any, seconds: float = SECONDS) -> None:
        self._engine = engine
        self._until = time.monotonic() + seconds

    def read(self, picture: Image.Image, page: Page) -> None:
        """Put the words of a picture into its page, or mark the page as unread."""
        page.source = "unread"
        if self.can_read:
            prepared = _prepared(picture)
            self._engine.SetImage(prepared)
            self._engine.SetSourceResolution(150)
            if self._engine.Recognize(self._milliseconds):
                page.source = "recognised"
                page.words = list(words_of(self._runs(), prepared.width, prepared.height))

    @property
    def can_read(self) -> bool:
        """Whether there is language data, and time."""
        return self._engine is not None and self._milliseconds > 0

    @property
    def _milliseconds(self) -> int:
        return int((self._until - time.monotonic()) * 1000)

    def _runs(self) -> Iterator[Run]:
        level = tesserocr.RIL.WORD
        for number, word in enumerate(tesserocr.iterate_level(self._engine.GetIterator(), level)):
            if number >= MAX_WORDS_A_PAGE:
                return
            text, sure, box = _text(word, level), int(word.Confidence(level)), word.BoundingBox(level)
            if text and box and sure >= LEAST_SURE:
                left, top, right, bottom = box
                yield top, bottom, left, right, text, sure


@contextmanager
def reader() -> Iterator[Reader]:
    """A reader, with the language data of this machine if there is any."""
    folder = data_folder()
    if folder is None:
        yield Reader(None)
        return
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    languages = "+".join(languages_in(folder))
    with tesserocr.PyTessBaseAPI(path=str(folder), lang=languages, psm=tesserocr.PSM.AUTO) as engine:
        yield Reader(engine)


def _text(word: Any, level: int) -> str:
    try:
        return str(word.GetUTF8Text(level)).strip()
    except RuntimeError:
        return ""


def _prepared(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    if max(grey.size) < SMALL_SIDE:
        return grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
    excess = grey.width * grey.height / MOST_PIXELS
    return grey.reduce(2) if excess > 1.5 else grey
