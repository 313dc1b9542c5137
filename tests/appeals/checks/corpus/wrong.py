"""Edited, re-used and contradictory files, each with what the check must find."""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
from PIL import Image, ImageEnhance

from appeals.checks.findings import Code
from demo.parcels import s10_number
from tests.appeals.checks.corpus.entries import ORDER, SECOND, THIRD, Entry
from tests.appeals.checks.corpus.making import (
    changed,
    document,
    exif,
    jpeg,
    named,
    painted_over,
    photo,
    plain,
    scan,
    screenshot,
    sheet,
    signed,
    with_note,
    xmp,
)

NUMBER, POSTAL = ORDER.numbers[0], SECOND.numbers[0]
LETTER = document(sheet("Letter", f"Parcel {NUMBER}", "2026-11-20", stamp=True))


def wrong() -> Iterator[Entry]:
    """Every file that something is wrong with."""
    yield from _types()
    yield from _editors()
    yield from _active()
    yield from _updates()
    yield from _reused()
    yield from _numbers()
    yield from _other_orders()
    yield from _dates()
    yield from _late_handovers()
    yield from _countries()
    yield from _stamps()


def _entry(group: str, name: str, content: bytes, *codes: Code, **more: Any) -> Entry:
    return Entry(group, name, content, expected=frozenset(codes), **more)


def _types() -> Iterator[Entry]:
    group = "name and content differ"
    for name, content in (
        ("letter.jpg", LETTER),
        ("photo.pdf", jpeg(photo(1))),
        ("letter", LETTER),
        ("a.pdf.png", LETTER),
    ):
        yield _entry(group, name, content, Code.TYPE_DIFFERS)


def _editors() -> Iterator[Entry]:
    group = "saved by an editor"
    for place, program in enumerate(
        ("Adobe Photoshop 25.1 (Windows)", "GIMP 2.10.36", "Snapseed 2.21", "美图秀秀 7.6", "PicsArt")
    ):
        yield _entry(group, f"exif-{place}.jpg", jpeg(photo(place), exif=exif(software=program)), Code.PICTURE_EDITOR)
    for place, agent in enumerate(("Adobe Photoshop Lightroom 7", "Affinity Photo 2", "Pixelmator Pro 3.5")):
        yield _entry(group, f"xmp-{place}.jpg", jpeg(photo(place), xmp=xmp("Camera", agent)), Code.PICTURE_EDITOR)
    for place, producer in enumerate(("Sejda 5.3", "Wondershare PDFelement 10", "Foxit PhantomPDF", "iLovePDF")):
        yield _entry(group, f"pdf-{place}.pdf", named(LETTER, Producer=producer), Code.PICTURE_EDITOR)


