"""Pictures and sound into one MP4 or WebM file."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from visavis.errors import MediaError
from visavis.media.target import Target
from visavis.media.tracks import AudioTrack, VideoTrack
from visavis.media.types import AudioFormat, Picture, Samples, VideoFormat


class Writer:
    """A file being written: H.264 and AAC in MP4, VP9 and Opus in WebM; a context manager.

    The target path is touched only when the block ends well, by one rename. Pictures and sound
    are interleaved as they come, so memory stays flat when the caller alternates them within a
    few seconds of each other. The first sample belongs to the first picture: the delay of the
    sound encoder is written as an edit list (MP4) or codec delay (WebM), which players skip.

    Args:
        path: where the file shall be; the suffix (.mp4, .m4v, .mov, .m4a, .webm) chooses the
            container.
        video: format of the pictures, or None for sound alone.
        audio: format of the sound, or None for a silent film.
        metadata: tags such as ``title`` and ``comment``.

    Raises:
        MediaError: the format cannot be written, or the folder cannot be written to.
    """

    def __init__(
        self,
        path: Path | str,
        video: VideoFormat | None,
        audio: AudioFormat | None = None,
        metadata: dict[str, str] | None = None,
    ) -> None:
        if video is None and audio is None:
            raise MediaError("A file needs pictures or sound.")
        self._target = Target(Path(path), metadata or {})
        with ExitStack() as undo:
            undo.push(self._target)
            try:
                self._video = VideoTrack(self._target, video) if video else None
                self._audio = AudioTrack(self._target, audio) if audio else None
                self._target.container.start_encoding()
            except (av.FFmpegError, ValueError) as error:
                raise MediaError(f"{path} cannot be written: {error}.") from error
            undo.pop_all()

    @property
    def frames(self) -> int:
        """Pictures written so far."""
        return self._video.frames if self._video else 0

    @property
    def samples(self) -> int:
        """Samples per channel written so far."""
        return self._audio.samples if self._audio else 0

    def write_video(self, picture: Picture) -> None:
        """Add the next picture.

        Args:
            picture: (height, width, 3) RGB or, with alpha, (height, width, 4) RGBA, uint8.

        Raises:
            MediaError: the picture has another size, or the disk is full.
        """
        if self._video is None:
            raise MediaError("This file was opened without pictures.")
        self._video.write(picture)

    def write_audio(self, samples: Samples) -> None:
        """Add the next samples.

        Args:
            samples: (n,) or (n, channels) float32; mono is doubled for a stereo file.

        Raises:
            MediaError: the channels do not fit, or the disk is full.
        """
        if self._audio is None:
            raise MediaError("This file was opened without sound.")
        self._audio.write(samples)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._target.__exit__(kind, error, trace)
            return
        with self._target:
            self._finish()

    def _finish(self) -> None:
        if self.frames + self.samples == 0:
            raise MediaError(f"Nothing was written to {self._target.path.name}.")
        for track in (self._video, self._audio):
            if track is not None:
                track.finish()
