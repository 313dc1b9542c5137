"""What a rating freeze is and does, in words (SR-06)."""

from datetime import timedelta

from django.utils.translation import gettext as _

from core.pages import formats
from core.templatetags.ui import sentences
from core.timebase import performance_day
from metrics.models import RatingFreeze
from metrics.presenters.freezes import cause_texts
from metrics.rules.anomaly import expected_recovery
from rulebook.policy import Policy


def freeze_words(freeze: RatingFreeze, policy: Policy) -> dict[str, str]:
    """Title and text of a freeze: when, why, and what it does or did; ``policy``: that of the expected recovery."""
    return {"title": _freeze_title(freeze), "text": sentences([*cause_texts(freeze), *_effects(freeze, policy)])}


def _freeze_title(freeze: RatingFreeze) -> str:
    first = {"first": formats.day(freeze.start_day)}
    if freeze.end_day is not None:
        span = first | {"last": formats.day(freeze.end_day)}
        if freeze.predicted:
            return _("Rating freeze was predicted from %(first)s to %(last)s") % span
        return _("Rating frozen from %(first)s to %(last)s") % span
    if freeze.predicted:
        return _("Rating freeze predicted since %(first)s") % first
    return _("Rating frozen since %(first)s") % first


def _effects(freeze: RatingFreeze, policy: Policy) -> list[str]:
    if freeze.predicted:
        return [
            _("Expect the platform to freeze the rating and to suspend its bonus in search; nothing is held back here.")
        ]
    held = "–" if freeze.held is None else formats.score(freeze.held)
    if not freeze.is_open:
        return [
            _("The published rating stayed at %(held)s; the bonus in search was suspended.") % {"held": held},
            _("Ended by a reviewer: %(reason)s") % {"reason": freeze.reason},
        ]
    until = formats.day(performance_day(expected_recovery(freeze.opened_at, policy) - timedelta(seconds=1)))
    days = {"days": formats.number(policy.rating.anomaly_recovery_working_days), "until": until}
    return [
        _(
            "While reviewers look into it, the published rating stays at %(held)s, with its tier and badge, and the"
            " bonus in search is suspended; scorecards, deviations and notices follow the computed rating."
        )
        % {"held": held},
        _("This takes %(days)s working days on average: expected until %(until)s.") % days,
    ]
