"""What hangs on a metric, as its page shows it: what each level brings, what lasts, what ends it, amounts at stake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.templatetags.ui import sentences, status_word
from metrics.words import threshold_text
from penalties.figures import BLOCKED, HEALTH, LEVELS, LIABILITY, REVIEWED, brought_newly
from penalties.models import Penalty
from penalties.presenters.level_words import kind_words
from penalties.queries.consequences import Consequences, Premiums
from penalties.rules import PenaltyKind
from penalties.sources import source_named
from penalties.spells import Spell
from rulebook.policy import Policy


@dataclass(frozen=True, slots=True)
class ConsequenceRow:
    """From which threshold on the metric brings what, and whether it does; ``level`` and ``word``: its status."""

    level: str
    word: str
    threshold: str
    brings: str
    state: str


@dataclass(frozen=True, slots=True)
class ConsequencesPart:
    """What templates/penalties/_consequences.html reads. ``ends``: what ends a level; ``stake``: amounts at stake;
    ``others``: penalties by month-ends and months, in sentences; ``note``: that they are predictions."""

    rows: list[ConsequenceRow]
    ends: str
    others: list[str]
    stake: str
    note: str
    rules: list[str]


@dataclass(frozen=True, slots=True)
class ScorePenalty:
    """A penalty beside the score that brought it; ``url``: the page of the metric."""

    level: str
    word: str
    text: str
    url: str


def consequences_part(
    found: Consequences, first_threshold: Fraction | None, category_path: Sequence[str]
) -> ConsequencesPart:
    """``first_threshold``: the effective threshold of the mildest level, which young stores have their own of;
    ``category_path``: the store's category and those above it."""
    by_figure = {LEVELS.name: _level_rows, HEALTH.name: _health_rows}
    rows = by_figure.get(found.figure.name, _service_rows)
    mirrored = found.store.mode == found.store.Mode.MIRRORED
    return ConsequencesPart(
        rows=list(rows(found, first_threshold)),
        ends=_ends(found),
        others=_others(found, category_path),
        stake=_stake(found.premiums, found.policy) if found.premiums else "",
        note=_("Predicted: the store's platform decides on penalties.") if mirrored else "",
        rules={LEVELS.name: ["DP-04", "DP-11", "DP-12"], HEALTH.name: ["DP-06"]}.get(found.figure.name, ["TM-10"]),
    )


def _level_rows(found: Consequences, first_threshold: Fraction | None) -> Iterator[ConsequenceRow]:
    for place, (name, threshold) in enumerate(found.policy.metrics[LIABILITY].levels, 1):
        least = first_threshold if place == 1 and first_threshold is not None else threshold
        yield ConsequenceRow(
            level=name,
            word=status_word(name),
            threshold=_("from %(threshold)s") % {"threshold": threshold_text(least, "share")},
            brings=kind_words(brought_newly(found.policy, name)),
            state=_state(found.lasting.get(place), found.policy.disputes.level_end_days),
        )


def _health_rows(found: Consequences, _first: Fraction | None) -> Iterator[ConsequenceRow]:
    shs = found.policy.shs
    steps = (
        (BLOCKED, "yellow", shs.promotion_block_below, kind_words([PenaltyKind.PROMOTION_BLOCK])),
        (REVIEWED, "red", shs.manual_review_below, _("operations review the store")),
    )
    for grade, level, threshold, brings in steps:
        below = _("below %(threshold)s") % {"threshold": threshold_text(threshold, "score")}
        yield ConsequenceRow(level, status_word(level), below, brings, _state(found.lasting.get(grade), 1))


def _service_rows(found: Consequences, _first: Fraction | None) -> Iterator[ConsequenceRow]:
    rules = found.policy.metrics[found.figure.metric]
    words = _("below %(threshold)s") if rules.floor_top is not None else _("above %(threshold)s")
    yield ConsequenceRow(
        level="red",
        word=status_word("red"),
        threshold=words % {"threshold": threshold_text(rules.red or Decimal(0), rules.unit)},
        brings=_("warning of a lower service level"),
        state=_state(found.lasting.get(1), 1),
    )


