"""KonPro: what its ``settings`` can say, our additions among it, in the domain's words."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from visavis.domain.assets import Kind
from visavis.domain.errors import FieldError, LinkError, NotFoundError
from visavis.domain.look import Captions, Mark
from visavis.domain.order import Order, Scene
from visavis.server.context import Call

LARGEST_IMAGE = 64 << 20
MOST_PIXELS = 80_000_000
"""Bytes and pixels of an image that is shown in a video."""

MOST_FILES = 100
"""Different files that one call may name."""

ALIASES = {
    "1": "full", "2": "split", "3": "pip", "picture-in-picture": "pip", "voice-over": "voice",
}  # fmt: skip

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEEN: tuple[Kind, ...] = ("image", "video")
_FILE = "Id of an uploaded asset, or a link to"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Look(BaseModel):
    """Who is where, and what is around them; our additions except `background`."""

    background: str = Field(
        default="",
        max_length=2048,
        description="A name, a colour, gradient:navy,#88aaff,45, blur, `transparent` (webm), or the"
        " id of an asset or a link to an image or video.",
    )
    layout: str = Field(default="full", description="full, split, picture-in-picture or voice.")
    visual: str = Field(
        default="",
        max_length=2048,
        description="The second picture of a layout, written like a background.",
    )
    person_first: bool = Field(
        default=False, description="In a split, the person is left or above."
    )
    person_share: float | None = Field(
        default=None, ge=0.15, le=0.85, description="The person's part of the canvas."
    )
    corner: str = Field(
        default="bottom-right", description="Of a picture in picture: top-left, ..."
    )
    shape: str = Field(default="circle", description="circle, rounded or square.")
    shadow: bool = Field(default=True, description="Under a picture in picture.")


class CaptionLook(_Strict):
    """What is different from a caption style."""

    ink: str = Field(default="", description="Colour of the letters.")
    active: str = Field(default="", description="Colour of the word that is being said.")
    box: str = Field(default="", description="Colour of the panel behind the lines.")
    size: float | None = Field(
        default=None, ge=0.02, le=0.2, description="Share of the short side."
    )
    position: str = Field(default="", description="bottom, middle or top.")
    capitals: bool = False


class Music(_Strict):
    """Music under the speech."""

    source: str = Field(min_length=1, max_length=2048, description=f"{_FILE} a sound.")
    volume: float = Field(default=1.0, ge=0, le=2)
    duck: float = Field(default=12.0, ge=0, le=40, description="Decibels down under speech.")


class Watermark(_Strict):
    """A logo or a line of text over the picture."""

    text: str = Field(default="", max_length=200)
    image: str = Field(default="", max_length=2048, description=f"{_FILE} an image.")
    corner: str = "top-right"
    opacity: float = Field(default=0.75, gt=0, le=1)
    scale: float = Field(default=0.07, ge=0.01, le=0.5, description="Share of the short side.")


class SceneSettings(Look):
    """One scene; avatar, voice and emotion are as in the scene before unless given."""

    model_config = ConfigDict(extra="forbid")
    text: str = ""
    audio: str = Field(default="", max_length=2048, description=f"{_FILE} a sound, heard instead.")
    avatar_id: str = Field(default="", max_length=100)
    voice_id: str = Field(default="", max_length=100)
    emotion: str = ""
    transition: str = Field(default="cut", description="How it comes on: cut, fade or slide.")


class Settings(Look):
    """How the video looks and who is told."""

    model_config = ConfigDict(extra="ignore")
    resolution: str = Field(default="720p", examples=["1080p", "720p"])
    format: str = Field(default="mp4", examples=["mp4", "webm"])
    aspect_ratio: str = Field(default="landscape", examples=["landscape", "portrait", "square"])
    width: int | None = Field(default=None, description="With `height`: an exact size, even.")
    height: int | None = None
    fps: int = Field(default=25, description="24, 25, 30, 50 or 60.")
    captions: bool = Field(default=False, description="Burn what is said into the picture.")
    caption_style: str = Field(default="classic", description="classic, boxed, highlight or pill.")
    caption_look: CaptionLook = CaptionLook()
    audio: str = Field(
        default="",
        max_length=2048,
        description=f"{_FILE} a sound that is heard instead of `text` in the voice.",
    )
    music: Music | None = None
    intro: str = Field(default="", max_length=2048, description=f"{_FILE} an image or video.")
    outro: str = Field(default="", max_length=2048, description=f"{_FILE} an image or video.")
    watermark: Watermark | None = None
    test: bool = Field(default=False, description="Fast, small and marked as a test.")
    cover_time: float | None = Field(
        default=None, ge=0, description="Seconds at which the cover is taken."
    )
    preview: str = Field(default="", description="gif or webp: a small moving picture beside it.")
    scenes: list[SceneSettings] = Field(
        default=[], description="Up to 50, instead of `text`; each with its text or sound."
    )
    variables: dict[str, str | int | float] = Field(
        default={}, description="What {{names}} in the texts, links and colours stand for."
    )
    batch: list[dict[str, str | int | float]] = Field(
        default=[], description="Up to 100 sets of variables: a video for each of them."
    )
    webhook_url: str = Field(default="", examples=["https://your-webhook.com/callback"])
    callback_id: str | None = Field(default=None, description="Given back in webhooks.")
    title: str = ""
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    pitch: float = Field(default=0.0, ge=-6, le=6, description="Semitones up or down.")
    volume: float = Field(default=1.0, ge=0, le=2, description="Gain of the voice.")
    emotion: str = "neutral"
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class Files:
    """Takes the files that a call names, each once.

    Args:
        call: who asks.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._known: dict[tuple[str, tuple[Kind, ...]], str] = {}

    def take(self, source: str, kinds: tuple[Kind, ...], field: str) -> str:
        """Id of the asset that a link or an id means, empty for nothing.

        Args:
            source: id of an asset of this workspace, or a link.
            kinds: what it may hold.
            field: how the caller calls it.

        Raises:
            FieldError: it cannot be used; the message says why.
        """
        if not source:
            return ""
        key = source, kinds
        if key not in self._known:
            if len(self._known) >= MOST_FILES:
                raise FieldError(field, f"A call names at most {MOST_FILES} files.", "Ask twice.")
            self._known[key] = self._taken(source, kinds, field)
        return self._known[key]

    def look(self, value: str, field: str) -> tuple[str, str]:
        """A background or second picture: its name, or else the id of its asset."""
        word = value.strip()
        if word.startswith(("http://", "https://")) or _ID.fullmatch(word):
            return "", self.take(word, _SEEN, field)
        return word.lower(), ""

    def _taken(self, source: str, kinds: tuple[Kind, ...], field: str) -> str:
        assets, workspace = self._call.service.assets, self._call.workspace
        if not source.startswith(("http://", "https://")):
            try:
                asset = assets.finalize(workspace, source)
            except NotFoundError as error:
                raise FieldError(
                    field, str(error), "Upload it, or give a link.", error.code
                ) from error
        else:
            try:
                asset = assets.from_link(workspace, source, kinds[0], field)
            except NotFoundError:  # our own link to a file of another kind
                asset = assets.from_link(workspace, source, kinds[-1], field)
            except LinkError as error:
                raise FieldError(field, error.message, error.remedy, error.code) from error
            except FieldError as error:
                if len(kinds) == 1 or f"holds {kinds[-1]}" not in error.message:
                    raise
                asset = assets.from_link(workspace, source, kinds[-1], field)
        if asset.kind not in kinds:
            raise FieldError(field, f"The file holds {asset.kind}, not {' or '.join(kinds)}.")
        if asset.kind == "image":
            _fits(asset.size, asset.meta.get("size", (0, 0)), field)
        return asset.id


