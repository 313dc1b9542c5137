"""Sends what waits: rows are claimed, sent outside any transaction, and settled (RL-02, RL-13).

A worker that dies between the answer and settling leaves a row that is sent again, with the same event id. At most one
request is under way to an endpoint and three to a company's endpoints, so that one that hangs delays nobody else's
(RL-18).
"""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Min, Q, QuerySet, prefetch_related_objects

from core.leases import Leases, free, held, take_turn
from core.outgoing import Failure, Limits, Response, send
from core.secrets import UnsealError
from metrics.services.runs import Clock
from notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notifications.webhooks.alarms import tell_disabled, tell_failed
from notifications.webhooks.rules import (
    DISABLED_AFTER,
    FIRST_RETRY,
    GONE,
    KEPT_FOR,
    MAX_ATTEMPTS,
    TOO_MANY_REQUESTS,
    pause_after,
    signature_header,
)
from notifications.webhooks.secrets import signing_secrets

log = structlog.get_logger("dianwei.webhooks")

SENDS = Leases(duration=timedelta(minutes=2), max_attempts=MAX_ATTEMPTS, first_retry=FIRST_RETRY)
LIMITS = Limits(connect=5, total=10, answer_bytes=4096)
AT_ONCE = 8
MOST_PER_COMPANY = 3
# A run ends soon after, so that it doesn't keep a worker from other work.
RUN_SECONDS = 30.0
POLL_SECONDS = 1.0
ANSWER_LENGTH = 500
# Any number that nothing else in the product locks.
CHOOSING = 0x0E3A12

State, Reason = WebhookDelivery.State, WebhookDelivery.Reason
EndpointState = WebhookEndpoint.State


@dataclass(frozen=True)
class Sent:
    """A request that was made: what came of it and how long it took."""

    response: Response
    milliseconds: int

    @property
    def is_accepted(self) -> bool:
        """Any 2xx, however long its text."""
        response = self.response
        return 200 <= response.status < 300 and response.failure in (None, Failure.TOO_BIG)


# No request was made: the endpoint's secret can't be opened.
UNSIGNED = Sent(Response(), 0)


@dataclass(frozen=True)
class WebhookResult:
    """Requests of a run by what came of them."""

    rows: Counter[str] = field(default_factory=Counter)


def deliver_webhooks(*, at: datetime, limits: Limits = LIMITS) -> WebhookResult:
    """Send what is due from ``at`` on; any number of runs may work at once or die half-way."""
    rows: Counter[str] = Counter()
    clock = Clock(at)
    alarm_given_up(at=at)
    fail_disabled(at=at)
    under_way: dict[Future[Sent], WebhookDelivery] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        while True:
            if clock.elapsed() < RUN_SECONDS:
                for row in claim(clock.now(), AT_ONCE - len(under_way)):
                    if (secrets := _secrets(row, clock.now())) is None:
                        rows[settle(row, UNSIGNED, clock.now())] += 1
                    else:
                        under_way[pool.submit(request, row, secrets, clock.now(), limits)] = row
            if not under_way:
                return WebhookResult(rows)
            for done in wait(under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED).done:
                row = under_way.pop(done)
                rows[settle(row, done.result(), clock.now())] += 1


# ── Choosing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def waiting() -> QuerySet[WebhookDelivery]:
    """Deliveries that are neither delivered nor failed."""
    return WebhookDelivery.objects.filter(state=State.WAITING)


def claim(at: datetime, limit: int) -> list[WebhookDelivery]:
    """The deliveries to send next: at most one of an endpoint and few of a company at a time."""
    if limit <= 0 or not _ready(at).exists():
        return []
    with transaction.atomic():
        # One after the other, so that no two workers send to one endpoint.
        take_turn(CHOOSING)
        rows = SENDS.claim(waiting().filter(pk__in=_choose(at, limit)).order_by("id"), at=at)
    prefetch_related_objects(rows, "endpoint__company", "store")
    return rows


def _ready(at: datetime) -> QuerySet[WebhookDelivery]:
    reachable = Q(endpoint__retry_at=None) | Q(endpoint__retry_at__lte=at)
    return SENDS.ready(waiting(), at=at).filter(reachable).exclude(endpoint__state=EndpointState.DISABLED)


def _choose(at: datetime, limit: int) -> list[int]:
    under_way = list(held(waiting(), at=at).values_list("endpoint", "endpoint__company"))
    busy = Counter(company for _endpoint, company in under_way)
    ready = _ready(at).exclude(endpoint__in=[endpoint for endpoint, _company in under_way])
    firsts = ready.order_by().values("endpoint", "endpoint__company").annotate(first=Min("id"))
    chosen: list[int] = []
    left = sorted((one["first"], one["endpoint__company"]) for one in firsts)
    while left and len(chosen) < limit:
        # The company that has the fewest under way is next; among equals the one that waits longest.
        place = min(range(len(left)), key=lambda index: (busy[left[index][1]], left[index][0]))
        first, company = left.pop(place)
        if busy[company] >= MOST_PER_COMPANY:
            break
        busy[company] += 1
        chosen.append(first)
    return chosen


# ── Sending ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _secrets(row: WebhookDelivery, at: datetime) -> list[str] | None:
    try:
        return signing_secrets(row.endpoint, at)
    except UnsealError:
        log.exception("secret of a webhook can't be opened", endpoint=row.endpoint_id)
        return None


