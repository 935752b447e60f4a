"""Decoding and encoding of media files with PyAV."""

from visavis.media.cover import write_cover
from visavis.media.decode import decode_audio, decode_video
from visavis.media.join import concat
from visavis.media.preview import picture_at, write_preview
from visavis.media.probe import probe
from visavis.media.resample import Resampler, resample
from visavis.media.types import (
    DEFAULT_LIMITS,
    AudioFormat,
    AudioInfo,
    Limits,
    MediaInfo,
    Picture,
    Samples,
    VideoFormat,
    VideoFrame,
    VideoInfo,
)
from visavis.media.writer import Writer

__all__ = [
    "DEFAULT_LIMITS",
    "AudioFormat",
    "AudioInfo",
    "Limits",
    "MediaInfo",
    "Picture",
    "Resampler",
    "Samples",
    "VideoFormat",
    "VideoFrame",
    "VideoInfo",
    "Writer",
    "concat",
    "decode_audio",
    "decode_video",
    "picture_at",
    "probe",
    "resample",
    "write_cover",
    "write_preview",
]
