"""Windows over facts, and the values, lines and levels that come of them."""

from metrics.figures.cards import Card, judge
from metrics.figures.loading import load_figures
from metrics.figures.store import Figures

__all__ = ["Card", "Figures", "judge", "load_figures"]
