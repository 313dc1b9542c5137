"""What a person says of files that don't say it themselves: encoding, store, zone, currency (IX-06b)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# Stands for a store whose rows are not taken; no store can have this number.
LEFT_OUT = "."


@dataclass(frozen=True)
class Answers:
    """Empty: not said."""

    encoding: str = ""
    store: str = ""
    store_name: str = ""
    zone: str = ""
    currency: str = ""
    # Which part of a date of numbers comes first: day or month.
    date_order: str = ""
    # The store of each name that the files call one by; LEFT_OUT for rows that are not taken.
    stores: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: "Answers") -> "Answers":
        """These, and the other ones where these say nothing."""
        said = {one.name: getattr(self, one.name) or getattr(other, one.name) for one in fields(self)}
        return Answers(**{**said, "stores": {**other.stores, **self.stores}})


@dataclass(frozen=True)
class AnswerBook:
    """Answers for all files, and for single ones by name, which win."""

    general: Answers = Answers()
    files: Mapping[str, Answers] = field(default_factory=dict)

    def of(self, file: str) -> Answers:
        """What was said of a file."""
        return self.files.get(file, Answers()).over(self.general)

    def to_json(self) -> dict[str, Any]:
        """As data."""
        return {"general": asdict(self.general), "files": {name: asdict(said) for name, said in self.files.items()}}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "AnswerBook":
        """From data; empty data is a book that says nothing."""
        files = {name: Answers(**answers) for name, answers in said.get("files", {}).items()}
        return cls(Answers(**said.get("general", {})), files)


@dataclass(frozen=True)
class Memory:
    """What earlier imports were told, so that it needn't be said again. ``files``: the store of a format's files by the
    beginning of their name; ``stores``: zone, currency and order of dates by format and store; ``names``: the store, or
    LEFT_OUT, by format and the name that its files call it by; ``known``: names of the stores that are there and may be
    written; ``may_make``: whether a new store has a company to belong to."""

    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    stores: Mapping[tuple[str, str], Answers] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    may_make: bool = False

    def complete(self, said: Answers, profile: str, stem: str) -> Answers:
        """What was said of a file, and what is remembered where nothing was said."""
        said = said.over(Answers(store=self.files.get((profile, stem), "")))
        return said.over(self.stores.get((profile, said.store), Answers()))


@dataclass(frozen=True)
class Told:
    """What was said of a file that was taken: to be remembered."""

    profile: str
    stem: str
    answers: Answers
