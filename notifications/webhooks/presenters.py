"""The pages of webhooks (IX-23)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.outgoing import Failure
from core.pages import formats
from core.pages.components import Tab
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks.addresses import host_of
from notifications.webhooks.kinds import TEST, declared_webhooks
from notifications.webhooks.rules import OVERLAP
from notifications.webhooks.secrets import former_signs
from stores.context_processors import nav
from stores.models import Company

EndpointState = WebhookEndpoint.State
TONES = {EndpointState.ACTIVE: "ok", EndpointState.FAILING: "yellow", EndpointState.DISABLED: "na"}
DELIVERY_TONES = {
    WebhookDelivery.State.WAITING: "few",
    WebhookDelivery.State.DELIVERED: "ok",
    WebhookDelivery.State.FAILED: "red",
}


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint in a list: ``note`` says why it fails or is off."""

    endpoint: WebhookEndpoint
    host: str
    level: str
    state: str
    note: str
    url: str
    test_url: str


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """What templates/notifications/webhooks.html reads."""

    nav: dict[str, Any]
    company: Company
    rows: list[EndpointRow]
    form: Form
    team_url: str
    may_add: bool


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery of the log; ``answers``: its attempts in words."""

    delivery: WebhookDelivery
    title: str
    level: str
    state: str
    note: str
    answers: list[tuple[datetime, str, str]]
    may_replay: bool


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """What templates/notifications/webhook.html reads. ``secret``: one that was made just now."""

    nav: dict[str, Any]
    company: Company
    row: EndpointRow
    form: Form
    secret: str
    overlap_hours: str
    is_overlapping: bool
    is_off: bool
    tabs: list[Tab]
    page: Page[Any]
    lines: list[DeliveryLine]
    failed: int
    actions: dict[str, str]
    list_url: str


def endpoint_rows(endpoints: Iterable[Any]) -> list[EndpointRow]:
    """Endpoints with ``waiting`` and ``failed`` counted."""
    return [_endpoint(one) for one in endpoints]


def _endpoint(endpoint: Any) -> EndpointRow:
    address = [endpoint.company.company_no, endpoint.pk]
    return EndpointRow(
        endpoint=endpoint,
        host=host_of(endpoint.url),
        level=TONES[EndpointState(endpoint.state)],
        state=endpoint.get_state_display(),
        note=" · ".join(_notes(endpoint)),
        url=reverse("notifications:webhook", args=address),
        test_url=reverse("notifications:webhook_act", args=[*address, "test"]),
    )


def _notes(endpoint: Any) -> Iterable[str]:
    if endpoint.reason:
        yield endpoint.get_reason_display()
    if endpoint.waiting:
        yield ngettext("%(count)s waits", "%(count)s wait", endpoint.waiting) % {
            "count": formats.number(endpoint.waiting)
        }
    if endpoint.failed:
        count = {"count": formats.number(endpoint.failed)}
        yield ngettext("%(count)s failed", "%(count)s failed", endpoint.failed) % count


def webhooks_page_of(
    request: HttpRequest, company: Company, endpoints: Iterable[Any], form: Form, *, most: int
) -> WebhooksPage:
    """The list with the form for another one."""
    rows = endpoint_rows(endpoints)
    team_url = reverse("dashboard:team", args=[company.company_no])
    return WebhooksPage(nav(request, current="data"), company, rows, form, team_url, len(rows) < most)


def webhook_page_of(
    request: HttpRequest, endpoint: Any, form: Form, page: Page[Any], state: str, now: datetime, *, secret: str = ""
) -> WebhookPage:
    """An endpoint with its log."""
    row = _endpoint(endpoint)
    names = ("test", "rotate", "off", "on", "remove", "replay")
    address = [endpoint.company.company_no, endpoint.pk]
    return WebhookPage(
        nav=nav(request, current="data"),
        company=endpoint.company,
        row=row,
        form=form,
        secret=secret,
        overlap_hours=formats.number(int(OVERLAP.total_seconds()) // 3600),
        is_overlapping=former_signs(endpoint, now),
        is_off=endpoint.state == EndpointState.DISABLED,
        tabs=_tabs(row.url, state),
        page=page,
        lines=[_line(one) for one in page],
        failed=endpoint.failed,
        actions={name: reverse("notifications:webhook_act", args=[*address, name]) for name in names},
        list_url=reverse("notifications:webhooks", args=[endpoint.company.company_no]),
    )


def _tabs(url: str, state: str) -> list[Tab]:
    parts: Sequence[tuple[str, Any]] = [("", _("All")), *WebhookDelivery.State.choices]
    return [Tab(str(label), f"{url}?state={name}" if name else url, current=name == state) for name, label in parts]


def _line(delivery: Any) -> DeliveryLine:
    return DeliveryLine(
        delivery=delivery,
        title=_title(delivery.kind),
        level=DELIVERY_TONES[WebhookDelivery.State(delivery.state)],
        state=delivery.get_state_display(),
        note=delivery.get_reason_display() if delivery.reason else "",
        answers=[(one.at, answer_words(one), one.answer) for one in delivery.tries],
        may_replay=delivery.kind != TEST and delivery.state != WebhookDelivery.State.WAITING,
    )


def _title(kind: str) -> str:
    if kind == TEST:
        return pgettext("webhook", "test")
    return next((str(one.label) for one in declared_webhooks() if one.name == kind), kind)


def answer_words(attempt: WebhookAttempt) -> str:
    """What came of a request: ``HTTP 503 · 0.8 s``."""
    took = _("%(seconds)s s") % {"seconds": f"{attempt.milliseconds / 1000:.1f}"}
    said = failure_words(attempt.failure) if attempt.failure != Failure.TOO_BIG else ""
    status = f"HTTP {attempt.status}" if attempt.status else ""
    if not said and not status:
        said = _("the secret could not be opened; replace it")
    return " · ".join(part for part in (status, said, took) if part)


def failure_words(failure: str) -> str:
    """Why there is no usable answer."""
    words = {
        Failure.REFUSED: _("requests to this address are not allowed"),
        Failure.UNREACHABLE: _("no connection, or it broke"),
        Failure.TIMEOUT: _("no answer in time"),
        Failure.TLS: _("the certificate is not valid"),
        Failure.REDIRECT: _("a redirect, which is not followed"),
    }
    return words.get(Failure(failure), "") if failure else ""
