"""Tracking numbers in their carriers' formats, and the scans of a parcel."""

from itertools import pairwise
from random import Random
from typing import NamedTuple

from demo.draws import DAY, HOUR, between
from demo.texts import SCAN_NOTES
from demo.world import Carrier, Site

ENDINGS = ("delivered", "returned", "lost")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class Scan(NamedTuple):
    """One tracking event; ``at`` in epoch seconds."""

    at: int
    kind: str
    place: str
    text: str
    tracking_no: str


def s10_number(service: str, serial: int, country: str = "CN") -> str:
    """A UPU S10 number: service, eight digits, check digit, country."""
    digits = f"{serial:08d}"
    rest = sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, digits, strict=True)) % 11
    check = {0: 5, 1: 0}.get(rest, 11 - rest)
    return f"{service}{digits}{check}{country}"


def tracking_number(style: str, rng: Random) -> str:
    """A number as the carrier would give it; half of those of SZ_SPEED begin with SZ12."""
    number = rng.getrandbits(33)
    if style == "s10":
        return s10_number(("RX", "LZ", "EA")[number % 3], number % 100_000_000)
    if style == "sz":
        return f"SZ{('12', '12', '12', '10', '11', '14')[number % 6]}{number:010d}"
    if style == "yw":
        return s10_number("UY", number % 100_000_000, "YP")
    if style == "4px":
        return f"4PX3{number:012d}CN"
    if style == "hy":
        return f"HY{number:011d}"
    return f"LP00{number:012d}"


def trace(
    shipped: int, ended: int | None, fate: str, gap: bool, carrier: Carrier, site: Site, number: str, rng: Random
) -> list[Scan]:
    """The parcel's scans in order.

    Without ``gap`` every silence is shorter than 36 h; with it one is longer than 48 h, or the first scan comes
    later than 24 h after dispatch (TM-03). A vanished parcel (``ended`` None) falls silent after some days.
    """
    last = ended if ended is not None else shipped + between(rng, 2 * DAY, 7 * DAY)
    late_start = gap and rng.random() < 0.35
    at = shipped + (between(rng, 26 * HOUR, 60 * HOUR) if late_start else between(rng, HOUR, 20 * HOUR))
    scans = [Scan(shipped - between(rng, 300, 1800), "label", "CN", SCAN_NOTES["label"][0], number)]
    at = min(at, last - 2 * HOUR)
    scans.append(_scan(at, "pickup", "CN Shenzhen", number, rng))
    step_low, step_high = (20, 30) if carrier.scan_interval_hours <= 24 else (23, 33)
    silence_after = at + (last - at) * between(rng, 15, 55) / 100 if gap and not late_start else None
    customs_at = at + (last - at) * 0.6
    customs_done = False
    while True:
        at += between(rng, step_low * HOUR, step_high * HOUR)
        if silence_after is not None and at > silence_after:
            at += between(rng, 30 * HOUR, 75 * HOUR)
            silence_after = None
        if at >= last - 8 * HOUR:
            break
        kind = "transit"
        if not customs_done and at >= customs_at:
            kind, customs_done = "customs", True
        scans.append(_scan(at, kind, site.code if at >= customs_at else "CN", number, rng))
    if ended is not None:
        scans.extend(_ending(scans[-1].at, ended, fate, site, number, rng))
    return scans


def was_silent(shipped: int, scans: list[Scan]) -> bool:
    """Whether the parcel was in the abnormal pool on its way (TM-03)."""
    ats = [scan.at for scan in scans if scan.kind != "label"]
    if not ats or ats[0] > shipped + 24 * HOUR:
        return True
    return any(after - before > 48 * HOUR for before, after in pairwise(ats)) or scans[-1].kind not in ENDINGS


def _ending(previous: int, ended: int, fate: str, site: Site, number: str, rng: Random) -> list[Scan]:
    scans = []
    if fate != "lost":
        out = max(previous + 60, ended - between(rng, 3 * HOUR, 7 * HOUR))
        scans.append(_scan(out, "out_for_delivery", site.code, number, rng))
        if fate == "returned" or rng.random() < 0.03:
            scans.append(_scan(max(out + 60, ended - 2 * HOUR), "exception", site.code, number, rng))
    scans.append(_scan(ended, fate, site.code, number, rng))
    return scans


def _scan(at: int, kind: str, place: str, number: str, rng: Random) -> Scan:
    notes = SCAN_NOTES[kind]
    return Scan(at, kind, place, notes[int(rng.random() * len(notes))], number)
