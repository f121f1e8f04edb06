"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables from the revision before to this one."""
    op.create_table(
        "facilitator",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="what the facilitator signs in with"),
        sa.Column(
            "password_hash",
            sa.String(length=200),
            nullable=True,
            comment="Argon2id; null until a password is chosen",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitator")),
        sa.UniqueConstraint("name", name=op.f("uq_facilitator_name")),
        comment="Who may run meetings.",
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column(
            "key", sa.String(length=60), nullable=False, comment="short name in addresses and commands"
        ),
        sa.Column("title", sa.String(length=200), nullable=False, comment="as on screen and report"),
        sa.Column("place", sa.String(length=200), nullable=False, comment="where it is held"),
        sa.Column("date", sa.String(length=10), nullable=False, comment="ISO date of the meeting"),
        sa.Column(
            "ends_at",
            sa.DateTime(),
            nullable=True,
            comment="when every question finishes by itself; null: by hand",
        ),
        sa.Column(
            "language", sa.String(length=5), nullable=False, comment="nn, nb or en: screen, report, cards"
        ),
        sa.Column(
            "k", sa.Integer(), nullable=False, comment="smallest group shown, 3 or more; locked per round"
        ),
        sa.Column("spares", sa.Integer(), nullable=False, comment="spare cards printed for each group"),
        sa.Column(
            "wifi_name", sa.String(length=60), nullable=False, comment="network shown on the join page"
        ),
        sa.Column(
            "wifi_password", sa.String(length=100), nullable=False, comment="its password, shown to the room"
        ),
        sa.Column(
            "ballot_rows", sa.Boolean(), nullable=False, comment="data package may hold a row per ballot"
        ),
        sa.Column(
            "base_url",
            sa.String(length=200),
            nullable=False,
            comment="address printed on the cards; empty: none printed",
        ),
        sa.Column("rehearsal", sa.Boolean(), nullable=False, comment="all answers are invented"),
        sa.Column("demo", sa.Boolean(), nullable=False, comment="made by the first start"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="rises with every step; a step names the one it saw",
        ),
        sa.Column(
            "screen",
            sa.Text(),
            nullable=False,
            comment="what the room sees now: view, round, stage, finding, light",
        ),
        sa.Column("ended_at", sa.DateTime(), nullable=True, comment="null until the meeting is over"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("key", name=op.f("uq_meeting_key")),
        comment="A gathering.",
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="of which meeting"),
        sa.Column("position", sa.Integer(), nullable=False, comment="the meeting's own order, from 0"),
        sa.Column("key", sa.String(length=60), nullable=False, comment="short name in plans and exports"),
        sa.Column("name", sa.String(length=80), nullable=False, comment="as people read it"),
        sa.Column(
            "colour",
            sa.String(length=7),
            nullable=False,
            comment="#rrggbb, the same through the whole meeting",
        ),
        sa.Column("cards", sa.Integer(), nullable=False, comment="people expected"),
        sa.Column(
            "votes",
            sa.Boolean(),
            nullable=False,
            comment="false: outside scale, trust, dots and their denominators",
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_groups_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("meeting_id", "key", name=op.f("uq_groups_meeting_id_key")),
        comment="Whom participants represent.",
    )
    op.create_index(op.f("ix_groups_meeting_id"), "groups", ["meeting_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column(
            "token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the one-time link's token"
        ),
        sa.Column("facilitator_id", sa.Integer(), nullable=False, comment="whom the link signs in"),
        sa.Column("expires_at", sa.DateTime(), nullable=False, comment="no use after this"),
        sa.Column("used_at", sa.DateTime(), nullable=True, comment="null until used; then never again"),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["facilitator.id"], name=op.f("fk_invitation_facilitator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
        comment="One-time links to the console.",
    )
    op.create_index(op.f("ix_invitation_facilitator_id"), "invitation", ["facilitator_id"], unique=False)

    op.create_table(
        "log",
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="each meeting has a chain of its own"),
        sa.Column(
            "seq",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="position in the chain, from 1, without gaps",
        ),
        sa.Column(
            "type",
            sa.String(length=12),
            nullable=False,
            comment="open, cast, paper, close, reopen, reveal, annul, void, issue, finish, ...",
        ),
        sa.Column(
            "round_id",
            sa.Integer(),
            nullable=True,
            comment="round it is about; null for the meeting's own entries",
        ),
        sa.Column(
            "pseudonym",
            sa.String(length=32),
            nullable=True,
            comment="the card under the question's key; null unless it is about a card",
        ),
        sa.Column(
            "commitment",
            sa.String(length=64),
            nullable=True,
            comment="salted hash of the answer; null unless a ballot",
        ),
        sa.Column(
            "data",
            sa.Text(),
            nullable=True,
            comment="canonical JSON of the event's other facts; null if none",
        ),
        sa.Column(
            "prev",
            sa.String(length=64),
            nullable=False,
            comment="hash of the entry before; zeros for the first",
        ),
        sa.Column(
            "hash", sa.String(length=64), nullable=False, comment="SHA-256 over this entry's canonical form"
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_log_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "seq", name=op.f("pk_log")),
        comment="The ballot box's log: append-only, chained. No time, address or device.",
    )
    op.create_index("ix_log_round", "log", ["round_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("facilitator_id", sa.Integer(), nullable=False, comment="who"),
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="may run which meeting"),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["facilitator.id"], name=op.f("fk_membership_facilitator_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_membership_meeting_id")),
        sa.PrimaryKeyConstraint("facilitator_id", "meeting_id", name=op.f("pk_membership")),
        comment="Who may do what.",
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="of which meeting"),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in the agenda, from 0"),
        sa.Column("key", sa.String(length=60), nullable=False, comment="short name in plans and exports"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="scale, trust, dots, ..."),
        sa.Column("title", sa.String(length=300), nullable=False, comment="as people read it"),
        sa.Column("help", sa.String(length=500), nullable=False, comment="a line under the title"),
        sa.Column(
            "interlude",
            sa.String(length=200),
            nullable=False,
            comment="what stands before it in the agenda: group work, coffee",
        ),
        sa.Column("secrecy", sa.String(length=10), nullable=False, comment="sealed or open"),
        sa.Column("settings", sa.Text(), nullable=False, comment="the kind's own settings"),
        sa.Column("rounds", sa.Integer(), nullable=False, comment="rounds planned, 1 or 2"),
        sa.Column("finished_at", sa.DateTime(), nullable=True, comment="null until links are destroyed"),
        sa.Column(
            "scrubbed_at", sa.DateTime(), nullable=True, comment="null until free space is wiped after finish"
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_question_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("meeting_id", "key", name=op.f("uq_question_meeting_id_key")),
        comment="One thing asked.",
    )
    op.create_index(op.f("ix_question_meeting_id"), "question", ["meeting_id"], unique=False)

    op.create_table(
        "tables",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="of which meeting"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order, from 0"),
        sa.Column("name", sa.String(length=40), nullable=False, comment="as on the card, often a number"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_tables_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tables")),
        comment="Where participants sit in mixed group work.",
    )
    op.create_index(op.f("ix_tables_meeting_id"), "tables", ["meeting_id"], unique=False)

    op.create_table(
        "card",
        sa.Column("id", sa.String(length=32), nullable=False, comment="random, 32 hex digits"),
        sa.Column("meeting_id", sa.Integer(), nullable=False, comment="of which meeting"),
        sa.Column("group_id", sa.Integer(), nullable=False, comment="whom the holder represents"),
        sa.Column("table_id", sa.Integer(), nullable=True, comment="where the holder sits"),
        sa.Column(
            "code_digest",
            sa.String(length=64),
            nullable=False,
            comment="keyed hash of the code; the code is nowhere",
        ),
        sa.Column(
            "origin", sa.String(length=10), nullable=False, comment="printed, spare, room or rehearsal"
        ),
        sa.Column("taken", sa.Boolean(), nullable=False, comment="true once somebody came in with it"),
        sa.Column("void", sa.Boolean(), nullable=False, comment="true: may not vote any more"),
        sa.Column(
            "holder", sa.String(length=64), nullable=True, comment="session that holds it now; null: none"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_card_group_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_card_meeting_id")),
        sa.ForeignKeyConstraint(["table_id"], ["tables.id"], name=op.f("fk_card_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_card_code_digest")),
        comment="The right to vote: a code, a group and a table. Not a person.",
    )
    op.create_index(op.f("ix_card_group_id"), "card", ["group_id"], unique=False)
    op.create_index(op.f("ix_card_meeting_id"), "card", ["meeting_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("question_id", sa.Integer(), nullable=False, comment="of which question"),
        sa.Column("position", sa.Integer(), nullable=False, comment="the facilitator's order, from 0"),
        sa.Column(
            "key",
            sa.String(length=60),
            nullable=False,
            comment="short name in answers and exports; for trust the group's key",
        ),
        sa.Column("text", sa.String(length=300), nullable=False, comment="as people read it"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_item_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("question_id", "key", name=op.f("uq_item_question_id_key")),
        comment="Statements, options, groups to rate.",
    )
    op.create_index(op.f("ix_item_question_id"), "item", ["question_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("question_id", sa.Integer(), nullable=False, comment="beside which question's chart"),
        sa.Column("round_number", sa.Integer(), nullable=False, comment="and which round"),
        sa.Column("text", sa.String(length=1000), nullable=False, comment="what was said, as written"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_note_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        comment="What was said beside the chart. Removing one deletes it.",
    )
    op.create_index(op.f("ix_note_question_id"), "note", ["question_id"], unique=False)

    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False, comment="number of the row"),
        sa.Column("question_id", sa.Integer(), nullable=False, comment="of which question"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, ...; annulled rounds keep theirs"),
        sa.Column("k", sa.Integer(), nullable=False, comment="smallest group shown, locked at opening"),
        sa.Column("opened_at", sa.DateTime(), nullable=False, comment="when it was (last) opened"),
        sa.Column("closed_at", sa.DateTime(), nullable=True, comment="null while open"),
        sa.Column("revealed_at", sa.DateTime(), nullable=True, comment="null until the room may see it"),
        sa.Column(
            "annulled_at", sa.DateTime(), nullable=True, comment="null unless put aside after it was revealed"
        ),
        sa.Column(
            "books",
            sa.Text(),
            nullable=True,
            comment="issued, used, unused, void, counted, blank, paper, by_group at close; null while open",
        ),
        sa.Column(
            "salt",
            sa.String(length=32),
            nullable=True,
            comment="random, in the close entry's hashes; null while open, dropped with the contents",
        ),
        sa.Column("head", sa.String(length=64), nullable=True, comment="the log's head at close"),
        sa.Column(
            "published", sa.Text(), nullable=True, comment="what passed the gate at close: codebook and rows"
        ),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_round_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_round_question_id_number")),
        comment="One opening of a question. Its state follows from which times are null.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_round_question_id"), "round", ["question_id"], unique=False)

    op.create_table(
        "cast_key",
        sa.Column("round_id", sa.Integer(), nullable=False, comment="cast in"),
        sa.Column("pseudonym", sa.String(length=32), nullable=False, comment="by"),
        sa.Column("key", sa.String(length=64), nullable=False, comment="the phone's idempotency key"),
        sa.Column(
            "body_hash", sa.String(length=64), nullable=False, comment="keyed hash of the answer sent with it"
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="the entry it became"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_cast_key_round_id")),
        sa.PrimaryKeyConstraint("round_id", "pseudonym", "key", name=op.f("pk_cast_key")),
        comment="Keys already used, so that a retry counts once. Emptied at finish.",
    )
    op.create_table(
        "content",
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
        sa.UniqueConstraint("commitment", name=op.f("uq_content_commitment")),
        comment="What was answered. Superseded answers disappear at finish.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_content_round_id"), "content", ["round_id"], unique=False)

    op.create_table(
        "prompt",
        sa.Column("round_id", sa.Integer(), nullable=False, comment="beside which chart"),
        sa.Column("finding", sa.String(length=80), nullable=False, comment="the finding's key"),
        sa.Column(
            "text",
            sa.String(length=500),
            nullable=False,
            comment="the facilitator's own words; empty: as computed",
        ),
        sa.Column("skipped", sa.Boolean(), nullable=False, comment="true: not asked"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_prompt_round_id")),
        sa.PrimaryKeyConstraint("round_id", "finding", name=op.f("pk_prompt")),
        comment="Prompts that the facilitator changed or left out.",
    )
    op.create_table(
        "session",
        sa.Column(
            "id_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the cookie's 128 random bits"
        ),
        sa.Column("facilitator_id", sa.Integer(), nullable=True, comment="signed in as; null for a phone"),
        sa.Column(
            "card_id", sa.String(length=32), nullable=True, comment="card it votes with; null for a console"
        ),
        sa.Column("expires_at", sa.DateTime(), nullable=False, comment="dead after this"),
        sa.Column(
            "seen_at",
            sa.DateTime(),
            nullable=True,
            comment="a console's last use, for the idle limit; null for a phone",
        ),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_session_card_id")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"], ["facilitator.id"], name=op.f("fk_session_facilitator_id")
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_session")),
        comment="Who is signed in, on the server's side.",
    )
    op.create_index(op.f("ix_session_card_id"), "session", ["card_id"], unique=False)
    op.create_index(op.f("ix_session_facilitator_id"), "session", ["facilitator_id"], unique=False)
    _protect_the_log()


def _protect_the_log() -> None:
    """Let nothing change the log, and nothing delete from it but the removal of a rehearsal."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION keep_log() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND (SELECT rehearsal FROM meeting WHERE id = OLD.meeting_id) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            "CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE ON log "
            "FOR EACH ROW EXECUTE FUNCTION keep_log()"
        )
        return
    op.execute(
        "CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log "
        "WHEN (SELECT rehearsal FROM meeting WHERE id = OLD.meeting_id) IS NOT 1 "
        "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    )
