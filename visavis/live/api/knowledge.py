"""Knowledge bases over HTTP."""

from typing import Any

from anyio import to_thread
from fastapi import APIRouter

from visavis.live.api.bodies import KnowledgeBody
from visavis.live.api.streaming import CallerDep, ok
from visavis.live.service.knowledge import documents_of
from visavis.store.live_tables import KnowledgeBase


def _told(row: KnowledgeBase) -> dict[str, Any]:
    return {
        "id": row.id,
        "knowledge_base_id": row.id,
        "name": row.name,
        "opening": row.opening,
        "prompt": row.prompt,
        "documents": documents_of(row),
        "created_at": int(row.created_at),
        "updated_at": int(row.updated_at),
    }


async def create(body: KnowledgeBody, caller: CallerDep) -> dict[str, Any]:
    """Make a knowledge base: a prompt, an opening line, documents to look things up in."""
    caller.only_keys()
    values = body.model_dump(exclude_unset=True)
    knowledge = caller.sessions.knowledge
    return ok(_told(await to_thread.run_sync(knowledge.create, caller.workspace, values)))


async def update(base_id: str, body: KnowledgeBody, caller: CallerDep) -> dict[str, Any]:
    """Change what is given, leave the rest."""
    caller.only_keys()
    values = body.model_dump(exclude_unset=True)
    change = caller.sessions.knowledge.update
    return ok(_told(await to_thread.run_sync(change, caller.workspace, base_id, values)))


async def listed(caller: CallerDep) -> dict[str, Any]:
    """All of them, newest first."""
    caller.only_keys()
    rows = await to_thread.run_sync(caller.sessions.knowledge.all, caller.workspace)
    return ok({"list": [_told(row) for row in rows], "total": len(rows)})


async def one(base_id: str, caller: CallerDep) -> dict[str, Any]:
    """One of them."""
    caller.only_keys()
    find = caller.sessions.knowledge.find
    return ok(_told(await to_thread.run_sync(find, caller.workspace, base_id)))


async def delete(base_id: str, caller: CallerDep) -> dict[str, Any]:
    """Remove one."""
    caller.only_keys()
    remove = caller.sessions.knowledge.delete
    await to_thread.run_sync(remove, caller.workspace, base_id)
    return ok(None)


def make_router() -> APIRouter:
    """Every call in both spellings."""
    router = APIRouter(tags=["Knowledge bases"])
    for start in ("/v1/streaming/knowledge_base", "/v1/streaming.knowledge_base"):
        shown = "." not in start
        for path, call, methods in (
            ("/create", create, ["POST"]),
            ("/list", listed, ["GET"]),
            ("/{base_id}", one, ["GET"]),
            ("/{base_id}", update, ["POST"]),
            ("/{base_id}", update, ["PUT"]),
            ("/{base_id}", update, ["PATCH"]),
            ("/{base_id}", delete, ["DELETE"]),
        ):
            router.add_api_route(start + path, call, methods=methods, include_in_schema=shown)
    return router


router = make_router()
