"""Pictures that people send, read safely into upright sRGB pixels."""

import struct
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from visavis.errors import SourceError
from visavis.face.types import Picture

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
MAX_BYTES = 64 << 20
MAX_SIDE = 12_000
MAX_PIXELS = 60_000_000
MIN_SIDE = 64

_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, OverflowError)


def load_image(source: Path | str | bytes) -> Picture:
    """A picture as pixels.

    Orientation marks are obeyed, colour profiles and CMYK become sRGB, 16 bits become 8. The size
    is read from the header and refused before anything is decoded.

    Args:
        source: a path, or the content of a file.

    Returns:
        (height, width, 3) uint8 RGB, or (height, width, 4) RGBA with straight alpha where any
        pixel is transparent.

    Raises:
        SourceError: it cannot be read (check ``readable``), is no picture of a known format
            (``format``), is animated (``animated``) or too large or small (``size``).
    """
    content = _read(source)
    try:
        # Pillow's own warning about size comes before the width and height can be asked for.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise SourceError(
            "The file is not a picture of a known format.",
            f"Give one of {', '.join(FORMATS)}.",
            check="format",
        ) from error
    except Image.DecompressionBombError as error:
        raise SourceError(
            f"The picture has more than {2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000} million"
            " pixels.",
            _SHRINK,
            check="size",
        ) from error
    except _BROKEN as error:
        raise _corrupt(error) from error
    with image:
        try:
            _check_header(image)
            return _pixels(_srgb(ImageOps.exif_transpose(image)))
        except _BROKEN as error:
            raise _corrupt(error) from error


_SHRINK = f"Shrink it to at most {MAX_SIDE} pixels a side and {MAX_PIXELS // 1_000_000} megapixels."


def _read(source: Path | str | bytes) -> bytes:
    if isinstance(source, bytes):
        content = source
    else:
        path = Path(source)
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= MAX_BYTES else b""
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SourceError(
                f"The picture {path} cannot be opened: {reason}.",
                "Check the path and its permissions.",
                check="readable",
            ) from error
        if size > MAX_BYTES:
            raise _too_heavy(size)
    if len(content) > MAX_BYTES:
        raise _too_heavy(len(content))
    if not content:
        raise SourceError("The picture is empty.", "Give a file with content.", check="readable")
    return content


def _too_heavy(size: int) -> SourceError:
    return SourceError(
        f"The picture is {size / 1e6:.0f} MB.",
        f"Save it with at most {MAX_BYTES / 1e6:.0f} MB.",
        check="size",
    )


def _corrupt(error: Exception) -> SourceError:
    return SourceError(
        f"The picture is damaged: {error}.", "Save or send it again.", check="readable"
    )


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise SourceError(f"The picture is {width}x{height} pixels.", _SHRINK, check="size")
    if min(width, height) < MIN_SIDE:
        raise SourceError(
            f"The picture is {width}x{height} pixels.",
            f"Give one of at least {MIN_SIDE} pixels a side; 512 or more look good.",
            check="size",
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a phone's second picture is a preview or depth
        raise SourceError(
            f"The picture is an animation of {frames} frames.",
            "Give a still picture, or a video clip of 4 to 15 seconds.",
            check="animated",
        )


def _srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA with 8 bits in the colours of a screen."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(image)).convert("RGB")
    profile = image.info.get("icc_profile")
    transparent = image.has_transparency_data
    if image.mode == "CMYK" or (profile and image.mode == "RGB"):
        return _managed(image, profile)
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    colour = image.convert("RGBA").convert("RGB") if transparent else image.convert("RGB")
    if profile and image.mode == "RGBA":
        colour = _managed(colour, profile)
    if alpha is not None:
        colour.putalpha(alpha)
    return colour


def _managed(image: Image.Image, profile: bytes | None) -> Image.Image:
    """To sRGB by the embedded profile; by the plain formula where there is none or a broken one."""
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            changed = ImageCms.profileToProfile(
                image, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            changed = None
        if changed is not None:
            return changed
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Picture:
    """Grey values of 16 bits, 32 bits or fractions as 0..255."""
    grey = np.nan_to_num(np.asarray(image, np.float64))
    top = float(grey.max())
    if image.mode.startswith("I;16") or top > 255:
        grey *= 255 / 65535
    elif image.mode == "F" and top <= 1:
        grey *= 255
    return grey.clip(0, 255).round().astype(np.uint8)


def _pixels(image: Image.Image) -> Picture:
    pixels = np.array(image, np.uint8)
    if pixels.shape[2] == 4 and bool((pixels[..., 3] == 255).all()):
        pixels = np.ascontiguousarray(pixels[..., :3])
    return pixels
