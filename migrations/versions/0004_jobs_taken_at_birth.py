"""Jobs that the process which makes them takes at once.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A function, because each of its statements sees what was committed while the caller waited
    # for a resident's lock; a plain statement sees only what was there when it began.
    op.execute("""
        CREATE FUNCTION put_job(
            queue text, task text, job_lock text, arguments jsonb, worker bigint,
            OUT job_id bigint, OUT taken boolean
        ) LANGUAGE plpgsql AS $$
        BEGIN
            taken := worker IS NOT NULL
                AND EXISTS (SELECT 1 FROM procrastinate_workers WHERE id = worker)
                AND NOT EXISTS (
                    SELECT 1 FROM procrastinate_jobs
                     WHERE lock = job_lock AND status IN ('todo', 'doing'));
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
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION put_job")
