"""Profiles as data: how they are kept and shared as files, and what a file of strangers may say (IX-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from intake.canonical import FILES
from intake.profiles.mapping.declared import (
    DATES,
    DECIMALS,
    FIRST_SECOND,
    GRAINS,
    LAST_SECOND,
    NOT_TAKEN,
    ColumnMapping,
    MappingProfile,
    SkipRule,
    choices_of_column,
    columns_of_file,
)
from intake.reading.csvfile import MOST_COLUMNS

# What a file says of itself.
KIND, FORMAT = "dianwei import profile", 1
LONGEST_NAME, LONGEST_TEXT, MOST_WORDS, LARGEST_FILE = 80, 255, 500, 256 * 2**10
_FEWEST_HEADINGS = 2
_SKIPS = ("empty", "wordy", "not_positive", "begins", "is")
_DAYS = ("", FIRST_SECOND, LAST_SECOND, NOT_TAKEN)
_TEXTS = ("erp_number", "version", "summary", "suffix", "zone", "currency")
_LISTS = ("group_by", "item_key", "copies", "lacks", "persons", "ignored")
_FLAGS = ("fills_down", "has_offsets", "is_quoted")


class ProfileError(ValueError):
    """A definition that is no profile; the message says why."""


def to_data(profile: MappingProfile) -> dict[str, Any]:
    """A profile as data, without what differs between installations."""
    said = asdict(profile)
    del said["name"], said["label"]
    return said


def to_file(profile: MappingProfile) -> dict[str, Any]:
    """A profile as a file to share; nothing of a store or company is in it."""
    return {"kind": KIND, "format": FORMAT, "name": profile.label, "profile": to_data(profile)}


def from_file(said: Any) -> tuple[str, dict[str, Any]]:
    """Name and definition of a shared profile; raises ProfileError."""
    if not isinstance(said, dict) or said.get("kind") != KIND:
        raise ProfileError(_("is no import profile: choose a file that was saved from this page"))
    if said.get("format") != FORMAT:
        raise ProfileError(_("was made by another version of this program"))
    name = _text(said, "name", LONGEST_NAME)
    if not name:
        raise ProfileError(_("has no name"))
    return name, to_data(from_data(said.get("profile"), "shared", name))


def from_data(said: Any, name: str, label: str) -> MappingProfile:
    """A profile of its data; raises ProfileError."""
    if not isinstance(said, dict):
        raise ProfileError(_("is damaged: the definition is missing"))
    file = _one_of(said, "file", FILES)
    columns = tuple(_column(one, file) for one in _list(said, "columns", MOST_COLUMNS))
    names = [one.column for one in columns]
    if len(set(names)) < len(names):
        raise ProfileError(_("maps a column twice"))
    recognised_by = tuple(tuple(_texts(one, "recognised_by")) for one in _list(said, "recognised_by", MOST_WORDS))
    if not recognised_by or any(len(set(one)) < _FEWEST_HEADINGS for one in recognised_by):
        raise ProfileError(_("needs at least two headings by which a table is recognised"))
    named: dict[str, Any] = {
        **{name: _text(said, name) for name in _TEXTS},
        **{name: tuple(_texts(said.get(name, []), name)) for name in _LISTS},
        **{name: _flag(said, name) for name in _FLAGS},
    }
    return MappingProfile(
        name,
        label,
        recognised_by,
        columns,
        file=file,
        grain=_one_of(said, "grain", GRAINS),
        dates=_one_of(said, "dates", DATES),
        decimal=_one_of(said, "decimal", DECIMALS),
        skip=tuple(map(_skip, _list(said, "skip", MOST_WORDS))),
        **named,
    )


def _column(said: Any, file: str) -> ColumnMapping:
    if not isinstance(said, dict):
        raise ProfileError(_("is damaged: a column is no object"))
    column = _one_of(said, "column", columns_of_file(file))
    words = said.get("words", {})
    if not isinstance(words, dict) or len(words) > MOST_WORDS:
        raise ProfileError(_("is damaged: %(name)s") % {"name": "words"})
    choices = choices_of_column(file, column)
    for word, meaning in words.items():
        _checked(word, "words", LONGEST_TEXT)
        if _checked(meaning, "words", LONGEST_TEXT) and choices and meaning not in choices:
            raise ProfileError(
                _("%(value)s is no value of the column %(column)s") % {"value": meaning, "column": column}
            )
    default = _text(said, "default")
    if default and choices and default not in choices:
        raise ProfileError(_("%(value)s is no value of the column %(column)s") % {"value": default, "column": column})
    return ColumnMapping(
        column,
        tuple(_texts(said.get("headings", []), "headings")),
        dict(words),
        default,
        _flag(said, "sums"),
        tuple(_texts(said.get("adds", []), "adds")),
        tuple(_texts(said.get("subtracts", []), "subtracts")),
        _one_of({"day_only": "", **said}, "day_only", _DAYS),
    )


def _skip(said: Any) -> SkipRule:
    if not isinstance(said, dict):
        raise ProfileError(_("is damaged: %(name)s") % {"name": "skip"})
    words = tuple(_texts(said.get("words", []), "words"))
    when = _one_of(said, "when", _SKIPS)
    return SkipRule(_text(said, "heading"), when, words, _text(said, "note"), _text(said, "by"))


def _list(said: Mapping[str, Any], name: str, most: int) -> Sequence[Any]:
    found = said.get(name, [])
    if not isinstance(found, list | tuple) or len(found) > most:
        raise ProfileError(_("is damaged: %(name)s") % {"name": name})
    return found


def _texts(found: Any, name: str) -> list[str]:
    if not isinstance(found, list | tuple) or len(found) > MOST_COLUMNS:
        raise ProfileError(_("is damaged: %(name)s") % {"name": name})
    return [_checked(text, name, LONGEST_TEXT) for text in found]


def _text(said: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str:
    return _checked(said.get(name, ""), name, longest)


def _checked(text: Any, name: str, longest: int) -> str:
    if not isinstance(text, str) or len(text) > longest or "\x00" in text:
        raise ProfileError(_("is damaged: %(name)s") % {"name": name})
    return text


def _flag(said: Mapping[str, Any], name: str) -> bool:
    found = said.get(name, name == "is_quoted")
    if not isinstance(found, bool):
        raise ProfileError(_("is damaged: %(name)s") % {"name": name})
    return found


def _one_of(said: Mapping[str, Any], name: str, known: Any) -> str:
    found = said.get(name)
    if not isinstance(found, str) or found not in known:
        raise ProfileError(_("is damaged: %(name)s") % {"name": name})
    return found
