"""Which points of the face mesh steer which part of footage."""

import numpy as np

from visavis.face import indices as at
from visavis.rigs.portrait import anatomy

LOWER = np.unique(np.concatenate([at.LIPS, at.JAW, at.LOWER_FACE, anatomy.LIP_SURROUND]))
"""Everything that speech moves."""

HULL = np.array(
    [164, 165, 92, 206, 207, 214, 135, 170, 171, 175, 396, 395, 364, 434, 427, 426, 322, 391]
)
"""Outline of the patch that is taken from another frame: round the mouth, inside the jaw."""

_CHEEKS = np.array([205, 425, 50, 280, 207, 427, 214, 434, 135, 364, 200, 199, 175, 171, 396])
_NOSE = np.array([2, 98, 327, 4, 129, 358, 49, 279])
_RIGHT_JAW = at.JAW[::2]

MOUTH_CONTROLS = np.array(
    list(dict.fromkeys(np.concatenate([
        at.LIPS_OUTER, at.LIPS_INNER, anatomy.LIP_SURROUND, _CHEEKS, _NOSE, _RIGHT_JAW,
    ]).tolist()))
)  # fmt: skip
"""What the patch follows: every point of the lips and what lies round them."""

BODY_CONTROLS = np.array(
    list(dict.fromkeys(np.concatenate([
        at.LIPS_OUTER[::2], anatomy.LIP_SURROUND[::2], _CHEEKS, _NOSE, _RIGHT_JAW,
        at.LOWER_FACE[::4],
    ]).tolist()))
)  # fmt: skip
"""What the frame round the patch follows; its own lips too, which are seen where that fades."""

HEAD_CONTROLS = np.concatenate([at.OVAL[::3], [168, 4, 33, 263, 133, 362]])
"""What carries the whole head from one frame to another."""
