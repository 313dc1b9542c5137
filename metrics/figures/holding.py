"""Why a value past its yellow line is not yellow (MX-10)."""

from dataclasses import dataclass
from datetime import timedelta

from metrics.figures.cards import Card, Level, crossed_yellow
from metrics.figures.store import Figures
from rulebook.rules import crosses


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds a yellow level back: ``days`` in a row past the line of the ``needed`` ones; with all of them it is
    the store's usual swing."""

    days: int
    needed: int

    @property
    def is_usual(self) -> bool:
        """Whether the streak is there and only the store's long stable past holds it back."""
        return self.days >= self.needed


def holding_of(figures: Figures, card: Card) -> Holding | None:
    """What holds back the yellow level of a card; None where nothing does. ``figures`` cover the days of the streak."""
    if card.level is not Level.OK or card.yellow is None or card.value.value is None:
        return None
    policy = figures.policy(card.day, card.metric.calendar)
    rules, needed = policy.metrics[card.code], policy.judging.streak_days
    if rules.levels or not crosses(card.value.value, card.yellow, floor_top=rules.floor_top, inclusive=rules.inclusive):
        return None
    days = 1
    while days < needed and crossed_yellow(figures.on(card.day - timedelta(days=days)), card.code):
        days += 1
    return Holding(days, needed)
