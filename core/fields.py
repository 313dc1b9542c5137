"""Database columns for instants, days and exact decimals as integers (DM-25, MX-06).

One integer form lets the same set-based SQL run on SQLite and PostgreSQL, exactly and fast: a performance day is
``(instant + 28800) / 86400`` on both.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from core.timebase import day_number, from_day_number, from_epoch, to_epoch

# What is set and what is read; the plugin of django-stubs fills them in by the types named in each field.
Set = TypeVar("Set", contravariant=True)
Get = TypeVar("Get", covariant=True)


class InstantField(models.BigIntegerField[Set, Get]):
    """An aware UTC datetime with whole seconds, stored as epoch seconds."""

    # Python sees another type than the column of the base class holds.
    if TYPE_CHECKING:
        _pyi_private_set_type: datetime | int  # type: ignore[assignment]
        _pyi_private_get_type: datetime  # type: ignore[assignment]
        _pyi_lookup_exact_type: datetime | int  # type: ignore[assignment]

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> datetime | None:
        return None if value is None else from_epoch(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, int):
            return from_epoch(value)
        parsed = parse_datetime(value)
        if parsed is None or parsed.tzinfo is None:
            raise ValidationError(f"{value!r} is not an ISO 8601 instant with an offset")
        return parsed

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, datetime):
            return to_epoch(value)
        if hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        parsed = self.to_python(value)
        return None if parsed is None else to_epoch(parsed)

    def value_to_string(self, obj: models.Model) -> str:
        value: Any = self.value_from_object(obj)
        return "" if value is None else value.isoformat()

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return models.Field.formfield(self, **{"form_class": forms.DateTimeField, **kwargs})

    @property
    def validators(self) -> list[Any]:
        # The integer bounds of the column would be compared with datetimes.
        return []


class DayField(models.IntegerField[Set, Get]):
    """A calendar day, stored as days since 1970-01-01."""

    if TYPE_CHECKING:
        _pyi_private_set_type: date | int  # type: ignore[assignment]
        _pyi_private_get_type: date  # type: ignore[assignment]
        _pyi_lookup_exact_type: date | int  # type: ignore[assignment]

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> date | None:
        return None if value is None else from_day_number(value)

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        if isinstance(value, int):
            return from_day_number(value)
        parsed = parse_date(value)
        if parsed is None:
            raise ValidationError(f"{value!r} is not a date (YYYY-MM-DD)")
        return parsed

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, date):
            return day_number(value)
        if hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        parsed = self.to_python(value)
        return None if parsed is None else day_number(parsed)

    def value_to_string(self, obj: models.Model) -> str:
        value: Any = self.value_from_object(obj)
        return "" if value is None else value.isoformat()

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return models.Field.formfield(self, **{"form_class": forms.DateField, **kwargs})

    @property
    def validators(self) -> list[Any]:
        return []


class ExactDecimalField(models.BigIntegerField[Set, Get]):
    """A Decimal with a fixed number of places, stored as an integer of that scale (MX-06: SQLite has no decimals)."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Decimal | int  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]
        _pyi_lookup_exact_type: Decimal | int  # type: ignore[assignment]

    def __init__(self, *args: Any, places: int, **kwargs: Any) -> None:
        self.places = places
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "places": self.places}

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise ValidationError(f"{value!r} is not a decimal number") from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        parsed = self.to_python(value)
        return None if parsed is None else int(parsed.scaleb(self.places).to_integral_value(ROUND_HALF_UP))

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return models.Field.formfield(self, **{"form_class": forms.DecimalField, **kwargs})

    @property
    def validators(self) -> list[Any]:
        return []
