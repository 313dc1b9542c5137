"""Appeals in the reader's words."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from appeals.models import EXCEPTION_TYPES
from appeals.queries.kinds import Subject
from appeals.rules import AppealKind, AppealState, Refusal
from notifications.presenters.parts import notice_url, threshold_of, unit_of
from notifications.presenters.wording import figure
from notifications.titles import title_of

# Why an appeal can't be started or submitted, and what can be done instead.
REFUSALS: dict[Refusal, Any] = {
    Refusal.WAIVED: gettext_lazy("Nobody of the company opened the notice in time, so its appeal is waived."),
    Refusal.REPLACED: gettext_lazy("A red notice has replaced this one: appeal against that one."),
    Refusal.OVER: gettext_lazy("The notice is closed: nothing is left to appeal against."),
    Refusal.HISTORICAL: gettext_lazy("The notice is a record of a day long past: nothing follows from it."),
    Refusal.NOT_NEGATIVE: gettext_lazy("The order has no negative review that counts."),
    Refusal.NOT_CLOSED: gettext_lazy("The dispute has no verdict yet."),
    Refusal.NOT_LIABLE: gettext_lazy("The verdict doesn't hold the store liable."),
    Refusal.NOTHING_TO_NAME: gettext_lazy("It names complaints only, and an appeal is about orders."),
    Refusal.TOO_LATE: gettext_lazy("The time for it is over."),
    Refusal.UNDER_REVIEW: gettext_lazy("An appeal is under review already."),
    Refusal.DECIDED: gettext_lazy("It was decided and can't be appealed again."),
    Refusal.MIRRORED: gettext_lazy("The platform decides about this store: hand the case in there."),
    Refusal.NO_ORDERS: gettext_lazy("No order is chosen."),
    Refusal.NO_EXCEPTION: gettext_lazy("An order has no exception type."),
    Refusal.NO_STATEMENT: gettext_lazy("The statement is empty."),
    Refusal.NOTHING_NEW: gettext_lazy("Something new is needed: a file, or words on what was asked."),
    Refusal.NO_EXPEDITED: gettext_lazy("Only gold and platinum stores can have a review expedited."),
    Refusal.NO_POINTS: gettext_lazy("No reward point is left this year for an expedited review."),
}
EXCEPTIONS: dict[str, Any] = dict(EXCEPTION_TYPES)
# The tone of a state, as templates/components/status.html takes it.
LEVELS: dict[str, str] = {
    AppealState.DRAFT: "info",
    AppealState.REVIEW: "info",
    AppealState.SUPPLEMENT: "yellow",
    AppealState.ACCEPTED: "ok",
    AppealState.REJECTED: "red",
    AppealState.WITHDRAWN: "no_data",
    AppealState.CLOSED: "no_data",
}


def subject_title(subject: Subject) -> str:
    """What an appeal is against: ``Late dispatch 8.82 %``."""
    if subject.notice is not None:
        notice = subject.notice
        value = figure(notice.value, unit_of(notice), threshold_of(notice))
        return f"{title_of(notice.metric)} {value}"
    if subject.kind == AppealKind.REVIEW:
        return _("Negative review of order %(number)s") % {"number": subject.key}
    return _("Verdict on dispute %(number)s") % {"number": subject.key}


def subject_name(kind: str, key: str) -> str:
    """How the subject is called in one word and its number."""
    names = {
        AppealKind.NOTICE: pgettext("subject of an appeal", "Notice %(number)s"),
        AppealKind.REVIEW: pgettext("subject of an appeal", "Order %(number)s"),
        AppealKind.VERDICT: pgettext("subject of an appeal", "Dispute %(number)s"),
    }
    return names[AppealKind(kind)] % {"number": key}


def subject_url(subject: Subject) -> str:
    """The page of what is appealed against."""
    if subject.notice is not None:
        return notice_url(subject.notice, subject.store.store_no)
    assert subject.order is not None
    return reverse("dashboard:order", args=[subject.store.store_no, subject.order.order_no])
