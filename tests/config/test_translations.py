"""The catalogue is complete and set as Chinese is. That no page is left half English shows in the demo
(tests/demo/test_demo_command.py)."""

import re
from collections.abc import Iterator

import pytest
from polib import POFile, pofile

from tools.translations import CATALOGUE, PLACEHOLDER, ROOT, catalogue_faults

pytestmark = pytest.mark.sqlite_only

HAN = "一-鿿"


@pytest.fixture(scope="module")
def catalogue() -> POFile:
    return pofile(str(ROOT / CATALOGUE))


def translations(catalogue: POFile) -> Iterator[tuple[str, str]]:
    for entry in catalogue:
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            yield entry.msgid, text


def test_every_text_of_the_catalogue_has_its_translation(catalogue: POFile) -> None:
    assert list(catalogue_faults(catalogue)) == []


def test_translations_keep_their_placeholders(catalogue: POFile) -> None:
    lost = [
        (msgid, text)
        for msgid, text in translations(catalogue)
        if set(PLACEHOLDER.findall(msgid)) - set(PLACEHOLDER.findall(text))
    ]
    assert lost == []


def test_translations_end_as_their_originals(catalogue: POFile) -> None:
    """A sentence stays a sentence, a label a label."""
    wrong = [
        (msgid, text)
        for msgid, text in translations(catalogue)
        if msgid[-1:] in ".…" and len(msgid) > 1 and text[-1:] not in "。…" and not text.endswith(("：", "yes："))
    ]
    assert wrong == []


def test_chinese_is_set_with_chinese_punctuation_and_spaced_figures(catalogue: POFile) -> None:
    ascii_marks, unspaced = rf"[{HAN}][,;:!?.](?:\s|[{HAN}]|$)", rf"[{HAN}](?:[A-Za-z0-9]|%\()|[A-Za-z0-9][{HAN}]"
    ugly = re.compile(rf"{ascii_marks}|{unspaced}|[{HAN}] [{HAN}]")
    # Words that are filled in, not figures: no space belongs beside them.
    words = r"%\((?:metric|line|dimension|what|level|kind|who)\)s"
    joined = re.compile(rf"[{HAN}]{words}|{words}[{HAN}]")
    # A span such as "9 天" begins with a figure and ends with a word.
    texts = [joined.sub("", text.replace("%(span)s", "9 天")) for _, text in translations(catalogue)]
    assert [(text, found.group()) for text in texts if (found := ugly.search(text))] == []
