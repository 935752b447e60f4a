"""Everything wired together, for the API, a worker and the command line alike."""

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import sqlalchemy as sa

from visavis.domain.assets import Assets
from visavis.domain.avatars import Avatars
from visavis.domain.core import Core
from visavis.domain.facts import MediaFacts
from visavis.domain.fetch import Fetcher
from visavis.domain.idempotency import Idempotency
from visavis.domain.keys import Keys
from visavis.domain.offer import Offers, gather, keep, presenters
from visavis.domain.runs import Runs
from visavis.domain.videos import Videos
from visavis.domain.voices import Voices
from visavis.domain.webhooks import Webhooks
from visavis.errors import MediaError
from visavis.jobs.processes import ChildError, run_child
from visavis.jobs.queue import Queue, migrate_queue
from visavis.store.blobs import Blobs
from visavis.store.config import ServiceSettings, service_settings
from visavis.store.database import Database, StoreError
from visavis.store.links import Links
from visavis.store.migrate import migrate
from visavis.store.tables import Offered

EXAMINE_SECONDS = 120.0
EXAMINE_MEMORY_MB = 4096


@dataclass(frozen=True, slots=True)
class Service:
    """The domain, opened on one installation."""

    core: Core
    keys: Keys
    idempotency: Idempotency
    assets: Assets
    avatars: Avatars
    voices: Voices
    videos: Videos
    runs: Runs
    webhooks: Webhooks
    queue: Queue
    work: Path

    def close(self) -> None:
        """Give connections back."""
        self.keys.close()
        self.queue.close()
        self.core.database.close()


PREPARED = "prepared"


def prepare(settings: ServiceSettings) -> None:
    """Bring the database to this version and write down what the line offers; safe to repeat.

    It imports the line: run it in a process that ends, as `prepare_aside` does.
    """
    mark = fingerprint(settings)
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    migrate(database)
    migrate_queue(database)
    database.close()
    service = open_service(settings)
    with service.core.database.write() as session:
        keep(session, gather())
    service.avatars.seed(presenters(settings.catalogue))
    with service.core.database.write() as session:
        session.merge(Offered(name=PREPARED, value={"by": mark}))
    service.close()


def prepare_aside(settings: ServiceSettings) -> None:
    """`prepare` in a process of its own, where this very code has not done so before.

    Raises:
        RuntimeError: it failed; it has said why on standard error.
    """
    if _is_prepared(settings):
        return
    command = [sys.executable, "-m", "visavis.jobs.service"]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own module
        raise RuntimeError("the installation could not be prepared")


def fingerprint(settings: ServiceSettings) -> str:
    """What a preparation depends on: our code, the packages beside it, where files are kept."""
    found = hashlib.sha256(f"{settings.catalogue}\n{settings.blobs}\n{sys.version}\n".encode())
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        stat = path.stat()
        found.update(f"{path.relative_to(root)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    packages = {f"{item.name}=={item.version}\n" for item in metadata.distributions()}
    found.update("".join(sorted(packages)).encode())
    return found.hexdigest()


def _is_prepared(settings: ServiceSettings) -> bool:
    database = Database(settings.database)
    try:
        with database.read() as session:
            if not sa.inspect(session.connection()).has_table(Offered.__tablename__):
                return False
            row = session.get(Offered, PREPARED)
    except StoreError:
        return False  # who prepares says what is wrong
    finally:
        database.close()
    return row is not None and row.value.get("by") == fingerprint(settings)


def open_service(settings: ServiceSettings, name: str = "api") -> Service:
    """Open an installation that `prepare` has prepared.

    Args:
        settings: which one.
        name: folder of this process under the work folder.
    """
    work = settings.work_dir / name
    work.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    secret = settings.secret_key.get_secret_value() or database.secret("links")
    queue = Queue(database)

    def probe(path: Path) -> MediaFacts:
        return examine(path, work)

    core = Core(
        settings,
        database,
        Blobs(settings),
        Links(secret),
        Fetcher(settings),
        queue,
        probe,
        Offers(database),
    )
    assets = Assets(core)
    avatars = Avatars(core, assets)
    voices = Voices(core)
    return Service(
        core=core,
        keys=Keys(core),
        idempotency=Idempotency(core),
        assets=assets,
        avatars=avatars,
        voices=voices,
        videos=Videos(core, assets, avatars, voices),
        runs=Runs(core),
        webhooks=Webhooks(core),
        queue=queue,
        work=work,
    )


def examine(path: Path, work_dir: Path) -> MediaFacts:
    """Look into a stranger's file in a child process with limits.

    Raises:
        MediaError: it is not media, or it took too long or too much memory.
    """
    job = {"do": "examine", "path": str(path), "memory_mb": EXAMINE_MEMORY_MB}
    with tempfile.TemporaryDirectory(dir=work_dir) as folder:
        try:
            found = run_child(
                "visavis.jobs.media_child", job, folder=Path(folder), longest=EXAMINE_SECONDS
            )
        except ChildError as error:
            raise MediaError(error.message) from error
    return MediaFacts(**{**found, "size": tuple(found["size"])})


if __name__ == "__main__":
    prepare(service_settings())
