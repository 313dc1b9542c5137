"""Appeals prepared and handed in by programs, by the services that the pages call (IX-20, AP-01, PN-08, RL-06)."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema

from api.answering import IdempotencyKey, answered, described, read_json
from api.appeal_schemas import AppealChange, AppealDraft, AppealStart, AppealSubmission, AppealSupplement, OrderClaim
from api.auth import ApiRequest, granted_store, needs
from api.openapi import may_answer
from api.problems import FieldError, ProblemError
from api.routes import appeals
from api.routes.appeals import AppealItem, appeal_found
from appeals.models import Appeal
from appeals.presenters.wording import REFUSALS
from appeals.queries.draft_page import appeal_of
from appeals.queries.files import current_files
from appeals.queries.kinds import KINDS, find_subject, subject_of
from appeals.queries.progress import last_change
from appeals.rules import (
    AppealKind,
    AppealState,
    RefusedAppealError,
    StaleAppealError,
    evidence_kinds,
)
from appeals.services.checking import examine_files
from appeals.services.drafting import (
    ClaimedOrder,
    TooManyFilesError,
    attach_file,
    detach_file,
    save_orders,
    save_statement,
    start_appeal,
)
from appeals.services.submitting import submit_appeal
from appeals.services.supplementing import hand_in_supplement
from appeals.services.withdrawing import ReviewBegunError, withdraw_appeal
from core.events import event_label
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.rules import RefusedFileError
from evidence.uploads import FIELD, read_files, receive_uploads
from rulebook.queries import policy_at
from stores.models import Store

# Django finds a path in one router only, so what is read and written at one address is in the same.
router = appeals.router


def _route(method: str, path: str, operation_id: str, summary: str, **extra: Any) -> Callable[..., Any]:
    """A route that changes an appeal and answers with it."""
    return router.api_operation(
        [method.upper()],
        f"/stores/{{store_no}}/appeals{path}",
        auth=needs("appeals:write"),
        response=AppealItem,
        operation_id=operation_id,
        summary=summary,
        by_alias=False,
        openapi_extra=extra,
    )


def _json(schema: type[Schema]) -> dict[str, Any]:
    return described(schema) | may_answer(400, 409, 413, 415, 422)


# ── Drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@_route("post", "", "startAppeal", "Start an appeal", **_json(AppealStart))
def post_appeal(request: ApiRequest, store_no: str, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """The draft against a notice, a negative review or a liability verdict: a new one, or the one that there is."""
    store = granted_store(request, store_no)
    said = read_json(request, AppealStart)
    subject = find_subject(store, said.kind, said.subject)
    if subject is None:
        detail = _("The store has nothing of this kind and number.")
        raise ProblemError("invalid", errors=[FieldError(detail, pointer="#/subject")])

    def act(at: datetime) -> Appeal:
        return start_appeal(subject=subject, at=at, principal=request.principal)

    return _changed(request, store, idempotency_key, "start", said, act)


@_route("put", "/{number}", "saveAppeal", "Save a draft", **_json(AppealDraft))
def put_appeal(request: ApiRequest, store_no: str, number: str, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Its orders with their exceptions, and its statement; what was there before is replaced."""
    store = granted_store(request, store_no)
    appeal = appeal_of(store, number)
    said = read_json(request, AppealDraft)

    def act(at: datetime) -> Appeal:
        _require_orders(appeal, said.orders)
        orders = [ClaimedOrder(one.order_no, one.exception, one.claim) for one in said.orders]
        who = request.principal
        save_orders(appeal=appeal, orders=orders, at=at, principal=who, version=said.version)
        save_statement(
            appeal=appeal,
            statement=said.statement,
            named_error=said.named_error,
            at=at,
            principal=who,
            version=appeal.version,
        )
        return appeal

    return _changed(request, store, idempotency_key, f"save {number}", said, act, appeal)


