"""A room: who is in it, and what passes between them."""

import logging
import time
from typing import Any

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from visavis.live.rooms.participant import Participant, sid
from visavis.live.rooms.publication import Publication

log = logging.getLogger(__name__)

CODECS = ("audio/opus", "video/VP8", "video/H264")


def codecs() -> list[models.Codec]:
    """What may be published."""
    return [models.Codec(mime=mime) for mime in CODECS]


class Room:
    """One room; nothing in it is seen from another.

    Args:
        name: its name.
        metadata: shown to everybody in it.
    """

    def __init__(self, name: str, metadata: str = "") -> None:
        self.name = name
        self.sid = sid("RM_")
        self.metadata = metadata
        self.created_at = int(time.time())
        self.participants: dict[str, Participant] = {}

    def info(self) -> models.Room:
        """What is said of it."""
        return models.Room(
            sid=self.sid,
            name=self.name,
            metadata=self.metadata,
            creation_time=self.created_at,
            empty_timeout=300,
            num_participants=len(self.participants),
            enabled_codecs=codecs(),
        )

    def others(self, one: Participant | None) -> list[Participant]:
        """Everybody but one."""
        return [item for item in self.participants.values() if item is not one]

    def tell(self, about: Participant, *, also_itself: bool = False) -> None:
        """Tell the others what a participant is now."""
        about.info.version += 1
        for other in self.others(None if also_itself else about):
            other.send(update=rtc.ParticipantUpdate(participants=[about.info]))

    async def enter(self, newcomer: Participant) -> None:
        """Let somebody in; who was here under the same identity leaves."""
        old = self.participants.pop(newcomer.info.identity, None)
        if old is not None:
            old.dismiss(models.DisconnectReason.DUPLICATE_IDENTITY)
        self.participants[newcomer.info.identity] = newcomer
        newcomer.send(
            join=rtc.JoinResponse(
                room=self.info(),
                participant=newcomer.info,
                other_participants=[item.info for item in self.others(newcomer)],
                server_version="1.9.0",
                server_info=models.ServerInfo(
                    edition=models.ServerInfo.Edition.Standard,
                    version="1.9.0",
                    protocol=15,
                    node_id="ND_visavis",
                ),
                subscriber_primary=True,
                ping_timeout=15,
                ping_interval=5,
                enabled_publish_codecs=codecs(),
            )
        )
        self.tell(newcomer)
        await newcomer.offer()
        if newcomer.auto_subscribe:
            for other in self.others(newcomer):
                for publication in other.publications.values():
                    if publication.live:
                        await newcomer.subscribe(publication)

    async def leave(self, leaver: Participant) -> None:
        """Somebody is gone."""
        if self.participants.get(leaver.info.identity) is leaver:
            del self.participants[leaver.info.identity]
        leaver.info.state = models.ParticipantInfo.State.DISCONNECTED
        for other in self.others(leaver):
            for track in leaver.publications:
                await other.unsubscribe(track)
            for publication in other.publications.values():
                publication.drop(leaver.info.sid)
        if leaver.info.identity not in self.participants:
            self.tell(leaver)

    async def media_started(self, publication: Publication) -> None:
        """The first packet of a track is here: now it can be sent on."""
        owner = publication.owner
        for track in owner.info.tracks:
            if track.sid == publication.sid:
                track.mime_type = publication.info.mime_type
        self.tell(owner)
        for other in self.others(owner):
            if other.auto_subscribe:
                await other.subscribe(publication)

    def publication(self, track: str) -> Publication | None:
        """The track of this name."""
        for participant in self.participants.values():
            if track in participant.publications:
                return participant.publications[track]
        return None

    def forget_downlink(self, track: str, subscriber: str) -> None:
        """Stop sending a track to one subscriber."""
        publication = self.publication(track)
        if publication is not None:
            publication.drop(subscriber)

    def take_data(self, sender: Participant, channel: str, data: bytes) -> None:
        """Pass a data packet on, with its sender as we know it."""
        try:
            packet = models.DataPacket.FromString(data)
        except DecodeError:
            log.warning("broken data packet dropped", extra={"room": self.name})
            return
        packet.participant_identity = sender.info.identity
        packet.participant_sid = sender.info.sid
        if packet.WhichOneof("value") == "user":
            packet.user.participant_identity = sender.info.identity
            packet.user.participant_sid = sender.info.sid
        self.send_data(packet, channel, sender)

    def send_data(
        self,
        packet: models.DataPacket,
        channel: str = "_reliable",
        sender: Participant | None = None,
    ) -> None:
        """Send a data packet to whom it is for; to all others where it names nobody."""
        wanted = set(packet.destination_identities)
        if packet.WhichOneof("value") == "user":
            wanted |= set(packet.user.destination_identities)
        sent = packet.SerializeToString()
        for other in self.others(sender):
            if not wanted or other.info.identity in wanted:
                other.send_data(channel, sent)

    def mute(self, participant: Participant, track: str, muted: bool) -> None:
        """A publisher has muted its track."""
        publication = participant.publications.get(track)
        if publication is None:
            return
        publication.info.muted = muted
        for item in participant.info.tracks:
            if item.sid == track:
                item.muted = muted
        self.tell(participant)

    def describe(self, participant: Participant, request: rtc.UpdateParticipantMetadata) -> None:
        """A participant says something about itself."""
        info = participant.info
        info.metadata = request.metadata or info.metadata
        info.name = request.name or info.name
        for name, value in request.attributes.items():
            info.attributes[name] = value
        self.tell(participant, also_itself=True)
        reply: dict[str, Any] = {"request_id": request.request_id}
        participant.send(
            request_response=rtc.RequestResponse(reason=rtc.RequestResponse.Reason.OK, **reply)
        )

    def end(self) -> None:
        """Send everybody away."""
        for participant in self.others(None):
            participant.dismiss(models.DisconnectReason.ROOM_DELETED)
