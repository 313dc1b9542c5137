"""What amounts are worth in CNY on a day (TM-04, IX-05)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from core.timebase import performance_day
from rulebook.queries import policy_at
from stores.models import FxRate

CNY = "CNY"
_PLACES = Decimal(1).scaleb(-12)


def cny_rates(currencies: Collection[str], at: datetime) -> Mapping[str, Decimal]:
    """CNY for one unit of each currency on the performance day of an instant: by the latest dated rates, else by the
    yearly means of policy; unknown ones are missing."""
    day = performance_day(at)
    usd = {currency: _usd_rate(currency, day, at) for currency in {*currencies, CNY}}
    base = usd[CNY]
    return {
        currency: (rate / base).quantize(_PLACES)
        for currency, rate in usd.items()
        if currency in currencies and rate is not None and base
    }


def _usd_rate(currency: str, day: date, at: datetime) -> Decimal | None:
    if currency == "USD":
        return Decimal(1)
    dated = FxRate.objects.filter(currency=currency, day__lte=day).order_by("-day").values_list("usd_rate", flat=True)
    return dated.first() or policy_at(at).fx_usd(currency, day.year)
