"""Two tenants with everything in them, and every actor that a route may meet (catalogue "Access" of reliability).

Each tenant's texts contain a canary that must never appear in another's responses. A route for a new kind
of object needs one of these objects here.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.core.files.base import ContentFile
from django.test import Client

from api.models import ApiClient, ClientDay, Grant
from appeals.models import Appeal, AppealFile, AppealOrder, CorrectionReport, ProtectedEvent
from core.secrets import seal
from disputes.models import CopyrightComplaint, Dispute, ImageFlag, ListingImage
from evidence.models import EvidenceFile
from evidence.storage import evidence_storage, place_of
from exports.models import ExportJob
from intake.connectors.credentials import sealed as sealed_in_connection
from intake.mapping.draft import draft_of, profile_of
from intake.models import (
    ConnectionFeed,
    ConnectionField,
    ConnectionRun,
    Import,
    ImportProfile,
    Source,
    StoreConnection,
    WaitingRow,
)
from intake.profiles.mapping.stored import to_data
from intake.storage import samples_folder, uploads_folder
from metrics.models import PlatformFigure
from notifications.models import (
    Connection,
    ImprovementPlan,
    InboxMessage,
    Notice,
    NoticeNote,
    NoticeOrder,
    WebhookDelivery,
    WebhookEndpoint,
)
from notifications.webhooks.secrets import sealed
from orders.models import Exclusion, GuideText, Message, Order, RaisedFlag, Refund, ReplyTemplate, ReturnParcel, Review
from orders.services.threads import derive_threads_of
from reports.models import ReportSubscription
from stores.models import Company, Invitation, Listing, Membership, Store, StorePeriod, User
from stores.roles import POLICY_EDITOR, REVIEWER, SENIOR_REVIEWER
from tests.evidence.files import pdf
from tests.stores.people import client_of, make_person, make_staff

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Actor(StrEnum):
    """Who asks, seen from the first tenant."""

    ANONYMOUS = "anonymous"
    OWNER = "owner"
    MANAGER = "manager"
    ANALYST = "analyst"
    OTHER_COMPANY = "other company"
    NO_COMPANY = "no company"
    REMOVED = "removed member"
    DISABLED = "disabled"
    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior reviewer"
    POLICY_EDITOR = "policy editor"
    STAFF_WITHOUT_ROLE = "staff without role"
    STAFF_WITHOUT_FACTOR = "staff without second factor"


MEMBERS = frozenset({Actor.OWNER, Actor.MANAGER, Actor.ANALYST})
WRITERS = frozenset({Actor.OWNER, Actor.MANAGER})
INSPECTORS = frozenset({Actor.REVIEWER, Actor.SENIOR_REVIEWER, Actor.POLICY_EDITOR})
STRANGERS = frozenset({Actor.OTHER_COMPANY, Actor.NO_COMPANY, Actor.REMOVED, Actor.STAFF_WITHOUT_ROLE})
SENT_TO_SIGN_IN = frozenset({Actor.ANONYMOUS, Actor.DISABLED})


@dataclass(frozen=True)
class Tenant:
    """A company with a store, what is in it, and the word that gives it away."""

    canary: str
    company: Company
    store: Store
    order: Order
    notice: Notice
    upload: Import
    evidence: EvidenceFile
    correction: CorrectionReport
    member: User
    invitation: Invitation
    appeal: Appeal


@dataclass(frozen=True)
class World:
    """The tenant that is asked for, another one, and a browser for each actor."""

    asked: Tenant
    other: Tenant
    browsers: dict[Actor, Client]


def build_world() -> World:
    """Make it all."""
    asked, other = build_tenant("asked"), build_tenant("other")
    people: dict[Actor, User | None] = {Actor.ANONYMOUS: None}
    for role in MEMBERS:
        people[role] = make_person(role, asked.company, role.value)
    people[Actor.OTHER_COMPANY] = make_person("stranger", other.company)
    people[Actor.NO_COMPANY] = make_person("nobody")
    people[Actor.REMOVED] = make_person("removed", asked.company, "manager")
    people[Actor.DISABLED] = make_person("disabled", asked.company)
    people[Actor.REVIEWER] = make_staff("reviewer", REVIEWER)
    people[Actor.SENIOR_REVIEWER] = make_staff("senior", SENIOR_REVIEWER)
    people[Actor.POLICY_EDITOR] = make_staff("editor", POLICY_EDITOR)
    people[Actor.STAFF_WITHOUT_ROLE] = make_staff("temp")
    people[Actor.STAFF_WITHOUT_FACTOR] = make_staff("weak", REVIEWER, factor=False)
    browsers = {actor: client_of(person) for actor, person in people.items()}
    # Both lose what they had while their session is open.
    Membership.objects.filter(user=people[Actor.REMOVED]).delete()
    User.objects.filter(pk=people[Actor.DISABLED].pk).update(is_active=False)
    return World(asked, other, browsers)


def build_tenant(name: str) -> Tenant:
    """Make a company with one of everything; every text that a page may show holds the canary."""
    canary = f"CANARY-{name.upper()}"
    company = Company.objects.create(company_no=f"{canary}-C", name=f"{canary} company")
    store = Store.objects.create(company=company, store_no=f"{canary}-S", name=f"{canary} store", opened_at=NOON)
    StorePeriod.objects.create(store=store, effective_from=datetime(1970, 1, 1).date(), level="basic", status="active")
    order = Order.objects.create(
        store=store,
        order_no=f"{canary}-O",
        sku=f"{canary}-SKU",
        buyer_ref=f"{canary}-B",
        tracking_no=f"{canary}-T",
        created_at=NOON,
        paid_at=NOON,
        state="paid",
        total_amount=10,
        currency="USD",
        total_usd=10,
    )
    build_listing(canary, store)
    build_messages(canary, order)
    build_channels(canary, store)
    build_api_client(canary, store)
    build_source(canary, store)
    build_connection(canary, store)
    PlatformFigure.objects.create(store=store, day=NOON.date(), metric="late_dispatch", value=Decimal("0.5"))
    Dispute.objects.create(store=store, order=order, dispute_no=f"{canary}-D", kind="quality", opened_at=NOON)
    Refund.objects.create(store=store, order=order, refund_no=f"{canary}-R", requested_at=NOON, note=canary)
    ReturnParcel.objects.create(store=store, order=order, return_no=f"{canary}-B", shipped_back_at=NOON, note=canary)
    RaisedFlag.objects.create(store=store, order=order, code="dispute_open", since=NOON, raised_at=NOON)
    notice, upload = build_notice(canary, store, order), build_upload(canary, company)
    build_mapping(canary, company)
    evidence = build_evidence(canary, company)
    appeal = build_appeal(canary, notice, order, evidence)
    member = make_person(f"{name}-member", company, "analyst", first_name=canary)
    build_export(canary, store, member)
    ReportSubscription.objects.create(company=company, person=member, language="en", created_at=NOON)
    return Tenant(
        canary,
        company,
        store,
        order,
        notice,
        upload,
        evidence,
        build_correction(canary, store, order),
        member,
        build_invitation(canary, company),
        appeal,
    )


def build_export(canary: str, store: Store, member: User) -> None:
    ExportJob.objects.create(
        person=member,
        company=store.company,
        store=store,
        turn=f"company:{store.company_id}",
        list="orders",
        query="tab=all",
        suffix="csv",
        language="en",
        zone="Asia/Shanghai",
        name=f"{canary}.csv",
        rows_total=1,
        created_at=NOON,
    )


def build_listing(canary: str, store: Store) -> None:
    """A listing with an upheld complaint, whose picture the other tenant shows too."""
    sku = f"{canary}-SKU"
    Listing.objects.create(store=store, sku=sku, title=f"{canary} lamp", description=canary, image_file=f"{canary}.jpg")
    image = ListingImage.objects.create(
        store=store, sku=sku, image_file=f"{canary}.jpg", since_at=NOON, sha256="a" * 64, picture="0f" * 32
    )
    complaint = CopyrightComplaint.objects.create(
        store=store, complaint_no=f"{canary}-K", sku=sku, opened_at=NOON, resolved_at=NOON, upheld=True
    )
    for other in ListingImage.objects.exclude(store=store):
        ImageFlag.objects.create(store=other.store, image=other, complaint=complaint, flagged_at=NOON)
    for other in CopyrightComplaint.objects.exclude(store=store):
        ImageFlag.objects.create(store=store, image=image, complaint=other, flagged_at=NOON)


def build_messages(canary: str, order: Order) -> None:
    """A thread with a review, and texts of the company's own."""
    said = {"sent_at": NOON, "sender": "buyer", "text": f"{canary} asks"}
    Message.objects.create(store=order.store, order=order, message_no=f"{canary}-M", **said)
    Review.objects.create(store=order.store, order=order, created_at=NOON, described=1, text=f"{canary} says")
    derive_threads_of([order.pk])
    written = {"language": "en", "text": f"{canary} replies", "actor": "person:0"}
    ReplyTemplate.objects.create(company=order.store.company, name=f"{canary} reply", changed_at=NOON, **written)
    GuideText.objects.create(store=order.store, stage="first", version=1, created_at=NOON, **written)


