"""The actions on disputes (DM-22, DP-01)."""

from disputes.commands.actions import (
    ANSWER,
    CLOSE,
    DISPUTE,
    ESCALATE,
    REOPEN,
    SETTLE,
    WITHDRAW,
    answer_dispute,
    close_dispute,
    escalate_dispute,
    follow_dispute,
    reopen_dispute,
    settle_dispute,
    withdraw_dispute,
)

__all__ = [
    "ANSWER",
    "CLOSE",
    "DISPUTE",
    "ESCALATE",
    "REOPEN",
    "SETTLE",
    "WITHDRAW",
    "answer_dispute",
    "close_dispute",
    "escalate_dispute",
    "follow_dispute",
    "reopen_dispute",
    "settle_dispute",
    "withdraw_dispute",
]
