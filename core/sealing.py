"""Which columns hold sealed secrets, and sealing them anew when the first key of ENCRYPTION_KEYS changes (RL-13).

An app declares its columns in its module ``sealing``, which is loaded when the site starts::

    declare_sealed(StoreConnection, "app_secret", lambda row: f"store_connection:{row.key}:app_secret")
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from core.secrets import UnsealError, seal, sealed_by_first_key, unseal

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedField:
    """A column of sealed texts; ``context`` gives the place that a row's text is bound to."""

    model: type[Model]
    field: str
    context: Callable[[Any], str]

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


@dataclass(slots=True)
class Resealed:
    """What resealing did to a column. ``failed``: texts that none of the keys opens in their place."""

    resealed: int = 0
    failed: int = 0


_declared: dict[str, SealedField] = {}


def declare_sealed(model: type[Model], field: str, context: Callable[[Any], str]) -> None:
    """Have a column resealed; empty texts in it are no secrets."""
    declared = SealedField(model, field, context)
    _declared[declared.name] = declared


def sealed_fields() -> list[SealedField]:
    return [_declared[name] for name in sorted(_declared)]


def sealed_by_former_keys(declared: SealedField) -> "QuerySet[Any]":
    """The rows whose text the first key did not seal."""
    rows = declared.model._default_manager.exclude(**{declared.field: ""})
    return rows.exclude(**{f"{declared.field}__startswith": sealed_by_first_key()}).order_by("pk")


def reseal_all() -> dict[str, Resealed]:
    """Seal by the first key what former keys sealed, column by column; may run twice, at once, or be killed."""
    return {declared.name: reseal_field(declared) for declared in sealed_fields()}


def reseal_field(declared: SealedField) -> Resealed:
    """`reseal_all` for one column."""
    done = Resealed()
    for row in _rows(declared):
        text = getattr(row, declared.field)
        try:
            anew = seal(unseal(text, context=declared.context(row)), context=declared.context(row))
        except UnsealError:
            done.failed += 1
            continue
        # A text that somebody changed meanwhile is sealed by the first key already.
        same = declared.model._default_manager.filter(pk=row.pk, **{declared.field: text})
        done.resealed += same.update(**{declared.field: anew})
    return done


def _rows(declared: SealedField) -> Iterator[Any]:
    last = 0
    while batch := list(sealed_by_former_keys(declared).filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk
