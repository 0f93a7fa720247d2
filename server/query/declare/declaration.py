"""Declared resolvers: plain values that say where a field comes from; fields.py makes them, the compiler reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from server.query.declare.context import Context
from server.rules.visibility import Visibility

ROOT_PAGE, ROOT_MOST = 50, 200  # rows of a root list's page, where nothing is said, and at most
NESTED_PAGE, NESTED_MOST = 10, 50

Make = Callable[..., object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`name`: the field's name in the API, where that is not the Python name's.

    `deprecated`: "use x; removed after 2027-06-30". Its filter and its order go with it.
    """

    name: str | None = None
    deprecated: str | None = None


@dataclass(frozen=True, slots=True)
class Column(Said):
    """A stored column, by default of the field's Python name. `filter=False` needs a reason (`why`).

    `order=True`: without an index a list that nothing else leads to pays for it. `mask`: who may read it, as a rule
    over the row; null for others, in filters too. `ranks`: its values from the lowest to the highest, where lists are
    not ordered by the text; a `scale` is compared by them too. `meant`: the text that is stored for what is typed."""

    description: str
    _: KW_ONLY
    column: str = ""
    filter: bool = True
    order: bool = False
    why: str = ""
    mask: Visibility | None = None
    ranks: Sequence[str] = ()
    scale: bool = False
    meant: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Computed(Said):
    """An SQL expression over the row (a template) of the annotated type. `mask`, `ranks`, `scale`: as in `Column`.

    `is_moment`: it tells of when the answer was made, not of what it is about; a state that differs in nothing else has
    not changed.
    """

    sql: str
    description: str
    _: KW_ONLY
    filter: bool = True
    order: bool = False
    why: str = ""
    mask: Visibility | None = None
    ranks: Sequence[str] = ()
    scale: bool = False
    is_moment: bool = False


@dataclass(frozen=True, slots=True)
class Derived(Said):
    """Python from columns.

    `needs`: attribute → "column", "to_one_field.column" or an SQL template (anything with a brace or in parentheses).
    `only_for`: attribute → the fields below for which alone it is read. `make(values, context)` is given these raw,
    enums as text, and with `arguments` (plain values) what was asked too; it returns a scalar, or objects (or lists) of
    plain Strawberry types, whose `by_id` fields need `rows`: {"Account": "a template of the ids, as uuid[]"}. `price`:
    what it costs for each row, in rows, of its arguments (as the compiler has them: a variable's value is a `Bound`).
    """

    needs: Mapping[str, str]
    make: Make
    description: str
    _: KW_ONLY
    rows: Mapping[str, str] = field(default_factory=dict)
    only_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    price: Callable[[Mapping[str, Any]], int] | None = None
    why: str = "derived in Python from other columns"
    is_moment: bool = False


@dataclass(frozen=True, slots=True)
class ToOne(Said):
    """The row whose id stands in the column `key` (or is given by an SQL template).

    Must be nullable when the other type's rows can be hidden. `order`: its columns by which lists of this type may be
    ordered: `to_one("organisation_id", …, order=["name"])` gives `orderBy: {organisationName: ASC}`. `within`: SQL over
    `{t}` and `{found}`, a sub-select of ids, that holds where the key is one of these: for an index to serve a filter
    where the key itself is a template.
    """

    key: str
    description: str
    _: KW_ONLY
    order: Sequence[str] = ()
    filter: bool = True
    why: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """A further argument of a list or lookup: a condition with `{value}`; `always`: also when it is null or absent.

    It may be one for each table: of an embedded object, and none for the others; of a list, for its rows and for the
    counters that answer for them.
    """

    type: Any
    sql: str | Mapping[str, str]
    description: str
    _: KW_ONLY
    always: bool = False
    deprecated: str | None = None


@dataclass(frozen=True, slots=True)
class ToMany(Said):
    """A connection of the rows whose column `key` is this row's id; or, a template over `{t}` and `{parent}`, of those
    for which it holds.

    `where`: a fixed condition; `order_by=False`: a fixed order. `single`: the first of them, not a connection.
    """

    key: str
    description: str
    _: KW_ONLY
    order: Sequence[str] | None = None
    filter: bool = True
    order_by: bool = True
    search: bool = False
    where: str = ""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    single: bool = False


@dataclass(frozen=True, slots=True)
class ManyToMany(Said):
    """The rows (at most 100) whose id stands in `link`.`far` where `link`.`near` is this row's id, a plain list.

    `link`: a table, or a template. `mask`: who may ask for them, as a rule over this row; null for others.
    """

    link: str
    near: str
    far: str
    description: str = ""
    _: KW_ONLY
    order: Sequence[str] | None = None
    mask: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Selected(Said):
    """A plain list of the rows for which a template with `{t}` and `{parent}` holds.

    With `first`, an argument of that name says how many, up to `most`; without it all are given, which must be at most
    `most`. `is_public`: no visibility is added, the condition must leave out what is not for everyone. `mask`: as in
    `ManyToMany`.
    """

    where: str
    description: str
    _: KW_ONLY
    order: Sequence[str] | None = None
    first: int | None = None
    most: int = 50
    is_public: bool = False
    mask: Visibility | None = None
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed(Said):
    """A plain list of rows whose ids stand in the array column `key`, in its order; hidden ones are left out."""

    key: str
    description: str


@dataclass(frozen=True, slots=True)
class Polymorphic(Said):
    """The row of the type that the first names (its GraphQL name); null where hidden. Columns, or SQL templates.

    `never`: types that the field's own would allow, and to which it does not lead: they add nothing to its price.
    `filter`: lists may be filtered by its id.
    """

    type_column: str
    id_column: str
    description: str
    _: KW_ONLY
    never: Sequence[str] = ()
    filter: bool = False


