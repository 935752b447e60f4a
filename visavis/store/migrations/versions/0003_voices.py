"""What a person's own voice is made of, and how that went."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("voices", sa.Column("source", sa.String(length=64), nullable=True))
    op.add_column("voices", sa.Column("error_message", sa.Text(), nullable=True))
    op.add_column("voices", sa.Column("consent", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "voices", sa.Column("fence", sa.String(length=64), nullable=False, server_default="")
    )


def downgrade() -> None:
    for column in ("fence", "consent", "error_message", "source"):
        op.drop_column("voices", column)
