"""Pictures whose text has to be read, so that there is something to find: honest ones and others."""

from collections.abc import Iterator

from appeals.checks.findings import Code
from tests.appeals.checks.corpus.entries import ORDER, Entry
from tests.appeals.checks.corpus.making import document, jpeg, photo, scan, screenshot, sheet

NUMBER = ORDER.numbers[0]


def readable() -> Iterator[Entry]:
    """Every picture that is tried with text recognition."""
    yield from _honest()
    yield from _wrong()


def _honest() -> Iterator[Entry]:
    group = "honest"
    trace = sheet("Tracking", f"Number: {NUMBER}", "2026-11-14 10:11 Accepted", "2026-11-25 15:02 Delivered")
    yield Entry(group, "trace.jpg", screenshot(trace), "carrier_trace")
    letter = sheet("深圳速达国际物流有限公司", f"运单 {NUMBER} 于 2026-11-14 10:20 交接，我司漏扫。", stamp=True)
    yield Entry(group, "letter-scan.pdf", scan(document(letter), 900))
    pages = [sheet("Tracking", f"Number: {number}", "2026-11-14 Accepted") for number in (NUMBER, "SZ993311772255")]
    shots = [screenshot(page) for page in pages]
    yield Entry(group, "same-page-other-parcel.jpg", shots[0], "carrier_trace", earlier=shots[1])


def _wrong() -> Iterator[Entry]:
    def shot(name: str, code: Code, *lines: str, kind: str = "carrier_trace") -> Entry:
        return Entry("wrong", name, screenshot(sheet("Tracking", *lines)), kind, frozenset({code}))

    yield shot("one-sign-off.jpg", Code.NUMBER_NEAR, "Number: SZ126718225930", "2026-11-14 Accepted")
    yield shot("other-order.jpg", Code.OTHER_ORDER, "Number: SZ999000111222", "2026-11-14 Accepted")
    yield shot("early.jpg", Code.DELIVERED_BEFORE_DISPATCH, NUMBER, "2026-11-09 Delivered", "2026-11-20 printed")
    again = jpeg(photo(51).resize((400, 300)), quality=60)
    yield Entry("wrong", "photo.jpg", again, "order_proof", frozenset({Code.PICTURE_REUSED}), earlier=jpeg(photo(51)))
    page = sheet("Letter", f"Parcel {NUMBER}", "Held at our hub", stamp=True)
    earlier, again = (scan(document(page), width) for width in (900, 800))
    yield Entry("wrong", "scan.pdf", again, expected=frozenset({Code.PICTURE_REUSED}), earlier=earlier)
