"""The embedded room server with unmodified clients, and with hostile ones."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import aiohttp
import numpy as np
import pytest
from live_server import Caller
from livekit import rtc
from livekit.api import LiveKitAPI
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    ListParticipantsRequest,
    ListRoomsRequest,
)

from visavis.live.rooms.access import Keys
from visavis.live.rooms.sdp import accept_one_layer, with_address

KEYS = Keys("devkey", "secret" * 8)


class Rooms:
    """A room server in a process of its own."""

    def __init__(self, *, open_doors: bool = True) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "visavis.live.rooms.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"VISAVIS_PARENT": str(os.getpid())},
            text=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        job = {"key": KEYS.key, "secret": KEYS.secret, "open_doors": open_doors}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        self.url = f"ws://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    server = Rooms()
    yield server
    server.close()


@contextlib.asynccontextmanager
async def inside(rooms: Rooms, room: str, identity: str) -> AsyncIterator[Caller]:
    caller = Caller()
    await caller.enter(rooms.url, KEYS.token(room, identity, seconds=60))
    try:
        yield caller
    finally:
        await caller.leave()


async def publish(caller: Caller, codec: "rtc.VideoCodec.ValueType") -> asyncio.Task[None]:
    """A moving picture and a tone."""
    video, audio = rtc.VideoSource(320, 240), rtc.AudioSource(24_000, 1, queue_size_ms=100)
    local = caller.room.local_participant
    options = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False, video_codec=codec
    )
    await local.publish_track(rtc.LocalVideoTrack.create_video_track("cam", video), options)
    await local.publish_track(
        rtc.LocalAudioTrack.create_audio_track("mic", audio),
        rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE),
    )

    async def send() -> None:
        tone = (9000 * np.sin(np.arange(960) * 2 * np.pi / 60)).astype(np.int16).tobytes()
        number = 0
        while True:
            planes = np.full((360, 320), 40 + number * 7 % 180, np.uint8)
            video.capture_frame(
                rtc.VideoFrame(320, 240, rtc.VideoBufferType.I420, planes.tobytes())
            )
            await audio.capture_frame(rtc.AudioFrame(tone, 24_000, 1, 960))
            number += 1
            await asyncio.sleep(0.04)

    return asyncio.create_task(send())


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_two_people_see_hear_and_write_to_each_other(rooms: Rooms, codec: str) -> None:
    async def run() -> None:
        name = f"two-{codec}"
        async with inside(rooms, name, "ann") as ann, inside(rooms, name, "bob") as bob:
            sending = await publish(ann, getattr(rtc.VideoCodec, codec))
            await bob.until(lambda: bob.frames >= 10 and len(bob.loud) >= 10)
            assert bob.size == (320, 240)
            await ann.room.local_participant.publish_data(
                b'{"type": "hello"}', destination_identities=["bob"]
            )
            await bob.until(lambda: bob.saw("hello"))
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(run())


def test_one_who_comes_late_still_sees(rooms: Rooms) -> None:
    async def run() -> None:
        async with inside(rooms, "late", "ann") as ann:
            sending = await publish(ann, rtc.VideoCodec.VP8)
            async with inside(rooms, "late", "early") as early:
                await early.until(lambda: early.frames > 3)
                async with inside(rooms, "late", "bob") as bob:
                    await bob.until(lambda: bob.frames > 3)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(run())


def test_nothing_passes_between_rooms(rooms: Rooms) -> None:
    async def run() -> None:
        async with (
            inside(rooms, "here", "ann") as ann,
            inside(rooms, "there", "eve") as eve,
            inside(rooms, "here", "bob") as bob,
        ):
            assert "ann" not in eve.room.remote_participants
            await ann.room.local_participant.publish_data(b'{"type": "secret"}')
            await bob.until(lambda: bob.saw("secret"))
            assert not eve.saw("secret")

    asyncio.run(run())


def test_the_same_identity_replaces_the_one_before(rooms: Rooms) -> None:
    async def run() -> None:
        async with inside(rooms, "twice", "ann") as first, inside(rooms, "twice", "ann"):
            await asyncio.wait_for(first.gone.wait(), 10)

    asyncio.run(run())


def _refused(url: str, token: str) -> str:
    async def run() -> str:
        caller = Caller()
        try:
            await caller.enter(url, token)
        except rtc.ConnectError as error:
            return str(error)
        await caller.leave()
        return ""

    return asyncio.run(run())


def test_wrong_tokens_open_nothing(rooms: Rooms) -> None:
    stranger = Keys("devkey", "another secret of the same length")
    assert _refused(rooms.url, "nonsense")
    assert _refused(rooms.url, stranger.token("r", "eve", seconds=60))
    assert _refused(rooms.url, KEYS.token("r", "eve", seconds=-120))
    assert _refused(rooms.url, KEYS.admin_token())


def test_tokens_of_a_deleted_room_open_nothing() -> None:
    closed = Rooms(open_doors=False)

    async def run() -> None:
        token = KEYS.token("once", "ann", seconds=60)
        async with LiveKitAPI(closed.url.replace("ws", "http"), KEYS.key, KEYS.secret) as api:
            await api.room.create_room(CreateRoomRequest(name="once"))
            caller = Caller()
            await caller.enter(closed.url, token)
            listed = await api.room.list_participants(ListParticipantsRequest(room="once"))
            assert [item.identity for item in listed.participants] == ["ann"]
            await api.room.delete_room(DeleteRoomRequest(room="once"))
            await asyncio.wait_for(caller.gone.wait(), 10)
            await caller.leave()
            assert not (await api.room.list_rooms(ListRoomsRequest())).rooms

    try:
        asyncio.run(run())
        assert _refused(closed.url, KEYS.token("once", "ann", seconds=60))
    finally:
        closed.close()


def test_administration_needs_its_own_token(rooms: Rooms) -> None:
    async def run() -> list[int]:
        url = rooms.url.replace("ws", "http") + "/twirp/livekit.RoomService/"
        guest = {"Authorization": "Bearer " + KEYS.token("r", "ann", seconds=60)}
        admin = {"Authorization": "Bearer " + KEYS.admin_token()}
        async with aiohttp.ClientSession() as client:
            answers = []
            for headers, call, body in (
                ({}, "ListRooms", b""),
                (guest, "DeleteRoom", b""),
                (admin, "DeleteRoom", b"\xff\xff\xff"),
                (admin, "DeleteRoom", DeleteRoomRequest(room="no").SerializeToString()),
                (admin, "ListRooms", b""),
            ):
                async with client.post(url + call, data=body, headers=headers) as reply:
                    answers.append(reply.status)
            return answers

    assert asyncio.run(run()) == [401, 401, 400, 404, 200]


def test_nonsense_ends_its_sender_and_nobody_else(rooms: Rooms) -> None:
    async def run() -> None:
        async with inside(rooms, "noise", "ann") as ann:
            token = KEYS.token("noise", "eve", seconds=60)
            async with (
                aiohttp.ClientSession() as client,
                client.ws_connect(f"{rooms.url}/rtc?access_token={token}") as socket,
            ):
                for _ in range(20):
                    with contextlib.suppress(ConnectionError):
                        await socket.send_bytes(b"\xff\xfe\xfd nonsense")
                kinds = [message.type async for message in socket]
                assert aiohttp.WSMsgType.BINARY in kinds
            assert ann.room.isconnected()
            async with inside(rooms, "noise", "bob") as bob:
                await bob.room.local_participant.publish_data(b'{"type": "still here"}')
                await ann.until(lambda: ann.saw("still here"))

    asyncio.run(run())


def test_one_who_never_reads_stops_nobody(rooms: Rooms) -> None:
    async def run() -> None:
        token = KEYS.token("deaf", "eve", seconds=60)
        async with aiohttp.ClientSession() as client, inside(rooms, "deaf", "ann") as ann:
            # Nothing is read of this socket, and no offer of the server is ever answered.
            await client.ws_connect(f"{rooms.url}/rtc?access_token={token}", autoping=False)
            async with inside(rooms, "deaf", "bob") as bob:
                sending = await publish(ann, rtc.VideoCodec.VP8)
                await bob.until(lambda: bob.frames >= 10)
                local = ann.room.local_participant
                for _ in range(300):
                    await local.publish_data(b"x" * 8000, reliable=True)
                await local.publish_data(b'{"type": "last"}')
                await bob.until(lambda: bob.saw("last"))
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(run())


def test_somebody_who_vanishes_is_seen_to_leave(rooms: Rooms) -> None:
    async def run() -> None:
        left = asyncio.Event()
        async with inside(rooms, "vanish", "ann") as ann:
            ann.room.on("participant_disconnected", lambda _who: left.set())
            token = KEYS.token("vanish", "bob", seconds=60)
            async with aiohttp.ClientSession() as client:
                socket = await client.ws_connect(f"{rooms.url}/rtc?access_token={token}")
                await socket.receive()
                transport = (
                    socket.get_extra_info("transport") or socket._response.connection.transport
                )
                transport.abort()
            await asyncio.wait_for(left.wait(), 30)

    asyncio.run(run())


def test_the_best_layer_of_a_simulcast_is_accepted() -> None:
    rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    offer = f"v=0\r\nm=video 9 X 96\r\na=mid:0\r\na=extmap:4 {rid}\r\na=simulcast:send q;h;f\r\n"
    answer = accept_one_layer(offer, "v=0\r\nm=video 9 X 96\r\na=mid:0\r\n")
    assert answer.endswith(f"a=extmap:4 {rid}\r\na=rid:f recv\r\na=simulcast:recv f\r\n")


def test_host_candidates_get_the_address_from_outside() -> None:
    line = "a=candidate:1 1 udp 2130706431 10.0.0.7 5000 typ host\r\n"
    assert "203.0.113.9 5000 typ host" in with_address(line, "203.0.113.9")
    assert with_address(line, "") == line
