"""The verdict on a risk case (PG-20)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import RiskCase

MOST_LETTERS = 2_000
CONFIRM, DISMISS = "confirm", "dismiss"
REASONS = {CONFIRM: RiskCase.CONFIRMING, DISMISS: RiskCase.DISMISSING}


class VerdictForm(forms.Form):
    """``do`` is the button: confirm or dismiss. ``choices``: consequences to choose from, where the kind fixes none."""

    choice = forms.ChoiceField(label=gettext_lazy("Consequence"), required=False, widget=forms.RadioSelect)
    code = forms.ChoiceField(
        label=gettext_lazy("Reason from the list"),
        error_messages={"required": gettext_lazy("Choose the reason that fits best.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason in words"),
        help_text=gettext_lazy("The seller reads it when the case is confirmed."),
        max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say why: the reason is kept with the case.")},
    )

    def __init__(self, data: Any, *, choices: Mapping[str, Any] | None) -> None:
        super().__init__(data, auto_id="verdict-%s")
        self.do = data.get("do", "") if data else ""
        code: Any = self.fields["code"]
        code.choices = [
            ("", _("Choose")),
            (_("If confirmed"), [(one.value, one.label) for one in RiskCase.CONFIRMING]),
            (_("If dismissed"), [(one.value, one.label) for one in RiskCase.DISMISSING]),
        ]
        if choices is None:
            del self.fields["choice"]
        else:
            choice: Any = self.fields["choice"]
            choice.choices = list(choices.items())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "choice" in self.fields and self.do == CONFIRM and not given.get("choice"):
            self.add_error("choice", _("Choose what follows from the confirmation."))
        if given.get("code") and given["code"] not in REASONS.get(self.do, ()):
            self.add_error("code", _("This reason belongs to the other verdict."))
        return given
