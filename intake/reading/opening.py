"""What is needed to open the files of an import."""

from dataclasses import dataclass, field
from pathlib import Path

from intake.reading.answers import AnswerBook


@dataclass(frozen=True)
class Opening:
    """``workspace`` takes what has to be unpacked or converted; ``zone``: of times without an offset; ``answers``:
    what a person said of the files."""

    path: Path
    workspace: Path
    zone: str = ""
    answers: AnswerBook = field(default_factory=AnswerBook)
