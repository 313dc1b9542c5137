"""Honest files: nothing in them is wrong, whatever they look like."""

from collections.abc import Iterator

import pikepdf
from PIL import Image

from tests.appeals.checks.build import an_order
from tests.appeals.checks.corpus.entries import ORDER, SECOND, THIRD, Entry
from tests.appeals.checks.corpus.making import (
    changed,
    document,
    exif,
    jpeg,
    named,
    photo,
    plain,
    scan,
    screenshot,
    sheet,
    signed,
    with_note,
    xmp,
)

NUMBER, POSTAL, CAINIAO = ORDER.numbers[0], SECOND.numbers[0], THIRD.numbers[0]
LIST_HEAD = ("No.", "运单号", "交接时间", "首次扫描")
LIST = (
    LIST_HEAD,
    ("1", NUMBER, "2026-11-14 10:20", "2026-11-16 18:20"),
    ("2", POSTAL, "2026-11-14 15:05", "2026-11-16 08:12"),
)


def honest() -> Iterator[Entry]:
    """Every honest file."""
    yield from _letters()
    yield from _traces()
    yield from _hard_to_read()
    yield from _proofs()
    yield from _histories()
    yield from _scans()
    yield from _photos()
    yield from _screenshots()


def _letters() -> Iterator[Entry]:
    group = "carrier's and customs' letters"
    letters = [
        sheet(
            "深圳速达国际物流有限公司",
            "关于龙华集货点延迟揽收的情况说明",
            "2026 年 11 月 27 日",
            table=LIST,
            stamp=True,
            rule=True,
        ),
        sheet(
            "深圳速达国际物流有限公司", f"运单 {NUMBER} 于 2026-11-14 10:20 交接，我司漏扫。", "2026-11-27", stamp=True
        ),
        sheet(
            "Shenzhen Speed Logistics", f"Parcel {NUMBER} was handed over on 14 Nov 2026; we scanned it on 16 Nov 2026."
        ),
        sheet("Receita Federal", f"Objeto {NUMBER}", "País de destino: Brasil", "Retido em 20/11/2026", stamp=True),
        sheet(
            "Customs of Brazil", f"Parcel {NUMBER} is held. Destination: Brazil", "Date: November 22, 2026", stamp=True
        ),
        sheet("海关通知书", f"邮件 {NUMBER}", "目的国：巴西", "扣留日期：2026年11月20日", stamp=True),
        sheet("Airline notice", f"Flight CA907 of 15 Nov 2026 was cancelled; on board: {NUMBER}, 312 other parcels"),
        sheet("航班取消证明", "航班 CA907，2026-11-15", f"涉及运单：{NUMBER}", stamp=True, rule=True),
        sheet("Letter", f"RE: {' '.join([NUMBER[:5], NUMBER[5:9], NUMBER[9:]])}", "2026-11-21"),
        sheet("Poste", "Bonjour, le colis RR 123 456 785 CN", "Expédié le 14.11.2026, livré le 25.11.2026", stamp=True),
    ]
    for place, letter in enumerate(letters):
        orders = (ORDER, SECOND) if letter["table"] else (SECOND,) if letter["head"] == "Poste" else (ORDER,)
        yield Entry(group, f"letter-{place}.pdf", document(letter), orders=orders)
    rows = [(str(row), f"SZ1267182259{row:02d}", "2026-11-14 10:20", "2026-11-16 18:20") for row in range(20)]
    long = sheet("交接清单", "2026-11-14", table=(LIST_HEAD, *rows), stamp=True)
    yield Entry(group, "list-with-other-parcels.pdf", document(long))
    yield Entry(group, "list-on-three-pages.pdf", document(sheet("清单", "一"), sheet("清单", "二"), long))
    yield Entry(group, "LETTER.PDF", document(letters[1]))


def _traces() -> Iterator[Entry]:
    group = "carriers' traces"
    traces = [
        ("2026-11-14 10:11 Accepted, Shenzhen", "2026-11-16 02:00 Departed", "2026-11-25 15:02 Delivered, São Paulo"),
        ("2026-11-14 揽收", "2026-11-16 离开处理中心", "2026-11-25 妥投"),
        ("14/11/2026 Postado", "05/12/2026 Previsão de entrega", "25/11/2026 Entregue ao destinatário"),
        ("14.11.2026 Принято", "26.11.2026 Вручено адресату"),
        ("Nov 14, 2026 Picked up", "Nov 20, 2026 Delivery attempted, not delivered", "Nov 24, 2026 Delivered"),
        ("2026-11-14 Collected", "2026-11-20 Held by customs", "Estimated delivery 2026-12-20"),
        ("Order of 2026-11-10", "2026-11-13 Label", "2026-11-14 Collected", "Not yet delivered"),
    ]
    for place, lines in enumerate(traces):
        content = document(sheet("Tracking", f"Number: {NUMBER}", "Destination: Brazil", *lines))
        yield Entry(group, f"trace-{place}.pdf", content, "carrier_trace")
    full = sheet(
        "Proof of delivery", NUMBER, "Delivered on 25 Nov 2026, signed by J. Silva", "Ship to: São Paulo, Brazil"
    )
    yield Entry(group, "pod.pdf", document(full), "full_trace")
    table = (
        ("Tracking", "Shipped", "签收时间"),
        (NUMBER, "2026-11-14", "2026-11-25"),
        (POSTAL, "2026-11-14", "2026-11-24"),
    )
    yield Entry(group, "pod-table.pdf", document(sheet("妥投清单", table=table)), "full_trace", orders=(ORDER, SECOND))


