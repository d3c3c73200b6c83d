"""A finding keeps the version of the rule it was made by

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("finding", sa.Column("rule_version", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("finding", "rule_version")
