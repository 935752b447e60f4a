"""Avatars of people, kept in a folder of this installation."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from visavis.errors import SourceError
from visavis.face import SourceWarning, load_image
from visavis.line.own_voice import (
    VOICE_RATE,
    VoiceMaker,
    add_voice,
    learn_voice,
    matched_voice,
    own_voice,
)
from visavis.line.person import AvatarError, Consent, Person
from visavis.media import decode_audio, picture_at, probe, write_cover
from visavis.rigs import Rig, load
from visavis.settings import settings

if TYPE_CHECKING:
    from visavis.speech.person import PersonVoice

Progress = Callable[[float, str], None]
RIG, FACTS, COVER, PREVIEW = "person.avatar", "avatar.json", "cover.jpg", "preview.mp4"
SOUND = "voice.m4a"
"""The recording of the voice, kept with an avatar that speaks with its own."""
DEFAULT_VOICE = "en-US-heart"
PREVIEW_TEXT = "Hello! This is my avatar. Whatever you write, I will say it."
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


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
        make_voice: VoiceMaker = matched_voice,
        progress: Progress | None = None,
    ) -> Person:
        """Make an avatar; it is there whole or not at all.

        Args:
            name: what to call it.
            consent: who agreed, and to what.
            video: a clip of 4 to 15 s; the avatar moves as the person does in it.
            image: a photograph; alone the avatar is made of it, beside a clip it is the cover.
            audio: a recording of the voice; the clip's own sound by default.
            voice: slug of a stock voice; then no sound is needed, and no voice is made of it.
            make_voice: makes the person's own voice of the sound. Where it cannot, a stock voice
                speaks and a warning says why.
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
            own = None
            if voice is None and sound is not None:
                tell(0.92, "learning the voice")
                own = learn_voice(sound, folder / RIG, folder / SOUND, make_voice, warnings)
            person = Person(
                name,
                rig.kind,
                rig.size,
                voice or (own.nearest if own else DEFAULT_VOICE),
                own is not None,
                consent,
                datetime.now(UTC).isoformat(timespec="seconds"),
                tuple(warnings),
                figures,
                own.cosines if own else {},
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
        rig = PortraitRig.create(picture)
        warnings.extend(rig.warnings)
        write_cover(folder / COVER, np.ascontiguousarray(picture[..., :3]))
        return rig

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

    def voice(self, name: str) -> "PersonVoice | str":
        """What an avatar speaks with: its own voice, or the slug of a stock voice.

        Raises:
            AvatarError: there is none of that name.
            VoiceError: its voice is damaged.
        """
        person = self.get(name)
        return own_voice(self.folder / name / RIG) or person.voice

    def improve_voice(
        self, name: str, progress: Callable[[float], None] | None = None
    ) -> "PersonVoice":
        """Fit an avatar's own voice to its recording, which takes minutes and the extra ``clone``.

        The fitted voice takes the place of the matched one where it is better; what comes back is
        what the avatar speaks with from now on, and its notes say what failed.

        Raises:
            AvatarError: there is no such avatar, or it has no voice of its own.
            VoiceError: the extra is not installed.
            FitError: the fit did not work; the voice stays as it was.
        """
        from visavis.speech.person import fit_voice

        person, now = self.get(name), self.voice(name)
        if isinstance(now, str):
            raise AvatarError(
                f"The avatar {name!r} has no voice of its own.",
                "Create it again with a recording, and without --voice.",
            )
        samples = np.concatenate(list(decode_audio(self.folder / name / SOUND, VOICE_RATE)))
        better = fit_voice(samples, VOICE_RATE, now, progress=progress)
        add_voice(self.folder / name / RIG, better.members())
        if better.similarity:
            told = replace(person, similarity=better.cosines)
            facts = self.folder / name / f".{FACTS}"
            facts.write_text(json.dumps(asdict(told), indent=1), "utf-8")
            facts.replace(self.folder / name / FACTS)
        return better

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

        target = output if output is not None else self.path(name, PREVIEW)
        request = Request(text=text, avatar=name, voice=self.voice(name))
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
