"""A worker process: takes jobs, says that it lives, takes over from those that do not."""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS, DBOSPortableJSONSerializer

from visavis.jobs import workflows
from visavis.jobs.housekeeping import Housekeeping
from visavis.jobs.queue import APP, AVATARS, DELIVERIES, FINISHES, FITS, RENDERS, VERSION
from visavis.jobs.service import Service, open_service
from visavis.store.config import ServiceSettings
from visavis.store.database import StoreError
from visavis.store.tables import Worker

log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
DEAD_SECONDS = 12.0
"""A worker whose beat stands still for this long, while another looks, is dead."""

HOUSEKEEPING_SECONDS = 30.0


@contextlib.contextmanager
def executor_id(folder: Path) -> Iterator[str]:
    """A name that is unique among living workers and that the next worker here takes over.

    It is the host's name with the first slot whose lock is free. The lock goes with the process,
    however it ends, so a restarted worker finds its own unfinished jobs at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for slot in range(256):
        handle = os.open(folder / f"worker-{slot}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield f"{socket.gethostname()}-{_folder_mark(folder)}-{slot}"
        finally:
            os.close(handle)
        return
    raise RuntimeError("more than 256 workers share one data folder")


def _folder_mark(folder: Path) -> str:
    """Tells two data folders of one host apart."""
    stat = folder.stat()
    return f"{stat.st_dev:x}.{stat.st_ino:x}"


class Heart:
    """Beats, and watches the beats of others.

    A watcher counts only time in which it could look: a database that was away, or a watcher that
    was held up itself, makes nobody dead.
    """

    def __init__(self, service: Service, name: str) -> None:
        self._database = service.core.database
        self._slots = service.core.settings.slots
        self.name = name
        self._looked = time.monotonic()
        self._beats: dict[str, int] = {}
        self._silent: dict[str, float] = {}

    def beat(self) -> list[str]:
        """Say that this worker lives; names of those that were found dead."""
        with self._database.write() as session:
            row = session.get(Worker, self.name, with_for_update=True)
            if row is None:
                row = Worker(id=self.name, beat=0)
                session.add(row)
            row.beat, row.slots, row.seen_at = row.beat + 1, self._slots, time.time()
            row.host, row.cores = socket.gethostname(), len(os.sched_getaffinity(0))
            others = session.scalars(sa.select(Worker).where(Worker.id != self.name))
            beats = {other.id: other.beat for other in others}
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, 2 * BEAT_SECONDS), now
        self._silent = {
            name: self._silent.get(name, 0.0) + passed if self._beats.get(name) == beat else 0.0
            for name, beat in beats.items()
        }
        self._beats = beats
        return [name for name, silent in self._silent.items() if silent > DEAD_SECONDS]

    def forget(self, names: list[str]) -> None:
        """Remove workers, this one too when it stops."""
        with self._database.write() as session:
            session.execute(sa.delete(Worker).where(Worker.id.in_(names)))


def run_worker(settings: ServiceSettings, stop: threading.Event) -> None:
    """Work until `stop` is set, then let running renders end within the time that settings give."""
    with executor_id(settings.data_dir / "workers") as name:
        shutil.rmtree(
            settings.work_dir / name, ignore_errors=True
        )  # left by who had the name before
        service = open_service(settings, name)
        workflows.use(service)
        DBOS(
            config={
                "name": APP,
                "executor_id": name,
                "application_version": VERSION,
                "system_database_url": settings.database,
                "system_database_engine": service.core.database.engine,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
                "notification_listener_polling_interval_sec": 1.0,
            }
        )
        DBOS.launch()
        for queue, concurrency, poll in (
            # each look costs 2 to 3 ms of a core, whether there is work or not
            (RENDERS, settings.slots, 0.2),  # seconds that a video may wait for an idle worker
            (FINISHES, 2, 0.4),
            (AVATARS, 1, 1.0),
            (DELIVERIES, 8, 0.5),
            (FITS, 1, 2.0),
        ):
            DBOS.register_queue(
                queue,
                worker_concurrency=concurrency,
                polling_interval_sec=poll,
                on_conflict="always_update",
            )
        log.info("worker ready", extra={"worker": name, "slots": settings.slots})
        try:
            _live(service, Heart(service, name), stop)
        finally:
            log.info("worker stops", extra={"worker": name})
            DBOS.destroy(workflow_completion_timeout_sec=int(settings.shutdown_seconds))
            with contextlib.suppress(StoreError):
                Heart(service, name).forget([name])


def _live(service: Service, heart: Heart, stop: threading.Event) -> None:
    tidying = threading.Thread(target=_tidy, args=(service, stop), name="housekeeping", daemon=True)
    tidying.start()  # beside the heart, which must not wait for a slow store
    while not stop.wait(BEAT_SECONDS):
        try:
            if dead := heart.beat():
                log.warning("taking over", extra={"workers": dead})
                DBOS._recover_pending_workflows(dead)  # no public call does this in DBOS 3.4
                heart.forget(dead)
        except StoreError:
            log.warning("store unavailable, waiting")
        except Exception:
            log.exception("heart missed a beat")  # what it does is tried again at the next


def _tidy(service: Service, stop: threading.Event) -> None:
    housekeeping = Housekeeping(service)
    wait = HOUSEKEEPING_SECONDS / 3
    while not stop.wait(wait):
        wait = HOUSEKEEPING_SECONDS
        try:
            housekeeping.round()
        except StoreError:
            log.warning("store unavailable, tidying later")
        except Exception:
            log.exception("tidying broke")


def main() -> None:
    """Run until SIGTERM, or until the parent that `visavis serve` is dies; does not return."""
    from visavis.jobs.child import die_with
    from visavis.jobs.logs import configure_logs
    from visavis.store.config import service_settings

    if parent := os.environ.get("VISAVIS_PARENT"):
        die_with(int(parent))
    configure_logs()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(service_settings(), stop)
    os._exit(0)  # renders that did not end in time go with this process and are begun again


if __name__ == "__main__":
    main()
