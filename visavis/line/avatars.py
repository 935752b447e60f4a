"""Find the avatar that a request names: a rig file, a photograph, a clip, or a presenter."""

from pathlib import Path
from typing import TYPE_CHECKING

from visavis.errors import SourceError
from visavis.line.own_voice import own_voice
from visavis.line.people import DEFAULT_VOICE, People
from visavis.rigs import Rig, load
from visavis.rigs.character import catalogue, presenter
from visavis.rigs.character import people as stock_people

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice

RIG_SUFFIX = ".avatar"
"""What files of saved rigs end in."""

CLIP_SUFFIXES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")
"""What files of clips end in."""


def presenters() -> tuple[str, ...]:
    """Names of all stock presenters, in each of their looks."""
    return tuple(one.name for one in catalogue())


def open_avatar(source: str | Path) -> Rig:
    """A rig, made on the spot where it is not one yet.

    Args:
        source: path of a rig file, of an image or of a clip of one person, or the name of an
            avatar made by `People.create` or of a stock presenter.

    Raises:
        SourceError: there is nothing of that name, or the source cannot become an avatar.
        RigError: the rig file is damaged.
    """
    name = str(source)
    path = Path(source)
    if path.suffix.lower() == RIG_SUFFIX:
        return load(path)
    if path.suffix.lower() in CLIP_SUFFIXES and path.exists():
        return _footage(path)
    if path.exists():
        return _portrait(path)
    people = People()
    if people.has(name):
        return people.rig(name)
    if name in presenters():
        return presenter(name).open()
    known = ", ".join(one.name for one in stock_people())
    raise SourceError(
        f"There is no avatar {name!r}: no such file, and no presenter of that name.",
        f"Give the path of a photograph or clip, or one of: {known}.",
        check="exists",
    )


def voice_of(source: str | Path | None) -> "str | PersonVoice":
    """What an avatar speaks with where nobody says otherwise.

    Args:
        source: as for `open_avatar`, or None for nobody.

    Returns:
        The person's own voice where there is one, else the slug of a stock voice: that of the
        presenter, or `DEFAULT_VOICE`.

    Raises:
        RigError: the rig file is damaged.
        VoiceError: the voice in it is.
    """
    path = Path(source) if source is not None else Path()
    if path.suffix.lower() == RIG_SUFFIX and path.is_file():
        return own_voice(path) or DEFAULT_VOICE
    name = str(source)
    if source is None or path.exists():
        return DEFAULT_VOICE
    people = People()
    if people.has(name):
        return people.voice(name)
    return presenter(name).voice if name in presenters() else DEFAULT_VOICE


def _portrait(path: Path) -> Rig:
    from visavis.face import load_image
    from visavis.rigs.portrait import PortraitRig

    return PortraitRig.create(load_image(path))


def _footage(path: Path) -> Rig:
    from visavis.rigs.footage import create_footage

    return create_footage(path)
