"""Forms of a company's people (PG-18)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stores.models import Membership


class InviteForm(forms.Form):
    """Whom to invite, in which role."""

    email = forms.EmailField(label=_("e-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("role"), choices=Membership.Role.choices, initial=Membership.Role.ANALYST)


class RoleForm(forms.Form):
    """Another role of a member."""

    role = forms.ChoiceField(label=_("role"), choices=Membership.Role.choices)
