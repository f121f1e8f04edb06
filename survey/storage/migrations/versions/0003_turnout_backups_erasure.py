"""Turnout kept beside the round, backups that are known, and when a meeting is erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_EARLIER = (
    "SELECT 1 FROM log WHERE round_id = NEW.round_id AND pseudonym = NEW.pseudonym "
    "AND seq < NEW.seq AND type IN ('cast', 'paper')"
)


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    _meeting()
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("path", sa.String(length=1000), nullable=False, comment="file, on its machine"),
        sa.Column(
            "keys_path", sa.String(length=1000), nullable=False, comment="file with the keys; empty: none"
        ),
        sa.Column("host", sa.String(length=255), nullable=False, comment="name of the machine"),
        sa.Column("made_at", sa.DateTime(), nullable=False, comment="just before it was begun"),
        sa.Column("gone_at", sa.DateTime(), nullable=True, comment="null until it is said to be deleted"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
        comment="Copies of this database that hold links and texts until they are deleted.",
    )
    op.drop_index("ix_log_round", table_name="log")
    op.create_index("ix_log_card", "log", ["round_id", "pseudonym"], unique=False)
    op.add_column(
        "round",
        sa.Column(
            "turnout",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="cards with a ballot in it, void ones left out; kept by the log's triggers",
        ),
    )
    op.execute(
        "UPDATE round SET turnout = (SELECT count(DISTINCT pseudonym) FROM log WHERE log.round_id = round.id "
        "AND type IN ('cast', 'paper') AND pseudonym NOT IN (SELECT pseudonym FROM log AS gone "
        "WHERE gone.round_id = round.id AND gone.type = 'void' AND gone.pseudonym IS NOT NULL))"
    )
    _count_on_insert()


def _meeting() -> None:
    for column in (
        sa.Column(
            "erase_on",
            sa.String(length=10),
            nullable=False,
            server_default="",
            comment="ISO date from which it is erased by itself; empty: never",
        ),
        sa.Column("erased_at", sa.DateTime(), nullable=True, comment="null until texts and votes are gone"),
        sa.Column(
            "scrubbed_at", sa.DateTime(), nullable=True, comment="null until free space is wiped after that"
        ),
        sa.Column(
            "cards_lost",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="restored without its keys: no printed code opens anything until cards are issued anew",
        ),
    ):
        op.add_column("meeting", column)


def _count_on_insert() -> None:
    """Let each first ballot of a card, and each ballot that leaves, change the round's turnout."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION count_turnout() RETURNS trigger LANGUAGE plpgsql AS $$
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
        op.execute(
            "CREATE TRIGGER turnout_follows_the_log AFTER INSERT ON log "
            "FOR EACH ROW WHEN (NEW.round_id IS NOT NULL) EXECUTE FUNCTION count_turnout()"
        )
        return
    op.execute(
        f"CREATE TRIGGER turnout_rises AFTER INSERT ON log "
        f"WHEN NEW.type IN ('cast', 'paper') AND NOT EXISTS ({_EARLIER}) "
        "BEGIN UPDATE round SET turnout = turnout + 1 WHERE id = NEW.round_id; END"
    )
    op.execute(
        "CREATE TRIGGER turnout_falls AFTER INSERT ON log "
        "WHEN NEW.type = 'void' AND NEW.pseudonym IS NOT NULL "
        "BEGIN UPDATE round SET turnout = turnout - 1 WHERE id = NEW.round_id; END"
    )
