"""How a status looks and what it is called: tone, shape, character, word."""

from django.utils.translation import pgettext_lazy

# level word → (tone of the colour, shape of the mark); tones and shapes have CSS and SVG of the same names.
STATUS: dict[str, tuple[str, str]] = {
    "ok": ("ok", "ring"),
    "yellow": ("yellow", "half"),
    "red": ("red", "disc"),
    "L1": ("yellow", "half"),
    "L2": ("red", "disc"),
    "L3": ("red", "disc"),
    "few": ("none", "dotted"),
    "stale": ("none", "dotted"),
    "silent": ("none", "dotted"),
    "no_data": ("none", "dash"),
    "na": ("none", "dash"),
    "info": ("accent", "ring"),
}
GLYPHS = {"ring": "○", "half": "◐", "disc": "●", "dotted": "◌", "dash": "–"}
WORDS = {
    "ok": pgettext_lazy("status", "ok"),
    "yellow": pgettext_lazy("status", "yellow"),
    "red": pgettext_lazy("status", "red"),
    "L1": pgettext_lazy("status", "level 1"),
    "L2": pgettext_lazy("status", "level 2"),
    "L3": pgettext_lazy("status", "level 3"),
    "few": pgettext_lazy("status", "few orders"),
    "stale": pgettext_lazy("status", "stale"),
    "silent": pgettext_lazy("status", "silent period"),
    "no_data": pgettext_lazy("status", "no data"),
    "na": pgettext_lazy("status", "does not apply"),
    "info": pgettext_lazy("status", "note"),
}


def tone_of(level: str) -> str:
    """The colour's name (ok, yellow, red, none, accent), as CSS classes ``tone-…`` take it."""
    return STATUS.get(str(level), STATUS["no_data"])[0]