def build_channels(canary: str, store: Store) -> None:
    """A team chat and a webhook with a delivery in its log."""
    chat = Connection.objects.create(company=store.company, channel="dingtalk", name=canary, created_at=NOON)
    chat.sealed_address = seal(f"https://{canary}.invalid/", context=f"connection:{chat.pk}:address")
    chat.save()
    webhook = WebhookEndpoint.objects.create(
        company=store.company,
        key=canary,
        url=f"https://{canary}.invalid/hook",
        kinds=["risk.flagged"],
        secret=sealed(canary, canary),
        created_at=NOON,
    )
    WebhookDelivery.objects.create(
        endpoint=webhook,
        store=store,
        event_id=f"evt-{canary}",
        kind="risk.flagged",
        body=canary,
        at=NOON,
        expires_at=NOON,
        state="failed",
    )


def build_connection(canary: str, store: Store) -> None:
    """A store's connection that a member paused, with a run."""
    connection = StoreConnection.objects.create(
        store=store,
        kind="aliexpress",
        key=canary,
        state="paused",
        region="sg",
        app_key=canary,
        app_secret=sealed_in_connection(canary, "app_secret", canary),
        account=canary,
        reason=canary,
        created_at=NOON,
    )
    ConnectionFeed.objects.create(connection=connection, name="orders", state="failing", reason=canary)
    ConnectionField.objects.create(
        connection=connection, call="aliexpress.x", path=canary, shape="code", example=canary, seen_at=NOON, added=True
    )
    ConnectionRun.objects.create(connection=connection, actor=canary, started_at=NOON, state="done", finished_at=NOON)


