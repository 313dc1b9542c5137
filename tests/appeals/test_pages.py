"""The pages of appeals: the steps by request alone, as without JavaScript, the status page, the list (AP-01, PG-11)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from appeals.models import Appeal, AppealOrder
from appeals.rules import AppealState
from appeals.services.clocks import start_supplement_clock
from notifications.models import Notice
from orders.models import Order
from stores.models import Carrier, Store
from stores.principals import Person, Program, Scope
from tests.appeals.build import NIGHT, make_appeal, make_notice, make_store
from tests.appeals.drafts import attached, filled, seller_of, started, submitted
from tests.notifications.pages import english, words_of
from tests.stores.people import client_of, make_person

pytestmark = pytest.mark.sqlite_only

AT = NIGHT + timedelta(hours=1)
WEEK = timedelta(days=7)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def notice(store: Store) -> Notice:
    return make_notice(store)


@pytest.fixture
def who(store: Store) -> Person:
    return seller_of(store)


@pytest.fixture
def seller(who: Person) -> Client:
    return english(client_of(who.user))


def url(name: str, *args: str, store: str = "S1") -> str:
    return reverse(f"appeals:{name}", args=[store, *args])


def get(client: Client, address: str, at: Any = AT, **query: str) -> str:
    with time_machine.travel(at, tick=False):
        response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return response.getvalue().decode()


def post(client: Client, address: str, at: Any = AT, **data: Any) -> Any:
    with time_machine.travel(at, tick=False):
        return client.post(address, data)


def version_of(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


@pytest.mark.rule("AP-01", "PG-11", "PN-08")
def test_appeal_is_made_step_by_step_without_javascript(seller: Client, notice: Notice) -> None:
    start = get(seller, url("start", "notice", notice.number))
    assert "Late dispatch" in words_of(start)
    assert f'href="{reverse("dashboard:counting")}#late_dispatch"' in start
    response = post(seller, url("start", "notice", notice.number))
    appeal = Appeal.objects.get()
    assert response.url == url("orders", appeal.number)
    Carrier.objects.create(code="OWN", name="Own Courier")
    Order.objects.filter(order_no="L1").update(carrier="OWN", site="ES")
    orders = get(seller, response.url)
    assert "Own Courier · Spain" in words_of(orders)
    response = post(
        seller, response.url, version=version_of(orders), order=["L1", "L3"], go="next",
        **{"exception-L1": "carrier_fault", "exception-L3": "customs_hold"},
    )  # fmt: skip
    reasons = get(seller, response.url)
    assert response.url == url("statement", appeal.number)
    response = post(
        seller, response.url, version=version_of(reasons), go="next", statement="Order L1 was scanned late.",
        **{"claim-carrier_fault": "No scan for three days", "claim-customs_hold": "Held in Madrid"},
    )  # fmt: skip
    assert response.url == url("evidence", appeal.number)
    get(seller, response.url)
    response = post(seller, response.url, go="next")
    assert response.url == url("check", appeal.number)
    checked = words_of(get(seller, response.url))
    assert "“carrier's fault” lacks evidence: third-party document order L1" in checked
    assert "The statement names its orders and is no boilerplate" in checked
    confirm = get(seller, url("confirm", appeal.number))
    assert "Order L1 was scanned late." in confirm
    response = post(seller, url("confirm", appeal.number), version=version_of(confirm), review="normal", agree="1")
    assert response.url == url("appeal", appeal.number)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.statement) == ("review", "Order L1 was scanned late.")
    assert list(appeal.orders.order_by("place").values_list("order__order_no", "exception", "claim")) == [
        ("L1", "carrier_fault", "No scan for three days"), ("L3", "customs_hold", "Held in Madrid"),
    ]  # fmt: skip
    page = words_of(get(seller, response.url))
    assert f"Appeal {appeal.number}" in page
    assert "under review" in page
    assert "48:00:00" in page


@pytest.mark.rule("AP-01")
def test_draft_survives_a_lost_session_and_keeps_what_was_entered(seller: Client, who: Person, notice: Notice) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    seller.post("/accounts/logout/")
    again = english(client_of(who.user))
    assert "scanned it late" in get(again, url("statement", appeal.number))
    orders = get(again, url("orders", appeal.number))
    assert re.findall(r'value="(L\d)" checked', orders) == ["L1"]
    # The list leads back to the step that comes next.
    listed = get(again, url("list"))
    assert f'href="{url("evidence", appeal.number)}"' in listed


@pytest.mark.rule("PN-29", "BX-04")
def test_number_if_accepted_follows_the_ticks_without_saving(seller: Client, who: Person, notice: Notice) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    response = post(seller, url("effect", appeal.number), order=["L1", "L2", "ELSE", "\x00"])
    assert "If all 2 orders are accepted" in words_of(response.content.decode())
    response = post(seller, url("effect", appeal.number))
    assert "once an order is chosen" in words_of(response.content.decode())
    assert not appeal.orders.exists()


@pytest.mark.rule("AP-01")
def test_buttons_lead_on_back_or_away(seller: Client, who: Person, notice: Notice) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    for go, leads in (("next", "statement"), ("stay", "orders")):
        appeal.refresh_from_db()
        response = post(seller, url("orders", appeal.number), version=appeal.version, order="L1", go=go)
        assert response.url == url(leads, appeal.number)
    appeal.refresh_from_db()
    response = post(seller, url("orders", appeal.number), version=appeal.version, order="L1", go="leave")
    assert response.url == url("list")


@pytest.mark.rule("RL-06", "AP-01")
def test_second_tab_is_told_who_was_faster_and_keeps_its_words(seller: Client, who: Person, notice: Notice) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    seen = version_of(get(seller, url("statement", appeal.number)))
    colleague = english(client_of(seller_of(notice.store, "colleague").user))
    post(colleague, url("statement", appeal.number), version=seen, statement="By the colleague")
    response = post(
        seller, url("statement", appeal.number), version=seen, statement="My long text", **{"claim-carrier_fault": "So"}
    )
    page = words_of(response.content.decode())
    assert response.status_code == 409
    assert "Somebody was faster" in page
    assert "Draft of an appeal changed · colleague@example.com" in page
    assert "My long text" in page
    appeal.refresh_from_db()
    assert appeal.statement == "By the colleague"


@pytest.mark.rule("RL-06", "AP-01")
def test_second_submission_is_the_same_appeal_or_a_conflict(seller: Client, who: Person, notice: Notice) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    seen = appeal.version
    colleague = english(client_of(seller_of(notice.store, "colleague").user))
    first = post(seller, url("confirm", appeal.number), version=seen)
    twice = post(seller, url("confirm", appeal.number), version=seen)
    assert (first.status_code, twice.status_code, twice.url) == (302, 302, url("appeal", appeal.number))
    response = post(colleague, url("confirm", appeal.number), version=seen)
    assert response.status_code == 409
    assert "Appeal submitted · seller@example.com" in words_of(response.content.decode())
    assert Appeal.objects.count() == 1


@pytest.mark.rule("PN-08", "RL-05")
def test_submission_after_the_last_second_is_refused_with_the_reason(
    seller: Client, who: Person, notice: Notice
) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    late = NIGHT + WEEK + timedelta(seconds=1)
    response = post(seller, url("confirm", appeal.number), at=late, version=appeal.version)
    assert response.status_code == 409
    assert "The time for it is over." in words_of(response.content.decode())
    response = post(seller, url("confirm", appeal.number), at=NIGHT + WEEK, version=appeal.version)
    assert response.status_code == 302


@pytest.mark.rule("PG-11")
def test_readers_are_offered_nothing_that_their_role_refuses(who: Person, store: Store, notice: Notice) -> None:
    reader = english(client_of(make_person("reader", store.company, "analyst")))
    start = url("start", "notice", notice.number)
    html = get(reader, start)
    assert "Your role reads appeals. Owners and managers of the company start them." in html
    assert ">Start</button>" not in html
    assert post(reader, start).status_code == 403
    appeal = filled(store, "notice", notice.number, who)
    for html in (get(reader, url("appeal", appeal.number)), get(reader, url("list"))):
        assert appeal.number in html
        assert url("evidence", appeal.number) not in html
        assert url("withdraw", appeal.number) not in html


@pytest.mark.rule("DM-11a")
def test_mirrored_store_prepares_its_case_and_is_sent_to_the_platform(
    seller: Client, who: Person, store: Store
) -> None:
    notice = make_notice(store, state="predicted")
    Store.objects.update(mode="mirrored")
    start = words_of(get(seller, url("start", "notice", notice.number)))
    assert "The platform decides about this store" in start
    post(seller, url("start", "notice", notice.number))
    appeal = Appeal.objects.get()
    page = get(seller, url("confirm", appeal.number))
    assert "Submit the appeal" not in page
    assert "It is handed in on the platform" in page
    case_file = f'href="{url("case_file", appeal.number)}" download'
    assert case_file not in page
    order = Order.objects.get(store=store, order_no="L1")
    AppealOrder.objects.create(appeal=appeal, order=order, place=1, exception="other")
    assert case_file in get(seller, url("confirm", appeal.number))


@pytest.mark.rule("PN-08")
def test_what_cannot_be_appealed_says_why(seller: Client, store: Store) -> None:
    notice = make_notice(store, state="waived")
    page = words_of(get(seller, url("start", "notice", notice.number)))
    assert "its appeal is waived" in page
    assert post(seller, url("start", "notice", notice.number)).status_code == 409
    with time_machine.travel(AT, tick=False):
        for kind, key in (("notice", "PN0"), ("other", notice.number), ("verdict", "L1")):
            assert seller.get(url("start", kind, key)).status_code == 404


@pytest.mark.rule("PN-09", "BX-12")
def test_supplement_names_what_fails_and_is_handed_in(seller: Client, who: Person, notice: Notice) -> None:
    Notice.objects.update(state="appealing")
    appeal = make_appeal(notice, AppealState.SUPPLEMENT, submitted_at=NIGHT)
    appeal.orders.filter(place=2).update(
        decision="supplement", reason_code="evidence_missing", remedy="The signed page of the list"
    )
    appeal.orders.filter(place=1).update(decision="accepted")
    start_supplement_clock(appeal=appeal, at=NIGHT)
    html = get(seller, url("appeal", appeal.number))
    page = words_of(html)
    assert "The reviewer asks for something about 1 order" in page
    assert "Nothing has to be done for the other 2 orders." in page
    assert "The signed page of the list" in page
    # What was decided about the others takes no effect yet.
    assert "enough so far" in page
    assert "6 d 23:00:00" in page
    empty = post(seller, url("supplement", appeal.number), version=version_of(html))
    assert empty.status_code == 409
    assert "Something new is needed" in words_of(empty.content.decode())
    response = post(seller, url("supplement", appeal.number), version=version_of(html), **{"answer-L2": "Here it is"})
    assert response.url == url("appeal", appeal.number)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.orders.get(place=2).answer) == ("review", "Here it is")
    late = post(seller, url("supplement", appeal.number), version=version_of(html), **{"answer-L2": "Again"})
    assert late.status_code == 409


@pytest.mark.rule("AP-01", "RL-06")
def test_appeal_is_withdrawn_until_its_review_begins(seller: Client, who: Person, notice: Notice) -> None:
    appeal = submitted(notice.store, "notice", notice.number, who)
    html = get(seller, url("appeal", appeal.number))
    assert "Withdraw the appeal" in html
    Appeal.objects.update(claimed_by=who.user, claimed_until=AT + timedelta(minutes=30))
    response = post(seller, url("withdraw", appeal.number), version=version_of(html))
    assert response.status_code == 409
    assert "The review has begun" in words_of(response.content.decode())
    Appeal.objects.update(claimed_by=None, claimed_until=None)
    assert post(seller, url("withdraw", appeal.number), version=version_of(html)).url == url("appeal", appeal.number)
    assert "withdrawn" in words_of(get(seller, url("appeal", appeal.number)))


@pytest.mark.rule("BX-05", "BX-12")
def test_rejection_leads_to_a_second_appeal(seller: Client, who: Person, notice: Notice) -> None:
    Notice.objects.update(state="plan")
    first = make_appeal(notice, AppealState.REJECTED, submitted_at=NIGHT, decided_at=NIGHT, reason="Nothing is shown")
    first.orders.update(decision="rejected", reason_code="evidence_missing", remedy="A scan of the hand-over list")
    html = get(seller, url("appeal", first.number))
    assert "Begin the second appeal" in html
    assert "A scan of the hand-over list" in html
    assert "Nothing is shown" in html
    response = post(seller, url("start", "notice", notice.number))
    second = Appeal.objects.latest("id")
    assert (second.previous, response.url) == (first, url("orders", second.number))
    assert "What the first decision got wrong" in get(seller, url("statement", second.number))


@pytest.mark.rule("AP-02", "PN-28a")
def test_files_are_declared_and_taken_out(seller: Client, who: Person, notice: Notice) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    attached(appeal, who, "a")
    attached(appeal, who, "b")
    first, second = appeal.files.order_by("place")
    page = get(seller, url("evidence", appeal.number))
    assert "2 of 5 used" in words_of(page)
    kinds = {f"kind-{first.pk}": "order_proof", f"kind-{second.pk}": "third_party_document"}
    response = post(seller, url("remove_file", appeal.number), remove=str(second.pk), **kinds)
    assert response.url == url("evidence", appeal.number)
    assert list(appeal.files.values_list("name", "kind")) == [("a.pdf", "order_proof")]


def test_order_that_is_gone_from_the_store_is_not_offered(seller: Client, who: Person, notice: Notice) -> None:
    appeal = started(notice.store, "notice", notice.number, who)
    Order.objects.filter(order_no="L2").delete()
    assert re.findall(r'name="order" value="(L\d)"', get(seller, url("orders", appeal.number))) == ["L1", "L3"]


@pytest.mark.rule("DM-03", "IX-20", "RL-08")
def test_programs_need_the_scope_of_appeals(store: Store, notice: Notice, rf: RequestFactory) -> None:
    def answer(*scopes: str, address: str = "appeals:list", method: str = "get") -> int:
        match = resolve(url("list") if address == "appeals:list" else url("start", "notice", notice.number))
        request = getattr(rf, method)("/")
        granted = frozenset(Scope.parse(scope) for scope in scopes)
        request.principal = Program("erp", store.company_id, frozenset({store.pk}), granted)
        request.user, request.htmx, request.resolver_match = AnonymousUser(), False, match
        request.session, request._messages = {}, None
        try:
            with time_machine.travel(AT, tick=False):
                return int(match.func(request, **match.kwargs).status_code)
        except PermissionDenied:
            return 403

    assert answer("appeals:read") == 200
    assert answer("notices:read") == 403
    assert answer("appeals:read", address="appeals:start", method="post") == 403
    assert answer("appeals:write", address="appeals:start", method="post") == 302
    assert Appeal.objects.get().created_by is None


@pytest.mark.rule("RL-07")
def test_fields_that_a_form_makes_up_are_not_looked_for(
    seller: Client, who: Person, notice: Notice, django_assert_max_num_queries: Any
) -> None:
    appeal = filled(notice.store, "notice", notice.number, who)
    made_up = {f"claim-{number}\x00": "x" for number in range(300)} | {"claim-carrier_fault": "Scanned late"}
    with django_assert_max_num_queries(60):
        answer = post(seller, url("statement", appeal.number), version=appeal.version, statement="Late", **made_up)
    assert answer.status_code == 302
    assert list(appeal.orders.values_list("claim", flat=True)) == ["Scanned late"]
    answer = post(seller, url("evidence", appeal.number), **{f"kind-{'9' * 30}": "order_proof"})
    assert answer.status_code == 302
