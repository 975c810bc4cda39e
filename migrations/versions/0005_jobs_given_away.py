"""Jobs that a process without workers gives to one that has room.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_workers",
        sa.Column("worker_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("room", sa.Integer, nullable=False),
    )
    # The worker hears of its job on the channel on which it hears of jobs that wait to be taken.
    # One that has been silent for longer than two heartbeats is given nothing.
    op.execute("""
        CREATE FUNCTION give_job(
            queue_name text, task text, job_lock text, arguments jsonb,
            OUT job_id bigint, OUT taken boolean
        ) LANGUAGE plpgsql AS $$
        DECLARE
            chosen bigint;
        BEGIN
            SELECT member.worker_id INTO chosen
              FROM queue_workers AS member
              JOIN procrastinate_workers AS alive ON alive.id = member.worker_id
             CROSS JOIN LATERAL (
                   SELECT count(*) AS jobs FROM procrastinate_jobs
                    WHERE worker_id = member.worker_id AND status = 'doing') AS held
             WHERE member.queue = queue_name AND held.jobs < member.room
               AND alive.last_heartbeat > now() - interval '4 seconds'
             ORDER BY held.jobs, random() LIMIT 1;
            SELECT put.job_id, put.taken INTO job_id, taken
              FROM put_job(queue_name, task, job_lock, arguments, chosen) AS put;
            IF taken THEN
                PERFORM pg_notify('procrastinate_queue_v1#' || queue_name, jsonb_build_object(
                    'type', 'job_given', 'worker_id', chosen, 'job_id', job_id,
                    'task', task, 'lock', job_lock, 'args', arguments)::text);
            END IF;
        END
        $$
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION give_job")
    op.drop_table("queue_workers")