def build_source(canary: str, store: Store) -> None:
    """A silent source, and a row that waits for its order."""
    Source.objects.create(
        store=store,
        kind="api",
        name=canary,
        last_attempt_at=NOON,
        last_success_at=NOON,
        last_error=canary,
        silent_since=NOON,
    )
    WaitingRow.objects.create(
        kind="reviews",
        store_no=store.store_no,
        order_no=f"{canary}-W",
        key=canary,
        source_at=NOON,
        company=store.company,
    )


def build_api_client(canary: str, store: Store) -> None:
    """A program of the company with a grant that has ended, and its requests of a day."""
    client = ApiClient.objects.create(
        company=store.company, client_id=canary.lower(), name=f"{canary} ERP", kind="own", created_at=NOON
    )
    grant = Grant.objects.create(client=client, scopes=["orders:read"], granted_at=NOON, ended_at=NOON, end="revoked")
    grant.stores.add(store)
    ClientDay.objects.create(client=client, day=NOON.date(), minute=0, in_minute=1, requests=7, last_at=NOON)


def build_invitation(canary: str, company: Company) -> Invitation:
    """An invitation that nobody accepted yet."""
    return Invitation.objects.create(
        company=company,
        email=f"{canary}@example.com",
        role="analyst",
        token_hash=canary,
        created_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )


def build_evidence(canary: str, company: Company) -> EvidenceFile:
    """A PDF in which the canary can be read, stored as if it had been received."""
    content = pdf(canary, compress_streams=False)
    sha256 = hashlib.sha256(content).hexdigest()
    evidence_storage().save(place_of(company.pk, sha256), ContentFile(content))
    return EvidenceFile.objects.create(
        company=company, sha256=sha256, kind="pdf", name=f"{canary}.pdf", size=len(content), uploaded_at=NOON
    )


def build_correction(canary: str, store: Store, order: Order) -> CorrectionReport:
    """A correction by a protected event that met the tenant's order alone."""
    event = ProtectedEvent.objects.create(
        number=f"{canary}-EV",
        kind="carrier",
        title=f"{canary} strike",
        reason=f"{canary} reason",
        starts_at=NOON,
        ends_at=NOON,
        metrics=["late_dispatch"],
        state="applied",
        created_at=NOON,
    )
    Exclusion.objects.create(
        store=store,
        order=order,
        subject_kind="order",
        subject_id=order.pk,
        metric="late_dispatch",
        cause_no=event.number,
        created_at=NOON,
    )
    figures = {"numerator": 1, "denominator": 20, "value": "0.0500000000", "level": "ok"}
    return CorrectionReport.objects.create(
        store=store,
        cause_kind="event",
        cause_no=event.number,
        at=NOON,
        orders=1,
        results=[{"day": "2026-05-01", "metric": "late_dispatch", "before": figures, "after": figures}],
        outcomes=[{"kind": "notice", "key": f"{canary}-PN", "before": "issued", "after": "accepted"}],
    )


