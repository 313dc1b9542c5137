"""Notices, advice, messages to companies and their deliveries to people."""

from notifications.models.messages import (
    GROUPS,
    PACES,
    Delivery,
    InboxMessage,
    MailPreference,
    MessageRead,
    StoppedAddress,
)
from notifications.models.notices import (
    LEVELS,
    PLACES,
    STATES,
    Advice,
    ImprovementPlan,
    JudgedDay,
    Notice,
    NoticeCounter,
    NoticeNote,
    NoticeOrder,
    PlanMeasure,
)

__all__ = [
    "GROUPS",
    "LEVELS",
    "PACES",
    "PLACES",
    "STATES",
    "Advice",
    "Delivery",
    "ImprovementPlan",
    "InboxMessage",
    "JudgedDay",
    "MailPreference",
    "MessageRead",
    "Notice",
    "NoticeCounter",
    "NoticeNote",
    "NoticeOrder",
    "PlanMeasure",
    "StoppedAddress",
]
