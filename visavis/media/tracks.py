"""The two tracks of a file that is being written."""

from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from visavis.errors import MediaError
from visavis.media.target import Target
from visavis.media.types import AudioFormat, Effort, Picture, Samples, VideoFormat

FILE_RATE = 48_000
"""Samples per second of every written sound track: Opus knows no other, AAC's delay is shortest."""

_BT709 = 1  # the same number names the primaries, the transfer and the matrix
_LIMITED = 1
_KEYFRAME_SECONDS = 2
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_WEIGHTS = np.array([_RED, _GREEN, _BLUE])
_YUV = np.array(
    [
        [*_WEIGHTS * 219 / 255, 16],
        [*(np.array([0, 0, 1]) - _WEIGHTS) / (1 - _BLUE) / 2 * 224 / 255, 128],
        [*(np.array([1, 0, 0]) - _WEIGHTS) / (1 - _RED) / 2 * 224 / 255, 128],
    ],
    np.float32,
)
"""RGB to limited-range Y, Cb and Cr, after ITU-R BT.709."""

# Ultrafast with deblocking, CABAC and half-pel search is as quick as plain ultrafast on a talking
# head and a third smaller at a higher PSNR.
_LIGHT_X264 = {"preset": "ultrafast", "x264-params": "deblock=0,0:cabac=1:subme=1"}
_X264: dict[Effort, dict[str, str]] = {
    "live": {**_LIGHT_X264, "tune": "zerolatency"},
    "fast": _LIGHT_X264,
    "balanced": {"preset": "veryfast"},
    "small": {"preset": "medium"},
}
_VP9: dict[Effort, dict[str, str]] = {
    "live": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "fast": {"deadline": "realtime", "cpu-used": "8"},
    "balanced": {"deadline": "good", "cpu-used": "5"},
    "small": {"deadline": "good", "cpu-used": "2"},
}


class VideoTrack:
    """Pictures on their way into a file.

    Args:
        target: the file.
        form: size, rate and quality.

    Raises:
        MediaError: the format cannot be encoded or does not fit the container.
    """

    def __init__(self, target: Target, form: VideoFormat) -> None:
        _check_video(form, target)
        self._target = target
        self._form = form
        self._reformatter = VideoReformatter()
        webm = target.kind == "webm"
        self._stream = target.container.add_stream(
            "libvpx-vp9" if webm else "libx264",
            rate=form.fps,
            options=_vp9_options(form) if webm else _x264_options(form),
        )
        context = self._stream.codec_context
        context.width, context.height = form.size
        context.pix_fmt = "yuva420p" if form.alpha else "yuv420p"
        context.time_base = 1 / form.fps
        context.gop_size = max(1, round(form.fps * _KEYFRAME_SECONDS))
        context.max_b_frames = 0
        context.thread_count = form.threads
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        if form.alpha:
            self._stream.metadata["alpha_mode"] = "1"
        self.frames = 0

    def write(self, picture: Picture) -> None:
        """Add the next picture; see `Writer.write_video`."""
        width, height = self._form.size
        alpha = self._form.alpha
        wanted = (height, width, 4 if alpha else 3)
        if picture.shape != wanted or picture.dtype != np.uint8:
            raise MediaError(
                f"A picture is {picture.dtype} {picture.shape}, the file takes uint8 {wanted}."
            )
        frame = self._with_alpha(picture) if alpha else _in_yuv(picture)
        frame.pts = self.frames
        frame.time_base = 1 / self._form.fps
        self._encode(frame)
        self.frames += 1

    def _with_alpha(self, picture: Picture) -> av.VideoFrame:
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(picture), format="rgba"),
            format="yuva420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            # No resizing happens: this only chooses the quickest conversion.
            interpolation=Interpolation.POINT,
            threads=1,
        )

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._encode(None)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            packets = self._stream.encode(frame)
        except av.FFmpegError as error:
            raise self._target.failure(error) from error
        self._target.mux(packets)


