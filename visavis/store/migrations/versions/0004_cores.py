"""Which machine a worker runs on, and how many cores its renders share there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workers", sa.Column("host", sa.String(length=255), nullable=False, server_default="")
    )
    op.add_column("workers", sa.Column("cores", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for column in ("cores", "host"):
        op.drop_column("workers", column)
