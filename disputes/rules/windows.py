"""The windows of the seller's answer to a dispute (DP-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AnswerWindow:
    """One of the windows for an answer that start when a dispute is opened.

    ``state``: ``met`` (answered or ended by then), ``missed`` (over without an answer), ``running`` (the next one to
    end), ``ahead``. ``success`` is the share of later appeals that succeed after an answer within it, where known.
    """

    code: str
    due_at: datetime
    state: str
    success: Decimal | None


def answer_windows(
    opened_at: datetime,
    spans: Iterable[tuple[str, timedelta, Decimal | None]],
    ended_at: datetime | None,
    at: datetime,
) -> list[AnswerWindow]:
    """The windows in order of their end; ``spans`` from the shortest, ``ended_at`` is the answer, else the closing.

    The whole second of an end is in time (RL-05).
    """
    windows: list[AnswerWindow] = []
    for code, span, success in spans:
        due_at = opened_at + span
        windows.append(AnswerWindow(code, due_at, _state(due_at, ended_at, at, windows), success))
    return windows


def _state(due_at: datetime, ended_at: datetime | None, at: datetime, former: list[AnswerWindow]) -> str:
    if ended_at is not None:
        return "met" if ended_at <= due_at else "missed"
    if at > due_at:
        return "missed"
    return "ahead" if any(window.state == "running" for window in former) else "running"
