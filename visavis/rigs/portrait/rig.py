"""One picture of a person as a rig."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import InvalidInputError
from visavis.face import indices as at
from visavis.face.check import SourceWarning, check_portrait
from visavis.face.head import split_head
from visavis.rigs.files import RigError, RigFile, write_rig
from visavis.rigs.portrait.alone import alone
from visavis.rigs.portrait.backdrop import fill_unknown, separate
from visavis.rigs.portrait.renderer import PortraitRenderer, Stage
from visavis.rigs.types import Framing, Picture

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

LARGEST_SIDE = 2160
FOLLOW_SIDE = 256
LANDMARKS_SHAPE = (478, 3)


@dataclass(frozen=True, eq=False)
class PortraitRig:
    """A face in one picture that can speak.

    Attributes:
        picture: (h, w, 3) RGB, or (h, w, 4) with straight alpha for a cut-out.
        matte: (h, w) how much of each pixel is the person, 0..255.
        follow: the same at a lower resolution: how far each place goes along with the head.
        landmarks: (478, 3) float32 the resting face in pixels of the picture.
        warnings: what is poor in the picture, as found by `create`; the file does not keep them.
    """

    picture: Picture
    matte: Bytes
    follow: Bytes
    landmarks: Floats
    warnings: tuple[SourceWarning, ...] = ()

    kind = "portrait"

    @classmethod
    def create(cls, image: Picture) -> Self:
        """Make a rig of a picture with one face.

        Args:
            image: (h, w, 3) RGB or (h, w, 4) RGBA, uint8, upright.

        Raises:
            SourceError: see `visavis.face.check.check_portrait`.
        """
        image = _within(np.ascontiguousarray(image), LARGEST_SIDE)
        opaque = image.shape[2] == 3 or bool((image[..., 3] == 255).all())
        colour = np.ascontiguousarray(image[..., :3])
        source = check_portrait(image if not opaque else colour)
        split = split_head(colour, source.face, source.person)
        scale = min(1.0, FOLLOW_SIDE / max(image.shape))
        follow = cv2.resize(split.follow, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cls(
            colour if opaque else image,
            _bytes(source.person),
            _bytes(np.asarray(follow, np.float32)),
            source.face.landmarks.astype(np.float32),
            source.warnings,
        )

    @classmethod
    def read(cls, content: RigFile) -> Self:
        """A rig from its file.

        Raises:
            RigError: the members are missing or broken.
        """
        picture = _decode(content.member("picture.png"), "picture.png")
        matte = _decode(content.member("matte.png"), "matte.png")
        follow = _decode(content.member("follow.png"), "follow.png")
        raw = content.member("landmarks.f32")
        if len(raw) != 4 * np.prod(LANDMARKS_SHAPE):
            raise RigError("The rig's landmarks are cut short.", "Create the avatar again.")
        landmarks = np.frombuffer(raw, "<f4").reshape(LANDMARKS_SHAPE).astype(np.float32)
        if (
            picture.ndim != 3
            or matte.shape != picture.shape[:2]
            or not np.isfinite(landmarks).all()
        ):
            raise RigError("The rig's members do not fit together.", "Create the avatar again.")
        code = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB
        return cls(np.asarray(cv2.cvtColor(picture, code), np.uint8), matte, follow, landmarks)

    def save(self, path: Path) -> None:
        """Write the rig as one file."""
        code = cv2.COLOR_RGBA2BGRA if self.picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
        members = {
            "picture.png": _encode(cv2.cvtColor(self.picture, code)),
            "matte.png": _encode(self.matte),
            "follow.png": _encode(self.follow),
            "landmarks.f32": self.landmarks.astype("<f4").tobytes(),
        }
        width, height = self.size
        write_rig(path, RigFile(self.kind, {"width": width, "height": height}, members))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        return self.picture.shape[1], self.picture.shape[0]

    @property
    def opaque(self) -> bool:
        """Whether the picture has a background of its own."""
        return bool(self.picture.shape[2] == 3)

    @property
    def framing(self) -> Framing:
        """Where the person is in the picture."""
        width, height = self.size
        oval = self.landmarks[at.OVAL]
        left, right = float(oval[:, 0].min()), float(oval[:, 0].max())
        columns = self.matte[:, max(0, int(left)) : int(right) + 1]
        solid = np.flatnonzero((columns > 127).mean(1) > 0.1)
        top = float(solid[0]) if len(solid) else float(oval[:, 1].min())
        eyes = self.landmarks[[at.RIGHT_EYE_OUTER, at.LEFT_EYE_OUTER], 1].mean()
        return Framing(
            crown=min(top, float(oval[:, 1].min())) / height,
            eyes=float(eyes) / height,
            chin=float(self.landmarks[at.CHIN, 1]) / height,
            centre=(left + right) / 2 / width,
            face_width=(right - left) / width,
        )

    def cut_out(self) -> Self:
        """The same person on nothing; itself where it is so already."""
        if not self.opaque:
            return self
        picture = alone(self.picture, self.matte)
        return replace(self, picture=picture, matte=np.ascontiguousarray(picture[..., 3]))

    def open(self, size: tuple[int, int], fps: Fraction, seed: int = 0) -> PortraitRenderer:
        """Prepare to draw at `size`.

        Raises:
            InvalidInputError: an odd size, or not the aspect of the picture.
        """
        return PortraitRenderer(self._stage(size), fps, seed)

    def _stage(self, size: tuple[int, int]) -> Stage:
        width, height = self.size
        scale_x, scale_y = size[0] / width, size[1] / height
        if size[0] % 2 or size[1] % 2 or min(size) < 2:
            raise InvalidInputError(
                f"A portrait cannot be drawn at {size[0]}x{size[1]}.", "Use an even size."
            )
        if abs(scale_x - scale_y) * max(width, height) > 2.5:
            raise InvalidInputError(
                f"A portrait of {width}x{height} cannot be drawn at {size[0]}x{size[1]}.",
                "Keep the aspect of the picture.",
            )
        landmarks = self.landmarks.copy()
        if width - size[0] in (0, 1) and height - size[1] in (0, 1):
            # An odd side loses a row of pixels rather than all its sharpness.
            picture = self.picture[: size[1], : size[0]]
            matte = self.matte[: size[1], : size[0]]
        else:
            picture, matte = _resized(self.picture, size), _resized(self.matte, size)
            landmarks[:, :2] = (landmarks[:, :2] + 0.5) * [scale_x, scale_y] - 0.5
            landmarks[:, 2] *= (scale_x + scale_y) / 2
        if not self.opaque:
            return Stage(_bled(picture), None, landmarks, matte, self.follow)
        person, backdrop = separate(picture, matte, max(2, round(face_width(landmarks) / 40)))
        return Stage(person, backdrop, landmarks, matte, self.follow)


def face_width(landmarks: Floats) -> float:
    """Pixels between the cheeks."""
    return float(np.ptp(landmarks[at.OVAL, 0]))


def _bytes(share: Floats) -> Bytes:
    return np.asarray(np.round(np.clip(share, 0, 1) * 255), np.uint8)


def _resized(image: Picture, size: tuple[int, int]) -> Picture:
    if (image.shape[1], image.shape[0]) == size:
        return image
    shrinks = size[0] < image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    if image.ndim == 3 and image.shape[2] == 4:
        alpha = image[..., 3:].astype(np.float32) / 255
        small = cv2.resize(
            np.dstack([image[..., :3] * alpha, image[..., 3:]]).astype(np.float32), size,
            interpolation=method,
        )  # fmt: skip
        colour = small[..., :3] / np.maximum(small[..., 3:] / 255, 1e-3)
        whole = np.dstack([colour, small[..., 3:]])
        return np.asarray(np.clip(np.round(whole), 0, 255), np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def _bled(picture: Picture) -> Picture:
    """A cut-out whose colours continue under its clear parts, so that no rim appears."""
    filled = fill_unknown(picture[..., :3], picture[..., 3])
    faint = picture[..., 3:] < 8
    return np.dstack([np.where(faint, filled, picture[..., :3]), picture[..., 3:]])


def _within(image: Picture, largest: int) -> Picture:
    scale = largest / max(image.shape[:2])
    if scale >= 1:
        return image
    return _resized(image, (round(image.shape[1] * scale), round(image.shape[0] * scale)))


def _encode(image: npt.NDArray[Any]) -> bytes:
    done, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise RigError("The picture could not be encoded as PNG.", "Create the avatar again.")
    return bytes(data)


def _decode(data: bytes, name: str) -> Bytes:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.dtype != np.uint8:
        raise RigError(f"The rig's {name} cannot be decoded.", "Create the avatar again.")
    return np.asarray(image, np.uint8)
