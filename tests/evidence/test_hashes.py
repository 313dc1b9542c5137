"""Hashes of pictures: near ones share bands, and only pictures are hashed (PN-24)."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from evidence import sandbox
from evidence.hashes import BANDS, BITS, bands_of, distance, is_distinct
from evidence.inspection import RefusedContentError

pytestmark = [pytest.mark.rule("PN-24"), pytest.mark.sqlite_only]
HASHES = st.integers(0, 2**BITS - 1)


def digits(number: int) -> str:
    return f"{number:064x}"


@settings(max_examples=100, deadline=None)
@given(HASHES, st.sets(st.integers(0, BITS - 1), max_size=BANDS - 1))
def test_each_bit_that_differs_spoils_one_band(number: int, places: set[int]) -> None:
    other = number
    for place in places:
        other ^= 1 << place
    one, two = digits(number), digits(other)
    assert distance(one, two) == len(places)
    assert len(set(bands_of(one)) & set(bands_of(two))) >= BANDS - len(places)


@settings(max_examples=50, deadline=None)
@given(HASHES, HASHES)
def test_bands_tell_hashes_apart_and_their_own_places(one: int, other: int) -> None:
    bands = bands_of(digits(one))
    assert [band >> BITS // BANDS for band in bands] == list(range(BANDS))
    assert (bands == bands_of(digits(other))) is (one == other)


def test_a_blank_edge_empties_no_band() -> None:
    """A product on white: the eight rows in the middle alone show something."""
    middle = sum(1 << place for place in range(64, 192))
    assert all(band & 0xFF for band in bands_of(digits(middle)))


def picture(kind: str, size: int = 320, shade: int = 0) -> bytes:
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    for step in range(6):
        left = size * (step + 1) // 9
        draw.ellipse(
            (left, left // 2 + shade, left + size // 4, left + size // 3), fill=(40 * step, 90, 200 - 30 * step)
        )
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def hash_of(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(sandbox.run("listing_pictures.hash_of", path, max_megapixels=50)["picture"])


def test_copies_in_other_formats_and_sizes_are_near(tmp_path: Path) -> None:
    path = tmp_path / "image"
    found = [hash_of(path, picture(kind, size)) for kind, size in (("JPEG", 320), ("PNG", 320), ("WEBP", 200))]
    assert is_distinct(found[0])
    assert [distance(found[0], other) <= 24 for other in found] == [True, True, True]
    assert distance(found[0], hash_of(path, picture("PNG", shade=90))) > 24


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n broken", b"%PDF-1.4"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RefusedContentError):
        hash_of(tmp_path / "image", content)


def test_bombs_are_refused_by_their_size(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(picture("PNG", 2000))
    with pytest.raises(RefusedContentError, match="too_many_pixels"):
        sandbox.run("listing_pictures.hash_of", path, max_megapixels=3)
