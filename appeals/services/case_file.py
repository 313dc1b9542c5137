"""Making case files: one PDF with everything that the product knows of a notice or an appeal (BX-09)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from appeals.models import Appeal, AppealFile
from appeals.presenters.case_file import case_file_data
from appeals.queries.case_file import case_of, count_orders
from appeals.queries.files import round_of
from appeals.services.drafting import attach_file, detach_file
from appeals.typesetting import TypesettingError, has_chinese_font, typeset
from core.ratelimits import is_within_limit
from core.timebase import SHANGHAI
from disputes.models import Dispute
from evidence.queries import evidence_limits
from evidence.rules import Limits
from evidence.services.receiving import receive_file
from notifications.models import Notice
from stores.principals import Principal

# The orders of a first try; a file over the limits of evidence is made again with half of them.
MOST_ORDERS = 80
ENGLISH = "en"
# Each takes seconds of a processor and up to gigabytes, which other stores need too.
FILES_A_MINUTE = 10
# The kind of evidence that a case file is (PN-28a).
ORDER_PROOF = "order_proof"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case file: its name, content and how many of the case's orders it has."""

    name: str
    content: bytes
    orders: int
    total: int


def make_case_file(
    *,
    notice: Notice | None = None,
    appeal: Appeal | None = None,
    dispute: Dispute | None = None,
    at: datetime,
    language: str,
    limits: Limits | None = None,
    chinese: bool | None = None,
) -> CaseFile:
    """The case file of a notice, of an appeal with its orders alone, or of a dispute, as of an instant.

    It keeps to ``limits``, by default those of evidence files, so that it can be attached to an appeal: where the
    orders are too many, it has the first of them and says so. Without a font for Chinese (``chinese``: whether there is
    one, by default as this machine has it) it is in English and says that characters are missing. The same rows and
    instant give the same bytes. Raises TypesettingError, also for more than some files of a store within a minute.
    """
    limits, total = limits or evidence_limits(at), count_orders(notice, appeal, dispute)
    chinese = has_chinese_font() if chinese is None else chinese
    store_id, number = _subject_of(notice, appeal, dispute)
    if not is_within_limit(f"case-file:{store_id}", limit=FILES_A_MINUTE, period=timedelta(minutes=1), at=at):
        raise TypesettingError("too many case files of one store within a minute")
    shown = language if chinese else ENGLISH
    content, orders = b"", 0
    for most in _tries(total):
        with override(shown), timezone.override(SHANGHAI):
            case = case_of(notice=notice, appeal=appeal, dispute=dispute, at=at, most=most)
            data = case_file_data(case, language=shown, total=total, has_chinese=chinese, at=at)
        content, orders = typeset("case_file.typ", data, at), len(case.orders)
        if len(content) <= limits.max_bytes and _pages(content) <= limits.max_pages:
            break
    return CaseFile(f"case-file-{number}.pdf", content, orders, total)


def attach_case_file(*, appeal: Appeal, at: datetime, principal: Principal, language: str) -> AppealFile:
    """Make the case file of a draft, or of an appeal that waits for a supplement, and attach it as order proof, in
    place of an earlier one.

    Raises what `make_case_file`, `receive_file` and `attach_file` raise.
    """
    made = make_case_file(appeal=appeal, at=at, language=language)
    company, content = appeal.store.company, ContentFile(made.content)
    kept = receive_file(company=company, name=made.name, content=content, principal=principal, at=at)
    with transaction.atomic():
        earlier = AppealFile.objects.filter(appeal=appeal, name=made.name, round=round_of(appeal)).exclude(file=kept)
        for attached in earlier:
            detach_file(appeal=appeal, attached=attached, at=at, principal=principal)
        return attach_file(appeal=appeal, file=kept, name=made.name, kind=ORDER_PROOF, at=at, principal=principal)


def _subject_of(notice: Notice | None, appeal: Appeal | None, dispute: Dispute | None) -> tuple[int, str]:
    """The store and the number of what the file is about."""
    if dispute is not None:
        return dispute.store_id, dispute.dispute_no
    subject = appeal or notice
    assert subject is not None
    return subject.store_id, subject.number


def _tries(total: int) -> Iterator[int]:
    most = min(max(total, 1), MOST_ORDERS)
    while most:
        yield most
        most //= 2


def _pages(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as document:
        return len(document.pages)
