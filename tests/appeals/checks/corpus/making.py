"""Makes the files of the corpus: documents by typst, what was done to them by pikepdf, pictures by Pillow."""

import io
import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
import typst
from PIL import Image, ImageDraw, ImageFilter

MADE_AT = 1_795_000_000
_TEMPLATE = """
#let d = json(bytes(sys.inputs.data))
#set document(date: none)
#set page(width: 160mm, height: 220mm, margin: 16mm)
#set text(font: ("Libertinus Serif", "Noto Serif CJK SC"), size: 11pt, lang: "zh")
#for (number, sheet) in d.enumerate() {
  if number > 0 { pagebreak() }
  align(center, text(size: 15pt, weight: "bold", sheet.head))
  if sheet.rule { line(length: 100%, stroke: 1pt + red) }
  for said in sheet.lines { par(said) }
  if sheet.table.len() > 0 {
    table(columns: sheet.table.at(0).len(), ..sheet.table.flatten())
  }
  if sheet.stamp {
    place(bottom + right, circle(radius: 15mm, stroke: 2pt + red, align(center + horizon, text(red, size: 20pt, "★"))))
  }
}
"""


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler()


def sheet(
    head: str, *lines: str, table: Sequence[Sequence[str]] = (), stamp: bool = False, rule: bool = False
) -> dict[str, Any]:
    """A page of a document."""
    return {"head": head, "lines": lines, "table": table, "stamp": stamp, "rule": rule}


def document(*sheets: dict[str, Any]) -> bytes:
    """The sheets as a PDF."""
    data = json.dumps(sheets, ensure_ascii=False)
    found = _compiler().compile(input=_TEMPLATE.encode(), sys_inputs={"data": data}, timestamp=MADE_AT, format="pdf")
    assert isinstance(found, bytes)
    return found


def drawn(content: bytes, width: int = 620) -> Image.Image:
    """The first page of a PDF as a picture."""
    with pypdfium2.PdfDocument(content) as pdf:
        page = pdf[0]
        picture: Image.Image = page.render(scale=width / page.get_width()).to_pil().convert("RGB")
        page.close()
    return picture


def screenshot(*sheets: dict[str, Any], width: int = 620, **options: Any) -> bytes:
    """The first sheet as somebody sees it on a screen and saves it as JPEG."""
    return jpeg(drawn(document(*sheets), width), **options)


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **{"quality": 88} | options)
    return out.getvalue()


def exif(**tags: str) -> Image.Exif:
    """EXIF by names: software, make, model, changed; ``position`` adds a place."""
    numbers = {"software": 0x0131, "make": 0x010F, "model": 0x0110, "changed": 0x0132}
    found = Image.Exif()
    for name, value in tags.items():
        if name == "position":
            found.get_ifd(0x8825)[1] = "N"
        else:
            found[numbers[name]] = value if value.isascii() else value.encode()
    return found


def xmp(*agents: str) -> bytes:
    """An XMP packet whose history names programs."""
    steps = "".join(f'<rdf:li stEvt:action="saved" stEvt:softwareAgent="{agent}"/>' for agent in agents)
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<rdf:Description><xmpMM:History><rdf:Seq>{steps}</rdf:Seq></xmpMM:History></rdf:Description></rdf:RDF>"
        "</x:xmpmeta>"
    ).encode()


def photo(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Something like a photo of parcels: light from one side, boxes, labels, grain."""
    draw_from = random.Random(seed)
    picture = Image.linear_gradient("L").rotate(draw_from.choice((0, 90, 180, 270))).resize(size).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _box in range(draw_from.randint(9, 14)):
        left, top = draw_from.randrange(size[0]), draw_from.randrange(size[1])
        right, bottom = left + draw_from.randint(60, 260), top + draw_from.randint(50, 200)
        shade = draw_from.randint(30, 220)
        draw.rectangle(
            (left, top, right, bottom), fill=(shade, int(shade * 0.85), int(shade * 0.6)), outline=(40, 30, 20)
        )
        draw.rectangle((left + 15, top + 15, left + 55, top + 40), fill=(235, 235, 230))
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def scan(content: bytes, width: int = 620) -> bytes:
    """A document printed and scanned: a PDF whose page is a picture."""
    picture = drawn(content, width)
    return picture_pdf(picture)


def picture_pdf(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=100, creationDate=None, modDate=None)
    return out.getvalue()


def changed(content: bytes, change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    """The PDF written again after a change: no trace of an update."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(out, **{"deterministic_id": True} | options)
    return out.getvalue()


def plain(content: bytes, **options: Any) -> bytes:
    """The PDF with a table of its objects, so that updates can be appended by hand."""
    return changed(content, lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.disable, **options)


def named(content: bytes, **info: str) -> bytes:
    """The PDF with other names in its information: Producer, Creator."""

    def change(pdf: pikepdf.Pdf) -> None:
        for key, value in info.items():
            pdf.docinfo[f"/{key}"] = value

    return changed(content, change)


# ── Updates appended to a file ────────────────────────────────────────────────────────────────────────────────────


def painted_over(content: bytes) -> bytes:
    """An update that paints over a place of the first page and writes on it."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        stream = pdf.pages[0].Contents
        old = stream.read_bytes() if isinstance(stream, pikepdf.Stream) else b"".join(s.read_bytes() for s in stream)
        number = (stream if isinstance(stream, pikepdf.Stream) else stream[0]).objgen[0]
    body = old + b"\nq 1 0 0 1 0 0 cm 1 1 1 rg 60 300 180 40 re f 0 0 0 rg 62 310 80 6 re f Q"
    return appended(content, {number: b"<</Length %d>>stream\n%s\nendstream" % (len(body), body)})


def with_note(content: bytes) -> bytes:
    """An update that adds a note nobody sees on the page, as saving in a reader does."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0].obj
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=pikepdf.Array([10, 10, 20, 20]),
            F=2,
            Contents=pikepdf.String("seen"),
        )
        number = page.objgen[0]
        page.Annots = pikepdf.Array([note])
        return appended(content, {number: page.unparse(resolved=True)})


def appended(content: bytes, objects: dict[int, bytes]) -> bytes:
    """An incremental update of a plain PDF: new versions of objects, their table, a trailer."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root, size = pdf.trailer.Root.objgen, int(pdf.trailer.Size)
    previous = int(content.rsplit(b"startxref", 1)[1].split()[0])
    out = bytearray(content if content.endswith(b"\n") else content + b"\n")
    table = b"xref\n"
    for number, body in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += table
    out += b"trailer\n<</Size %d/Root %d %d R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, *root, previous, start)
    return bytes(out)


def signed(content: bytes) -> bytes:
    """The PDF with a signature that covers the whole file. It proves nothing; what counts here is what it covers."""
    nine = 999_999_999

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Signature = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Sig,
                Filter=pikepdf.Name("/Adobe.PPKLite"),
                ByteRange=pikepdf.Array([0, nine, nine, nine]),
                Contents=pikepdf.String("x" * 64),
            )
        )

    made = plain(changed(content, change))
    filled = b"<" + b"78" * 64 + b">"
    gap = made.index(filled)
    old = b"[ 0 %d %d %d ]" % (nine, nine, nine)
    assert old in made
    end = gap + len(filled)
    parts = (gap, end, len(made) - end)
    return made.replace(old, b"[ 0 %09d %09d %09d ]" % parts)
