"""The columns that every table shares, and enums whose growth needs no migration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, TypeVar, cast
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.indexes import BrinIndex
from tortoise.fields.data import CharEnumFieldInstance
from tortoise.fields.db_defaults import SqlDefault
from tortoise.indexes import Index
from tortoise.models import Model

from server.ids import uuid7
from server.rules.aggregates import BY_TABLE, visibility_of
from server.rules.folding import folded, sort_key

E = TypeVar("E", bound=StrEnum)
NOTHING = SqlDefault("'[]'")  # an empty list


class Choice(CharEnumFieldInstance):
    """A member's name, in a column that migrations know as plain text: they import nothing that may be renamed."""

    def describe(self, serializable: bool) -> dict[str, Any]:
        described = super().describe(serializable)
        return described | {"field_type": fields.CharField.__name__} if serializable else described

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        _, arguments, named = super().deconstruct()
        del named["enum_type"]
        if "default" in named:
            named["default"] = named["default"].value
        return f"{fields.CharField.__module__}.{fields.CharField.__name__}", arguments, named


class Identifier(fields.UUIDField[UUID]):
    """A row's id, in a column that migrations know as a plain UUID."""

    def describe(self, serializable: bool) -> dict[str, Any]:
        described = super().describe(serializable)
        return described | {"field_type": fields.UUIDField.__name__} if serializable else described

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        _, arguments, named = super().deconstruct()
        named.pop("default", None)  # a reference to it has none
        return f"{fields.UUIDField.__module__}.{fields.UUIDField.__name__}", arguments, named


class KeptText(fields.TextField):
    """A text that follows from another column of the row and is written with it: what lists compare or sort by.

    Migrations know it as a plain text. It is null where that column is, and until an upgrade has made it.
    """

    def __init__(self, source: str = "", of: Callable[[str], str] = str, **options: Any) -> None:
        super().__init__(**{**options, "null": True})
        self.source, self.of = source, of

    def describe(self, serializable: bool) -> dict[str, Any]:
        described = super().describe(serializable)
        return described | {"field_type": fields.TextField.__name__} if serializable else described

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return f"{fields.TextField.__module__}.{fields.TextField.__name__}", [], {"null": True}


def folded_of(source: str) -> str:
    """The column by which filters look into this text."""
    column: Any = KeptText(source, folded)
    return cast(str, column)


def key_of(source: str) -> str:
    """The column by which lists are ordered by this text."""
    column: Any = KeptText(source, sort_key)
    return cast(str, column)


class Searched(NamedTuple):
    """The columns of a subject in which a search finds words, the table that holds these (models/words.py), and
    PostgreSQL's text search configuration, which knows a language's stems."""

    columns: tuple[str, ...]
    table: str
    config: str = "indonesian"


def choice(enum: type[E], **options: Any) -> E:
    """A column that holds a member's name; fixed length and comment, so that a new member makes no migration."""
    column: Any = Choice(enum, max_length=40, description=f"A member of {enum.__name__}.", **options)
    return cast(E, column)


def reference(to: str, *, null: bool = False, **options: Any) -> Any:
    """A foreign key to another table; what is referred to is never deleted."""
    column: Any = fields.ForeignKeyField
    return column(f"models.{to}", related_name=False, null=null, on_delete=fields.RESTRICT, **options)


def ordered(*columns: str) -> list[Index]:
    """An index for each order of a list: its columns, parted by blanks, and the id, by which no two rows are equal."""
    return [Index(fields=(*each.split(), "id")) for each in columns]


def changed() -> Index:
    """The index for lists of what changed since some moment: of the last change in each stretch of the table.

    Every verb moves `updated_at`. In a B-tree it would make PostgreSQL write all indexes of the row anew; from
    PostgreSQL 16 on this kind lets the row's next version take its place beside the last one (HOT).
    """
    return BrinIndex(fields=("updated_at",))


class Row(Model):
    """A table whose rows have an id; `prefix` is what the API puts before it, "" where the API never names one."""

    prefix: ClassVar[str]

    id: UUID = Identifier(primary_key=True, default=uuid7)

    class Meta:
        abstract = True

    def __init_subclass__(cls, **options: Any) -> None:
        """Nothing starts while it is not said who sees a table's rows. Raises Undeclared."""
        super().__init_subclass__(**options)
        if (table := getattr(cls.Meta, "table", None)) is not None:
            visibility_of(table)
            cls.prefix = str(BY_TABLE[table].prefix) if table in BY_TABLE else ""


class Subject(Row):
    """A table whose rows change by verbs: each change raises `version` by one and leaves an event with that version."""

    searched: ClassVar[Searched | None] = None
    is_part: ClassVar[bool] = False  # written with events of what it refers to first, as well as with its own

    version: int = fields.IntField(default=1)
    created_at: datetime = fields.DatetimeField()
    updated_at: datetime = fields.DatetimeField()

    class Meta:
        abstract = True

    def label(self) -> str:
        """What people call this row in a sentence."""
        raise NotImplementedError

    def concerned(self) -> list[UUID]:
        """The organisations that an event about this row concerns, the first its owner."""
        raise NotImplementedError
