"""Which outbox of a box it is whose numbers are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Not known of what is there already: it is adopted when the box says it."""
    op.add_column("boxes", sa.Column("outbox", sa.String(length=64), nullable=True))
