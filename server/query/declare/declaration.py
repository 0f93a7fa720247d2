"""Declared resolvers: plain values that say where a field comes from; fields.py makes them, the compiler reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import asyncpg

from server.rules.viewer import Viewer
from server.rules.visibility import Visibility

Make = Callable[[Any, Any], object]


@dataclass(slots=True)
class Context:
    """Who asks, and when; `connection` is set inside a transaction whose own writes must be seen (a dry run).

    `connection_until`: by the event loop's clock, when nothing more may be read on it. `dry_run`: what ends it.
    """

    asker: Viewer
    now: dt.datetime
    today: dt.date
    language: Literal["id", "en"] = "id"
    city: Any = None
    connection: asyncpg.Connection[asyncpg.Record] | None = None
    connection_until: float | None = None
    dry_run: AsyncExitStack | None = None
    request_id: str = ""
    was_asked_who: bool = False

    @property
    def viewer(self) -> Viewer:
        """Who asks. That somebody looked is noted: an answer made without is the same for all of the viewer's kind."""
        self.was_asked_who = True
        return self.asker

    async def end_dry_run(self) -> None:
        """Roll back the transaction that a verb left open for its payload, and so let go of its locks; if any."""
        if self.dry_run is not None:
            stack, self.dry_run = self.dry_run, None
            self.connection = self.connection_until = None
            await stack.aclose()


@dataclass(frozen=True, slots=True)
class Column:
    """A stored column. `mask`: who may read it, as a rule over the row; it is null for others, in filters too.

    `ranks`: its values from the lowest to the highest, where lists are not ordered by the text.
    """

    name: str
    filter: bool = True
    order: bool = False
    why: str = ""
    mask: Visibility | None = None
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """An SQL expression over the row. `is_moment`: it tells of when the answer was made, not of what it is about."""

    sql: str
    filter: bool = True
    order: bool = False
    why: str = ""
    is_moment: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """Python from columns: `make(values, context)`, where `values` has the attributes that `needs` names.

    `rows`: GraphQL type → SQL template of the ids (uuid[]) of all its rows to which the objects made may refer.
    `is_moment`: as of Computed.
    """

    needs: Mapping[str, str]
    make: Make
    rows: Mapping[str, str] = field(default_factory=dict)
    why: str = "derived in Python from other columns"
    is_moment: bool = False


@dataclass(frozen=True, slots=True)
class ToOne:
    """Another row, by a column of this one (or an SQL template for its id). `order`: its columns to order lists by."""

    key: str
    order: Sequence[str] = ()
    filter: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """A further argument of a list or lookup: a condition with `{value}`; `always`: also when it is null or absent."""

    type: Any
    sql: str
    description: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class ToMany:
    """Rows of another table: by its column that holds this row's id, or by a condition on `{t}` and `{parent}`."""

    key: str
    order: Sequence[str] | None = None
    filter: bool = True
    orderable: bool = True
    search: bool = False
    where: str = ""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    single: bool = False  # the first of them, not a connection
    includes_archived: bool = False


@dataclass(frozen=True, slots=True)
class Through:
    """A plain, bounded list of rows by a linking table. `mask`: for whom, a rule over this row; null for others."""

    link: str
    near: str
    far: str
    order: Sequence[str] | None = None
    limit: int = 100
    mask: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """A plain list of rows by a condition on `{t}` and `{parent}`, in this order.

    `first`: how many, where the caller does not say; None: all, of which there are at most `most`. `is_public`: the
    condition itself leaves out what is not for everyone. `mask`: for whom, a rule over this row; null for others.
    """

    where: str
    order: Sequence[str] | None = None
    first: int | None = None
    most: int = 50
    is_public: bool = False
    mask: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A plain list of rows, by a column that is an array of their ids."""

    key: str


@dataclass(frozen=True, slots=True)
class Polymorphic:
    """A row of one of several types: the first names the GraphQL type, the second is the id; columns or templates.

    `never`: types that the field's own would allow, and to which it does not lead: they add nothing to its price.
    """

    type_column: str
    id_column: str
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonList:
    """A JSONB list of objects whose keys are the item type's GraphQL names."""

    name: str
    why: str = "a list of small objects"


@dataclass(frozen=True, slots=True)
class Keyed:
    """Parts that belong to the row whose id `key` gives, an expression over `{t}` and what `join` adds.

    `where`: which of them. The parts of many rows are gone through once.
    """

    key: str
    where: str
    join: str = ""


@dataclass(frozen=True, slots=True)
class Embedded:
    """An object of aggregates over this row's parts: for each source table their key, or a condition on `{t}` and
    `{parent}`, which is asked for each row anew."""

    sources: Mapping[str, str | Keyed]
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One field of an embedded object: an SQL aggregate over a source's rows `{t}`; `over` its reading as a type."""

    source: str
    sql: str


@dataclass(frozen=True, slots=True)
class ById:
    """A field of a plain object (a payload, a change) that holds an id: answered by the compiler from the selection.

    `link`: the rows that it leads to from the row of that id, a plain list, instead of that row.
    """

    attribute: str
    link: Through | None = None


@dataclass(frozen=True, slots=True)
class InBatch:
    """A field of a plain object in a list: a row of one of these GraphQL types, read with those of all its siblings."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verb:
    """A mutation: what does it, given the context and the coerced arguments (as the API names them); its payload."""

    run: Callable[[Context, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class RootOne:
    """One row by a key; `keys` maps the key input's names to filter paths. No key: the table's only row.

    `is_state`: all that is selected below it is read in one snapshot, and shared by all who ask the same (states.py).
    """

    argument: str | None
    keys: Mapping[str, Any]
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    by: Any = None
    is_state: bool = False


@dataclass(frozen=True, slots=True)
class RootNode:
    """`node(id)` or `nodes(ids)`: whatever type the id names. `elsewhere`: the ids of what is no node, by their prefix,
    and where such things are found."""

    many: bool
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """Where a type's rows are counted already: `table` holds, for each combination of these columns of theirs, how many
    there are (`n`), the archived ones left out. A list that asks of nothing else takes its `totalCount` from there."""

    table: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Total:
    """`totalCount(atMost)` of a connection."""


Declaration = (
    Column | Computed | Derived | ToOne | ToMany | Through | Selected | Listed | Polymorphic | JsonList | Embedded
    | Aggregate | ById | InBatch | Verb | RootOne | RootNode | Total
)  # fmt: skip
