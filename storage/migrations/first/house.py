"""What the store keeps for itself, and the text search."""

from alembic import op

from storage.migrations.first.making import big, serial, table, text, whole


def create() -> None:
    """Make these tables."""
    _search_dirty()
    _setting()
    _lease()
    _change()
    _message_text()


def _search_dirty() -> None:
    """What the text search still has to do."""
    table(
        "search_dirty",
        whole("message_id"),
        key=("message_id",),
    )


def _setting() -> None:
    """A kept value."""
    table(
        "setting",
        text("name", "value"),
        key=("name",),
    )


def _lease() -> None:
    """Work that one process does at a time."""
    table(
        "lease",
        text("name", "owner"),
        big("until"),
        key=("name",),
    )


def _change() -> None:
    """The change log."""
    table(
        "change",
        serial("seq"),
        text("kind"),
        whole("subject"),
        key=("seq",),
    )


def _message_text() -> None:
    """The text search."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_text USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')")
    else:
        op.execute("CREATE TABLE message_text (message_id integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_message_text_words ON message_text USING gin (words)")