def request(row: WebhookDelivery, secrets: list[str], at: datetime, limits: Limits = LIMITS) -> Sent:
    """Post the row's body, signed for this instant. Uses no database: threads run it."""
    timestamp = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "Dianwei-Event": row.kind,
        "Dianwei-Event-Id": row.event_id,
        "Dianwei-Signature": signature_header(secrets, timestamp, row.body),
    }
    began = time.monotonic()
    response = send(row.endpoint.url, body=row.body.encode(), headers=headers, limits=limits)
    return Sent(response, int((time.monotonic() - began) * 1000))


# ── Settling ───────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def settle(row: WebhookDelivery, sent: Sent, at: datetime) -> str:
    """Keep what came of a request; returns it in a word. What a process that lost its lease brings changes nothing but
    the log: another one has the row."""
    record_attempt(row, sent, at)
    if sent.is_accepted:
        if SENDS.settle(row, state=State.DELIVERED, reason="", delivered_at=at):
            _recovered(row.endpoint, at)
        return "delivered"
    endpoint = _failing(row.endpoint, sent, at)
    if sent.response.status == GONE:
        SENDS.settle(row, state=State.FAILED, reason=Reason.GONE)
        disable(endpoint, WebhookEndpoint.Reason.GONE, at, row)
        return "failed"
    if endpoint.state != EndpointState.DISABLED and row.attempts < SENDS.max_attempts and at < row.expires_at:
        SENDS.put_off(row, at=at)
        outcome = "put off"
    else:
        is_off = endpoint.state == EndpointState.DISABLED
        reason = Reason.DISABLED if is_off else Reason.GIVEN_UP
        if SENDS.settle(row, state=State.FAILED, reason=reason) and not is_off:
            tell_failed(endpoint, row, at)
        outcome = "failed"
    if endpoint.failing_since is not None and at - endpoint.failing_since >= DISABLED_AFTER:
        disable(endpoint, WebhookEndpoint.Reason.FAILED, at, row)
    return outcome


def record_attempt(row: WebhookDelivery, sent: Sent, at: datetime) -> None:
    """Add a line to the delivery's log."""
    WebhookAttempt.objects.create(
        delivery=row,
        at=at,
        milliseconds=sent.milliseconds,
        status=sent.response.status,
        failure=sent.response.failure or "",
        answer=sent.response.text[:ANSWER_LENGTH],
    )


def _recovered(endpoint: WebhookEndpoint, at: datetime) -> None:
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(state=EndpointState.DISABLED)
    rows.update(state=EndpointState.ACTIVE, failures=0, failing_since=None, retry_at=None, succeeded_at=at)


def _failing(endpoint: WebhookEndpoint, sent: Sent, at: datetime) -> WebhookEndpoint:
    """Count the failure. An endpoint that answers is asked for its other events at once; one that can't be reached, is
    too slow or asks for patience, after a pause."""
    present = WebhookEndpoint.objects.select_for_update(of=("self",)).select_related("company").get(pk=endpoint.pk)
    present.failures += 1
    present.failing_since = present.failing_since or at
    if sent.response.status == TOO_MANY_REQUESTS or not sent.response.status:
        present.retry_at = at + pause_after(present.failures)
    if present.state == EndpointState.ACTIVE:
        present.state = EndpointState.FAILING
    present.save(update_fields=["failures", "failing_since", "retry_at", "state"])
    return present


def disable(endpoint: WebhookEndpoint, reason: str, at: datetime, row: WebhookDelivery) -> None:
    """Switch an endpoint off by itself, and tell the company."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(state=EndpointState.DISABLED)
    if rows.update(state=EndpointState.DISABLED, reason=reason):
        tell_disabled(endpoint, row, reason, at)
        log.warning("webhook switched off", endpoint=endpoint.pk, reason=reason)


def fail_disabled(*, at: datetime) -> int:
    """What waits for endpoints that are switched off has failed, and can be replayed later; returns how many rows."""
    rows = free(waiting().filter(endpoint__state=EndpointState.DISABLED), at=at)
    keys = list(rows.values_list("pk", flat=True))
    stopped = waiting().filter(pk__in=keys, endpoint__state=EndpointState.DISABLED)
    return stopped.update(state=State.FAILED, reason=Reason.DISABLED) if keys else 0


def alarm_given_up(*, at: datetime) -> int:
    """Deliveries that used all their attempts without reporting, since each killed its worker; returns how many."""
    stuck = SENDS.given_up(waiting(), at=at)
    if not stuck.exists():
        return 0
    with transaction.atomic():
        rows = list(
            stuck.select_for_update(of=("self",), skip_locked=True).select_related("endpoint__company", "store")
        )
        for row in rows:
            WebhookDelivery.objects.filter(pk=row.pk, state=State.WAITING, lease=row.lease).update(
                state=State.FAILED, reason=Reason.GIVEN_UP, lease_until=None
            )
            tell_failed(row.endpoint, row, at)
    return len(rows)


def forget_old(*, at: datetime, most: int = 5_000) -> int:
    """Delete deliveries whose log is no longer kept; returns how many."""
    old = WebhookDelivery.objects.filter(at__lt=at - KEPT_FOR).exclude(state=State.WAITING).order_by("at")
    keys: Sequence[int] = list(old.values_list("pk", flat=True)[:most])
    WebhookDelivery.objects.filter(pk__in=keys).delete()
    return len(keys)
