"""Fewer pages to write for a ballot: a card's ballots are found by their keys, and by nothing else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EARLIER = (
    "SELECT 1 FROM cast_key WHERE round_id = NEW.round_id AND pseudonym = NEW.pseudonym AND seq < NEW.seq"
)
_WHERE = (
    "FROM log JOIN content ON content.commitment = log.commitment "
    "WHERE log.round_id = cast_key.round_id AND log.pseudonym = cast_key.pseudonym AND log.seq = cast_key.seq"
)
_KEYS = "round_id, pseudonym, key, body_hash, seq"
_CONTENTS = "id, round_id, group_id, answer, nonce, commitment, ballot"


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()
    op.drop_index("ix_log_card", table_name="log")
    op.create_index(
        "ix_log_event",
        "log",
        ["round_id"],
        unique=False,
        sqlite_where=sa.text("commitment IS NULL"),
        postgresql_where=sa.text("commitment IS NULL"),
    )


def _on_postgresql() -> None:
    op.add_column(
        "cast_key",
        sa.Column(
            "content_id",
            sa.String(length=32),
            nullable=False,
            server_default="",
            comment="where its answer is",
        ),
    )
    op.execute("ALTER TABLE cast_key ALTER COLUMN content_id SET STATISTICS 0")
    op.execute(f"UPDATE cast_key SET content_id = coalesce((SELECT content.id {_WHERE}), '')")
    op.drop_constraint("uq_content_commitment", "content", type_="unique")
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION count_turnout() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.type = 'void' AND NEW.pseudonym IS NOT NULL THEN
                UPDATE round SET turnout = turnout - 1 WHERE id = NEW.round_id;
            ELSIF NEW.type IN ('cast', 'paper') AND NOT EXISTS ({_EARLIER}) THEN
                UPDATE round SET turnout = turnout + 1 WHERE id = NEW.round_id;
            END IF;
            RETURN NULL;
        END $$
        """
    )


def _on_sqlite() -> None:
    """SQLite takes no constraint away and moves no table into its key: both tables are made anew."""
    op.execute("DROP TRIGGER turnout_rises")
    op.create_table(
        "new_cast_key",
        sa.Column("round_id", sa.Integer(), nullable=False, comment="cast in"),
        sa.Column("pseudonym", sa.String(length=32), nullable=False, comment="by"),
        sa.Column("key", sa.String(length=64), nullable=False, comment="the phone's idempotency key"),
        sa.Column(
            "body_hash", sa.String(length=64), nullable=False, comment="keyed hash of the answer sent with it"
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the entry it became"),
        sa.Column(
            "content_id",
            sa.String(length=32),
            nullable=False,
            server_default="",
            comment="where its answer is",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_cast_key_round_id")),
        sa.PrimaryKeyConstraint("round_id", "pseudonym", "key", name=op.f("pk_cast_key")),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO new_cast_key ({_KEYS}, content_id) "
        f"SELECT {_KEYS}, coalesce((SELECT content.id {_WHERE}), '') "
        "FROM cast_key ORDER BY round_id, pseudonym, key"
    )
    op.create_table(
        "new_content",
        sa.Column("id", sa.String(length=32), nullable=False, comment="random"),
        sa.Column("round_id", sa.Integer(), nullable=False, comment="cast in"),
        sa.Column("group_id", sa.Integer(), nullable=False, comment="the card's group"),
        sa.Column("answer", sa.Text(), nullable=False, comment="canonical JSON; {} is blank"),
        sa.Column(
            "nonce", sa.String(length=32), nullable=True, comment="salt of the commitment; null after finish"
        ),
        sa.Column(
            "commitment",
            sa.String(length=64),
            nullable=True,
            comment="ties it to its log entry; null after finish",
        ),
        sa.Column(
            "ballot",
            sa.String(length=32),
            nullable=True,
            comment="random, same in this question's rounds; null until finish",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_content_group_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_content_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO new_content ({_CONTENTS}) SELECT {_CONTENTS} FROM content ORDER BY id")
    for name in ("cast_key", "content"):
        op.drop_table(name)
        op.rename_table(f"new_{name}", name)
    op.create_index(op.f("ix_content_round_id"), "content", ["round_id"], unique=False)
    op.execute(
        f"CREATE TRIGGER turnout_rises AFTER INSERT ON log "
        f"WHEN NEW.type IN ('cast', 'paper') AND NOT EXISTS ({_EARLIER}) "
        "BEGIN UPDATE round SET turnout = turnout + 1 WHERE id = NEW.round_id; END"
    )