class AudioTrack:
    """Sound on its way into a file.

    Args:
        target: the file.
        form: rate and channels of the samples that will come.

    Raises:
        MediaError: the format cannot be encoded.
    """

    def __init__(self, target: Target, form: AudioFormat) -> None:
        if form.channels not in (1, 2) or not 8000 <= form.rate <= 192_000:
            raise MediaError(
                f"Sound of {form.channels} channels at {form.rate} Hz cannot be written.",
                "Give one or two channels at 8 to 192 kHz.",
            )
        self._target = target
        self._form = form
        self._layout = "stereo" if form.channels == 2 else "mono"
        codec = "libopus" if target.kind == "webm" else "aac"
        self._stream = cast(AudioStream, target.container.add_stream(codec, rate=FILE_RATE))
        context = self._stream.codec_context
        context.layout = self._layout
        context.bit_rate = form.bitrate or (96_000, 128_000)[form.channels - 1]
        self.samples = 0

    @property
    def rate(self) -> int:
        """Samples per second of what is written."""
        return self._form.rate

    def write(self, samples: Samples) -> None:
        """Add the next samples; see `Writer.write_audio`."""
        if len(samples) == 0:
            return
        sound = _planar(samples, self._form.channels)
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=self._layout)
        frame.sample_rate = self._form.rate
        frame.pts = self.samples
        frame.time_base = Fraction(1, self._form.rate)
        self._encode(frame)
        self.samples += len(samples)

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self.samples:
            self._encode(None)

    def _encode(self, frame: av.AudioFrame | None) -> None:
        try:
            packets = self._stream.encode(frame)
        except av.FFmpegError as error:
            raise self._target.failure(error) from error
        self._target.mux(packets)


def _in_yuv(picture: Picture) -> av.VideoFrame:
    """A picture in limited-range BT.709, each colour sample the mean of its four pixels.

    OpenCV does it in less than half of the time of the general converter.
    """
    height, width = picture.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    luma, *colours = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    mixed = cv2.transform(picture, _YUV)
    luma[:] = cv2.extractChannel(mixed, 0)
    small = cv2.resize(mixed, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    for channel, plane in enumerate(colours, 1):
        plane[:] = cv2.extractChannel(small, channel)
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    return frame


def _check_video(form: VideoFormat, target: Target) -> None:
    width, height = form.size
    if width % 2 or height % 2 or not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise MediaError(
            f"A picture of {width}x{height} cannot be encoded.",
            "Width and height must be even and from 16 to 8192.",
        )
    if not 1 <= form.fps <= 240:
        raise MediaError(f"{float(form.fps):g} frames per second is out of range 1 to 240.")
    if not 0 <= form.quality <= 100:
        raise MediaError(f"Quality {form.quality} is out of range 0 to 100.")
    if form.alpha and target.kind != "webm":
        raise MediaError(
            f"{target.path.name}: MP4 cannot hold a transparent background.", "Ask for .webm."
        )


def _planar(samples: Samples, channels: int) -> Samples:
    """(channels, n) float32 within full scale."""
    sound = np.asarray(samples, np.float32)
    if sound.ndim == 1:
        sound = np.repeat(sound[None], channels, axis=0)
    elif sound.ndim == 2 and sound.shape[1] == channels:
        sound = sound.T
    else:
        raise MediaError(f"Sound of shape {sound.shape} does not fit {channels} channels.")
    if not np.isfinite(sound).all():
        raise MediaError("Sound with infinite or undefined samples cannot be written.")
    return np.ascontiguousarray(np.clip(sound, -1.0, 1.0))


def _x264_options(form: VideoFormat) -> dict[str, str]:
    crf = 38 - round(form.quality * 0.24)
    return {**_X264[form.effort], "crf": str(crf), "profile": "high"}


def _vp9_options(form: VideoFormat) -> dict[str, str]:
    crf = 56 - round(form.quality * 0.36)
    return {**_VP9[form.effort], "crf": str(crf), "b": "0", "row-mt": "1", "auto-alt-ref": "0"}
