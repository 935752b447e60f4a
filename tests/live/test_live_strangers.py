"""Tokens that are old, rooms that are not ours, packets that are none."""

import asyncio
import hashlib
import sqlite3

import httpx
import pytest
import websockets
from live_calls import Client
from live_server import LiveServer
from livekit.protocol import models

from visavis.live.rooms.room import Room


def age(live: LiveServer, token: str) -> None:
    """Let the time of a token be over."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    with sqlite3.connect(live.folder / "visavis.db", timeout=30) as database:
        changed = database.execute(
            "UPDATE live_tokens SET expires_at = 1 WHERE digest = ?", (digest,)
        )
        assert changed.rowcount == 1


def test_an_expired_token_opens_no_session(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            token = (await client.call("create_token"))["token"]
            age(live, token)
            answer = await client.post(
                "/v1/streaming.new",
                json={},
                headers={"x-api-key": "", "Authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 401
            assert "expired" in answer.json()["message"]

    asyncio.run(run())


def test_an_expired_token_opens_no_socket(live: LiveServer, key: str) -> None:
    async def run() -> None:
        async with Client(live, key) as client:
            made = await client.call("new", quality="low")
            try:
                age(live, made["realtime_endpoint"].partition("session_token=")[2])
                with pytest.raises(websockets.InvalidStatus):
                    await websockets.connect(made["realtime_endpoint"])
            finally:
                await client.call("stop", session_id=made["session_id"])

    asyncio.run(run())


def test_a_room_that_refuses_the_avatar_ends_the_session(live: LiveServer, key: str) -> None:
    room = {"url": live.url.replace("http", "ws"), "room": "theirs", "token": "nonsense"}

    async def run() -> None:
        async with Client(live, key) as client:
            made = await client.call("new", quality="low", livekit_settings=room)
            body = {"session_id": made["session_id"]}
            refused = await client.post("/v1/streaming/start", json=body)
            assert refused.status_code == 503
            assert "did not let the avatar in" in refused.json()["message"]
            again = await client.post("/v1/streaming/start", json=body)
            assert again.status_code == 409
            on = (await client.get("/v1/streaming/list")).json()["data"]
            assert made["session_id"] not in [item["session_id"] for item in on["data"]]

    asyncio.run(run())


def test_liveavatar_has_no_unknown_avatars(live: LiveServer, key: str) -> None:
    room = {"livekit_url": live.url.replace("http", "ws"), "livekit_client_token": "t"}
    answer = httpx.post(
        f"{live.url}/v1/sessions/token",
        json={"avatar_id": "nobody", "livekit_config": room},
        headers={"x-api-key": key},
    )
    assert answer.status_code == 404


class Member:
    """Somebody in a room, as far as data is concerned."""

    def __init__(self, identity: str) -> None:
        self.info = models.ParticipantInfo(sid=f"PA_{identity}", identity=identity)
        self.got: list[bytes] = []

    def send_data(self, channel: str, packet: bytes) -> None:
        self.got.append(packet)


def test_a_broken_data_packet_is_passed_to_nobody_and_a_forged_sender_is_put_right() -> None:
    room = Room("data")
    ann, bob = Member("ann"), Member("bob")
    room.participants = {"ann": ann, "bob": bob}  # type: ignore[dict-item]
    room.take_data(ann, "_reliable", b"\xff\xfe nonsense")  # type: ignore[arg-type]
    assert bob.got == []
    forged = models.DataPacket(participant_identity="bob", user=models.UserPacket(payload=b"hi"))
    room.take_data(ann, "_reliable", forged.SerializeToString())  # type: ignore[arg-type]
    assert models.DataPacket.FromString(bob.got[0]).participant_identity == "ann"
    assert ann.got == []
