"""The tables, as SQLAlchemy Core sees them. `migrations/` creates them; procrastinate adds its own.

A resident's key is «channel:user id»; nobody's rows refer to another resident's. Every table with
something of a resident's has the column `resident`: by it everything is deleted when they ask.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()


residents = Table(
    "residents",
    metadata,
    Column("resident", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    # Set when the resident forbade messages; cleared when they write again.
    Column("unreachable_since", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("resident", Text, nullable=False),
    Column("event", JSONB, nullable=False),
    # stored → done | parked
    Column("state", Text, nullable=False, server_default="stored"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("done_at", DateTime(timezone=True)),
    UniqueConstraint("channel", "event_id"),
    Index("inbox_parked", "id", postgresql_where=text("state = 'parked'")),
    Index("inbox_received_at", "received_at"),
    Index("inbox_resident", "resident"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("resident", Text, primary_key=True),
    # Grows by one with every turn; a turn that read an older one must not write.
    Column("version", BigInteger, nullable=False),
    Column("events", JSONB, nullable=False),
    Column("keyboards", JSONB, nullable=False, server_default="[]"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("resident", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("message", JSONB, nullable=False),
    Column("picture", LargeBinary),
    # queued → sent | unreachable | parked | withdrawn
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("message_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sent_at", DateTime(timezone=True)),
    # The last message to a resident who had everything deleted: gone as soon as it has left.
    Column("forget", Boolean, nullable=False, server_default=false()),
    Index("outbox_queued", "resident", "id", postgresql_where=text("state = 'queued'")),
    Index("outbox_parked", "id", postgresql_where=text("state = 'parked'")),
    Index("outbox_created_at", "created_at"),
    Index("outbox_resident", "resident"),
)

linked_accounts = Table(
    "linked_accounts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("resident", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("linked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("resident", "account"),
    Index("linked_accounts_account", "account"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("resident", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    # [{"meter_id": "m-1", "label": "DHW 1710051", "value": "56590"}], as confirmed
    Column("readings", JSONB, nullable=False),
    # confirmed → sent → accepted | refused | waiting; waiting → sent → …
    Column("state", Text, nullable=False, server_default="confirmed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Billing asked not to be called about it before.
    Column("not_before", DateTime(timezone=True)),
    Column("receipt", JSONB),
    Column("refusal", JSONB),
    Column("error", Text),
    # The state the resident was told; the outcome is owed while it differs from a final state.
    Column("told", Text),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Index(
        "submissions_account_open",
        "account",
        "id",
        postgresql_where=text("state NOT IN ('accepted', 'refused')"),
    ),
    Index("submissions_resident", "resident", "id"),
)

reminder_choices = Table(
    "reminder_choices",
    metadata,
    Column("resident", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    # NULL: has not chosen yet.
    Column("wanted", Boolean),
    Column("chosen_at", DateTime(timezone=True)),
    Column("offers", Integer, nullable=False, server_default="0"),
    Column("offered_at", DateTime(timezone=True)),
    # When to see again whether a reminder is due; only of those who want it.
    Column("look_at", DateTime(timezone=True)),
    Index("reminder_choices_look_at", "look_at", postgresql_where=text("wanted")),
)

# One row per resident, period and kind, committed together with its message in the outbox.
reminders = Table(
    "reminders",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("resident", Text, nullable=False),
    Column("period", Text, nullable=False),
    # opened | closing
    Column("kind", Text, nullable=False),
    Column("accounts", ARRAY(Text), nullable=False),
    Column("message_key", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("resident", "period", "kind"),
)

event_log = Table(
    "event_log",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("resident", Text, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("event_log_at", "at"),
    Index("event_log_resident", "resident", "id"),
)

consents = Table(
    "consents",
    metadata,
    Column("resident", Text, primary_key=True),
    Column("version", Text, nullable=False),
    # True: the button of consent was pressed; False: the number was written below the sentence.
    Column("explicit", Boolean, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

wrong_numbers = Table(
    "wrong_numbers",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("resident", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("wrong_numbers_at", "at"),
    Index("wrong_numbers_resident", "resident", "at"),
)

link_notices = Table(
    "link_notices",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # Who was told that somebody else has linked the account.
    Column("resident", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("objected_at", DateTime(timezone=True)),
    # Set by the operator when the objection was dealt with.
    Column("closed_at", DateTime(timezone=True)),
    Index("link_notices_resident", "resident", "account"),
    Index(
        "link_notices_open",
        "id",
        postgresql_where=text("objected_at IS NOT NULL AND closed_at IS NULL"),
    ),
    Index("link_notices_told_at", "told_at"),
)

# Who may be given jobs of a queue, and how many at a time (see migration 0005). What is left of
# workers that died is without effect, and goes when the next one begins.
queue_workers = Table(
    "queue_workers",
    metadata,
    Column("worker_id", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False),
    Column("room", Integer, nullable=False),
)
