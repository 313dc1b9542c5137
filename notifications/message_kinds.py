"""The messages about notices, advice, freezes and deadlines."""

from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from notifications.kinds import MessageKind, declare_messages
from notifications.models import InboxMessage
from notifications.presenters import copyright_words, dispute_words, export_words, money_words, order_words
from notifications.presenters import message_words as words
from notifications.presenters import verdict_words as verdicts
from notifications.presenters.channel_words import failed_chat_words
from notifications.presenters.connection_words import ending_words, stopped_words
from notifications.presenters.feedback_words import negative_review_words, unanswered_words
from notifications.presenters.parts import numbered_url
from notifications.presenters.policy_words import announced_words
from notifications.presenters.risk_words import flagged_words
from notifications.presenters.source_words import silent_words, spoke_words
from notifications.presenters.webhook_words import webhook_disabled_words, webhook_failed_words
from notifications.services.announcing import ANNOUNCED
from notifications.services.telling_channels import FAILED
from notifications.services.telling_connections import ENDING, STOPPED
from notifications.services.telling_exports import FAILED as EXPORT_FAILED
from notifications.services.telling_exports import READY as EXPORT_READY
from notifications.services.telling_feedback import REVIEWS, UNANSWERED
from notifications.services.telling_sources import SILENT, SPOKE
from notifications.webhooks.alarms import DISABLED as WEBHOOK_DISABLED
from notifications.webhooks.alarms import FAILED as WEBHOOK_FAILED

Kind = InboxMessage.Kind


def _notice(message: InboxMessage) -> str:
    return numbered_url(message.store, message.parameters["number"])


def _plan(message: InboxMessage) -> str:
    return reverse("dashboard:plan", args=[message.store.store_no, message.parameters["number"]])


def _rating(message: InboxMessage) -> str:
    return reverse("dashboard:rating", args=[message.store.store_no])


def _carriers(message: InboxMessage) -> str:
    return reverse("dashboard:carriers", args=[message.store.store_no])


def _logistics(message: InboxMessage) -> str:
    return reverse("orders:logistics", args=[message.store.store_no])


def _order_logistics(message: InboxMessage) -> str:
    return reverse("orders:order_logistics", args=[message.store.store_no, message.parameters["order"]])


def _case_subject(message: InboxMessage) -> str:
    if message.parameters["subject_kind"] != "order":
        return reverse("dashboard:panel", args=[message.store.store_no])
    return reverse("dashboard:order", args=[message.store.store_no, message.parameters["subject"]])


def _risk(message: InboxMessage) -> str:
    return reverse("dashboard:risk", args=[message.store.store_no])


def _order(message: InboxMessage) -> str:
    return reverse("dashboard:order", args=[message.store.store_no, message.parameters["order_no"]])


def _flagged(message: InboxMessage) -> str:
    return f"{reverse('dashboard:listings', args=[message.store.store_no])}?part=images"


def _dispute(message: InboxMessage) -> str:
    return reverse("dashboard:dispute", args=[message.store.store_no, message.parameters["number"]])


def _verdict_level(message: InboxMessage) -> str:
    return "red" if message.parameters["liability"] == "seller" else "ok"


def _refund(message: InboxMessage) -> str:
    return reverse("orders:refund", args=[message.store.store_no, message.parameters["number"]])


def _funds(message: InboxMessage) -> str:
    return reverse("dashboard:funds", args=[message.store.store_no])


def _own_level(message: InboxMessage) -> str:
    return str(message.parameters.get("level", "yellow"))


def _yellow(_message: InboxMessage) -> str:
    return "yellow"


def _red(_message: InboxMessage) -> str:
    return "red"


def _info(_message: InboxMessage) -> str:
    return "info"


def _ok(_message: InboxMessage) -> str:
    return "ok"


declare_messages(
    MessageKind(Kind.ISSUED, Kind.ISSUED.label, words.issued_words, _notice, _own_level),
    MessageKind(Kind.ESCALATED, Kind.ESCALATED.label, words.escalated_words, _notice, _own_level),
    MessageKind(Kind.WAIVED, Kind.WAIVED.label, words.waived_words, _notice, _own_level),
    MessageKind(Kind.PREDICTED, Kind.PREDICTED.label, words.predicted_words, _notice, _info),
    MessageKind(Kind.ASSIGNED, Kind.ASSIGNED.label, words.assigned_words, _notice, _own_level),
    MessageKind(Kind.PLAN, Kind.PLAN.label, words.plan_words, _plan, _red),
    MessageKind(Kind.PLAN_SUBMITTED, Kind.PLAN_SUBMITTED.label, words.plan_submitted_words, _notice, _info),
    MessageKind(Kind.FAILED, Kind.FAILED.label, words.failed_words, _notice, _red),
    MessageKind(Kind.RESOLVED, Kind.RESOLVED.label, words.resolved_words, _notice, _ok),
    MessageKind(Kind.RECTIFIED, Kind.RECTIFIED.label, words.rectified_words, _notice, _ok),
    MessageKind(Kind.CLEARED, Kind.CLEARED.label, words.cleared_words, _notice, _ok),
    MessageKind(Kind.VIEW_REMINDER, Kind.VIEW_REMINDER.label, words.view_reminder_words, _notice, _red),
    MessageKind(Kind.APPEAL_REMINDER, Kind.APPEAL_REMINDER.label, words.appeal_reminder_words, _notice, _own_level),
    MessageKind(Kind.PLAN_REMINDER, Kind.PLAN_REMINDER.label, words.plan_reminder_words, _plan, _red),
    MessageKind(
        "reminder.measure_due", gettext_lazy("reminder of a measure"), words.measure_reminder_words, _plan, _info
    ),
    MessageKind(Kind.ADVICE, Kind.ADVICE.label, words.advice_words, _rating, _info),
    MessageKind("advice.dependence", Kind.ADVICE.label, words.dependence_words, _carriers, _info),
    MessageKind(Kind.FROZEN, Kind.FROZEN.label, words.freeze_message_words, _rating, _yellow),
    MessageKind(Kind.UNFROZEN, Kind.UNFROZEN.label, words.freeze_message_words, _rating, _info),
    MessageKind(Kind.FREEZE_PREDICTED, Kind.FREEZE_PREDICTED.label, words.freeze_message_words, _rating, _info),
    MessageKind(
        "logistics_claim.accepted",
        gettext_lazy("proof or claim accepted"),
        verdicts.accepted_claim_words,
        _order_logistics,
        _ok,
    ),
    MessageKind(
        "logistics_claim.refused",
        gettext_lazy("proof or claim refused"),
        verdicts.refused_claim_words,
        _order_logistics,
        _red,
    ),
    MessageKind(
        "risk_case.confirmed",
        gettext_lazy("risk case confirmed"),
        verdicts.confirmed_case_words,
        _case_subject,
        _red,
    ),
    MessageKind(
        "risk_case.dismissed",
        gettext_lazy("risk case dismissed"),
        verdicts.dismissed_case_words,
        _case_subject,
        _ok,
    ),
    MessageKind("risk.flagged", _("orders at risk"), flagged_words, _risk, _red),
    MessageKind(
        "carrier.scans_seldom",
        gettext_lazy("carrier that scans too seldom"),
        verdicts.seldom_scans_words,
        _logistics,
        _yellow,
    ),
)


