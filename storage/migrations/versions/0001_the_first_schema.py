"""The first schema."""

from storage.migrations.first import house, places, posts, talk

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    places.create()
    talk.create()
    posts.create()
    house.create()
