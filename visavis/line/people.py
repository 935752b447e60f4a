"""Avatars of people, kept in a folder of this installation."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from visavis.errors import InvalidInputError, SourceError
from visavis.face import SourceWarning, check_portrait, load_image
from visavis.media import decode_audio, picture_at, probe, write_cover
from visavis.rigs import Rig, RigFile, load, read_rig, write_rig
from visavis.settings import settings
from visavis.speech.types import Samples

Progress = Callable[[float, str], None]
VoiceMaker = Callable[[Samples, int], Mapping[str, bytes]]
"""From mono samples of one person and their rate to the files of that person's voice."""

RIG, FACTS, COVER, PREVIEW = "person.avatar", "avatar.json", "cover.jpg", "preview.mp4"
VOICE_MEMBERS = "voice/"
VOICE_RATE = 24_000
DEFAULT_VOICE = "en-US-heart"
PREVIEW_TEXT = "Hello! This is my avatar. Whatever you write, I will say it."
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class AvatarError(InvalidInputError):
    """An avatar that does not exist, exists already or may not be made."""

    code = "invalid_avatar"


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person agrees to be made an avatar of.

    Attributes:
        statement: what was agreed to, in their own words.
        by: who agreed.
        at: when it was recorded, ISO 8601 in UTC; now by default.
    """

    statement: str
    by: str
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        if len(self.statement.strip()) < 10 or len(self.by.strip()) < 2:
            raise AvatarError(
                "An avatar of a person needs a statement of consent and the name of who gave it.",
                'Say for example: "I agree that an avatar is made of me from this clip."',
            )


@dataclass(frozen=True, slots=True)
class Person:
    """An avatar of a person as it is kept.

    Attributes:
        name: what it is called by, lower-case letters, digits and hyphens.
        kind: kind of its rig.
        size: native width and height in pixels.
        voice: slug of the stock voice it speaks with unless another is asked for.
        own_voice: whether the rig file carries the person's own voice.
        consent: who agreed, and to what.
        created: ISO 8601 in UTC.
        warnings: what could be better, as the checks said.
        figures: what the checks measured on the sound; empty without.
    """

    name: str
    kind: str
    size: tuple[int, int]
    voice: str
    own_voice: bool
    consent: Consent
    created: str
    warnings: tuple[SourceWarning, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


class People:
    """The avatars in one folder.

    Args:
        folder: where they are; ``avatars`` in the data folder of the installation by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else settings().data_dir / "avatars"

    def create(
        self,
        name: str,
        consent: Consent,
        *,
        video: Path | None = None,
        image: Path | None = None,
        audio: Path | None = None,
        voice: str | None = None,
        make_voice: VoiceMaker | None = None,
        progress: Progress | None = None,
    ) -> Person:
        """Make an avatar; it is there whole or not at all.

        Args:
            name: what to call it.
            consent: who agreed, and to what.
            video: a clip of 4 to 15 s; the avatar moves as the person does in it.
            image: a photograph; alone the avatar is made of it, beside a clip it is the cover.
            audio: a recording of the voice; the clip's own sound by default.
            voice: slug of a stock voice; then no sound is needed.
            make_voice: makes the person's own voice of the sound; without it a stock voice speaks.
            progress: told the share that is done and what is being done.

        Raises:
            AvatarError: the name is taken or no name, or there are no sources.
            SourceError: a source cannot be used; `check` names why.
            MediaError: a source cannot be decoded.
        """
        self._check_name(name)
        tell = progress or (lambda _share, _what: None)
        with _new_folder(self.folder) as folder:
            tell(0.0, "checking")
            if video is None and image is None:
                raise AvatarError(
                    "There is nothing to make an avatar of.", "Give a video or an image."
                )
            if voice is not None:
                from visavis.speech import find_voice

                voice = find_voice(voice).slug
            sound = audio if audio is not None else video
            warnings: list[SourceWarning] = []
            figures: dict[str, float] = {}
            if voice is None or audio is not None:
                figures = _heard(sound, warnings)
            rig = self._rig(video, image, folder, warnings, tell)
            rig.save(folder / RIG)
            own = bool(make_voice is not None and sound is not None and figures)
            if make_voice is not None and sound is not None and own:
                tell(0.95, "learning the voice")
                samples = np.concatenate(list(decode_audio(sound, VOICE_RATE)))
                add_voice(folder / RIG, make_voice(samples, VOICE_RATE))
            person = Person(
                name,
                rig.kind,
                rig.size,
                voice or DEFAULT_VOICE,
                own,
                consent,
                datetime.now(UTC).isoformat(timespec="seconds"),
                tuple(warnings),
                figures,
            )
            (folder / FACTS).write_text(json.dumps(asdict(person), indent=1), "utf-8")
            self._publish(folder, name)
        tell(1.0, "done")
        return person

    def _check_name(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise AvatarError(
                f"{name!r} is no name for an avatar.",
                "Use up to 64 lower-case letters, digits and hyphens.",
            )
        if (self.folder / name).exists():
            raise AvatarError(
                f"There is an avatar {name!r} already.", "Choose another name, or delete it."
            )

    def _rig(
        self,
        video: Path | None,
        image: Path | None,
        folder: Path,
        warnings: list[SourceWarning],
        tell: Progress,
    ) -> Rig:
        picture = load_image(image) if image is not None else None
        if video is not None:
            from visavis.rigs.footage import create_footage

            footage = create_footage(video, progress=lambda share, what: tell(0.9 * share, what))
            warnings.extend(SourceWarning(**one) for one in footage.notes["warnings"])
            cover = picture if picture is not None else picture_at(video, 0.5)
            write_cover(folder / COVER, np.ascontiguousarray(cover[..., :3]))
            return footage
        from visavis.rigs.portrait import PortraitRig

        assert picture is not None  # noqa: S101
        tell(0.2, "looking at the picture")
        warnings.extend(check_portrait(picture).warnings)
        write_cover(folder / COVER, np.ascontiguousarray(picture[..., :3]))
        return PortraitRig.create(picture)

    def _publish(self, folder: Path, name: str) -> None:
        try:
            folder.rename(self.folder / name)
        except OSError as error:
            raise AvatarError(
                f"The avatar {name!r} cannot be kept: {error.strerror}.",
                f"Look at the folder {self.folder}.",
            ) from error

    def all(self) -> tuple[Person, ...]:
        """Every avatar, by name."""
        if not self.folder.is_dir():
            return ()
        names = sorted(entry.parent.name for entry in self.folder.glob(f"[!.]*/{FACTS}"))
        return tuple(self.get(name) for name in names)

    def has(self, name: str) -> bool:
        """Whether there is an avatar of a name."""
        return _NAME.fullmatch(name) is not None and (self.folder / name / FACTS).is_file()

    def get(self, name: str) -> Person:
        """One avatar.

        Raises:
            AvatarError: there is none of that name, or its facts are damaged.
        """
        if not self.has(name):
            raise AvatarError(
                f"There is no avatar {name!r}.", "`visavis avatar list` shows what there is."
            )
        try:
            facts: dict[str, Any] = json.loads((self.folder / name / FACTS).read_text("utf-8"))
            facts["size"] = tuple(facts["size"])
            facts["consent"] = Consent(**facts["consent"])
            facts["warnings"] = tuple(SourceWarning(**one) for one in facts["warnings"])
            return Person(**facts)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise AvatarError(
                f"What is known of the avatar {name!r} is damaged ({error}).",
                "Delete it and create it again.",
            ) from error

    def rig(self, name: str) -> Rig:
        """The rig of an avatar.

        Raises:
            AvatarError: there is none of that name.
            RigError: its file is damaged.
        """
        self.get(name)
        return load(self.folder / name / RIG)

    def path(self, name: str, file: str) -> Path:
        """Where one of an avatar's files lies: `RIG`, `COVER` or `PREVIEW`."""
        return self.folder / name / file

    def preview(self, name: str, output: Path | None = None, text: str = PREVIEW_TEXT) -> Path:
        """Make a video in which an avatar speaks a sentence.

        Args:
            name: of the avatar.
            output: path of the video; beside the avatar by default.
            text: what it says.

        Raises:
            VisavisError: there is no such avatar, or the video cannot be made.
        """
        from visavis.line.render import render
        from visavis.line.request import Request

        person = self.get(name)
        target = output if output is not None else self.path(name, PREVIEW)
        request = Request(text=text, avatar=name, voice=person.voice)
        render(request, target, rig=self.rig(name))
        return target

    def delete(self, name: str) -> None:
        """Remove an avatar with all its files.

        Raises:
            AvatarError: there is none of that name.
        """
        self.get(name)
        # Out of sight at once, even if removing the files is cut short.
        hidden = Path(tempfile.mkdtemp(prefix=".gone-", dir=self.folder))
        (self.folder / name).rename(hidden / name)
        shutil.rmtree(hidden)


def add_voice(rig: Path, members: Mapping[str, bytes]) -> None:
    """Put the files of a person's voice into a rig file, in place of those it had."""
    content = read_rig(rig)
    kept = {n: data for n, data in content.members.items() if not n.startswith(VOICE_MEMBERS)}
    added = {f"{VOICE_MEMBERS}{name}": data for name, data in members.items()}
    write_rig(rig, RigFile(content.kind, content.meta, kept | added))


def voice_members(rig: Path) -> dict[str, bytes]:
    """The files of the person's voice that a rig file carries, by the names they were given."""
    members = read_rig(rig).members.items()
    return {n.removeprefix(VOICE_MEMBERS): d for n, d in members if n.startswith(VOICE_MEMBERS)}


def _heard(sound: Path | None, warnings: list[SourceWarning]) -> dict[str, float]:
    from visavis.rigs.footage.voice_check import check_voice

    if sound is None:
        raise SourceError(
            "There is no recording of the voice.",
            "Give an audio file of 4 to 15 s, or choose a stock voice.",
            check="sound",
        )
    if probe(sound).audio is None:
        raise SourceError(
            f"{sound.name} has no sound.",
            "Give a recording of the voice beside it, or choose a stock voice.",
            check="sound",
        )
    figures, poor = check_voice(sound)
    warnings.extend(poor)
    return asdict(figures)


@contextmanager
def _new_folder(parent: Path) -> Iterator[Path]:
    """A folder that is gone at the end, unless it was moved to its place."""
    parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    try:
        yield path
    finally:
        if path.exists():
            shutil.rmtree(path)
