"""One pass over a clip: every frame tracked, filmed and its mouth cut out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import SourceError
from visavis.face import Face, FaceTracker
from visavis.face import indices as at
from visavis.media import MediaInfo, Picture, VideoFrame, decode_video
from visavis.media.source import Source
from visavis.rigs.footage.bank import LIGHT_PLACES, light_of
from visavis.rigs.footage.film import Film, FilmWriter
from visavis.rigs.footage.movement import Movement
from visavis.rigs.footage.points import HULL

Floats = npt.NDArray[np.float32]
Progress = Callable[[float, str], None]

MOST_FRAMES_A_SECOND = 31
LARGEST_SHORT_SIDE, LARGEST_LONG_SIDE = 1080, 1920
LOOK = (48, 48)
CROP_QUALITY = 96
CROP_MARGIN = 0.35  # eye distances round the patch
SAME = 0.004  # change of the face below which a frame is a repetition, lightness 0..1
PULLDOWN = 0.06  # share of repeated frames from which they are left out


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip as it was seen.

    Attributes:
        rate: frames per second.
        film: its frames.
        faces: the face in each frame, None where none was found.
        crops: JPEG of the mouth in each frame, empty where no face was found.
        boxes: (t, 4) left, top, right, bottom of the crops in pixels.
        looks: (t, 48, 48) float32 lightness 0..1.
        changes: (t,) mean change of lightness against the frame before.
        light: (t, 5) see `bank.light_of`; that of the frame before where no face was found.
        jerks: (t,) see `movement.Movement`.
    """

    rate: float
    film: Film
    faces: tuple[Face | None, ...]
    crops: tuple[bytes, ...]
    boxes: npt.NDArray[np.int32]
    looks: Floats
    changes: Floats
    light: Floats
    jerks: Floats

    def __len__(self) -> int:
        return len(self.faces)


def working_rate(info: MediaInfo) -> Fraction:
    """Frames per second at which a clip is kept: its own, halved until it is at most 31."""
    assert info.video is not None  # noqa: S101
    rate = info.video.fps
    while rate > MOST_FRAMES_A_SECOND:
        rate /= 2
    return rate


def frames_of(source: Source, info: MediaInfo) -> Iterator[VideoFrame]:
    """The frames of a clip at its working rate, within 1080p, with even sides."""
    assert info.video is not None  # noqa: S101
    rate = working_rate(info)
    even = rate == info.video.fps and not info.video.variable_rate
    for frame in decode_video(source, fps=None if even else rate):
        yield VideoFrame(_within(frame.rgb), frame.time)


def _within(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    scale = min(
        1.0,
        LARGEST_SHORT_SIDE / min(width, height),
        LARGEST_LONG_SIDE / max(width, height),
    )
    if scale < 1:
        size = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(picture[: height // 2 * 2, : width // 2 * 2])


def read_clip(
    source: Source,
    info: MediaInfo,
    *,
    watch: Callable[[int, Picture, Face | None], None] | None = None,
    progress: Progress | None = None,
) -> Clip:
    """Track a clip.

    Args:
        source: path or bytes of a video.
        info: what `visavis.media.probe` says of it.
        watch: sees every frame with its face as it comes, e.g. to check it.
        progress: told the share that is done.

    Raises:
        MediaError: it cannot be decoded.
        SourceError: it has hardly any frames.
    """
    rate = working_rate(info)
    tracker = FaceTracker()
    writer: FilmWriter | None = None
    faces: list[Face | None] = []
    crops: list[bytes] = []
    boxes: list[tuple[int, int, int, int]] = []
    looks: list[Floats] = []
    changes: list[float] = []
    light: list[Floats] = []
    movement = Movement()
    before: Picture | None = None
    repeated, seen = 0, 0
    expected = max(1.0, info.duration * float(rate))
    skip_repeats = _has_pulldown(source, info)
    for frame in frames_of(source, info):
        picture = frame.rgb
        seen += 1
        small = cv2.resize(picture, LOOK, interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
        look = grey * np.float32(1 / 255)
        change = float(np.abs(look - looks[-1]).mean()) if looks else 0.0
        if skip_repeats and before is not None and is_repeat(before, picture):
            repeated += 1
            continue
        before = picture
        if writer is None:
            writer = FilmWriter((picture.shape[1], picture.shape[0]))
        face = tracker.update(picture)
        if watch is not None:
            watch(len(faces), picture, face)
        writer.write(picture)
        movement.see(picture)
        faces.append(face)
        looks.append(look)
        changes.append(change)
        if face is not None:
            light.append(light_of(picture, face.landmarks, face.eye_distance))
        else:
            light.append(light[-1] if light else np.zeros(len(LIGHT_PLACES), np.float32))
        box = mouth_box(face, picture)
        boxes.append(box)
        crops.append(encode_crop(picture[box[1] : box[3], box[0] : box[2]]))
        if progress is not None:
            progress(min(0.9, 0.9 * seen / expected), "watching the clip")
    if writer is None or len(faces) < 2:
        raise SourceError("The clip has no frames.", "Upload the whole clip.", check="frames")
    return Clip(
        float(rate) * len(faces) / seen,
        writer.finish(),
        tuple(faces),
        tuple(crops),
        np.array(boxes, np.int32),
        np.array(looks, np.float32),
        np.array(changes, np.float32),
        np.array(light, np.float32),
        movement.jerks(),
    )


def is_repeat(before: Picture, picture: Picture) -> bool:
    """Whether a frame shows the one before it again."""
    a, b = before[::4, ::4].astype(np.int16), picture[::4, ::4].astype(np.int16)
    return bool(np.abs(a - b).mean() < SAME * 255)


def _has_pulldown(source: Source, info: MediaInfo) -> bool:
    """Whether a good part of the first seconds are repetitions of the frame before, while the
    rest moves."""
    same: list[bool] = []
    before: Picture | None = None
    for frame in frames_of(source, info):
        if before is not None:
            same.append(is_repeat(before, frame.rgb))
        before = frame.rgb
        if len(same) >= 90:
            break
    share = float(np.mean(same)) if same else 0.0
    return PULLDOWN < share < 0.6


def mouth_box(face: Face | None, picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is kept of a mouth; empty without a face."""
    if face is None:
        return 0, 0, 0, 0
    outline = face.landmarks[np.r_[HULL, at.LIPS_OUTER], :2]
    margin = CROP_MARGIN * face.eye_distance
    low = np.maximum(np.floor(outline.min(0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(outline.max(0) + margin), picture.shape[1::-1]).astype(int)
    if (high - low).min() < 8:
        return 0, 0, 0, 0
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def encode_crop(crop: Picture) -> bytes:
    """JPEG of a part of a frame; empty for none."""
    if crop.size == 0:
        return b""
    done, data = cv2.imencode(
        ".jpg",
        cv2.cvtColor(crop, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, CROP_QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
         cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
    )  # fmt: skip
    if not done:
        raise SourceError("A frame of the clip cannot be kept.", check="frames")
    return bytes(data)
