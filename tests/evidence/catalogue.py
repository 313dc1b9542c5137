"""The files of the catalogue "Uploads": what people hand in, by mistake or to do harm."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.evidence.files import jpeg, pdf

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
AS_IS = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}


# ── Pictures ───────────────────────────────────────────────────────────────────────────────────────────────────────


def picture_as(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, kind)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A small grey JPEG whose header claims other sides."""
    content = bytearray(jpeg(mode="L"))
    frame = content.index(b"\xff\xc0") + 5
    content[frame : frame + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


def with_segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment behind its start."""
    content = jpeg("segment")
    return content[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body + content[2:]


def exif(*, software: str = "", gps: bool = False) -> bytes:
    data = Image.Exif()
    if software:
        data[0x0131] = software
    if gps:
        data.get_ifd(0x8825)[1] = "N"
    return jpeg("EXIF", exif=data.tobytes())


def cyclic_exif() -> bytes:
    """Directories of metadata that point at themselves, as the next one and as the one of EXIF."""
    entry = (0x8769).to_bytes(2, "little") + (4).to_bytes(2, "little") + (1).to_bytes(4, "little") + b"\x08\0\0\0"
    return with_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + b"\x01\0" + entry + b"\x08\0\0\0")


def xmp_bomb() -> bytes:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">' + entities + b"]><x>&e9;</x>"
    return with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xml)


def zipped(name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "text")
    return out.getvalue()


# ── PDF ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def with_names(document: pikepdf.Pdf) -> None:
    document.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), document.make_indirect(script())]))
    )


def with_action(**action: Any) -> Any:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(**action)

    return change


def with_destination(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


def with_touch_action(document: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), AA=Dictionary(E=script()))
    document.pages[0].Annots = Array([document.make_indirect(link)])


def with_attachment(content: bytes) -> Any:
    def change(document: pikepdf.Pdf) -> None:
        document.attachments["a"] = pikepdf.AttachedFileSpec(document, content, filename="a")

    return change


def with_unnamed_attachment(document: pikepdf.Pdf) -> None:
    """A file in the file that doesn't say what it is, behind an annotation."""
    spec = Dictionary(F=String("a.exe"), EF=Dictionary(F=pikepdf.Stream(document, b"MZ")))
    mark = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=spec)
    document.pages[0].Annots = Array([document.make_indirect(mark)])


def with_xfa(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(XFA=document.make_stream(b"<xdp:xdp/>"), Fields=Array([]))


def with_bomb(layers: int, size: int) -> Any:
    """A page's content that unpacks, in so many layers, to zeros of this size."""

    def change(document: pikepdf.Pdf) -> None:
        packer = zlib.compressobj(9)
        block = bytes(2**20)
        packed = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
        for _ in range(layers - 1):
            packed = zlib.compress(packed, 9)
        stream = pikepdf.Stream(document, packed)
        stream.Filter = Array([Name.FlateDecode] * layers)
        document.pages[0].Contents = stream

    return change


def with_picture(width: int, height: int) -> Any:
    """A page that shows a picture of these sides of which no bytes are there."""

    def change(document: pikepdf.Pdf) -> None:
        image = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height)
        image.ColorSpace, image.BitsPerComponent = Name.DeviceRGB, 8
        document.pages[0].Resources.XObject = Dictionary(I=image)
        document.pages[0].Contents = document.make_stream(b"400 0 0 400 0 0 cm /I Do")

    return change


def with_size(width: int, height: int) -> Any:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].MediaBox = Array([0, 0, width, height])

    return change


def with_looped_pages(document: pikepdf.Pdf) -> None:
    document.Root.Pages.Kids = Array([document.Root.Pages])


