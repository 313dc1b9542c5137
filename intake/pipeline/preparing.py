"""What some files need before they are staged: prices, languages, companies of stores.

The functions in ``PREPARE`` may reject rows of a batch (position → column, reason) and add columns of their own.
"""

from collections.abc import Callable
from functools import cache

from django.utils.translation import gettext as _

from core.pages.currencies import decimals_of
from intake.canonical.cells import decimals_reason
from intake.pipeline import pricing
from intake.pipeline.batch import Batch, Reasons
from intake.pipeline.context import IntakeContext
from intake.pipeline.rights import companies_of_others, foreign_stores
from orders.models import Review
from stores.models import Company, Store


def prepare_orders(batch: Batch, context: IntakeContext) -> Reasons:
    """Price every order in US dollars; reject those without a rate, and amounts finer than their currency."""
    amounts = batch.column("total_amount")
    reasons = finer_than_currency(batch, "total_amount", "shipping_amount")
    if set(batch.column("currency")) == {"USD"} and max(amounts) <= pricing.LARGEST_PLAIN:
        batch.values["total_usd"] = [amount * pricing.USD_PER_AMOUNT for amount in amounts]
        return reasons
    prices: list[int] = []
    look_up = context.rates.rate
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


def prepare_settlements(batch: Batch, context: IntakeContext) -> Reasons:
    """Reject amounts finer than their currency."""
    return finer_than_currency(batch, "amount")


def prepare_reviews(batch: Batch, context: IntakeContext) -> Reasons:
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


def prepare_messages(batch: Batch, context: IntakeContext) -> Reasons:
    """A given language wins, else it is detected (PN-23)."""
    detect = context.languages.detect
    batch.values["language"] = [
        (given.lower() if given else detect(text))
        for given, text in zip(batch.column("language"), batch.column("text"), strict=True)
    ]
    return {}


def prepare_stores(batch: Batch, context: IntakeContext) -> Reasons:
    """Set every store's company, creating unknown ones, and the manifest's mode where the row has none."""
    given: list[str | None] = batch.column("company_no")
    numbers = batch.column("store_no")
    stored = Store.objects.filter(store_no__in=numbers).values_list("store_no", "company_id", "mode")
    known = {number: (company, mode) for number, company, mode in stored}
    reasons: Reasons = {} if context.is_operator else foreign_stores(batch, context, known)
    companies = _companies({number for number in given if number}, context)
    may_move = "company_no" in batch.values and context.is_operator
    ids: list[int | None] = []
    for number, store_no in zip(given, numbers, strict=True):
        if number:
            ids.append(companies.get(number))
        elif store_no in known and not may_move:
            ids.append(known[store_no][0])
        else:
            ids.append(context.default_company_id)
    batch.values["company"] = ids
    batch.former_companies = {number: known.get(number, (None, ""))[0] for number in numbers}
    if context.manifest.mode:
        batch.values["mode"] = [mode or context.manifest.mode for mode in batch.column("mode")]
    return reasons


def _companies(numbers: set[str], context: IntakeContext) -> dict[str, int]:
    """Ids of the companies that may be named; for operations unknown ones are made with their number as name, which a
    later companies.csv fills in."""
    if not context.is_operator:
        return dict(Company.objects.filter(pk__in=context.companies or ()).values_list("company_no", "pk"))
    found = dict(Company.objects.filter(company_no__in=numbers).values_list("company_no", "pk"))
    missing = sorted(numbers - found.keys())
    if missing:
        Company.objects.bulk_create(
            [Company(company_no=number, name=number, is_demo=context.is_demo) for number in missing],
            ignore_conflicts=True,
        )
        found.update(Company.objects.filter(company_no__in=missing).values_list("company_no", "pk"))
    return found


Prepare = Callable[[Batch, IntakeContext], Reasons]

PREPARE: dict[str, Prepare] = {
    "companies": companies_of_others,
    "orders": prepare_orders,
    "reviews": prepare_reviews,
    "messages": prepare_messages,
    "settlements": prepare_settlements,
    "stores": prepare_stores,
}
# Columns that a function adds: fields of the model.
EXTRA: dict[str, tuple[str, ...]] = {"orders": ("total_usd",), "stores": ("company",)}
