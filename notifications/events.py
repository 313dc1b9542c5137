"""The events of notices and of advice."""

from collections.abc import Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext as _comma
from django.utils.translation import gettext_lazy as _

from core.events import Detail, EventKind, Visibility, choice_words, declare_events, details, instant_words
from metrics.catalogue import METRICS
from notifications.complaints import COPYRIGHT
from notifications.models import CHANNELS, GROUPS, LEVELS, ROUTE_PACES, STATES
from notifications.titles import title_of
from stores.actors import names_of_actors

NOTICE, ADVICE, WEBHOOK = "notice", "advice", "webhook"


def _metric(code: str) -> object:
    return title_of(code) if code in METRICS or code == COPYRIGHT else code


def _listed(numbers: Sequence[str]) -> str:
    return _comma(", ").join(numbers)


def _person(actor: str) -> str:
    return names_of_actors([actor])[actor]


DESCRIBE = details(
    state=Detail(_("state"), choice_words(STATES)),
    metric=Detail(_("metric"), _metric),
    level=Detail(_("level"), choice_words(LEVELS)),
    day=Detail(_("day")),
    replaces=Detail(_("replaces")),
    value=Detail(_("value")),
    benchmark=Detail(_("benchmark")),
    deviation=Detail(_("deviation")),
    correction=Detail(_("correction")),
    assignee=Detail(_("person responsible"), _person),
    reason=Detail(_("reason")),
    carrier=Detail(_("carrier")),
    share=Detail(_("share")),
    threshold=Detail(_("threshold")),
    shipments=Detail(_("shipments")),
    complaint=Detail(_("complaint")),
    complaints=Detail(_("complaints"), _listed),
)

CHAT = details(
    channel=Detail(_("channel"), choice_words(CHANNELS)), name=Detail(_("name of the chat")), answer=Detail(_("answer"))
)
ROUTES = details(
    **{
        f"{group} {channel}": Detail(format_lazy("{} · {}", group_name, channel_name), choice_words(ROUTE_PACES))
        for group, group_name in GROUPS
        for channel, channel_name in CHANNELS
    }
)
SCHEDULE = details(
    quiet_from=Detail(_("quiet from")),
    quiet_until=Detail(_("quiet until")),
    digest_at=Detail(_("daily digest")),
    time_zone=Detail(_("time zone")),
    chain_hours=Detail(_("hours between the steps")),
)


def _steps(steps: list[list[str]]) -> str:
    names = names_of_actors([actor for step in steps for actor in step])
    return " → ".join(", ".join(names[actor] for actor in step) for step in steps)


CHAIN = details(steps=Detail(_("chain of recipients"), _steps))

OF_WEBHOOK = details(
    host=Detail(_("host")),
    kinds=Detail(_("events"), ", ".join),
    stores=Detail(_("stores"), ", ".join),
    deliveries=Detail(_("deliveries")),
)

declare_events(
    EventKind("notice.issued", _("Notice issued"), NOTICE, describe=DESCRIBE),
    EventKind("notice.predicted", _("Notice predicted"), NOTICE, describe=DESCRIBE),
    EventKind("notice.historical", _("Notice of a day long past recorded"), NOTICE, describe=DESCRIBE),
    EventKind("notice.opened", _("Notice opened"), NOTICE, describe=DESCRIBE),
    EventKind("notice.seen", _("Notice seen"), NOTICE, describe=DESCRIBE),
    EventKind("notice.waived", _("Appeal waived"), NOTICE, describe=DESCRIBE),
    EventKind("notice.escalated", _("Notice replaced by a red one"), NOTICE, describe=DESCRIBE),
    EventKind("notice.appealing", _("Notice appealed"), NOTICE, describe=DESCRIBE),
    EventKind("notice.accepted", _("Appeal accepted, notice closed"), NOTICE, describe=DESCRIBE),
    EventKind("notice.plan", _("Improvement plan due"), NOTICE, describe=DESCRIBE),
    EventKind("notice.assigned", _("Notice assigned"), NOTICE, describe=DESCRIBE),
    EventKind("notice.noted", _("Note on a notice written"), NOTICE, describe=DESCRIBE),
    EventKind("notice.plan_submitted", _("Improvement plan handed in"), NOTICE, describe=DESCRIBE),
    EventKind("notice.failed", _("Improvement plan failed"), NOTICE, describe=DESCRIBE),
    EventKind("notice.resolved", _("Notice resolved"), NOTICE, describe=DESCRIBE),
    EventKind("notice.rectified", _("Notice rectified"), NOTICE, describe=DESCRIBE),
    EventKind("notice.cleared", _("Notice cleared"), NOTICE, describe=DESCRIBE),
    EventKind("notice.complaint_named", _("Further complaint upheld"), NOTICE, describe=DESCRIBE),
    EventKind("advice.given", _("Advice given"), ADVICE, describe=DESCRIBE),
    EventKind("advice.dependence", _("Advice on dependence on one carrier given"), ADVICE, describe=DESCRIBE),
    EventKind("connection.added", _("Team chat connected"), "connection", describe=CHAT),
    EventKind("connection.changed", _("Team chat changed"), "connection", describe=CHAT),
    EventKind("connection.removed", _("Team chat removed"), "connection", describe=CHAT),
    EventKind("connection.failed", _("Team chat not reached"), "connection", describe=CHAT),
    EventKind("connection.recovered", _("Team chat reached again"), "connection", describe=CHAT),
    EventKind("connection.tested", _("Test message to a team chat sent"), "connection", describe=CHAT),
    EventKind("routes.chosen", _("Ways of messages chosen"), "company", describe=ROUTES),
    EventKind("schedule.chosen", _("Quiet hours and digest chosen"), "company", describe=SCHEDULE),
    EventKind("schedule.personal", _("Quiet hours of a person chosen"), "person", Visibility.STAFF),
    EventKind("chain.chosen", _("Chain of recipients chosen"), "company", describe=CHAIN),
    EventKind("phone.confirmed", _("Phone confirmed"), "person", Visibility.STAFF),
    EventKind("phone.removed", _("Phone removed"), "person", Visibility.STAFF),
    EventKind("push.subscribed", _("Browser subscribed to messages"), "person", Visibility.STAFF),
    EventKind("push.unsubscribed", _("Browser unsubscribed from messages"), "person", Visibility.STAFF),
    EventKind(
        "deadline.soon",
        _("Reminded of a deadline"),
        None,
        describe=details(deadline=Detail(_("deadline")), due_at=Detail(_("due"), instant_words)),
    ),
    EventKind("webhook.added", _("Webhook added"), WEBHOOK, describe=OF_WEBHOOK),
    EventKind("webhook.changed", _("Webhook changed"), WEBHOOK, describe=OF_WEBHOOK),
    EventKind("webhook.removed", _("Webhook removed"), WEBHOOK, describe=OF_WEBHOOK),
    EventKind("webhook.rotated", _("Secret of a webhook replaced"), WEBHOOK),
    EventKind("webhook.disabled", _("Webhook switched off"), WEBHOOK),
    EventKind("webhook.enabled", _("Webhook switched on"), WEBHOOK),
    EventKind("webhook.tested", _("Test event sent to a webhook"), WEBHOOK),
    EventKind("webhook.replayed", _("Webhook deliveries sent again"), WEBHOOK, describe=OF_WEBHOOK),
    EventKind("mail.preferences", _("E-mail preferences changed"), "person", Visibility.STAFF),
    EventKind("mail.retried", _("E-mail tried again"), "delivery", Visibility.STAFF),
    EventKind("mail.tested", _("Test message sent"), "person", Visibility.STAFF),
)
