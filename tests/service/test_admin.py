"""The command line: keys, and a backup that moves an installation from one kind to the other."""

import os
import subprocess
import sys
from pathlib import Path

import calls
import httpx
from conftest import Client, many_machines
from flows import create, until, wait_for
from installations import Installation, Postgres, environment


def admin(settings: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "visavis.server.cli", "admin", *arguments],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_keys_are_made_listed_and_revoked(one_machine: Installation) -> None:
    settings = one_machine.environment | {"COLUMNS": "240"}
    key = admin(settings, "keys", "create", "--name", "cli", "--workspace", "w", "--days", "2")
    headers = {"x-api-key": key}
    assert calls.get(f"{one_machine.url}/v1/videos", headers=headers).status_code == 200
    listed = admin(settings, "keys", "list", "--workspace", "w")
    assert key[:12] in listed
    assert key not in listed
    with one_machine.opened() as service:
        key_id = service.keys.authenticate(key).key_id
    admin(settings, "keys", "revoke", key_id, "--workspace", "w")
    url = f"{one_machine.url}/v1/videos"  # for a second the API believes what it knew
    until(lambda: calls.get(url, headers=headers).status_code == 401)


def test_a_backup_moves_an_installation_to_other_stores(
    tmp_path: Path, postgres: Postgres, s3: str
) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old = Installation("old", environment(tmp_path / "old"))
    new = Installation("new", many_machines(tmp_path / "new", postgres, s3))
    old.start()
    file = tmp_path / "all.tar.gz"
    try:
        with Client(old, "mover") as client:
            done = wait_for(client, create(client))
            waiting = create(client, "await the word, so that the backup finds this unfinished")
            key = client.text
            said = admin(old.environment, "backup", str(file))
            assert "files" in said
            content = calls.get(done["video_url"]).content
    finally:
        old.stop()
    assert "1 jobs were enqueued" in admin(new.environment, "restore", str(file))
    new.let_go()
    new.start()
    try:
        with httpx.Client(base_url=new.url, headers={"x-api-key": key}) as client:
            body = client.get(f"/v1/video-avatars/{done['job_id']}").json()
            assert calls.get(body["video_url"]).content == content
            assert wait_for(client, waiting)["status"] == "completed"
            assert wait_for(client, create(client, "A new one."))["status"] == "completed"
    finally:
        new.stop()
