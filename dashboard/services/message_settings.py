"""Settings of a company's messages are changed only as the page showed them (RL-06)."""

from collections.abc import Callable, Sequence

from django.db import transaction

from dashboard.queries.message_settings import last_change
from stores.models import Company


class SettingsChangedError(RuntimeError):
    """Somebody else changed them first; ``actor`` is who."""

    def __init__(self, actor: str) -> None:
        super().__init__(actor)
        self.actor = actor


@transaction.atomic
def change_if_unchanged(*, company: Company, kinds: Sequence[str], seen: int, change: Callable[[], None]) -> None:
    """Change settings whose last event of the ``kinds`` is still the one that was ``seen``. Raises
    SettingsChangedError."""
    # One after the other: of two that saw the same the second finds the event of the first.
    Company.objects.select_for_update().get(pk=company.pk)
    present, actor = last_change(company, kinds)
    if present != seen:
        raise SettingsChangedError(actor)
    change()
