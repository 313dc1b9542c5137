"""Days and spans in the addresses of pages."""

from datetime import date

from django.utils.dateparse import parse_date

SPANS = (30, 90, 180)


def parsed_day(text: str | None) -> date | None:
    """A day of an address (``2026-11-20``); None for anything else."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def parsed_span(text: str | None) -> int:
    """The days a chart shows; 30 for anything but 30, 90 and 180."""
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]
