"""One file with everything: the rows of every table as JSON lines, and every blob.

It is the same for SQLite and Postgres, for a folder and S3, so it also moves an installation from
one to the other. The queue is not in it: what was not finished is enqueued anew after a restore.
"""

import io
import json
import tarfile
import tempfile
import time
from pathlib import Path, PurePosixPath

import sqlalchemy as sa

from visavis.errors import InvalidInputError
from visavis.store.blobs import Blobs, MissingBlobError
from visavis.store.database import Database
from visavis.store.migrate import head
from visavis.store.tables import Base, Worker, Workspace

HEADER = "visavis-backup.json"
_SKIPPED = {Worker.__tablename__}
_BATCH = 500


class BackupError(InvalidInputError):
    """A backup that cannot be made or read."""

    code = "invalid_backup"


def backup(database: Database, blobs: Blobs, path: Path) -> tuple[int, int]:
    """Write a tar file (gzip where it ends in .gz) in one step.

    Returns:
        How many rows and how many files it holds.
    """
    partial = path.with_name(f".{path.name}.part")
    rows = files = 0
    try:
        with tarfile.open(partial, "w:gz" if path.suffix == ".gz" else "w") as archive:
            _add(archive, HEADER, json.dumps({"tables": head(), "at": time.time()}).encode())
            with database.engine.connect() as connection:
                if database.on_sqlite:
                    connection.exec_driver_sql("BEGIN")  # one moment for all tables
                else:
                    connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                for table in Base.metadata.sorted_tables:
                    if table.name in _SKIPPED:
                        continue
                    found = connection.execute(sa.select(table)).mappings().all()
                    lines = (json.dumps(dict(row)).encode() for row in found)
                    _add(archive, f"tables/{table.name}.jsonl", b"\n".join(lines))
                    rows += len(found)
            for key in blobs.keys(""):
                files += _add_blob(archive, blobs, key)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return rows, files


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(data), int(time.time())
    archive.addfile(entry, io.BytesIO(data))


def _add_blob(archive: tarfile.TarFile, blobs: Blobs, key: str) -> int:
    with tempfile.NamedTemporaryFile() as file:
        try:
            blobs.fetch(key, Path(file.name))
        except MissingBlobError:
            return 0  # deleted since it was listed
        archive.add(file.name, f"blobs/{key}")
    return 1


def restore(database: Database, blobs: Blobs, path: Path) -> tuple[int, int]:
    """Fill an installation that is empty from a backup.

    Returns:
        How many rows and how many files came back.

    Raises:
        BackupError: not a backup, one of another version, or an installation that is not empty.
    """
    rows = files = 0
    tables = Base.metadata.tables
    try:
        with tarfile.open(path) as archive:
            _check(archive, path)
            with database.write() as session:
                if session.scalar(sa.select(sa.func.count()).select_from(Workspace)):
                    raise BackupError("This installation is not empty.", "Restore into a new one.")
                for table in reversed(Base.metadata.sorted_tables):
                    session.execute(sa.delete(table))
                for table in Base.metadata.sorted_tables:
                    if table.name in _SKIPPED:
                        continue
                    lines = _read(archive, f"tables/{table.name}.jsonl").splitlines()
                    for begin in range(0, len(lines), _BATCH):
                        batch = [json.loads(line) for line in lines[begin : begin + _BATCH]]
                        session.execute(sa.insert(tables[table.name]), batch)
                    rows += len(lines)
                if not database.on_sqlite:
                    session.execute(
                        sa.text(
                            "SELECT setval(pg_get_serial_sequence('avatars', 'number'),"
                            " (SELECT coalesce(max(number), 1) FROM avatars))"
                        )
                    )
            for entry in archive:
                if entry.isfile() and entry.name.startswith("blobs/"):
                    files += _restore_blob(archive, entry, blobs)
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BackupError(f"{path.name} is not a backup, or damaged.") from error
    return rows, files


def _check(archive: tarfile.TarFile, path: Path) -> None:
    said = json.loads(_read(archive, HEADER))
    if said["tables"] != head():
        raise BackupError(
            f"{path.name} has the tables {said['tables']}, this version {head()}.",
            "Restore it with the version that made it, then update.",
        )


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _restore_blob(archive: tarfile.TarFile, entry: tarfile.TarInfo, blobs: Blobs) -> int:
    key = PurePosixPath(entry.name).relative_to("blobs")
    if ".." in key.parts:
        raise BackupError("The backup has a file outside its folder.")
    source = archive.extractfile(entry)
    if source is None:
        return 0
    with tempfile.NamedTemporaryFile() as file:
        while piece := source.read(1 << 20):
            file.write(piece)
        file.flush()
        blobs.put(str(key), Path(file.name), "application/octet-stream")
    return 1
