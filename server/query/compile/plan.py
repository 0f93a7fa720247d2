"""The query plan: plain data that the compiler makes and run/fetch.py carries out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graphql import GraphQLError

from server.query.compile.plan_key import Bound
from server.query.compile.statement import Bind, Pin, Run
from server.query.declare.declaration import RootMutation
from server.rules.visibility import Visibility

# The tables that a statement reads, or "table.column" of rows that keys name; None: its answer depends on more.
Reads = frozenset[str] | None
Mode = Literal["root", "grouped", "ids"]
NOWHERE = -1
MOST_IDS = 100
# Where a payload's id stands among an execution's values.
PAYLOAD_ID = Bound(("",))


@dataclass(frozen=True, slots=True)
class Page:
    """How many rows a list hands out: the number itself or its variable, and the bucket that its text has."""

    size: int | Bound
    bucket: int
    backwards: bool
    is_continued: bool  # `after` (or `before`, backwards) was given

    def of(self, run: Run) -> int:
        """The page size in this execution."""
        return self.size if isinstance(self.size, int) else int(self.size.of(run.values))


@dataclass(frozen=True, slots=True)
class Count:
    """The statement behind `totalCount`, for a list or for one list of each parent."""

    sql: str
    binds: Sequence[Bind]
    scans: int = 0  # conditions that no index serves
    pins: Sequence[Pin] = ()  # each holds for all rows that are counted


@dataclass(frozen=True, slots=True)
class Child:
    """A level below: its parents' ids stand in column `key`, one or an array; of one type, where types are mixed."""

    level: Level
    key: int
    is_array: bool = False
    type_column: int = -1
    type_name: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """A single row's own columns, in the order in which they are selected, and who sees the row."""

    columns: tuple[str, ...]
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class TablePart:
    """What one table contributes to a level's rows, as a statement of its own: one row for each parent, in order."""

    sql: str
    binds: Sequence[Bind]
    columns: tuple[int, ...]  # where its columns stand in the level's rows
    reads: Reads


@dataclass(slots=True)
class Level:
    """One statement, for all its parents. `sql` is None where nothing of its rows is asked for."""

    path: tuple[str, ...]
    sql: str | None
    binds: Sequence[Bind]
    mode: Mode
    # rows of one parent, run, what stands below, whether more follow, the count → the value
    build: Callable[[list[Any], Run, list[dict[Any, Any]], bool, int], Any]
    children: list[Child] = field(default_factory=list)
    page: Page | None = None
    most: int = 1  # rows for each parent, where there is no page
    given: Any = None  # Bound, or a list: so many for each of these, which the caller gives
    count: Count | None = None
    own: Own | None = None  # where nothing is asked for but the row's own columns
    total: int = NOWHERE  # the column in which the page's own statement has the count
    scans: int = 0  # conditions of the page's own statement that no index serves
    weight: int = 0  # what is made of each row, in rows
    is_one_of_types: bool = False  # other types' levels have the same path: a row there is of one of them
    reads: Reads = None
    pins: Sequence[Pin] = ()  # each holds for all its rows
    parts: Sequence[TablePart] = ()  # the same rows by several statements, each of which can be kept: for a state


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled root field, or payload field: one level."""

    level: Level
    is_state: bool = False

    @property
    def levels(self) -> list[Level]:
        """Its first statements."""
        return [self.level]


@dataclass(frozen=True, slots=True)
class NodesPlan:
    """`nodes(ids)`: a statement for each type among the ids."""

    ids: Any  # Bound, or a list that may contain some
    by_type: Mapping[str, Level]
    path: tuple[str, ...]

    @property
    def levels(self) -> list[Level]:
        """Its first statements."""
        return list(self.by_type.values())


# Where a field of an object that Python made holds an id: its type's name and its path; and what is read there.
PayloadPlace = tuple[str, tuple[str, ...]]
PayloadPlan = Plan | NodesPlan | GraphQLError


@dataclass(frozen=True, slots=True)
class Held:
    """A field of a payload, or of what stands in it, that holds an id: its place by response keys, and what is
    selected of that row. The payload has the id in `attribute`, also for what stands in it."""

    place: tuple[str, ...]
    attribute: str
    plan: Plan | NodesPlan
    in_list: bool = False  # of each object of a list, by their ids


# What a row of a verb's input costs beside what is read of it: it is looked up and written, with its words, its event
# and what is counted.
WRITTEN = 5


@dataclass(frozen=True, slots=True)
class VerbPlan:
    """A mutation's root field."""

    verb: RootMutation
    arguments: Mapping[str, Any]  # coerced, with `Bound` where a variable's value belongs
    held: Sequence[Held]
    # payload, run, what it holds by its place → the object
    build: Callable[[Any, Run, dict[tuple[str, ...], Any]], dict[str, Any]]
    written: Level | None = None  # of a verb on many rows: what these cost

    @property
    def levels(self) -> list[Level]:
        """What it writes of many rows, and the first statements of whatever is read of the payload."""
        read = [level for each in self.held for level in each.plan.levels]
        return read if self.written is None else [self.written, *read]