def _desk(message: InboxMessage) -> str:
    return reverse("orders:messages", args=[message.store.store_no])


def _reviews(message: InboxMessage) -> str:
    return reverse("dashboard:reviews", args=[message.store.store_no])


declare_messages(
    MessageKind(REVIEWS, _("negative reviews"), negative_review_words, _reviews, _yellow),
    MessageKind(UNANSWERED, _("messages to answer soon"), unanswered_words, _desk, _yellow),
    MessageKind(
        "order.dispatch_unconfirmed",
        gettext_lazy("dispatch not confirmed"),
        order_words.unconfirmed_words,
        _order,
        _yellow,
    ),
    MessageKind(
        "listing.image_flagged", gettext_lazy("images flagged"), copyright_words.image_flagged_words, _flagged, _yellow
    ),
    MessageKind(
        "notice.complaint_named",
        gettext_lazy("further complaint upheld"),
        copyright_words.complaint_named_words,
        _notice,
        _red,
    ),
    MessageKind("order.kyc_blocked", gettext_lazy("orders held"), order_words.blocked_words, _order, _red),
)


def _version(message: InboxMessage) -> str:
    return reverse("rulebook:version", args=[message.parameters["number"]])


declare_messages(MessageKind(ANNOUNCED, _("coming rules"), announced_words, _version, _info))

declare_messages(
    MessageKind("dispute.escalated", _("dispute in arbitration"), dispute_words.escalated_words, _dispute, _yellow),
    MessageKind("dispute.closed", _("verdict on a dispute"), dispute_words.closed_words, _dispute, _verdict_level),
    MessageKind("dispute.settled", _("dispute settled"), dispute_words.settled_words, _dispute, _verdict_level),
    MessageKind("dispute.withdrawn", _("dispute withdrawn"), dispute_words.withdrawn_words, _dispute, _ok),
    MessageKind("dispute.reopened", _("dispute re-opened"), dispute_words.reopened_words, _dispute, _red),
    MessageKind("refund.asked", _("refund to answer"), money_words.asked_words, _refund, _yellow),
    MessageKind("refund.defaulted", _("refunded by default"), money_words.defaulted_words, _refund, _red),
    MessageKind("funds.held", _("funds held"), money_words.held_funds_words, _funds, _yellow),
    MessageKind("funds.released", _("funds released"), money_words.released_words, _funds, _ok),
)


def _webhook(message: InboxMessage) -> str:
    return reverse("notifications:webhook", args=[message.parameters["company"], message.parameters["endpoint"]])


declare_messages(
    MessageKind(WEBHOOK_FAILED, _("webhook fails"), webhook_failed_words, _webhook, _yellow),
    MessageKind(WEBHOOK_DISABLED, _("webhook switched off"), webhook_disabled_words, _webhook, _red),
)


def _sync(message: InboxMessage) -> str:
    return reverse("dashboard:sync", args=[message.store.store_no])


def _connection(message: InboxMessage) -> str:
    return reverse("intake:connection", args=[message.store.store_no])


declare_messages(
    MessageKind(ENDING, _("connection ends soon"), ending_words, _connection, _yellow),
    MessageKind(STOPPED, _("connection stopped"), stopped_words, _connection, _red),
    MessageKind(SILENT, _("source silent"), silent_words, _sync, _yellow),
    MessageKind(SPOKE, _("source back"), spoke_words, _sync, _ok),
)


def _team(message: InboxMessage) -> str:
    return reverse("dashboard:team", args=[message.company.company_no])


declare_messages(MessageKind(FAILED, _("team chat not reached"), failed_chat_words, _team, _red))


def _export(message: InboxMessage) -> str:
    return reverse("exports:export", args=[message.parameters["export"]])


declare_messages(
    MessageKind(EXPORT_READY, _("export ready"), export_words.ready_words, _export, _ok),
    MessageKind(EXPORT_FAILED, _("export failed"), export_words.failed_words, _export, _red),
)
