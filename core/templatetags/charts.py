"""The tag that draws a chart."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.pages.drawing import drawing

register = template.Library()


@register.simple_tag(name="drawing")
def drawing_tag(figure: Mapping[str, Any], name: str, labelled: str = "") -> SafeString:
    """A figure as SVG (`core.pages.drawing`); ``name``: the id of its description, ``labelled``: of what names it."""
    return drawing(figure, name, labelled=labelled)
