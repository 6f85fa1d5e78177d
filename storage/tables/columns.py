"""What all tables share: how things are named, and 64-bit columns."""

from sqlalchemy import BigInteger, Column, MetaData
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def big(default: int | None = None, *, nullable: bool = False, primary_key: bool = False) -> int:
    """A 64-bit integer column."""
    column: Column[int] = Column(BigInteger, nullable=nullable, primary_key=primary_key, autoincrement=False)
    value: int = Field(default=default, sa_column=column)
    return value
