"""Stock voices and people's own, in one list."""

import sqlalchemy as sa

from visavis.domain.core import Core
from visavis.domain.errors import FieldError
from visavis.domain.offer import VoiceInfo
from visavis.store.tables import Voice


class Voices:
    """What may be spoken with in a workspace."""

    def __init__(self, core: Core) -> None:
        self._database = core.database
        self._offers = core.offers

    def custom(self, workspace_id: str) -> list[VoiceInfo]:
        """The workspace's own voices that are ready, newest first."""
        with self._database.read() as session:
            query = sa.select(Voice).where(
                Voice.workspace_id == workspace_id, Voice.status == "ready"
            )
            return [
                self._info(row) for row in session.scalars(query.order_by(Voice.created_at.desc()))
            ]

    def all(self, workspace_id: str, scope: str = "all") -> list[VoiceInfo]:
        """Voices of ``all``, ``public`` or ``private`` scope."""
        own = [] if scope == "public" else self.custom(workspace_id)
        return own + ([] if scope == "private" else list(self._offers.get().voices))

    def find(self, workspace_id: str, slug: str) -> VoiceInfo:
        """The voice of this slug.

        Raises:
            FieldError: there is none in this workspace.
        """
        wanted = slug.strip().casefold()
        for voice in self._offers.get().voices:
            if voice.slug.casefold() == wanted:
                return voice
        with self._database.read() as session:
            row = session.scalar(
                sa.select(Voice).where(
                    Voice.workspace_id == workspace_id, Voice.id == slug, Voice.status == "ready"
                )
            )
        if row is None:
            raise FieldError(
                "voice", f"There is no voice {slug[:80]!r}.", "List the voices first.", "not_found"
            )
        return self._info(row)

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
        )