def _active() -> Iterator[Entry]:
    group = "scripts and other active content"

    def action(kind: str, **more: object) -> pikepdf.Dictionary:
        return pikepdf.Dictionary({"/S": pikepdf.Name(kind), **{f"/{key}": value for key, value in more.items()}})

    def opening(kind: str, **more: object) -> bytes:
        return changed(LETTER, lambda pdf: pdf.Root.__setattr__("OpenAction", action(kind, **more)))

    def packed(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Hidden = pdf.make_indirect(action("/JavaScript", JS=pikepdf.String("app.alert(1)")))

    script = opening("/JavaScript", JS=pikepdf.String("app.alert(1)"))
    yield _entry(group, "script.pdf", script, Code.ACTIVE_CONTENT)
    yield _entry(group, "launch.pdf", opening("/Launch", F=pikepdf.String("calc.exe")), Code.ACTIVE_CONTENT)
    yield _entry(group, "address.pdf", opening("/URI", URI=pikepdf.String("https://example.org")), Code.ACTIVE_CONTENT)
    hex_named = plain(script).replace(b"/JavaScript", b"/#4aava#53cript").replace(b"/JS ", b"/#4AS ")
    yield _entry(group, "hex-names.pdf", hex_named, Code.ACTIVE_CONTENT)
    in_streams = changed(LETTER, packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    yield _entry(group, "object-stream.pdf", in_streams, Code.ACTIVE_CONTENT)
    yield _entry(group, "attachment.pdf", changed(LETTER, _attach), Code.ACTIVE_CONTENT)
    form = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=pikepdf.String("<xdp/>"))
    yield _entry(
        group, "xfa.pdf", changed(LETTER, lambda pdf: setattr(pdf.Root, "AcroForm", form)), Code.ACTIVE_CONTENT
    )


def _attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["run.exe"] = b"MZ"


def _updates() -> Iterator[Entry]:
    group = "changed after it was made or signed"
    base = plain(LETTER)
    yield _entry(group, "painted.pdf", painted_over(base), Code.SAVED_AGAIN)
    yield _entry(group, "painted-twice.pdf", painted_over(painted_over(base)), Code.SAVED_AGAIN)
    yield _entry(group, "noted-then-painted.pdf", painted_over(with_note(base)), Code.SAVED_AGAIN)
    yield _entry(group, "signed-painted.pdf", painted_over(signed(LETTER)), Code.SIGNATURE_OUTRUN)
    yield _entry(group, "signed-noted.pdf", with_note(signed(LETTER)), Code.SIGNATURE_OUTRUN)
    web = plain(LETTER, linearize=True)
    yield _entry(group, "web-painted.pdf", painted_over(web), Code.SAVED_AGAIN)


def _reused() -> Iterator[Entry]:
    group = "used in another appeal"
    for place, content in enumerate((LETTER, jpeg(photo(50)), scan(LETTER))):
        name = "letter.pdf" if content.startswith(b"%PDF") else f"photo-{place}.jpg"
        yield _entry(group, name, content, Code.FILE_REUSED, same_file=True)
    near = {
        "saved-again": lambda picture: picture,
        "smaller": lambda picture: picture.resize((320, 240)),
        "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
        "edges-cut": lambda picture: picture.crop((12, 9, 628, 471)),
        "cropped": lambda picture: picture.crop((60, 45, 580, 435)),
    }
    for seed in (51, 52):
        for name, change in near.items():
            taken = photo(seed)
            again = jpeg(change(taken), quality=60)
            yield _entry(
                group, f"{name}-{seed}.jpg", again, Code.PICTURE_ALIKE, kind="order_proof", earlier=jpeg(taken)
            )
    turned = Image.open(io.BytesIO(jpeg(photo(53)))).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    yield _entry(group, "mirrored.jpg", jpeg(turned), Code.PICTURE_ALIKE, kind="order_proof", earlier=jpeg(photo(53)))


def _numbers() -> Iterator[Entry]:
    group = "number one sign off or missing"
    slips = ("SZ126718225930", "SZ126718225902", "SZ12671822590", "SZ1267182259033", "SZ116718225903", "SX126718225903")
    for place, slip in enumerate(slips):
        content = document(sheet("Letter", f"Parcel {slip} was late", "2026-11-20", stamp=True))
        yield _entry(group, f"slip-{place}.pdf", content, Code.NUMBER_NEAR, Code.NUMBER_MISSING)
    for place, slip in enumerate(("RR123456786CN", "RR123465785CN")):
        content = document(sheet("海关通知书", f"邮件 {slip}", "2026-11-20", stamp=True))
        yield _entry(group, f"postal-{place}.pdf", content, Code.NUMBER_NEAR, orders=(SECOND,))
    content = document(sheet("Letter", f"Parcel {s10_number('RR', 99887766)} was late", "2026-11-20", stamp=True))
    yield _entry(group, "stranger.pdf", content, Code.NUMBER_MISSING)
    yield _entry(
        group, "no-number.pdf", document(sheet("Letter", "All parcels were late", stamp=True)), Code.NUMBER_MISSING
    )


def _other_orders() -> Iterator[Entry]:
    group = "another order's number"
    texts = (
        "Parcel SZ999000111222",
        "运单 SZ126718225904 漏扫",
        "Order 8000110002029001",
        "SZ 999 000 111 222",
        "8000110002029001",
    )
    for place, text in enumerate(texts):
        content = document(sheet("Letter", text, "2026-11-20", stamp=True))
        yield _entry(group, f"other-{place}.pdf", content, Code.OTHER_ORDER)


def _dates() -> Iterator[Entry]:
    group = "dates that contradict the order"
    for place, delivered in enumerate(
        (
            "Delivered on 9 Nov 2026",
            "2026-11-12 妥投",
            "11/11/2026 Entregue ao destinatário",
            "Proof of delivery: 10.11.2026",
            "Nov 11, 2026 Delivered",
        )
    ):
        content = document(sheet("Trace", NUMBER, delivered, "2026-11-20 printed"))
        yield _entry(group, f"delivered-{place}.pdf", content, Code.DELIVERED_BEFORE_DISPATCH, kind="full_trace")
    table = (
        ("Tracking", "揽收", "签收时间"),
        (NUMBER, "2026-11-09", "2026-11-12"),
        (POSTAL, "2026-11-14", "2026-11-24"),
    )
    yield _entry(
        group,
        "table.pdf",
        document(sheet("妥投清单", table=table)),
        Code.DELIVERED_BEFORE_DISPATCH,
        kind="full_trace",
        orders=(ORDER, SECOND),
    )
    for place, day in enumerate(("2025-11-20", "20 Nov 2025", "2026年10月2日", "2027-01-05")):
        content = document(sheet("Letter", f"Parcel {NUMBER} was late", day, stamp=True))
        yield _entry(group, f"outside-{place}.pdf", content, Code.DATES_OUTSIDE)


def _late_handovers() -> Iterator[Entry]:
    group = "handed over after the deadline"
    for place, (head, handed, scanned) in enumerate(
        (
            ("交接时间", "2026-11-16 09:12", "2026-11-17 10:00"),
            ("交运时间", "2026-11-17", "2026-11-18"),
            ("Handed over", "17 Nov 2026 08:00", "18 Nov 2026 08:00"),
            ("Hand-over", "2026-11-16 04:30", "2026-11-16 18:00"),
        )
    ):
        table = (
            ("运单号", head, "首次扫描"),
            (NUMBER, handed, scanned),
            (POSTAL, "2026-11-14 15:05", "2026-11-16 08:12"),
        )
        content = document(sheet("清单", table=table, stamp=True))
        yield _entry(group, f"late-{place}.pdf", content, Code.HANDED_OVER_LATE, orders=(ORDER, SECOND))


def _countries() -> Iterator[Entry]:
    group = "another country"
    for place, line in enumerate(
        ("Destination: Chile", "目的国：法国", "Ship to: Lyon, France", "Destination country: CL", "目的地 韩国")
    ):
        content = document(sheet("Trace", NUMBER, line, "2026-11-20"))
        yield _entry(group, f"country-{place}.pdf", content, Code.COUNTRY_DIFFERS, kind="carrier_trace")
    content = document(sheet("Customs", THIRD.numbers[0], "Country of destination: Japan", "2026-11-20", stamp=True))
    yield _entry(group, "country-jp.pdf", content, Code.COUNTRY_DIFFERS, orders=(THIRD,))


def _stamps() -> Iterator[Entry]:
    group = "letters without a stamp"
    yield _entry(group, "no-stamp.pdf", document(sheet("Letter", NUMBER, "2026-11-20", rule=True)), Code.STAMP_MISSING)
    yield _entry(group, "no-stamp-scan.pdf", scan(document(sheet("Letter", NUMBER, "2026-11-20"))), Code.STAMP_MISSING)
    shot = screenshot(sheet("Letter", NUMBER, "2026-11-20", rule=True))
    yield _entry(group, "no-stamp.jpg", shot, Code.STAMP_MISSING)
