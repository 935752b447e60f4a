"""Speech to what a face does: 52 ARKit coefficients and the head, frame by frame."""

from visavis.performance.director import LOOK_AHEAD, Director, idle, perform
from visavis.performance.emotion import EMOTIONS, Emotion
from visavis.performance.errors import PerformanceError
from visavis.performance.types import CURVE_INDEX, CURVE_NAMES, Performance, Pose

__all__ = [
    "CURVE_INDEX",
    "CURVE_NAMES",
    "EMOTIONS",
    "LOOK_AHEAD",
    "Director",
    "Emotion",
    "Performance",
    "PerformanceError",
    "Pose",
    "idle",
    "perform",
]
