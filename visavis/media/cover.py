"""Still pictures out of the line."""

from pathlib import Path

import cv2

from visavis.errors import MediaError
from visavis.media.target import reserve
from visavis.media.types import Picture

COVERS = (".jpg", ".jpeg", ".png", ".webp")
"""What files of pictures may end in."""


def write_cover(path: Path | str, picture: Picture, quality: int = 90) -> None:
    """Write one picture as JPEG, PNG or WebP, by the suffix, in one step.

    Args:
        path: ends in .jpg, .jpeg, .png or .webp.
        picture: (height, width, 3) RGB, or RGBA for PNG and WebP, uint8.
        quality: 1 to 100, for JPEG and WebP.

    Raises:
        MediaError: unknown suffix, or the folder cannot be written to.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in COVERS:
        raise MediaError(
            f"{target.name} does not say what kind of picture it is.", "End its name in .jpg."
        )
    if picture.shape[2] == 4 and suffix in (".jpg", ".jpeg"):
        raise MediaError("JPEG cannot hold a transparent picture.", "Ask for .png or .webp.")
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    option = cv2.IMWRITE_WEBP_QUALITY if suffix == ".webp" else cv2.IMWRITE_JPEG_QUALITY
    settings = [] if suffix == ".png" else [option, quality]
    whole, coded = cv2.imencode(suffix, cv2.cvtColor(picture, order), settings)
    if not whole:
        raise MediaError(f"{target.name} cannot be encoded.")
    part = reserve(target)
    try:
        part.write_bytes(coded.tobytes())
        part.replace(target)
    except OSError as error:
        raise MediaError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
