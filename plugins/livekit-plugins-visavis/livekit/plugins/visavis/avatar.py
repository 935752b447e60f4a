"""An avatar of a Visavis server in a LiveKit room."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import aiohttp
from livekit import api, rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    AgentSession,
    APIConnectionError,
    APIConnectOptions,
    APIStatusError,
    NotGivenOr,
    get_job_context,
    utils,
)
from livekit.agents.voice.avatar import AvatarSession as BaseAvatarSession
from livekit.agents.voice.avatar import DataStreamAudioOutput
from livekit.agents.voice.room_io import ATTRIBUTE_PUBLISH_ON_BEHALF

from .log import logger

SAMPLE_RATE = 24000
DEFAULT_URL = "http://127.0.0.1:8400"
IDENTITY = "visavis-avatar-agent"


class VisavisException(Exception):  # noqa: N818 - named as the other plugins name theirs
    """The avatar cannot be had as asked."""


class AvatarSession(BaseAvatarSession):
    """A self-hosted avatar.

    Args:
        avatar: its name or id on the server; by default ``VISAVIS_AVATAR``, else the server's own.
        api_url: address of the server; by default ``VISAVIS_URL``.
        api_key: key of the server; by default ``VISAVIS_API_KEY``.
        quality: ``low``, ``medium`` or ``high``.
        video_encoding: ``H264`` or ``VP8``.
        avatar_participant_identity: what it is called in the room.
        avatar_participant_name: what people see.
        conn_options: how often and how long to try.
    """

    def __init__(
        self,
        *,
        avatar: NotGivenOr[str] = NOT_GIVEN,
        api_url: NotGivenOr[str] = NOT_GIVEN,
        api_key: NotGivenOr[str] = NOT_GIVEN,
        quality: str = "high",
        video_encoding: str = "H264",
        avatar_participant_identity: NotGivenOr[str] = NOT_GIVEN,
        avatar_participant_name: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> None:
        super().__init__()
        self._avatar = avatar or os.getenv("VISAVIS_AVATAR", "default")
        self._url = (api_url or os.getenv("VISAVIS_URL", DEFAULT_URL)).rstrip("/")
        self._key = api_key or os.getenv("VISAVIS_API_KEY")
        if not self._key:
            raise VisavisException("api_key or VISAVIS_API_KEY must be set")
        self._quality = quality
        self._encoding = video_encoding
        self._identity = avatar_participant_identity or IDENTITY
        self._name = avatar_participant_name or IDENTITY
        self._conn_options = conn_options
        self._http: aiohttp.ClientSession | None = None
        self._session_id: str | None = None

    @property
    def avatar_identity(self) -> str:
        """What it is called in the room."""
        return self._identity

    @property
    def provider(self) -> str:
        """Name of this plugin."""
        return "visavis"

    async def start(
        self,
        agent_session: AgentSession[Any],
        room: rtc.Room,
        *,
        livekit_url: NotGivenOr[str] = NOT_GIVEN,
        livekit_api_key: NotGivenOr[str] = NOT_GIVEN,
        livekit_api_secret: NotGivenOr[str] = NOT_GIVEN,
    ) -> None:
        """Bring the avatar into `room` and send it what `agent_session` says."""
        await super().start(agent_session, room)
        url = livekit_url or os.getenv("LIVEKIT_URL")
        key = livekit_api_key or os.getenv("LIVEKIT_API_KEY")
        secret = livekit_api_secret or os.getenv("LIVEKIT_API_SECRET")
        if not (url and key and secret):
            raise VisavisException(
                "livekit_url, livekit_api_key and livekit_api_secret must be set"
                " by arguments or environment variables"
            )
        token = (
            api.AccessToken(key, secret)
            .with_kind("agent")
            .with_identity(self._identity)
            .with_name(self._name)
            .with_grants(api.VideoGrants(room_join=True, room=room.name))
            # the avatar publishes sound and picture on behalf of the agent
            .with_attributes({ATTRIBUTE_PUBLISH_ON_BEHALF: _own_identity(room)})
            .to_jwt()
        )
        made = await self._post(
            "/v1/streaming/new",
            {
                "avatar_id": self._avatar,
                "quality": self._quality,
                "video_encoding": self._encoding,
                "disable_idle_timeout": True,
                "audio_input": "room",
                "livekit_settings": {"url": url, "room": room.name, "token": token},
            },
        )
        self._session_id = made["data"]["session_id"]
        await self._post("/v1/streaming/start", {"session_id": self._session_id})
        logger.debug("avatar session started", extra={"session_id": self._session_id})
        agent_session.output.replace_audio_tail(
            DataStreamAudioOutput(
                room=room,
                destination_identity=self._identity,
                sample_rate=SAMPLE_RATE,
                wait_remote_track=rtc.TrackKind.KIND_VIDEO,
                wait_playback_start=True,
            )
        )

    async def aclose(self) -> None:
        """Let the avatar leave."""
        if self._session_id is not None:
            stopped, self._session_id = self._session_id, None
            await self._post("/v1/streaming/stop", {"session_id": stopped})
        await super().aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if self._http is None:
            self._http = utils.http_context.http_session()
        timeout = aiohttp.ClientTimeout(sock_connect=self._conn_options.timeout)
        for attempt in range(self._conn_options.max_retry + 1):
            last = attempt == self._conn_options.max_retry
            try:
                async with self._http.post(
                    self._url + path,
                    headers={"x-api-key": self._key or ""},
                    json=body,
                    timeout=timeout,
                ) as response:
                    if response.ok:
                        answer: dict[str, Any] = await response.json()
                        return answer
                    raise APIStatusError(
                        f"the avatar server answered {response.status}",
                        status_code=response.status,
                        body=await response.text(),
                    )
            except APIStatusError as error:
                if not error.retryable or last:
                    raise
            except (TimeoutError, aiohttp.ClientError) as error:
                logger.warning("the avatar server does not answer", extra={"attempt": attempt + 1})
                if last:
                    raise APIConnectionError("the avatar server does not answer") from error
            await asyncio.sleep(self._conn_options.retry_interval)
        raise APIConnectionError("the avatar server does not answer")


def _own_identity(room: rtc.Room) -> str:
    """The agent's identity: of the job, or of the connected room."""
    try:
        return str(get_job_context().local_participant_identity)
    except RuntimeError as error:
        if not room.isconnected():
            raise VisavisException("the agent is not in the room yet") from error
        return str(room.local_participant.identity)
