"""The tables of who meets, what is asked and what is said."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, false

from survey.storage.columns import Json, UTCTime, metadata, number, of

facilitator = Table(
    "facilitator",
    metadata,
    number(),
    Column("name", String(80), nullable=False, unique=True, comment="what the facilitator signs in with"),
    Column("password_hash", String(200), comment="Argon2id; null until a password is chosen"),
    comment="Who may run meetings.",
)

invitation = Table(
    "invitation",
    metadata,
    Column("token_hash", String(64), primary_key=True, comment="SHA-256 of the one-time link's token"),
    of("facilitator", "whom the link signs in"),
    Column("expires_at", UTCTime, nullable=False, comment="no use after this"),
    Column("used_at", UTCTime, comment="null until used; then never again"),
    comment="One-time links to the console.",
)

meeting = Table(
    "meeting",
    metadata,
    number(),
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
    Column(
        "takeovers",
        Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="how often a card went from one phone to another: streams then look who lost one",
    ),
    Column(
        "erase_on",
        String(10),
        nullable=False,
        default="",
        server_default="",
        comment="ISO date from which it is erased by itself; empty: never",
    ),
    Column("erased_at", UTCTime, comment="null until texts and votes are gone"),
    Column("scrubbed_at", UTCTime, comment="null until free space is wiped after that"),
    Column(
        "cards_lost",
        Boolean,
        nullable=False,
        default=False,
        server_default=false(),
        comment="restored without its keys: no printed code opens anything until cards are issued anew",
    ),
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
    number(),
    of("meeting", "of which meeting"),
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
    number(),
    of("meeting", "of which meeting"),
    Column("position", Integer, nullable=False, comment="order, from 0"),
    Column("name", String(40), nullable=False, comment="as on the card, often a number"),
    comment="Where participants sit in mixed group work.",
)

question = Table(
    "question",
    metadata,
    number(),
    of("meeting", "of which meeting"),
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
    number(),
    of("question", "of which question"),
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

note = Table(
    "note",
    metadata,
    number(),
    of("question", "beside which question's chart"),
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

backup = Table(
    "backup",
    metadata,
    number(),
    Column("path", String(1000), nullable=False, comment="file, on its machine"),
    Column("keys_path", String(1000), nullable=False, default="", comment="file with the keys; empty: none"),
    Column("host", String(255), nullable=False, comment="name of the machine"),
    Column("made_at", UTCTime, nullable=False, comment="just before it was begun"),
    Column("gone_at", UTCTime, comment="null until it is said to be deleted"),
    comment="Copies of this database that hold links and texts until they are deleted.",
)
