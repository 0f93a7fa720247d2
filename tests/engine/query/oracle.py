"""The independent reading of the example schema: one naive resolver, in Python over all rows, run by graphql-core."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import strawberry
from graphql import GraphQLObjectType, get_named_type
from graphql.execution import execute_sync
from graphql.language import parse
from strawberry.utils.str_converters import to_camel_case

from server.ids import encode
from server.query.declare import declaration as d
from server.query.declare.fields import RowType, declaration_of, row_of
from server.query.values import Id, Relative, shown_percent
from server.rules.folding import sort_key
from server.rules.visibility import holds, related, through
from tests.engine.query.rows import Library

CLOSED = ("DONE", "CANCELLED")
COMPUTED: dict[tuple[str, str], Callable[[dict[str, Any], dt.date], Any]] = {
    ("Task", "isOverdue"): lambda r, today: bool(r["due_on"] and r["due_on"] < today and r["status"] not in CLOSED),
    ("Target", "isNotReported"): lambda r, today: bool(r["report_due_on"] and r["report_due_on"] < today),
}


@dataclass
class Thing:
    """A row with its type's name."""

    typename: str
    row: dict[str, Any]


@dataclass
class Connection:
    """A list before and after its page was cut."""

    all: list[Thing]
    page: list[Thing]
    has_next: bool
    has_previous: bool


