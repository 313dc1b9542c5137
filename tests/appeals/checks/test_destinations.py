"""The destination that a document states (DP-09)."""

import pytest

from appeals.checks.destinations import country_of, destinations_in
from tests.appeals.checks.build import TRACKING_NO, a_case, found, letter, only, passed

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("DP-09")]


@pytest.mark.parametrize(
    ("text", "countries", "codes"),
    [
        ("Destination: Chile", {"CL"}, set()),
        ("目的国：法国", {"FR"}, set()),
        ("目的地 巴西 Brazil", {"BR"}, set()),
        ("Destination country: CL", {"CL"}, set()),
        ("Ship to: Lyon, France", {"FR"}, set()),
        ("Ship to: San Jose, CA", set(), {"CA"}),
        ("Ship to: Jersey City, NJ", set(), set()),
        ("País de destino: Brasil", set(), set()),
        ("Destination", set(), set()),
        ("Chile", set(), set()),
    ],
)
def test_only_what_can_be_nothing_else_is_a_country(text: str, countries: set[str], codes: set[str]) -> None:
    assert destinations_in(text) == (countries, codes)


@pytest.mark.parametrize(
    ("name", "code"), [("CL", "CL"), ("de", ""), ("KOR", "KR"), ("to", ""), ("x", ""), ("法国", "FR")]
)
def test_codes_count_in_capitals(name: str, code: str) -> None:
    assert country_of(name) == code


def test_one_fitting_destination_is_enough() -> None:
    wrong, mixed = letter(TRACKING_NO, "Destination: Chile"), letter("Destination: Chile", "Destination: Brazil")
    finding = only(a_case(wrong), "country_differs")
    assert (finding.severity, finding.params["country"], finding.params["sites"]) == ("medium", "CL", "BR")
    assert "country_fits" in passed(a_case(mixed))
    assert "country_differs" not in found(a_case(mixed))
