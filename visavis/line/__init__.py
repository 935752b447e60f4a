"""The whole line, from text to a file or to a stream of frames."""

from visavis.line.avatars import open_avatar, presenters, voice_of
from visavis.line.film import Film
from visavis.line.frames import Frame
from visavis.line.render import Result, render, render_film
from visavis.line.request import Request
from visavis.line.stream import Line

__all__ = [
    "Film",
    "Frame",
    "Line",
    "Request",
    "Result",
    "open_avatar",
    "presenters",
    "render",
    "render_film",
    "voice_of",
]
