"""A job is nobody's from birth while others wait that could be taken; waiting ones are found fast.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PUT_JOB = """
    CREATE OR REPLACE FUNCTION put_job(
        queue text, task text, job_lock text, arguments jsonb, worker bigint,
        OUT job_id bigint, OUT taken boolean
    ) LANGUAGE plpgsql AS $$
    BEGIN
        taken := worker IS NOT NULL
            AND EXISTS (SELECT 1 FROM procrastinate_workers WHERE id = worker)
            AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs
                 WHERE lock = job_lock AND status IN ('todo', 'doing'))
            %s;
        IF taken THEN
            INSERT INTO procrastinate_jobs
                   (queue_name, task_name, lock, args, status, worker_id)
            VALUES (queue, task, job_lock, arguments, 'doing', worker)
                ON CONFLICT (lock) WHERE status = 'doing' DO NOTHING
            RETURNING id INTO job_id;
            taken := job_id IS NOT NULL;
        END IF;
        IF NOT taken THEN
            INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args)
            VALUES (queue, task, job_lock, arguments)
            RETURNING id INTO job_id;
        END IF;
    END
    $$
"""
_NOBODY_WAITS = """
            AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs AS waiting
                 WHERE waiting.status = 'todo' AND waiting.queue_name = queue
                   AND (waiting.scheduled_at IS NULL OR waiting.scheduled_at <= now())
                   AND NOT EXISTS (
                       SELECT 1 FROM procrastinate_jobs AS held
                        WHERE held.lock = waiting.lock AND held.status = 'doing'))
"""


def upgrade() -> None:
    op.execute(_PUT_JOB % _NOBODY_WAITS)
    # procrastinate asks for a lock with every job it takes, and has no index that begins with it.
    op.execute(
        "CREATE INDEX procrastinate_jobs_waiting_lock ON procrastinate_jobs (lock)"
        " WHERE status IN ('todo', 'doing')"
    )


def downgrade() -> None:
    op.execute("DROP INDEX procrastinate_jobs_waiting_lock")
    op.execute(_PUT_JOB % "")
