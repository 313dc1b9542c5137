"""What appeals make of events: an accepted appeal corrects the figures at once, not at the next night (BX-03)."""

from collections.abc import Sequence

from appeals.services.correcting import correct_accepted
from appeals.services.first_reading import read_arbitrations
from appeals.services.telling import TOLD_KINDS, tell_appeals, tell_corrections
from appeals.services.withdrawing import close_appeals_of_notice
from core.models import Event
from core.outbox.subscribers import subscriber

# States of a notice in which nothing is left to appeal against.
ENDED = (
    "notice.waived",
    "notice.accepted",
    "notice.failed",
    "notice.resolved",
    "notice.rectified",
    "notice.cleared",
    "notice.escalated",
)


@subscriber("corrections", kinds=("appeal.accepted",))
def correct_figures(events: Sequence[Event]) -> None:
    """Accepted appeals are corrected within seconds of the decision; the outbox does so once, and again if it dies."""
    correct_accepted(numbers=[event.subject_key for event in events])


@subscriber("appeals", kinds=ENDED)
def close_with_notices(events: Sequence[Event]) -> None:
    """Appeals against a notice that has ended are closed, drafts among them (PN-06, PN-33)."""
    for event in events:
        close_appeals_of_notice(number=event.subject_key, at=event.at, cause=event.cause)


@subscriber("correction_messages", kinds=("correction.made", "correction.withdrawn"))
def tell_companies_of_corrections(events: Sequence[Event]) -> None:
    """Companies read what was corrected, and open the report."""
    tell_corrections(events=events)


@subscriber("appeal_messages", kinds=TOLD_KINDS)
def tell_companies_of_appeals(events: Sequence[Event]) -> None:
    """Companies read what became of their appeals, and why (PG-19)."""
    tell_appeals(events=events)


@subscriber("first_readings", kinds=("dispute.arbitration_begun",))
def read_disputes(events: Sequence[Event]) -> None:
    """Disputes that go to arbitration are read at once: both sides checked, a verdict recommended (DP-19)."""
    read_arbitrations(
        subjects={(event.store_no, event.subject_key) for event in events}, at=max(event.at for event in events)
    )
