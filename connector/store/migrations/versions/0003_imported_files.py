"""Files are imported: what was read, which record each row is, what waits for a person, which documents were withdrawn

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("sha256", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("modified_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.Column("as_of", UTCDateTime(), nullable=True),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("sheets", sa.JSON(), nullable=False),
        sa.CheckConstraint("outcome IN ('imported', 'refused')", name=op.f("ck_imported_file_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_file")),
    )
    op.create_index("ix_imported_file_sha256", "imported_file", ["source", "sha256"], unique=False)
    op.create_table(
        "file_row",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("as_of", UTCDateTime(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["imported_file.id"], name=op.f("fk_file_row_file_id")),
        sa.PrimaryKeyConstraint("file_id", "sheet", "row", name=op.f("pk_file_row")),
    )
    op.create_index("ix_file_row_record", "file_row", ["kind", "record_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("record", AutoString(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("packed", sa.JSON(), nullable=False),
        sa.Column("own_id", AutoString(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("answer", AutoString(), nullable=False),
        sa.CheckConstraint("kind IN ('row', 'question')", name=op.f("ck_quarantine_kind")),
        sa.CheckConstraint("state IN ('waiting', 'loaded', 'dropped')", name=op.f("ck_quarantine_state")),
        sa.ForeignKeyConstraint(["file_id"], ["imported_file.id"], name=op.f("fk_quarantine_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_state"), "quarantine", ["state"], unique=False)

    op.create_table(
        "document_notice",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("source", AutoString(), nullable=False),
        sa.Column("notation", AutoString(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", AutoString(), nullable=False),
        sa.Column("standing", AutoString(), nullable=False),
        sa.Column("as_of", UTCDateTime(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["imported_file.id"], name=op.f("fk_document_notice_file_id")),
        sa.PrimaryKeyConstraint("file_id", "sheet", "place", name=op.f("pk_document_notice")),
    )
    op.create_index(op.f("ix_document_notice_source"), "document_notice", ["source"], unique=False)
    op.add_column("document_version", sa.Column("standing", AutoString(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("document_version", "standing")
    for table in ("document_notice", "quarantine", "file_row", "imported_file"):
        op.drop_table(table)
