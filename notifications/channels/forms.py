"""Forms of team chats (PG-18)."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.models import Connection
from notifications.rules import ChannelName

# These robots may have a secret that signs posts; the others have none.
SIGNING = frozenset({ChannelName.DINGTALK, ChannelName.FEISHU, ChannelName.LARK})


class ConnectionForm(forms.Form):
    """A chat, the language of its messages, and the address of its robot, which is not shown again: left empty, the
    present one stays."""

    name = forms.CharField(label=_("Name of the chat"), max_length=80)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    address = forms.CharField(
        label=_("Address of the robot"),
        max_length=2000,
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
    )
    secret = forms.CharField(
        label=_("Secret that signs posts"),
        required=False,
        max_length=200,
        help_text=_("If the robot's security setting is a signature."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, channel: ChannelName, connection: Connection | None = None) -> None:
        initial = {"name": connection.name, "language": connection.language} if connection else {}
        super().__init__(data, initial=initial)
        if channel not in SIGNING:
            del self.fields["secret"]
        if connection is not None:
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Now: %(target)s. Leave it empty to keep it.") % {
                "target": connection.target
            }
