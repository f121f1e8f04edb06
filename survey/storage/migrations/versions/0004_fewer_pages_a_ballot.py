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
    "SELECT content.id FROM log JOIN content ON content.commitment = log.commitment "
    "WHERE log.round_id = cast_key.round_id AND log.pseudonym = cast_key.pseudonym AND log.seq = cast_key.seq"
)
# SQLite takes no constraint away and moves no table into its key: there both tables are made anew.
_BY_KEY = {"sqlite_with_rowid": False}


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if not on_postgresql:
        op.execute("DROP TRIGGER turnout_rises")
    place = sa.Column(
        "content_id", sa.String(length=32), nullable=False, server_default="", comment="where its answer is"
    )
    with op.batch_alter_table(
        "cast_key", recreate="never" if on_postgresql else "always", table_kwargs=_BY_KEY
    ) as table:
        table.add_column(place)
    op.execute(f"UPDATE cast_key SET content_id = coalesce(({_WHERE}), '')")
    with op.batch_alter_table("content", table_kwargs=_BY_KEY) as table:
        table.drop_constraint("uq_content_commitment", type_="unique")
    op.drop_index("ix_log_card", table_name="log")
    is_no_ballot = sa.text("commitment IS NULL")
    op.create_index(
        "ix_log_event", "log", ["round_id"], sqlite_where=is_no_ballot, postgresql_where=is_no_ballot
    )
    if on_postgresql:
        _on_postgresql()
    else:
        op.execute(
            f"CREATE TRIGGER turnout_rises AFTER INSERT ON log "
            f"WHEN NEW.type IN ('cast', 'paper') AND NOT EXISTS ({_EARLIER}) "
            "BEGIN UPDATE round SET turnout = turnout + 1 WHERE id = NEW.round_id; END"
        )


def _on_postgresql() -> None:
    # Samples for the query planner would outlive finish.
    op.execute("ALTER TABLE cast_key ALTER COLUMN content_id SET STATISTICS 0")
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
