"""What the store keeps for itself: settings, the change log, what the text search still has to do."""

from sqlalchemy import BigInteger, Column, Integer
from sqlmodel import Field, SQLModel

from storage.tables.columns import big


class SearchDirty(SQLModel, table=True):
    """A message whose place in the text search is out of date."""

    __tablename__ = "search_dirty"
    message_id: int = Field(primary_key=True)


class Setting(SQLModel, table=True):
    """A kept value that is not a community's choice: cursors, the room's secret."""

    name: str = Field(primary_key=True)
    value: str


class Lease(SQLModel, table=True):
    """Work that one process does at a time; free from `until` on."""

    name: str = Field(primary_key=True)
    owner: str
    until: int = big(0)


class Change(SQLModel, table=True):
    """The change log that every process tails."""

    seq: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    kind: str
    subject: int