def _fits(size: int, pixels: tuple[int, int], field: str) -> None:
    if size > LARGEST_IMAGE or pixels[0] * pixels[1] > MOST_PIXELS:
        raise FieldError(
            field,
            f"The image has {size / 1e6:.0f} MB and {pixels[0] * pixels[1] / 1e6:.0f} million"
            f" pixels; up to {LARGEST_IMAGE / 1e6:.0f} MB and {MOST_PIXELS / 1e6:.0f} million are"
            " shown.",
            "Save it smaller.",
        )


def order_of(call: Call, files: Files, text: str, voice: str, wanted: Settings) -> Order:
    """An order in the domain's words; its files are taken now.

    Raises:
        FieldError, NotFoundError: a file, voice or avatar that cannot be used.
    """
    if text.strip() and wanted.scenes:
        raise FieldError("text", "The scenes have texts of their own.", "Leave `text` out.")
    if text.strip() and wanted.audio:
        raise FieldError("audio", "A video needs either a text or a sound.", "Leave one out.")
    scenes = wanted.scenes
    if (wanted.intro or wanted.outro) and not scenes and (text.strip() or wanted.audio):
        look = {name: getattr(wanted, name) for name in Look.model_fields}
        scenes = [SceneSettings(text=text, audio=wanted.audio, **look)]
    plain = ("resolution", "format", "fps", "captions", "caption_style", "test", "cover_time",
             "preview", "speed", "pitch", "volume", "emotion", "seed")  # fmt: skip
    mark = wanted.watermark or Watermark()
    music = wanted.music
    return Order(
        text="\n".join(scene.text for scene in scenes if scene.text) or text,
        voice=voice,
        audio="" if scenes and not wanted.scenes else files.take(wanted.audio, ("audio",), "audio"),
        aspect=_aspect(wanted),
        caption_look=Captions(**wanted.caption_look.model_dump()),
        music=files.take(music.source, ("audio",), "music") if music else "",
        music_volume=music.volume if music else 1.0,
        duck=music.duck if music else 12.0,
        intro=files.take(wanted.intro, _SEEN, "intro"),
        outro=files.take(wanted.outro, _SEEN, "outro"),
        mark=Mark(
            **mark.model_dump(exclude={"image"}),
            image=files.take(mark.image, ("image",), "watermark.image"),
        ),
        scenes=tuple(_scene(call, files, scene, at) for at, scene in enumerate(scenes)),
        **_place(files, wanted, ""),
        **{name: getattr(wanted, name) for name in plain},
    )


