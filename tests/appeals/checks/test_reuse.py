"""Files and pictures that were handed in before (PN-28)."""

import pytest

from appeals.checks.cases import CheckedFile, EarlierPicture
from appeals.checks.reuse import check_reuse, pictures_in
from tests.appeals.checks.build import TRACKING_NO, a_case, a_file, jpeg_facts, letter, page

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28")]
PHOTO, PAPER = "0f" * 32, "0" * 62 + "1f"


def shot(*lines: str, picture: str = PHOTO, source: str = "recognised") -> CheckedFile:
    facts = jpeg_facts(page(*lines, source=source, picture=picture))
    return a_file(facts, content="jpeg", name="shot.jpg")


def reuse(file: CheckedFile, *earlier: EarlierPicture) -> str:
    [finding] = check_reuse(a_case(file, earlier_pictures=earlier))
    return finding.code


def before(*numbers: str, picture: str = PHOTO) -> EarlierPicture:
    return EarlierPicture(picture, frozenset(numbers), "A1")


def test_a_photo_without_text_counts_by_its_looks() -> None:
    assert reuse(shot(), before()) == "picture_reused"
    assert reuse(shot(), before(picture="f0" * 32)) == "file_new"


def test_paper_without_text_looks_like_other_paper() -> None:
    assert reuse(shot(picture=PAPER), before(picture=PAPER)) == "file_new"


def test_two_parcels_on_one_kind_of_page_are_two_pictures() -> None:
    assert reuse(shot(TRACKING_NO), before("SZ993311772255")) == "file_new"
    [earlier] = pictures_in(shot(TRACKING_NO.replace("S", "$")), "A1")
    assert reuse(shot(TRACKING_NO), earlier) == "picture_reused"


def test_where_nobody_read_it_stays_open() -> None:
    assert reuse(shot(source="unread"), before()) == "picture_alike"
    assert reuse(shot(TRACKING_NO), EarlierPicture(PHOTO, None, "A1")) == "picture_alike"


def test_the_same_file_is_told_as_that() -> None:
    [finding] = check_reuse(a_case(letter(reused_in=("A1", ""))))
    assert (finding.code, finding.severity, finding.params) == ("file_reused", "medium", {"appeals": ["A1", ""]})
