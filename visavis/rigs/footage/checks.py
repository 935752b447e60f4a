"""Whether a clip can become an avatar, and what to change if it cannot."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visavis.errors import SourceError
from visavis.face import Angles, ArkitBasis, Face, SourceWarning, find_faces
from visavis.face import indices as at
from visavis.face.quality import FaceQuality, measure_face
from visavis.media import MediaInfo, Picture
from visavis.rigs.footage.shapes import lip_gaps

Floats = npt.NDArray[np.float32]

SHORTEST, LONGEST = 4.0, 15.0
SLACK = 0.06  # seconds by which containers misstate the length
MOST_PIXELS_A_SECOND = 3840 * 2160 * 31
LEAST_RATE = 12
LOOK_EVERY = 0.2  # seconds between the frames that are looked at closely

# Refused beyond the first figure, warned of beyond the second.
FACE_WIDTH = (80, 140)  # pixels
OTHER_FACE = 0.3  # width of a bystander over that of the subject
OTHER_SECONDS = 0.4
LOST_SECONDS = (0.3, 0.0)
OUTSIDE = (0.15, 0.02)  # share of the outline beyond the picture
YAW, PITCH = (38.0, 24.0), (32.0, 22.0)  # degrees that nine tenths of the frames keep within
PITCH_MIDDLE = -4.0
SHARPNESS = (0.2, 0.28)
DARK, BRIGHT = (0.14, 0.25), (0.97, 0.93)
HIDDEN = (0.3, 0.1)  # share of the frames in which the mouth cannot be made out
SEAM, LIP_CONTRAST = 0.45, 2.0
CUT_CHANGE = 0.11  # of lightness, over the whole picture
JUMP = (0.22, 0.13)  # eye distances from one frame to the next, with calm before and after
STILL_MOUTH = 0.06  # eye distances


class Verdict:
    """Refuses what is bad, notes what is poor."""

    def __init__(self) -> None:
        self.warnings: list[SourceWarning] = []

    def judge(self, check: str, *, bad: bool, poor: bool, message: str, remedy: str) -> None:
        """Weigh one figure.

        Raises:
            SourceError: it is bad.
        """
        if bad:
            raise SourceError(message, remedy, check=check)
        if poor:
            self.warnings.append(SourceWarning(check, message, remedy))


def check_container(info: MediaInfo) -> None:
    """What can be said before anything is decoded.

    Raises:
        SourceError: its check is ``picture``, ``duration``, ``size`` or ``rate``.
    """
    video = info.video
    if video is None:
        raise SourceError(
            "The file holds sound but no pictures.",
            "Give a video of the person, or an image and this recording.",
            check="picture",
        )
    if not SHORTEST - SLACK <= info.duration <= LONGEST + SLACK:
        raise SourceError(
            f"The clip lasts {info.duration:.1f} s.",
            f"It must last {SHORTEST:.0f} to {LONGEST:.0f} s; cut or film it again.",
            check="duration",
        )
    width, height = video.size
    if float(width * height * video.fps) > MOST_PIXELS_A_SECOND:
        raise SourceError(
            f"The clip has {width}x{height} pixels at {float(video.fps):.0f} frames a second.",
            "Give it in 1080p, which is all that is used; up to 4K at 30 frames a second is read.",
            check="size",
        )
    if float(video.fps) < LEAST_RATE:
        raise SourceError(
            f"The clip has {float(video.fps):.1f} frames a second.",
            f"Film it with at least {LEAST_RATE}, better 25 or 30.",
            check="rate",
        )


class ClipWatch:
    """Looks at the frames of a clip as they are read, and judges them together.

    Args:
        rate: frames per second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._every = max(1, round(LOOK_EVERY * rate))
        self._faces: list[Face | None] = []
        self._angles: list[Angles] = []
        self._quality: list[FaceQuality] = []
        self._others: list[bool] = []
        self._outside: list[float] = []
        self._basis = ArkitBasis.load()

    def see(self, index: int, picture: Picture, face: Face | None) -> None:
        """The next frame with its tracked face."""
        self._faces.append(face)
        if index % self._every:
            return
        subject = face.width if face is not None else 0.0
        seen = find_faces(picture)
        self._others.append(sum(f.width >= OTHER_FACE * max(subject, 1.0) for f in seen) > 1)
        if face is None:
            return
        self._angles.append(self._basis.place(face.landmarks).angles)
        self._quality.append(measure_face(picture, face))
        outline = face.landmarks[at.OVAL, :2]
        beyond = (outline < 0) | (outline > [picture.shape[1], picture.shape[0]])
        self._outside.append(float(beyond.any(1).mean()))

    def judge(self, changes: Floats) -> tuple[SourceWarning, ...]:
        """The warnings, once all frames were seen.

        Args:
            changes: (t,) change of each small picture against the one before.

        Raises:
            SourceError: its check is one of ``one_face``, ``face_lost``, ``cut``, ``face_size``,
                ``framing``, ``pose``, ``sharpness``, ``exposure`` and ``mouth``.
        """
        verdict = Verdict()
        self._one_face(verdict)
        self._never_lost(verdict)
        self._no_cut(changes, verdict)
        self._large_enough(verdict)
        self._turned_to_us(verdict)
        self._clear(verdict)
        self._mouth(verdict)
        return tuple(verdict.warnings)

    def _one_face(self, verdict: Verdict) -> None:
        if not any(face is not None for face in self._faces):
            raise SourceError(
                "No face was found in the clip.",
                "Use a clip in which one person looks into the camera.",
                check="one_face",
            )
        # One that is seen in two looks running is a person, in one perhaps a pattern.
        run = longest_run(self._others)
        verdict.judge(
            "one_face",
            bad=run * self._every / self._rate >= OTHER_SECONDS - 1e-6 and run > 1,
            poor=run > 0,
            message=f"Another face is seen for {max(run * LOOK_EVERY, 0.2):.1f} s.",
            remedy="Use a clip in which nobody but the one person is seen.",
        )

    def _never_lost(self, verdict: Verdict) -> None:
        lost = [face is None for face in self._faces]
        run = longest_run(lost) / self._rate
        share = float(np.mean(lost))
        where = f", first at {lost.index(True) / self._rate:.1f} s" if any(lost) else ""
        verdict.judge(
            "face_lost",
            bad=run >= LOST_SECONDS[0] or share > 0.1,
            poor=run > LOST_SECONDS[1],
            message=f"The face is out of sight for {run:.1f} s{where}.",
            remedy="Keep the face in view and uncovered from the first frame to the last.",
        )

    def _no_cut(self, changes: Floats, verdict: Verdict) -> None:
        usual = float(np.median(changes))
        worst = int(np.argmax(changes))
        sharp = changes[worst] > max(CUT_CHANGE, 6 * usual)
        jump, place = self._jump()
        verdict.judge(
            "cut",
            bad=bool(sharp) or jump > JUMP[0],
            poor=jump > JUMP[1],
            message=f"There is a cut at {(worst if sharp else place) / self._rate:.1f} s: the"
            f" picture changes by {changes[worst]:.0%} and the head by {jump:.2f} eye distances.",
            remedy="Use one take without cuts.",
        )

    def _jump(self) -> tuple[float, int]:
        """The largest sudden move of the head between two calm moments, and its frame."""
        known = [(index, face) for index, face in enumerate(self._faces) if face is not None]
        if len(known) < 4:
            return 0.0, 0
        eye = float(np.median([face.eye_distance for _, face in known]))
        heads = np.array([face.landmarks[at.RIGID, :2].mean(0) for _, face in known])
        moves = np.linalg.norm(np.diff(heads, axis=0), axis=1) / eye
        around = np.maximum(np.pad(moves, 1)[:-2], np.pad(moves, 1)[2:])
        alone = np.where(around < 0.3 * moves, moves, 0)
        worst = int(alone.argmax())
        return float(alone[worst]), known[worst + 1][0]

    def _large_enough(self, verdict: Verdict) -> None:
        width = float(np.median([face.width for face in self._faces if face is not None]))
        verdict.judge(
            "face_size",
            bad=width < FACE_WIDTH[0],
            poor=width < FACE_WIDTH[1],
            message=f"The face is {width:.0f} pixels wide.",
            remedy=f"Film it from closer by: {FACE_WIDTH[0]} pixels are the least,"
            f" {2 * FACE_WIDTH[1]} or more look good.",
        )
        outside = float(np.quantile(self._outside or [0.0], 0.9))
        verdict.judge(
            "framing",
            bad=outside > OUTSIDE[0],
            poor=outside > OUTSIDE[1],
            message=f"{outside:.0%} of the face's outline lies outside the picture.",
            remedy="Film the whole head and the shoulders.",
        )

    def _turned_to_us(self, verdict: Verdict) -> None:
        for name, values, limits in (
            ("turned", [abs(a.yaw) for a in self._angles], YAW),
            ("raised or lowered", [abs(a.pitch - PITCH_MIDDLE) for a in self._angles], PITCH),
        ):
            figure = float(np.quantile(values or [0.0], 0.9))
            verdict.judge(
                "pose",
                bad=figure > limits[0],
                poor=figure > limits[1],
                message=f"The head is {name} by {figure:.0f} degrees.",
                remedy=f"Look into the camera, within {limits[0]:.0f} degrees; within"
                f" {limits[1]:.0f} looks good.",
            )

    def _clear(self, verdict: Verdict) -> None:
        sharp = _middle([quality.sharpness for quality in self._quality])
        verdict.judge(
            "sharpness",
            bad=sharp < SHARPNESS[0],
            poor=sharp < SHARPNESS[1],
            message=f"The face is blurred: its sharpness is {sharp:.2f}.",
            remedy=f"Film it in focus and with more light; {SHARPNESS[0]:.2f} is the least and"
            f" {SHARPNESS[1]:.2f} looks good.",
        )
        light = _middle([quality.brightness for quality in self._quality])
        verdict.judge(
            "exposure",
            bad=light < DARK[0] or light > BRIGHT[0],
            poor=light < DARK[1] or light > BRIGHT[1],
            message=f"The face is {'dark' if light < 0.5 else 'overexposed'}: its lightness is"
            f" {light:.0%}.",
            remedy=f"Film it in even light; {DARK[0]:.0%} to {BRIGHT[0]:.0%} can be used,"
            f" {DARK[1]:.0%} to {BRIGHT[1]:.0%} looks good.",
        )

    def _mouth(self, verdict: Verdict) -> None:
        hidden = [q.seam < SEAM or q.lip_contrast < LIP_CONTRAST for q in self._quality]
        share = float(np.mean(hidden or [True]))
        verdict.judge(
            "mouth",
            bad=share > HIDDEN[0],
            poor=share > HIDDEN[1],
            message=f"The mouth is covered or cannot be made out in {share:.0%} of the frames.",
            remedy="Keep hands, microphones and burnt-in text away from the mouth.",
        )
        faces = [face for face in self._faces if face is not None]
        gaps = np.array([lip_gaps(f.landmarks)[3:6].mean() / f.eye_distance for f in faces])
        moved = float(np.ptp(np.quantile(gaps, [0.05, 0.95])))
        verdict.judge(
            "mouth_moves",
            bad=False,
            poor=moved < STILL_MOUTH,
            message=f"The mouth hardly moves: it opens by {moved:.0%} of the distance between the"
            " eyes.",
            remedy="Film the person speaking; from a still mouth, teeth and tongue are drawn.",
        )


def longest_run(flags: Sequence[bool]) -> int:
    """Length of the longest unbroken row of true values."""
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _middle(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else 0.0
