"""A film written down: scenes, templates with variables, batches."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from visavis import templates
from visavis.errors import SceneError
from visavis.scene.backgrounds import parse_background
from visavis.scene.canvas import Canvas, canvas
from visavis.scene.fonts import FontStack
from visavis.scene.layouts import CORNERS, SHAPES, Layout, layout
from visavis.scene.styles import STYLES, CaptionStyle, caption_style
from visavis.scene.transitions import Transition
from visavis.scene.watermark import Watermark
from visavis.templates import filled

MOST_SCENES = 50
MOST_FILMS = 100

_Side = Literal["bottom-right", "bottom-left", "top-right", "top-left"]
_Outline = Literal["circle", "rounded", "square"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LayoutPlan(_Strict):
    """Who is where in a scene; see `visavis.scene.layout`."""

    name: str = Field(default="full", description="full, split, picture-in-picture or voice.")
    visual: str | None = Field(
        default=None, description="The second picture: image, video, colour, room."
    )
    person_first: bool = Field(
        default=False, description="In a split, the person is left or above."
    )
    share: float | None = Field(default=None, ge=0.15, le=0.85, description="The person's part.")
    corner: _Side = Field(default=CORNERS[0], description="Of a picture in picture.")
    shape: _Outline = Field(default=SHAPES[0], description="Of a picture in picture.")
    shadow: bool = Field(default=True, description="Under a picture in picture.")

    def build(self) -> Layout:
        """The layout to compose with."""
        return layout(
            self.name,
            self.visual,
            person_first=self.person_first,
            share=self.share,
            corner=self.corner,
            shape=self.shape,
            shadow=self.shadow,
        )


class CaptionPlan(_Strict):
    """Captions burnt into the picture; see `visavis.scene.caption_style`."""

    style: str = Field(default="classic", description=f"One of {', '.join(STYLES)}.")
    font: Path | None = Field(default=None, description="A font file; shipped fonts fill its gaps.")
    ink: str | None = Field(default=None, description="Colour of the letters.")
    active: str | None = Field(default=None, description="Colour of the word that is being said.")
    box: str | None = Field(default=None, description="Colour of the panel behind the lines.")
    size: float | None = Field(
        default=None, ge=0.02, le=0.2, description="Share of the short side."
    )
    position: Literal["bottom", "middle", "top"] | None = None
    capitals: bool = False

    def build(self) -> CaptionStyle:
        """The style to compose with."""
        return caption_style(
            self.style,
            font=self.font,
            ink=self.ink,
            active=self.active,
            box=self.box,
            size=self.size,
            position=self.position,
            capitals=self.capitals,
        )


class ScenePlan(_Strict):
    """One scene: somebody says something somewhere."""

    text: str | None = Field(default=None, max_length=100_000, description="What is said.")
    audio: Path | None = Field(default=None, description="A recording that is said instead.")
    avatar: str | None = Field(default=None, description="Who; by default as in the scene before.")
    voice: str | None = Field(default=None, description="By default as in the scene before.")
    emotion: str | None = Field(default=None, description="By default as in the scene before.")
    background: str | None = Field(
        default=None, description="See `visavis.scene.parse_background`."
    )
    layout: LayoutPlan = LayoutPlan()
    transition: Transition = Field(default=Transition.CUT, description="How the scene comes on.")

    @model_validator(mode="after")
    def _one_script(self) -> Self:
        if (self.text is None) == (self.audio is None):
            raise ValueError("give either text or audio")
        if self.text is not None and not self.text:
            raise ValueError("the text is empty")
        return self


class MusicPlan(_Strict):
    """Music under the whole film; see `visavis.scene.sound.MusicBed`."""

    path: Path
    volume: float = Field(default=1.0, ge=0, le=2)
    duck: float = Field(default=12.0, ge=0, le=40, description="Decibels down under speech.")


class WatermarkPlan(_Strict):
    """A logo or a line of text over the film; see `visavis.scene.Watermark`."""

    text: str = Field(default="", max_length=200)
    image: Path | None = Field(default=None, description="File of a logo.")
    corner: _Side = "top-right"
    opacity: float = Field(default=0.75, gt=0, le=1)
    scale: float = Field(default=0.07, ge=0.01, le=0.5, description="Height; share of short side.")

    def build(self) -> Watermark:
        """The watermark to compose with."""
        return Watermark(**self.model_dump())


class Storyboard(_Strict):
    """A film of up to 50 scenes."""

    scenes: Annotated[tuple[ScenePlan, ...], Field(min_length=1)]
    avatar: str | None = Field(default=None, description="Of every scene that names none.")
    voice: str | None = Field(default=None, description="Of every scene that names none.")
    aspect: str = "landscape"
    resolution: str = "720p"
    fps: int = 25
    captions: CaptionPlan | None = None
    music: MusicPlan | None = None
    intro: Path | None = Field(default=None, description="A video or image before the first scene.")
    outro: Path | None = Field(default=None, description="A video or image after the last.")
    watermark: str | WatermarkPlan | None = Field(
        default=None, description="A line of text, the path of a logo, or a plan of either."
    )
    speed: float = Field(default=1.0, ge=0.5, le=2, description="Rate of speech.")
    pitch: float = Field(default=0.0, ge=-6, le=6, description="Semitones up or down.")
    volume: float = Field(default=1.0, ge=0, le=2, description="Gain of the voices.")
    seed: int = Field(default=0, description="Other blinks, glances and nods.")
    test: bool = Field(default=False, description="Fast, small and marked as a test.")

    @property
    def canvas(self) -> Canvas:
        """The canvas of the film; a test has 360 lines."""
        return canvas(self.aspect, "360p" if self.test else self.resolution, self.fps)

    def filled(self) -> "tuple[ScenePlan, ...]":
        """The scenes, each with avatar, voice and emotion: its own or as in the one before."""
        avatar, voice, emotion = self.avatar, self.voice, None
        scenes = []
        for scene in self.scenes:
            avatar, voice = scene.avatar or avatar, scene.voice or voice
            emotion = scene.emotion or emotion
            scenes.append(
                scene.model_copy(update={"avatar": avatar, "voice": voice, "emotion": emotion})
            )
        return tuple(scenes)


def storyboard(
    source: str | Mapping[str, Any], values: Mapping[str, Any] | None = None
) -> Storyboard:
    """Read a film, and check all of it before anything is drawn.

    Args:
        source: JSON text or what it holds; texts in it may have ``{{variables}}``.
        values: what the variables stand for.

    Raises:
        SceneError: not JSON, an unknown or impossible field (named by its path), more than 50
            scenes, or a variable without a value.
    """
    plan = _decoded(source)
    scenes = plan.get("scenes")
    if isinstance(scenes, Sequence) and len(scenes) > MOST_SCENES:
        raise SceneError(
            f"The film has {len(scenes)} scenes; {MOST_SCENES} are the most.",
            "Make two films of it.",
        )
    return settled(filled(plan, values or {}))


def settled(plan: Mapping[str, Any]) -> Storyboard:
    """A film in which nothing is left to be replaced, checked like by `storyboard`.

    Raises:
        SceneError: as by `storyboard`.
    """
    try:
        film = Storyboard.model_validate(plan)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "The film"
        raise SceneError(f"{place}: {first['msg']}.") from error
    _check(film)
    return film


def batch(source: str | Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Storyboard]:
    """One film for every row of values, all checked before the first is drawn.

    Raises:
        SceneError: no rows, more than 100, or a row that does not make a film, named by number.
    """
    if not 1 <= len(rows) <= MOST_FILMS:
        raise SceneError(f"A batch has 1 to {MOST_FILMS} rows, this one {len(rows)}.")
    films = []
    for number, row in enumerate(rows, 1):
        try:
            films.append(storyboard(source, row))
        except SceneError as error:
            raise SceneError(f"Row {number}: {error.message}", error.remedy) from error
    return films


def variables(source: str | Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the variables in a template, in order of their first use."""
    return templates.variables(_decoded(source))


