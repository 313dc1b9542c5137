"""Inputs that were handled wrongly once, each for a kind of fault."""

from pathlib import Path

CASES = Path(__file__).parent
