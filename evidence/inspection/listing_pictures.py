"""Pictures of listings: how they look, as a hash (PN-24)."""

import io
from typing import Any

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from evidence.inspection import RefusedContentError
from evidence.inspection.jpeg_facts import upright
from evidence.inspection.pictures import picture_hash

# Loaded before the sandbox closes: what Pillow would look for when it opens a file.
FORMATS = {
    JpegImagePlugin.JpegImageFile.format: JpegImagePlugin,
    PngImagePlugin.PngImageFile.format: PngImagePlugin,
    WebPImagePlugin.WebPImageFile.format: WebPImagePlugin,
}
# Larger JPEGs are decoded smaller, down to this side.
LEAST_SIDE = 512
_MEGA = 1_000_000


def hash_of(content: bytes, *, max_megapixels: int) -> dict[str, Any]:
    """The perceptual hash of a JPEG, PNG or WebP; what is transparent counts as white."""
    try:
        with Image.open(io.BytesIO(content), formats=list(FORMATS)) as opened:
            if opened.width * opened.height > max_megapixels * _MEGA:
                raise RefusedContentError("too_many_pixels", megapixels=-(-opened.width * opened.height // _MEGA))
            opened.draft("RGB", (LEAST_SIDE, LEAST_SIDE))
            picture = upright(opened).convert("RGBA")
    except RefusedContentError:
        raise
    except Exception as error:
        raise RefusedContentError("damaged_picture") from error
    white = Image.new("RGBA", picture.size, "white")
    return {"picture": picture_hash(Image.alpha_composite(white, picture))}
