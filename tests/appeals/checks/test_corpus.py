"""The Smart Check on files that the tests build: what it finds, and what it wrongly alarms about (PN-28)."""

import pytest

from appeals.checks.findings import Code, Severity
from evidence.inspection.recognition import data_folder
from tests.appeals.checks.corpus.entries import case_of
from tests.appeals.checks.corpus.honest import honest
from tests.appeals.checks.corpus.pictures import readable
from tests.appeals.checks.corpus.tables import PAGE, Tried, is_found, page, read_section
from tests.appeals.checks.corpus.trying import corpus_unread, language_data, pictures_read, split_page
from tests.appeals.checks.corpus.wrong import wrong

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28", "PN-28a", "DP-09")]
# Known limits: such pictures have other hashes.
MISSED = {"cropped-51.jpg", "cropped-52.jpg", "mirrored.jpg"}


@pytest.fixture(scope="module")
def unread() -> tuple[Tried, Tried]:
    return corpus_unread()


@pytest.fixture(scope="module")
def read() -> Tried:
    return pictures_read()


def test_the_corpus_has_sixty_files_of_either_sort_and_no_file_twice(unread: tuple[Tried, Tried]) -> None:
    for tried in unread:
        assert len(tried) >= 60
    names = [entry.name for tried in unread for entry, _found in tried if not entry.same_file]
    assert len(names) - len(set(names)) <= 3


def test_no_honest_file_gets_more_than_a_note(unread: tuple[Tried, Tried]) -> None:
    alarms = [
        (entry.name, finding.code)
        for entry, found in unread[0]
        for finding in found
        if finding.severity in (Severity.HIGH, Severity.MEDIUM)
    ]
    assert alarms == []


def test_what_is_wrong_is_found_but_for_the_known_limits(unread: tuple[Tried, Tried]) -> None:
    assert {entry.name for entry, found in unread[1] if not is_found(entry, found)} == MISSED


def test_the_page_says_what_was_counted(unread: tuple[Tried, Tried]) -> None:
    without_pictures, _pictures = split_page(PAGE.read_text(encoding="utf-8"))
    assert page(*unread) == without_pictures


def test_pictures_are_read_where_language_data_is(read: Tried) -> None:
    if data_folder() is None:
        assert {finding.code for _entry, found in read for finding in found} >= {Code.NOT_READ}
        return
    assert [entry.name for entry, found in read if not is_found(entry, found)] == []
    assert [found for entry, found in read if not entry.expected] == [[], [], []]
    assert read_section(read) == split_page(PAGE.read_text(encoding="utf-8"))[1]


def test_what_is_read_in_pictures_never_weighs(read: Tried) -> None:
    weighing = {
        finding.code
        for _entry, found in read
        for finding in found
        if finding.params.get("recognised") and finding.severity != Severity.LOW
    }
    assert weighing == set()


def test_without_language_data_the_check_says_that_it_did_not_read() -> None:
    entry = next(entry for entry in readable() if entry.name == "one-sign-off.jpg")
    with language_data("/nonexistent"):
        assert data_folder() is None
        case = case_of(entry)
    assert [(one.is_unread, one.is_recognised, one.numbers) for one in case.files] == [(True, False, ())]


def test_the_corpus_is_the_same_in_every_run(unread: tuple[Tried, Tried]) -> None:
    first = [entry.content for tried in unread for entry, _found in tried]
    assert first == [entry.content for entry in (*honest(), *wrong())]
