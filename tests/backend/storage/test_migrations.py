"""The migrations give exactly the tables that the code knows, up and down."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import make_url

from backend.storage.migrate import downgrade, migrate
from backend.storage.tables import metadata

VERSIONS = Path(__file__).parents[3] / "migrations" / "versions"
NEWEST = max(path.name for path in VERSIONS.glob("[0-9]*.py"))[:4]
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
      FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%'
       AND table_name <> 'alembic_version'
     ORDER BY table_name, ordinal_position
"""
INDEXES = """
    SELECT indexdef FROM pg_indexes
     WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'
       AND tablename <> 'alembic_version'
     ORDER BY indexdef
"""
LEFT_OVER = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
"""


def engine(url: str) -> Any:
    return sqlalchemy.create_engine(make_url(url).set(drivername="postgresql+psycopg2"))


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_autogenerate_finds_nothing_to_add_to_the_migrations(database_url: str) -> None:
    def ours(_object: Any, name: str, kind: str, *_: Any) -> bool:
        return not (kind == "table" and name.startswith("procrastinate"))

    found = engine(database_url)
    try:
        with found.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_object": ours,
                    "compare_type": True,
                    "compare_server_default": True,
                },
            )
            assert compare_metadata(context, metadata) == []
    finally:
        found.dispose()


def test_columns_and_indexes_are_those_of_the_table_definitions(
    database_url: str, empty_database_url: str
) -> None:
    defined = engine(empty_database_url)
    metadata.create_all(defined)
    defined.dispose()
    assert rows(database_url, COLUMNS) == rows(empty_database_url, COLUMNS)
    assert rows(database_url, INDEXES) == rows(empty_database_url, INDEXES)


def test_downgrade_leaves_nothing_and_upgrade_works_again(empty_database_url: str) -> None:
    migrate(empty_database_url)
    downgrade(empty_database_url, "base")
    left = {row[0] for row in rows(empty_database_url, LEFT_OVER)}
    assert {name for name in left if "alembic" not in name} == set()
    migrate(empty_database_url)
    assert rows(empty_database_url, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as processes:
        list(processes.map(migrate, [empty_database_url] * 4))
    assert rows(empty_database_url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]


def test_the_queue_s_schema_is_the_one_the_first_migration_was_written_for() -> None:
    schema = SchemaManager.get_schema()
    digest = hashlib.sha256(schema.encode()).hexdigest()
    # Different? procrastinate was upgraded: add a migration with its own steps, then pin this.
    assert digest == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
