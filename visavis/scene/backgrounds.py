"""What is behind the person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

from visavis.errors import MediaError, SceneError
from visavis.media import Picture, decode_video, probe
from visavis.scene import rooms
from visavis.scene.colours import Colour, colour, is_colour
from visavis.scene.pictures import IMAGE_SUFFIXES, cover, load_image, slug

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif")


class Kind(Enum):
    """The ways to fill what is behind the person."""

    OWN = "own"
    BLUR = "blur"
    TRANSPARENT = "transparent"
    COLOUR = "colour"
    GRADIENT = "gradient"
    NAME = "name"
    IMAGE = "image"
    VIDEO = "video"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Background:
    """What is behind the person.

    Attributes:
        kind: see `Kind`.
        colours: one for a plain colour, two or more for a gradient from top to bottom.
        angle: degrees by which a gradient is turned clockwise.
        name: slug of a named room.
        path: file of an image or a video.
        picture: (height, width, 3) where the background is one that was made in memory.
    """

    kind: Kind
    colours: tuple[Colour, ...] = ()
    angle: float = 0.0
    name: str = ""
    path: Path | None = None
    picture: Picture | None = field(default=None, compare=False, repr=False)


OWN = Background(Kind.OWN)
BLUR = Background(Kind.BLUR)
TRANSPARENT = Background(Kind.TRANSPARENT)


def background_names() -> tuple[str, ...]:
    """Rooms that can be asked for by name."""
    return tuple(sorted({*rooms.ROOMS, *_rendered()}))


@lru_cache(maxsize=1)
def _rendered() -> tuple[str, ...]:
    folder = resources.files("visavis.assets") / "backgrounds"
    if not folder.is_dir():
        return ()
    return tuple(Path(e.name).stem for e in folder.iterdir() if e.name.endswith(".webp"))


def parse_background(text: str | Path | Background | None) -> Background:
    """A background as people write it.

    Args:
        text: None or ``own`` for the avatar's own; ``blur``; ``transparent``; a colour (see
            `visavis.scene.colours`); ``gradient:navy,#88aaff`` with an optional angle as third
            part (``gradient:navy,white,45``); a name of `background_names`; or the path of an
            image or a video.

    Raises:
        SceneError: none of these.
    """
    if isinstance(text, Background):
        return text
    if text is None:
        return OWN
    word = str(text).strip()
    lower = word.lower()
    if lower in ("", "own", "original"):
        return OWN
    if lower == "blur":
        return BLUR
    if lower == "transparent":
        return TRANSPARENT
    if lower.startswith("gradient:"):
        return _gradient(lower.removeprefix("gradient:"))
    if not isinstance(text, Path):
        if lower.startswith("#") or is_colour(lower):
            return Background(Kind.COLOUR, (colour(lower),))
        if slug(word) in background_names():
            return Background(Kind.NAME, name=slug(word))
    return _file(Path(word))


def _gradient(text: str) -> Background:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    angle = 0.0
    if parts and parts[-1].removeprefix("-").replace(".", "", 1).isdigit():
        angle = float(parts.pop())
    if not 2 <= len(parts) <= 8:
        raise SceneError(
            f"A gradient has two to eight colours, this one {len(parts)}.",
            "Write it as gradient:navy,#88aaff.",
        )
    return Background(Kind.GRADIENT, tuple(colour(part) for part in parts), angle)


def _file(path: Path) -> Background:
    suffix = path.suffix.lower()
    if not path.exists():
        raise SceneError(
            f"There is no background {str(path)!r}.",
            f"Give a colour, an image or video file, or one of {', '.join(background_names())}.",
        )
    if suffix in VIDEO_SUFFIXES:
        return Background(Kind.VIDEO, path=path)
    if suffix in IMAGE_SUFFIXES:
        return Background(Kind.IMAGE, path=path)
    raise SceneError(
        f"{path.name} is neither an image nor a video by its name.",
        f"Use {', '.join((*IMAGE_SUFFIXES, *VIDEO_SUFFIXES))}.",
    )


def still(background: Background, size: tuple[int, int]) -> Picture:
    """A background that does not move and does not depend on the avatar.

    Returns:
        (height, width, 3) uint8.

    Raises:
        SceneError: an image that cannot be read.
    """
    match background.kind:
        case Kind.COLOUR:
            return np.full((size[1], size[0], 3), background.colours[0][:3], np.uint8)
        case Kind.GRADIENT:
            return gradient(background.colours, size, background.angle)
        case Kind.NAME:
            return _room(background.name, size)
        case Kind.PICTURE if background.picture is not None:
            return cover(background.picture, size)
        case Kind.IMAGE if background.path is not None:
            return flat(cover(load_image(background.path), size))
    raise SceneError(f"A background of kind {background.kind.value} has no picture of its own.")


def need_readable(background: Background) -> None:
    """Look into the file of a background, where it has one.

    Raises:
        SceneError: it is no image, or has no pictures.
    """
    if background.path is None:
        return
    if background.kind is Kind.VIDEO:
        _need_pictures(background.path)
    else:
        load_image(background.path)


def _need_pictures(path: Path) -> None:
    try:
        info = probe(path)
    except MediaError as error:
        raise SceneError(error.message, error.remedy) from error
    if info.video is None:
        raise SceneError(f"{path.name} has no pictures.", "Give a video or an image.")


@lru_cache(maxsize=4)
def _room(name: str, size: tuple[int, int]) -> Picture:
    if name in _rendered():
        entry = resources.files("visavis.assets") / "backgrounds" / f"{name}.webp"
        return flat(cover(load_image(entry.read_bytes()), size))
    return rooms.ROOMS[name](size)


def flat(picture: Picture) -> Picture:
    """RGB of a picture that may be transparent, over white."""
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:].astype(np.uint16)
    mixed = picture[..., :3] * alpha + 255 * (255 - alpha)
    return np.asarray(mixed // 255, np.uint8)


def gradient(colours: tuple[Colour, ...], size: tuple[int, int], angle: float = 0.0) -> Picture:
    """Colours running into each other from top to bottom, turned clockwise by `angle` degrees.

    A faint noise keeps the steps of 8 bits from showing as bands.
    """
    width, height = size
    turn = np.deg2rad(angle)
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    along = y * np.cos(turn) - x * np.sin(turn)
    along = (along - along.min()) / max(float(np.ptp(along)), 1e-6)
    stops = np.linspace(0, 1, len(colours))
    channels = [np.interp(along, stops, [one[channel] for one in colours]) for channel in range(3)]
    noise = np.random.default_rng(0).random((height, width, 1), np.float32) - 0.5
    return np.asarray(np.clip(np.stack(channels, axis=2) + noise + 0.5, 0, 255), np.uint8)


class Loop:
    """A video that fills a box and starts again when it ends.

    Memory holds one picture, so that a long background costs nothing.

    Args:
        path: a video file.
        size: width and height to fill.
        fps: pictures per second of the canvas.

    Raises:
        SceneError: the file cannot be read or has no pictures.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: Fraction) -> None:
        self._path, self._size, self._fps = path, size, fps
        _need_pictures(path)
        self._frames = self._endless()
        self._index = -1
        self._picture = np.zeros((size[1], size[0], 3), np.uint8)

    def at(self, time: float) -> Picture:
        """The picture that shows at `time` seconds; times must not go back."""
        wanted = round(time * self._fps)
        while self._index < wanted:
            self._picture = next(self._frames)
            self._index += 1
        return self._picture

    def _endless(self) -> Iterator[Picture]:
        shown = 0
        while True:
            before = shown
            for frame in decode_video(self._path, fps=self._fps):
                shown += 1
                yield cover(frame.rgb, self._size, quick=True)
            if shown == before:
                raise SceneError(f"{self._path.name} has no pictures.", "Give another video.")
