"""Pictures of every kind are read right or refused with a reason."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from visavis.errors import SourceError
from visavis.face import image as reader
from visavis.face import load_image


def quarters() -> np.ndarray:
    """96x64: red, green, blue and white quarters, so that every turn shows."""
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:32, :48] = (250, 10, 10)
    picture[:32, 48:] = (10, 250, 10)
    picture[32:, :48] = (10, 10, 250)
    picture[32:, 48:] = (250, 250, 250)
    return picture


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 64)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def refused(content: bytes, check: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        load_image(content)
    assert caught.value.check == check
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_exact_formats(kind):
    np.testing.assert_array_equal(
        load_image(encoded(Image.fromarray(quarters()), kind)), quarters()
    )


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_lossy_formats(kind):
    read = load_image(encoded(Image.fromarray(quarters()), kind, quality=95))
    assert read.shape == (64, 96, 3)
    assert np.abs(read.astype(int) - quarters()).mean() < 6


def test_a_path_or_a_string(tmp_path):
    path = tmp_path / "a picture ü.png"
    path.write_bytes(encoded(Image.fromarray(quarters()), "PNG"))
    np.testing.assert_array_equal(load_image(path), load_image(str(path)))


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.transpose(1, 0, 2)),
        (6, lambda a: np.rot90(a, 1)),
        (7, lambda a: np.rot90(a.transpose(1, 0, 2), 2)),
        (8, lambda a: np.rot90(a, -1)),
    ],
)
def test_orientation_marks_are_obeyed(orientation, turned):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turned(quarters())))
    np.testing.assert_array_equal(load_image(encoded(stored, "PNG", exif=exif)), quarters())


def test_cmyk_becomes_rgb():
    for kind in ("JPEG", "TIFF"):
        read = load_image(encoded(Image.fromarray(quarters()).convert("CMYK"), kind))
        assert read.shape == (64, 96, 3)
        assert np.abs(read.astype(int) - quarters()).mean() < 8


def test_a_colour_profile_is_obeyed():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    read = load_image(encoded(Image.fromarray(quarters()), "PNG", icc_profile=lab))
    assert np.abs(read.astype(int) - quarters()).max() <= 2
    broken = load_image(encoded(Image.fromarray(quarters()), "PNG", icc_profile=b"nonsense"))
    np.testing.assert_array_equal(broken, quarters())


def test_transparency_is_kept_and_opaque_alpha_dropped():
    alpha = np.full((64, 96, 1), 255, np.uint8)
    opaque = np.concatenate([quarters(), alpha], axis=2)
    assert load_image(encoded(Image.fromarray(opaque), "PNG")).shape == (64, 96, 3)
    alpha[:32] = 100
    clear = np.concatenate([quarters(), alpha], axis=2)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(clear), "PNG")), clear)


def test_transparent_palettes_and_grey():
    palette = Image.fromarray(quarters()).quantize(8)
    read = load_image(encoded(palette, "PNG", transparency=palette.getpixel((0, 0))))
    assert read.shape == (64, 96, 4)
    assert read[0, 0, 3] == 0
    assert read[-1, -1, 3] == 255
    grey = Image.fromarray(quarters()).convert("LA")
    grey.putalpha(7)
    assert load_image(encoded(grey, "PNG"))[0, 0, 3] == 7


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_simple_modes_become_rgb(mode):
    read = load_image(encoded(Image.fromarray(quarters()).convert(mode), "PNG"))
    assert read.shape == (64, 96, 3)


def test_sixteen_bits_become_eight():
    ramp = np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))
    read = load_image(encoded(Image.fromarray(ramp), "PNG"))
    assert read.shape == (64, 96, 3)
    assert (read[0, 0], read[0, -1]) == (pytest.approx(0), pytest.approx(255))
    assert np.abs(read[0, :, 0].astype(float) - ramp[0] / 257).max() <= 1
    dim = load_image(encoded(Image.fromarray((ramp // 300).astype(np.uint16)), "PNG"))
    assert dim.max() <= 1  # dark stays dark
    fraction = Image.fromarray((ramp / 65535).astype(np.float32))
    assert load_image(encoded(fraction, "TIFF"))[0, -1, 0] == 255


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_animations_are_refused(kind):
    frames = [Image.fromarray(np.roll(quarters(), shift, 1)) for shift in (0, 20, 40)]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert "3 frames" in refused(content, "animated").message


def test_sizes_are_refused_before_decoding():
    refused(png_header(20_000, 20_000), "size")
    assert "12500x100" in refused(png_header(12_500, 100), "size").message
    assert "9000x9000" in refused(png_header(9_000, 9_000), "size").message
    assert "1x1" in refused(encoded(Image.new("RGB", (1, 1)), "PNG"), "size").message
    assert "63x500" in refused(encoded(Image.new("RGB", (63, 500)), "PNG"), "size").message


def test_a_heavy_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_BYTES", 1000)
    path = tmp_path / "heavy.png"
    path.write_bytes(b"\0" * 1001)
    with pytest.raises(SourceError, match="MB"):
        load_image(path)
    refused(b"\0" * 1001, "size")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_cut_file_is_refused(kind):
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    with pytest.raises(SourceError) as caught:
        load_image(content[: len(content) // 2])
    assert caught.value.check in ("readable", "format")


def test_what_is_no_picture_is_refused(tmp_path):
    refused(b"", "readable")
    refused(b"hello, I am a text", "format")
    refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format")
    refused(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "format")
    for path in (tmp_path, tmp_path / "nothing.png", "with\0zero.png"):
        with pytest.raises(SourceError) as caught:
            load_image(path)
        assert caught.value.check == "readable"


_JPEG = encoded(Image.fromarray(quarters()), "JPEG")
_PNG = encoded(Image.fromarray(quarters()), "PNG")
_WEBP = encoded(Image.fromarray(quarters()), "WEBP")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([_JPEG, _PNG, _WEBP]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12),
    st.integers(0, 40),
)
def test_damaged_files_give_pixels_or_a_reason(content, changes, missing):
    damaged = bytearray(content)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    with contextlib.suppress(SourceError):  # any other error fails the test
        read = load_image(bytes(damaged[: len(damaged) - missing]))
        assert read.dtype == np.uint8
        assert read.ndim == 3


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_reason(content):
    with pytest.raises(SourceError):
        load_image(content)
