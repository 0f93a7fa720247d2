"""A subscription's filter is read in Python as SQL reads it; what it cannot use is refused by name."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError, GraphQLInputObjectType, get_named_type
from graphql.utilities import coerce_input_value

import server.schema
from server.live.predicate import watch_filter
from server.query.compile.filters import Filters
from server.query.compile.statement import Run, Statement
from server.query.run.engine import Engine
from server.query.run.result import Result, Subscribed
from tests.engine.query.operations import IDS_OF, Writer
from tests.engine.query.rows import Library

OWN = {"Task": ["id", "title", "status", "priority", "progress", "dueOn", "completedAt", "updatedAt", "version"]}
OWN["Target"] = ["id", "indicator", "targetValue", "achievement", "dueOn", "createdAt"]
TO_ONE = {"Task": ["organisation", "assignee", "workPlan"], "Target": ["owner"]}
RELATED = {"organisation": "Organisation", "assignee": "Account", "workPlan": "WorkPlan", "owner": "Organisation"}
TABLE = {"Task": "task", "Target": "target"}


class FilterWriter(Writer):
    """Writes filters of what a subscription may use."""

    def filter(self, type_name: str, depth: int = 0) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(self.chance.randrange(1, 3)):
            draw = self.chance.random()
            if draw < 0.15 and depth < 3:
                made["not"] = self.filter(type_name, depth + 1)
            elif draw < 0.35 and depth < 3:
                inner = [self.filter(type_name, depth + 1) for _ in range(self.chance.randrange(3))]
                made[self.chance.choice(["and", "or"])] = inner
            elif draw < 0.55:
                relation = self.chance.choice(TO_ONE[type_name])
                made[relation] = {"id": self.comparators("IdFilter", RELATED[relation])}
            elif draw < 0.6:
                made[TO_ONE[type_name][0]] = {"code": self.comparators("StringFilter", type_name)}
            else:
                name = self.chance.choice(OWN[type_name])
                fields = self.schema.type_map[f"{type_name}Filter"]
                assert isinstance(fields, GraphQLInputObjectType)
                made[name] = self.comparators(get_named_type(fields.fields[name].type).name, type_name)
        return made

    def comparators(self, name: str, type_name: str) -> dict[str, Any]:
        type_: Any = self.schema.type_map[name]
        chosen = self.chance.sample(list(type_.fields), k=self.chance.choice([1, 1, 2]))
        self.ids_of = IDS_OF[f"{type_name}Filter"]
        return {key: self.raw(type_.fields[key].type, key, 5, 0) for key in chosen}

    def leaf(self, type_: Any, name: str, depth: int) -> Any:
        if type_.name == "String" and self.chance.random() < 0.3:
            return self.chance.choice(self.library.rows["organisation"])["code"]
        return super().leaf(type_, name, depth)


def as_logged(value: Any) -> Any:
    """A value as the log writes it."""
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


@pytest.mark.parametrize("type_name", ["Task", "Target"])
async def test_a_filter_matches_in_python_what_it_finds_in_sql(
    engine: Engine, library: Library, type_name: str
) -> None:
    compared = 0
    context = library.context("mayor")
    entries = engine.catalogue.rows[type_name]
    for number in range(100):
        writer = FilterWriter(random.Random(f"{type_name} {number}"), engine.schema, library)
        raw = writer.filter(type_name)
        type_: Any = engine.schema.type_map[f"{type_name}Filter"]
        filter_ = coerce_input_value(raw, type_)
        try:
            matcher = await watch_filter(engine, type_name, filter_, context)
        except GraphQLError as refused:
            if "another_type" in refused.message:
                continue
            raise
        statement = Statement(False)
        where = Filters(statement, context.viewer).where(entries, filter_, "t", ())
        async with library.pool.connection() as connection:
            values = statement.values(Run(context, {}))
            found = await connection.fetch(f"SELECT id FROM {TABLE[type_name]} t WHERE {where}", *values)
        expected = {row["id"] for row in found}
        rows = library.rows[TABLE[type_name]]
        assert {row["id"] for row in rows if matcher.matches(row, context.local_now)} == expected, raw
        logged = [{name: as_logged(value) for name, value in row.items()} for row in rows]
        assert {UUID(row["id"]) for row in logged if matcher.matches(row, context.local_now)} == expected, raw
        compared += 0 < len(expected) < len(rows)
    assert compared > 15


@pytest.mark.parametrize(
    ("filter_", "path"),
    [
        ({"isOverdue": {"eq": True}}, ["filter", "isOverdue"]),
        ({"organisation": {"name": {"eq": "x"}}}, ["filter", "organisation", "name"]),
        (
            {"or": [{}, {"workPlan": {"organisation": {"code": {"eq": "x"}}}}]},
            ["filter", "or", "1", "workPlan", "organisation"],
        ),
        ({"not": {"assignee": {"name": {"eq": "x"}}}}, ["filter", "not", "assignee", "name"]),
        ({"title": {"eq": None}}, ["filter", "title", "eq"]),
    ],
)
async def test_what_cannot_be_watched_is_refused_by_name(
    engine: Engine, library: Library, filter_: dict[str, Any], path: list[str]
) -> None:
    with pytest.raises(GraphQLError) as refused:
        await watch_filter(engine, "Task", filter_, library.context())
    assert refused.value.extensions is not None
    assert refused.value.extensions["code"] == "BAD_USER_INPUT"
    assert refused.value.extensions["path"] == path


async def test_an_event_is_answered_with_the_subscription_s_own_selection(library: Library) -> None:
    real = Engine(server.schema.schema, library.tables, library.pool)
    source = """subscription ($f: TaskFilter) { taskChanged(filter: $f) {
        kind node { title organisation { code } comments(first: 1) { totalCount } } } }"""
    context = library.context("observer")
    subscribed = await real.subscription(source, {"f": {"progress": {"gte": 10}}}, None, context)
    assert isinstance(subscribed, Subscribed)
    assert (subscribed.field, subscribed.arguments) == ("taskChanged", {"filter": {"progress": {"gte": 10}}})
    change: Any = type("Root", (), {})()
    change.kind, change.node_id = "UPDATED", next(t["id"] for t in library.rows["task"] if not t["draft_of_id"])
    result = await subscribed.deliver(change)
    assert not result.errors
    assert isinstance(result.data, dict)
    assert result.data["taskChanged"]["node"]["title"]
    change.node_id = next(t["id"] for t in library.rows["task"] if t["draft_of_id"])
    hidden = await subscribed.deliver(change)
    assert isinstance(hidden.data, dict)
    assert hidden.data["taskChanged"] == {"kind": "UPDATED", "node": None}
    for bad in ("{ __typename }", "subscription { nothing }", "subscription { taskChanged(after: 5) { kind } }"):
        assert isinstance(await real.subscription(bad, None, None, context), Result)
    executed = await real.execute(source, None, None, context, may_change=False)
    assert executed.is_refused
