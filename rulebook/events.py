"""The events of policy versions in the making (DM-30, DM-33)."""

from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, declare_events, details, instant_words

DRAFT = "policy_draft"
DESCRIBE = details(
    base=Detail(_("base")),
    number=Detail(_("policy version")),
    effective_from=Detail(_("effective from"), instant_words),
    parameters=Detail(_("changed parameters")),
    reason=Detail(_("reason")),
)

declare_events(
    EventKind("policy.submitted", _("Policy draft submitted"), DRAFT, Visibility.STAFF, DESCRIBE),
    EventKind("policy.returned", _("Policy draft returned"), DRAFT, Visibility.STAFF, DESCRIBE),
    EventKind("policy.discarded", _("Policy draft discarded"), DRAFT, Visibility.STAFF, DESCRIBE),
    EventKind("policy.confirmed", _("Policy version confirmed"), DRAFT, Visibility.STAFF, DESCRIBE),
)
