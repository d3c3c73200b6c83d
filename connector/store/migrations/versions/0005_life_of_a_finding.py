"""The life of a finding: it can be acknowledged and waived, and each step has its actor

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEFORE, _NOW = "state IN ('open', 'closed')", "state IN ('open', 'acknowledged', 'waived', 'closed')"


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("subject_id", AutoString(), nullable=False),
        sa.Column("agency", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    with op.batch_alter_table("finding") as batch:
        batch.drop_constraint(op.f("ck_finding_state"), type_="check")
        batch.create_check_constraint(op.f("ck_finding_state"), _NOW)
    with op.batch_alter_table("finding_event") as batch:
        batch.add_column(sa.Column("actor", AutoString(), nullable=False, server_default="connector"))
    with op.batch_alter_table("finding_event") as batch:
        batch.alter_column("actor", server_default=None)


def downgrade() -> None:
    op.execute("UPDATE finding SET state = 'open' WHERE state IN ('acknowledged', 'waived')")
    with op.batch_alter_table("finding_event") as batch:
        batch.drop_column("actor")
    with op.batch_alter_table("finding") as batch:
        batch.drop_constraint(op.f("ck_finding_state"), type_="check")
        batch.create_check_constraint(op.f("ck_finding_state"), _BEFORE)
    op.drop_table("waiver")
