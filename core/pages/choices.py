"""The choices of a form's fields, where they are known only when the form is made."""

from collections.abc import Iterable
from typing import Any

from django import forms


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Set what a field offers: pairs of value and label. Raises TypeError for a field that offers nothing to choose
    from."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field of choices")
    field.choices = list(choices)
