"""Template tags that lead into the rulebook."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from rulebook.texts import rule_texts

register = template.Library()


@register.simple_tag
def rule_link(rule: str) -> SafeString:
    """A link to a rule, named by its title in the reader's language: people read what it is about, not its id."""
    title = rule_texts()[rule].title(get_language() or "")
    return format_html('<a class="rule" href="{}">{}</a>', reverse("rulebook:rule", args=[rule]), title)