@dataclass
class Oracle:
    """Answers an operation for one viewer. `found` holds the ids that each search finds, asked of PostgreSQL."""

    schema: strawberry.Schema
    library: Library
    viewer: str
    found: Mapping[tuple[str, str], frozenset[Any]]
    rows: dict[str, RowType] = field(default_factory=dict)
    seen: dict[str, dict[Any, Thing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = self.library.context(self.viewer)
        for type_ in self.schema._schema.type_map.values():
            definition = type_.extensions.get("strawberry-definition")
            row = row_of(getattr(definition, "origin", None))
            if row and row.name == type_.name:
                self.rows[row.name] = row
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                for graphql_field in type_.fields.values():
                    graphql_field.resolve = self.resolve
                type_.is_type_of = None
            elif hasattr(type_, "resolve_type"):
                type_.resolve_type = self.type_of

    def answer(self, source: str, variables: dict[str, Any]) -> Any:
        """graphql-core's result."""
        return execute_sync(self.schema._schema, parse(source), variable_values=variables)

    # ---- the one resolver --------------------------------------------------------------------------------------------

    def type_of(self, source: Any, info: Any, abstract: Any) -> str:
        return source.typename if isinstance(source, Thing) else type(source).__name__

    def resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        value = self.said(source, info, arguments)
        return value.astimezone(self.context.zone) if isinstance(value, dt.datetime) else value

    def said(self, source: Any, info: Any, arguments: Any) -> Any:
        name = info.field_name
        graphql_field = info.parent_type.fields[name]
        declared = graphql_field.extensions.get("strawberry-definition")
        declaration = declaration_of(declared)
        if isinstance(source, Connection):
            return self.of_connection(source, name, arguments)
        if isinstance(declaration, d.Labelled) and not isinstance(source, Thing):
            return self.label(declaration, getattr(source, declaration.of), arguments)
        if declaration is None or isinstance(declaration, d.Aggregation):
            if isinstance(source, dict):
                return source.get(name)
            if isinstance(source, SimpleNamespace):
                return getattr(source, name)
            return getattr(source, declared.python_name)
        target: Any = self.row_behind(graphql_field.type)
        match declaration:
            case d.RootNode(many):
                ids = arguments["ids"] if many else [arguments["id"]]
                things = [self.by_prefix(each) for each in ids]
                return things if many else things[0]
            case d.RootOne():
                return self.root_one(declaration, target, arguments)
            case d.ToMany() if not declaration.key:
                return self.page(target, self.all(target), declaration, arguments, False)
        assert isinstance(source, Thing)
        return self.of_row(source, name, declared, declaration, target, arguments)

    def of_row(self, source: Any, name: str, declared: Any, declaration: Any, target: Any, arguments: Any) -> Any:
        row = source.row
        match declaration:
            case d.Column() | d.Computed():
                value = self.value(source, name, declared, declaration)
                is_id = isinstance(declaration, d.Column) and not declaration.column and name == "id"
                return encode(self.rows[source.typename].prefix, value) if is_id or name == "id" else value
            case d.Labelled(of=of):
                other = self.rows[source.typename].fields[of]
                value = self.value(source, other.graphql_key, other, other.declaration)
                return self.label(declaration, value, arguments)
            case d.Derived(needs, make):
                values = SimpleNamespace(**{each: self.needed(source, path) for each, path in needs.items()})
                return make(values, self.context)
            case d.ToOne(key):
                return self.by_id(target, row[key])
            case d.ToMany(single=True):
                year = arguments.get("year") or self.context.today.year
                mine = [t for t in self.all(target) if t.row[declaration.key] == row["id"] and t.row["year"] == year]
                mine = [t for t in self.sorted(target, mine, declaration, {}) if t.row["archived_at"] is None]
                return mine[0] if mine else None
            case d.ToMany(key):
                mine = [t for t in self.all(target) if self.belongs(t, key, row["id"])]
                return self.page(target, mine, declaration, arguments, True)
            case d.ManyToMany(link, near, far):
                ids = [each[far] for each in self.library.rows[link] if each[near] == row["id"]]
                mine = [t for t in self.all(target) if t.row["id"] in ids and t.row.get("archived_at") is None]
                return self.sorted(target, mine, d.ToMany("", "", order=declaration.order), {})[:100]
            case d.Listed(key):
                return [t for t in (self.by_id(target, each) for each in row[key]) if t]
            case d.Polymorphic(type_column, id_column):
                kind = self.rows.get(row[type_column])
                return self.by_id(kind, row[id_column]) if kind else None
            case d.JsonList(column):
                return row[column]
            case d.Embedded():
                return self.summary(row["id"])
        raise TypeError(declaration)

    def label(self, labelled: d.Labelled, value: Any, arguments: Any) -> str | None:
        language = arguments.get("language")
        words = labelled.labels[self.context.language if language is None else language.name.lower()]
        return None if value is None else words[value]

    # ---- rows --------------------------------------------------------------------------------------------------------

    def row_behind(self, type_: Any) -> RowType | None:
        name = get_named_type(type_).name
        return self.rows.get(name) or self.rows.get(name.removesuffix("Connection"))

    def all(self, row: RowType) -> list[Thing]:
        stored = self.library.rows[row.table]
        return [Thing(row.name, each) for each in stored if self.is_seen(row, each)]

    def is_seen(self, row: RowType, stored: dict[str, Any]) -> bool:
        beside = {
            related(each.column, each.table): other
            for each in through(row.visibility, stored)
            for other in self.library.rows[each.table]
            if other["id"] == stored[each.column]
        }
        return holds(row.visibility, self.context.viewer, {**stored, **beside})

    def by_id(self, row: RowType, id_: Any) -> Thing | None:
        if row.name not in self.seen:
            self.seen[row.name] = {each.row["id"]: each for each in self.all(row)}
        return self.seen[row.name].get(id_)

    def by_prefix(self, id_: Id) -> Thing | None:
        return next((self.by_id(row, id_.uuid) for row in self.rows.values() if row.prefix == id_.prefix), None)

    def root_one(self, declaration: d.RootOne, row: RowType, arguments: Any) -> Thing | None:
        ((name, value),) = arguments["by"].items()
        if name == "id":
            return self.by_id(row, value.uuid) if value.prefix == row.prefix else None
        if name == "code":
            return next((each for each in self.all(row) if each.row["code"] == value), None)
        ((of, key),) = value["organisation"].items()
        for each in self.all(row):
            owner = self.by_id(self.rows["Organisation"], each.row["organisation_id"])
            named = owner and owner.row[of] == (key.uuid if of == "id" else key)
            if named and each.row["year"] == value["year"] and each.row["archived_at"] is None:
                return each
        return None

    def belongs(self, thing: Thing, key: str, parent: Any) -> bool:
        if "kelurahan_id" in key:
            return bool(thing.row["kelurahan_id"] == parent and thing.row["status"] != "CANCELLED")
        return bool(thing.row[key] == parent)

    def value(self, thing: Thing, name: str, declared: Any, declaration: Any) -> Any:
        if isinstance(declaration, d.Computed):
            return COMPUTED[thing.typename, name](thing.row, self.context.today)
        if declaration.mask is not None and not holds(declaration.mask, self.context.viewer, thing.row):
            return None
        return thing.row[declaration.column or declared.python_name]

    def needed(self, thing: Thing, path: str) -> Any:
        relation, _, column = path.rpartition(".")
        if not relation:
            return thing.row[column]
        declared = self.rows[thing.typename].fields[relation]
        target, declaration = row_of(declared.resolve_type()), declared.declaration
        assert target is not None
        assert isinstance(declaration, d.ToOne)
        other = self.by_id(target, thing.row[declaration.key])
        return other.row[column] if other else None

    def summary(self, organisation_id: Any) -> Any:
        def open_rows(table: str, key: str) -> list[dict[str, Any]]:
            rows = self.library.rows[table]
            return [r for r in rows if r[key] == organisation_id and not r["draft_of_id"] and not r["archived_at"]]

        tasks, targets = open_rows("task", "organisation_id"), open_rows("target", "owner_id")
        shares = [min(each["achievement"], Decimal(100)) for each in targets if each["achievement"] is not None]
        return SimpleNamespace(
            taskCount=len(tasks), targetCount=len(targets),
            doneCount=sum(each["status"] == "DONE" for each in tasks),
            overdueCount=sum(bool(each["due_on"] and each["due_on"] < self.context.today) for each in tasks),
            averageAchievement=sum(shares, Decimal(0)) / len(shares) if shares else None,
        )  # fmt: skip

    # ---- lists -------------------------------------------------------------------------------------------------------

    def page(self, row: RowType, things: list[Thing], many: d.ToMany, arguments: Any, nested: bool) -> Connection:
        if row.archived and not arguments.get("includeArchived"):
            things = [each for each in things if each.row[row.archived] is None]
        if many.where:
            things = [t for t in things if t.row["achievement"] is None or t.row["achievement"] < 100]
        if arguments.get("year") is not None:
            plans = {p["id"] for p in self.library.rows["work_plan"] if p["year"] == arguments["year"]}
            things = [each for each in things if each.row["work_plan_id"] in plans]
        if any(letter.isalnum() for letter in arguments.get("search") or ""):
            found = self.found[row.table, arguments["search"]]
            things = [each for each in things if each.row["id"] in found]
        if arguments.get("filter") is not None:
            things = [each for each in things if self.holds(each, row, arguments["filter"])]
        things = self.sorted(row, things, many, arguments)
        first, last = arguments.get("first"), arguments.get("last")
        size = 10 if nested else 50
        if last is not None:
            return Connection(things, things[max(0, len(things) - last) :], False, len(things) > last)
        size = size if first is None else first
        return Connection(things, things[:size], len(things) > size, False)

    def of_connection(self, source: Connection, name: str, arguments: Any) -> Any:
        match name:
            case "nodes":
                return source.page
            case "edges":
                return [SimpleNamespace(node=each) for each in source.page]
            case "pageInfo":
                return SimpleNamespace(hasNextPage=source.has_next, hasPreviousPage=source.has_previous)
        at_most = arguments.get("atMost")
        return len(source.all) if at_most is None else min(len(source.all), at_most)

    def sorted(self, row: RowType, things: list[Thing], many: d.ToMany, arguments: Any) -> list[Thing]:
        orders: list[tuple[Callable[[Thing], Any], bool]] = [(lambda t: t.row["id"], False)]
        wanted = [(name, way.value == "DESC") for one in arguments.get("orderBy") or [] for name, way in one.items()]
        if wanted:
            orders += [(self.by(row, name), down) for name, down in reversed(wanted)]
        else:
            default = many.order if many.order is not None else row.order
            orders += [(self.by_python(row, name.lstrip("-")), name.startswith("-")) for name in reversed(default)]
        for key, down in orders:
            things = sorted(things, key=lambda t, key=key: _greatest(_ordered(key(t))), reverse=down)  # type: ignore[misc]
        return things

    def by_python(self, row: RowType, name: str) -> Callable[[Thing], Any]:
        declared = row.fields.get(name)
        if declared is not None and isinstance(declared.declaration, d.Computed):
            return lambda t: self.value(t, declared.graphql_key, declared, declared.declaration)
        return lambda t: t.row[name]

    def by(self, row: RowType, name: str) -> Callable[[Thing], Any]:
        for declared in row.fields.values():
            if declared.graphql_key == name:
                return lambda t, each=declared: self.value(t, name, each, each.declaration)  # type: ignore[misc]
            if isinstance(declared.declaration, d.ToOne):
                for column in declared.declaration.order:
                    if to_camel_case(f"{declared.python_name}_{column}") == name:
                        relation = declared.python_name
                        return lambda t, path=f"{relation}.{column}": self.needed(t, path)  # type: ignore[misc]
        raise KeyError(name)

    # ---- filters -----------------------------------------------------------------------------------------------------

    def holds(self, thing: Thing | None, row: RowType, filter_: Mapping[str, Any]) -> bool:
        if thing is None:
            return False
        return all(self.one(thing, row, name, value) for name, value in filter_.items())

    def one(self, thing: Thing, row: RowType, name: str, value: Any) -> bool:
        match name:
            case "and":
                return all(self.holds(thing, row, each) for each in value)
            case "or":
                return any(self.holds(thing, row, each) for each in value)
            case "not":
                return not self.holds(thing, row, value)
        declared = next(each for each in row.fields.values() if each.graphql_key == name)
        declaration = declared.declaration
        if not asks(value):
            return True
        if isinstance(declaration, d.Polymorphic):
            return self.of_any(thing, declaration, value.get("id") or {})
        if isinstance(declaration, d.ToMany | d.ManyToMany | d.Listed):
            return self.of_list(thing, row_of(declared.resolve_type()), declaration, value)
        if isinstance(declaration, d.ToOne):
            target = row_of(declared.resolve_type())
            assert target
            other = self.by_id(target, thing.row[declaration.key])
            ids = value.get("id") or {}
            if "isNull" in ids:
                if (other is None) is not ids["isNull"]:
                    return False
                rest = {key: each for key, each in ids.items() if key != "isNull"}
                more = {key: each for key, each in value.items() if key != "id"} | ({"id": rest} if rest else {})
                return self.holds(other, target, more) if more else True
            return self.holds(other, target, value)
        own = self.value(thing, name, declared, declaration)
        if name == "achievement" and own is not None:  # the one percent: compared as it is shown
            own = shown_percent(own)
        return all(self.compare(own, comparator, each) for comparator, each in value.items())

    def of_any(self, thing: Thing, declaration: d.Polymorphic, comparators: Mapping[str, Any]) -> bool:
        """Conditions on the id of the row of any type that it leads to."""
        row = self.rows.get(thing.row[declaration.type_column])
        other = self.by_id(row, thing.row[declaration.id_column]) if row else None
        asked = {name: each if isinstance(each, list) else [each] for name, each in comparators.items()}
        return all(other is not None and other.row["id"] in map(self.plain, each) for each in asked.values())

    def of_list(self, thing: Thing, target: Any, declaration: Any, quantifiers: Mapping[str, Any]) -> bool:
        """Conditions on the rows of a list."""
        self.by_id(target, None)
        everything = [each for each in self.seen[target.name].values() if each.row.get("archived_at") is None]
        if isinstance(declaration, d.Listed):
            listed = [each for each in everything if each.row["id"] in thing.row[declaration.key]]
        elif isinstance(declaration, d.ManyToMany):
            links = self.library.rows[declaration.link]
            ids = {each[declaration.far] for each in links if each[declaration.near] == thing.row["id"]}
            listed = [each for each in everything if each.row["id"] in ids]
        else:
            listed = [each for each in everything if self.belongs(each, declaration.key, thing.row["id"])]
        asked = {name: each for name, each in quantifiers.items() if asks(each)}
        for name, each in asked.items():
            if name == "isEmpty":
                is_met = (not listed) is each
            else:
                is_met = any(self.holds(row, target, each) for row in listed) is (name == "some")
            if not is_met:
                return False
        return True

    def compare(self, own: Any, comparator: str, value: Any) -> bool:
        given: Any = [self.plain(each) for each in value] if isinstance(value, list) else self.plain(value)
        match comparator:
            case "isNull":
                return (own is None) is value
            case "neq":
                return bool(own != given)
            case "nin":
                return own not in given
        if own is None:
            return False
        match comparator:
            case "eq":
                return bool(own == given)
            case "in":
                return own in given
            case "contains":
                return given.lower() in own.lower()
            case "startsWith":
                return bool(own.lower().startswith(given.lower()))
        return bool({"lt": own < given, "lte": own <= given, "gt": own > given, "gte": own >= given}[comparator])

    def plain(self, value: Any) -> Any:
        if isinstance(value, Id):
            return value.uuid
        if isinstance(value, Relative):
            return value.from_instant(self.context.local_now) if value.seconds else _Moving(value, self.context)
        return getattr(value, "value", value)


class _Moving:
    """A duration compared with a day or an instant, whichever it meets."""

    def __init__(self, value: Relative, context: Any) -> None:
        self.value, self.context = value, context

    def at(self, own: Any) -> Any:
        if isinstance(own, dt.datetime):
            return self.value.from_instant(self.context.local_now)
        return self.value.from_day(self.context.today)

    def __eq__(self, own: object) -> bool:
        return bool(own == self.at(own))

    def __gt__(self, own: Any) -> bool:
        return bool(own < self.at(own))

    def __ge__(self, own: Any) -> bool:
        return bool(own <= self.at(own))

    def __lt__(self, own: Any) -> bool:
        return bool(own > self.at(own))

    def __le__(self, own: Any) -> bool:
        return bool(own >= self.at(own))


def _ordered(value: Any) -> Any:
    return sort_key(value) if isinstance(value, str) and type(value) is str else value


def _greatest(value: Any) -> tuple[bool, Any]:
    return (True, 0) if value is None else (False, value)


def asks(condition: Any) -> bool:
    """Whether anything is asked: not by objects within which nothing is."""
    if isinstance(condition, Mapping):
        return any(name in ("not", "in", "nin") or asks(each) for name, each in condition.items())
    if isinstance(condition, list):
        return not condition or any(asks(each) for each in condition)
    return True


def searches(words: Sequence[str]) -> list[tuple[str, str, str]]:
    """Every table that can be searched with every text: table, configuration, text."""
    tables = {"task": "indonesian", "organisation": "indonesian", "account": "simple"}
    tables |= {"work_plan": "indonesian", "target": "indonesian"}
    return [(table, config, word) for table, config in tables.items() for word in words]
