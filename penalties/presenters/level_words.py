"""The causes of penalties that hang on figures, and what lifts them, in the reader's language (DP-04, DP-06, DP-11,
DP-12, TM-10, SR-06)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences, status_word
from metrics.catalogue import METRICS
from metrics.words import threshold_text, value_text
from penalties.figures import LIABILITY
from penalties.models import KINDS, Penalty
from penalties.rules import PenaltyKind
from penalties.sources import GroundWords

KIND_WORDS: Mapping[str, Any] = dict(KINDS)


def kind_words(kinds: list[str]) -> str:
    """Kinds of penalties in a row."""
    return _(", ").join(str(KIND_WORDS[kind]) for kind in kinds)


def metric_url(penalty: Penalty, code: str) -> str:
    """The page of the metric that a penalty hangs on."""
    return reverse("dashboard:metric", args=[penalty.store.store_no, code])


def liability_words(penalty: Penalty) -> GroundWords:
    """The level that was reached, and the days below that end what it brought (DP-04)."""
    given = penalty.facts
    level = status_word(given["level"])
    cause = _("The liability rate was %(value)s on %(day)s and reached %(level)s.") % {
        "value": formats.percent(given["value"]),
        "day": given["day"],
        "level": level,
    }
    return GroundWords(_liability_cause(penalty, cause), _liability_end(penalty, level), metric_url(penalty, LIABILITY))


def _liability_cause(penalty: Penalty, cause: str) -> str:
    if penalty.kind == PenaltyKind.LISTING_DELISTED:
        own = _(
            "At least %(least)s disputes judged the seller's, and %(share)s of the store's, were about this listing."
        )
        given = {"least": penalty.facts["least"], "share": formats.limit_percent(penalty.facts["share"])}
        return sentences([cause, own % given])
    if penalty.kind == PenaltyKind.AD_PREMIUM_CAP:
        capped = _("Ad premiums may be %(to)s at most instead of %(from)s.")
        given = {name: formats.limit_percent(penalty.facts[name]) for name in ("from", "to")}
        return sentences([cause, capped % given])
    follows = [
        _("At %(level)s, from %(threshold)s: %(penalties)s.")
        % {
            "level": status_word(name),
            "threshold": formats.limit_percent(threshold),
            "penalties": kind_words(kinds),
        }
        for name, threshold, kinds in penalty.facts.get("follows", ())
    ]
    return sentences([cause, *follows])


def _liability_end(penalty: Penalty, level: str) -> str:
    if penalty.kind == PenaltyKind.LISTING_DELISTED:
        return _("It may go online again %(hours)s hours after it was delisted.") % {"hours": penalty.facts["hours"]}
    days = penalty.facts["end_days"]
    text = ngettext(
        "It ends when the rate has been below %(level)s on %(days)s day.",
        "It ends when the rate has been below %(level)s on %(days)s consecutive days.",
        days,
    ) % {"level": level, "days": days}
    if penalty.kind == PenaltyKind.WITHDRAWAL_FREEZE:
        latest = _("It lasts %(days)s days at most.") % {"days": penalty.facts["most_days"]}
        return sentences([text, latest])
    return text


def commission_words(penalty: Penalty) -> GroundWords:
    """The rate of commission before and after, and the month-end that ends it (DP-11)."""
    given = penalty.facts
    threshold = formats.limit_percent(given["threshold"])
    chinese = (get_language() or "").startswith("zh")
    cause = _(
        "The liability rate was at least %(threshold)s at the end of %(months)s consecutive months, and %(value)s on "
        "%(day)s. Commission in %(category)s: %(before)s → %(after)s."
    ) % {
        "threshold": threshold,
        "months": given["months"],
        "value": formats.percent(given["value"]),
        "day": given["day"],
        "category": given["category_name" if chinese else "category_name_en"] or given["category"],
        "before": formats.limit_percent(given["before"]),
        "after": formats.limit_percent(given["after"]),
    }
    end = _("It ends with the first month at whose end the rate is below %(threshold)s.") % {"threshold": threshold}
    return GroundWords(cause, end, metric_url(penalty, LIABILITY))


def insurance_words(penalty: Penalty) -> GroundWords:
    """What happens to premiums, and the month that ends it (DP-12)."""
    given = penalty.facts
    level = status_word(given["level"])
    cause = _(
        "The liability rate was %(value)s on %(day)s and reached %(level)s. Premiums of that month are not refunded; "
        "from %(from)s on premiums cost %(surcharge)s more."
    ) % {
        "value": formats.percent(given["value"]),
        "day": given["day"],
        "level": level,
        "from": given["surcharge_from"],
        "surcharge": formats.limit_percent(given["surcharge"]),
    }
    end = _("It ends after a whole calendar month below %(level)s.") % {"level": level}
    return GroundWords(cause, end, metric_url(penalty, LIABILITY))


def health_words(penalty: Penalty) -> GroundWords:
    """The score, and the one that ends the block (DP-06)."""
    given = penalty.facts
    threshold = Decimal(given["threshold"])
    words = {
        "value": value_text(Decimal(given["value"]), "score", [threshold]),
        "day": given["day"],
        "threshold": threshold_text(threshold, "score"),
    }
    cause = _("The health score was %(value)s on %(day)s, below %(threshold)s.") % words
    end = _("It ends with the first published score of at least %(threshold)s.") % words
    return GroundWords(cause, end, metric_url(penalty, "shs"))


def service_words(penalty: Penalty) -> GroundWords:
    """The hard threshold that was crossed (TM-10)."""
    given = penalty.facts
    words = {
        "metric": METRICS[given["metric"]].title,
        "value": formats.percent(given["value"], [Decimal(given["threshold"])]),
        "threshold": formats.limit_percent(given["threshold"]),
        "day": given["day"],
    }
    cause = _(
        "%(metric)s was %(value)s on %(day)s, past the hard threshold of %(threshold)s over 90 days: the service level "
        "may be downgraded."
    )
    end = _("It ends with the first day on which the metric is within the threshold.")
    return GroundWords(cause % words, end, metric_url(penalty, given["metric"]))


def freeze_words(penalty: Penalty) -> GroundWords:
    """The freeze of the rating (SR-06)."""
    cause = _("The rating is frozen since an anomaly on %(day)s.") % {"day": penalty.facts["day"]}
    end = _("It ends with the freeze, which operations review.")
    return GroundWords(cause, end, reverse("dashboard:rating", args=[penalty.store.store_no]))