@dataclass(frozen=True, slots=True)
class Labelled(Said):
    """What people call the value of another field of the same type, an enum; null where that is.

    `of`: that field's Python name. `labels`: language → the enum's name → its label. Its argument `language` is an enum
    of the languages' names; without it the caller's language counts.
    """

    of: str
    labels: Mapping[str, Mapping[str, str]]
    description: str
    _: KW_ONLY
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class JsonList(Said):
    """A JSONB list of objects whose keys are the GraphQL names of a plain Strawberry type's fields."""

    column: str
    description: str
    _: KW_ONLY
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
class Embedded(Said):
    """An object of `aggregate()` fields over this row's parts.

    `sources`: table → condition, a template with `{t}` (the part) and `{parent}` (this row's id), or the parts' key,
    which is faster for lists. No visibility is added: both must leave out what is not for everyone. `arguments`:
    further conditions on every part.
    """

    sources: Mapping[str, str | Keyed]
    description: str
    _: KW_ONLY
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aggregation(Said):
    """A field of an embedded type: an aggregate over the source's rows `{t}`, e.g. "count(*) FILTER (WHERE …)"."""

    source: str
    sql: str
    description: str


@dataclass(frozen=True, slots=True)
class GroupKey(Said):
    """A field of a group's type: what rows may be grouped by; null in groups by something else.

    `sql`: a template over the row `{t}`: a value of the field's type, or the id of the row that the field leads to.
    Groups stand in the order of `ranks`, of that row's column `order`, or of the value; those without it last. `same`:
    a template over `{t}` and `{value}`, which is not null, that holds for the rows of that key, and `none`, for those
    without one: for an index to serve it. `columns`: the row's own that it reads, where rows are counted by cells.
    """

    sql: str
    description: str
    _: KW_ONLY
    same: str = ""
    none: str = ""
    columns: Sequence[str] = ()
    ranks: Sequence[str] = ()
    order: str = "code"


@dataclass(frozen=True, slots=True)
class GroupRows(Said):
    """A field of a group's type: a connection of the rows in it. `order`: as in `ToMany`."""

    description: str
    _: KW_ONLY
    order: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class RootGroups(Said):
    """The rows of a table in groups: a plain list of a type with `GroupKey`s, `Aggregation`s and one `GroupRows`, whose
    rows they are. Its argument `by` takes one or two of the keys.

    `where`: which rows alone are counted, for whoever asks. `cells`: the columns that the aggregates read; rows alike
    in these and the keys' columns are counted first, for an index to answer alone, and `{t}` is a cell of `{t}.n` rows.
    """

    description: str
    _: KW_ONLY
    where: str = ""
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ById(Said):
    """A field of a plain Strawberry type (a payload, a change) that holds an id: answered by the compiler, from the
    UUID in `<field>_id` (or `attribute`).

    The type declares `task_id: strawberry.Private[UUID | None]` beside `task: Task | None = by_id("…")`. With `link` it
    is the plain list of rows that the link leads to from there. Where rows of several types may stand the id is an
    `Id`. `in_list`: its object stands in a list of a verb's payload, one for each row of the input; the list's rows are
    read together, by `payload.ids(attribute)`. `of_verb`: the same of an error; where no verb answers it is null.
    """

    description: str
    _: KW_ONLY
    attribute: str = ""
    link: ManyToMany | None = None
    of_verb: bool = False
    in_list: bool = False


@dataclass(frozen=True, slots=True)
class InBatch(Said):
    """A field of a plain Strawberry type that stands in a list, answered by the compiler for the whole list at once.

    The type declares `batch: strawberry.Private[Batch]`, shared by the list, and `row_id: strawberry.Private[Id]`.
    `types`: the GraphQL types among which its rows are.
    """

    types: Sequence[str]
    description: str


@dataclass(frozen=True, slots=True)
class RootMutation:
    """A mutation: what does it, given the context and the coerced arguments (as the API names them); its payload.

    `of_rows`: it acts on each of the `rows` of its input, and is priced by them.
    """

    run: Callable[[Context, dict[str, Any]], Awaitable[Any]]
    of_rows: bool = False


@dataclass(frozen=True, slots=True)
class RootOne(Said):
    """One row, null where unknown or hidden. Without `by`: the table's only row.

    The argument `by` takes exactly one key. `by="id"`: it is the id. Else `by` is a @oneOf input class, and `keys` maps
    its GraphQL names to filter paths, for what is itself a key to the relation:
    {"id": "id", "code": "code", "organisationYear": {"organisation": "organisation", "year": "year"}}.

    `archived`: the keys besides the id that find an archived row as well. `current`: the column that is null in the one
    that is meant, where several bear such a key.

    `is_state`: all that is selected below it is read in one snapshot, and shared by all who ask the same
    (run/shared_answers.py).
    """

    description: str
    _: KW_ONLY
    by: Any = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    archived: Sequence[str] = ()
    current: str = ""
    is_state: bool = False


@dataclass(frozen=True, slots=True)
class RootNode(Said):
    """`node(id)` or `nodes(ids)`: whatever type the id names. `elsewhere`: the ids of what is no node, by their prefix,
    and where such things are found."""

    many: bool
    description: str
    _: KW_ONLY
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total(Said):
    """`totalCount(atMost)` of a connection."""

    description: str


Declaration = (
    Column | Computed | Derived | ToOne | ToMany | ManyToMany | Selected | Listed | Polymorphic | Labelled | JsonList
    | Embedded | Aggregation | GroupKey | GroupRows | ById | InBatch | RootMutation | RootOne | RootNode | RootGroups
    | Total
)  # fmt: skip
