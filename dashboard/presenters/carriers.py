"""Carriers compared, as tables of pages (DP-18)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from insights.queries.carriers import COMPARED, SHIPPED, Comparison
from insights.rules.carriers import Cells, lowers, value_of
from metrics import words
from metrics.catalogue import METRICS
from rulebook.policy import Policy

Part = dict[str, Any]


def comparison_table(found: Comparison) -> Part:
    """Columns and rows, a group's own row first; ``is_group`` tells them apart."""
    rows = []
    for group in found.groups:
        title = _("Official carriers") if group.official else _("Other carriers")
        rows.append({"name": title, "is_group": True, "cells": _cells(group.cells, found.policy)})
        rows += [
            {"name": line.name, "is_group": False, "cells": _cells(line.cells, found.policy)} for line in group.lines
        ]
    return {
        "first": found.first,
        "last": found.last,
        "columns": _columns(),
        "rows": rows,
        "sentence": _sentence(found),
    }


def _columns() -> list[str]:
    return [_("Orders shipped"), *(str(METRICS[code].title) for code in COMPARED)]


def _cells(cells: Cells, policy: Policy) -> list[Part]:
    shipped = cells.get(SHIPPED)
    shown = [{"text": formats.NO_VALUE if shipped is None else formats.number(shipped.lower), "note": ""}]
    for code in COMPARED:
        rules = policy.metrics[code]
        value = value_of(code, cells.get(code), rules.min_denominator)
        few = value.value is not None and not value.sufficient
        note = pgettext("status", "few orders") if few else ""
        shown.append({"text": words.value_text(value.value, rules.unit), "note": note})
    return [cell | {"label": label} for label, cell in zip(_columns(), shown, strict=True)]


def _sentence(found: Comparison) -> str:
    """By how much official carriers have fewer disputes here, where both groups say something."""
    code = COMPARED[0]
    least = found.policy.metrics[code].min_denominator
    values = {group.official: value_of(code, group.cells.get(code), least) for group in found.groups}
    if len(values) < 2:
        return ""
    gap = lowers(values[True], values[False])
    if gap is None:
        return ""
    share = formats.percent(abs(gap), places=1)
    if gap < 0:
        return _("Orders with official carriers have %(share)s more disputes than the others.") % {"share": share}
    return _("Orders with official carriers have %(share)s fewer disputes than the others.") % {"share": share}


def advice(policy: Policy) -> str:
    """What the platform states about official carriers."""
    return _("The platform states that official carriers lower disputes by %(share)s.") % {
        "share": formats.limit_percent(policy.disputes.official_lowers)
    }
