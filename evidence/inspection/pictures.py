"""What a picture shows without being read: how it looks in 256 bits, and a red stamp (PN-28, PN-28a)."""

from collections.abc import Iterable
from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter

from evidence.inspection.page_facts import Box, box_of

ROWS = COLUMNS = 16
# Signed differences below this are the noise of saving again: flat areas then look the same in every copy.
NOISE = 2
STAMP_GRID = 160
# A stamp is round or square and much larger than a letter, unlike the red line under a letterhead.
STAMP_LEAST, STAMP_MOST, STAMP_STRETCH = 11, 72, 2.0
STAMP_INK, STAMP_FULL = 0.12, 0.97


def picture_hash(picture: Image.Image) -> str:
    """The difference hash of a picture: for 16 × 16 places whether it gets brighter to the right, as 64 hexadecimal
    digits. Copies that were saved again or made smaller differ in few bits."""
    small = picture.convert("L").resize((COLUMNS + 1, ROWS), Image.Resampling.BOX)
    values = small.tobytes()
    bits = 0
    for row in range(ROWS):
        line = values[row * (COLUMNS + 1) : (row + 1) * (COLUMNS + 1)]
        for left, right in pairwise(line):
            bits = bits << 1 | (right - left >= NOISE)
    return f"{bits:064x}"


def stamp_in(picture: Image.Image) -> Box | None:
    """Where a red stamp seems to be; None where none is seen. A test of colour and shape, not of authenticity."""
    height = max(1, round(picture.height * STAMP_GRID / picture.width))
    if height > 4 * STAMP_GRID:
        return None
    red, green, blue = _small(picture, height).split()
    over = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    ink = over.point(lambda value: 255 if value > 45 else 0).filter(ImageFilter.MaxFilter(3))
    ink = ink.resize((STAMP_GRID, height), Image.Resampling.NEAREST)
    stamps = [spot for spot in _spots(ink.tobytes(), STAMP_GRID, height) if _is_stamp(*spot)]
    if not stamps:
        return None
    left, top, right, bottom, _area = max(stamps, key=lambda spot: spot[4])
    return box_of(left, top, right + 1, bottom + 1, STAMP_GRID, height)


def _small(picture: Image.Image, height: int) -> Image.Image:
    return picture.convert("RGB").resize((STAMP_GRID * 2, height * 2), Image.Resampling.BOX)


def _is_stamp(left: int, top: int, right: int, bottom: int, area: int) -> bool:
    wide, high = right - left + 1, bottom - top + 1
    if not (STAMP_LEAST <= wide <= STAMP_MOST and STAMP_LEAST <= high <= STAMP_MOST):
        return False
    return max(wide, high) <= STAMP_STRETCH * min(wide, high) and STAMP_INK <= area / (wide * high) <= STAMP_FULL


def _spots(ink: bytes, width: int, height: int) -> Iterable[tuple[int, int, int, int, int]]:
    """The connected areas of a mask: left, top, right, bottom, number of points."""
    left_over = {place for place, value in enumerate(ink) if value}
    while left_over:
        edge, spot = [left_over.pop()], []
        while edge:
            place = edge.pop()
            spot.append(place)
            for other in _neighbours(place, width, height):
                if other in left_over:
                    left_over.remove(other)
                    edge.append(other)
        columns, rows = [place % width for place in spot], [place // width for place in spot]
        yield min(columns), min(rows), max(columns), max(rows), len(spot)


def _neighbours(place: int, width: int, height: int) -> Iterable[int]:
    row, column = divmod(place, width)
    for y in range(max(0, row - 1), min(height, row + 2)):
        for x in range(max(0, column - 1), min(width, column + 2)):
            yield y * width + x
