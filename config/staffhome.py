"""The staff's first page until operations have a desk of their own: what waits, and the tables by what reviewers do
with them (PG-20)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.models import RatingFreeze, RiskCase, Run
from notifications.models import Notice
from notifications.rules import NoticeLevel, State
from stores.models import User

Models = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the page: what staff do here, and the tables for it as ``app.Model``."""

    title: Any
    text: Any
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person: what, how much, and the list that shows as many."""

    text: Any
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with the entries of Django's list of models that the person may see."""

    group: Group
    models: Models = field(default_factory=list)


GROUPS = (
    Group(
        _("Decide and review"),
        _("Automatic findings for people to review."),
        ("metrics.RiskCase", "metrics.RatingFreeze", "notifications.Notice"),
    ),
    Group(
        _("Look into a store"),
        _("Lists are found by store number, then order or record number."),
        (
            "stores.Store",
            "stores.Company",
            "orders.Order",
            "disputes.Dispute",
            "disputes.CopyrightComplaint",
            "orders.Review",
            "orders.Refund",
            "orders.ReturnParcel",
            "orders.Message",
            "orders.TrackingEvent",
            "notifications.InboxMessage",
            "notifications.Advice",
            "core.Event",
            "core.Deadline",
        ),
    ),
    Group(
        _("Nights and figures"),
        _("What was computed, published and compared with the platform's own."),
        (
            "metrics.Run",
            "metrics.Published",
            "metrics.Benchmark",
            "metrics.ImportedBenchmark",
            "metrics.PlatformFigure",
            "metrics.PlatformNotice",
            "core.OutboxEntry",
        ),
    ),
    Group(_("Rules"), _("Current and future versions; versions are never edited."), ("rulebook.PolicyVersion",)),
    Group(
        _("People and access"),
        _("Who signs in, for which company, in which role."),
        ("stores.User", "stores.Membership", "auth.Group"),
    ),
)
REST = Group(_("Everything else"), _("Records for reference."), ())


def groups_of(app_list: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """Django's list of apps, regrouped by what is done; a table that no group names stands in the last one."""
    entries = {f"{app['app_label']}.{model['object_name']}": model for app in app_list for model in app["models"]}
    shown = [Shown(group, [entries.pop(name) for name in group.models if name in entries]) for group in GROUPS]
    shown.append(Shown(REST, list(entries.values())))
    return [one for one in shown if one.models]


def waiting_for(user: User | AnonymousUser) -> list[Waiting]:
    """What waits for a person, of what they may see; each leads to a list of as many rows."""
    unopened = Notice.objects.filter(state=State.ISSUED, level=NoticeLevel.RED)
    going_on, failed = RatingFreeze.objects.filter(end_day=None), Run.objects.filter(state=Run.State.FAILED)
    things: tuple[tuple[Any, QuerySet[Any], str], ...] = (
        (_("open risk cases"), RiskCase.objects.filter(state=RiskCase.State.OPEN), "state__exact=open"),
        (_("active rating freezes"), going_on, "state=open"),
        (_("unopened red notices"), unopened, "level__exact=red&state__exact=issued"),
        (_("failed parts of nightly runs"), failed, "state__exact=failed"),
    )
    return [
        Waiting(text, count, f"{_list_of(rows)}?{query}")
        for text, rows, query in things
        if _may_view(user, rows) and (count := rows.count())
    ]


def _list_of(rows: QuerySet[Any]) -> str:
    meta = rows.model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def _may_view(user: User | AnonymousUser, rows: QuerySet[Any]) -> bool:
    meta = rows.model._meta
    return user.has_perm(f"{meta.app_label}.view_{meta.model_name}")
