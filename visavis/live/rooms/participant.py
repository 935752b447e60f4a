"""One person or program in a room: two peer connections and a signalling socket."""

import asyncio
import json
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError
from aiortc.rtcdatachannel import RTCDataChannel
from aiortc.sdp import candidate_from_sdp
from livekit.protocol import models, rtc

from visavis.live.rooms.access import Guest
from visavis.live.rooms.forwarding import (
    Downlink,
    codec_preferences,
    name_track,
    peer_connection,
)
from visavis.live.rooms.publication import Publication
from visavis.live.rooms.sdp import accept_one_layer, with_address

if TYPE_CHECKING:
    from visavis.live.rooms.room import Room

log = logging.getLogger(__name__)

CHANNELS = ("_reliable", "_lossy")
MAX_TRACKS = 8
MAX_PENDING = 512
"""Signals that may wait for somebody who does not read; then the socket is closed."""

MAX_BUFFERED = 4 << 20
"""Bytes of data that may wait for somebody who does not read."""


def sid(prefix: str) -> str:
    """A fresh name as LiveKit writes them, e.g. ``PA_3f...``."""
    return prefix + secrets.token_hex(6)


class Participant:
    """Somebody who is in a room.

    Args:
        room: where.
        guest: what the token says.
        socket: the signalling socket.
        auto_subscribe: whether to send every track without being asked.
        address: where the media ports are reached from outside; empty for the machine's own.
    """

    def __init__(
        self,
        room: "Room",
        guest: Guest,
        socket: web.WebSocketResponse,
        *,
        auto_subscribe: bool = True,
        address: str = "",
    ) -> None:
        self.room = room
        self.guest = guest
        self.auto_subscribe = auto_subscribe
        self.publications: dict[str, Publication] = {}
        self.gone = asyncio.Event()
        self._socket = socket
        self._address = address
        self._client_ids: dict[str, str] = {}
        self._sent: dict[str, RTCRtpTransceiver] = {}
        self._candidates: dict[int, list[Any]] = {0: [], 1: []}
        self._outbox: asyncio.Queue[rtc.SignalResponse | None] = asyncio.Queue(MAX_PENDING)
        self._publishing = asyncio.Lock()
        self._offering = False
        self._offer_again = False
        self._publisher: RTCPeerConnection | None = None
        self._subscriber = peer_connection()
        self.channels: dict[str, RTCDataChannel] = {
            "_reliable": self._subscriber.createDataChannel("_reliable", ordered=True),
            "_lossy": self._subscriber.createDataChannel("_lossy", ordered=False, maxRetransmits=0),
        }
        kinds = models.ParticipantInfo.Kind
        now = time.time()
        self.info = models.ParticipantInfo(
            sid=sid("PA_"),
            identity=guest.identity,
            name=guest.name,
            metadata=guest.metadata,
            state=models.ParticipantInfo.State.ACTIVE,
            joined_at=int(now),
            joined_at_ms=int(now * 1000),
            kind=kinds.AGENT if guest.agent else kinds.STANDARD,
            attributes=guest.attributes,
            permission=models.ParticipantPermission(
                can_subscribe=guest.may_subscribe,
                can_publish=guest.may_publish,
                can_publish_data=guest.may_send,
                agent=guest.agent,
            ),
        )

    def send(self, **signal: Any) -> None:
        """Queue one signal; somebody who lets too many wait is let go."""
        try:
            self._outbox.put_nowait(rtc.SignalResponse(**signal))
        except asyncio.QueueFull:
            log.warning("participant does not read its signals", extra={"room": self.room.name})
            self.gone.set()

    def dismiss(self, reason: int, action: int = rtc.LeaveRequest.Action.DISCONNECT) -> None:
        """Tell why it is over, and let go once it is told."""
        self.send(leave=rtc.LeaveRequest(reason=reason, action=action))  # type: ignore[arg-type]
        if not self.gone.is_set():
            try:
                self._outbox.put_nowait(None)
            except asyncio.QueueFull:
                self.gone.set()

    async def write(self) -> None:
        """Send what is queued until it is over."""
        while (signal := await self._outbox.get()) is not None:
            try:
                await self._socket.send_bytes(signal.SerializeToString())
            except (ConnectionError, RuntimeError):
                break
        self.gone.set()

    def send_data(self, channel: str, packet: bytes) -> None:
        """Send data as far as there is room; lossy data is dropped, who reads no data is let go."""
        link = self.channels[channel]
        if link.readyState != "open":
            return
        if link.bufferedAmount > MAX_BUFFERED:
            if channel == "_reliable":
                log.warning("participant does not read its data", extra={"room": self.room.name})
                self.gone.set()
            return
        link.send(packet)

    # Publishing -----------------------------------------------------------------------------

    def add_track(self, request: rtc.AddTrackRequest) -> None:
        """Somebody is about to publish a track."""
        if not self.guest.may_publish or len(self.publications) >= MAX_TRACKS:
            log.warning("track refused", extra={"room": self.room.name})
            return
        audio = request.type == models.TrackType.AUDIO
        mime = "audio/opus" if audio else "video/VP8"
        if request.simulcast_codecs and request.simulcast_codecs[0].codec:
            codec = request.simulcast_codecs[0].codec.split("/")[-1]
            mime = f"{'audio' if audio else 'video'}/{codec}"
        info = models.TrackInfo(
            sid=sid("TR_"),
            type=request.type,
            name=request.name,
            muted=request.muted,
            width=request.width,
            height=request.height,
            source=request.source,
            layers=request.layers,
            disable_dtx=request.disable_dtx,
            stereo=request.stereo,
            mime_type=mime,
            stream=request.stream,
        )
        self.publications[info.sid] = Publication(self, info)
        self._client_ids[request.cid] = info.sid
        for layer in request.simulcast_codecs:
            self._client_ids[layer.cid] = info.sid
        self.info.tracks.append(info)
        self.info.is_publisher = True
        self.send(track_published=rtc.TrackPublishedResponse(cid=request.cid, track=info))

    async def take_offer(self, offer: rtc.SessionDescription) -> None:
        """Answer the publisher's connection."""
        async with self._publishing:
            publisher = self._publisher or self._open_publisher()
            await publisher.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await publisher.setLocalDescription(await publisher.createAnswer())
            answer = accept_one_layer(offer.sdp, publisher.localDescription.sdp)
            answer = with_address(answer, self._address)
            self.send(answer=rtc.SessionDescription(type="answer", sdp=answer, id=offer.id))
            await self._add_waiting(publisher, rtc.SignalTarget.PUBLISHER)

    def _open_publisher(self) -> RTCPeerConnection:
        self._publisher = publisher = peer_connection()

        @publisher.on("datachannel")
        def _(channel: RTCDataChannel) -> None:
            if channel.label in CHANNELS:

                @channel.on("message")
                def _(data: bytes | str) -> None:
                    if isinstance(data, bytes) and self.guest.may_send:
                        self.room.take_data(self, channel.label, data)

        @publisher.on("track")
        def _(track: MediaStreamTrack) -> None:
            publication = self._published(track)
            if publication is not None:
                owner = next(
                    item.receiver
                    for item in publisher.getTransceivers()
                    if item.receiver.track is track
                )
                publication.attach(owner, self.room.media_started)

        return publisher

    def _published(self, track: MediaStreamTrack) -> Publication | None:
        """The publication that media belongs to: by its id, else the first that waits for one."""
        found = self.publications.get(self._client_ids.get(track.id, ""))
        waiting = (
            item
            for item in self.publications.values()
            if item.uplink is None and item.kind == track.kind
        )
        return found or next(waiting, None)

    # Subscribing ----------------------------------------------------------------------------

    async def subscribe(self, publication: Publication) -> None:
        """Send a track to this participant."""
        if (
            publication.sid in self._sent
            or publication.uplink is None
            or not self.guest.may_subscribe
        ):
            return
        link = self._subscriber.addTransceiver(publication.kind, direction="sendonly")
        self._sent[publication.sid] = link
        publication.add(self.info.sid, Downlink(link, publication.uplink))
        if codecs := codec_preferences(publication.kind, publication.info.mime_type):
            link.setCodecPreferences(codecs)
        name_track(link, f"{publication.owner.info.sid}|{publication.group}", publication.sid)
        await self.offer()
        publication.owner.send(track_subscribed=rtc.TrackSubscribed(track_sid=publication.sid))

    async def unsubscribe(self, track: str) -> None:
        """Stop sending a track."""
        self.room.forget_downlink(track, self.info.sid)
        link = self._sent.pop(track, None)
        if link is not None:
            link.direction = "inactive"
            await self.offer()

    async def offer(self) -> None:
        """Offer what is to be sent now; while an offer is open the next waits for its answer."""
        if self._offering:
            self._offer_again = True
            return
        self._offering = True
        await self._subscriber.setLocalDescription(await self._subscriber.createOffer())
        offered = with_address(self._subscriber.localDescription.sdp, self._address)
        self.send(offer=rtc.SessionDescription(type="offer", sdp=offered))

    async def take_answer(self, answer: rtc.SessionDescription) -> None:
        """The subscriber's connection was answered."""
        await self._subscriber.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        await self._add_waiting(self._subscriber, rtc.SignalTarget.SUBSCRIBER)
        self._offering = False
        if self._offer_again:
            self._offer_again = False
            await self.offer()

    # Connecting -----------------------------------------------------------------------------

    async def take_candidate(self, trickle: rtc.TrickleRequest) -> None:
        """An address at which the other side may be reached."""
        said = json.loads(trickle.candidateInit)
        line = said.get("candidate", "")
        if not line.startswith("candidate:"):
            return
        try:
            candidate = candidate_from_sdp(line.split(":", 1)[1])
        except (ValueError, IndexError, AssertionError):
            return
        candidate.sdpMid, candidate.sdpMLineIndex = said.get("sdpMid"), said.get("sdpMLineIndex")
        publishing = trickle.target == rtc.SignalTarget.PUBLISHER
        connection = self._publisher if publishing else self._subscriber
        if connection is None or connection.remoteDescription is None:
            self._candidates[trickle.target].append(candidate)
            return
        await _add(connection, candidate)

    async def _add_waiting(self, connection: RTCPeerConnection, target: int) -> None:
        waiting, self._candidates[target] = self._candidates[target], []
        for candidate in waiting:
            await _add(connection, candidate)

    async def close(self) -> None:
        """Give sockets and ports back."""
        self.info.state = models.ParticipantInfo.State.DISCONNECTED
        for connection in (self._publisher, self._subscriber):
            if connection is not None:
                await connection.close()
        await self._socket.close()


async def _add(connection: RTCPeerConnection, candidate: Any) -> None:
    try:
        await connection.addIceCandidate(candidate)
    except (InvalidAccessError, InvalidStateError, ValueError):
        log.info("candidate ignored")
