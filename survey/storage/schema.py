"""The tables. Every column says what it means; states are derived from columns, never stored beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCTime(TypeDecorator[datetime]):
    """A moment in UTC; naive on disk, aware in Python, so that no time zone of a laptop gets in."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A value as JSON text, the same on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Any) -> str | None:
        return (
            None
            if value is None
            else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )

    def process_result_value(self, value: str | None, _dialect: Any) -> Any:
        return None if value is None else json.loads(value)


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, comment="number of the row")


def _of(table: str, comment: str, nullable: bool = False, name: str | None = None) -> Column[int]:
    return Column(
        name or f"{table}_id", ForeignKey(f"{table}.id"), nullable=nullable, index=True, comment=comment
    )


facilitator = Table(
    "facilitator",
    metadata,
    _id(),
    Column("name", String(80), nullable=False, unique=True, comment="what the facilitator signs in with"),
    Column("password_hash", String(200), comment="Argon2id; null until a password is chosen"),
    comment="Who may run meetings.",
)

invitation = Table(
    "invitation",
    metadata,
    Column("token_hash", String(64), primary_key=True, comment="SHA-256 of the one-time link's token"),
    _of("facilitator", "whom the link signs in"),
    Column("expires_at", UTCTime, nullable=False, comment="no use after this"),
    Column("used_at", UTCTime, comment="null until used; then never again"),
    comment="One-time links to the console.",
)

meeting = Table(
    "meeting",
    metadata,
    _id(),
    Column("key", String(60), nullable=False, unique=True, comment="short name in addresses and commands"),
    Column("title", String(200), nullable=False, comment="as on screen and report"),
    Column("place", String(200), nullable=False, default="", comment="where it is held"),
    Column("date", String(10), nullable=False, default="", comment="ISO date of the meeting"),
    Column("ends_at", UTCTime, comment="when every question finishes by itself; null: by hand"),
    Column(
        "language", String(5), nullable=False, default="nn", comment="nn, nb or en: screen, report, cards"
    ),
    Column(
        "k", Integer, nullable=False, default=5, comment="smallest group shown, 3 or more; locked per round"
    ),
    Column("spares", Integer, nullable=False, default=1, comment="spare cards printed for each group"),
    Column("wifi_name", String(60), nullable=False, default="", comment="network shown on the join page"),
    Column(
        "wifi_password", String(100), nullable=False, default="", comment="its password, shown to the room"
    ),
    Column(
        "ballot_rows",
        Boolean,
        nullable=False,
        default=False,
        comment="data package may hold a row per ballot",
    ),
    Column(
        "base_url",
        String(200),
        nullable=False,
        default="",
        comment="address printed on the cards; empty: none printed",
    ),
    Column("rehearsal", Boolean, nullable=False, default=False, comment="all answers are invented"),
    Column("demo", Boolean, nullable=False, default=False, comment="made by the first start"),
    Column(
        "version",
        Integer,
        nullable=False,
        default=1,
        comment="rises with every step; a step names the one it saw",
    ),
    Column(
        "screen",
        Json,
        nullable=False,
        default=dict,
        comment="what the room sees now: view, round, stage, finding, light",
    ),
    Column("ended_at", UTCTime, comment="null until the meeting is over"),
    comment="A gathering.",
)

membership = Table(
    "membership",
    metadata,
    Column("facilitator_id", ForeignKey("facilitator.id"), primary_key=True, comment="who"),
    Column("meeting_id", ForeignKey("meeting.id"), primary_key=True, comment="may run which meeting"),
    comment="Who may do what.",
)

group = Table(
    "groups",
    metadata,
    _id(),
    _of("meeting", "of which meeting"),
    Column("position", Integer, nullable=False, comment="the meeting's own order, from 0"),
    Column("key", String(60), nullable=False, comment="short name in plans and exports"),
    Column("name", String(80), nullable=False, comment="as people read it"),
    Column("colour", String(7), nullable=False, comment="#rrggbb, the same through the whole meeting"),
    Column("cards", Integer, nullable=False, comment="people expected"),
    Column(
        "votes", Boolean, nullable=False, comment="false: outside scale, trust, dots and their denominators"
    ),
    UniqueConstraint("meeting_id", "key"),
    comment="Whom participants represent.",
)

