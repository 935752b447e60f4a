"""What somebody asks a video to be, checked before it is accepted."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from visavis.domain.errors import FieldError
from visavis.domain.look import Captions, Mark, Place, one_of
from visavis.domain.offer import Offer
from visavis.domain.script import spoken_length

FORMATS = ("mp4", "webm")
LAYOUTS = ("full", "split", "pip")
PREVIEWS = ("", "gif", "webp")
TRANSITIONS = ("cut", "fade", "slide")
FRAME_RATES = (24, 25, 30, 50, 60)
MOST_SCENES = 50
MOST_VIDEOS = 100
"""Videos that may be made of one template by one call."""

_EXACT = re.compile(r"(\d{3,4})x(\d{3,4})")
_SMALLEST, _LARGEST = 128, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Place):
    """One of several scenes; what is left empty is as in the scene before.

    Attributes:
        text: what is said; empty where `audio` is given.
        audio: id of an asset that is heard instead of a voice.
        avatar: id of the avatar; empty for the video's.
        voice: slug of the voice.
        emotion: way of speaking.
        transition: how the scene comes on, one of `TRANSITIONS`.
    """

    text: str = ""
    audio: str = ""
    avatar: str = ""
    voice: str = ""
    emotion: str = ""
    transition: str = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Place):
    """One video as it was asked for, in the domain's words.

    Attributes:
        text: what is said, that of all scenes where there are any; empty where `audio` is given.
        voice: slug of the voice.
        audio: id of an asset that is heard instead of a voice.
        resolution, aspect: of the `Offer`; the aspect may be an exact size such as ``1280x720``.
        fps: one of `FRAME_RATES`.
        format: one of `FORMATS`.
        captions: burn what is said into the picture.
        caption_style: how they look, one of the `Offer`'s.
        caption_look: what is different from that style.
        speed, pitch, volume: of the voice.
        music: id of an audio asset that plays under the speech.
        music_volume: its gain, 0 to 2.
        duck: decibels by which it makes room for speech, 0 to 40.
        intro, outro: ids of image or video assets shown before and after.
        mark: a logo or a line of text over the picture.
        test: fast, small and marked as a test.
        cover_time: seconds at which the cover is taken; None for the usual moment.
        preview: kind of a small moving picture beside the video, one of `PREVIEWS`.
        scenes: where there are several.
        seed: the same order with the same seed gives the same video.
    """

    text: str = ""
    voice: str = ""
    audio: str = ""
    resolution: str = "720p"
    aspect: str = "landscape"
    fps: int = 25
    format: str = "mp4"
    captions: bool = False
    caption_style: str = "classic"
    caption_look: Captions = field(default_factory=Captions)
    emotion: str = "neutral"
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    music: str = ""
    music_volume: float = 1.0
    duck: float = 12.0
    intro: str = ""
    outro: str = ""
    mark: Mark = field(default_factory=Mark)
    test: bool = False
    cover_time: float | None = None
    preview: str = ""
    scenes: tuple[Scene, ...] = ()
    seed: int = 0

    @property
    def filmed(self) -> bool:
        """Whether it is a film of scenes."""
        return bool(self.scenes)

    def check(self, longest: int, offer: Offer) -> None:
        """Refuse what cannot be rendered.

        Args:
            longest: most characters of `text`.
            offer: what this installation can make.

        Raises:
            FieldError: names the field and what is offered.
        """
        one_of("resolution", self.resolution, tuple(offer.resolutions))
        if not _exact(self.aspect):
            one_of("aspect", self.aspect, offer.aspects)
        one_of("emotion", self.emotion, offer.emotions)
        one_of("format", self.format, FORMATS)
        one_of("caption_style", self.caption_style, offer.caption_styles)
        one_of("preview", self.preview, PREVIEWS)
        if self.fps not in FRAME_RATES:
            rates = ", ".join(map(str, FRAME_RATES))
            raise FieldError("fps", f"{self.fps} frames a second are not offered.", f"Use {rates}.")
        self.check_place(offer)
        self.caption_look.check()
        self.mark.check()
        self._check_transparency()
        self._check_scenes(offer)
        self._check_text(longest, offer)

    def _check_transparency(self) -> None:
        if self.background != "transparent":
            return
        if self.format != "webm":
            raise FieldError(
                "background", "An mp4 cannot be transparent.", "Ask for the format webm."
            )
        for name, set_ in (("captions", self.captions), ("scenes", self.filmed)):
            if set_:
                raise FieldError(
                    "background", f"A video with {name} cannot be transparent.", "Leave one out."
                )

    def _check_scenes(self, offer: Offer) -> None:
        if (self.intro or self.outro) and not self.scenes:
            raise FieldError("intro", "An intro or outro goes before or after scenes.", "Add one.")
        if len(self.scenes) > MOST_SCENES:
            raise FieldError(
                "scenes",
                f"The video has {len(self.scenes)} scenes; {MOST_SCENES} are the most.",
                "Make two videos of it.",
            )
        for number, scene in enumerate(self.scenes):
            at = f"scenes.{number}."
            if bool(scene.text.strip()) == bool(scene.audio):
                raise FieldError(f"{at}text", "A scene needs either a text or a sound.")
            if not scene.audio and not speakable(scene.text):
                raise FieldError(f"{at}text", "The scene has nothing that can be said.")
            if scene.background == "transparent":
                raise FieldError(f"{at}background", "A scene cannot be transparent.")
            one_of(f"{at}emotion", scene.emotion or self.emotion, offer.emotions)
            one_of(f"{at}transition", scene.transition, TRANSITIONS)
            scene.check_place(offer, at)

    def _check_text(self, longest: int, offer: Offer) -> None:
        sounds = self.sounds()
        if sounds and "audio" not in offer.features:
            raise FieldError(
                "audio", "This installation cannot make videos of a sound.", "Give a text."
            )
        if self.audio and self.filmed:
            raise FieldError(
                "audio", "A sound cannot be heard over scenes.", "Give it to one of them."
            )
        if bool(self.text.strip()) == bool(self.audio) and not self.filmed:
            raise FieldError("text", "A video needs either a text or a sound.", "Give one of them.")
        if sounds and self.captions and "transcription" not in offer.features:
            raise FieldError(
                "captions",
                "The words of a sound cannot be found on this installation.",
                "Leave captions out, or give a text and a voice.",
            )
        for name, usual in (("speed", 1.0), ("pitch", 0.0)):
            if self.audio and getattr(self, name) != usual:
                raise FieldError(name, f"A sound keeps its {name}.", f"Leave {name} out.")
        if len(self.text) > longest:
            raise FieldError(
                "text", f"The text has {len(self.text)} characters, at most {longest} are spoken."
            )
        if "\x00" in self.text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in self.text):
            raise FieldError("text", "The text holds characters that are not text.")
        if self.text and not speakable(self.text):
            raise FieldError("text", "The text has nothing that can be said.", "Give it words.")

    def sounds(self) -> tuple[str, ...]:
        """Ids of the assets that are heard instead of voices."""
        heard = (self.audio, *(scene.audio for scene in self.scenes))
        return tuple(dict.fromkeys(filter(None, heard)))

    def chapters(self, longest: float, lengths: Sequence[float]) -> list[tuple[int, int]]:
        """First and last-but-one scene of the parts that may be rendered side by side.

        Parts begin where a scene comes on by a cut; music under the whole keeps it in one.

        Args:
            longest: spoken letters after which a part ends.
            lengths: spoken letters of every scene.
        """
        if self.music:
            return [(0, len(self.scenes))]
        parts, begun, letters = [], 0, 0.0
        for at, scene in enumerate(self.scenes):
            if at and letters >= longest and scene.transition == "cut":
                parts.append((begun, at))
                begun, letters = at, 0.0
            letters += lengths[at]
        return [*parts, (begun, len(self.scenes))]

    def assets(self) -> tuple[str, ...]:
        """Ids of all files that it needs."""
        places: tuple[Place, ...] = (self, *self.scenes)
        ids = [*self.sounds(), self.music, self.intro, self.outro, self.mark.image]
        ids += [name for place in places for name in (place.background_asset, place.visual_asset)]
        return tuple(dict.fromkeys(filter(None, ids)))

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Order":
        """Back from the database."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        for name, kind in (("caption_look", Captions), ("mark", Mark)):
            if name in values:
                values[name] = kind(**values[name])
        values["scenes"] = tuple(Scene(**scene) for scene in values.get("scenes", ()))
        return cls(**values)


def speakable(text: str) -> bool:
    """Whether a text has anything that can be said."""
    return spoken_length(text) > 0 and bool(re.search(r"\w", text))


def _exact(aspect: str) -> bool:
    """Whether an aspect is an exact size.

    Raises:
        FieldError: it is one that is not possible.
    """
    match = _EXACT.fullmatch(aspect)
    if match is None:
        return False
    for name, side in zip(("width", "height"), map(int, match.groups()), strict=True):
        if not _SMALLEST <= side <= _LARGEST or side % 2:
            raise FieldError(
                name,
                f"A {name} of {side} is not possible.",
                f"Use an even number from {_SMALLEST} to {_LARGEST}.",
            )
    return True
