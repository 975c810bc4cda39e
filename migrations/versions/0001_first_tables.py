"""First tables, and procrastinate's."""

from alembic import op
from procrastinate.schema import SchemaManager

from backend.storage.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
