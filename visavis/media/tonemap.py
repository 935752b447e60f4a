"""High dynamic range to the sRGB pictures that everything else works on."""

from functools import lru_cache

import av
import cv2
import numpy as np
import numpy.typing as npt

from visavis.media.probe import HLG, PQ
from visavis.media.types import Picture

REFERENCE_WHITE = 203.0
"""Candela per square metre of a white page in HDR, by ITU-R BT.2408."""

_BT2020_TO_BT709 = np.array(
    [
        [1.6605, -0.5876, -0.0728],
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ],
    np.float32,
)
_SHOULDER = 0.75
_PEAK = 1000.0 / REFERENCE_WHITE


def is_hdr(frame: av.VideoFrame) -> bool:
    """Whether the frame's transfer function is PQ or HLG."""
    return frame.color_trc in (PQ, HLG)


def to_sdr(frame: av.VideoFrame) -> Picture:
    """(height, width, 3) uint8 sRGB of a PQ or HLG frame in BT.2020.

    Tones up to three quarters of reference white keep their place; what is above is rolled off
    towards 1000 candela by a Reinhard shoulder on the largest component, so hues stay.
    """
    coded = frame.to_ndarray(format="rgb48le", src_colorspace="bt2020")
    light = _linear(frame.color_trc)[coded]
    light = cv2.transform(light, _BT2020_TO_BT709)
    top = light.max(axis=2, keepdims=True)
    span = 1.0 - _SHOULDER
    over = np.maximum(top - _SHOULDER, 0.0) / span
    limit = (_PEAK - _SHOULDER) / span
    rolled = _SHOULDER + span * over * (1 + over / limit**2) / (1 + over)
    light *= np.where(top > _SHOULDER, rolled / np.maximum(top, 1e-6), 1.0)
    index = np.clip(light * 4095, 0, 4095).astype(np.uint16)
    return _gamma()[index]


@lru_cache(maxsize=2)
def _linear(transfer: int) -> npt.NDArray[np.float32]:
    """(65536,) light of each code value in units of reference white."""
    code = np.linspace(0.0, 1.0, 65536)
    if transfer == PQ:  # SMPTE ST 2084
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        power = code ** (1 / m2)
        light = (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * 10_000
    else:  # ARIB STD-B67 for a display of 1000 candela
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
        light = scene**1.2 * 1000
    return (light / REFERENCE_WHITE).astype(np.float32)


@lru_cache(maxsize=1)
def _gamma() -> npt.NDArray[np.uint8]:
    """(4096,) sRGB code of linear light 0..1."""
    light = np.linspace(0.0, 1.0, 4096)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(coded * 255).astype(np.uint8)
