"""The files that are written beside a video: cover, moving preview, captions."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visavis.errors import InvalidInputError
from visavis.media import Picture, write_cover, write_preview
from visavis.media.cover import COVERS
from visavis.media.credentials import Identity, sign
from visavis.media.preview import PREVIEWS
from visavis.scene import CaptionStyle, write_sidecar
from visavis.scene.sidecars import FORMATS
from visavis.speech import Word

COVER_TIME = 0.8
"""Seconds into the video at which the cover is taken: the person has begun to speak."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is to be written beside a video; checked when it is made, before anything is drawn.

    Attributes:
        cover: path of a picture: .jpg, .png, .webp.
        cover_time: seconds into the video at which it is taken; the end where that is earlier.
        preview: path of a small moving picture: .gif, .webp.
        subtitles: paths of captions: .srt, .vtt, .ass.

    Raises:
        InvalidInputError: a suffix that is not offered, no such folder, or a time before the start.
    """

    cover: Path | None = None
    cover_time: float = COVER_TIME
    preview: Path | None = None
    subtitles: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        asked: list[tuple[str, Path | None, Iterable[str]]] = [
            ("cover", self.cover, COVERS),
            ("preview", self.preview, PREVIEWS),
            *(("captions", path, FORMATS) for path in self.subtitles),
        ]
        for what, path, suffixes in asked:
            if path is None:
                continue
            if path.suffix.lower() not in tuple(suffixes):
                raise InvalidInputError(
                    f"{path.name} is no name for the {what}.",
                    f"End it in one of {', '.join(suffixes)}.",
                )
            if not path.parent.is_dir():
                raise InvalidInputError(
                    f"{path} cannot be written: there is no such folder.", "Make the folder first."
                )
        if not self.cover_time >= 0:
            raise InvalidInputError(
                f"A cover cannot be taken at {self.cover_time:g} s.", "Count from 0."
            )

    @classmethod
    def of(
        cls,
        cover: str | Path | None,
        cover_time: float | None,
        preview: str | Path | None,
        subtitles: Iterable[str | Path],
    ) -> "Beside":
        """From what people write."""
        return cls(
            Path(cover) if cover is not None else None,
            COVER_TIME if cover_time is None else cover_time,
            Path(preview) if preview is not None else None,
            tuple(Path(path) for path in subtitles),
        )

    def write_pictures(self, video: Path, thumbnail: Picture | None, who: Identity) -> None:
        """Write cover and preview, each with its content credentials.

        Args:
            video: the finished file.
            thumbnail: (height, width, 3 or 4), what it shows at `cover_time`.
            who: the signer.

        Raises:
            MediaError: one of them cannot be written.
        """
        if self.cover is not None and thumbnail is not None:
            write_cover(self.cover, np.ascontiguousarray(thumbnail[..., :3]))
            sign(self.cover, who)
        if self.preview is not None:
            write_preview(video, self.preview)
            sign(self.preview, who)

    def write_words(
        self,
        words: list[Word],
        style: CaptionStyle,
        size: tuple[int, int],
        starts: list[float],
    ) -> None:
        """Write the captions; see `visavis.scene.write_sidecar`."""
        for path in self.subtitles:
            write_sidecar(path, words, style, size, starts)
