"""Copyright notices over months of random complaints and listings against an independent computation, whether nights
and sweeps run often or not at all between what happens (PN-24, PN-33)."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from core.sweeping import sweep
from disputes.models import CopyrightComplaint
from disputes.services.complaints import report_complaints
from notifications.models import Notice
from notifications.services.complaints import judge_day_of_complaints
from stores.models import Listing, Store
from stores.services.listings import put_online, take_offline
from tests.notifications.build import DAY, NIGHT, ONE_DAY, make_store
from tests.oracle.copyright_notices import Deed, Row, copyright_rows
from tests.outbox import deliver

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.sqlite_only]
SKUS = ("A1", "B2")
DAYS, STORES, DEEDS = 150, 4, 9
END = NIGHT + 260 * ONE_DAY
LISTED = {"offline": take_offline, "online": put_online}


def draw_deeds(draw: random.Random) -> list[Deed]:
    """At odd seconds, so that nothing falls together with what is due."""
    instants = sorted(NIGHT + timedelta(seconds=draw.randrange(DAYS * 86_400)) for _deed in range(DEEDS))
    deeds, upheld = [], []
    for place, at in enumerate(instants):
        what = draw.choice(["upheld", "upheld", "overturned", "offline", "offline", "online"])
        if what == "upheld":
            upheld.append(f"K{place}")
            deeds.append(Deed(at, what, upheld[-1], draw.choice(SKUS)))
        elif what != "overturned":
            deeds.append(Deed(at, what, draw.choice(SKUS)))
        elif upheld:
            deeds.append(Deed(at, what, upheld.pop(draw.randrange(len(upheld)))))
    return deeds


def told(deeds: Sequence[Deed]) -> str:
    return "\n".join(f"{deed.at:%m-%d %H:%M:%S} {deed.what} {deed.about} {deed.sku}" for deed in deeds)


def do(store: Store, deed: Deed) -> None:
    if deed.what in LISTED:
        LISTED[deed.what](store=store, sku=deed.about, at=deed.at, actor="person:1")
    else:
        given: dict[str, object] = {
            "sku": deed.sku,
            "opened_at": deed.at - ONE_DAY,
            "resolved_at": deed.at,
            "upheld": True,
        }
        if deed.what == "overturned":
            given = {"upheld": False}
        row, is_new = CopyrightComplaint.objects.update_or_create(store=store, complaint_no=deed.about, defaults=given)
        report_complaints(complaints={row.pk: "new" if is_new else "changed"}, at=deed.at)
    while deliver():
        pass


def live(store: Store, deeds: Sequence[Deed], *, often: bool) -> list[Row]:
    pauses = [NIGHT + place * 15 * ONE_DAY for place in range(DAYS // 15)] if often else []
    acts: list[tuple[datetime, Deed | None]] = [*((deed.at, deed) for deed in deeds), *((at, None) for at in pauses)]
    for at, deed in sorted(acts, key=lambda one: one[0]):
        sweep(at=at)
        if deed is None:
            judge_day_of_complaints(day=DAY, at=at, calendar="performance")
        else:
            do(store, deed)
    sweep(at=END)
    rows = Notice.objects.filter(store=store).order_by("triggered_at", "pk")
    return list(rows.values_list("level", "state", "day", "ended_at"))


@pytest.mark.rule("PN-24", "PN-33")
def test_histories_of_complaints_leave_the_notices_that_the_reference_computes() -> None:
    draw = random.Random(24)
    for place in range(STORES):
        store = make_store(f"S{place}")
        for sku in SKUS:
            Listing.objects.create(store=store, sku=sku)
        deeds = draw_deeds(draw)
        assert live(store, deeds, often=place % 2 == 0) == copyright_rows(deeds, END), told(deeds)
