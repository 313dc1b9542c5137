"""Requests to addresses that users name (IX-23, RL-13): guarded, limited, never raising."""

from core.outgoing.client import LIMITS, Failure, Limits, Response, send
from core.outgoing.targets import RefusedTargetError, parse_target
from core.outgoing.words import detail_words

__all__ = ["LIMITS", "Failure", "Limits", "RefusedTargetError", "Response", "detail_words", "parse_target", "send"]
