"""The tables behind the operations desk, by what is done with them (PG-20)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class TableGroup:
    """A group of tables: what staff do there, and the tables for it as ``app.Model``."""

    title: Any
    text: Any
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with the entries of Django's list of models that the person may see."""

    group: TableGroup
    models: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TablesPage:
    """What templates/desk/tables.html reads."""

    groups: list[ShownGroup]
    nav: dict[str, Any]


GROUPS = (
    TableGroup(
        gettext_lazy("Decide and review"),
        gettext_lazy("Automatic findings for people to review."),
        (
            "appeals.Appeal",
            "appeals.AppealReview",
            "orders.RiskCase",
            "orders.LogisticsClaim",
            "penalties.PenaltyProposal",
            "metrics.RatingAnomalyCase",
            "metrics.RatingFreeze",
            "notifications.Notice",
        ),
    ),
    TableGroup(
        gettext_lazy("Look into a store"),
        gettext_lazy("Lists are found by store number, then order or record number."),
        (
            "stores.Store",
            "stores.Company",
            "orders.Order",
            "disputes.Dispute",
            "appeals.AppealOrder",
            "appeals.AppealFile",
            "disputes.CopyrightComplaint",
            "penalties.Penalty",
            "penalties.PointsEntry",
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
    TableGroup(
        gettext_lazy("Nights and figures"),
        gettext_lazy("What was computed, published and compared with the platform's own."),
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
    TableGroup(
        gettext_lazy("Rules"),
        gettext_lazy("Current and future versions; versions are never edited."),
        ("rulebook.PolicyVersion",),
    ),
    TableGroup(
        gettext_lazy("People and access"),
        gettext_lazy("Who signs in, for which company, in which role."),
        ("stores.User", "stores.Membership", "auth.Group"),
    ),
)
REST = TableGroup(gettext_lazy("Everything else"), gettext_lazy("Records for reference."), ())


def groups_of(app_list: Iterable[Mapping[str, Any]]) -> list[ShownGroup]:
    """Django's list of apps, regrouped by what is done; a table that no group names stands in the last one."""
    entries = {f"{app['app_label']}.{model['object_name']}": model for app in app_list for model in app["models"]}
    shown = [ShownGroup(group, [entries.pop(name) for name in group.models if name in entries]) for group in GROUPS]
    shown.append(ShownGroup(REST, list(entries.values())))
    return [one for one in shown if one.models]
