"""How near two pictures are by their perceptual hashes, and how near ones are found without comparing all. Pure.

A hash has 256 bits (`evidence.inspection.pictures`). It is cut into `BANDS` bands; each bit that differs spoils one
band, so two hashes that differ in ``n`` bits have at least ``BANDS - n`` bands in common.
"""

from collections.abc import Sequence

BITS = 256
BANDS = 32
# A picture whose hash has fewer set bits is mostly blank: such pictures are alike by their layout alone.
LEAST_BITS = 24
_STRIDE = 5


def distance(one: str, other: str) -> int:
    """The number of bits in which two hashes (hexadecimal) differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def is_distinct(picture: str) -> bool:
    """Whether a picture shows enough for its hash alone to tell it from others."""
    return int(picture, 16).bit_count() >= LEAST_BITS


def bands_of(picture: str) -> Sequence[int]:
    """The bands of a hash as numbers that also tell which band each is. The bits of a band lie in different rows and
    columns of the picture, so that a blank edge makes none of them say nothing."""
    whole = int(picture, 16)
    bands = [0] * BANDS
    for place in range(BITS):
        band = (place + place // BANDS * _STRIDE) % BANDS
        bands[band] = bands[band] << 1 | (whole >> place & 1)
    return [number << BITS // BANDS | band for number, band in enumerate(bands)]
