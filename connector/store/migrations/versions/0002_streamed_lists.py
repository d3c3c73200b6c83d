"""Lists are read page by page and may be resumed; what a source told is remembered from run to run

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("sighting", "sighting_before_0002")
    op.create_table(
        "sighting",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("identity", AutoString(), nullable=False),
        sa.Column("list", AutoString(), nullable=False),
        sa.Column("record_id", AutoString(), nullable=False),
        sa.Column("line_id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("payload_hash", AutoString(), nullable=False),
        sa.Column("fingerprint", AutoString(), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("seen_run_id", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint(
            "source", "account", "identity", "list", "record_id", "line_id", name=op.f("pk_sighting_record")
        ),
    )
    op.create_index("ix_sighting_record", "sighting", ["source", "kind", "record_id"], unique=False)
    # Their payloads were not kept: every line counts as not yet seen and is read anew. Nothing is marked as gone by it.
    op.execute(
        "INSERT INTO sighting (source, identity, list, record_id, line_id, kind, account, role, payload_hash, "
        "fingerprint, first_seen_at, last_seen_at, seen_run_id, pending, gone_at) "
        "SELECT source, identity, list, task_id, line_id, 'task', account, role, '', '', first_seen_at, last_seen_at, "
        "0, false, gone_at FROM sighting_before_0002"
    )
    op.drop_table("sighting_before_0002")
    op.create_table(
        "list_state",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("identity", AutoString(), nullable=False),
        sa.Column("list", AutoString(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("larger", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("source", "account", "identity", "list", name=op.f("pk_list_state")),
    )
    op.create_table(
        "list_page",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("identity", AutoString(), nullable=False),
        sa.Column("list", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source", "account", "identity", "list", "number", "page", name=op.f("pk_list_page")),
    )
    op.create_table(
        "source_memory",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_source_memory")),
    )
    op.create_table(
        "vocabulary",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("code", AutoString(), nullable=False),
        sa.Column("label", AutoString(), nullable=False),
        sa.Column("parent", AutoString(), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source", "name", "code", name=op.f("pk_vocabulary")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("children_read_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("files_read_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("read_run_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("read_reason", AutoString(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("authoritative", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("task_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("children", sa.JSON(), nullable=True))
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files_read_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("detail_read_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("read_run_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.drop_column("due_on")
        batch_op.drop_column("files")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("read_run_id")
        batch_op.drop_column("detail_read_at")
        batch_op.drop_column("files_read_at")
    with op.batch_alter_table("task_version", schema=None) as batch_op:
        batch_op.drop_column("children")
    with op.batch_alter_table("task", schema=None) as batch_op:
        for column in ("authoritative", "read_reason", "read_run_id", "files_read_at", "children_read_at"):
            batch_op.drop_column(column)
    for table in ("vocabulary", "source_memory", "list_page", "list_state"):
        op.drop_table(table)
    op.rename_table("sighting", "sighting_of_0002")
    op.create_table(
        "sighting",
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("identity", AutoString(), nullable=False),
        sa.Column("list", AutoString(), nullable=False),
        sa.Column("task_id", AutoString(), nullable=False),
        sa.Column("line_id", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("payload_hash", AutoString(), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source", "identity", "list", "task_id", "line_id", name=op.f("pk_sighting")),
    )
    op.create_index("ix_sighting_task_id", "sighting", ["task_id"], unique=False)
    op.execute(
        "INSERT INTO sighting (source, identity, list, task_id, line_id, account, role, payload_hash, first_seen_at, "
        "last_seen_at, gone_at) SELECT source, identity, list, record_id, line_id, account, role, payload_hash, "
        "first_seen_at, last_seen_at, gone_at FROM sighting_of_0002 AS one WHERE kind = 'task' AND NOT EXISTS ("
        "SELECT 1 FROM sighting_of_0002 AS other WHERE other.source = one.source AND other.identity = one.identity AND "
        "other.list = one.list AND other.record_id = one.record_id AND other.line_id = one.line_id AND "
        "other.account < one.account)"
    )
    op.drop_table("sighting_of_0002")
