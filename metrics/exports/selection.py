"""What an export is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stores.models import Store


@dataclass(frozen=True)
class Selection:
    """What to export: stores in order, both days included, and for problem orders the metric."""

    stores: Sequence[Store]
    first: date
    last: date
    metric: str = ""
