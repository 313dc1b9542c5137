"""How form fields become HTML (Django's FORM_RENDERER)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class FieldRenderer(DjangoTemplates):
    """Writes the common widgets straight, as Django's own templates would: a filter bar with a list of carriers asks
    for a hundred of those, which took longer than the rest of its page. All others go by their templates."""

    def render(self, template_name: str, context: Any, request: HttpRequest | None = None) -> SafeString:
        """The field's HTML, letter by letter that of the named template but for white space between options."""
        quick = QUICK.get(template_name)
        if quick is None:
            return SafeString(super().render(template_name, context, request))
        return mark_safe(quick(context["widget"]))


def _attributes(widget: Widget) -> str:
    given = ((escape(name), value) for name, value in widget["attrs"].items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{escape(value)}"' for name, value in given)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escape(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        shown = [
            f'<option value="{escape(option["value"])}"{_attributes(option)}>{escape(option["label"])}</option>'
            for option in options
        ]
        parts += [f'<optgroup label="{escape(group)}">', *shown, "</optgroup>"] if group else shown
    return "".join([*parts, "</select>"])


_INPUTS = ("text", "number", "email", "hidden", "date", "search", "url", "tel")
QUICK: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    "django/forms/widgets/select.html": _select,
}
