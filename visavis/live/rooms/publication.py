"""A track that somebody publishes, and everybody it goes to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiortc import RTCRtpReceiver
from aiortc.rtp import RtpPacket
from livekit.protocol.models import TrackInfo, TrackSource, TrackType

from visavis.live.rooms.forwarding import Downlink, Uplink

if TYPE_CHECKING:
    from visavis.live.rooms.participant import Participant

log = logging.getLogger(__name__)


class Publication:
    """One published track.

    Args:
        owner: who publishes it.
        info: what is said of it in the room.
    """

    def __init__(self, owner: "Participant", info: TrackInfo) -> None:
        self.owner = owner
        self.info = info
        self.uplink: Uplink | None = None
        self.live = False
        self._downlinks: dict[str, Downlink] = {}

    @property
    def sid(self) -> str:
        """Its name in the room."""
        return str(self.info.sid)

    @property
    def kind(self) -> str:
        """``audio`` or ``video``."""
        return "audio" if self.info.type == TrackType.AUDIO else "video"

    @property
    def group(self) -> str:
        """What the tracks are called together that receivers play in step."""
        screen = (TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO)
        named = "screen" if self.info.source in screen else "camera"
        return str(self.info.stream) or named

    def attach(
        self, receiver: RTCRtpReceiver, on_live: Callable[["Publication"], Awaitable[None]]
    ) -> None:
        """Take the media from where it arrives; `on_live` is told when it does."""

        async def started(mime: str) -> None:
            self.live = True
            self.info.mime_type = mime
            await on_live(self)

        self.uplink = Uplink(receiver, self._deliver, started)

    async def _deliver(self, packet: RtpPacket) -> None:
        downlinks = tuple(self._downlinks.values())
        if len(downlinks) == 1:
            await downlinks[0].forward(packet)
        elif downlinks:
            await asyncio.gather(*(downlink.forward(packet) for downlink in downlinks))

    def add(self, subscriber: str, downlink: Downlink) -> None:
        """Send the track to one more."""
        self._downlinks[subscriber] = downlink

    def drop(self, subscriber: str) -> None:
        """Send it to one fewer."""
        self._downlinks.pop(subscriber, None)