def _state(spell: Spell | None, needed: int) -> str:
    """Since when it lasts, and how far it is from its end."""
    if spell is None:
        return _("not in force")
    since = _("since %(day)s") % {"day": _day(spell.first)}
    if needed == 1:
        return since
    below = ngettext("%(count)s of %(needed)s day below", "%(count)s of %(needed)s days below", needed)
    return _("%(since)s; %(below)s") % {"since": since, "below": below % {"count": spell.below, "needed": needed}}


def _day(day: date) -> str:
    return formats.day(day)


def _ends(found: Consequences) -> str:
    days = found.policy.disputes.level_end_days
    if found.figure is LEVELS:
        return ngettext(
            "What a level brings ends when the rate has been below it on %(days)s day.",
            "What a level brings ends when the rate has been below it on %(days)s consecutive days.",
            days,
        ) % {"days": days}
    return _("It ends with the first published day on which the figure is back.")


def _others(found: Consequences, category_path: Sequence[str]) -> list[str]:
    """Penalties by months and month-ends that are in force, and the commission that may come (DP-11)."""
    told = [_sentences_of(row) for row in found.penalties if row.source in ("insurance", "commission")]
    disputes = found.policy.disputes
    rates = disputes.commission_categories
    rate = next((rates[code] for code in category_path if code in rates), None)
    charged = any(row.source == "commission" for row in found.penalties)
    if found.figure is LEVELS and rate is not None and not charged:
        text = _(
            "A rate of at least %(threshold)s at the end of %(months)s consecutive months raises the commission from "
            "%(before)s to %(after)s."
        )
        told.append(
            text
            % {
                "threshold": formats.limit_percent(disputes.commission_line),
                "months": disputes.commission_months,
                "before": formats.limit_percent(rate),
                "after": formats.limit_percent(rate + disputes.commission_surcharge),
            }
        )
    return told


def score_penalty_rows(code: str, penalties: Sequence[Penalty]) -> list[ScorePenalty]:
    """The penalties that a composite score brought: the health score its own, the service level those of the hard
    thresholds (DP-06, TM-10)."""
    source = "health" if code == "shs" else "service"
    return [_score_penalty(row) for row in penalties if row.source == source]


def _score_penalty(row: Penalty) -> ScorePenalty:
    words = source_named(row.source).words(row)
    if row.predicted:
        return ScorePenalty("info", _("predicted"), sentences([words.cause, words.lifted_by]), words.url)
    return ScorePenalty("yellow", row.get_kind_display(), sentences([words.cause, words.lifted_by]), words.url)


def _sentences_of(row: Penalty) -> str:
    words = source_named(row.source).words(row)
    return sentences([words.cause, words.lifted_by])


def _stake(premiums: Premiums, policy: Policy) -> str:
    """What the insurance costs this month, or would cost (DP-12)."""
    surcharge = policy.disputes.insurance_surcharge
    given = {
        "paid": formats.money(premiums.paid),
        "surcharge": formats.limit_percent(surcharge),
        "more": formats.money(premiums.paid * surcharge),
    }
    told = []
    if premiums.is_forfeit:
        told.append(_("Premiums of this month, %(paid)s so far, are not refunded."))
    if premiums.is_surcharged:
        told.append(_("The surcharge of this month is %(more)s so far (%(surcharge)s of %(paid)s)."))
    if premiums.is_forfeit and not premiums.is_surcharged:
        told.append(_("From next month on the surcharge would be %(more)s a month at the same volume (%(surcharge)s)."))
    if not told:
        told.append(
            _(
                "At stake with the insurance surcharge: %(paid)s of premiums this month so far, which would not be "
                "refunded, and %(more)s a month more (%(surcharge)s)."
            )
        )
    return sentences([one % given for one in told])