def _hard_to_read() -> Iterator[Entry]:
    """Documents in which words, dates and places stand together that don't belong together."""
    group = "documents easily misread"
    american = an_order(site="US", numbers=("9400111899223197428490",))
    pages = {
        "late-delivery": ("third_party_document", f"{NUMBER}, handed over 2026-11-12, was delivered late"),
        "promise": ("carrier_trace", f"{NUMBER} should be delivered by 2026-11-12", "2026-11-20 In transit"),
        "expected": ("carrier_trace", NUMBER, "预计妥投 2026-11-11", "2026-11-20 运输中"),
        "two-parcels": ("full_trace", NUMBER, "2026-11-25 Delivered", "SZ777000555111", "2026-11-03 Delivered"),
        "stranger-first": ("full_trace", "SZ777000555111 2026-11-03 Delivered", f"{NUMBER} 2026-11-25 Delivered"),
        "contract": (
            "third_party_document",
            "Contract of 2024-01-01",
            NUMBER,
            "Date: 2026-11-21",
            "Reference 20240101-77",
        ),
        "validity": ("third_party_document", f"{NUMBER}, 2026-11-20, valid until 2027-12-31"),
        "hub": ("carrier_trace", NUMBER, "Destination: Brazil, via Santiago (Chile)", "2026-11-20"),
    }
    for name, (kind, *lines) in pages.items():
        yield Entry(group, f"{name}.pdf", document(sheet("Document", *lines, stamp=True)), kind)
    for name, address in {
        "state": "Atlanta, Georgia, US",
        "town": "Jersey City, NJ",
        "code": "San Jose, CA 95112",
    }.items():
        content = document(sheet("Trace", american.numbers[0], f"Ship to: {address}", "2026-11-20"))
        yield Entry(group, f"{name}.pdf", content, "carrier_trace", orders=(american,))
    table = (("运单号", "首次扫描", "签收时间"), (NUMBER, "2026-11-12", "2026-11-25"))
    yield Entry(group, "scan-column.pdf", document(sheet("清单", table=table)), "full_trace")
    table = (("运单号", "交接时间", "首次扫描"), (NUMBER, "2026-11-15 20:00", "2026-11-18 09:00"))
    yield Entry(group, "scanned-late.pdf", document(sheet("清单", "交接与首次扫描", table=table, stamp=True)))
    table = (("Tracking", "First scan", "Note"), (NUMBER, "2026-11-18 09:00", "handed over in time, 2026-11-15"))
    yield Entry(group, "note-column.pdf", document(sheet("List", table=table, stamp=True)))


def _proofs() -> Iterator[Entry]:
    group = "orders' and other proofs"
    lines = ("Paid 2026-11-10 14:02", "Ship by 2026-11-16 04:01", f"Tracking {NUMBER}")
    yield Entry(group, "order.pdf", document(sheet("Order 8000110002020874", *lines)), "order_proof")
    yield Entry(group, "order-zh.pdf", document(sheet("订单详情", "订单号 8000110002020874", *lines)), "order_proof")
    buyer = sheet("Same buyer", "Orders 8000110002029001 and 8000110002020874", "Addresses alike")
    yield Entry(group, "buyer.pdf", document(buyer), "buyer_abuse")
    other = sheet("Claims of this buyer", "8000110002029001 of 2026-08-03: claimed, refunded, used")
    yield Entry(group, "buyer-claims.pdf", document(other), "buyer_abuse")
    report = sheet("CNAS Report", "Sample of the series, tested 2026-03-02", "Passed", stamp=True)
    yield Entry(group, "report.pdf", document(report), "quality_report")
    bill = sheet("Bill of materials", "2025-12-01", table=(("Part", "Quantity"), ("Screw M3", "12")))
    yield Entry(group, "bill.pdf", document(bill), "bill_of_materials")