def build_appeal(canary: str, notice: Notice, order: Order, evidence: EvidenceFile) -> Appeal:
    """A draft of an appeal against the notice, with the order and the file."""
    appeal = Appeal.objects.create(
        store=notice.store,
        number=f"{canary}-AP",
        kind="notice",
        subject_key=notice.number,
        notice=notice,
        statement=f"{canary} statement",
        step="evidence",
        created_at=NOON,
    )
    AppealOrder.objects.create(appeal=appeal, order=order, place=1, exception="other", claim=f"{canary} claim")
    AppealFile.objects.create(appeal=appeal, file=evidence, place=1, name=evidence.name, added_at=NOON)
    return appeal


def build_upload(canary: str, company: Company) -> Import:
    """A running upload of the company, with a file of rejected rows."""
    folder = uploads_folder() / canary
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "orders.csv"
    kept.write_text(f"store_no,order_no\n{canary}-S,{canary}-O\n")
    upload = Import.objects.create(
        name=f"{canary}.csv",
        path=str(kept),
        is_upload=True,
        company=company,
        actor=f"{canary}@example.com",
        as_of=NOON,
        created_at=NOON,
    )
    upload.errors_folder.mkdir(parents=True, exist_ok=True)
    (upload.errors_folder / "orders.csv").write_text(kept.read_text())
    return upload


def build_mapping(canary: str, company: Company) -> None:
    """An import profile, and an upload with a table that nobody knows."""
    headings = (f"{canary} number", f"{canary} made")
    draft = draft_of({"c0": "order_no", "c1": "created_at", "name": f"{canary} shop"}, headings)
    definition = to_data(profile_of(draft, "own-1"))
    ImportProfile.objects.create(
        company=company, name=draft.name, definition=definition, actor=f"{canary}@example.com", changed_at=NOON
    )
    look = {"file": f"{canary}.csv", "label": f"{canary}.csv", "kind": "", "sample": "1.csv", "said": {}, "needs": []}
    look |= {"encoding": "", "readings": [], "notes": [], "columns": [], "rows": [], "count": None}
    upload = Import.objects.create(
        name=f"{canary} table.csv",
        state=Import.State.ASKING,
        is_upload=True,
        company=company,
        actor=f"{canary}@example.com",
        look={"looks": [look], "refused": {f"{canary}.csv": canary}, "remarks": []},
        as_of=NOON,
        created_at=NOON,
    )
    samples_folder(upload).mkdir(parents=True, exist_ok=True)
    (samples_folder(upload) / "1.csv").write_text(f"{canary} a,{canary} b\n1,2\n")


def build_notice(canary: str, store: Store, order: Order) -> Notice:
    """Make a notice with the order in it, and the message that told of it."""
    notice = Notice.objects.create(
        store=store,
        number=f"{canary}-PN",
        metric="late_dispatch",
        level="red",
        day=NOON.date(),
        triggered_at=NOON,
        state="issued",
        value="0.0619469027",
        numerator=14,
        denominator=226,
        yellow="0.04",
        red="0.05",
        policy_version=1,
        snapshot={"unit": "share", "first": "2026-04-02", "days": 30, "lines": {}},
    )
    NoticeOrder.objects.create(
        notice=notice, place=1, order_no=order.order_no, counter="dispatch_late", day=NOON.date(), carrier=canary
    )
    parameters = {
        "number": notice.number, "metric": notice.metric, "level": "red", "day": "2026-05-01", "value": "0.0619469027",
        "line": "0.05", "unit": "share", "replaces": "",
    }  # fmt: skip
    InboxMessage.objects.create(
        company=store.company,
        store=store,
        notice=notice,
        kind=InboxMessage.Kind.ISSUED,
        event=f"notice.issued {notice.number}",
        parameters=parameters,
        at=NOON,
    )
    ImprovementPlan.objects.create(notice=notice, opened_at=NOON, explanation=f"{canary} explanation")
    NoticeNote.objects.create(notice=notice, at=NOON, text=f"{canary} note")
    return notice
