"""The staff admin: strict CSP, read-only facts, an event with each change, no counts over big tables (PG-20)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Deadline, Event
from orders.models import Order, RiskCase
from stores.adminbase import MOST_COUNTED
from stores.models import Category, Company, Membership, Store, StorePeriod, User
from stores.roles import POLICY_EDITOR, REVIEWER, SENIOR_REVIEWER
from tests.stores.people import client_of, make_person, make_staff, make_store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("PG-20")]


def administrator() -> User:
    user = make_staff("root")
    user.is_superuser = True
    user.save()
    return user


def make_order(store: Store, number: str = "O1") -> Order:
    return Order.objects.create(
        store=store, order_no=number, created_at=NOON, total_amount=10, currency="USD", total_usd="10.5"
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_list_and_form_opens(language: str) -> None:
    client = client_of(administrator())
    client.cookies["language"] = language
    store = make_store(opened_at=NOON)
    order = make_order(store)
    Deadline.objects.create(
        store_id=store.pk, kind="k", subject_kind="order", subject_key="O1", due_at=NOON, opened_at=NOON
    )
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        response = client.get(reverse(f"{name}_changelist"), {"q": "S1"} if page.search_fields else {})
        assert response.status_code == 200, name
        row = model._default_manager.first()
        if row is not None:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, name
        if page.has_add_permission(response.wsgi_request):
            assert client.get(reverse(f"{name}_add")).status_code == 200, name
    body = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "2026-05-01 20:00:00" in body
    assert "10.5" in body


def test_pages_hold_the_strict_content_security_policy() -> None:
    client = client_of(administrator())
    store = make_store()
    for url in (reverse("admin:index"), reverse("admin:stores_store_change", args=[store.pk])):
        response = client.get(url)
        scripts = response.headers["Content-Security-Policy"].split("script-src ")[1].split(";")[0]
        assert scripts == "'self'"
        for script in response.content.decode().split("<script")[1:]:
            tag, body = script.split(">", 1)
            assert "src=" in tag or "application/json" in tag
            assert "src=" not in tag or body.lstrip().startswith("</script>")


@pytest.mark.rule("DM-33")
@pytest.mark.parametrize("model", [Event, Order, Deadline, Category, StorePeriod])
def test_facts_and_events_are_read_only_even_for_administrators(model: type) -> None:
    client = client_of(administrator())
    store = make_store()
    make_order(store)
    Category.objects.create(code="c", name="c")
    StorePeriod.objects.create(store=store, effective_from=NOON.date(), level="gold", status="active")
    Deadline.objects.create(store_id=store.pk, kind="k", subject_kind="o", subject_key="O", due_at=NOON, opened_at=NOON)
    Event.objects.create(kind="k", subject_kind="s", subject_key="k", actor="a", at=NOON)
    row = model._default_manager.latest("pk")
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.rule("AF-12")
def test_staff_reports_inducing_reviews_on_the_orders_page() -> None:
    order = make_order(make_store())
    url = reverse("admin:orders_order_report", args=[order.pk])
    assert client_of(make_staff("editor", POLICY_EDITOR)).post(url, {"reason": "seen"}).status_code == 403
    client = client_of(make_staff("judge", REVIEWER))
    assert (
        "Report inducing reviews"
        in client.get(
            reverse("admin:orders_order_change", args=[order.pk]), headers={"accept-language": "en"}
        ).content.decode()
    )
    for reason in ("", "The buyer sent us a letter.", "Again"):
        assert client.post(url, {"reason": reason}).status_code == 302
    case = RiskCase.objects.get()
    assert (case.kind, case.subject_key, case.facts["report"]) == (
        "inducement",
        order.order_no,
        "The buyer sent us a letter.",
    )


@pytest.mark.rule("DM-33", "DM-11")
def test_changing_a_store_leaves_an_event_and_a_period() -> None:
    store = make_store(level="basic")
    StorePeriod.objects.create(store=store, effective_from=datetime(1970, 1, 1).date(), level="basic", status="active")
    client = client_of(administrator())
    page = client.get(reverse("admin:stores_store_change", args=[store.pk]))
    data = {key: value for key, value in page.context["adminform"].form.initial.items() if value not in (None, False)}
    data |= {"level": "gold", "opened_at_0": "", "opened_at_1": "", "kyc_verified": "unknown"}
    response = client.post(reverse("admin:stores_store_change", args=[store.pk]), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    event = Event.objects.get(kind="store.changed")
    assert (event.before, event.after) == ({"level": "basic"}, {"level": "gold"})
    assert (event.actor, event.store_no, event.company_no) == (f"person:{User.objects.get().pk}", "S1", "C-S1")
    assert list(store.periods.values_list("level", flat=True)) == ["basic", "gold"]


@pytest.mark.rule("DM-33")
def test_changing_a_person_leaves_no_personal_data_in_the_log() -> None:
    person = make_person("seller", make_store().company)
    client = client_of(administrator())
    url = reverse("admin:stores_user_change", args=[person.pk])
    data = {"email": "secret-address@example.com", "name": "Secret Name", "language": "", "time_zone": "UTC"}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    response = client.post(url, {**data, **rows})
    assert response.status_code == 302, response.context["adminform"].form.errors
    event = Event.objects.get(kind="user.changed")
    assert event.subject_key == str(person.pk)
    assert event.after == {"email": "…", "name": "…", "time_zone": "UTC", "is_active": False}
    assert "ecret" not in f"{event.before}{event.after}"


def saved(page: str, data: dict[str, Any], *, of: Company | None = None, rows: list[dict[str, Any]] = ()) -> Any:
    """Send a form of the admin with its rows of memberships, as an administrator."""
    known = 0 if of is None else Membership.objects.filter(company=of).count()
    forms = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": known}
    given = {f"memberships-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return client_of(administrator()).post(page, {**data, **forms, **given}, follow=True)


def events() -> list[tuple[str, str]]:
    return list(Event.objects.order_by("id").values_list("kind", "company_no"))


@pytest.mark.rule("DM-01", "DM-33")
def test_members_edited_with_their_company_go_through_the_services() -> None:
    company = make_store().company
    row = {"user": make_person("seller").pk, "role": "manager"}
    saved(reverse("admin:stores_company_change", args=[company.pk]), {"name": "New"}, of=company, rows=[row])
    assert Membership.objects.get().role == "manager"
    assert events() == [("company.changed", "C-S1"), ("member.added", "C-S1")]


@pytest.mark.rule("DM-01")
@pytest.mark.parametrize("change", [{"DELETE": "on"}, {"role": "analyst"}])
def test_staff_take_no_company_its_last_owner(change: dict[str, str]) -> None:
    company = make_store().company
    owner = make_person("owner", company)
    row = {"id": Membership.objects.get().pk, "user": owner.pk, "role": "owner", **change}
    response = saved(reverse("admin:stores_company_change", args=[company.pk]), {"name": "N"}, of=company, rows=[row])
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert Membership.objects.get().role == "owner"
    assert Company.objects.get().name == "Company of S1"
    assert events() == []


@pytest.mark.rule("DM-33")
def test_companies_and_accounts_are_made_and_closed_by_the_services() -> None:
    saved(reverse("admin:stores_company_add"), {"company_no": "C9", "name": "Nine"})
    assert Company.objects.get().name == "Nine"
    person = make_person("seller")
    data = {"email": person.email, "name": "", "language": "", "time_zone": "Asia/Shanghai"}
    page = reverse("admin:stores_user_change", args=[person.pk])
    root = client_of(User.objects.get(email="root@example.com"))
    root.post(page, {**data, "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0})
    person.refresh_from_db()
    assert not person.is_active
    assert events() == [("company.created", "C9"), ("user.changed", ""), ("person.disabled", "")]


# What staff may change in the admin. Whoever adds a model here has its save_model call the service.
WRITABLE = {
    "appeals.ProtectedEvent",
    "auth.Group",
    "stores.Company",
    "stores.Membership",
    "stores.Store",
    "stores.User",
}


def test_the_admin_changes_nothing_else() -> None:
    request = RequestFactory().get("/admin/")
    request.user = administrator()
    writable = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request) or page.has_change_permission(request)
    }
    ours = {label for label in writable if label.partition(".")[0] in {"auth", *settings.OWN_APPS}}
    assert ours == WRITABLE
    saving = {label for label in WRITABLE - {"auth.Group"} if "save_model" in vars(type(page_of(label)))}
    assert saving == WRITABLE - {"auth.Group"}


def page_of(label: str) -> Any:
    return next(page for model, page in admin.site._registry.items() if model._meta.label == label)


REVIEWERS = {REVIEWER, SENIOR_REVIEWER}
# What is done on pages of the admin besides Django's own, and who may. Whoever adds one here tests what it does.
ACTIONS = {
    "desk_next": {REVIEWER, SENIOR_REVIEWER, POLICY_EDITOR},
    "appeals_appeal_next": REVIEWERS,
    "appeals_appeal_review": REVIEWERS,
    "appeals_appealreview_next": REVIEWERS,
    "appeals_appealreview_decide": REVIEWERS,
    "appeals_correctionreport_withdraw": {SENIOR_REVIEWER},
    "appeals_protectedevent_apply": {SENIOR_REVIEWER},
    "appeals_protectedevent_restart": {SENIOR_REVIEWER},
    "appeals_protectedevent_withdraw": {SENIOR_REVIEWER},
    "disputes_arbitration_next": REVIEWERS,
    "disputes_arbitration_decide": REVIEWERS,
    "metrics_ratingfreeze_end": REVIEWERS,
    "metrics_run_again": {SENIOR_REVIEWER},
    "notifications_notice_end_review": {SENIOR_REVIEWER},
    "orders_logisticsclaim_review": REVIEWERS,
    "orders_order_report": REVIEWERS,
    "orders_riskcase_decide": REVIEWERS,
    "orders_riskcase_next": REVIEWERS,
    "orders_logisticsclaim_next": REVIEWERS,
    "penalties_penalty_lift": REVIEWERS,
    "penalties_pointsentry_lift": REVIEWERS,
    "penalties_penaltyproposal_decide": REVIEWERS,
    "penalties_penaltyproposal_next": REVIEWERS,
    "penalties_penaltyproposal_propose": REVIEWERS,
    "policy": {POLICY_EDITOR},
    "policy_draft": {POLICY_EDITOR},
    "policy_impact": {POLICY_EDITOR},
}
# Pages that only show, to everybody with a role.
SHOWN = {
    "tables", "appeals_appeal_queue", "appeals_appeal_figures", "appeals_appealreview_blind", "metrics_run_nights",
    "orders_logisticsclaim_queue", "orders_riskcase_queue",
    "disputes_arbitration_queue", "penalties_penaltyproposal_queue",
}  # fmt: skip
# The same of one object, of which there is none here.
SHOWN_OF_ONE = {"policy_compare", "policy_draft_data", "policy_impact_file"}
# The lists of the desk as files; tests/exports/test_lists.py tells who may have which.
LISTS = {"desk_list"}
DJANGO_S_OWN = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site",
    "app_list", "auth_user_password_change",
}  # fmt: skip


def own_pages() -> dict[str, Any]:
    """The admin's addresses that are none of Django's, by name."""
    every = [route for part in admin.site.urls[0] for route in getattr(part, "url_patterns", [part])]
    usual = ("_changelist", "_add", "_history", "_delete", "_change")
    named = {route.name: route for route in every if route.name and not route.name.endswith(usual)}
    return {name: route for name, route in named.items() if name not in DJANGO_S_OWN}


@pytest.mark.rule("DM-02")
def test_every_action_of_the_admin_is_listed_with_who_may_do_it() -> None:
    pages = own_pages()
    assert set(pages) == set(ACTIONS) | SHOWN | SHOWN_OF_ONE | LISTS
    for role in (REVIEWER, SENIOR_REVIEWER, POLICY_EDITOR):
        client = client_of(make_staff(role.replace(" ", ""), role))
        for name, allowed in ACTIONS.items():
            address = reverse(f"admin:{name}", kwargs=dict.fromkeys(pages[name].pattern.converters, 0))
            assert (client.post(address, {}).status_code == 403) is (role not in allowed), (name, role)
        for name in SHOWN:
            assert client.get(reverse(f"admin:{name}")).status_code == 200, (name, role)
        for name in SHOWN_OF_ONE:
            assert client.get(reverse(f"admin:{name}", args=[0])).status_code == 404, (name, role)


@pytest.mark.rule("DM-02")
def test_roles_allow_what_they_are_for() -> None:
    store = make_store()
    change = reverse("admin:stores_store_change", args=[store.pk])
    for role, may_change in ((REVIEWER, False), (SENIOR_REVIEWER, True), (POLICY_EDITOR, False)):
        person = make_staff(role.replace(" ", ""), role)
        client = client_of(person)
        assert client.get(change).status_code == 200
        assert client.get(reverse("admin:core_event_changelist")).status_code == 200
        assert (client.post(change, {}).status_code == 403) is not may_change
        assert person.has_perm("rulebook.add_policyversion") is (role == POLICY_EDITOR)
        assert not person.has_perm("stores.change_user")
        assert client.post(reverse("admin:stores_user_add"), {}).status_code == 403


def test_staff_without_a_role_see_nothing() -> None:
    client = client_of(make_staff("nobody"))
    assert client.get(reverse("admin:stores_store_changelist")).status_code == 403


def test_lists_count_no_further_than_a_cap_and_query_no_row_by_row() -> None:
    client = client_of(administrator())
    client.get(reverse("admin:index"))
    store = make_store()
    counts = []
    for number in (1, 3):
        Order.objects.all().delete()
        for order in range(number):
            make_order(store, f"O{order}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("admin:orders_order_changelist")).status_code == 200
        counts.append(len(queries))
        counting = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "orders_order" in query["sql"]]
        assert all(f"LIMIT {MOST_COUNTED}" in sql for sql in counting)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("term", "found"), [("S1", 2), ("S1 O1", 1), ("S2", 0), ("S1 O9", 0), ("S1 O1 x", 0)])
def test_orders_are_found_by_store_and_number(term: str, found: int) -> None:
    client = client_of(administrator())
    store = make_store()
    make_order(store, "O1")
    make_order(store, "O2")
    response = client.get(reverse("admin:orders_order_changelist"), {"q": term})
    assert response.context["cl"].result_count == found


def test_companies_are_not_deleted_by_a_click() -> None:
    company: Company = make_store().company
    response = client_of(administrator()).post(
        reverse("admin:stores_company_delete", args=[company.pk]), {"post": "yes"}
    )
    assert response.status_code == 403
