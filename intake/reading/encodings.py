"""Which encoding a text file is in: UTF-8 is certain, any other is proposed and a person confirms it (IX-06b)."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import chardet
from django.utils.translation import gettext as _

from intake.reading.errors import BundleError
from intake.reading.stopping import heed

UTF8 = "utf-8"
# Python's names and the ones people know, in the order in which a choice is offered.
NAMES = {
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp932": "Shift-JIS",
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "cp1250": "Windows-1250",
}
_DETECTOR_NAMES = {"gb18030": "GB18030", "big5": "Big5", "cp932": "SHIFT_JIS"} | {
    name: f"Windows-{name[2:]}" for name in ("cp1252", "cp1251", "cp1250")
}
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BLOCK = 2**20
_LONGEST_LINE = 8 * 2**20
_SAMPLE = 2**16
_CLEARLY = 2
_MOSTLY = 0.6
_FEW_LETTERS = 0.5
_WORD = re.compile(r"[^\W\d_]+")
_PUNCTUATION = "€‚„…†‡‰‹›‘’“”•–—™ ¡¿«»°·№"


@dataclass(frozen=True)
class Reading:
    """How some words of a file read in an encoding."""

    encoding: str
    words: str

    @property
    def name(self) -> str:
        """The encoding as people call it."""
        return NAMES.get(self.encoding, self.encoding)


@dataclass(frozen=True)
class Found:
    """What a file's bytes say: ``encoding`` where it is certain, else the possible readings, the likeliest first;
    ``is_clear``: whether the first is likelier than all others."""

    encoding: str = ""
    readings: tuple[Reading, ...] = ()
    is_clear: bool = False


def find_encoding(path: Path) -> Found:
    """The encoding of a text file. A file with any line of UTF-8 that is not plain ASCII is in UTF-8: others of its
    lines are refused one by one."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return Found(name)
    nul = b"\x00" * 4
    if len(head) > 8 and nul in (head[0:8:2], head[1:9:2]):
        return Found("utf-16-be" if head[:1] == b"\x00" else "utf-16-le")
    sample = _other_lines(path)
    return Found(UTF8) if sample is None else _guess(sample)


def _other_lines(path: Path) -> bytes | None:
    """Lines that are neither ASCII nor UTF-8; None for a file in UTF-8."""
    sample = bytearray()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            heed()
            block += stream.readline(_LONGEST_LINE)
            for line in () if block.isascii() else block.splitlines():
                if line.isascii():
                    continue
                try:
                    line.decode()
                except UnicodeDecodeError:
                    if len(sample) < _SAMPLE:
                        sample += line[:_SAMPLE] + b"\n"
                else:
                    return None
    return bytes(sample) or None


def _guess(sample: bytes) -> Found:
    ranked = chardet.detect_all(sample, ignore_threshold=True, include_encodings=list(_DETECTOR_NAMES.values()))
    likely = {str(one["encoding"]).lower(): one["confidence"] for one in ranked}
    found: list[tuple[bool, float, Reading]] = []
    for encoding, called in _DETECTOR_NAMES.items():
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        is_plain = PLAUSIBLE.get(encoding, _is_written_in_letters)(text)
        found.append((is_plain, float(likely.get(called.lower(), 0.0)), Reading(encoding, _odd_words(text))))
    found.sort(key=lambda one: one[:2], reverse=True)
    plain = [one for one in found if one[0]] or found
    is_clear = len(plain) == 1 or (len(plain) > 1 and plain[0][1] > _CLEARLY * plain[1][1] > 0)
    return Found(readings=tuple(reading for _plain, _likely, reading in plain), is_clear=is_clear)


def _odd_words(text: str) -> str:
    """The first words with letters beyond ASCII."""
    words = [word for word in re.split(r"[\s,;\t\"]+", text) if word and not word.isascii()]
    return " ".join(dict.fromkeys(words))[:60]


# ── Whether words look like words: few letters say little to a detector that knows languages ────────────────────────


def _mostly(text: str, is_common: Callable[[str], bool]) -> bool:
    odd = [letter for letter in text if not letter.isascii()]
    return sum(map(is_common, odd)) >= _MOSTLY * len(odd)


def _lead(letter: str, encoding: str) -> int:
    try:
        code = letter.encode(encoding)
    except UnicodeEncodeError:
        return 0
    return code[0] if len(code) == 2 else 0


def _is_common_simplified(text: str) -> bool:
    return _mostly(text, lambda letter: 0xA1 <= _lead(letter, "gb2312") <= 0xD7)


def _is_common_traditional(text: str) -> bool:
    return _mostly(text, lambda letter: 0xA1 <= _lead(letter, "big5") <= 0xC6)


def _is_common_japanese(text: str) -> bool:
    return _mostly(text, lambda letter: 0x81 <= _lead(letter, "cp932") <= 0x97)


def _is_written_in_letters(text: str) -> bool:
    """Words of one script, in one case or with a capital first, of which accents are the lesser part."""
    if any(not (letter.isascii() or letter.isalpha() or letter in _PUNCTUATION) for letter in text):
        return False
    return all(map(_is_word, (word for word in _WORD.findall(text) if not word.isascii())))


def _is_word(word: str) -> bool:
    odd = [letter for letter in word if not letter.isascii()]
    if not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    is_cyrillic = "\u0400" <= odd[0] <= "\u04ff"
    return len(odd) == len(word) if is_cyrillic else len(odd) <= _FEW_LETTERS * len(word)


PLAUSIBLE = {"gb18030": _is_common_simplified, "big5": _is_common_traditional, "cp932": _is_common_japanese}


# ── Words about it, and the way to UTF-8 ────────────────────────────────────────────────────────────────────────────


def known_encoding(name: str) -> str:
    """Python's name of an encoding that may be named; raises BundleError."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    same = {"gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932", "cp950": "big5", "utf-8-sig": UTF8}
    found = same.get(found, found)
    if found not in {*NAMES, UTF8, "utf-16", "utf-16-le", "utf-16-be"}:
        raise BundleError(
            _("%(name)s is none of the encodings known here: %(names)s")
            % {"name": name, "names": ", ".join([*NAMES, UTF8])}
        )
    return found


def encoding_question(found: Found) -> str:
    """What to say of a file whose encoding nobody confirmed."""
    if not found.readings:
        return _("is in no encoding known here: save it as UTF-8 (in Excel: Save as, CSV UTF-8)")
    first = found.readings[0]
    if found.is_clear:
        return _(
            "seems to be in %(encoding)s (it reads “%(words)s”): confirm that with --encoding %(code)s, "
            "or save it as UTF-8"
        ) % {"encoding": first.name, "words": first.words, "code": first.encoding}
    said = "; ".join(f"{reading.encoding}: “{reading.words}”" for reading in found.readings)
    return _("is not in UTF-8: say with --encoding which of these reads right, or save it as UTF-8. %(readings)s") % {
        "readings": said
    }


def to_utf8(path: Path, encoding: str, target: Path) -> Path:
    """The file in UTF-8, line for line; raises BundleError where it is not in that encoding."""
    target.parent.mkdir(parents=True, exist_ok=True)
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with path.open("rb") as source, target.open("wb") as written:
        try:
            while block := source.read(_BLOCK):
                heed()
                text = decoder.decode(block)
                lines += text.count("\n")
                written.write(text.encode())
            written.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise BundleError(
                _("is not in %(encoding)s: it can't be read after line %(line)s")
                % {"encoding": NAMES.get(encoding, encoding.upper()), "line": lines}
            ) from error
    return target
