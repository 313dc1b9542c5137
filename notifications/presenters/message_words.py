"""Messages about notices, advice and freezes in words, in the reader's language (PG-19)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences
from insights.presenters.freezes import freeze_words
from metrics.models import RatingFreeze
from notifications.kinds import Words
from notifications.models import InboxMessage
from notifications.presenters.wording import NEXT_STEPS, crossed_sentence
from notifications.rules import NoticeLevel
from notifications.titles import title_of
from rulebook.queries import PolicyPeriod, policy_in

Given = Mapping[str, Any]


def issued_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """What crossed which threshold, and until when to act."""
    given = message.parameters
    title = _("Red notice %(number)s") if _is_red(given) else _("Yellow notice %(number)s")
    return Words(title % _number(given), sentences([_crossed(given), *_times(given)]))


def escalated_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    replaces = _("It replaces the yellow notice %(replaces)s.") % {"replaces": given["replaces"]}
    title = _("Red notice %(number)s") % _number(given)
    return Words(title, sentences([_crossed(given), replaces, *_times(given)]))


def waived_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    title = _("Appeal waived: notice %(number)s") % _number(message.parameters)
    return Words(title, _("Nobody of the company opened the notice in time, so it can't be appealed any more."))


def predicted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Red notice predicted: %(number)s") if _is_red(given) else _("Yellow notice predicted: %(number)s")
    expect = _("Expect a notice from the platform; this one has no consequences here.")
    return Words(title % _number(given), sentences([_crossed(given), expect]))


def assigned_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("You are responsible for notice %(number)s") % _number(given)
    return Words(title, sentences([_crossed(given), *_times(given)]))


def plan_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """The plan is to be written, or goes on after a second appeal (BX-05)."""
    given = message.parameters
    if until := _instant(given.get("verify_at")):
        title = _("Improvement plan goes on: notice %(number)s") % _number(given)
        text = _("The notice still stands after the appeal. The plan that was handed in is verified on %(until)s.")
        return Words(title, text % {"until": until})
    title = _("Improvement plan due: notice %(number)s") % _number(given)
    texts = [
        _("The notice still stands after the appeal."),
        _("Hand in a written plan: what caused it, what was done, what prevents it."),
    ]
    if until := _instant(given.get("plan_by")):
        texts.append(_("Hand it in by %(until)s, or the plan has failed.") % {"until": until})
    return Words(title, sentences(texts))


def plan_submitted_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Improvement plan handed in: notice %(number)s") % _number(given)
    texts = [_("When its time is over, the metric has to be out of red.")]
    if until := _instant(given.get("verify_at")):
        texts.append(_("It is verified on %(until)s.") % {"until": until})
    return Words(title, sentences(texts))


def failed_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    title = _("Improvement plan failed: notice %(number)s") % _number(message.parameters)
    return Words(title, _("A senior reviewer looks at the notice. Its restrictions last until the review is over."))


def resolved_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Notice %(number)s is resolved") % _number(given)
    how = _("The manual review is over.") if given.get("reviewed") else _("The plan was verified.")
    return Words(title, sentences([how, _("The notice stays in the performance record.")]))


def rectified_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    title = _("Notice %(number)s is rectified") % _number(message.parameters)
    return Words(title, _("The metric stayed within its threshold long enough. The notice is closed."))


def cleared_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    title = _("Notice %(number)s is cleared") % _number(message.parameters)
    return Words(title, _("The metric came back within its threshold in time. The notice does not count any more."))


def advice_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Advice on a dimension: how far it is off, and the next step (SR-07)."""
    given = message.parameters
    names = {
        "metric": title_of(given["metric"]),
        "day": given["day"],
        "value": formats.score(given["value"]),
        "benchmark": formats.score(given["benchmark"]),
        "deviation": formats.percent(given["deviation"], signed=True),
    }
    found = _("%(metric)s was %(value)s on %(day)s, the benchmark %(benchmark)s: a deviation of %(deviation)s.") % names
    return Words(_("Advice: %(metric)s") % names, sentences([found, str(NEXT_STEPS[given["metric"]])]))


def dependence_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    """Advice on dependence on one carrier: how much goes with it, and the next step (PN-36)."""
    given = message.parameters
    threshold = Decimal(given["threshold"])
    names = {
        "carrier": given["carrier"],
        "share": formats.percent(Decimal(given["share"]), [threshold]),
        "threshold": formats.limit_percent(threshold),
        "days": given["days"],
        "day": given["day"],
        "shipments": formats.number(given["shipments"]),
    }
    found = _(
        "%(carrier)s carried %(share)s of the %(shipments)s orders shipped in the %(days)s days up to %(day)s; more "
        "than %(threshold)s is a risk if it fails."
    )
    step = _(
        "Register a second carrier and give it part of the orders. The comparison of carriers shows which does well."
    )
    return Words(_("Advice: dependence on one carrier"), sentences([found % names, step]))


def freeze_message_words(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> Words:
    """A freeze of the rating as it was when the message was written (SR-06)."""
    given = message.parameters
    freeze = RatingFreeze(
        start_day=date.fromisoformat(given["first"]),
        end_day=date.fromisoformat(given["last"]) if given["last"] else None,
        predicted=message.kind == InboxMessage.Kind.FREEZE_PREDICTED,
        held=None if given["held"] is None else Decimal(given["held"]),
        causes=given["causes"],
        opened_at=datetime.fromisoformat(given["opened_at"]),
        reason=given["reason"],
    )
    told = freeze_words(freeze, policy_in(periods, message.at))
    return Words(told["title"], told["text"])


def view_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Still unopened: red notice %(number)s") % _number(given)
    texts = [
        _("Nobody of the company has opened the notice on %(metric)s.") % {"metric": title_of(given["metric"])},
        _("Open it by %(until)s, or its appeal is waived.") % {"until": _instant(given["due_at"])},
    ]
    return Words(title, sentences(texts))


def appeal_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("The time to appeal ends: notice %(number)s") % _number(given)
    texts = [
        _("The notice on %(metric)s can be appealed until %(until)s.")
        % {"metric": title_of(given["metric"]), "until": _instant(given["due_at"])},
        _("Afterwards it stands, and its problem orders count."),
    ]
    return Words(title, sentences(texts))


def plan_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Improvement plan due soon: notice %(number)s") % _number(given)
    return Words(title, _("Hand it in by %(until)s, or the plan has failed.") % {"until": _instant(given["due_at"])})


def measure_reminder_words(message: InboxMessage, _periods: Sequence[PolicyPeriod]) -> Words:
    given = message.parameters
    title = _("Today: a measure of the plan for notice %(number)s") % _number(given)
    return Words(title, given["measure"])


def _is_red(given: Given) -> bool:
    return bool(given["level"] == NoticeLevel.RED)


def _number(given: Given) -> dict[str, Any]:
    return {"number": given["number"]}


def _crossed(given: Given) -> str:
    return crossed_sentence(
        given["metric"], given["level"], given["day"], Decimal(given["value"]), Decimal(given["line"]), given["unit"]
    )


def _times(given: Given) -> list[str]:
    """Until when to open and to appeal; messages of older versions don't tell."""
    texts = []
    if until := _instant(given.get("open_by")):
        texts.append(_("Open it by %(until)s, or its appeal is waived.") % {"until": until})
    if until := _instant(given.get("appeal_by")):
        texts.append(_("It can be appealed until %(until)s.") % {"until": until})
    return texts


def _instant(stored: str | None) -> str:
    """A stored instant in the reader's zone."""
    return formats.instant(datetime.fromisoformat(stored), timezone.get_current_timezone()) if stored else ""
