"""All live sessions of this server: begun, watched, ended."""

import asyncio
import logging
import socket
import time
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio import to_thread

from visavis.domain.errors import FieldError, NotFoundError
from visavis.errors import VisavisError
from visavis.jobs.service import Service
from visavis.live.agent.config import AgentConfig
from visavis.live.errors import AgentError, SessionOverError, SlotsError
from visavis.live.service.agents import AgentPool
from visavis.live.service.knowledge import Knowledge, documents_of
from visavis.live.service.order import EMOTIONS, HEARING, LiveOrder
from visavis.live.service.records import Records
from visavis.live.service.rooms import end_room, open_room, rooms_of
from visavis.live.service.session import AVATAR, CLIENT, Session
from visavis.live.settings import LiveSettings
from visavis.store.live_tables import LiveSession
from visavis.store.tables import Avatar, new_id

log = logging.getLogger(__name__)

NOTHING_PRIVATE: dict[str, Any] = {
    "prompt": "",
    "opening": "",
    "documents": [],
    "model": {},
    "hearing": {},
    "elevenlabs": {},
}
"""What a spare agent is not told of the session before."""

LOOK_EVERY = 1.0
MARGIN = 60.0


class Sessions:
    """Live sessions on one machine.

    Args:
        service: the domain.
        settings: of live sessions.
    """

    def __init__(self, service: Service, settings: LiveSettings) -> None:
        self.service = service
        self.settings = settings
        core = service.core
        host = f"{socket.gethostname()}:{core.settings.port}"
        self.records = Records(core.database, host)
        self.knowledge = Knowledge(core.database)
        self.rooms = rooms_of(settings)
        self.pool = AgentPool(settings.spares, self._likely)
        self._last: AgentConfig | None = None
        self._on: dict[str, Session] = {}
        self._opening = 0
        self._watching: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()

    # The server's own life ----------------------------------------------------------------------

    async def open(self) -> None:
        """Close what a former life left open, and warm up."""
        await to_thread.run_sync(self.records.close_left_over)
        self._watching = asyncio.create_task(self._watch())
        self.pool.refill()
        self._keep(self._open_rooms())

    async def _open_rooms(self) -> None:
        """Start the room server, so that the first session need not wait for it."""
        try:
            await self.rooms.place()
        except VisavisError as error:
            log.warning("rooms are not open yet: %s", error.message)

    async def _likely(self) -> dict[str, Any] | None:
        """What is likely to be asked for next: the same as last, at first the default."""
        if self._last is not None:
            return self._last.to_json()
        try:
            avatar = await to_thread.run_sync(self.avatar, "", "default")
            return AgentConfig(avatar=await to_thread.run_sync(self._rig, avatar)).to_json()
        except VisavisError:
            return None

    async def close(self) -> None:
        """End every session and every process."""
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(self.end(item, "server_stopped") for item in [*self._on.values()]))
        await self.pool.close()
        await self.rooms.close()

    async def _watch(self) -> None:
        """End what was idle, long or left for too long."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            for session in [*self._on.values()]:
                if reason := self._why_end(session, now):
                    self._spawn(session, reason)

    def _why_end(self, session: Session, now: float) -> str:
        idle = session.order.idle_seconds
        if now - session.opened > session.limit:
            return "duration_limit"
        if idle and session.idle(now) > idle:
            return "idle_timeout"
        if session.people_left and now - session.people_left > self.settings.gone_seconds:
            return "caller_left"
        return ""

    def _spawn(self, session: Session, reason: str) -> None:
        self._keep(self.end(session, reason))

    def _keep(self, chore: Coroutine[Any, Any, None]) -> None:
        """Let something run until it is done."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    # A session's life ---------------------------------------------------------------------------

    async def begin(self, workspace: str, order: LiveOrder, token_id: str = "") -> Session:
        """Make a session: its room, its agent, its record.

        Args:
            workspace: whose.
            order: what is asked.
            token_id: the session token that it is opened with; bound to it.

        Raises:
            VisavisError: something that was asked is not there, or every slot is taken.
        """
        config = await to_thread.run_sync(self._config, workspace, order)
        if len(self._on) + self._opening >= self.settings.slots:
            raise SlotsError(
                f"All {self.settings.slots} places for live sessions are taken.", retry_after=30
            )
        self._opening += 1
        try:
            return await self._begin(workspace, order, config, token_id)
        finally:
            self._opening -= 1

    async def _begin(
        self, workspace: str, order: LiveOrder, config: AgentConfig, token_id: str
    ) -> Session:
        name = new_id()
        place = await self.rooms.place()
        limit = float(self.settings.max_seconds)
        if token_id:
            await to_thread.run_sync(self.records.bind, token_id, name, limit + MARGIN)
        if not order.room_url:
            await open_room(place, name)
        row = LiveSession(
            id=name,
            workspace_id=workspace,
            avatar_id=order.avatar[:64],
            status="new",
            request={"quality": order.quality, "codec": order.codec, "voice": config.voice},
            host=self.records.host,
        )
        await to_thread.run_sync(self.records.add, row)
        agent = await self.pool.take()
        session = Session(
            id=name,
            workspace=workspace,
            order=order,
            place=place,
            url=order.room_url or place.public,
            token="" if order.room_url else place.keys.token(name, CLIENT, seconds=limit + MARGIN),
            limit=limit,
            agent=agent,
            hearing=config.hearing.get("provider", HEARING[0]),
        )
        self._on[name] = session
        self._keep(self._follow(session))
        self._last = replace(config, **NOTHING_PRIVATE)
        await session.open(config)
        return session

    async def start(self, session: Session) -> None:
        """Let the avatar enter the room.

        Raises:
            AgentError: it could not; the session is over.
        """
        order, place = session.order, session.place
        url = order.room_url or place.url
        token = order.room_token or place.keys.token(
            session.id, AVATAR, seconds=session.limit + MARGIN, agent=True
        )
        try:
            fresh = await session.start(url, token)
        except AgentError as error:
            await self.end(session, error.code)
            raise
        if fresh:
            await to_thread.run_sync(self.records.begin, session.id)
            self.pool.refill()

    async def _follow(self, session: Session) -> None:
        """End the session with its agent."""
        await session.agent.ended.wait()
        if not session.ending:
            log.warning("an agent process died", extra={"session": session.id})
            await self.end(session, "agent_crashed")

    async def end(self, session: Session, reason: str) -> None:
        """End a session and free everything of it; the second call does nothing."""
        if session.ending:
            return
        seconds = session.seconds
        session.ending = reason
        session.hear({"type": "session_over", "reason": reason})
        self._on.pop(session.id, None)
        await session.agent.end()
        if not session.order.room_url:
            await end_room(session.place, session.id)
        await to_thread.run_sync(self.records.end, session.id, reason, seconds)
        self.pool.refill()

    async def get(self, workspace: str, session_id: str) -> Session:
        """A session that is on.

        Raises:
            NotFoundError: there is none of this workspace.
            SessionOverError: it has ended.
        """
        session = self._on.get(session_id)
        if session is not None and session.workspace == workspace:
            return session
        row = await to_thread.run_sync(self.records.find, workspace, session_id)
        raise SessionOverError(
            f"This session has ended ({row.end_reason or row.status}).", "Start a new session."
        )

    # What was asked -----------------------------------------------------------------------------

    def avatar(self, workspace: str, name: str) -> Avatar:
        """The avatar of an order.

        Raises:
            NotFoundError: there is none.
            FieldError: it is not ready.
        """
        avatars = self.service.avatars
        if name in ("", "default"):
            rows, _ = avatars.page(workspace, "public", size=1)
            if not rows:
                raise NotFoundError("avatar", "default")
            return rows[0]
        try:
            row = avatars.find(workspace, name, by="label")
        except NotFoundError:
            row = avatars.find(workspace, name)
        if row.status != "ready":
            raise FieldError("avatar", f"The avatar {name[:80]!r} is {row.status}.", "Wait for it.")
        return row

    def _config(self, workspace: str, order: LiveOrder) -> AgentConfig:
        avatar = self.avatar(workspace, order.avatar)
        voice, own_voice, elevenlabs = self._voice(workspace, order, avatar)
        prompt, documents, opening = order.prompt, [], order.opening
        if order.knowledge_base:
            base = self.knowledge.find(workspace, order.knowledge_base)
            prompt = f"{base.prompt}\n\n{prompt}".strip()
            documents, opening = documents_of(base), opening or base.opening
        documents = documents or [{"title": "Notes", "text": prompt}] if prompt else documents
        return AgentConfig(
            avatar=self._rig(avatar),
            voice=voice,
            own_voice=own_voice,
            speed=order.speed,
            emotion=EMOTIONS[order.emotion.casefold()],
            quality=order.quality,
            codec=order.codec,
            language=order.language.split("-")[0].lower(),
            identity=CLIENT,
            confidence=order.confidence,
            prompt=prompt,
            opening=opening,
            documents=documents,
            model=self.settings.model,
            hearing=self._hearing(order),
            elevenlabs=elevenlabs,
            lip_sync_only=order.lip_sync_only,
            room_audio=order.room_audio,
            silence_response=order.silence_response,
        )

    def _voice(
        self, workspace: str, order: LiveOrder, avatar: Avatar
    ) -> tuple[str, str, dict[str, Any]]:
        """Slug of a stock voice and path of the person's own, or a voice of ElevenLabs.

        Raises:
            FieldError: there is no such voice, or no key for it.
        """
        default = avatar.voice or "en-US-heart"
        try:
            voice = self.service.voices.find(workspace, order.voice or default)
        except FieldError as error:
            if order.elevenlabs is None or error.code != "not_found":
                raise
            service = self.settings.service("elevenlabs")
            if not service:
                raise FieldError(
                    "voice.voice_id",
                    f"The voice {order.voice[:80]!r} is none of ours, and no key of ElevenLabs is"
                    " set.",
                    "Set VISAVIS_LIVE_ELEVENLABS_KEY, or use a voice of this server.",
                ) from None
            return "", "", {**order.elevenlabs, **service, "voice": order.voice}
        if not voice.key:
            return voice.slug, "", {}
        return voice.base, self._kept(voice.key, Path(voice.key).name), {}

    def _hearing(self, order: LiveOrder) -> dict[str, str]:
        """The service that hears; empty for this machine, also where the service has no key."""
        if order.hearing == HEARING[0] or not (service := self.settings.service(order.hearing)):
            return {}
        return {"provider": order.hearing, **service}

    def _rig(self, avatar: Avatar) -> str:
        """What the line is asked for: a path with the rig, or a presenter's name."""
        if not avatar.rig_key:
            return str(avatar.slug)
        return self._kept(avatar.rig_key, f"{avatar.id}-{int(avatar.updated_at)}.avatar")

    def _kept(self, key: str, name: str) -> str:
        """Path of a stored file on this machine, fetched the first time."""
        folder = self.service.work / "live-rigs"
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / name
        if not path.exists():
            part = path.with_suffix(f".{new_id()}.part")
            self.service.core.blobs.fetch(key, part)
            part.rename(path)
        return str(path)
