"""Short words for the columns and tables of the first schema; names of keys and indexes follow from theirs."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

Columns = Sequence[sa.Column[object]]


def whole(*names: str, nullable: bool = False) -> Columns:
    """Whole numbers: ids and counts."""
    return [sa.Column(name, sa.Integer(), nullable=nullable) for name in names]


def big(*names: str, nullable: bool = False) -> Columns:
    """Whole numbers of 64 bits: positions, and moments in epoch milliseconds."""
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable) for name in names]


def serial(name: str) -> Columns:
    """A number of 64 bits that the database gives."""
    return [sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)]


def text(*names: str, nullable: bool = False) -> Columns:
    """Text of any length."""
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def flag(*names: str) -> Columns:
    """Yes or no."""
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def real(*names: str) -> Columns:
    """Numbers that need not be whole."""
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def table(
    name: str,
    *columns: Columns,
    key: Sequence[str] = ("id",),
    unique: Sequence[str] = (),
    refers: Mapping[str, Sequence[str]] | None = None,
    rowid: bool = True,
) -> None:
    """Make a table; `refers` names the columns that point into another table by its id.

    Without `rowid` SQLite keeps the rows in the primary key's own tree.
    """
    parts: list[sa.schema.SchemaItem] = [column for some in columns for column in some]
    parts += [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}"))
        for target, pointing in (refers or {}).items()
        for column in pointing
    ]
    parts.append(sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")))
    if unique:
        parts.append(sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")))
    op.create_table(name, *parts, **({} if rowid else {"sqlite_with_rowid": False}))


def index(name: str, table: str, *columns: str, where: str | None = None, distinct: bool = False) -> None:
    """Make an index; `where` lets in only some rows, `distinct` lets each value in once."""
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, list(columns), unique=distinct, sqlite_where=condition, postgresql_where=condition)
