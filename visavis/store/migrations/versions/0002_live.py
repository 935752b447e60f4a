"""Live sessions, their tokens, knowledge bases"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{table}_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "live_sessions",
        sa.Column("avatar_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("end_reason", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        *_owned("live_sessions"),
    )
    op.create_index("ix_live_sessions_listing", "live_sessions", ["workspace_id", "created_at"])
    op.create_table(
        "live_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        *_owned("live_tokens"),
        sa.UniqueConstraint("digest", name=op.f("uq_live_tokens_digest")),
    )
    op.create_table(
        "knowledge_bases",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        *_owned("knowledge_bases"),
    )
    for table in ("live_sessions", "live_tokens", "knowledge_bases"):
        op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"])


def downgrade() -> None:
    for table in ("knowledge_bases", "live_tokens", "live_sessions"):
        op.drop_table(table)
