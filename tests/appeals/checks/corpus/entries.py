"""What an entry of the corpus is, and the appeal in which each is tried."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from appeals.checks.cases import Case, CheckedFile, CheckedOrder
from appeals.checks.checking import check_case
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.numbers import compact
from appeals.checks.reuse import pictures_in
from evidence.inspection import jpeg_facts, pdf_facts
from tests.appeals.checks.build import NOW, a_case, an_order

READ_BY = {"pdf": pdf_facts.facts_of, "jpeg": jpeg_facts.facts_of}
ORDER, SECOND, THIRD = (
    an_order(),
    an_order(order_no="8000110002021595", numbers=("RR123456785CN",), site="FR"),
    an_order(order_no="8000110002021112", numbers=("LP00007611834402",), site="KR"),
)
# Other orders of the company: what their numbers are in the files belongs to them.
OTHERS = {
    "SZ126718225904": "8000110002020875",
    "SZ999000111222": "8000110002029001",
    "8000110002029001": "8000110002029001",
}
STATEMENT = "The carrier took parcel {} in time and scanned it a day later."


@dataclass(frozen=True)
class Entry:
    """A file with the class that it stands for. ``expected``: what the check must find; of an honest file nothing;
    ``earlier``: a file of another appeal of the company; ``read``: recognition is needed to find it."""

    group: str
    name: str
    content: bytes
    kind: str = "third_party_document"
    expected: frozenset[Code] = frozenset()
    orders: tuple[CheckedOrder, ...] = (ORDER,)
    earlier: bytes | None = None
    same_file: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What the content is."""
        return "pdf" if self.content.startswith(b"%PDF") else "jpeg"


def case_of(entry: Entry) -> Case:
    """The appeal that an entry is handed in with."""
    facts = READ_BY[entry.type](entry.content)
    reused = ("A20261101-000002",) if entry.same_file else ()
    file = CheckedFile(1, 1, entry.name, entry.kind, entry.type, facts, reused)
    earlier: Iterator[Any] = iter(())
    if entry.earlier is not None:
        kind = "pdf" if entry.earlier.startswith(b"%PDF") else "jpeg"
        earlier = pictures_in(CheckedFile(2, 1, "", "", kind, READ_BY[kind](entry.earlier)), "A20261101-000002")
    own = {compact(number) for order in entry.orders for number in (order.order_no, *order.numbers)}
    others = {seen.text: OTHERS[seen.text] for seen in file.numbers if seen.text in OTHERS and seen.text not in own}
    columns: dict[str, Any] = {
        "at": NOW,
        "statement": STATEMENT.format(entry.orders[0].order_no),
        "others": others,
        "earlier_pictures": tuple(earlier),
    }
    return a_case(file, orders=entry.orders, **columns | entry.more)


def findings_of(entry: Entry) -> list[Finding]:
    """What the check finds in the file, without what passed."""
    return [finding for finding in check_case(case_of(entry)) if finding.severity != Severity.PASSED]
