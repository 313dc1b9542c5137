"""The refunds and returns of a store by what they wait for (TM-12, TM-13)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from core.events import event_label, kinds_for_company
from core.models import Event
from orders.models import Message, Order, Refund, ReturnParcel
from orders.queries.refunds import REFUND, RETURN, R
from orders.rules.refunds import OPEN_REFUNDS, UNANSWERED, RefundState
from rulebook.queries import policy_at
from stores.actors import names_of_actors
from stores.models import Store

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Rows = QuerySet[Any]
# More than this is shown as "999+".
MOST_COUNTED = 999
MESSAGES = 20


def _unanswered(store: Store) -> QuerySet[Refund]:
    return Refund.objects.filter(store=store, completed_at=None, answered_at=None, state__in=UNANSWERED)


def _answer_from(at: datetime) -> datetime:
    """Requests from this instant on can still be answered."""
    return at - timedelta(days=policy_at(at).transactions.refund_answer_days)


def _inspect_from(at: datetime) -> datetime:
    return at - timedelta(hours=policy_at(at).transactions.inspect_hours)


def to_answer(store: Store, at: datetime) -> Rows:
    """Refunds whose answer is still in time, what lapses first in front."""
    return _unanswered(store).filter(requested_at__gte=_answer_from(at)).order_by("requested_at", "pk")


def to_inspect(store: Store, at: datetime) -> Rows:
    """Returned parcels whose inspection is still in time, what lapses first in front."""
    back = ReturnParcel.objects.filter(store=store, inspected_at=None, received_at__gte=_inspect_from(at))
    return back.order_by("received_at", "pk")


def refunds_waiting(store: Store, at: datetime) -> Rows:
    """Refunds that wait for the buyer, for goods, or, their time being over, for what the platform does."""
    over = Q(answered_at=None, state__in=UNANSWERED, requested_at__lt=_answer_from(at))
    answered = Q(state__in=(RefundState.AGREED, RefundState.PARTIAL))
    return Refund.objects.filter(over | answered, store=store, completed_at=None).order_by("-requested_at", "-pk")


def returns_under_way(store: Store, at: datetime) -> Rows:
    """Goods that come back, and those whose inspection is overdue."""
    away = Q(received_at=None) | Q(received_at__lt=_inspect_from(at))
    rows = ReturnParcel.objects.filter(away, store=store, inspected_at=None)
    return rows.order_by(F("shipped_back_at").desc(nulls_last=True), "-pk")


def refunds_over(store: Store, at: datetime) -> Rows:
    """Refunds in which nothing is awaited any more, the latest request first."""
    ended = Q(completed_at__isnull=False) | ~Q(state__in=OPEN_REFUNDS)
    return Refund.objects.filter(ended, store=store).order_by("-requested_at", "-pk")


@dataclass(frozen=True, slots=True)
class DeskTab:
    """One list of the desk: ``kind`` says whether its rows are refunds or returns."""

    code: str
    label: "StrPromise"
    kind: str
    select: Callable[[Store, datetime], Rows]
    counted: bool = True


TABS = (
    DeskTab("answer", _("To answer"), REFUND, to_answer),
    DeskTab("inspect", _("To inspect"), RETURN, to_inspect),
    DeskTab("waiting", _("Waiting for others"), REFUND, refunds_waiting),
    DeskTab("back", _("On their way back"), RETURN, returns_under_way),
    DeskTab("over", _("Finished"), REFUND, refunds_over, counted=False),
)
BY_CODE = {tab.code: tab for tab in TABS}


def count_of(tab: DeskTab, store: Store, at: datetime) -> int:
    """How many rows a tab has, at most ``MOST_COUNTED`` + 1."""
    return tab.select(store, at).order_by()[: MOST_COUNTED + 1].count()


# ── One of them ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who did what last."""

    what: "StrPromise | str"
    who: str
    at: datetime


def refund_of(store: Store, number: str) -> Refund:
    """The store's refund of this number. Raises Http404."""
    return _one(Refund.objects.filter(store=store), "refund_no", number)


def return_of(store: Store, number: str) -> ReturnParcel:
    """The store's return of this number. Raises Http404."""
    return _one(ReturnParcel.objects.filter(store=store), "return_no", number)


def _one(rows: QuerySet[R], name: str, number: str) -> R:
    # PostgreSQL refuses text with NUL as an error of the query.
    found = (
        None if "\x00" in number else rows.select_related("store__company", "order").filter(**{name: number}).first()
    )
    if found is None:
        raise Http404
    return found


def refunds_of(order: Order) -> Sequence[Refund]:
    """The refunds of an order, the latest first."""
    return list(Refund.objects.filter(order=order).order_by("-requested_at", "-pk"))


def returns_of(order: Order) -> Sequence[ReturnParcel]:
    """The returns of an order, the latest first."""
    return list(ReturnParcel.objects.filter(order=order).order_by(F("shipped_back_at").desc(nulls_last=True), "-pk"))


def thread_of(order: Order) -> Sequence[Message]:
    """The latest messages about an order, in order of time."""
    return list(Message.objects.filter(order=order).order_by("-sent_at", "-pk")[:MESSAGES])[::-1]


def last_change(store: Store, kind: str, number: str) -> LastChange | None:
    """The last thing that people, programs or the system did to a refund or return (RL-06)."""
    events = Event.objects.filter(store_no=store.store_no, subject_kind=kind, subject_key=number)
    event = events.filter(kind__in=kinds_for_company()).order_by("-pk").first()
    if event is None:
        return None
    return LastChange(str(event_label(event)), names_of_actors([event.actor])[event.actor], event.at)
