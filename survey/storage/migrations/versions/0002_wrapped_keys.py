"""The questions' keys as wrapped rows, for PostgreSQL, and what several hosts need to agree."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    op.create_table(
        "question_key",
        sa.Column("question_id", sa.Integer(), nullable=False, comment="whose key"),
        sa.Column(
            "wrapped", sa.LargeBinary(), nullable=False, comment="nonce, key and tag under the secret's file"
        ),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_key_question_id")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_key")),
        comment="Keys of the questions, deleted at finish. Empty on SQLite, which keeps them in files.",
    )
    op.create_table(
        "secret_check",
        sa.Column(
            "fingerprint",
            sa.String(length=64),
            nullable=False,
            comment="keyed hash of a fixed word under the secret",
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_secret_check")),
        comment="With which secret this database was set up: every host must have it. Empty on SQLite.",
    )
    op.add_column(
        "meeting",
        sa.Column(
            "takeovers",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="how often a card went from one phone to another: streams then look who lost one",
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER log_is_never_emptied BEFORE TRUNCATE ON log "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_log()"
        )
        # Samples of answers and pseudonyms for the query planner would outlive finish.
        for table, column in (
            ("content", "answer"),
            ("content", "nonce"),
            ("content", "commitment"),
            ("content", "ballot"),
            ("cast_key", "pseudonym"),
            ("cast_key", "key"),
            ("cast_key", "body_hash"),
            ("question_key", "wrapped"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
