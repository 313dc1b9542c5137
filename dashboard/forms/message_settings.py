"""Forms of a company's messages: what goes where, quiet hours and digest, the chain (PG-18, BX-08)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages.widgets import ClockInput
from notifications.models import CompanySchedule
from notifications.rules import TEAM_CHANNELS, ChannelName, ChannelRules, MessageGroup, Pace
from stores.forms import zone_choices
from stores.models import Membership, User

MAIL_PACES = [
    (Pace.NOW.value, pgettext_lazy("pace of messages", "at once")),
    (Pace.DIGEST.value, pgettext_lazy("pace of messages", "daily digest")),
    (Pace.NEVER.value, pgettext_lazy("pace of messages", "not at all")),
]
OTHER_PACES = [
    (Pace.NOW.value, pgettext_lazy("pace of messages", "at once")),
    (Pace.HOURLY.value, pgettext_lazy("pace of messages", "every hour")),
    (Pace.DIGEST.value, pgettext_lazy("pace of messages", "daily digest")),
]
Paces = Mapping[tuple[MessageGroup, ChannelName], Pace]
MOST_STEPS = 5
MOST_CHAIN_HOURS = 48


def is_offered(group: MessageGroup, channel: ChannelName) -> bool:
    """What is meant for one member goes to no chat."""
    return not (group == MessageGroup.ASSIGNED and channel in TEAM_CHANNELS)


class SeenForm(forms.Form):
    """``seen``: the last change that the page showed (RL-06)."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class RoutesForm(SeenForm):
    """E-mail has a pace for each group; the other channels are ticked and share the pace of the row, but SMS goes at
    once."""

    def __init__(
        self, data: Any, *, channels: Sequence[ChannelName], rules: ChannelRules, paces: Paces, seen: int
    ) -> None:
        super().__init__(data, initial={"seen": seen})
        self._rules = rules
        self.channels = [one for one in channels if one != ChannelName.MAIL]
        for group in MessageGroup:
            present = {one: rules.pace(one, group, paces.get((group, one))) for one in channels}
            self._add(group, present)

    def _add(self, group: MessageGroup, present: Mapping[ChannelName, Pace]) -> None:
        mail = forms.ChoiceField(choices=MAIL_PACES, initial=present[ChannelName.MAIL])
        mail.disabled = self._rules.is_mandatory(group, ChannelName.MAIL)
        self.fields[f"{group}-mail"] = mail
        for channel in self.channels:
            if is_offered(group, channel):
                tick = forms.BooleanField(required=False, initial=present[channel] != Pace.NEVER)
                tick.disabled = self._rules.is_mandatory(group, channel)
                self.fields[f"{group}-{channel}"] = tick
        shared = [pace for one, pace in present.items() if one not in (ChannelName.MAIL, ChannelName.SMS)]
        pace = next((one for one in shared if one != Pace.NEVER), Pace.NOW)
        self.fields[f"{group}-pace"] = forms.ChoiceField(choices=OTHER_PACES, initial=pace)

    def paces(self) -> dict[tuple[MessageGroup, ChannelName], Pace]:
        """What a valid form asks for."""
        given = self.cleaned_data
        asked = {(group, ChannelName.MAIL): Pace(given[f"{group}-mail"]) for group in MessageGroup}
        for group in MessageGroup:
            for channel in self.channels:
                if is_offered(group, channel):
                    pace = Pace.NOW if channel == ChannelName.SMS else Pace(given[f"{group}-pace"])
                    asked[group, channel] = pace if given[f"{group}-{channel}"] else Pace.NEVER
        return asked


class ScheduleForm(SeenForm):
    """Quiet hours, which may be left empty, and the digest."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=ClockInput())
    quiet_until = forms.TimeField(label=pgettext_lazy("time", "Until"), required=False, widget=ClockInput())
    digest_at = forms.TimeField(label=_("Daily digest"), widget=ClockInput())
    time_zone = forms.ChoiceField(label=_("Time zone of the team chats"))

    def __init__(self, data: Any, *, schedule: CompanySchedule, seen: int, now: datetime) -> None:
        names = ("quiet_from", "quiet_until", "digest_at", "time_zone")
        super().__init__(data, initial={"seen": seen, **{name: getattr(schedule, name) for name in names}})
        choices = zone_choices(now)
        if schedule.time_zone not in dict(choices):
            choices.append((schedule.time_zone, schedule.time_zone))
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = choices

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if (given.get("quiet_from") is None) != (given.get("quiet_until") is None) and not self.errors:
            raise forms.ValidationError(_("Give both ends of the quiet hours, or none."))
        return given


class ChainForm(SeenForm):
    """At which step each member is told of a red notice that nobody opens, and the hours between two steps."""

    hours = forms.IntegerField(label=_("Hours between the steps"), min_value=1, max_value=MOST_CHAIN_HOURS)

    def __init__(
        self, data: Any, *, members: Sequence[Membership], places: Mapping[int, int], hours: int, seen: int
    ) -> None:
        super().__init__(data, initial={"seen": seen, "hours": hours})
        self._people: dict[str, User] = {f"step-{one.user_id}": one.user for one in members}
        steps = [("", _("after the others")), *((str(step), str(step)) for step in range(1, MOST_STEPS + 1))]
        for name, user in self._people.items():
            place = places.get(user.pk)
            self.fields[name] = forms.ChoiceField(
                label=str(user), choices=steps, required=False, initial="" if place is None else str(place + 1)
            )

    def steps(self) -> list[list[User]]:
        """The chosen steps in order; none: by role."""
        chosen: dict[int, list[User]] = {}
        for name, user in self._people.items():
            if step := self.cleaned_data.get(name):
                chosen.setdefault(int(step), []).append(user)
        return [chosen[step] for step in sorted(chosen)]
