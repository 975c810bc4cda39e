"""Reminders: who wants them, and which were sent.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_choices",
        sa.Column("resident", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("wanted", sa.Boolean),
        sa.Column("chosen_at", sa.DateTime(timezone=True)),
        sa.Column("offers", sa.Integer, nullable=False, server_default="0"),
        sa.Column("offered_at", sa.DateTime(timezone=True)),
        sa.Column("look_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "reminder_choices_look_at",
        "reminder_choices",
        ["look_at"],
        postgresql_where=sa.text("wanted"),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("resident", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("accounts", ARRAY(sa.Text), nullable=False),
        sa.Column("message_key", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.UniqueConstraint("resident", "period", "kind"),
    )


def downgrade() -> None:
    op.drop_table("reminders")
    op.drop_table("reminder_choices")
