"""Stock voices and people's own, in one list."""

import re
import time
import unicodedata
from typing import Any

import sqlalchemy as sa

from visavis.domain.core import Core
from visavis.domain.errors import FieldError, NotFoundError
from visavis.domain.offer import VoiceInfo
from visavis.store.tables import Asset, Avatar, Voice, new_id

MIN_SECONDS, MAX_SECONDS = 4.0, 15.0
"""How long a recording of a voice may be."""


class Voices:
    """What may be spoken with in a workspace."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._database = core.database
        self._offers = core.offers

    def create(
        self,
        workspace_id: str,
        name: str,
        recording: Asset,
        *,
        language: str = "",
        consent: dict[str, Any],
        id: str | None = None,
    ) -> VoiceInfo:
        """Start making a voice of a recording.

        Args:
            workspace_id: who owns it.
            name: for people.
            recording: sound of one person, or a video of one speaking.
            language: BCP 47 tag of what it shall speak; found by listening where empty.
            consent: who said so, when and how; kept with the voice.
            id: what its slug must end with; asking twice with one id makes one voice.

        Raises:
            FieldError: no name, a language that is not offered, a recording of a wrong length.
        """
        if not name.strip() or len(name) > 200:
            raise FieldError("name", "A voice's name has 1 to 200 characters.")
        offered = {voice.language for voice in self._offers.get().voices}
        if language and language not in offered:
            raise FieldError(
                "language", f"No voice speaks {language[:40]!r}.", f"Use {', '.join(offered)}."
            )
        seconds = float(recording.meta.get("duration", 0.0))
        if not recording.meta.get("has_sound") or not (
            MIN_SECONDS - 0.05 <= seconds <= MAX_SECONDS + 0.05
        ):
            raise FieldError(
                "audio_url",
                f"The recording has {seconds:.1f} s of sound.",
                f"It must last {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} s.",
                "invalid_source",
            )
        row = Voice(
            id=f"{_slug(name)}-{(id or new_id()).replace('-', '')[:12]}",
            workspace_id=workspace_id,
            name=name.strip(),
            language=language or "en-US",
            status="pending",
            source=recording.id,
            consent={**consent, "at": time.time()},
        )
        with self._database.write() as session:
            if found := session.get(Voice, row.id):
                return self._info(found)
            session.add(row)
            session.flush()
            self._core.jobs.create_voice(session, row.id)
        return self._info(row)

    def get(self, workspace_id: str, slug: str) -> VoiceInfo:
        """One of the workspace's own voices, however far it is.

        Raises:
            NotFoundError: none.
        """
        return self._info(self._own(workspace_id, slug))

    def delete(self, workspace_id: str, slug: str) -> None:
        """Remove an own voice with its files; avatars that spoke with it get a stock voice again.

        Raises:
            NotFoundError: none of this workspace's own.
        """
        row = self._own(workspace_id, slug)
        with self._database.write() as session:
            session.execute(
                sa.update(Avatar)
                .where(Avatar.workspace_id == workspace_id, Avatar.voice == row.id)
                .values(voice=row.base)
            )
            session.execute(sa.delete(Voice).where(Voice.id == row.id))
        self._core.blobs.delete_under(voice_folder(row))

    def _own(self, workspace_id: str, slug: str) -> Voice:
        with self._database.read() as session:
            row = session.scalar(
                sa.select(Voice).where(Voice.workspace_id == workspace_id, Voice.id == slug)
            )
        if row is None:
            raise NotFoundError("voice of your own", slug)
        return row

    def custom(self, workspace_id: str, *, ready: bool = True) -> list[VoiceInfo]:
        """The workspace's own voices, newest first.

        Args:
            workspace_id: whose.
            ready: only those that can speak.
        """
        query = sa.select(Voice).where(Voice.workspace_id == workspace_id)
        if ready:
            query = query.where(Voice.status == "ready")
        with self._database.read() as session:
            rows = session.scalars(query.order_by(Voice.created_at.desc()))
            return [self._info(row) for row in rows]

    def all(self, workspace_id: str, scope: str = "all") -> list[VoiceInfo]:
        """Voices of ``all``, ``public`` or ``private`` scope."""
        own = [] if scope == "public" else self.custom(workspace_id)
        return own + ([] if scope == "private" else list(self._offers.get().voices))

    def find(self, workspace_id: str, slug: str) -> VoiceInfo:
        """The voice of this slug, ready to speak.

        Raises:
            FieldError: there is none in this workspace, or it is not ready.
        """
        wanted = slug.strip().casefold()
        for voice in self._offers.get().voices:
            if voice.slug.casefold() == wanted:
                return voice
        try:
            row = self._own(workspace_id, slug)
        except NotFoundError as error:
            raise FieldError(
                "voice", f"There is no voice {slug[:80]!r}.", "List the voices first.", "not_found"
            ) from error
        if row.status != "ready":
            raise FieldError(
                "voice",
                f"The voice {slug[:80]!r} is {row.status}.",
                row.error_message or "Wait until it is ready.",
            )
        return self._info(row)

    def similarities(self, workspace_id: str) -> dict[str, dict[str, float]]:
        """How like their people the workspace's own voices sound, by slug."""
        with self._database.read() as session:
            rows = session.execute(
                sa.select(Voice.id, Voice.similarity).where(Voice.workspace_id == workspace_id)
            )
            return {slug: similarity for slug, similarity in rows if similarity}

    def _info(self, row: Voice) -> VoiceInfo:
        names = {voice.language: voice.language_name for voice in self._offers.get().voices}
        return VoiceInfo(
            slug=row.id,
            name=row.name,
            language=row.language,
            language_name=names.get(row.language, row.language),
            gender=row.gender,
            public=False,
            key=row.key,
            base=row.base,
            source=row.source or "",
            status=row.status,
            problem=row.error_message,
            similarity=row.similarity,
        )


def voice_folder(row: Voice) -> str:
    """Where the files of an own voice are kept."""
    return f"voices/{row.workspace_id}/{row.id}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "voice"
