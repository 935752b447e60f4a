"""Knowledge bases of a workspace."""

import time
from typing import Any

import sqlalchemy as sa

from visavis.domain.errors import FieldError, NotFoundError
from visavis.store.database import Database
from visavis.store.live_tables import KnowledgeBase

MAX_TEXT = 2_000_000
MAX_PROMPT = 40_000


class Knowledge:
    """Make, change, find and delete knowledge bases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, workspace_id: str, values: dict[str, Any]) -> KnowledgeBase:
        """A new one.

        Args:
            workspace_id: who owns it.
            values: name, opening, prompt, documents (a list of ``{title, text}``).

        Raises:
            FieldError: a part that is missing or too long.
        """
        if not str(values.get("name", "")).strip():
            raise FieldError("name", "A knowledge base needs a name.")
        row = KnowledgeBase(workspace_id=workspace_id, name="", documents={"items": []})
        _fill(row, values)
        with self._database.write() as session:
            session.add(row)
        return row

    def update(self, workspace_id: str, base_id: str, values: dict[str, Any]) -> KnowledgeBase:
        """Change the parts that are given."""
        row = self.find(workspace_id, base_id)
        _fill(row, values)
        row.updated_at = time.time()
        with self._database.write() as session:
            return session.merge(row)

    def find(self, workspace_id: str, base_id: str) -> KnowledgeBase:
        """One of this workspace.

        Raises:
            NotFoundError: none.
        """
        with self._database.read() as session:
            row = session.get(KnowledgeBase, base_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFoundError("knowledge base", base_id)
        return row

    def all(self, workspace_id: str) -> list[KnowledgeBase]:
        """Newest first."""
        query = sa.select(KnowledgeBase).where(KnowledgeBase.workspace_id == workspace_id)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(KnowledgeBase.created_at.desc())))

    def delete(self, workspace_id: str, base_id: str) -> None:
        """Remove one; sessions that run keep what they were told."""
        row = self.find(workspace_id, base_id)
        with self._database.write() as session:
            session.delete(session.merge(row))


def documents_of(row: KnowledgeBase) -> list[dict[str, str]]:
    """Title and text of its documents."""
    return list(row.documents.get("items", []))


def _fill(row: KnowledgeBase, values: dict[str, Any]) -> None:
    if values.get("name") is not None:
        row.name = str(values["name"]).strip()[:200]
    if values.get("opening") is not None:
        row.opening = str(values["opening"])
    if values.get("prompt") is not None:
        row.prompt = str(values["prompt"])
    if values.get("documents") is not None:
        row.documents = {"items": values["documents"]}
    if len(row.prompt or "") > MAX_PROMPT or len(row.opening or "") > MAX_PROMPT:
        raise FieldError("prompt", f"A prompt has at most {MAX_PROMPT} characters.")
    size = sum(len(item["text"]) for item in documents_of(row))
    if size > MAX_TEXT:
        raise FieldError(
            "documents",
            f"The documents have {size} characters together.",
            f"At most {MAX_TEXT} are searched.",
        )
