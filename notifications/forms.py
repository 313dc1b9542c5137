"""Filters of the pages of notices, read from the address."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.pages.choices import set_choices
from core.pages.widgets import ClockInput, DayInput
from insights.presenters.reasons import code_text
from metrics.catalogue import METRICS
from metrics.words import COUNTER_WORDS
from notifications.complaints import COPYRIGHT
from notifications.kinds import declared_messages
from notifications.models import GROUPS, LEVELS, PACES, STATES
from notifications.queries.messages import MessageQuery, addressed_stores
from notifications.queries.notices import DEFAULT_PART, ORDER_FILTERS, PARTS, NoticeQuery
from notifications.rules import URGENT_GROUPS, ChannelName, ChannelRules, MessageGroup, Pace
from notifications.services.phones import parse_number
from notifications.titles import title_of
from rulebook.queries import policies
from stores.models import Store
from stores.principals import Person

ALL = ("", _("all"))


class EndReviewForm(forms.Form):
    """Why a senior reviewer ends the manual review of a failed plan (PN-33)."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class FilterForm(forms.Form):
    """Filters that a stale or mistyped address can't break: what makes no sense is left out."""

    first = forms.DateField(label=_("From"), required=False, widget=DayInput())
    last = forms.DateField(label=_("To"), required=False, widget=DayInput())

    def offer(self, name: str, choices: Any) -> None:
        """Set the choices of a field, "all" before them."""
        set_choices(self, name, [ALL, *choices])

    def chosen(self) -> dict[str, Any]:
        """The filters that were given and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def days(self) -> dict[str, date | None]:
        """The period, both days included; None where it is open."""
        chosen = self.chosen()
        return {name: chosen.get(name) for name in ("first", "last")}

    def exact(self) -> dict[str, str]:
        """The other filters as columns and their values."""
        return {name: value for name, value in self.chosen().items() if name not in ("first", "last", "part")}


class NoticeFilter(FilterForm):
    """Filters of the performance record."""

    level = forms.ChoiceField(label=_("Level"), required=False, choices=[ALL, *LEVELS])
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    part = forms.CharField(required=False, widget=forms.HiddenInput())
    field_order = ("level", "metric", "state", "first", "last", "part")

    def __init__(self, data: Any, *, part: str) -> None:
        super().__init__(data)
        self.offer("metric", ((code, title_of(code)) for code in notice_metrics()))
        self.offer("state", ((state, name) for state, name in STATES if state in PARTS[part].states))
        if len(PARTS[part].states) < 2:
            del self.fields["state"]


class NoticeOrderFilter(FilterForm):
    """Filters of a notice's problem orders. Choices are what occurs among them."""

    counter = forms.ChoiceField(label=_("Failure"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    site = forms.ChoiceField(label=_("Site"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    field_order = ("counter", "reason", *ORDER_FILTERS, "first", "last")

    def __init__(self, data: Any, *, occurring: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        self.carrier_names = dict(occurring["carrier"])
        self.reason_codes = [code for code, _same in occurring["reason"]]
        counters = [(name, COUNTER_WORDS.get(name, name)) for name, _same in occurring["counter"]]
        reasons = [(code, code_text(code)) for code, _same in occurring["reason"]]
        for name, choices in {**occurring, "counter": counters, "reason": reasons}.items():
            self.offer(name, choices)
        for name, choices in (("counter", counters), ("reason", reasons)):
            if len(choices) < 2:
                del self.fields[name]


class MessageFilter(FilterForm):
    """Filters of a person's messages."""

    store = forms.ChoiceField(label=_("Store"), required=False)
    kind = forms.ChoiceField(label=_("About"), required=False)
    show = forms.CharField(required=False, widget=forms.HiddenInput())
    field_order = ("store", "kind", "first", "last", "show")

    def __init__(self, data: Any, *, stores: Iterable[Store]) -> None:
        super().__init__(data)
        self.offer("store", ((store.store_no, store.name) for store in stores))
        self.offer("kind", sorted(((kind.name, kind.label) for kind in declared_messages()), key=lambda one: one[0]))


def asked_messages(params: QueryDict, person: Person) -> tuple[MessageFilter, MessageQuery]:
    """The filters of the person's messages and the query that they stand for."""
    form = MessageFilter(params, stores=addressed_stores(person))
    return form, MessageQuery(person, form.exact(), **form.days())


def asked_notices(params: QueryDict, store: Store) -> tuple[NoticeFilter, NoticeQuery]:
    """The filters of a store's record and the query that they stand for."""
    part = params.get("part", DEFAULT_PART)
    part = part if part in PARTS else DEFAULT_PART
    form = NoticeFilter(params, part=part)
    return form, NoticeQuery(store, part, form.exact(), **form.days())


class PreferenceForm(forms.Form):
    """How the groups of messages are mailed; those that always are have no field."""

    def __init__(self, data: Any, *, paces: Mapping[MessageGroup, Pace], rules: ChannelRules) -> None:
        super().__init__(data)
        for group, label in GROUPS:
            if group not in URGENT_GROUPS:
                pace = rules.pace(ChannelName.MAIL, MessageGroup(group), paces.get(MessageGroup(group)))
                self.fields[group] = forms.ChoiceField(label=label, choices=PACES, initial=pace)

    def paces(self) -> dict[MessageGroup, Pace]:
        """What the person changed: the rest goes on following the company."""
        return {MessageGroup(group): Pace(self.cleaned_data[group]) for group in self.changed_data}


class PhoneForm(forms.Form):
    """A mobile number, which becomes E.164."""

    number = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "placeholder": "+86 138 0000 0000"}),
    )

    def clean_number(self) -> str:
        return parse_number(self.cleaned_data["number"])


class QuietForm(forms.Form):
    """Quiet hours, both ends or none, and the time of the daily digest."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=ClockInput())
    quiet_until = forms.TimeField(label=_("until"), required=False, widget=ClockInput())
    digest_at = forms.TimeField(label=_("Daily digest"), widget=ClockInput())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None):
            raise forms.ValidationError(_("Give both ends of the quiet hours, or none."))
        return given


def notice_metrics() -> list[str]:
    """The metrics that issue notices under any policy."""
    issuing = {code for p in policies() for code, rules in p.policy.metrics.items() if rules.issues == "notice"}
    return [*(code for code in METRICS if code in issuing), COPYRIGHT]
