"""One database behind two doors: `read` and `write`."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from visavis.errors import VisavisError
from visavis.store.tables import Secret

log = logging.getLogger(__name__)

BUSY_SECONDS = 20
"""How long a writer waits for SQLite's one write lock before it gives up."""


class StoreError(VisavisError):
    """The database or the blob store does not answer; the same call may work a moment later."""

    code = "store_unavailable"
    retryable = True


def make_engine(url: str) -> sa.Engine:
    """An engine with the pragmas that a queue on SQLite needs.

    SQLite runs in WAL mode with immediate write transactions, so that readers never wait and two
    writers take turns instead of failing.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    path = sa.make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, pool_size=10, max_overflow=30)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


class Database:
    """Sessions on one engine.

    Args:
        url: an SQLAlchemy address, ``sqlite:///...`` or ``postgresql+psycopg://...``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def on_sqlite(self) -> bool:
        """Whether this is the one-machine store."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only looks.

        Raises:
            StoreError: the database does not answer.
        """
        with _translated(), self._sessions() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction, committed at the end of the block.

        On SQLite it holds the write lock from its start, so that what it reads stays true.

        Raises:
            StoreError: the database does not answer or stays locked.
        """
        with _translated(), self._sessions.begin() as session:
            if self.on_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def secret(self, name: str) -> str:
        """A random secret that every process of this installation shares, made on first use."""
        with self.read() as session:
            if found := session.get(Secret, name):
                return found.value
        try:
            with self.write() as session:
                if found := session.get(Secret, name):
                    return found.value
                made = Secret(name=name, value=secrets.token_hex(32))
                session.add(made)
                return made.value
        except IntegrityError:
            return self.secret(name)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        log.warning("database unavailable", extra={"reason": type(error.orig).__name__})
        raise StoreError(
            "The database does not answer or is locked by somebody else.", "Try again in a moment."
        ) from error