def many_pages(count: int) -> bytes:
    """Pages without content, written by hand: libraries take seconds."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)]
    bodies += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * count
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(bodies, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj%sendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table))
    return out.getvalue()


def looped_xref() -> bytes:
    """A table of contents whose predecessor is itself."""
    content = many_pages(1)
    place = re.search(rb"startxref\n(\d+)", content)
    assert place
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %s" % place[1])


def changed_later() -> bytes:
    """An incremental update that gives the first page another size."""
    content = many_pages(1)
    place = re.search(rb"startxref\n(\d+)", content)
    assert place
    body = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    table = b"xref\n3 1\n%010d 00000 n \ntrailer<</Size 4/Root 1 0 R/Prev %s>>\n" % (len(content), place[1])
    return content + body + table + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(body))


def with_altered_signature(document: pikepdf.Pdf) -> None:
    signature = Dictionary(Type=Name.Sig, ByteRange=Array([0, 10, 20, 10]), Contents=String("x" * 64))
    document.Root.AcroForm = Dictionary(
        Fields=Array([document.make_indirect(Dictionary(FT=Name.Sig, T=String("s"), V=signature))])
    )


def hex_names() -> bytes:
    """A script whose names are written in hexadecimal."""
    content = pdf(change=with_action(S=Name.JavaScript, JS=String("1")), compress_streams=False)
    for plain, escaped in ((b"/JavaScript", b"/J#61vaScrip#74"), (b"/JS", b"/#4aS")):
        assert plain in content
        content = content.replace(plain, escaped)
    return content


PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
PLAIN = pdf()
Case = tuple[Callable[[], bytes], str]

# What is harmless to read: name → what builds it, outcome ("" accepted, else the code of the refusal).
HARMLESS: dict[str, Case] = {
    "executable": (lambda: b"MZ\x90\x00" + bytes(100), "known_type"),
    "PNG": (lambda: picture_as("PNG"), "known_type"),
    "GIF": (lambda: picture_as("GIF"), "known_type"),
    "TIFF": (lambda: picture_as("TIFF"), "known_type"),
    "WebP": (lambda: picture_as("WEBP"), "known_type"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "known_type"),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "known_type"),
    "HTML": (lambda: b"<!DOCTYPE html><script>1</script>", "known_type"),
    "HTML with a PDF's header": (lambda: b"<html>%PDF-1.7", "known_type"),
    "ZIP": (lambda: zipped(), "known_type"),
    "DOCX": (lambda: zipped("[Content_Types].xml"), "known_type"),
    "EICAR": (lambda: EICAR, "other_type"),
    "text": (lambda: b"hello", "other_type"),
    "JPEG that is a PDF too": (lambda: with_segment(0xFE, b"%PDF-1.7 1 0 obj"), "other_type"),
    "JPEG's header alone": (lambda: jpeg()[:20], "damaged_picture"),
    "JPEG cut short": (lambda: jpeg("cut", size=(800, 600))[:3000], "damaged_picture"),
    "JPEG of 900 megapixels": (lambda: claiming(30_000, 30_000), "too_many_pixels"),
    "JPEG with PHP behind": (lambda: jpeg() + b"<?php system($_GET[0]);", "hidden_content"),
    "JPEG with a ZIP behind": (lambda: jpeg() + zipped(), "hidden_content"),
    "JPEG with a ZIP far behind": (lambda: jpeg() + bytes(1000) + zipped(), "hidden_content"),
    "JPEG with a PDF behind": (lambda: jpeg() + PLAIN, "hidden_content"),
    "JPEG with a program behind": (lambda: jpeg() + b"MZ\x90\x00", "hidden_content"),
    "JPEG with a phone's video behind": (lambda: jpeg() + b"\0\0\0\x18ftypmp42" + bytes(2000), ""),
    "JPEG 65500 × 1": (lambda: jpeg(size=(65_500, 1)), ""),
    "JPEG of an editor": (lambda: exif(software="Adobe Photoshop 26.0"), ""),
    "JPEG without EXIF": (lambda: jpeg("plain"), ""),
    "JPEG with a place": (lambda: exif(gps=True), ""),
    "JPEG in CMYK": (lambda: jpeg("CMYK", mode="CMYK"), ""),
    "JPEG in grey": (lambda: jpeg("grey", mode="L"), ""),
    "JPEG, progressive": (lambda: jpeg("progressive", progressive=True), ""),
    "PDF": (lambda: PLAIN, ""),
    "PDF's header alone": (lambda: b"%PDF-1.7\n", "damaged_pdf"),
    "PDF's header at offset 900": (lambda: b"\n" * 900 + PLAIN, ""),
    "PDF's header at offset 1100": (lambda: b"\n" * 1100 + PLAIN, "other_type"),
    "PDF without its end mark": (lambda: PLAIN.replace(b"%%EOF", b""), ""),
    "PDF cut short": (lambda: PLAIN[: len(PLAIN) // 2], "damaged_pdf"),
    "PDF with a user's password": (lambda: pdf(encryption=pikepdf.Encryption(user="u", owner="o")), "encrypted_pdf"),
    "PDF with an owner's password": (lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="")), "encrypted_pdf"),
    "PDF with a script": (lambda: pdf(change=with_names), "pdf_script"),
    "PDF with a script on opening": (lambda: pdf(change=with_action(S=Name.JavaScript, JS=String("1"))), "pdf_script"),
    "PDF with a script on touching": (lambda: pdf(change=with_touch_action), "pdf_script"),
    "PDF with a script in object streams": (lambda: pdf(change=with_names, **PACKED), "pdf_script"),
    "PDF with a script by escaped names": (lambda: hex_names(), "pdf_script"),
    "PDF that starts a program": (lambda: pdf(change=with_action(S=Name.Launch, F=String("calc.exe"))), "pdf_active"),
    "PDF that sends its form": (lambda: pdf(change=with_action(S=Name.SubmitForm, F=String("http://x"))), "pdf_active"),
    "PDF that opens at a page": (lambda: pdf(change=with_destination), ""),
    "PDF that links to the web": (lambda: pdf(change=with_action(S=Name.URI, URI=String("https://example.com"))), ""),
    "PDF with a program in it": (lambda: pdf(change=with_attachment(EICAR)), "pdf_attachment"),
    "PDF with a program behind a mark": (lambda: pdf(change=with_unnamed_attachment), "pdf_attachment"),
    "PDF with an invoice's data in it": (lambda: pdf(change=with_attachment(b"<?xml version='1.0'?><invoice/>")), ""),
    "PDF with XFA": (lambda: pdf(change=with_xfa), "pdf_form"),
    "PDF of 100 pages": (lambda: many_pages(100), ""),
    "PDF of 101 pages": (lambda: many_pages(101), "too_many_pages"),
    "PDF of 10,000 pages": (lambda: many_pages(10_000), "too_many_pages"),
    "PDF changed later": (lambda: changed_later(), ""),
    "PDF with an altered signature": (lambda: pdf(change=with_altered_signature), ""),
}

# What may do harm to what reads it.
DANGEROUS: dict[str, Case] = {
    "JPEG that claims 49 megapixels": (lambda: claiming(7_000, 7_000), ""),
    "JPEG with cyclic EXIF": (lambda: cyclic_exif(), ""),
    "JPEG with an entity bomb": (lambda: xmp_bomb(), "dangerous_metadata"),
    "PDF with a bomb": (lambda: pdf(change=with_bomb(1, 200 * 2**20), **AS_IS), "oversized_pdf"),
    "PDF with a nested bomb": (lambda: pdf(change=with_bomb(3, 200 * 2**20), **AS_IS), "oversized_pdf"),
    "PDF with looped pages": (lambda: pdf(change=with_looped_pages), "damaged_pdf"),
    "PDF with a looped table": (lambda: looped_xref(), ""),
    "PDF with a picture of ten gigapixels": (lambda: pdf(change=with_picture(100_000, 100_000)), ""),
    "PDF with a page of four kilometres": (lambda: pdf(change=with_size(10_000_000, 1)), ""),
}
