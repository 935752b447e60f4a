"""What a participant may ask over its signalling socket."""

import time
from typing import Any

from livekit.protocol import rtc

from visavis.live.rooms.participant import Participant


async def answer(participant: Participant, request: rtc.SignalRequest) -> bool:
    """Do what a signal asks.

    Returns:
        False once the participant says goodbye.
    """
    kind = request.WhichOneof("message")
    message: Any = getattr(request, kind) if kind else None
    room = participant.room
    now = int(time.time() * 1000)
    match kind:
        case "ping_req":
            pong = rtc.Pong(last_ping_timestamp=message.timestamp, timestamp=now)
            participant.send(pong_resp=pong)
        case "ping":
            participant.send(pong=now)
        case "offer":
            await participant.take_offer(message)
        case "answer":
            await participant.take_answer(message)
        case "trickle":
            await participant.take_candidate(message)
        case "add_track":
            participant.add_track(message)
        case "mute":
            room.mute(participant, message.sid, message.muted)
        case "subscription":
            await _subscribe(participant, message)
        case "update_metadata":
            room.describe(participant, message)
        case "leave":
            return False
        case _:
            pass  # hints of clients (layers, track settings, sync state) that one layer needs not
    return True


async def _subscribe(participant: Participant, request: rtc.UpdateSubscription) -> None:
    tracks = [*request.track_sids]
    for group in request.participant_tracks:
        tracks += group.track_sids
    for track in tracks:
        publication = participant.room.publication(track)
        if publication is None:
            continue
        if request.subscribe:
            await participant.subscribe(publication)
        else:
            await participant.unsubscribe(track)
