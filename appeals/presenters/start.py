"""The first step: what is appealed against, and what that takes (AP-01)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from appeals.presenters.wording import REFUSALS, subject_name, subject_title, subject_url
from appeals.queries.eligibility import Eligibility
from appeals.queries.kinds import Subject
from notifications.presenters.wording import what_happened
from rulebook.policy import Policy
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class StartPage:
    """What templates/appeals/start.html reads. ``refusal``: why it can't be appealed, empty if it can; ``present_url``:
    the page of the appeal there is already; ``counting_url``: what counts in a notice's metric (BX-18)."""

    nav: dict[str, Any]
    now: datetime
    title: str
    level: str
    name: str
    sentence: str
    subject_url: str
    refusal: str
    until: datetime | None
    governed: bool
    present_number: str
    present_url: str
    previous_number: str
    previous_url: str
    review_hours: int
    max_files: int
    max_megabytes: int
    second_days: int
    has_second: bool
    counting_url: str
    may_start: bool


def start_page(
    request: StoreRequest, subject: Subject, found: Eligibility, policy: Policy, now: datetime, *, may_start: bool
) -> StartPage:
    """A subject before its appeal begins."""
    limits, store = policy.appeals, request.store
    return StartPage(
        nav=nav(request, current="appeals"),
        now=now,
        title=subject_title(subject),
        level=subject.notice.level if subject.notice else "",
        name=subject_name(subject.kind, subject.key),
        sentence=what_happened(subject.notice) if subject.notice else "",
        subject_url=subject_url(subject),
        refusal=str(REFUSALS[found.refusal]) if found.refusal else "",
        until=found.until,
        governed=store.mode == Store.Mode.GOVERNED,
        present_number=found.present.number if found.present else "",
        present_url=_url(store, found.present.number) if found.present else "",
        previous_number=found.previous.number if found.previous else "",
        previous_url=_url(store, found.previous.number) if found.previous else "",
        review_hours=limits.review_hours,
        max_files=limits.max_files,
        max_megabytes=limits.max_file_bytes // 2**20,
        second_days=limits.second_window_days,
        has_second=subject.notice is not None and found.previous is None,
        counting_url=f"{reverse('dashboard:counting')}#{subject.metric}" if subject.notice else "",
        may_start=may_start,
    )


def _url(store: Store, number: str) -> str:
    return reverse("appeals:appeal", args=[store.store_no, number])
