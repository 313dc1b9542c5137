"""Reminders before deadlines, and the chain of people who are told of a red notice (PN-03, BX-08).

A kind of deadline that is reminded of has one waiting deadline of kind `REMINDER` beside each of its own: it opens and
moves with it, is void when it is settled, and leads to the next. A late sweep sends the latest reminder only.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.deadlines import Subject, follow_deadlines, open_deadlines, void_deadlines
from core.events import SYSTEM, record_events
from core.models import Deadline, Event
from core.rules import has_lapsed
from notifications.models import InboxMessage, Notice
from notifications.queries.notices import SUBJECT
from notifications.rules import MessageGroup, NoticeLevel, State, last_reminder_due, reminder_due
from notifications.services.deliveries import CHAIN, tell_next
from notifications.services.messages import post_messages
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

REMINDER = "reminder"
# The event of a reminder.
SOON = "deadline.soon"
Kind = InboxMessage.Kind


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of deadlines of a ``kind``: so many ``hours`` before they are due, as messages of kind
    ``reminder.KIND``. ``about`` gives by subject what the messages are about: values of `InboxMessage`."""

    kind: str
    hours: Callable[[Policy], Sequence[int]]
    about: Callable[[Collection[str]], Mapping[str, Mapping[str, Any]]]

    def opened(self, due: Mapping[Subject, datetime], at: Mapping[Subject, datetime]) -> None:
        """Open, or move, the first reminder of each."""
        hours = {instant: self.hours(policy_at(instant)) for instant in set(at.values())}
        first = {subject: reminder_due(due_at, hours[at[subject]], at[subject]) for subject, due_at in due.items()}
        self._open({subject: instant for subject, instant in first.items() if instant is not None}, at)
        none_left = [subject for subject, instant in first.items() if instant is None]
        void_deadlines(kind=REMINDER, subject_kind=self.kind, subjects=none_left, at=at)

    def settled(self, subjects: Collection[Subject], at: Mapping[Subject, datetime]) -> None:
        """There is nothing to remind of any more."""
        void_deadlines(kind=REMINDER, subject_kind=self.kind, subjects=subjects, at=at)

    def send(self, reminders: Sequence[Deadline]) -> None:
        """Remind of the deadlines that are still open, and open the next reminder of each."""
        parents = self._parents(reminders)
        due: dict[str, tuple[Deadline, datetime]] = {}
        following: dict[Subject, datetime] = {}
        for reminder in reminders:
            parent = parents.get(reminder.subject)
            at = reminder.swept_at or reminder.due_at
            if parent is None or has_lapsed(parent.due_at, at):
                continue
            hours = self.hours(policy_at(parent.opened_at))
            if (last := last_reminder_due(parent.due_at, hours, at)) is not None:
                due[parent.subject_key] = (parent, last)
            if (after := reminder_due(parent.due_at, hours, at)) is not None:
                following[parent.subject] = after
        self._open(following, {subject: parents[subject].opened_at for subject in following})
        self._post(due)

    def _parents(self, reminders: Sequence[Deadline]) -> dict[Subject, Deadline]:
        rows = Deadline.objects.filter(
            kind=self.kind,
            store_id__in={reminder.store_id for reminder in reminders},
            subject_key__in={reminder.subject_key for reminder in reminders},
            state=Deadline.State.OPEN,
        )
        return {row.subject: row for row in rows}

    def _open(self, due: Mapping[Subject, datetime], at: Mapping[Subject, datetime]) -> None:
        if due:
            opened = {subject: at[subject] for subject in due}
            open_deadlines(kind=REMINDER, subject_kind=self.kind, due=due, at=opened)

    def _post(self, due: Mapping[str, tuple[Deadline, datetime]]) -> None:
        about = self.about(due.keys())
        rows = Store.objects.select_related("company")
        stores = rows.in_bulk({parent.store_id for parent, _at in due.values()})
        told = [
            (parent, at, stores[parent.store_id], about[key])
            for key, (parent, at) in due.items()
            if key in about and parent.store_id in stores
        ]
        new = {message.event for message in post_messages([self._message(*one) for one in told])}
        record_events([self._event(*one) for one in told if self._name(*one[:2]) in new])

    def _name(self, parent: Deadline, at: datetime) -> str:
        return f"reminder.{self.kind} {parent.subject_key} {at.isoformat()}"

    def _event(self, parent: Deadline, at: datetime, store: Store, about: Mapping[str, Any]) -> Event:
        return Event(
            kind=SOON,
            subject_kind=parent.subject_kind,
            subject_key=parent.subject_key,
            store_no=store.store_no,
            company_no=store.company.company_no,
            actor=SYSTEM,
            at=at,
            after={"deadline": self.kind, "due_at": parent.due_at.isoformat()},
        )

    def _message(self, parent: Deadline, at: datetime, store: Store, about: Mapping[str, Any]) -> InboxMessage:
        kind = f"reminder.{self.kind}"
        given = {
            "deadline": self.kind,
            "subject": parent.subject_key,
            "number": parent.subject_key,
            "due_at": parent.due_at.isoformat(),
            **about.get("parameters", {}),
        }
        return InboxMessage(
            company_id=store.company_id,
            store=store,
            notice=about.get("notice"),
            kind=kind,
            group=MessageGroup.DEADLINE,
            event=self._name(parent, at),
            parameters=given,
            at=at,
        )


_reminders: dict[str, Reminders] = {}


def remind_of(reminders: Reminders) -> None:
    """Have people reminded of the deadlines of a kind."""
    _reminders[reminders.kind] = reminders
    follow_deadlines(reminders.kind, reminders)


def send_reminders(reminders: Sequence[Deadline]) -> None:
    """Send the reminders that are due."""
    by_kind: dict[str, list[Deadline]] = defaultdict(list)
    for reminder in reminders:
        by_kind[reminder.subject_kind].append(reminder)
    for kind, rows in by_kind.items():
        _reminders[kind].send(rows)


# ── Notices ────────────────────────────────────────────────────────────────────────────────────────────────────────


def about_notices(numbers: Collection[str]) -> dict[str, dict[str, Any]]:
    """What reminders about notices are about."""
    rows = Notice.objects.filter(number__in=numbers)
    return {
        notice.number: {"notice": notice, "parameters": {"metric": notice.metric, "level": notice.level}}
        for notice in rows
    }


class Chain:
    """The chain of people ends when somebody opens the notice."""

    def opened(self, due: Mapping[Subject, datetime], at: Mapping[Subject, datetime]) -> None:
        """It opens when the first group is told."""

    def settled(self, subjects: Collection[Subject], at: Mapping[Subject, datetime]) -> None:
        void_deadlines(kind=CHAIN, subject_kind=SUBJECT, subjects=subjects, at=at)


def continue_chains(deadlines: Sequence[Deadline]) -> None:
    """Tell the next people of red notices that nobody has opened (BX-08)."""
    rows = InboxMessage.objects.select_related("notice", "company").filter(
        notice__number__in=[deadline.subject_key for deadline in deadlines],
        notice__state=State.ISSUED,
        notice__level=NoticeLevel.RED,
        notice__opened_at=None,
        kind__in=(Kind.ISSUED, Kind.ESCALATED),
    )
    messages = {message.parameters["number"]: message for message in rows}
    due = {messages[row.subject_key]: row.due_at for row in deadlines if row.subject_key in messages}
    if due:
        tell_next(due)