def _scene(call: Call, files: Files, scene: SceneSettings, number: int) -> Scene:
    service, at = call.service, f"scenes.{number}."
    avatar = voice = ""
    if scene.avatar_id:
        row = service.avatars.find(call.workspace, scene.avatar_id, by="label")
        if row.status != "ready":
            raise FieldError(f"{at}avatar_id", f"The avatar is {row.status}.", "Wait for it.")
        avatar = row.id
    if scene.voice_id:
        voice = service.voices.find(call.workspace, scene.voice_id).slug
    return Scene(
        text=scene.text,
        audio=files.take(scene.audio, ("audio",), f"{at}audio"),
        avatar=avatar,
        voice=voice,
        emotion=scene.emotion,
        transition=scene.transition,
        **_place(files, scene, at),
    )


def _place(files: Files, look: Look, at: str) -> dict[str, Any]:
    background, background_asset = files.look(look.background, f"{at}background")
    visual, visual_asset = files.look(look.visual, f"{at}visual")
    return {
        "layout": ALIASES.get(look.layout, look.layout),
        "background": background,
        "background_asset": background_asset,
        "visual": visual,
        "visual_asset": visual_asset,
        "person_first": look.person_first,
        "share": look.person_share,
        "corner": look.corner,
        "shape": look.shape,
        "shadow": look.shadow,
    }


def _aspect(wanted: Settings) -> str:
    if wanted.width is None and wanted.height is None:
        return wanted.aspect_ratio
    if wanted.width is None or wanted.height is None:
        raise FieldError("width", "An exact size needs width and height.", "Give both.")
    if not (100 <= wanted.width <= 9999 and 100 <= wanted.height <= 9999):
        raise FieldError(
            "width",
            f"A size of {wanted.width}x{wanted.height} is not possible.",
            "Use even numbers from 128 to 4096.",
        )
    return f"{wanted.width}x{wanted.height}"
