"""What somebody asks the line to make."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from visavis.errors import InvalidInputError
from visavis.scene import STYLES, CaptionStyle, Layout, Watermark, caption_style
from visavis.scene.canvas import canvas

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice


class Options(TypedDict, total=False):
    """The fields of `Request` that have a default, beside the text."""

    audio: Path | None
    voice: "str | PersonVoice | None"
    emotion: str
    speed: float
    pitch: float
    volume: float
    lexicon: dict[str, str]
    resolution: str
    aspect: str
    fps: int
    background: str | Path | None
    layout: str | int | Layout
    visual: str | Path | None
    captions: bool | str | CaptionStyle
    watermark: str | Path | Watermark | None
    music: str | Path | None
    music_volume: float
    duck: float
    test: bool
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who says what, how, and how it looks.

    Attributes:
        text: what is said; ``<break time="1.5s"/>`` pauses. With `audio`: what is read in it, or
            empty where nobody knows; lips and captions are exact where it is given.
        avatar: path of a photograph, of a clip or of a saved rig, or the name of a stock
            presenter; None where the layout shows nobody.
        voice: slug of a voice, see `visavis.speech.voices`, or a person's own; None for that of the
            avatar, see `visavis.line.voice_of`.
        emotion: one of `visavis.performance.EMOTIONS`.
        speed: rate of speech, 0.5-2.0.
        pitch: shift of the voice in semitones, -6..6.
        volume: gain of the voice, 0-2.
        lexicon: pronunciations, see `visavis.speech.Delivery`.
        resolution: a key of `visavis.scene.RESOLUTIONS`, the short side.
        aspect: ``auto`` for the avatar's own, a key of `visavis.scene.ASPECTS`, or ``1280x720``.
        fps: one of `visavis.scene.FRAME_RATES`.
        background: see `visavis.scene.parse_background`; None keeps the avatar's own.
        layout: see `visavis.scene.layout`.
        visual: the second picture of a layout; by default the background.
        captions: a name of `visavis.scene.STYLES` or a style; True for the classic one.
        watermark: a line of text, or the path of a logo.
        music: a sound file that plays under the speech.
        music_volume: gain of the music, 0-2.
        duck: decibels by which it makes room for speech, 0-40.
        test: fast, small and marked as a test.
        seed: the same request with the same seed gives the same picture.

    Raises:
        SceneError: a resolution, aspect, frame rate or caption style that is not offered.
        InvalidInputError: speed or pitch of a recording cannot be changed.
    """

    text: str = ""
    avatar: str | Path | None
    audio: Path | None = None
    voice: "str | PersonVoice | None" = None
    emotion: str = "neutral"
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    lexicon: dict[str, str] = field(default_factory=dict)
    resolution: str = "720p"
    aspect: str = "auto"
    fps: int = 25
    background: str | Path | None = None
    layout: str | int | Layout = "full"
    visual: str | Path | None = None
    captions: bool | str | CaptionStyle = False
    watermark: str | Path | Watermark | None = None
    music: str | Path | None = None
    music_volume: float = 1.0
    duck: float = 12.0
    test: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        canvas(self.aspect, self.resolution, self.fps)
        if self.audio is not None and (self.speed != 1.0 or self.pitch != 0.0):
            raise InvalidInputError(
                "A recording keeps its speed and its pitch.", "Leave out speed and pitch."
            )
        _ = self.caption_style

    @property
    def caption_style(self) -> CaptionStyle | None:
        """How captions look; None for none."""
        if isinstance(self.captions, str):
            return caption_style(self.captions)
        if isinstance(self.captions, CaptionStyle):
            return self.captions
        return STYLES["classic"] if self.captions else None