@_route("post", "/{number}/submit", "submitAppeal", "Hand an appeal in", **_json(AppealSubmission))
def post_submission(
    request: ApiRequest, store_no: str, number: str, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """In time is what arrives within the last second of the window, by the server's clock."""
    store = granted_store(request, store_no)
    appeal = appeal_of(store, number)
    said = read_json(request, AppealSubmission)
    examine_files(appeal=appeal, at=timezone.now())

    def act(at: datetime) -> Appeal:
        try:
            submit_appeal(
                appeal=appeal, expedited=said.expedited, at=at, principal=request.principal, version=said.version
            )
        except RefusedAppealError as refused:
            if appeal.state != AppealState.DRAFT:
                raise StaleAppealError from refused
            raise
        return appeal

    return _changed(request, store, idempotency_key, f"submit {number}", said, act, appeal)


@_route("post", "/{number}/supplement", "supplementAppeal", "Hand in what was asked for", **_json(AppealSupplement))
def post_supplement(
    request: ApiRequest, store_no: str, number: str, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Answers a reviewer's request; the files for it are attached before. The review starts anew."""
    store = granted_store(request, store_no)
    appeal = appeal_of(store, number)
    said = read_json(request, AppealSupplement)
    examine_files(appeal=appeal, at=timezone.now())

    def act(at: datetime) -> Appeal:
        hand_in_supplement(
            appeal=appeal,
            answers=said.answers,
            given_up=said.given_up,
            at=at,
            principal=request.principal,
            version=said.version,
        )
        return appeal

    return _changed(request, store, idempotency_key, f"supplement {number}", said, act, appeal)


@_route("post", "/{number}/withdraw", "withdrawAppeal", "Withdraw an appeal", **_json(AppealChange))
def post_withdrawal(
    request: ApiRequest, store_no: str, number: str, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Discards a draft, or takes back an appeal whose review has not begun; its notice stands as before."""
    store = granted_store(request, store_no)
    appeal = appeal_of(store, number)
    said = read_json(request, AppealChange)

    def act(at: datetime) -> Appeal:
        withdraw_appeal(appeal=appeal, at=at, principal=request.principal, version=said.version)
        return appeal

    return _changed(request, store, idempotency_key, f"withdraw {number}", said, act, appeal)


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "array",
                            "description": "PDF or JPEG",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        }
                    },
                }
            }
        },
    }
}


@_route(
    "post", "/{number}/files", "attachAppealFiles", "Attach evidence", **_UPLOAD, **may_answer(400, 409, 413, 415, 507)
)
def post_files(
    request: ApiRequest,
    store_no: str,
    number: str,
    kind: Annotated[str, Query("", description="What all of them are evidence of, such as `carrier_trace`")] = "",
) -> HttpResponse:
    """Files for a draft, or for the supplement that was asked for, as many at a time as policy allows (PN-08). Of
    several, those that can be taken are, and the problem names the others. A file that is attached already stays as it
    is."""
    store = granted_store(request, store_no)
    appeal, at = appeal_of(store, number), timezone.now()
    if request.content_type != "multipart/form-data":
        detail = _("Send the files as “Content-Type: multipart/form-data”.")
        raise ProblemError("unsupported-media-type", detail, headers={"Accept": "multipart/form-data"})
    _require_kind(appeal, kind, at)
    if appeal.state not in (AppealState.DRAFT, AppealState.SUPPLEMENT):
        raise _overtaken(appeal)
    errors = _receive(request, appeal, kind, at)
    if errors:
        raise ProblemError("invalid", errors=errors)
    return HttpResponse(_document(store, number), content_type="application/json")


def _receive(request: ApiRequest, appeal: Appeal, kind: str, at: datetime) -> list[FieldError]:
    """Take the files of a request; returns what is wrong with those that were refused."""
    limits, who = evidence_limits(at), request.principal
    match read_files(request, limits):
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise ProblemError("too-large")
        case HTTPStatus.BAD_REQUEST:
            raise ProblemError("malformed")

    def keep(file: EvidenceFile, name: str) -> None:
        try:
            attach_file(appeal=appeal, file=file, name=name, kind=kind, at=at, principal=who)
        except TooManyFilesError as error:
            raise RefusedFileError("no_slot", name, limit=limits.max_files) from error

    free = limits.max_files - len(current_files(appeal))
    try:
        received = receive_uploads(request, company=appeal.store.company, principal=who, free=free, at=at, attach=keep)
    except StaleAppealError:
        raise _overtaken(appeal) from None
    if not (received.taken or received.refused):
        return [FieldError(_("This is required."), pointer=f"#/{FIELD}")]
    return [FieldError(str(refused), pointer=f"#/{FIELD}") for refused in received.refused]


@_route("delete", "/{number}/files/{place}", "detachAppealFile", "Take a file out again", **may_answer(409))
def delete_file(request: ApiRequest, store_no: str, number: str, place: int) -> HttpResponse:
    """As long as it was not handed in."""
    store = granted_store(request, store_no)
    appeal, at = appeal_of(store, number), timezone.now()
    attached = next((file for file in current_files(appeal) if file.place == place), None)
    if attached is None:
        raise Http404
    try:
        detach_file(appeal=appeal, attached=attached, at=at, principal=request.principal)
    except StaleAppealError:
        raise _overtaken(appeal) from None
    return HttpResponse(_document(store, number), content_type="application/json")


# ── What all of them share ─────────────────────────────────────────────────────────────────────────────────────────


def _changed(
    request: ApiRequest,
    store: Store,
    key: str | None,
    what: str,
    said: Schema,
    act: Callable[[datetime], Appeal],
    appeal: Appeal | None = None,
) -> HttpResponse:
    """The appeal after a change, or the problem that kept it from being made."""

    def change() -> bytes:
        try:
            found = act(timezone.now())
        except StaleAppealError:
            assert appeal is not None
            raise _overtaken(appeal) from None
        except RefusedAppealError as refused:
            detail = REFUSALS.get(refused.refusal, "")
            raise ProblemError("conflict", detail, reason=refused.refusal.value) from None
        except ReviewBegunError:
            detail = _("The review has begun: the appeal can't be withdrawn any more.")
            raise ProblemError("conflict", detail, reason="review_begun") from None
        return _document(store, found.number)

    return answered(request, key, f"{what} {store.pk}\n{said.model_dump_json()}".encode(), change)


def _document(store: Store, number: str) -> bytes:
    return AppealItem.from_orm(appeal_found(store, number)).model_dump_json(by_alias=False).encode()


def _overtaken(appeal: Appeal) -> ProblemError:
    """Somebody was faster: what happened last, and the present version (RL-06)."""
    appeal.refresh_from_db(fields=["state", "version"])
    event = last_change(appeal)
    happened = f"{event_label(event)} ({event.at.isoformat()})" if event else ""
    detail = _("The appeal is in another state than you read. What happened last: %(event)s") % {"event": happened}
    return ProblemError("conflict", detail, reason="changed", state=appeal.state, version=appeal.version)


def _require_orders(appeal: Appeal, orders: list[OrderClaim]) -> None:
    """Raises ProblemError for orders that the appeal may not name."""
    if appeal.state != AppealState.DRAFT:
        raise StaleAppealError
    asked = [one.order_no for one in orders]
    allowed = KINDS[AppealKind(appeal.kind)].orders(subject_of(appeal)).filter(order_no__in=asked)
    known = set(allowed.values_list("order_no", flat=True))
    detail = _("The appeal may not name this order.")
    errors = [
        FieldError(detail, pointer=f"#/orders/{place}/order_no")
        for place, number in enumerate(asked)
        if number not in known
    ]
    if errors:
        raise ProblemError("invalid", errors=errors)


def _require_kind(appeal: Appeal, kind: str, at: datetime) -> None:
    expected = evidence_kinds(AppealKind(appeal.kind), policy_at(at))
    if kind and kind not in expected:
        detail = _("One of these is expected: %(expected)s.") % {"expected": ", ".join(expected)}
        raise ProblemError("invalid", errors=[FieldError(detail, parameter="kind")])
