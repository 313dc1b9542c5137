"""What is needed to open the files of an import."""

from dataclasses import dataclass, field
from pathlib import Path

from intake.reading.answers import AnswerBook, Memory


@dataclass(frozen=True)
class Opening:
    """``workspace`` takes what has to be unpacked or converted; ``zone``: of times without an offset; ``answers``:
    what a person said of the files; ``memory``: what earlier imports were told; ``is_look``: only to show what the
    files are: what nobody said yet is then assumed, not refused."""

    path: Path
    workspace: Path
    zone: str = ""
    answers: AnswerBook = field(default_factory=AnswerBook)
    memory: Memory = field(default_factory=Memory)
    is_look: bool = False
