"""Sessions over HTTP, with a caller in the room."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
from live_server import Caller, LiveServer


class Client(httpx.AsyncClient):
    """The API with a key."""

    def __init__(self, live: LiveServer, key: str) -> None:
        super().__init__(base_url=live.url, headers={"x-api-key": key}, timeout=90)

    async def call(self, what: str, mark: str = "/", **body: Any) -> Any:
        """One streaming call that must succeed; its data."""
        answer = await self.post(f"/v1/streaming{mark}{what}", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["code"] == 100
        return answer.json()["data"]


class Call:
    """A session with its caller."""

    def __init__(self, client: Client, data: dict[str, Any], caller: Caller) -> None:
        self.client, self.data, self.caller = client, data, caller
        self.id: str = data["session_id"]

    async def do(self, what: str, **body: Any) -> Any:
        """One call about this session."""
        return await self.client.call(what, session_id=self.id, **body)


@contextlib.asynccontextmanager
async def session(live: LiveServer, key: str, **body: Any) -> AsyncIterator[Call]:
    async with Client(live, key) as client:
        data = await client.call("new", quality="low", **body)
        caller = Caller()
        try:
            await client.call("start", session_id=data["session_id"])
            await caller.enter(data["url"], data["access_token"])
            yield Call(client, data, caller)
        finally:
            await client.post("/v1/streaming/stop", json={"session_id": data["session_id"]})
            await caller.leave()
