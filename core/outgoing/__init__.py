"""Requests to addresses that users name (IX-23, RL-13): guarded, limited, never raising."""

from core.outgoing.client import LIMITS, Failure, Limits, Response, send
from core.outgoing.targets import RefusedTargetError, parse_target

__all__ = ["LIMITS", "Failure", "Limits", "RefusedTargetError", "Response", "parse_target", "send"]
