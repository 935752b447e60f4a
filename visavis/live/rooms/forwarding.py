"""RTP forwarded as it is, without decoding: the one module that reaches into aiortc.

aiortc has no public way to forward packets, so this relies on private parts of 1.16, to which the
dependency is pinned.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
    clock,
)
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTP_HISTORY_SIZE,
    RtcpPsfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)

BANDWIDTH = 4_000_000
"""Bits per second that a publisher is told it may send. aiortc's own estimate starts so low that
libwebrtc begins at a quarter of the size."""

_BANDWIDTH_EVERY = 0.5
_KEYFRAME_EVERY = 0.3

_SENDER = "_RTCRtpSender__"
_RECEIVER = "_RTCRtpReceiver__"


def peer_connection() -> RTCPeerConnection:
    """A connection whose media starts also where the answer came before DTLS was up."""
    connection = RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )

    @connection.on("connectionstatechange")
    async def _() -> None:
        if connection.connectionState == "connected":
            # Senders start only in the connect that finds DTLS up; the answer's may come too soon.
            await connection._RTCPeerConnection__connect()  # type: ignore[attr-defined]

    return connection


def name_track(transceiver: RTCRtpTransceiver, stream: str, track: str) -> None:
    """What the other side will call the track and its stream."""
    transceiver.sender._stream_id = stream
    transceiver.sender._track_id = track


class Uplink:
    """The media that one publisher sends on one track.

    Args:
        receiver: where it arrives; it will not decode any more.
        deliver: called with every packet, retransmitted ones among them.
        started: called once, with the codec, when the first packet is there.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        deliver: Callable[[RtpPacket], Awaitable[None]],
        started: Callable[[str], Awaitable[None]],
    ) -> None:
        self._receiver = cast(Any, receiver)
        self._deliver = deliver
        self._started = started
        self._video = self._part("kind") == "video"
        self._told = 0.0
        self._asked = 0.0
        self._tasks: set[asyncio.Future[None]] = set()
        self.ssrc: int | None = None
        self.report: tuple[int, int] | None = None
        """NTP and RTP time of one instant, as the publisher last said."""
        self._receive_rtcp = receiver._handle_rtcp_packet
        self._receiver._handle_rtp_packet = self._handle
        self._receiver._handle_rtcp_packet = self._handle_rtcp

    def _part(self, name: str) -> Any:
        return getattr(self._receiver, _RECEIVER + name)

    def request_keyframe(self) -> None:
        """Ask the publisher for a whole picture."""
        now = time.monotonic()
        if self._video and self.ssrc is not None and now - self._asked > _KEYFRAME_EVERY:
            self._asked = now
            self._spawn(self._receiver._send_rtcp_pli(self.ssrc))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle_rtcp(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == self.ssrc:
            self.report = (packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)
        await self._receive_rtcp(packet)

    async def _handle(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        codecs: dict[int, RTCRtpCodecParameters] = self._part("codecs")
        codec = codecs.get(packet.payload_type)
        if codec is None:
            return
        await self._tell_bandwidth(packet.ssrc)
        streams = self._part("remote_streams")
        if packet.ssrc not in streams:
            streams[packet.ssrc] = StreamStatistics(codec.clockRate)
        streams[packet.ssrc].add(packet)
        if is_rtx(codec):
            original = self._part("rtx_ssrc").get(packet.ssrc)
            kind = codec.parameters.get("apt")
            if original is None or len(packet.payload) < 2 or kind not in codecs:
                return
            packet = unwrap_rtx(packet, payload_type=kind, ssrc=original)
        elif self.ssrc is None:
            self.ssrc = packet.ssrc
            self._spawn(self._started(codec.mimeType))
        missing = self._part("nack_generator")
        if missing is not None and missing.add(packet):
            await self._receiver._send_rtcp_nack(packet.ssrc, sorted(missing.missing))
        await self._deliver(packet)

    async def _tell_bandwidth(self, ssrc: int) -> None:
        own, now = self._part("rtcp_ssrc"), time.monotonic()
        if not self._video or own is None or now - self._told < _BANDWIDTH_EVERY:
            return
        self._told = now
        said = pack_remb_fci(BANDWIDTH, [ssrc])
        await self._receiver._send_rtcp(
            RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own, media_ssrc=0, fci=said)
        )


class Downlink:
    """One track on its way to one subscriber.

    Args:
        transceiver: its place in the subscriber's connection.
        source: asked for whole pictures and for the publisher's clock.
    """

    def __init__(self, transceiver: RTCRtpTransceiver, source: Uplink) -> None:
        self._sender = cast(Any, transceiver.sender)
        self._source = source
        self._codec: int | None = None
        self._sender._run_rtp = self._run
        self._sender._send_keyframe = source.request_keyframe

    def _set(self, name: str, value: Any) -> None:
        setattr(self._sender, _SENDER + name, value)

    def _part(self, name: str) -> Any:
        return getattr(self._sender, _SENDER + name)

    async def _run(self, codec: RTCRtpCodecParameters) -> None:
        """Stands in for the sender's own loop."""
        self._codec = codec.payloadType
        self._part("rtp_started").set()
        self._source.request_keyframe()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._codec = None
        self._part("rtp_exited").set()

    async def forward(self, packet: RtpPacket) -> None:
        """Send one packet on; before the connection is up it is dropped."""
        if self._codec is None:
            return
        copy = RtpPacket(
            payload_type=self._codec,
            marker=packet.marker,
            sequence_number=packet.sequence_number,
            timestamp=packet.timestamp,
        )
        copy.ssrc = self._sender._ssrc
        copy.payload, copy.padding_size = packet.payload, packet.padding_size
        now = clock.current_ntp_time()
        copy.extensions.mid = self._part("mid")
        copy.extensions.abs_send_time = (now >> 14) & 0xFFFFFF
        copy.extensions.audio_level = packet.extensions.audio_level
        self._part("rtp_history")[copy.sequence_number % RTP_HISTORY_SIZE] = copy
        try:
            sent = copy.serialize(self._part("rtp_header_extensions_map"))
            await self._sender.transport._send_rtp(sent)
        except ConnectionError:
            return
        # The publisher's own pair keeps sound and picture together, whatever the forwarding took.
        ntp, rtp = self._source.report or (now, copy.timestamp)
        self._set("ntp_timestamp", ntp)
        self._set("rtp_timestamp", rtp)
        self._set("octet_count", self._part("octet_count") + len(copy.payload))
        self._set("packet_count", self._part("packet_count") + 1)


def codec_preferences(kind: str, mime: str) -> list[Any]:
    """The capabilities of one codec, with retransmission for video; empty where aiortc has none."""
    offered = RTCRtpSender.getCapabilities(kind)
    codecs = list(offered.codecs) if offered else []
    same = [item for item in codecs if item.mimeType.lower() == mime.lower()]
    if not same or kind == "audio":
        return same
    return same + [item for item in codecs if item.mimeType.lower().endswith("/rtx")]
