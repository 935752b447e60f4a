"""What every part of the domain stands on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from visavis.domain.facts import MediaFacts
from visavis.domain.fetch import Fetcher
from visavis.domain.offer import Offers
from visavis.store.blobs import Blobs
from visavis.store.config import ServiceSettings
from visavis.store.database import Database
from visavis.store.links import Links


class Jobs(Protocol):
    """The durable queue as the domain sees it.

    Work is enqueued inside the transaction that needs it: both are there, or neither. Enqueuing
    the same work twice is the same as once.
    """

    def render(self, session: Session, video_id: str, number: int, priority: int) -> None:
        """Render one segment; lower priorities go first."""
        ...

    def finish(self, session: Session, video_id: str) -> None:
        """Join the segments of a video and publish it."""
        ...

    def create_avatar(self, session: Session, avatar_id: str) -> None:
        """Turn the sources of an avatar into a rig."""
        ...

    def create_voice(self, session: Session, voice_id: str) -> None:
        """Make a person's own voice of its recording."""
        ...

    def fit_voice(self, session: Session, voice_id: str) -> None:
        """Fit a person's own voice that is ready better, in the background."""
        ...

    def deliver(self, session: Session, delivery_id: str, attempt: int, delay: float) -> None:
        """Try a webhook delivery once, `delay` seconds from now."""
        ...


class Prober(Protocol):
    """Looks into a file that nobody has checked yet, at arm's length."""

    def __call__(self, path: Path) -> MediaFacts:
        """What the file holds; raises `MediaError` where it is not media."""
        ...


@dataclass(frozen=True, slots=True)
class Core:
    """Settings, stores, the way out, the queue and the prober."""

    settings: ServiceSettings
    database: Database
    blobs: Blobs
    links: Links
    fetcher: Fetcher
    jobs: Jobs
    probe: Prober
    offers: Offers
