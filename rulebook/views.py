"""The rulebook (PG-17): rules in plain words, versions, the working calendar. For everybody who is signed in."""

from datetime import date
from itertools import pairwise
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages.attachments import attached
from core.timebase import performance_day
from rulebook import reading
from rulebook.calendar import exceptions, working_days
from rulebook.forms import RuleFilterForm
from rulebook.models import PolicyVersion
from rulebook.queries import policy_of, version_at, whole_data
from rulebook.reading import value_text
from rulebook.revision import Difference, differences
from rulebook.texts.parameters import parameter_name

FIRST_YEAR, LAST_YEAR = 2016, 2050


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Every rule in force, filtered by chapter, words and the assumption flag."""
    version = version_at(timezone.now())
    form = RuleFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rules = reading.chosen(
        reading.rules(whole_data(version), get_language() or ""),
        words=wanted.get("q", ""),
        family=wanted.get("family", ""),
        assumptions=wanted.get("assumptions", False),
    )
    names = dict(reading.family_names())
    families = [(names[family], [rule for rule in rules if rule.family == family]) for family in names]
    chapters = [(name, found) for name, found in families if found]
    context = {
        "form": form,
        "version": version,
        "chapters": chapters,
        "count": len(rules),
        "tabs": reading.tabs("rulebook:index"),
    }
    return render(request, "rulebook/index.html", context)


@require_safe
@login_required
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule with its parameters and the versions that changed them."""
    current = version_at(timezone.now())
    found = reading.rule(whole_data(current), rule_id, get_language() or "")
    if found is None:
        raise Http404
    history = [
        {"version": version, "changes": [_shown(change) for change in changes if rule_id in change.rules]}
        for version, changes in _revisions()
    ]
    context = {
        "rule": found,
        "version": current,
        "history": [entry for entry in history if entry["changes"]],
        "chapter": dict(reading.family_names())[found.family],
    }
    return render(request, "rulebook/rule.html", context)


@require_safe
@login_required
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, the latest first, with the number of parameters each changed."""
    current = version_at(timezone.now())
    rows = [
        {"version": version, "changes": len(changes), "state": _state(version, current)}
        for version, changes in _revisions()
    ]
    return render(request, "rulebook/versions.html", {"rows": rows, "tabs": reading.tabs("rulebook:versions")})


@require_safe
@login_required
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version and what it changed."""
    stored = get_object_or_404(PolicyVersion, number=number)
    changes = next(changes for version, changes in _revisions() if version.number == number)
    context = {
        "version": stored,
        "state": _state(stored, version_at(timezone.now())),
        "changes": [_shown(change) for change in changes],
        "parameters": len(stored.data),
    }
    return render(request, "rulebook/version.html", context)


@require_safe
@login_required
def version_data(request: HttpRequest, number: int) -> HttpResponse:
    """A version's parameters as a JSON file: what a policy editor starts from."""
    stored = get_object_or_404(PolicyVersion, number=number)
    answer = JsonResponse(stored.data, json_dumps_params={"indent": 1, "sort_keys": True, "ensure_ascii": False})
    return attached(answer, f"policy-{number}.json")


@require_safe
@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """The working days of a year (DM-26): the days that are not what their weekday says."""
    now = timezone.now()
    year = _year(request.GET.get("year", ""), performance_day(now))
    plans = policy_of(version_at(now)).calendar.years
    language = "zh_CN" if (get_language() or "").startswith("zh") else "en_US"
    context = {
        "year": year,
        "days": exceptions(year, plans=plans, language=language),
        "working_days": working_days(year, plans=plans),
        "from_policy": str(year) in plans,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "next": year + 1 if year < LAST_YEAR else None,
        "tabs": reading.tabs("rulebook:calendar"),
    }
    return render(request, "rulebook/calendar.html", context)


def _year(text: str, today: date) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _revisions() -> list[tuple[PolicyVersion, list[Difference]]]:
    """Versions, the latest first, with what each changed against the number before it; the first changed nothing."""
    ascending = list(PolicyVersion.objects.order_by("number"))
    changed = [(after, differences(before.data, after.data)) for before, after in pairwise(ascending)]
    return [*reversed(changed), (ascending[0], [])]


def _shown(change: Difference) -> dict[str, Any]:
    def text(entry: Any) -> str:
        return "–" if entry is None else value_text(change.key, entry["value"])

    before, after = text(change.before), text(change.after)
    flag = None
    if change.before and change.after and change.before["assumption"] != change.after["assumption"]:
        flag = _("now an assumption") if change.after["assumption"] else _("no longer an assumption")
    name = parameter_name(change.key, get_language() or "")
    return {"key": change.key, "name": name, "rules": change.rules, "before": before, "after": after, "flag": flag}


def _state(version: PolicyVersion, current: PolicyVersion) -> str:
    if version.number == current.number:
        return _("in force")
    key = (version.effective_from, version.number)
    return _("coming") if key > (current.effective_from, current.number) else _("past")
