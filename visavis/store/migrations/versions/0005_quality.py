"""How like the person an own voice sounds, and what could be better about an avatar."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("voices", sa.Column("similarity", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("avatars", sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("avatars", "warnings")
    op.drop_column("voices", "similarity")