def _decoded(source: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(source, Mapping):
        return dict(source)
    try:
        plan = json.loads(source)
    except json.JSONDecodeError as error:
        raise SceneError(
            f"The film is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
    if not isinstance(plan, dict):
        raise SceneError("The film must be a JSON object with scenes.")
    return plan


def _check(film: Storyboard) -> None:
    """What the types do not say: names, files and combinations."""
    places: list[tuple[str, Callable[[], object]]] = [("The film", lambda: film.canvas)]
    if film.captions is not None:
        places.append(("captions", film.captions.build))
        places.append(("captions.font", partial(FontStack, film.captions.font)))
    if isinstance(film.watermark, WatermarkPlan):
        places.append(("watermark", film.watermark.build))
    for at, scene in enumerate(film.filled()):
        if (scene.background or "").strip().lower() == "transparent":
            raise SceneError(
                f"scenes.{at}.background: a film of scenes cannot be transparent.",
                "Make a single transparent video, as WebM.",
            )
        places.append((f"scenes.{at}.layout", scene.layout.build))
        places.append((f"scenes.{at}.background", partial(parse_background, scene.background)))
        if scene.avatar is None and scene.layout.name not in ("voice", "voice-over"):
            raise SceneError(f"scenes.{at}: nobody is named.", "Give an avatar.")
    files = [("intro", film.intro), ("outro", film.outro)]
    files += [(f"scenes.{at}.audio", scene.audio) for at, scene in enumerate(film.scenes)]
    for name, path in files:
        if path is not None and not path.exists():
            raise SceneError(f"{name}: there is no file {str(path)!r}.")
    for place, build in places:
        try:
            build()
        except SceneError as error:
            raise SceneError(f"{place}: {error.message}", error.remedy) from error
