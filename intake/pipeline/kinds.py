"""What some files need beside the general way: prices, languages, companies, what follows from a change.

``PREPARE`` functions look at a batch before it is staged: they may refuse rows (position → column, reason) and add
columns of their own. ``FOLLOW`` functions act after the rows are in, in the same transaction; the table of findings
then tells what each row was and which ids it has.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.pages.currencies import decimals_of
from intake.canonical.cells import decimals_reason
from intake.pipeline import pricing
from intake.pipeline.batch import Batch
from intake.pipeline.followups import (
    follow_categories,
    follow_complaints,
    follow_disputes,
    follow_listings,
    follow_orders,
    follow_rates,
    follow_stores,
    settle_and_touch,
    touch_only,
)
from intake.pipeline.run import Run
from orders.models import Review
from stores.models import Company, Store

Reasons = dict[int, tuple[str, str]]

# Columns of stores.csv that a seller's upload can't set for governed stores; status and points have no column there.
PLATFORM_COLUMNS = ("level", "kyc_verified")


def prepare_orders(batch: Batch, run: Run) -> Reasons:
    """Price every order in US dollars; refuse those without a rate, and amounts finer than their currency."""
    amounts = batch.column("total_amount")
    reasons = finer_than_currency(batch, "total_amount", "shipping_amount")
    if set(batch.column("currency")) == {"USD"} and max(amounts) <= pricing.LARGEST_PLAIN:
        batch.values["total_usd"] = [amount * pricing.USD_PER_AMOUNT for amount in amounts]
        return reasons
    prices: list[int] = []
    look_up = run.rates.rate
    rows = zip(
        amounts,
        batch.column("currency"),
        batch.column("usd_rate"),
        batch.column("created_at"),
        strict=True,
    )
    for position, (amount, currency, rate, created_at) in enumerate(rows):
        if currency == "USD":
            rate = 10**pricing.RATE_PLACES
        elif rate is None:
            rate = look_up(currency, created_at)
        price = 0 if rate is None else pricing.price_usd(amount, rate)
        if rate is None:
            reasons.setdefault(position, ("currency", pricing.unknown_rate_reason(currency)))
        elif price > pricing.LARGEST_USD:
            reasons.setdefault(position, ("total_amount", _("is too large in US dollars")))
        prices.append(price)
    batch.values["total_usd"] = prices
    return reasons


def finer_than_currency(batch: Batch, *columns: str) -> Reasons:
    """Rows with an amount that has more decimals than its currency (ISO 4217)."""
    currencies = batch.column("currency")
    finer: Reasons = {}
    for name in columns:
        if name not in batch.values:
            continue
        for position, (amount, currency) in enumerate(zip(batch.values[name], currencies, strict=True)):
            if amount and currency and amount % _smallest(currency):
                finer.setdefault(position, (name, decimals_reason(decimals_of(currency))))
    return finer


@cache
def _smallest(currency: str) -> int:
    return int(10 ** (pricing.AMOUNT_PLACES - decimals_of(currency)))


def prepare_reviews(batch: Batch, run: Run) -> Reasons:
    """A buyer's review has a first star; an automatic one has none, so stars given with it are left out (DM-18)."""
    reasons: Reasons = {}
    stars = [batch.values[name] for name in ("described", "communication", "shipping") if name in batch.values]
    described = batch.column("described")
    for position, kind in enumerate(batch.column("kind")):
        if kind == Review.Kind.AUTO:
            for column in stars:
                column[position] = None
        elif described[position] is None:
            reasons[position] = ("described", _("is required for a buyer's review"))
    return reasons


def prepare_messages(batch: Batch, run: Run) -> Reasons:
    """A given language wins, else it is detected (PN-23)."""
    detect = run.languages.detect
    batch.values["language"] = [
        (given.lower() if given else detect(text))
        for given, text in zip(batch.column("language"), batch.column("text"), strict=True)
    ]
    return {}


def prepare_settlements(batch: Batch, run: Run) -> Reasons:
    """Refuse amounts finer than their currency."""
    return finer_than_currency(batch, "amount")


def prepare_stores(batch: Batch, run: Run) -> Reasons:
    """Give every store its company, made where it is not known yet, and the manifest's mode where it names none."""
    given: list[str | None] = batch.column("company_no")
    known = {
        number: (company, mode)
        for number, company, mode in Store.objects.filter(store_no__in=batch.column("store_no")).values_list(
            "store_no", "company_id", "mode"
        )
    }
    reasons: Reasons = {} if run.is_operator else _foreign_stores(batch, run, given, known)
    if run.is_operator:
        companies = _companies({number for number in given if number}, run)
    else:
        companies = dict(Company.objects.filter(pk__in=run.companies or ()).values_list("company_no", "pk"))
    has_column = "company_no" in batch.values
    ids: list[int | None] = []
    for number, store_no in zip(given, batch.column("store_no"), strict=True):
        if number:
            ids.append(companies.get(number))
        elif store_no in known and not (has_column and run.is_operator):
            ids.append(known[store_no][0])
        else:
            ids.append(run.default_company_id)
    batch.values["company"] = ids
    run.former_companies = {number: known.get(number, (None, ""))[0] for number in batch.column("store_no")}
    if run.manifest.mode:
        batch.values["mode"] = [mode or run.manifest.mode for mode in batch.column("mode")]
    return reasons


