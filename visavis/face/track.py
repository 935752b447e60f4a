"""Points of the faces in a picture, and of one face through a clip."""

import threading

import numpy as np
import numpy.typing as npt

from visavis.face import indices as at
from visavis.face import weights
from visavis.face.attention import AttentionMesh
from visavis.face.detect import FULL_RANGE, Detection, FaceDetector
from visavis.face.regions import Region
from visavis.face.smooth import OneEuro
from visavis.face.types import Face, Picture

MIN_FACE_SCORE = 0.5
SAME_FACE_OVERLAP = 0.5


class FaceFinder:
    """The detector and the mesh together. Not thread-safe: `find_faces` keeps one per thread."""

    def __init__(self, threads: int = 1) -> None:
        self._detector = FaceDetector(weights.detector_model(), threads=threads)
        self._mesh = AttentionMesh(weights.mesh_parts(), threads)
        self._threads = threads
        self._full_range: FaceDetector | None = None

    def detect(self, image: Picture) -> tuple[Detection, ...]:
        """Boxes and key points of the faces in a picture, best first."""
        return self._detector(image)

    def detect_small(self, image: Picture) -> tuple[Detection, ...]:
        """The same with the full-range model, which sees smaller faces less exactly."""
        if self._full_range is None:
            self._full_range = FaceDetector(
                weights.full_range_model(), FULL_RANGE, threads=self._threads
            )
        return self._full_range(image)

    def read(self, image: Picture, region: Region) -> Face | None:
        """The points of the face in a region, or None where there is none."""
        size = self._mesh.size
        crop = region.crop(image, size)
        points, score = self._mesh(np.asarray(crop * np.float32(1 / 255), np.float32))
        if score <= MIN_FACE_SCORE:
            return None
        matrix = region.matrix(size)
        placed = np.empty_like(points)
        placed[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        placed[:, 2] = points[:, 2] * (region.size / size)
        return Face(placed.astype(np.float32), score)


class _PerThread(threading.local):
    finder: FaceFinder | None = None


_LOCAL = _PerThread()


def face_finder() -> FaceFinder:
    """The finder of this thread, made on first use.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """
    if _LOCAL.finder is None:
        _LOCAL.finder = FaceFinder()
    return _LOCAL.finder


def find_faces(image: Picture, *, small: bool = False) -> tuple[Face, ...]:
    """Every face in a picture, each read anew from its detection ("static mode").

    Args:
        image: (height, width, 3) uint8 RGB.
        small: look for small faces, too, with a second detector.

    Returns:
        faces in order of the detector's confidence; empty where there is none. Faces narrower
        than about a twelfth of the longer side are missed, with `small` a thirtieth.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """
    finder = face_finder()
    faces: list[Face] = []
    detections = finder.detect(image)
    if small:
        detections += finder.detect_small(image)
    for detection in detections:
        face = finder.read(image, detection.region())
        if face is not None and all(overlap(face, other) < SAME_FACE_OVERLAP for other in faces):
            faces.append(face)
    return tuple(faces)


class FaceTracker:
    """One face through the frames of a clip.

    A frame is searched around the face of the frame before, and the detector runs only when there
    was none, as MediaPipe does. Landmarks of `find_faces` differ from these by one or two pixels:
    use one of them throughout a pipeline.

    Args:
        smooth: pass the points through a one-euro filter (Casiez et al. 2012), which steadies a
            still face and lags little behind a moving one. Needs `fps`.
        fps: frames per second of what is tracked.

    Raises:
        ModelError: the weights are missing and cannot be fetched.
    """

    def __init__(self, *, smooth: bool = False, fps: float = 25.0, threads: int = 1) -> None:
        self._finder = FaceFinder(threads)
        self._filter = OneEuro(fps) if smooth else None
        self._region: Region | None = None

    def reset(self) -> None:
        """Forget the face; the next frame starts with the detector."""
        self._region = None
        if self._filter is not None:
            self._filter.reset()

    def update(self, image: Picture) -> Face | None:
        """The face in the next frame, or None.

        Args:
            image: (height, width, 3) uint8 RGB, all frames of the same size.
        """
        face = self._finder.read(image, self._region) if self._region is not None else None
        if face is None:
            self.reset()
            face = self._redetect(image)
        if face is None:
            return None
        self._region = region_of(face.landmarks)
        if self._filter is None:
            return face
        return Face(self._filter(face.landmarks, face.eye_distance), face.score)

    def _redetect(self, image: Picture) -> Face | None:
        for detection in self._finder.detect(image)[:1]:
            return self._finder.read(image, detection.region())
        return None


def region_of(landmarks: npt.NDArray[np.float32]) -> Region:
    """Where to look for a face in the frame after the one with these points."""
    xy = landmarks[:, :2].astype(np.float64)
    corners = xy[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER]]
    return Region.around(xy.min(0), xy.max(0), corners[0], corners[1])


def overlap(face: Face, other: Face) -> float:
    """Intersection over union of the boxes of two faces."""
    a, b = np.array(face.box), np.array(other.box)
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = float(np.clip(high - low, 0, None).prod())
    areas = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod())
    return common / max(areas - common, 1e-9)
