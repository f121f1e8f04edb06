"""The tables of the ballot box: rounds, cards and who holds them, the log and what was answered."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from survey.storage.columns import Json, UTCTime, metadata, number, of

_NO_BALLOT = "commitment IS NULL"

round_ = Table(
    "round",
    metadata,
    number(),
    of("question", "of which question"),
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
    Column(
        "turnout",
        Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="cards with a ballot in it, void ones left out; kept by the log's triggers",
    ),
    UniqueConstraint("question_id", "number"),
    comment="One opening of a question. Its state follows from which times are null.",
    # A page of a removed round must never be able to cast into a later one.
    sqlite_autoincrement=True,
)

card = Table(
    "card",
    metadata,
    Column("id", String(32), primary_key=True, comment="random, 32 hex digits"),
    of("meeting", "of which meeting"),
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
    # Ballots are found by their keys: an index of them all would touch one page more for each.
    Index("ix_log_event", "round_id", sqlite_where=text(_NO_BALLOT), postgresql_where=text(_NO_BALLOT)),
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
    Column("commitment", String(64), comment="ties it to its log entry; null after finish"),
    Column("ballot", String(32), comment="random, same in this question's rounds; null until finish"),
    comment="What was answered. Superseded answers disappear at finish.",
    sqlite_with_rowid=False,
)

question_key = Table(
    "question_key",
    metadata,
    Column(
        "question_id",
        ForeignKey("question.id"),
        primary_key=True,
        autoincrement=False,
        comment="whose key",
    ),
    Column("wrapped", LargeBinary, nullable=False, comment="nonce, key and tag under the secret's file"),
    comment="Keys of the questions, deleted at finish. Empty on SQLite, which keeps them in files.",
)

secret_check = Table(
    "secret_check",
    metadata,
    Column(
        "fingerprint", String(64), primary_key=True, comment="keyed hash of a fixed word under the secret"
    ),
    comment="With which secret this database was set up: every host must have it. Empty on SQLite.",
)

cast_key = Table(
    "cast_key",
    metadata,
    Column("round_id", ForeignKey("round.id"), primary_key=True, comment="cast in"),
    Column("pseudonym", String(32), primary_key=True, comment="by"),
    Column("key", String(64), primary_key=True, comment="the phone's idempotency key"),
    Column("body_hash", String(64), nullable=False, comment="keyed hash of the answer sent with it"),
    Column("seq", Integer, nullable=False, comment="the entry it became"),
    Column("content_id", String(32), nullable=False, server_default="", comment="where its answer is"),
    comment="Keys already used, so that a retry counts once, and a card's ballots. Emptied at finish.",
    sqlite_with_rowid=False,
)
