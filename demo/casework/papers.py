"""Evidence as sellers have it: a carrier's stamped letter as PDF, a screenshot of a trace as JPEG."""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFont

from core.timebase import SHANGHAI
from orders.models import Order, TrackingEvent

LETTER = Path(__file__).with_name("letter.typ")
INK, PAPER, BAR = (34, 34, 34), (255, 255, 255), (18, 92, 140)
WIDTH, LINE = 900, 44


def carrier_letter(*, carrier: str, orders: Sequence[Order], at: datetime, stamped: bool = True) -> bytes:
    """A letter in which the carrier lists parcels with their hand-over and first scan, as PDF."""
    data = {
        "carrier": carrier,
        "number": f"LT-{at:%m%d}-{len(orders):02d}",
        "date": _day(at),
        "stamped": stamped,
        "rows": [
            [order.tracking_no, order.order_no, _minute(order.shipped_at), _minute(order.first_scan_at)]
            for order in orders
        ],
    }
    pdf = typst.compile(LETTER, sys_inputs={"data": json.dumps(data)}, timestamp=int(at.timestamp()))
    assert isinstance(pdf, bytes)
    return pdf


def trace_picture(*, order: Order, events: Sequence[TrackingEvent]) -> bytes:
    """A screenshot of the carrier's page for a parcel, newest scan first, as JPEG."""
    rows = [f"{_minute(event.at)}   {event.kind}   {event.place or ''}" for event in events[:12]]
    picture = Image.new("RGB", (WIDTH, 190 + LINE * max(len(rows), 3)), PAPER)
    draw, big, small = ImageDraw.Draw(picture), ImageFont.load_default(34), ImageFont.load_default(26)
    draw.rectangle((0, 0, WIDTH, 70), fill=BAR)
    draw.text((24, 16), "Track and trace", font=big, fill=PAPER)
    draw.text((24, 96), order.tracking_no, font=big, fill=INK)
    for place, row in enumerate(rows):
        draw.text((24, 160 + LINE * place), row, font=small, fill=INK)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "-"


def _day(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"