table = Table(
    "tables",
    metadata,
    _id(),
    _of("meeting", "of which meeting"),
    Column("position", Integer, nullable=False, comment="order, from 0"),
    Column("name", String(40), nullable=False, comment="as on the card, often a number"),
    comment="Where participants sit in mixed group work.",
)

question = Table(
    "question",
    metadata,
    _id(),
    _of("meeting", "of which meeting"),
    Column("position", Integer, nullable=False, comment="place in the agenda, from 0"),
    Column("key", String(60), nullable=False, comment="short name in plans and exports"),
    Column("kind", String(20), nullable=False, comment="scale, trust, dots, ..."),
    Column("title", String(300), nullable=False, comment="as people read it"),
    Column("help", String(500), nullable=False, default="", comment="a line under the title"),
    Column(
        "interlude",
        String(200),
        nullable=False,
        default="",
        comment="what stands before it in the agenda: group work, coffee",
    ),
    Column("secrecy", String(10), nullable=False, comment="sealed or open"),
    Column("settings", Json, nullable=False, comment="the kind's own settings"),
    Column("rounds", Integer, nullable=False, default=1, comment="rounds planned, 1 or 2"),
    Column("finished_at", UTCTime, comment="null until links are destroyed"),
    Column("scrubbed_at", UTCTime, comment="null until free space is wiped after finish"),
    UniqueConstraint("meeting_id", "key"),
    comment="One thing asked.",
)

item = Table(
    "item",
    metadata,
    _id(),
    _of("question", "of which question"),
    Column("position", Integer, nullable=False, comment="the facilitator's order, from 0"),
    Column(
        "key",
        String(60),
        nullable=False,
        comment="short name in answers and exports; for trust the group's key",
    ),
    Column("text", String(300), nullable=False, comment="as people read it"),
    UniqueConstraint("question_id", "key"),
    comment="Statements, options, groups to rate.",
)

round_ = Table(
    "round",
    metadata,
    _id(),
    _of("question", "of which question"),
    Column("number", Integer, nullable=False, comment="1, 2, ...; annulled rounds keep theirs"),
    Column("k", Integer, nullable=False, comment="smallest group shown, locked at opening"),
    Column("opened_at", UTCTime, nullable=False, comment="when it was (last) opened"),
    Column("closed_at", UTCTime, comment="null while open"),
    Column("revealed_at", UTCTime, comment="null until the room may see it"),
    Column("annulled_at", UTCTime, comment="null unless put aside after it was revealed"),
    Column(
        "books",
        Json,
        comment="issued, used, unused, void, counted, blank, paper, by_group at close; null while open",
    ),
    Column(
        "salt",
        String(32),
        comment="random, in the close entry's hashes; null while open, dropped with the contents",
    ),
    Column("head", String(64), comment="the log's head at close"),
    Column("published", Json, comment="what passed the gate at close: codebook and rows"),
    UniqueConstraint("question_id", "number"),
    comment="One opening of a question. Its state follows from which times are null.",
)

card = Table(
    "card",
    metadata,
    Column("id", String(32), primary_key=True, comment="random, 32 hex digits"),
    _of("meeting", "of which meeting"),
    Column(
        "group_id", ForeignKey("groups.id"), nullable=False, index=True, comment="whom the holder represents"
    ),
    Column("table_id", ForeignKey("tables.id"), comment="where the holder sits"),
    Column(
        "code_digest",
        String(64),
        nullable=False,
        unique=True,
        comment="keyed hash of the code; the code is nowhere",
    ),
    Column("origin", String(10), nullable=False, comment="printed, spare, room or rehearsal"),
    Column("taken", Boolean, nullable=False, default=False, comment="true once somebody came in with it"),
    Column("void", Boolean, nullable=False, default=False, comment="true: may not vote any more"),
    Column("holder", String(64), comment="session that holds it now; null: none"),
    comment="The right to vote: a code, a group and a table. Not a person.",
)

session = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True, comment="SHA-256 of the cookie's 128 random bits"),
    Column(
        "facilitator_id", ForeignKey("facilitator.id"), index=True, comment="signed in as; null for a phone"
    ),
    Column("card_id", ForeignKey("card.id"), index=True, comment="card it votes with; null for a console"),
    Column("expires_at", UTCTime, nullable=False, comment="dead after this"),
    Column("seen_at", UTCTime, comment="a console's last use, for the idle limit; null for a phone"),
    comment="Who is signed in, on the server's side.",
)

log = Table(
    "log",
    metadata,
    Column(
        "meeting_id",
        ForeignKey("meeting.id"),
        primary_key=True,
        comment="each meeting has a chain of its own",
    ),
    Column(
        "seq",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="position in the chain, from 1, without gaps",
    ),
    Column(
        "type",
        String(12),
        nullable=False,
        comment="open, cast, paper, close, reopen, reveal, annul, void, issue, finish, ...",
    ),
    Column("round_id", Integer, comment="round it is about; null for the meeting's own entries"),
    Column(
        "pseudonym", String(32), comment="the card under the question's key; null unless it is about a card"
    ),
    Column("commitment", String(64), comment="salted hash of the answer; null unless a ballot"),
    Column("data", Text, comment="canonical JSON of the event's other facts; null if none"),
    Column("prev", String(64), nullable=False, comment="hash of the entry before; zeros for the first"),
    Column("hash", String(64), nullable=False, comment="SHA-256 over this entry's canonical form"),
    Index("ix_log_round", "round_id"),
    comment="The ballot box's log: append-only, chained. No time, address or device.",
)

content = Table(
    "content",
    metadata,
    Column("id", String(32), primary_key=True, comment="random"),
    Column("round_id", ForeignKey("round.id"), nullable=False, index=True, comment="cast in"),
    Column("group_id", ForeignKey("groups.id"), nullable=False, comment="the card's group"),
    Column("answer", Text, nullable=False, comment="canonical JSON; {} is blank"),
    Column("nonce", String(32), comment="salt of the commitment; null after finish"),
    Column("commitment", String(64), unique=True, comment="ties it to its log entry; null after finish"),
    Column("ballot", String(32), comment="random, same in this question's rounds; null until finish"),
    comment="What was answered. Superseded answers disappear at finish.",
    sqlite_with_rowid=False,
)

cast_key = Table(
    "cast_key",
    metadata,
    Column("round_id", ForeignKey("round.id"), primary_key=True, comment="cast in"),
    Column("pseudonym", String(32), primary_key=True, comment="by"),
    Column("key", String(64), primary_key=True, comment="the phone's idempotency key"),
    Column("body_hash", String(64), nullable=False, comment="keyed hash of the answer sent with it"),
    Column("seq", Integer, nullable=False, comment="the entry it became"),
    comment="Keys already used, so that a retry counts once. Emptied at finish.",
)

note = Table(
    "note",
    metadata,
    _id(),
    _of("question", "beside which question's chart"),
    Column("round_number", Integer, nullable=False, comment="and which round"),
    Column("text", String(1000), nullable=False, comment="what was said, as written"),
    comment="What was said beside the chart. Removing one deletes it.",
)

prompt = Table(
    "prompt",
    metadata,
    Column("round_id", ForeignKey("round.id"), primary_key=True, comment="beside which chart"),
    Column("finding", String(80), primary_key=True, comment="the finding's key"),
    Column(
        "text",
        String(500),
        nullable=False,
        default="",
        comment="the facilitator's own words; empty: as computed",
    ),
    Column("skipped", Boolean, nullable=False, default=False, comment="true: not asked"),
    comment="Prompts that the facilitator changed or left out.",
)
