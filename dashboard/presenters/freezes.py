"""Past freezes of a store's rating as rows of a table: when, why, in which figures, ended by whom and why (SR-06)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages import formats
from metrics.models import RatingFreeze
from metrics.presenters.freezes import cause_texts


@dataclass(frozen=True, slots=True)
class FreezeRow:
    """A freeze: from when to when, why, which rating it held, ended by whom and why."""

    first: str
    last: str
    predicted: bool
    causes: list[str]
    held: str
    ended: str
    reason: str


def freeze_rows(freezes: Iterable[RatingFreeze]) -> list[FreezeRow]:
    """What templates/dashboard/_freezes.html reads."""
    return [_row(freeze) for freeze in freezes]


def _row(freeze: RatingFreeze) -> FreezeRow:
    return FreezeRow(
        first=formats.day(freeze.start_day),
        last=formats.day(freeze.end_day) if freeze.end_day else "",
        predicted=freeze.predicted,
        causes=cause_texts(freeze),
        held="" if freeze.predicted or freeze.held is None else formats.score(freeze.held),
        ended=_ended(freeze),
        reason=freeze.reason,
    )


def _ended(freeze: RatingFreeze) -> str:
    """When it ended and by whom; a person without a name is a reviewer, whose address is nobody's business. A
    predicted one ends of itself when its anomaly does."""
    if freeze.ended_at is None:
        return ""
    at = formats.instant(freeze.ended_at, timezone.get_current_timezone())
    if freeze.predicted:
        return at
    name = freeze.ended_by.name if freeze.ended_by else ""
    return _("%(at)s by %(who)s") % {"at": at, "who": name or _("a reviewer")}
