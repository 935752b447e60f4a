"""Articulators to ARKit mouth coefficients, with contacts that nothing may undo."""

import numpy as np

from visavis.performance.articulation import Mouth
from visavis.performance.motion import Floats
from visavis.performance.types import CURVE_INDEX
from visavis.performance.visemes import CHANNELS

_I = CURVE_INDEX


def shape_lips(curves: Floats, mouth: Mouth, loudness: Floats) -> None:
    """Write speech into the mouth of a face.

    In ARKit `mouthClose` closes what `jawOpen` parts, so lips touch where the two are equal and
    nothing else parts them.

    Args:
        curves: (n, 52) coefficients of the resting face; changed in place.
        mouth: the articulators of the same frames.
        loudness: (n,) level against the speaker's usual one, about -1..1: it changes the opening
            a little.
    """
    parts = dict(zip(CHANNELS, mouth.channels.T, strict=True))
    free = 1.0 - mouth.closure
    open_lips = free * (1.0 - mouth.tuck)
    gain = 1.0 + 0.08 * np.clip(loudness, -1.5, 1.5)

    rounding = np.clip(parts["pucker"] + 0.6 * parts["funnel"], 0.0, 1.0)
    jaw = parts["jaw"] * gain * (1.0 - 0.25 * mouth.closure)
    jaw = jaw + mouth.tuck * (0.08 * mouth.activity - jaw)
    curves[:, _I["jawOpen"]] = jaw
    curves[:, _I["mouthClose"]] = mouth.closure * jaw
    curves[:, _I["mouthFunnel"]] = parts["funnel"] * open_lips
    curves[:, _I["mouthPucker"]] = parts["pucker"] * (1.0 - 0.15 * mouth.closure)
    curves[:, _I["mouthShrugUpper"]] = 0.5 * parts["shrug"] * free
    curves[:, _I["mouthShrugLower"]] = 0.7 * parts["shrug"] * free
    curves[:, _I["mouthRollLower"]] = mouth.activity * np.maximum(
        0.52 * mouth.tuck, 0.1 * mouth.closure
    )
    curves[:, _I["mouthRollUpper"]] = 0.1 * mouth.closure * mouth.activity
    curves[:, _I["tongueOut"]] = parts["tongue"] * open_lips
    # The seal of an unfinished closure is not pressed; pressing squares with it.
    press = 0.16 * mouth.closure**2 * mouth.activity
    for side in ("Left", "Right"):
        curves[:, _I[f"mouthLowerDown{side}"]] = parts["lower"] * gain * open_lips
        upper = np.maximum(parts["upper"] * gain, 0.22 * mouth.tuck * mouth.activity)
        curves[:, _I[f"mouthUpperUp{side}"]] = upper * free
        curves[:, _I[f"mouthStretch{side}"]] = 0.55 * parts["spread"]
        curves[:, _I[f"mouthDimple{side}"]] += 0.2 * parts["spread"]
        curves[:, _I[f"mouthPress{side}"]] += press
        smile = curves[:, _I[f"mouthSmile{side}"]]
        # Rounded lips cannot smile as widely; speech takes part of the smile as well.
        smile *= 1.0 - 0.75 * rounding - 0.15 * mouth.activity * (1.0 - rounding)
        smile += 0.3 * parts["spread"]
