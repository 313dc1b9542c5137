"""What parameters of the policy, and the codes among their values, are called (PG-17). Pure.

The names lie beside this module in ``parameters.txt``: a key or a pattern of one, then English, then Chinese.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages."""

    en: str
    zh: str

    def text(self, language: str) -> str:
        """The name in a language; Chinese for zh…, else English."""
        return self.zh if language.startswith("zh") else self.en


@cache
def names() -> dict[str, Name]:
    """Every line of the file: key, pattern, ``name:…``, ``word:…`` or ``also:…`` → its name."""
    lines = (Path(__file__).parent / "parameters.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return {key: Name(english, chinese) for key, english, chinese in parts}


def parameter_name(key: str, language: str) -> str:
    """What a parameter is called in a language; its key where it has no name."""
    if own := names().get(key):
        return own.text(language)
    for pattern, part in _patterns(key):
        if found := names().get(pattern):
            return found.text(language).format(name=_part_name(part, language))
    return key


def explanation(key: str, language: str) -> str:
    """A sentence that explains a parameter in a language; empty where only its rule does."""
    for pattern in (key, *(pattern for pattern, _part in _patterns(key))):
        if found := names().get(f"help:{pattern}"):
            return found.text(language)
    return ""


def value_word(code: str, language: str) -> str:
    """What a code among the values of a parameter is called in a language; the code where it has no name."""
    found = names().get(f"name:{code}") or names().get(f"word:{code}")
    return found.text(language) if found else code


def also_called(code: str, language: str) -> str:
    """What else a metric is called where sellers come from, in a language; empty where nothing else is usual."""
    found = names().get(f"also:{code}")
    return found.text(language) if found else ""


def _patterns(key: str) -> list[tuple[str, str]]:
    """The key with one part after the other replaced by ``*``, and that part."""
    parts = key.split(".")
    return [(".".join([*parts[:place], "*", *parts[place + 1 :]]), parts[place]) for place in range(1, len(parts))]


def _part_name(part: str, language: str) -> str:
    found = names().get(f"name:{part}")
    return found.text(language) if found else part
