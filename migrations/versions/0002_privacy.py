"""Consent, wrong account numbers, notices of links, and messages that leave nothing behind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("consents", "wrong_numbers", "link_notices")


def upgrade() -> None:
    op.add_column(
        "outbox", sa.Column("forget", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "consents",
        sa.Column("resident", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("explicit", sa.Boolean, nullable=False),
        _moment("given_at"),
    )
    op.create_table(
        "wrong_numbers",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("resident", sa.Text, nullable=False),
        _moment("at"),
    )
    op.create_index("wrong_numbers_at", "wrong_numbers", ["at"])
    op.create_index("wrong_numbers_resident", "wrong_numbers", ["resident", "at"])
    op.create_table(
        "link_notices",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        _moment("told_at"),
        sa.Column("objected_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("link_notices_resident", "link_notices", ["resident", "account"])
    op.create_index(
        "link_notices_open",
        "link_notices",
        ["id"],
        postgresql_where=sa.text("objected_at IS NOT NULL AND closed_at IS NULL"),
    )
    op.create_index("link_notices_told_at", "link_notices", ["told_at"])


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("outbox", "forget")


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
