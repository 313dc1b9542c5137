"""The surcharge on commission (DP-11)."""

from datetime import date

import pytest
from django.utils import translation

from penalties.models import Penalty
from penalties.sources import source_named
from stores.models import Category, Store, StorePeriod
from tests.penalties.nights import close, history, night, publish, result
from tests.stores.people import make_store

pytestmark = pytest.mark.rule("DP-11")
JAN, FEB, MAR, APR, MAY = (
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2026, 3, 31),
    date(2026, 4, 30),
    date(2026, 5, 31),
)


def in_category(code: str, number: str = "S1") -> Store:
    store = make_store(number, mode="governed", primary_category=code)
    StorePeriod.objects.create(
        store=store, effective_from=date(1970, 1, 1), level="basic", primary_category=code, status="active"
    )
    return store


def end_months(store: Store, ends: dict[date, int | str]) -> None:
    """Month-ends with a rate out of a thousand, or a level that says nothing."""
    for day, given in ends.items():
        one = result(given) if isinstance(given, str) else result("L1" if given >= 35 else "ok", given)
        publish(store, day, {"liability_rate": one})
        close(day)


@pytest.mark.django_db
def test_two_month_ends_bring_it_and_the_first_below_ends_it() -> None:
    store = in_category("apparel")
    end_months(store, {JAN: 40, FEB: 41})
    assert history(store, "commission_surcharge") == [(str(FEB), night(FEB), None, "")]
    end_months(store, {MAR: 52, APR: 39})
    assert history(store, "commission_surcharge") == [(str(FEB), night(FEB), night(APR), "met")]
    end_months(store, {MAY: 40})
    assert len(history(store, "commission_surcharge")) == 1


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_a_month_end_that_says_nothing_breaks_the_row_and_ends_nothing() -> None:
    broken, lasting = in_category("apparel"), in_category("apparel", "S2")
    end_months(broken, {JAN: 40, FEB: "few", MAR: 40})
    end_months(lasting, {JAN: 40, FEB: 40, MAR: "stale"})
    assert history(broken, "commission_surcharge") == []
    assert [row[2] for row in history(lasting, "commission_surcharge")] == [None]


@pytest.mark.django_db
def test_other_days_of_the_month_and_other_categories_count_for_nothing() -> None:
    store, other = in_category("apparel"), in_category("electronics", "S2")
    end_months(store, {JAN: 40, date(2026, 2, 27): 90, FEB: 39})
    end_months(other, {JAN: 40, FEB: 40})
    assert not Penalty.objects.filter(kind="commission_surcharge").exists()


@pytest.mark.django_db
def test_the_commission_is_told_before_and_after() -> None:
    child = Category.objects.create(code="dresses", name="连衣裙", parent_code="apparel")
    store = in_category(child.code)
    end_months(store, {JAN: 40, FEB: 41})
    penalty = Penalty.objects.select_related("store").get(kind="commission_surcharge")
    told = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told[language] = source_named("commission").words(penalty).cause.replace("\N{NO-BREAK SPACE}", " ")
    assert told["en"].endswith("4.10 % on 2026-02-28. Commission in Apparel: 5 % → 5.5 %.")
    assert told["zh-hans"].endswith("2026-02-28 为 4.10 %。类目 服饰 的佣金：5 % → 5.5 %。")
