"""Keys and webhooks, as a developer uses them in the studio."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from conftest import Opener
from studio_server import StudioServer


def test_a_key_is_shown_once_works_and_can_be_revoked(
    open_page: Opener, server: StudioServer
) -> None:
    page = open_page("/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What is it for?").fill("A website")
    page.get_by_role("button", name="Create key").click()
    secret = page.get_by_label("API key", exact=True).inner_text()
    program = httpx.Client(base_url=server.url, headers={"x-api-key": secret}, timeout=120)
    assert program.get("/v1/avatars").status_code == 200
    assert program.get("/v1/api-keys").status_code == 403
    page.get_by_role("button", name="Done").click()
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke A website").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_text("A website is revoked").wait_for()
    assert program.get("/v1/avatars").status_code == 401
    program.close()


class Hook:
    """A receiver that refuses the first message."""

    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []
        self.arrived = threading.Semaphore(0)
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def _end(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_OPTIONS(self) -> None:
                self._end(204)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.heard.append(json.loads(body))
                self._end(500 if len(hook.heard) == 1 else 200)
                hook.arrived.release()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_receiver_is_told_and_told_again(
    open_page: Opener, api: httpx.Client, hook: Hook
) -> None:
    page = open_page("/webhooks")
    page.get_by_role("button", name="New receiver").click()
    page.get_by_label("Address").fill("http://127.0.0.1:1/nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Address").fill(hook.url)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("list", name="Receivers").wait_for()
    page.get_by_role("button", name="Secret").click()
    assert page.get_by_label("Signing secret").inner_text().startswith("whsec_")

    order = {"avatar_id": "avatar-1", "voice_id": "en-US-heart", "text": "Told. " * 80}
    made = api.post("/api/videos", json=order).json()
    api.post(f"/v1/video-avatars/{made['job_id']}/cancel").raise_for_status()
    assert hook.arrived.acquire(timeout=120)
    while not api.get("/v1/webhook/delivery.list").json()["data"][0]["attempts"]:
        page.wait_for_timeout(200)  # told, and not yet written down
    page.reload()
    page.get_by_role("button", name="Log").first.click()
    page.locator(".attempts").get_by_text("500", exact=True).wait_for()
    page.get_by_role("button", name="Replay").first.click()
    assert hook.arrived.acquire(timeout=120)
    assert len(hook.heard) >= 2
    for endpoint in api.get("/v1/webhook/endpoint.list").json()["data"]:
        api.delete(
            "/v1/webhook/endpoint.delete", params={"endpoint_id": endpoint["endpoint_id"]}
        ).raise_for_status()
