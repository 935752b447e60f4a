"""How somebody feels while speaking: a resting face and the size of every movement."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from visavis.performance.errors import PerformanceError
from visavis.performance.motion import Floats
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Emotion:
    """One manner of speaking.

    Attributes:
        face: resting coefficients by ARKit name; a name without side sets both sides. Nothing here
            may part the lips.
        articulation: gain of mouth opening.
        head: gain of head movement.
        nod: gain of the nods on accents.
        brow: gain of brow movement.
        blink: gain of the blink rate.
        gaze: gain of looking away.
        pitch: degrees that the chin is raised at rest.
    """

    face: Mapping[str, float] = field(default_factory=dict)
    articulation: float = 1.0
    head: float = 1.0
    nod: float = 1.0
    brow: float = 1.0
    blink: float = 1.0
    gaze: float = 1.0
    pitch: float = 0.0


EMOTIONS: Mapping[str, Emotion] = {
    "neutral": Emotion(face={"mouthSmile": 0.03}),
    "friendly": Emotion(
        face={"mouthSmile": 0.36, "cheekSquint": 0.26, "eyeSquint": 0.1, "mouthDimple": 0.08,
              "browInnerUp": 0.08, "browOuterUp": 0.08},
        articulation=1.03, head=1.15, nod=1.1, brow=1.15,
    ),
    "excited": Emotion(
        face={"mouthSmile": 0.46, "cheekSquint": 0.32, "eyeWide": 0.22, "mouthDimple": 0.1,
              "browInnerUp": 0.24, "browOuterUp": 0.28},
        articulation=1.15, head=1.5, nod=1.5, brow=1.4, blink=1.2, gaze=0.8,
    ),
    "serious": Emotion(
        face={"browDown": 0.34, "eyeSquint": 0.14, "mouthPress": 0.06, "mouthFrown": 0.1},
        articulation=0.95, head=0.75, nod=1.0, brow=0.6, blink=0.8, gaze=0.6, pitch=-0.4,
    ),
    "soothing": Emotion(
        face={"mouthSmile": 0.24, "cheekSquint": 0.14, "browInnerUp": 0.22, "eyeBlink": 0.09},
        articulation=0.9, head=0.8, nod=0.7, brow=0.8, blink=1.05, pitch=0.3,
    ),
    "broadcaster": Emotion(
        face={"mouthSmile": 0.15, "cheekSquint": 0.08, "browOuterUp": 0.08},
        articulation=1.08, head=0.85, nod=1.2, brow=0.9, blink=0.85, gaze=0.25,
    ),
}  # fmt: skip
"""The manners on offer, by name."""


def emotion_named(name: str) -> Emotion:
    """The preset of a name.

    Raises:
        PerformanceError: there is none.
    """
    if name not in EMOTIONS:
        raise PerformanceError(
            f"The emotion {name!r} is not known.", f"Use one of {', '.join(EMOTIONS)}."
        )
    return EMOTIONS[name]


def resting_face(emotion: Emotion, intensity: float) -> Floats:
    """(52,) coefficients of the face at rest, 0..1."""
    face = np.zeros(len(CURVE_NAMES))
    for name, value in emotion.face.items():
        sides = [name] if name in CURVE_INDEX else [f"{name}Left", f"{name}Right"]
        for side in sides:
            face[CURVE_INDEX[side]] = value * intensity
    return np.asarray(np.clip(face, 0.0, 1.0))


def scaled(gain: float, intensity: float) -> float:
    """A gain of a preset at an intensity: 1 at intensity 0, itself at 1."""
    return max(0.0, 1.0 + (gain - 1.0) * intensity)
