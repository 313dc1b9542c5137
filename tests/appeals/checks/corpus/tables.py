"""docs/smart-check.md: what the check finds in the corpus, and where it is wrong.

python -m tests.appeals.checks.corpus    writes it anew
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from appeals.checks.findings import Finding, Severity
from tests.appeals.checks.corpus.entries import Entry

PAGE = Path(__file__).parents[4] / "docs" / "smart-check.md"
READ_HEADING = "## Pictures that are read"
SEVERITIES = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
Tried = Sequence[tuple[Entry, list[Finding]]]

_INTRODUCTION = """# What the Smart Check finds

The check compares the files of an appeal with its orders and with what the company handed in before (PN-28, PN-28a,
PN-29, DP-09). It advises and blocks nothing. [architecture.md](architecture.md#smart-check) says how it works.

The tables count what it finds in the corpus of the tests (`tests/appeals/checks/corpus/`): files that the tests
build, handed in with one to three orders. A test compares this page with a new count; `python -m
tests.appeals.checks.corpus` writes it.

*High* means that a document contradicts its order or does something when it is opened, *medium* that it should be
looked at, *low* is worth knowing. What was read in a picture is never above low.
"""
_HONEST = """
## Honest files

A false alarm is a finding that is wrong or would make an honest seller change a good file. `not read`, `no stamp
seen` and `saved again` are true of these files and low; they are counted as they are.
"""
_WRONG = """
## Edited, re-used and contradictory files

*Found* counts files in which the check found what is wrong with them. Here no recognition is installed: pictures that
look like earlier ones are told as alike, not as the same.
"""
_READ = f"""
{READ_HEADING}

The same with text recognition (`tesseract-ocr-eng`, `tesseract-ocr-chi-sim`). What it reads is proposed, never held
against the seller: findings that rest on it are low.
"""
_LIMITS = """
## What it misses

- A picture that is cropped by more than a few percent, or mirrored, is not recognised as an earlier one.
- Two screenshots of one page look alike to any picture hash. They count as the same only where the same numbers are
  read in both; a screenshot in which somebody replaced the number is therefore not found by its looks.
- A forged document without traces in the file, whose numbers, dates and country fit the order, passes. Error-level
  analysis and similar signals were tried and told nothing apart, so there is no score of authenticity.
- A signature is tested for what it covers, not for whose it is.
- Dates that give no year, and numbers broken over two lines, are not read.
"""


def page(honest: Tried, wrong: Tried) -> str:
    """The page without the pictures that are read."""
    return "".join([_INTRODUCTION, _HONEST, alarms(honest), _WRONG, finds(wrong), _LIMITS])


def read_section(read: Tried) -> str:
    """The section on pictures that are read."""
    honest = [(entry, found) for entry, found in read if not entry.expected]
    wrong = [(entry, found) for entry, found in read if entry.expected]
    return "".join(
        [_READ, "\n", _line("", "files", "found", "high", "medium", "low"), _rule(6), _read_row("honest", honest)]
    ) + (_read_row("wrong", wrong))


def alarms(tried: Tried) -> str:
    """How many files of each group there are, and findings in them by severity."""
    rows = ["\n", _line("files", "number", *SEVERITIES, "the findings"), _rule(6)]
    for group in _groups(tried):
        found = [finding for entry, findings in tried if entry.group == group for finding in findings]
        rows.append(_line(group, _count(tried, group), *_by_severity(found), _codes(found)))
    every = [finding for _entry, findings in tried for finding in findings]
    rows.append(_line("**all**", len(tried), *_by_severity(every), ""))
    return "".join(rows)


def finds(tried: Tried) -> str:
    """How many files of each group there are, in how many the fault was found, and how grave it was called."""
    rows = ["\n", _line("files", "number", "found", "as"), _rule(4)]
    for group in _groups(tried):
        of_group = [(entry, found) for entry, found in tried if entry.group == group]
        hits = [finding for entry, found in of_group for finding in found if finding.code in entry.expected]
        rows.append(_line(group, len(of_group), sum(is_found(*one) for one in of_group), _codes(hits)))
    rows.append(_line("**all**", len(tried), sum(is_found(*one) for one in tried), ""))
    return "".join(rows)


def is_found(entry: Entry, found: Iterable[Finding]) -> bool:
    """Whether everything that is wrong with a file was found."""
    return entry.expected <= {finding.code for finding in found}


def _read_row(name: str, tried: Tried) -> str:
    found = [finding for _entry, findings in tried for finding in findings]
    return _line(name, len(tried), sum(is_found(*one) for one in tried), *_by_severity(found))


def _groups(tried: Tried) -> list[str]:
    return list(dict.fromkeys(entry.group for entry, _found in tried))


def _count(tried: Tried, group: str) -> int:
    return sum(entry.group == group for entry, _found in tried)


def _by_severity(findings: Iterable[Finding]) -> list[int]:
    counts = Counter(finding.severity for finding in findings)
    return [counts[severity] for severity in SEVERITIES]


def _codes(findings: Iterable[Finding]) -> str:
    counts = Counter((finding.code.replace("_", " "), finding.severity.value) for finding in findings)
    return ", ".join(f"{code} ({severity}) {count}" for (code, severity), count in sorted(counts.items()))


def _line(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def _rule(columns: int) -> str:
    return "|" + " --- |" * columns + "\n"
