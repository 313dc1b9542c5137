"""What must be done now: one list by urgency, of orders, disputes, notices and appeals (PG-03)."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.pages import formats
from dashboard.presenters.appeal_todos import appeal_todos
from dashboard.presenters.notice_todos import notice_todos
from dashboard.presenters.todo_item import Action, Todo
from dashboard.queries.panel import Work
from disputes.queries.todo import AnswerDue
from orders.queries.todo import Pile
from stores.models import Store

# So many items stand open; what is less urgent is folded away under them.
SHOWN = 8
CLOCK_WORDS = {
    "golden": gettext_lazy("golden hours"),
    "late": gettext_lazy("late answer"),
    "default": gettext_lazy("continues without your answer"),
}


def todo_list(store: Store, work: Work, at: datetime, *, may_write: bool) -> list[Todo]:
    """Everything to do in a store, the most urgent first; equal ones by what ends or began first. The reader
    ``may_write`` or not."""
    cases = [*notice_todos(store, work.notices, may_write=may_write), *appeal_todos(store, work.appeals)]
    found = [*_orders(store, work), *_disputes(store, work), *cases]
    return sorted(found, key=lambda one: (one.urgency(at), one.due or one.since or at))


def orders_tab(store: Store, tab: str) -> str:
    """The address of a tab of the order list."""
    return f"{reverse('dashboard:orders', args=[store.store_no])}?{urlencode({'tab': tab})}"


def _orders(store: Store, work: Work) -> list[Todo]:
    soon, first = pgettext("urgency", "soon"), pgettext("of several deadlines", "first")
    piles = (
        (work.orders.late, "late", "red", pgettext("urgency", "overdue"), late_text, _LATE_NOTE),
        (work.orders.to_confirm, "confirm", "yellow", soon, confirm_text, _CONFIRM_NOTE),
        (work.orders.soon, "soon", "yellow", soon, ship_text, _SOON_NOTE),
        (work.orders.later, "later", "info", pgettext("urgency", "later"), ship_text, ""),
    )
    return [
        Todo(
            title=text(pile.count),
            url=orders_tab(store, tab),
            first=Action(_act(tab, pile), orders_tab(store, tab)),
            level=level,
            word=word,
            note=str(note),
            due=pile.first_due,
            due_note=first if pile.count > 1 else "",
        )
        for pile, tab, level, word, text, note in piles
        if pile.count
    ]


_LATE_NOTE = gettext_lazy("Each counts as dispatched late; the buyer may cancel it.")
_SOON_NOTE = gettext_lazy("If shipped in time, they don't count as late.")
_CONFIRM_NOTE = gettext_lazy("Confirming dispatch in time avoids a warning.")


def _act(tab: str, pile: Pile) -> str:
    count = {"count": formats.number(pile.count)}
    if tab == "confirm":
        return ngettext("Confirm: %(count)s order", "Confirm: %(count)s orders", pile.count) % count
    return ngettext("Ship: %(count)s order", "Ship: %(count)s orders", pile.count) % count


def late_text(count: int) -> str:
    """``2 orders past their dispatch deadline``."""
    text = ngettext(
        "%(count)s order past its dispatch deadline", "%(count)s orders past their dispatch deadline", count
    )
    return text % {"count": formats.number(count)}


def ship_text(count: int) -> str:
    """``5 orders to ship``."""
    return ngettext("%(count)s order to ship", "%(count)s orders to ship", count) % {"count": formats.number(count)}


def confirm_text(count: int) -> str:
    """``9 orders to confirm``."""
    return ngettext("%(count)s order to confirm", "%(count)s orders to confirm", count) % {
        "count": formats.number(count)
    }


def _disputes(store: Store, work: Work) -> list[Todo]:
    """Each dispute that waits for an answer leads to its page; beyond those at hand one line leads to all of them."""
    items = [_dispute(store, answer) for answer in work.answers]
    if work.answers_total > len(work.answers):
        items.append(_all_disputes(store, work.answers, work.answers_total))
    return items


def _dispute(store: Store, answer: AnswerDue) -> Todo:
    url = reverse("dashboard:dispute", args=[store.store_no, answer.dispute_no])
    claimed = "" if answer.claimed_usd is None else formats.money(answer.claimed_usd, "USD")
    return Todo(
        title=_("Answer dispute %(number)s") % {"number": answer.dispute_no},
        url=url,
        first=Action(pgettext("verb", "Answer"), url),
        level="yellow",
        word=pgettext("urgency", "soon"),
        note=" · ".join(filter(None, (answer.kind, claimed))),
        due=answer.due_at,
        due_note=str(CLOCK_WORDS[answer.clock]),
    )


def _all_disputes(store: Store, shown: Sequence[AnswerDue], total: int) -> Todo:
    url = f"{reverse('dashboard:disputes', args=[store.store_no])}?part=answer"
    text = ngettext("%(count)s dispute waits for an answer", "%(count)s disputes wait for an answer", total)
    return Todo(
        title=text % {"count": formats.number(total)},
        url=url,
        first=Action(_("Show all of them"), url),
        level="yellow",
        word=pgettext("urgency", "later"),
        due=shown[-1].due_at if shown else None,
    )
