"""What-if worked by hand on a shop's orders: ticks, paces, notices (BX-04)."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from insights.queries.whatif.simulation import NoticeDay, NoUsualOrdersError, Supposed, WhatIf, what_if
from insights.queries.whatif.ticked_orders import MOST_ORDERS, Ticked, choose
from notifications.models import Notice
from stores.models import Company, Store
from tests.insights.whatifs import DUE, LATE_IN_ALL, close_today, late_numbers, make_shop
from tests.metrics.pages import NOW, TODAY

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("BX-04")]
PACE_DAYS = 28


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def built(kept_rows: None) -> Store:
    with time_machine.travel(NOW, tick=False):
        return make_shop(Company.objects.create(company_no="C1", name="Company"))


@pytest.fixture
def store(built: Store, db: None) -> Store:
    return Store.objects.get(pk=built.pk)


def supposing(store: Store, asked: date | None = None, **supposed: object) -> WhatIf:
    ticks = {kind: supposed.pop(kind, []) for kind in ("exclude", "prevent")}
    ticked = choose(store.pk, ticks).ticked  # type: ignore[arg-type]
    return what_if(store=store, at=NOW, supposed=Supposed(ticked, **supposed), asked=asked)  # type: ignore[arg-type]


def values(found: WhatIf, code: str = "late_dispatch") -> list[Fraction | None]:
    return [pair.would.value.value for pair in found.courses[code].days]


def test_ticked_orders_leave_the_failures_and_stay_in_the_denominator(store: Store) -> None:
    five = late_numbers(store, 5)
    for kind in ("exclude", "prevent"):
        first = supposing(store, **{kind: five}).courses["late_dispatch"].days[0]
        assert (first.as_is.value.numerator, first.as_is.value.denominator, first.as_is.level) == (12, DUE, "red")
        assert (first.would.value.numerator, first.would.value.denominator, first.would.level) == (7, DUE, "ok")


def test_days_ahead_go_at_the_set_pace(store: Store) -> None:
    """193 orders were paid in 28 days: 20 a day are so many times the usual ones. On the 20th nothing stands."""
    found = supposing(store, orders_per_day=20, failures_percent=50)
    assert found.usual_orders == Fraction(DUE + 3, PACE_DAYS)
    new = Fraction(DUE, PACE_DAYS) * 20 / found.usual_orders
    failed = new * Fraction(LATE_IN_ALL, DUE) / 2
    assert values(found)[:2] == [Fraction(LATE_IN_ALL, DUE), (LATE_IN_ALL + failed) / (DUE + new)]
    assert [pair.day for pair in found.courses["late_dispatch"].days] == [TODAY + timedelta(n) for n in range(15)]


def test_open_orders_fail_at_the_pace_unless_they_are_prevented(store: Store) -> None:
    """Three of the orders due on the 21st wait for dispatch; a usual day has 190 ÷ 28."""
    rate, usual = Fraction(LATE_IN_ALL, DUE), Fraction(DUE, PACE_DAYS)
    before = [LATE_IN_ALL + usual * rate, DUE + usual]
    at_pace = (before[0] + usual * rate) / (before[1] + usual)
    assert values(supposing(store))[2] == at_pace
    done = supposing(store, prevent=[f"W1-open-{place}" for place in range(3)])
    assert values(done)[2] == (before[0] + (usual - 3) * rate) / (before[1] + usual)
    assert done.courses["late_dispatch"].days[2].as_is.value.value == at_pace


def test_no_failures_ahead_bring_the_rate_back_and_more_do_not(store: Store) -> None:
    none, usual, double = (values(supposing(store, failures_percent=percent, ahead=28)) for percent in (0, 100, 200))
    assert len(none) == 29
    for low, middle, high in zip(none[1:], usual[1:], double[1:], strict=True):
        assert low is not None
        assert middle is not None
        assert high is not None
        assert low < middle < high


def test_a_day_of_the_past_has_no_days_ahead(store: Store) -> None:
    """By the 17th 8 of 170 were late; one of them is of the last five."""
    close_today()
    found = supposing(store, asked=TODAY - timedelta(days=2), exclude=late_numbers(store, 5), failures_percent=0)
    (pair,) = found.courses["late_dispatch"].days
    assert found.ahead == 0
    story = found.courses["late_dispatch"].story
    assert story is not None
    assert story.current is None
    assert (pair.as_is.value.numerator, pair.would.value.numerator, pair.would.value.denominator) == (8, 7, 170)


def test_a_number_of_orders_needs_a_store_with_orders(store: Store) -> None:
    other = Store.objects.create(company=store.company, store_no="EMPTY", name="Empty")
    with pytest.raises(NoUsualOrdersError):
        supposing(other, orders_per_day=5)
    assert supposing(other).courses["odr"].days[0].would.level == "no_data"


# ── Notices ──


@pytest.mark.slow
@pytest.mark.rule("PN-06")
@pytest.mark.parametrize(("count", "kept"), [(0, "red"), (2, "red"), (3, "yellow"), (5, None)])
def test_the_notice_that_stands_stands_sinks_or_goes(store: Store, count: int, kept: str | None) -> None:
    """10, 9 and 7 of 190 against 4.75 % and 3.8 %."""
    close_today()
    notice = Notice.objects.get()
    assert (notice.metric, notice.level) == ("late_dispatch", "red")
    story = supposing(store, exclude=late_numbers(store, count)).courses["late_dispatch"].story
    assert story is not None
    assert story.current is not None
    assert (story.current.number, story.kept, story.restated) == (notice.number, kept, False)
    assert story.as_is == []


def test_a_notice_would_have_been_issued_later(store: Store) -> None:
    """10 of 180 were red on the 18th; without two of these the 18th is yellow at most, the 19th is red all the same."""
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        close_today(TODAY - timedelta(days=1))
    close_today()
    notice = Notice.objects.get()
    assert notice.day == TODAY - timedelta(days=1)
    story = supposing(store, exclude=["W1-15-0", "W1-15-1"]).courses["late_dispatch"].story
    assert story is not None
    assert (story.kept, story.kept_from) == ("red", TODAY)


def test_days_ahead_issue_the_notices_that_no_notice_stops(store: Store) -> None:
    """The last day is not judged yet: as it is, it will issue a red notice; without five failures none."""
    found = supposing(store, exclude=late_numbers(store, 5), failures_percent=0)
    story = found.courses["late_dispatch"].story
    assert story is not None
    assert story.current is None
    assert (story.as_is, story.would) == ([NoticeDay(TODAY, "issue", "red")], [])


def test_a_kept_yellow_notice_escalates_when_the_pace_is_worse(store: Store) -> None:
    close_today()
    found = supposing(store, exclude=late_numbers(store, 3), failures_percent=1000)
    story = found.courses["late_dispatch"].story
    assert story is not None
    (step,) = story.would
    assert (step.kind, step.level) == ("escalate", "red")
    levels = {pair.day: pair.would.level for pair in found.courses["late_dispatch"].days}
    assert all(level != "red" for day, level in levels.items() if day < step.day)
    assert levels[step.day] == "red"


def test_a_predicted_notice_ends_on_a_day_within_bounds(store: Store) -> None:
    Store.objects.update(mode=Store.Mode.MIRRORED)
    store.refresh_from_db()
    close_today()
    assert Notice.objects.get().state == "predicted"
    story = supposing(store, exclude=late_numbers(store, 5), failures_percent=0).courses["late_dispatch"].story
    assert story is not None
    assert (story.current is not None, story.kept, story.would) == (True, None, [])


# ── Ticks by number ──


def test_ticks_tell_what_can_not_count(store: Store) -> None:
    one, two, three = late_numbers(store, 3)
    chosen = choose(store.pk, {"exclude": [one, one, two, "NOPE", "\x00"], "prevent": [two, three]})
    assert chosen.numbers["exclude"] == [one]
    assert chosen.numbers["prevent"] == [two, three]
    assert (chosen.unknown, chosen.twice, chosen.over) == (["NOPE", "\x00"], [two], 0)
    assert len(chosen.ticked.mended) == 3
    many = choose(store.pk, {"exclude": [one, *(f"X{n}" for n in range(MOST_ORDERS + 6))]})
    assert (many.over, len(many.unknown), many.numbers["exclude"]) == (7, MOST_ORDERS - 1, [one])


def test_orders_of_other_stores_are_unknown(store: Store) -> None:
    other = make_shop(store.company, "W2")
    chosen = choose(other.pk, {"exclude": late_numbers(store, 1)})
    assert (chosen.ticked, chosen.unknown) == (Ticked(), late_numbers(store, 1))


# ── The command ──


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("whatif", *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_what_the_page_shows(store: Store) -> None:
    close_today()
    ticks = [text for number in late_numbers(store, 5) for text in ("--exclude", number)]
    text = run("--store", "W1", *ticks, "--failures", "0", "--metric", "late_dispatch")
    assert "exclude: 5" in text
    assert "failures: 0 % of the usual" in text
    assert "late_dispatch        2026-06-19      0.063158 red            0.036842 ok" in text
    assert text.count("late_dispatch        2026-") == 15
    assert "PN20260619-000001 would not exist" in text
    data = json.loads(run("--store", "W1", *ticks, "--json"))
    metric = data["metrics"]["late_dispatch"]
    assert metric["days"][0]["would"] == {
        "level": "ok", "value": "0.0368421053", "numerator": 7, "denominator": 190,
        "yellow": "0.0380000000", "red": "0.0475000000",
    }  # fmt: skip
    assert metric["notices"]["standing"] == {"number": "PN20260619-000001", "level": "red", "would": None}
    assert (data["day"], data["ahead"], len(metric["days"])) == ("2026-06-19", 14, 15)


WRONG = [
    (["--store", "NOPE"], "no store has the number NOPE"),
    (["--store", "W1", "--exclude", "NOPE"], "no order of the number NOPE"),
    (["--store", "W1", "--exclude", "W1-19-0", "--prevent", "W1-19-0"], "both excluded and prevented: W1-19-0"),
    (["--store", "W1", "--failures", "-1"], "--failures must lie between"),
    (["--store", "W1", "--orders-per-day", "2000000"], "--orders-per-day must lie between"),
    (["--store", "W1", "--ahead", "91"], "--ahead must lie between"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_command_names_what_makes_no_sense(store: Store, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)
