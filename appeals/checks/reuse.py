"""Files and pictures that the company used in another appeal (PN-28). Other companies' files are never compared."""

from collections.abc import Iterator

from appeals.checks.cases import Case, CheckedFile, CheckedPage, EarlierPicture
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.likeness import are_near
from appeals.checks.numbers import looks
from evidence.hashes import is_distinct

# Share of the numbers that two pictures must have in common to be one picture and not two of one template.
SAME_NUMBERS = 0.6


def check_reuse(case: Case) -> Iterator[Finding]:
    """For each file where it was used before, or that it is new."""
    for file in case.files:
        yield _reuse(case, file)


def _reuse(case: Case, file: CheckedFile) -> Finding:
    if file.reused_in:
        return Finding(Code.FILE_REUSED, Severity.MEDIUM, file.id, params={"appeals": list(file.reused_in)})
    for page in file.pages:
        for earlier in case.earlier_pictures:
            if page.picture and are_near(page.picture, earlier.picture):
                found = _same_picture(file, page, earlier)
                if found is not None:
                    return found
    return Finding(Code.FILE_NEW, Severity.PASSED, file.id)


def _same_picture(file: CheckedFile, page: CheckedPage, earlier: EarlierPicture) -> Finding | None:
    """Two screenshots of one template differ in a few numbers only, so pictures count as the same if what is read in
    them is the same too. Where nobody read them it stays open."""
    params = {"appeals": [earlier.appeal]}
    if page.unread or earlier.numbers is None:
        return Finding(Code.PICTURE_ALIKE, Severity.LOW, file.id, page.number, params=params)
    numbers = _numbers(file, page)
    if not numbers and not earlier.numbers:
        same = is_distinct(page.picture)
    else:
        same = len(numbers & earlier.numbers) >= SAME_NUMBERS * len(numbers | earlier.numbers)
    return Finding(Code.PICTURE_REUSED, Severity.MEDIUM, file.id, page.number, params=params) if same else None


def pictures_in(file: CheckedFile, appeal_no: str) -> Iterator[EarlierPicture]:
    """The pictures of a file of another appeal, with what is read in each."""
    for page in file.pages:
        if page.picture:
            yield EarlierPicture(page.picture, None if page.unread else _numbers(file, page), appeal_no)


def _numbers(file: CheckedFile, page: CheckedPage) -> frozenset[str]:
    """The numbers of a page for comparing pictures: signs that look alike are one."""
    return frozenset(looks(seen.text) for seen in file.numbers if seen.page.number == page.number)
