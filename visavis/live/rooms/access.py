"""Who may come in: LiveKit access tokens, made and read."""

from dataclasses import dataclass
from datetime import timedelta

import jwt
from livekit.api import AccessToken, TokenVerifier, VideoGrants

from visavis.errors import VisavisError


class AccessError(VisavisError):
    """A token that opens no room."""

    code = "invalid_token"


@dataclass(frozen=True, slots=True)
class Keys:
    """The pair that signs and checks access tokens; the secret never leaves the installation."""

    key: str
    secret: str

    def token(
        self,
        room: str,
        identity: str,
        *,
        seconds: float,
        agent: bool = False,
        hidden_tracks: bool = False,
        attributes: dict[str, str] | None = None,
    ) -> str:
        """A token for one person in one room.

        Args:
            room: its name.
            identity: who comes; a second one of the same identity replaces the first.
            seconds: how long it opens the room.
            agent: marks a program.
            hidden_tracks: may send data, but no sound and no picture.
            attributes: shown to everybody in the room.
        """
        grants = VideoGrants(
            room_join=True,
            room=room,
            agent=agent,
            can_publish=not hidden_tracks,
            can_publish_data=True,
            can_subscribe=True,
            can_update_own_metadata=agent,
        )
        made = (
            AccessToken(self.key, self.secret)
            .with_identity(identity)
            .with_grants(grants)
            .with_ttl(timedelta(seconds=seconds))
        )
        if agent:
            made = made.with_kind("agent")
        if attributes:
            made = made.with_attributes(attributes)
        return str(made.to_jwt())

    def admin_token(self) -> str:
        """A token for the server's own administration, good for a minute."""
        grants = VideoGrants(room_admin=True, room_create=True, room_list=True)
        made = AccessToken(self.key, self.secret).with_identity("visavis").with_grants(grants)
        return str(made.with_ttl(timedelta(seconds=60)).to_jwt())


@dataclass(frozen=True, slots=True)
class Guest:
    """What a token says of its holder."""

    room: str
    identity: str
    name: str
    metadata: str
    attributes: dict[str, str]
    agent: bool
    may_publish: bool
    may_subscribe: bool
    may_send: bool


class Verifier:
    """Reads tokens that were signed with one pair of keys."""

    def __init__(self, keys: Keys) -> None:
        self._verifier = TokenVerifier(keys.key, keys.secret)

    def _claims(self, token: str) -> "object":
        try:
            return self._verifier.verify(token)
        except jwt.ExpiredSignatureError as error:
            raise AccessError("This access token has expired.", "Start a session anew.") from error
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise AccessError(
                "This access token was not made by this server.", "Start a session."
            ) from error

    def guest(self, token: str) -> Guest:
        """Who holds a token.

        Raises:
            AccessError: it is missing, broken, expired, of another server, or opens no room.
        """
        claims = self._claims(token)
        video: VideoGrants | None = getattr(claims, "video", None)
        identity = getattr(claims, "identity", "")
        if video is None or not (video.room_join and video.room and identity):
            raise AccessError("This access token opens no room.", "Start a session.")
        return Guest(
            room=video.room,
            identity=identity,
            name=getattr(claims, "name", "") or "",
            metadata=getattr(claims, "metadata", "") or "",
            attributes=dict(getattr(claims, "attributes", None) or {}),
            agent=bool(video.agent) or getattr(claims, "kind", "") == "agent",
            may_publish=video.can_publish is not False,
            may_subscribe=video.can_subscribe is not False,
            may_send=video.can_publish_data is not False,
        )

    def admin(self, token: str) -> None:
        """Let an administrator pass.

        Raises:
            AccessError: the token is not one of an administrator.
        """
        video: VideoGrants | None = getattr(self._claims(token), "video", None)
        if video is None or not (video.room_admin or video.room_create or video.room_list):
            raise AccessError("This token does not administer rooms.", "Use the server's own keys.")
