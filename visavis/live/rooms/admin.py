"""Administration over LiveKit's own calls (Twirp), so that `livekit.api` works here as well."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from google.protobuf.message import DecodeError, Message
from livekit.protocol import models, room

from visavis.live.rooms.access import AccessError

if TYPE_CHECKING:
    from visavis.live.rooms.server import RoomServer

PREFIX = "/twirp/livekit.RoomService/"

Call = Callable[["RoomServer", bytes], Message]


def _missing(what: str) -> web.HTTPException:
    return web.HTTPNotFound(
        text=f'{{"code":"not_found","msg":"{what} does not exist"}}',
        content_type="application/json",
    )


def _create(server: "RoomServer", body: bytes) -> Message:
    request = room.CreateRoomRequest.FromString(body)
    return server.open(request.name, request.metadata).info()


def _list(server: "RoomServer", body: bytes) -> Message:
    names = set(room.ListRoomsRequest.FromString(body).names)
    rooms = [item.info() for name, item in server.rooms.items() if not names or name in names]
    return room.ListRoomsResponse(rooms=rooms)


def _delete(server: "RoomServer", body: bytes) -> Message:
    if not server.close(room.DeleteRoomRequest.FromString(body).room):
        raise _missing("the room")
    return room.DeleteRoomResponse()


def _participants(server: "RoomServer", body: bytes) -> Message:
    found = server.rooms.get(room.ListParticipantsRequest.FromString(body).room)
    if found is None:
        raise _missing("the room")
    return room.ListParticipantsResponse(participants=[item.info for item in found.others(None)])


def _remove(server: "RoomServer", body: bytes) -> Message:
    request = room.RoomParticipantIdentity.FromString(body)
    found = server.rooms.get(request.room)
    participant = found.participants.get(request.identity) if found else None
    if participant is None:
        raise _missing("the participant")
    participant.dismiss(models.DisconnectReason.PARTICIPANT_REMOVED)
    return room.RemoveParticipantResponse()


def _send(server: "RoomServer", body: bytes) -> Message:
    request = room.SendDataRequest.FromString(body)
    found = server.rooms.get(request.room)
    if found is None:
        raise _missing("the room")
    user = models.UserPacket(payload=request.data)
    if request.HasField("topic"):
        user.topic = request.topic
    packet = models.DataPacket(
        kind=request.kind, user=user, destination_identities=request.destination_identities
    )
    lossy = request.kind == models.DataPacket.Kind.LOSSY
    found.send_data(packet, "_lossy" if lossy else "_reliable")
    return room.SendDataResponse()


CALLS: dict[str, Call] = {
    "CreateRoom": _create,
    "ListRooms": _list,
    "DeleteRoom": _delete,
    "ListParticipants": _participants,
    "RemoveParticipant": _remove,
    "SendData": _send,
}


def add_routes(app: web.Application, server: "RoomServer") -> None:
    """Serve the calls."""

    def handler(call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                server.verifier.admin(given)
            except AccessError as error:
                return web.json_response({"code": "unauthenticated", "msg": str(error)}, status=401)
            try:
                answer = call(server, await request.read())
            except DecodeError:
                body = {"code": "malformed", "msg": "the body is no protobuf"}
                return web.json_response(body, status=400)
            return web.Response(
                body=answer.SerializeToString(), content_type="application/protobuf"
            )

        return handle

    for name, call in CALLS.items():
        app.router.add_post(PREFIX + name, handler(call))
