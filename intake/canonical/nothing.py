"""Words for nothing (IX-05b): what people and programs write into a cell that is empty."""

import re

from core.identifiers import canonical_code, is_spreadsheet_error

_DASHES = ("-", "--", "---", "–", "—", "——", "―", "――", "－", "－－")
_PROGRAMS = ("\\N", "#N/A", "#N/A N/A", "<NA>", "(null)", "<null>", "[null]", "(blank)", "-nan", "NaN", "NaT", "/")
_CHINESE = (
    *("无", "無", "空", "空白", "(空白)", "（空白）", "暂无", "暫無", "无数据"),
    *("未填", "未填写", "未填寫", "未提供", "未设置", "未設置", "不适用", "不適用"),
)
_IN_ANY_CASE = ("N/A", "NA", "n.a.", "NULL", "nil", "nan", "None", "undefined")

WORDS = frozenset(
    [*_DASHES, *_PROGRAMS, *_CHINESE]
    + [spelling for word in _IN_ANY_CASE for spelling in (word, word.upper(), word.lower(), word.capitalize())]
)
# Nobody has more zeros than a number has digits.
WORDS_AND_ZERO = WORDS | {"0" * count for count in range(1, 65)} | {"0.0", "0.00"}
# Namibia is a country.
SITE_WORDS = WORDS - {"NA", "na", "Na"}

_DATE = re.compile(r"([0-9]{1,4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[Tt ].*)?")
# The zeros and ends of the calendars of programs: they stand where there is no date.
_NO_DATES = frozenset(
    {
        (0, 0, 0),
        (1, 1, 1),
        (1899, 12, 30),
        (1899, 12, 31),
        (1900, 1, 0),
        (1900, 1, 1),
        (1969, 12, 31),
        (1970, 1, 1),
        (9999, 12, 31),
    }
)
_ZERO = re.compile(r"0+(?:\.0+)?")
_NO_TIMES = frozenset({"0:00", "0:00:00", "00:00", "00:00:00"})


def is_word(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return text in WORDS


def is_word_of_site(text: str) -> bool:
    """The same where codes of countries stand."""
    return text in SITE_WORDS


def is_word_as_code(text: str) -> bool:
    """The same in the dress of an identifier; also where nothing is left beneath the dress."""
    bare = canonical_code(text)
    return text in WORDS or bare in WORDS or (not bare and not is_spreadsheet_error(text))


def is_zero_or_word(text: str) -> bool:
    """The same where a zero is nothing too: there is no carrier and no parcel of that number."""
    return text in WORDS_AND_ZERO or is_word_as_code(text) or canonical_code(text) in WORDS_AND_ZERO


def is_no_date(text: str) -> bool:
    """The same for days and instants."""
    if text in WORDS or text in _NO_TIMES or _ZERO.fullmatch(text):
        return True
    match = _DATE.fullmatch(text)
    return match is not None and tuple(map(int, match.groups())) in _NO_DATES
