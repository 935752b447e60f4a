"""What this installation can make: voices, presenters, sizes and backgrounds.

Gathered from the rendering line once, by the process that prepares the installation, and kept in
the database, so that the API needs neither the line nor its models in memory.
"""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any, cast

from sqlalchemy.orm import Session

from visavis.errors import ModelError, VoiceError
from visavis.store.database import Database
from visavis.store.tables import Offered

NAME = "offer"


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice as everybody is shown it.

    Attributes:
        slug: readable id, e.g. ``"en-US-heart"``.
        language: BCP 47 tag; `language_name` in English words.
        key: blob of a fitted voice, None for stock voices.
        base: stock voice that a fitted voice starts from.
        source: id of the recording that a person's own voice was made of.
        status: ``"ready"``, or how far a person's own voice is.
        problem: why it failed.
        similarity: how like the person it sounds, see `visavis.speech.person.Similarity`; empty
            for stock voices.
    """

    slug: str
    name: str
    language: str
    language_name: str
    gender: str
    public: bool = True
    key: str | None = None
    base: str = ""
    source: str = ""
    status: str = "ready"
    problem: str | None = None
    similarity: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StockAvatar:
    """A presenter that ships with the product.

    Attributes:
        slug: stable name, also what the line is asked for.
        voice: slug of the voice that suits it.
        attributes: gender, age, style, scene, ethnicity and aspect_ratio in JoggAI's words.
        cover: path of its picture, empty where there is none.
    """

    slug: str
    name: str
    voice: str
    attributes: dict[str, str] = field(default_factory=dict)
    cover: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be asked for.

    Attributes:
        resolutions: name to short side in pixels.
        aspects: names of shapes.
        backgrounds: names of backgrounds, colours among them.
        emotions: ways of speaking.
        features: names of what a request to the line can say, e.g. ``audio`` or ``captions``.
        caption_styles: ways captions look.
    """

    voices: tuple[VoiceInfo, ...]
    resolutions: dict[str, int]
    aspects: tuple[str, ...]
    backgrounds: tuple[str, ...]
    emotions: tuple[str, ...]
    features: tuple[str, ...]
    caption_styles: tuple[str, ...] = ("classic",)


def gather() -> Offer:
    """Ask the line; imports it."""
    from visavis.line import Request
    from visavis.performance import EMOTIONS
    from visavis.scene import ASPECTS, RESOLUTIONS, STYLES, background_names
    from visavis.scene.colours import NAMES
    from visavis.speech import voices

    return Offer(
        voices=tuple(
            VoiceInfo(item.slug, item.name, item.language, item.language_name, item.gender)
            for item in voices()
            if _spoken(item.language)
        ),
        resolutions=dict(RESOLUTIONS),
        aspects=("auto", *ASPECTS),
        backgrounds=("own", "blur", *background_names(), *NAMES),
        emotions=tuple(EMOTIONS),
        features=(*(item.name for item in fields(Request)), *_listening()),
        caption_styles=tuple(STYLES),
    )


def _listening() -> tuple[str, ...]:
    """``transcription`` where the words of a recording can be found."""
    from visavis.speech.transcription import can_listen

    return ("transcription",) if can_listen() else ()


@cache
def _spoken(language: str) -> bool:
    """Whether the packages that a language needs are installed."""
    from visavis.speech.reading import reader

    try:
        reader(language)
    except VoiceError:
        return False
    except ModelError:
        return True  # fetched when first spoken
    return True


def presenters(source: str) -> list[StockAvatar]:
    """The stock presenters.

    Args:
        source: ``module:function`` that lists them.
    """
    module, _, name = source.partition(":")
    return list(cast(Iterable[StockAvatar], getattr(importlib.import_module(module), name)()))


def keep(session: Session, offer: Offer) -> None:
    """Write an offer down."""
    session.merge(Offered(name=NAME, value=asdict(offer)))


class Offers:
    """The offer that was written down, read once per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offer: Offer | None = None

    def get(self) -> Offer:
        """What may be asked for."""
        if self._offer is None:
            with self._database.read() as session:
                self._offer = _restored(session.get_one(Offered, NAME).value)
        return self._offer


def _restored(value: dict[str, Any]) -> Offer:
    return Offer(
        voices=tuple(VoiceInfo(**voice) for voice in value["voices"]),
        resolutions=value["resolutions"],
        aspects=tuple(value["aspects"]),
        backgrounds=tuple(value["backgrounds"]),
        emotions=tuple(value["emotions"]),
        features=tuple(value["features"]),
        caption_styles=tuple(value.get("caption_styles", ("classic",))),
    )
