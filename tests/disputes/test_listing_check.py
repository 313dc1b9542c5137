"""The listing check: notes, claims, contradictions, and the sentences that mend them (DP-17)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.rules.attribute_words import LANGUAGES, MATERIALS
from disputes.rules.listing_check import (
    Check,
    CheckWords,
    ListingFinding,
    ListingText,
    Span,
    check_listing,
    language_of,
    mask_of,
)
from rulebook.policy import build_policy
from rulebook.shipped import SHIPPED

pytestmark = [pytest.mark.rule("DP-17"), pytest.mark.sqlite_only]
POLICY = build_policy(SHIPPED, number=1)
WORDS = CheckWords(
    POLICY.words.absolute_claims,
    POLICY.words.colour_note,
    POLICY.words.size_tolerance,
    POLICY.disputes.size_tolerance_cm,
)
SOUND = "Sizes may differ by ±1 cm. The colour may vary."


def found(title: str, description: str = "") -> list[ListingFinding]:
    return check_listing(ListingText(title, description), WORDS)


def checks(title: str, description: str = "") -> list[str]:
    return [str(finding.check.name) for finding in found(title, description)]


def test_a_sound_listing_has_no_findings() -> None:
    assert checks("Cotton shirt 50 cm", f"A shirt of cotton, 50 cm long. {SOUND}") == []
    assert checks("", "") == []


@pytest.mark.parametrize(
    ("title", "description", "expected"),
    [
        ("Shirt 50 cm", "The colour may vary.", ["SIZE_TOLERANCE"]),
        ("Shirt", "Hand made.", ["COLOUR_NOTE"]),
        ("连衣裙 永不褪色", "有色差", ["ABSOLUTE_CLAIM"]),
        ("Box 30x40 cm", f"A box of 25x40cm. {SOUND}", ["SIZES"]),
        ("Box 30 cm", f"A box, 300 mm wide. {SOUND}", []),
        ("Genuine leather bag", f"Made of PU leather. {SOUND}", ["MATERIALS"]),
        ("真皮包", f"采用优质PU皮。色差。{SOUND}", ["MATERIALS"]),
        ("Vestido rojo", f"Color azul para el verano. {SOUND}", ["COLOURS"]),
        ("Набор 3 шт", f"В наборе 5 шт. {SOUND}", ["QUANTITIES"]),
        ("Set of 3 pcs", f"You get 3 pieces in red and blue. {SOUND}", []),
    ],
)
def test_each_check_finds_its_own(title: str, description: str, expected: list[str]) -> None:
    assert checks(title, description) == expected


def test_places_are_those_of_the_words() -> None:
    title, description = "Unbreakable cup", f"FOREVER yours. {SOUND}"
    (finding,) = found(title, description)
    assert finding.said == ("Unbreakable", "FOREVER")
    assert finding.spans == (Span("title", 0, 11), Span("description", 0, 7))


def test_a_contradiction_names_both_sides_and_states_the_title() -> None:
    (finding,) = found("Cotton shirt", f"A shirt of polyester. {SOUND}")
    assert (finding.said, finding.other, finding.suggestion) == (("Cotton",), ("polyester",), "Material: Cotton")


def test_what_can_look_no_other_way_needs_no_colour_note() -> None:
    assert check_listing(ListingText("Gift code", "By e-mail.", has_colours=False), WORDS) == []


SAMPLES = {
    "zh": "这是一件尺寸为 50 厘米 的连衣裙",
    "en": "This is a dress of 50 cm for the summer",
    "es": "Este es un vestido de 50 cm para el verano",
    "fr": "Une robe de 50 cm pour les jours de votre été",
    "ru": "Летнее платье длиной 50 см для вас",
    "pt": "Um vestido de 50 cm para o verão, com seu estilo",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_suggested_sentences_mend_what_they_are_for_in_each_language(language: str) -> None:
    text = SAMPLES[language]
    assert language_of(text) == language
    findings = found("", text)
    assert mask_of(findings) == Check.SIZE_TOLERANCE | Check.COLOUR_NOTE
    assert found("", " ".join([text, *(finding.suggestion for finding in findings)])) == []
    claim = POLICY.words.absolute_claims[language][0]
    (finding,) = found(claim, f"{text} {SOUND}")
    assert finding.check == Check.ABSOLUTE_CLAIM
    assert found("", f"{finding.suggestion} {SOUND}") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_material_is_told_from_every_other(language: str) -> None:
    for name, words in MATERIALS.items():
        for other, others in MATERIALS.items():
            says = checks(words[language][0], f"{others[language][0]} {SOUND} 色差")
            assert says == ([] if name == other else ["MATERIALS"]), (name, other)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=160))
def test_places_lie_within_any_text(title: str, description: str) -> None:
    texts = {"title": title, "description": description}
    for finding in found(title, description):
        for span in finding.spans:
            assert 0 <= span.start < span.end <= len(texts[span.part])


@pytest.mark.parametrize("note", ["Colours may differ slightly between screens.", "Colors may vary.", "略有色差"])
def test_a_note_on_colours_is_recognised_as_sellers_write_it(note: str) -> None:
    assert "COLOUR_NOTE" in checks("Baking mat", "Red or blue.")
    assert "COLOUR_NOTE" not in checks("Baking mat", f"Red or blue. {note}")
