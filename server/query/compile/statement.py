"""A statement builder: parameters, selected columns, joins and names, and what the text written so far reads."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from server.query.compile.plan_key import Bound
from server.query.declare.context import Context
from server.query.values import Id, Relative
from server.rules.folding import folded, sort_key
from server.rules.search import asked

T = TypeVar("T")

PARENTS = "unnest($1::uuid[]) WITH ORDINALITY p(id, n)"  # each with its number from 1


@dataclass(slots=True)
class Run:
    """One execution: whose, with which variables, and what it came to."""

    context: Context
    values: dict[str, Any]
    cost: int = 0
    is_flawed: bool = False  # a null where non-null is promised: graphql-core must say so
    zone: dt.tzinfo = field(init=False)  # the city's, for generated code
    _made: dict[object, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zone = self.context.zone

    def once(self, key: object, make: Callable[[Run], T]) -> T:
        """What is made once in an execution, however often it is asked for under this key."""
        if key not in self._made:
            self._made[key] = make(self)
        found: T = self._made[key]
        return found

    def flaw(self) -> None:
        """Called by generated code where a promise was broken."""
        self.is_flawed = True


Convert = Callable[[Any, Run], Any]


@dataclass(frozen=True, slots=True)
class Bind:
    """A parameter: where its value comes from, and how it becomes PostgreSQL's."""

    source: Any  # Bound, a list that contains some, a fact's name (Fact), or the value itself
    convert: Convert

    def of(self, run: Run) -> Any:
        """The value in this execution."""
        return self.convert(resolved(self.source, run), run)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of the context: a viewer's fact, today or now."""

    name: str

    def of(self, context: Context) -> Any:
        return _GETTERS[self.name](context)


@dataclass(frozen=True, slots=True)
class Pin:
    """Which of a table's rows alone are read as a list's own: those that have one of these values in a column.

    `source`: the value, or a list of some; None: the parents' ids. `through`: a table and its unique column, in which
    the source stands; the row that has it bears the id.
    """

    table: str
    column: str
    source: Any = None
    through: tuple[str, str] | None = None


FACTS = {
    "today": "date",
    "now": "timestamptz",
    "viewer.account_id": "uuid",
    "viewer.organisation_id": "uuid",
    "viewer.organisation_ids": "uuid[]",
    "viewer.handles_cases": "boolean",
    "viewer.case_headed_ids": "uuid[]",
    "viewer.case_account_ids": "uuid[]",
    "viewer.admitted_ids": "uuid[]",
}
_GETTERS: dict[str, Callable[[Context], Any]] = {name: attrgetter(name) for name in FACTS}


def resolved(source: Any, run: Run) -> Any:
    """A source's value in this execution: an outline with the variables' values, and facts, in their places."""
    match source:
        case Bound():
            return source.of(run.values)
        case Fact():
            return source.of(run.context)
        case list():
            return [resolved(each, run) for each in source]
        case dict():
            return {name: resolved(each, run) for name, each in source.items()}
        case _:
            return source


def plain(value: Any, run: Run) -> Any:
    """Ids to UUIDs, enums to text, lists likewise."""
    if isinstance(value, Id):
        return value.uuid
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list):
        return [plain(each, run) for each in value]
    return value


def as_day(value: Any, run: Run) -> Any:
    """A duration from today becomes that day."""
    return value.from_day(run.context.today) if isinstance(value, Relative) else value


def as_instant(value: Any, run: Run) -> Any:
    """A duration from now becomes that instant."""
    return value.from_instant(run.context.local_now) if isinstance(value, Relative) else value


def containing(value: str, run: Run) -> str:
    """A pattern for LIKE of what is kept folded."""
    return f"%{escaped(folded(value))}%"


def starting(value: str, run: Run) -> str:
    """A pattern for LIKE of what is kept folded."""
    return f"{escaped(folded(value))}%"


def searched(value: str, run: Run) -> str:
    """A search in the words of its table."""
    return asked(value)


def as_key(value: Any, run: Run) -> Any:
    """Texts as lists are ordered by them: of each text another key."""
    return [sort_key(each) for each in value] if isinstance(value, list) else sort_key(value)


@cache
def as_meant(meant: Callable[[str], str]) -> Convert:
    """Texts as they are stored, whoever typed them; kept, since what is bound is known by its conversion."""

    def convert(value: Any, run: Run) -> Any:
        return [meant(each) for each in value] if isinstance(value, list) else meant(value)

    return convert


def escaped(text: str) -> str:
    """Text in which LIKE finds nothing special."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def converter(type_: str) -> Convert:
    """How a comparator's value becomes a parameter of this PostgreSQL type."""
    return {"date": as_day, "timestamptz": as_instant}.get(type_, plain)


@dataclass(slots=True)
class Statement:
    """Collects what one SQL text needs, and notes what it reads; `$1` is the parents' ids where there are `parents`."""

    has_parents: bool
    parents: str = PARENTS
    is_volatile: bool = False  # its answer depends on more than tables and parameters
    _tables: set[str] = field(default_factory=set)
    _plain: dict[str, str] = field(default_factory=dict)  # text → the column of `t` that it is
    binds: list[Bind] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    joins: dict[Hashable, tuple[str, str]] = field(default_factory=dict)  # key → alias, text
    pins: list[Pin] = field(default_factory=list)  # each holds for all rows `t`
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _aliases: int = 0

    def bind(self, source: Any, type_: str, convert: Convert = plain) -> str:
        """A parameter of this type; the same source is bound once."""
        # Others by their id, which is nobody else's: what was bound is kept.
        key: Hashable = (source if isinstance(source, (Bound, Fact)) else id(source), type_, convert)
        number = self._numbers.setdefault(key, len(self.binds))
        if number == len(self.binds):
            self.binds.append(Bind(source, convert))
        return f"${number + 1 + self.has_parents}::{type_}"

    def fact(self, name: str) -> str:
        """A parameter with something of the context."""
        return self.bind(Fact(name), FACTS[name])

    def column(self, sql: str) -> int:
        """The place of a selected expression in the fetched rows; the same text is selected once."""
        if sql not in self.columns:
            self.columns.append(sql)
        return self.columns.index(sql) + self.has_parents  # rows with parents begin with the parent's number

    def table(self, name: str, column: str = "") -> str:
        """A table's name, noted as read; with `column`, only that one of the rows that keys name."""
        self._tables.add(f"{name}.{column}" if column else name)
        return name

    def plain(self, alias: str, column: str) -> str:
        """A column of a row as it is stored."""
        text = f"{alias}.{column}"
        if alias == "t":
            self._plain[text] = column
        return text

    @property
    def reads(self) -> frozenset[str] | None:
        """The tables that it reads, or "table.column"; None where its answer depends on more."""
        return None if self.is_volatile else frozenset(self._tables)

    @property
    def own_columns(self) -> tuple[str, ...] | None:
        """The selected columns where all of them are `t`'s own as they are stored."""
        found = [self._plain.get(sql) for sql in self.columns]
        return None if None in found else tuple(each for each in found if each is not None)

    def alias(self, letter: str) -> str:
        """A name for another table."""
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def values(self, run: Run) -> list[Any]:
        """The parameters in this execution, without the parents' ids."""
        return [bind.of(run) for bind in self.binds]
