"""What a person says of files that don't say it themselves: encoding, store, zone, currency (IX-06b)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Answers:
    """Empty: not said."""

    encoding: str = ""
    store: str = ""
    store_name: str = ""
    zone: str = ""
    currency: str = ""

    def over(self, other: "Answers") -> "Answers":
        """These, and the other ones where these say nothing."""
        return Answers(**{one.name: getattr(self, one.name) or getattr(other, one.name) for one in fields(self)})


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
