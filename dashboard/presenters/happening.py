"""What a chart of a metric says of a day (PG-04)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened on ``day``, or from it to ``until``, or goes on since (``goes_on``): its sentence, its
    colour on the chart (red, yellow, accent, muted) and the page that tells more."""

    day: date
    text: str
    tone: str = "muted"
    url: str = ""
    until: date | None = None
    goes_on: bool = False
