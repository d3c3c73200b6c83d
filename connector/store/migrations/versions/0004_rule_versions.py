"""A finding keeps the version of the rule it was made by, and the database what that version said

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_version",
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("first_used_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_version")),
    )
    op.create_index(op.f("ix_rule_version_rule"), "rule_version", ["rule"], unique=False)
    op.add_column("finding", sa.Column("rule_version", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("finding", "rule_version")
    op.drop_table("rule_version")
