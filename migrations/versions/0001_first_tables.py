"""First tables, and procrastinate's."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "residents",
    "inbox",
    "conversations",
    "outbox",
    "linked_accounts",
    "submissions",
    "event_log",
)

# procrastinate has no downgrade: everything it made bears its name.
_DROP_PROCRASTINATE = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename AS name FROM pg_tables
                  WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TABLE %I CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
                  WHERE pronamespace = current_schema()::regnamespace
                    AND proname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT typname AS name FROM pg_type
                  WHERE typnamespace = current_schema()::regnamespace
                    AND typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE %I CASCADE', found.name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "residents",
        sa.Column("resident", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("unreachable_since", sa.DateTime(timezone=True)),
        _moment("created_at"),
    )
    op.create_table(
        "inbox",
        _number("id"),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("event", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="stored"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text),
        _moment("received_at"),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("channel", "event_id"),
    )
    _partial("inbox_parked", "inbox", ["id"], "state = 'parked'")
    op.create_index("inbox_received_at", "inbox", ["received_at"])
    op.create_index("inbox_resident", "inbox", ["resident"])
    op.create_table(
        "conversations",
        sa.Column("resident", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("events", JSONB, nullable=False),
        sa.Column("keyboards", JSONB, nullable=False, server_default="[]"),
        _moment("updated_at"),
    )
    op.create_table(
        "outbox",
        _number("id"),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("message", JSONB, nullable=False),
        sa.Column("picture", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False, server_default="queued"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.Text),
        sa.Column("message_id", sa.Text),
        _moment("created_at"),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
    )
    _partial("outbox_queued", "outbox", ["resident", "id"], "state = 'queued'")
    _partial("outbox_parked", "outbox", ["id"], "state = 'parked'")
    op.create_index("outbox_created_at", "outbox", ["created_at"])
    op.create_index("outbox_resident", "outbox", ["resident"])
    op.create_table(
        "linked_accounts",
        _number("id"),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        _moment("linked_at"),
        sa.UniqueConstraint("resident", "account"),
    )
    op.create_index("linked_accounts_account", "linked_accounts", ["account"])
    op.create_table(
        "submissions",
        _number("id"),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("readings", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="confirmed"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("receipt", JSONB),
        sa.Column("refusal", JSONB),
        sa.Column("error", sa.Text),
        sa.Column("told", sa.Text),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
    )
    _partial(
        "submissions_account_open",
        "submissions",
        ["account", "id"],
        "state NOT IN ('accepted', 'refused')",
    )
    op.create_index("submissions_resident", "submissions", ["resident", "id"])
    op.create_table(
        "event_log",
        _number("id"),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        _moment("at"),
    )
    op.create_index("event_log_at", "event_log", ["at"])
    op.create_index("event_log_resident", "event_log", ["resident", "id"])
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(_DROP_PROCRASTINATE.replace("%", "%%"))
    for table in reversed(_TABLES):
        op.drop_table(table)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, sa.Identity(), primary_key=True)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(condition))