def prepare_companies(batch: Batch, run: Run) -> Reasons:
    """A seller's upload names its own companies; of others it learns nothing, not even that they are there (RL-19)."""
    if run.is_operator:
        return {}
    own = set(Company.objects.filter(pk__in=run.companies or ()).values_list("company_no", flat=True))
    reason = ("company_no", _("is not one of your companies"))
    return {place: reason for place, number in enumerate(batch.column("company_no")) if number not in own}


def _companies(numbers: set[str], run: Run) -> dict[str, int]:
    """Ids of companies; unknown ones are made with their number as name, which a later companies.csv fills in."""
    found = dict(Company.objects.filter(company_no__in=numbers).values_list("company_no", "pk"))
    missing = sorted(numbers - found.keys())
    if missing:
        Company.objects.bulk_create(
            [Company(company_no=number, name=number, is_demo=run.job.is_demo) for number in missing],
            ignore_conflicts=True,
        )
        found.update(Company.objects.filter(company_no__in=missing).values_list("company_no", "pk"))
    return found


def _foreign_stores(batch: Batch, run: Run, given: list[str | None], known: dict[str, tuple[int, str]]) -> Reasons:
    """What a seller's upload may not say of stores: others' ones, others' companies, who the authority is."""
    own = dict(Company.objects.filter(pk__in=run.companies or ()).values_list("company_no", "pk"))
    reasons: Reasons = {}
    modes = batch.column("mode")
    for position, store_no in enumerate(batch.column("store_no")):
        company, mode = known.get(store_no, (None, Store.Mode.MIRRORED.value))
        if company is not None and company not in (run.companies or ()):
            reasons[position] = ("store_no", _no_number_of_yours(store_no))
        elif (number := given[position]) and number not in own:
            reasons[position] = ("company_no", _("is not one of your companies"))
        elif (modes[position] or run.manifest.mode or mode) != mode:
            reasons[position] = ("mode", _("only operations change who is the authority for a store"))
    governed = {number for number, (_company, mode) in known.items() if mode == Store.Mode.GOVERNED}
    return _decided_by_platform(batch, governed) | reasons


def _no_number_of_yours(store_no: str) -> str:
    return _(
        "%(store)s can't be the number of a store of yours: check it, and ask operations if the store is yours"
    ) % {"store": store_no}


def _decided_by_platform(batch: Batch, governed: set[str]) -> Reasons:
    """Rows that would change what Dianwei as the authority decides for a store (DM-11a); what a cell says already, or
    an empty one, changes nothing."""
    given = [name for name in PLATFORM_COLUMNS if name in batch.values]
    stored = Store.objects.filter(store_no__in=governed).values("store_no", *given) if given and governed else ()
    decided = {row["store_no"]: row for row in stored}
    reasons: Reasons = {}
    for position, store_no in enumerate(batch.column("store_no")):
        for name in given if store_no in decided else ():
            value, stands = batch.values[name][position], decided[store_no][name]
            if value is not None and value != stands:
                reasons.setdefault(position, (name, _not_yours_to_say(store_no, stands)))
    return reasons


def _not_yours_to_say(store_no: str, stands: object) -> str:
    said = str(stands).lower() if isinstance(stands, bool) else str(stands) or "–"
    return _(
        "the platform decides this for store %(store)s: leave the cell empty or as it is (%(value)s), and import the "
        "row again; ask operations for a change"
    ) % {"store": store_no, "value": said}


def refuse_foreign_rows(batch: Batch, run: Run) -> Reasons:
    """Rows of stores that a seller's upload may not write; unknown stores read the same (RL-08)."""
    stores = batch.column("store_no")
    own = run.own_stores(set(stores))
    return {
        position: ("store_no", not_yours(store_no)) for position, store_no in enumerate(stores) if store_no not in own
    }


def not_yours(store_no: str) -> str:
    """What is said of a store that isn't theirs, whether it exists or not."""
    return _("store %(store)s is not one of your stores: bring it in stores.csv first if it is") % {"store": store_no}


Prepare = Callable[[Batch, Run], Reasons]
Follow = Callable[[Any, Run], None]

PREPARE: dict[str, Prepare] = {
    "companies": prepare_companies,
    "orders": prepare_orders,
    "reviews": prepare_reviews,
    "messages": prepare_messages,
    "settlements": prepare_settlements,
    "stores": prepare_stores,
}
# Columns that a PREPARE function adds: fields of the model.
EXTRA: dict[str, tuple[str, ...]] = {"orders": ("total_usd",), "stores": ("company",)}

FOLLOW: dict[str, Follow] = {
    "fx_rates": follow_rates,
    "categories": follow_categories,
    "stores": follow_stores,
    "listings": follow_listings,
    "orders": follow_orders,
    "order_lines": settle_and_touch,
    "tracking_events": settle_and_touch,
    "reviews": settle_and_touch,
    "refunds": settle_and_touch,
    "disputes": follow_disputes,
    "settlements": touch_only,
    "messages": touch_only,
    "copyright_complaints": follow_complaints,
}


def verdicts() -> dict[str, int]:
    """How many findings there are of each sort."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verdict, COUNT(*) FROM intake_found GROUP BY verdict")
        return dict(cursor.fetchall())
