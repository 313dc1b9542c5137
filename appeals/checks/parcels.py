"""Whether the files speak of the orders of the appeal: tracking and order numbers (PN-28, DP-09)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appeals.checks.cases import OTHER_ORDERS_KINDS, SURE, Case, CheckedFile, SeenNumber
from appeals.checks.findings import Code, Finding, Severity
from appeals.checks.numbers import Near, by_number, looks
from orders.rules.tracking_numbers import s10_is_valid

# Findings of one kind per appeal; an appeal may name hundreds of orders.
MAX_FOUND = 200


@dataclass(frozen=True)
class Named:
    """What a file names: orders of the appeal and other orders of the company, with the first place of each; and which
    order of the appeal a line (page, line) names."""

    own: dict[str, SeenNumber]
    others: dict[str, SeenNumber]
    lines: dict[tuple[int, int], str]


def read_numbers(case: Case) -> dict[int, Named]:
    """The orders that each file (by id) names, by their number or a tracking number of theirs."""
    numbers = _wanted(case)
    recognised = {looks(number): order_no for number, order_no in numbers.items()}
    return {file.id: _named(case, file, {False: numbers, True: recognised}) for file in case.files}


def _named(case: Case, file: CheckedFile, own: dict[bool, dict[str, str]]) -> Named:
    named = Named({}, {}, {})
    for seen in file.numbers:
        read = seen.page.recognised
        if order_no := own[read].get(looks(seen.text) if read else seen.text):
            named.own.setdefault(order_no, seen)
            named.lines.setdefault((seen.page.number, seen.line), order_no)
        elif (order_no := case.others.get(seen.text)) and seen.sure >= SURE:
            named.others.setdefault(order_no, seen)
    return named


def _wanted(case: Case) -> dict[str, str]:
    return by_number({order.order_no: order.numbers for order in case.orders})


def check_parcels(case: Case, named: dict[int, Named]) -> Iterator[Finding]:
    """Numbers that were found, that are missing, that are one slip off, that belong to other orders."""
    yield from _found(case, named)
    yield from _missing(case, named)
    for file in case.files:
        yield from _near(case, file, named[file.id])
        yield from _other_orders(file, named[file.id])


def _found(case: Case, named: dict[int, Named]) -> Iterator[Finding]:
    """Orders that are named, with their own number: what recognition made of it may look odd."""
    numbers = {looks(number): number for number in _wanted(case)}
    found = [
        _at(Code.NUMBER_FOUND, Severity.PASSED, file, seen, order_no, {"written": _meant(seen, numbers)})
        for file in case.files
        for order_no, seen in named[file.id].own.items()
    ]
    yield from found[:MAX_FOUND]


def _meant(seen: SeenNumber, numbers: Mapping[str, str]) -> str:
    return numbers[looks(seen.text)] if seen.page.recognised else seen.text


def _missing(case: Case, named: dict[int, Named]) -> Iterator[Finding]:
    """Orders that no file about parcels names. A picture that nobody read may name them, so then nothing is said."""
    files = [file for file in case.files if file.is_about_parcels and file.facts]
    if any(file.is_unread for file in files):
        return
    found = {order_no for file in case.files for order_no in named[file.id].own}
    missing = [order.order_no for order in case.orders if order.order_no not in found and order.numbers]
    if not files or not missing:
        return
    unsure = any(file.is_recognised for file in files)
    severity = Severity.LOW if unsure else Severity.MEDIUM
    only = missing[0] if len(missing) == 1 else ""
    params = {"orders": missing[:MAX_FOUND], "count": len(missing), "recognised": unsure}
    yield Finding(Code.NUMBER_MISSING, severity, order=only, params=params)


def _near(case: Case, file: CheckedFile, named: Named) -> Iterator[Finding]:
    """Numbers one slip away from that of an order which this file doesn't name otherwise. Numbers that the company has
    given to another parcel are no slip: those of one day follow one another."""
    wanted = {number: order_no for number, order_no in _wanted(case).items() if order_no not in named.own}
    near, told = Near(wanted), set()
    for seen in file.numbers:
        number = near.of(seen.text) if seen.sure >= SURE and seen.text not in case.others else ""
        if number and number not in told:
            told.add(number)
            params = {"written": seen.text, "meant": number, "valid": s10_is_valid(seen.text)}
            yield _at(Code.NUMBER_NEAR, Severity.MEDIUM, file, seen, wanted[number], params)


def _other_orders(file: CheckedFile, named: Named) -> Iterator[Finding]:
    """A file that names other orders of the company and none of the appeal's. A list that names both is in order."""
    if named.own or not named.others or file.kind in OTHER_ORDERS_KINDS:
        return
    order_no, seen = next(iter(named.others.items()))
    params = {"written": seen.text, "count": len(named.others)}
    yield _at(Code.OTHER_ORDER, Severity.HIGH, file, seen, order_no, params)


def _at(
    code: Code,
    severity: Severity,
    file: CheckedFile,
    seen: SeenNumber,
    order_no: str,
    params: Mapping[str, object] | None = None,
) -> Finding:
    recognised = seen.page.recognised
    weight = Severity.LOW if recognised and severity != Severity.PASSED else severity
    said = {"written": seen.text, **(params or {}), "recognised": recognised}
    return Finding(code, weight, file.id, seen.page.number, seen.box, order_no, said)
