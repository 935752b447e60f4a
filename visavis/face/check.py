"""Whether a picture can become a portrait, and what to change if it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, log

import numpy as np
import numpy.typing as npt

from visavis.errors import SourceError
from visavis.face import indices as at
from visavis.face.arkit import ArkitBasis
from visavis.face.canonical import Angles
from visavis.face.quality import FaceQuality, measure_face
from visavis.face.segment import Segmenter
from visavis.face.track import find_faces
from visavis.face.types import Face, Picture

Alpha = npt.NDArray[np.float32]

# Refused beyond the first figure, warned of beyond the second.
FACE_WIDTH = (90, 160)  # pixels
OTHER_FACE = 0.25  # width of a bystander over that of the subject
OUTSIDE = (0.12, 0.0)  # share of the outline beyond the picture
YAW = (30.0, 18.0)  # degrees to either side
PITCH_MIDDLE = -4.0  # degrees that calm portraits measure on average
PITCH = (25.0, 17.0)  # degrees from there
ROLL = (40.0, 25.0)
LYING = 60.0
UPRIGHT_MARGIN = 2.0  # log odds
SHARPNESS = (0.26, 0.33)
DARK = (0.16, 0.28)
BRIGHT = (0.97, 0.93)
SEAM = (0.5, 0.7)
LIP_CONTRAST = (2.5, 4.0)
EYES_OPEN = 0.13
MOUTH_OPEN = 0.12


@dataclass(frozen=True)
class SourceWarning:
    """Something that will show, but can be lived with.

    Attributes:
        check: name of the check, as in `SourceError`.
        message: what is wrong, with the measured figure.
        remedy: what to change.
    """

    check: str
    message: str
    remedy: str


@dataclass(frozen=True)
class PortraitSource:
    """A picture that passed.

    Attributes:
        face: the one face in it.
        person: (height, width) float32 alpha of the person, 0..1.
        angles: turn of the head in degrees.
        quality: what was measured on the face.
        warnings: what could be better.
    """

    face: Face
    person: Alpha
    angles: Angles
    quality: FaceQuality
    warnings: tuple[SourceWarning, ...]


def check_portrait(image: Picture, *, segmenter: Segmenter | None = None) -> PortraitSource:
    """Find the one face of a picture and check that it can be made to speak.

    Args:
        image: (height, width, 3) uint8 RGB, or (height, width, 4) RGBA with straight alpha.
        segmenter: one to use again; made anew by default.

    Raises:
        SourceError: the message has the measured figure and what to change; its check is one of
            ``orientation``, ``one_face``, ``size``, ``framing``, ``pose``, ``sharpness``,
            ``exposure`` and ``mouth``.
        ModelError: the weights are missing and cannot be fetched.
    """
    colour = _flat(image)
    verdict = _Verdict()
    face = _one_face(colour, verdict)
    _check_size(face, verdict)
    _check_framing(face, image.shape[1], image.shape[0], verdict)
    angles = ArkitBasis.load().place(face.landmarks).angles
    quality = measure_face(colour, face)
    _check_pose(angles, verdict)
    _check_light(quality, verdict)
    _check_features(face, quality, verdict)
    if image.shape[2] == 4:
        person = np.asarray(image[..., 3] / np.float32(255), np.float32)
    else:
        person = (segmenter or Segmenter()).person(colour, face)
    return PortraitSource(face, person, angles, quality, tuple(verdict.warnings))


class _Verdict:
    """Refuses what is bad, notes what is poor."""

    def __init__(self) -> None:
        self.warnings: list[SourceWarning] = []

    def judge(self, check: str, *, bad: bool, poor: bool, message: str, remedy: str) -> None:
        if bad:
            raise SourceError(message, remedy, check=check)
        if poor:
            self.warnings.append(SourceWarning(check, message, remedy))


def _flat(image: Picture) -> Picture:
    """RGB; a cut-out is laid on grey."""
    if image.shape[2] == 3:
        return np.ascontiguousarray(image)
    alpha = image[..., 3:].astype(np.float32) / 255
    return np.asarray(image[..., :3] * alpha + 160 * (1 - alpha)).round().astype(np.uint8)


def _one_face(image: Picture, verdict: _Verdict) -> Face:
    faces = sorted(find_faces(image, small=True), key=lambda face: -face.width)
    _check_upright(image, faces)
    if not faces:
        raise SourceError(
            f"No face was found in the picture of {image.shape[1]}x{image.shape[0]} pixels.",
            "Use a picture in which one face looks into the camera, uncovered, with both eyes in"
            " view.",
            check="one_face",
        )
    subject = faces[0]
    others = [face for face in faces[1:] if face.width >= OTHER_FACE * subject.width]
    if others:
        where = "; ".join(_describe(face, image) for face in (subject, *others))
        raise SourceError(
            f"There are {1 + len(others)} faces in the picture: {where}.",
            "Crop the picture to the one that shall speak.",
            check="one_face",
        )
    verdict.judge(
        "one_face",
        bad=False,
        poor=len(faces) > 1,
        message=f"There are {len(faces) - 1} small faces beside the one that will speak.",
        remedy="Crop the picture if they disturb.",
    )
    return subject


def _check_upright(image: Picture, faces: Sequence[Face]) -> None:
    """The models find faces that lie on their side; those on their head they take for upright
    ones, but like them better the right way up."""
    if faces:
        best = max(faces, key=lambda face: face.score)
        _refuse_lying(abs(_tilt(best)))
    turned = find_faces(np.ascontiguousarray(image[::-1, ::-1]))
    upright = [face for face in turned if abs(_tilt(face)) < LYING]
    if _log_odds(upright) > _log_odds(faces) + UPRIGHT_MARGIN:
        _refuse_lying(180.0)
    if not faces and find_faces(np.ascontiguousarray(np.rot90(image))):
        _refuse_lying(90.0)


def _refuse_lying(tilt: float) -> None:
    if tilt > LYING:
        raise SourceError(
            f"The face in the picture is {'upside down' if tilt > 180 - LYING else 'on its side'}.",
            "Turn the picture so that the eyes are above the mouth.",
            check="orientation",
        )


def _tilt(face: Face) -> float:
    """Degrees between the line of the eyes and the horizontal."""
    across = face.landmarks[at.LEFT_EYE_OUTER] - face.landmarks[at.RIGHT_EYE_OUTER]
    return degrees(atan2(across[1], across[0]))


def _log_odds(faces: Sequence[Face]) -> float:
    return max((-log(max(1 - face.score, 1e-16)) for face in faces), default=0.0)


def _mouth_hidden(quality: FaceQuality) -> bool:
    return quality.seam < SEAM[0] or quality.lip_contrast < LIP_CONTRAST[0]


def _describe(face: Face, image: Picture) -> str:
    x, y = face.centre
    across = ("left", "middle", "right")[min(max(int(3 * x / image.shape[1]), 0), 2)]
    return f"{face.width:.0f} pixels wide at the {across} ({x:.0f}, {y:.0f})"


def _check_size(face: Face, verdict: _Verdict) -> None:
    verdict.judge(
        "size",
        bad=face.width < FACE_WIDTH[0],
        poor=face.width < FACE_WIDTH[1],
        message=f"The face is {face.width:.0f} pixels wide.",
        remedy=f"Use a picture in which it is at least {FACE_WIDTH[0]} pixels wide;"
        f" {2 * FACE_WIDTH[1]} or more look good.",
    )


def _check_framing(face: Face, width: int, height: int, verdict: _Verdict) -> None:
    outline = face.landmarks[at.OVAL, :2]
    beyond = (outline < 0) | (outline > [width, height])
    share = float(beyond.any(1).mean())
    verdict.judge(
        "framing",
        bad=share > OUTSIDE[0],
        poor=share > OUTSIDE[1],
        message=f"{share:.0%} of the face's outline lies outside the picture.",
        remedy="Use a picture that shows the whole head and the shoulders.",
    )


def _check_pose(angles: Angles, verdict: _Verdict) -> None:
    yaw, roll = angles.yaw, angles.roll
    verdict.judge(
        "pose",
        bad=abs(yaw) > YAW[0],
        poor=abs(yaw) > YAW[1],
        message=f"The head is turned {abs(yaw):.0f} degrees to the"
        f" {'right' if yaw > 0 else 'left'} of the picture.",
        remedy=f"Use a picture that faces the camera, within {YAW[0]:.0f} degrees;"
        f" within {YAW[1]:.0f} looks good.",
    )
    pitch = angles.pitch - PITCH_MIDDLE
    verdict.judge(
        "pose",
        bad=abs(pitch) > PITCH[0],
        poor=abs(pitch) > PITCH[1],
        message=f"The head is {'raised' if pitch > 0 else 'lowered'} by {abs(pitch):.0f} degrees.",
        remedy=f"Use a picture taken at eye level, within {PITCH[0]:.0f} degrees;"
        f" within {PITCH[1]:.0f} looks good.",
    )
    verdict.judge(
        "pose",
        bad=abs(roll) > ROLL[0],
        poor=abs(roll) > ROLL[1],
        message=f"The head is tilted by {abs(roll):.0f} degrees.",
        remedy=f"Turn the picture until the eyes are level, within {ROLL[1]:.0f} degrees.",
    )


def _check_light(quality: FaceQuality, verdict: _Verdict) -> None:
    verdict.judge(
        "exposure",
        bad=quality.brightness < DARK[0],
        poor=quality.brightness < DARK[1],
        message=f"The face is dark: its lightness is {quality.brightness:.0%}.",
        remedy=f"Use a picture with more light on the face, at least {DARK[0]:.0%}.",
    )
    verdict.judge(
        "exposure",
        bad=quality.brightness > BRIGHT[0],
        poor=quality.brightness > BRIGHT[1],
        message=f"The face is overexposed: its lightness is {quality.brightness:.0%}.",
        remedy=f"Use a picture with less light on the face, at most {BRIGHT[0]:.0%}.",
    )
    verdict.judge(
        "sharpness",
        bad=quality.sharpness < SHARPNESS[0],
        poor=quality.sharpness < SHARPNESS[1],
        message=f"The face is blurred: its sharpness is {quality.sharpness:.2f}.",
        remedy=f"Use a picture in focus, taken without shaking; {SHARPNESS[0]:.2f} is the least"
        f" and {SHARPNESS[1]:.2f} looks good.",
    )


def _check_features(face: Face, quality: FaceQuality, verdict: _Verdict) -> None:
    seam, contrast = quality.seam, quality.lip_contrast
    verdict.judge(
        "mouth",
        bad=_mouth_hidden(quality),
        poor=seam < SEAM[1] or contrast < LIP_CONTRAST[1],
        message=f"The mouth is covered or cannot be made out: {seam:.0%} of the line between"
        f" the lips shows (at least {SEAM[0]:.0%}), and the lips differ from the skin by"
        f" {contrast:.1f} (at least {LIP_CONTRAST[0]}).",
        remedy="Use a picture without a hand, mask, cup or microphone before the mouth.",
    )
    verdict.judge(
        "eyes",
        bad=False,
        poor=quality.eyes_open < EYES_OPEN,
        message=f"The eyes are nearly shut: open by {quality.eyes_open:.0%} of their width.",
        remedy="Use a picture with open eyes.",
    )
    verdict.judge(
        "mouth",
        bad=False,
        poor=face.mouth_gap > MOUTH_OPEN,
        message=f"The mouth is open by {face.mouth_gap:.0%} of the distance between the eyes.",
        remedy="A closed or slightly smiling mouth gives the best result.",
    )