def _histories() -> Iterator[Entry]:
    """Files whose history looks unusual and is in order."""
    group = "signed, for the web, from printers"
    letter = document(sheet("Letter", f"Parcel {NUMBER}", "2026-11-20", stamp=True))
    yield Entry(group, "signed.pdf", signed(letter))
    yield Entry(
        group, "signed-two-pages.pdf", signed(document(sheet("Letter", NUMBER, stamp=True), sheet("2", "2026-11-20")))
    )
    yield Entry(group, "for-the-web.pdf", changed(letter, lambda pdf: None, linearize=True))
    yield Entry(group, "plain.pdf", plain(letter))
    yield Entry(
        group,
        "object-streams.pdf",
        changed(letter, lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    )
    yield Entry(group, "opens-at-page.pdf", changed(letter, _open_at_page))
    yield Entry(group, "links.pdf", changed(letter, _link))
    yield Entry(group, "note-of-a-reader.pdf", with_note(plain(letter)))
    for producer in ("Microsoft® Word 2021", "WPS 文字", "Skia/PDF m126", "HP LaserJet MFP M236", "Quartz PDFContext"):
        yield Entry(
            group, f"{producer.split()[0].split('/')[0]}.pdf", named(letter, Producer=producer, Creator=producer)
        )


def _open_at_page(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])


def _link(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.org/track"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([50, 50, 90, 60]), A=action
    )
    pdf.pages[0].obj.Annots = pikepdf.Array([link])


def _scans() -> Iterator[Entry]:
    group = "scans"
    for place in range(4):
        letter = sheet(
            f"Letter {place}", f"Parcel {NUMBER}", f"2026-11-2{place}", "Text " * 40 * (place + 1), stamp=True
        )
        yield Entry(group, f"scan-{place}.pdf", scan(document(letter)))
    template = [sheet("Carrier", f"Parcel SZ12671822591{n}", "Held at our hub", stamp=True) for n in (1, 2)]
    yield Entry(group, "same-form-other-parcel.pdf", scan(document(template[0])), earlier=scan(document(template[1])))


def _photos() -> Iterator[Entry]:
    group = "photos"
    phone = exif(make="HUAWEI", model="P60", software="P60 5.0.0", changed="2026:11:14 10:20:00", position="N")
    yield Entry(group, "IMG_1.jpg", jpeg(photo(1), exif=phone), "order_proof")
    yield Entry(
        group, "IMG_2.JPG", jpeg(photo(2), exif=exif(make="Apple", model="iPhone 17", software="26.1")), "order_proof"
    )
    yield Entry(group, "no-exif.jpeg", jpeg(photo(3)), "order_proof")
    yield Entry(group, "progressive.jpg", jpeg(photo(4), progressive=True), "order_proof")
    yield Entry(group, "grey.jpg", jpeg(photo(5).convert("L")), "order_proof")
    yield Entry(group, "cmyk.jpg", jpeg(photo(6).convert("CMYK")), "order_proof")
    turned = Image.Exif()
    turned[0x0112] = 6
    yield Entry(group, "turned.jpg", jpeg(photo(7), exif=turned), "order_proof")
    yield Entry(group, "messenger.jpg", jpeg(photo(8).resize((400, 300)), quality=45), "order_proof")
    yield Entry(group, "scanner.jpg", jpeg(photo(9), exif=exif(software="CamScanner 6.5")), "order_proof")
    yield Entry(group, "camera-history.jpg", jpeg(photo(10), xmp=xmp("HUAWEI Camera")), "order_proof")
    for seed in (11, 12, 13):
        yield Entry(group, f"other-photo-{seed}.jpg", jpeg(photo(seed)), "order_proof", earlier=jpeg(photo(seed + 20)))


def _screenshots() -> Iterator[Entry]:
    group = "screenshots"
    for place, width in enumerate((360, 620, 900)):
        shown = sheet("Tracking", NUMBER, f"2026-11-{14 + place} Accepted", "2026-11-16 Departed")
        yield Entry(group, f"shot-{place}.jpg", screenshot(shown, width=width), "carrier_trace")
    pages = [sheet("Tracking", f"SZ12671822590{n}", f"2026-11-1{n} Accepted") for n in (3, 5)]
    shots = [screenshot(page) for page in pages]
    yield Entry(group, "same-page-other-parcel.jpg", shots[0], "carrier_trace", earlier=shots[1])
    yield Entry(group, "dark.jpg", jpeg(photo(31).point(lambda value: value // 6)), "carrier_trace")
    yield Entry(
        group, "tall.jpg", screenshot(sheet("Tracking", NUMBER, "2026-11-16 Departed"), width=200), "carrier_trace"
    )
    later = an_order(dispatched_at=None, ship_by=None)
    yield Entry(
        group, "never-shipped.jpg", screenshot(sheet("Order", "8000110002020874")), "order_proof", orders=(later,)
    )
