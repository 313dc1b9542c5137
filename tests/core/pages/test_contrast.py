"""Colours hold their contrast in both themes (WCAG 2.2 AA), computed from the style sheet itself."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
GROUNDS = ("bg", "surface", "sunken")
INKS = ("ink", "muted", "accent", "ok", "yellow", "red", "none")


def _block(selector: str) -> dict[str, str]:
    body = TOKENS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", body))


LIGHT = _block(":root")
DARK = _block(':root[data-theme="dark"]')


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", INKS)
def test_text_holds_on_every_ground(theme: dict[str, str], ink: str) -> None:
    weak = {ground: contrast(theme[ink], theme[ground]) for ground in GROUNDS}
    assert min(weak.values()) >= 4.5, weak


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["ok", "yellow", "red", "none", "accent"])
def test_status_and_text_hold_on_their_tint(theme: dict[str, str], tone: str) -> None:
    tint = theme[f"{tone}-tint"]
    assert contrast(theme[tone], tint) >= 4.5
    assert contrast(theme["ink"], tint) >= 4.5
    assert contrast(theme["accent"], tint) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_filled_buttons_and_edges_of_controls_hold(theme: dict[str, str]) -> None:
    assert contrast(theme["on-accent"], theme["accent"]) >= 4.5
    assert contrast(theme["on-red"], theme["red"]) >= 4.5
    assert min(contrast(theme["control"], theme[ground]) for ground in GROUNDS) >= 3


def test_system_dark_and_chosen_dark_are_the_same() -> None:
    assert _block(':root:not([data-theme="light"])') == DARK
    assert set(LIGHT) == set(DARK)


@pytest.mark.parametrize("sheet", ["base.css", "components.css", "instruments.css"])
def test_colours_live_in_the_tokens_only(sheet: str) -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", re.sub(r"#[a-z]+[\s.{,]", "", (CSS / sheet).read_text())) == []


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_use_only_tokens_that_exist_and_four_sizes(sheet: Path) -> None:
    text = sheet.read_text()
    known = set(re.findall(r"--([a-z0-9-]+)\s*:", TOKENS)) | {"tone", "tone-tint", "left", "right"}
    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) <= known
    assert set(re.findall(r"font-size:\s*([^;}]+)", text)) <= {
        "100%", "inherit", "1em", "11pt", "1rem !important",
        "var(--text)", "var(--text-m)", "var(--text-l)", "var(--text-xl)",
    }  # fmt: skip
    assert len(text.splitlines()) <= 400
