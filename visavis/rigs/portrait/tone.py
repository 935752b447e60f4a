"""How a face is lit, read from its skin and the whites of its eyes."""

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.rigs.portrait.lattice import fill
from visavis.rigs.portrait.teeth import Palette

Floats = npt.NDArray[np.float32]
IVORY = np.array([1.0, 0.955, 0.885], np.float32)
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _inside(picture: npt.NDArray[np.uint8], polygon: Floats) -> Floats:
    mask = fill(picture.shape[:2], polygon)
    return picture[mask > 127].astype(np.float32)


def measure_palette(picture: npt.NDArray[np.uint8], landmarks: Floats) -> Palette:
    """Colours for the inside of the mouth under the light of this face."""
    skin = np.vstack(
        [
            _inside(picture, landmarks[list(ring), :2])
            for ring in ((50, 205, 36, 142), (280, 425, 266, 371))
        ]
    )
    skin_colour = np.median(skin, axis=0)
    skin_light = float(skin_colour @ LUMA)
    whites = []
    for eye in (at.RIGHT_EYE, at.LEFT_EYE):
        pixels = _inside(picture, landmarks[eye, :2])
        if len(pixels) < 8:
            continue
        luma = pixels @ LUMA
        low, high = np.quantile(luma, [0.70, 0.92])
        whites.append(pixels[(luma >= low) & (luma <= high)].mean(0))
    white = np.mean(whites, axis=0) if whites else skin_colour
    light = float(np.clip(white @ LUMA, 0.75 * skin_light, 1.2 * skin_light))
    light = float(np.clip(light * 0.97, 36, 222))
    tint = white / max(float(white @ LUMA), 1)
    enamel = light * (0.55 * tint + 0.45 * tint.mean() * IVORY / (IVORY @ LUMA))
    blood = 0.5 + 0.5 * tint
    gum = light * np.array([0.74, 0.40, 0.39]) * blood
    tongue = light * np.array([0.80, 0.43, 0.41]) * blood
    dark = light * np.array([0.15, 0.060, 0.052]) * blood
    return Palette(
        enamel=np.asarray(enamel, np.float32),
        gum=np.asarray(gum, np.float32),
        tongue=np.asarray(tongue, np.float32),
        dark=np.asarray(dark, np.float32),
        wet=light / 255,
    )
