"""Rating days with what anomalies are found in, for the tests of freezes."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from core.timebase import rating_day_end
from metrics.catalogue import Calendar
from metrics.models import Fact, Published, RatingFreeze
from metrics.services.night import run_night
from stores.models import Company, Feed, Store, StorePeriod

DAY = date(2026, 3, 10)
ONE_DAY = timedelta(days=1)


def make_store(number: str = "S1", *, company: Company | None = None, mode: str = "governed", **more: object) -> Store:
    """A store with every kind of data known for good, and a first day of 100 reviews of 4.8 stars."""
    company = company or Company.objects.create(company_no=f"C-{number}", name=f"Company of {number}")
    store = Store.objects.create(company=company, store_no=number, name=f"Store {number}", mode=mode, **more)
    StorePeriod.objects.create(
        store=store, effective_from=date(1970, 1, 1), level="basic", primary_category="", status="active"
    )
    until = rating_day_end(DAY + 365 * ONE_DAY)
    Feed.objects.bulk_create(
        Feed(store=store, kind=kind, known_until=until, supplied_at=until) for kind in Feed.Kind.values
    )
    add_day(store, DAY - ONE_DAY, stars=480, reviews=100)
    return store


def add_day(
    store: Store, day: date, *, reviews: int = 0, stars: int = 0, negative: int = 0, due: int = 0, late: int = 0
) -> None:
    """A rating day's facts."""
    Fact.objects.create(
        store=store,
        day=day,
        described_n=reviews,
        described_sum=stars,
        u_reviews=reviews,
        u_negative=negative,
        u_delivery_due=due,
        u_delivery_late=late,
    )


def night(day: date, *, late_by: timedelta = timedelta()) -> datetime:
    """Run the rating run of a day at the instant it is due, or later; returns the instant."""
    at = rating_day_end(day) + late_by
    run_night(day=day, at=at, calendars=[Calendar.RATING])
    return at


def ratings(store: Store) -> list[tuple[str, str, str, bool]]:
    """Day, computed and published rating, whether frozen, of each published day."""
    rows = Published.objects.filter(store=store, calendar=Calendar.RATING).order_by("day")
    return [
        (
            row.day.isoformat()[5:],
            short(Decimal(row.scorecard["dsr"]["value"])),
            short(row.shown_rating),
            row.scorecard["dsr"].get("frozen", False),
        )
        for row in rows
    ]


def short(value: Decimal | None) -> str:
    return "" if value is None else format(value.quantize(Decimal("0.0001")), "f")


def freezes(store: Store) -> list[tuple[str, str, bool, list[str]]]:
    """First and last day, whether predicted, kinds of causes."""
    return [
        (
            one.start_day.isoformat()[5:],
            one.end_day.isoformat()[5:] if one.end_day else "",
            one.predicted,
            [cause["kind"] for cause in one.causes],
        )
        for one in RatingFreeze.objects.filter(store=store).order_by("id")
    ]
