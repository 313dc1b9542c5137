"""The actions on disputes (DM-22, DP-01)."""

from disputes.commands.actions import (
    ANSWER,
    CLOSE,
    DISPUTE,
    ESCALATE,
    WITHDRAW,
    answer_dispute,
    close_dispute,
    escalate_dispute,
    follow_dispute,
    withdraw_dispute,
)

__all__ = [
    "ANSWER",
    "CLOSE",
    "DISPUTE",
    "ESCALATE",
    "WITHDRAW",
    "answer_dispute",
    "close_dispute",
    "escalate_dispute",
    "follow_dispute",
    "withdraw_dispute",
]
