"""Pictures of listings as they lie in a bundle: drawn from their file names, so that a seed gives the same bytes."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = 320
WHITE = (255, 255, 255)


def listing_picture(name: str) -> bytes:
    """A JPEG of some coloured shapes."""
    rng = Random(name)
    picture = Image.new("RGB", (SIZE, SIZE), WHITE)
    draw = ImageDraw.Draw(picture)
    for _shape in range(9):
        left, top = rng.randrange(SIZE), rng.randrange(SIZE)
        right, bottom = left + rng.randrange(SIZE // 8, SIZE // 2), top + rng.randrange(SIZE // 8, SIZE // 2)
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((left, top, right, bottom), fill=tuple(rng.randrange(40, 230) for _channel in range(3)))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()
