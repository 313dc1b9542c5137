"""A company beside the demo, with all that the demo's people might take for theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Model

from core.timebase import performance_day
from metrics.facts.updating import apply_dirty
from orders.models import Message, Review
from orders.services.cases import open_risk_case
from stores.models import Company
from tests.metrics.making import make_orders
from tests.notifications.build import judged, make_store

OWN = "OWN"
# What a company's rows refer to it by; the first that a model has is looked at.
PATHS = ("store", "order", "notice", "company")


def make_others() -> Company:
    """A governed store with orders, a new review and message, a notice and a case that wait; past nights never ran."""
    now = datetime.now(UTC).replace(microsecond=0)
    company = Company.objects.create(company_no=OWN, name="Own")
    store = make_store("OWN-1", company=company)
    first, second = make_orders(store, 2)
    Review.objects.create(store=store, order=first, created_at=now - timedelta(hours=2), described=1)
    Message.objects.create(store=store, order=second, message_no="M1", sender="buyer", sent_at=now, text="one star")
    judged(store, performance_day(now) - timedelta(days=1), at=now - timedelta(hours=3), late_dispatch="red")
    facts = {"cause": "quick", "first": now.isoformat(), "last": now.isoformat(), "orders": [first.order_no]}
    open_risk_case(
        store=store, kind="review_manipulation", subject_kind="order", subject_key=first.order_no,
        facts=facts, at=now - timedelta(hours=1), dedupe="1",
    )  # fmt: skip
    apply_dirty()
    call_command("examine_feedback")
    call_command("check_risks")
    call_command("outbox", "--json")
    return company


def rows_of(company: Company) -> dict[str, list[dict[str, Any]]]:
    """All rows that are the company's, by model."""
    return {model._meta.label: _rows(model, company) for model in apps.get_models() if _path(model)}


def _rows(model: type[Model], company: Company) -> list[dict[str, Any]]:
    path = _path(model)
    owner = {"company": company} if path == "company" else {f"{path}__company": company}
    if path in ("order", "notice"):
        owner = {f"{path}__store__company": company}
    return list(model._default_manager.filter(**owner).order_by("pk").values())


def _path(model: type[Model]) -> str:
    if model._meta.app_label not in settings.OWN_APPS:
        return ""
    relations = {field.name for field in model._meta.get_fields() if field.many_to_one or field.one_to_one}
    return next((path for path in PATHS if path in relations and not model._meta.get_field(path).auto_created), "")
