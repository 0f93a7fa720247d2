"""The facts that a verb reads beside its row are those that the compiled query gives allowedActions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, is_leaf_type

import server.models
from server.actions.facts import WrongFact, checked, read_all_facts
from server.actions.transaction import Moment, transaction
from server.ids import encode
from server.models.fields import Row
from server.query.declare.catalogue import Entries
from server.query.declare.declaration import Derived
from server.query.run.engine import Engine
from server.rules import fact
from server.rules.aggregates import offered_on
from server.rules.fact import FACTS, FactsClass, at, facts_of, rows_of
from tests.engine.query.rows import CITY, NOW, TODAY, Library

MODELS: dict[str, type[Row]] = {
    model._meta.db_table: model for model in (getattr(server.models, name) for name in server.models.__all__)
}


@contextmanager
def made() -> Iterator[list[object]]:
    """All facts that are made meanwhile, those within others left out."""
    found: list[object] = []
    make, depth = fact.make, 0

    def listen(kind: FactsClass, values: Iterator[Any], moment: fact.Moment) -> object:
        nonlocal depth
        depth += 1
        facts: object = make(kind, values, moment)
        depth -= 1
        if depth == 0:
            found.append(facts)
        return facts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact, "make", listen)
        yield found


def derived(engine: Engine) -> dict[str, list[str]]:
    """Of every type that has an id of its own the fields that Python makes, as they are selected."""
    found = {}
    for name, entries in engine.catalogue.rows.items():
        type_ = engine.schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        if any(each.name == "Node" for each in type_.interfaces):
            found[name] = [_selected(entries, each) for each, entry in entries.api.items() if _is_derived(entry)]
    return {name: fields for name, fields in found.items() if fields}


def _is_derived(entry: Any) -> bool:
    return isinstance(entry.declaration, Derived)


def _selected(entries: Entries, name: str) -> str:
    return name if is_leaf_type(entries.api[name].leaf) else f"{name} {{ __typename }}"


async def by_query(engine: Engine, library: Library, name: str, fields: list[str], viewer: str) -> Any:
    """The facts that the fields of all rows of a type are made of, and the ids of the rows that were seen."""
    row = engine.catalogue.rows[name].row
    ids = {encode(row.prefix, each["id"]): each["id"] for each in library.rows[row.table][:100]}
    text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {name} {{ {' '.join(fields)} }} }} }}"
    with made() as facts:
        answer = await engine.execute(text, {"ids": [*ids]}, None, library.context(viewer), may_change=False)
    assert not answer.errors, answer.errors
    data = orjson.loads(answer.data) if isinstance(answer.data, bytes) else answer.data
    assert data is not None
    return facts, {ids[each["id"]] for each in data["nodes"] if each is not None}


@pytest.mark.parametrize("viewer", ["mayor", "head"])
async def test_a_verb_reads_the_facts_that_allowed_actions_are_made_of(
    ours: Engine, full: Library, viewer: str
) -> None:
    # What is done to an amendment is offered on its target.
    offers = {name for name in ours.schema.type_map if offered_on(name)} - {"Viewer", "Amendment"}
    offering = []
    for name, fields in derived(ours).items():
        facts, seen = await by_query(ours, full, name, fields, viewer)
        if any(each.startswith("allowedActions") for each in fields) and name in offers:
            offering.append(name)
            assert facts, f"{name}: none of the rows in tests/engine/query/full_rows.py is seen"
        for kind in {type(each) for each in facts}:
            async with transaction(full.pool, None, Moment(NOW, TODAY, CITY), None) as tx:
                rows = await tx.select(MODELS[FACTS[kind].table], id=[*seen])
                beside_row = await read_all_facts(tx, kind, rows)
            compiled = {repr(each) for each in facts if type(each) is kind}
            assert compiled == {repr(each) for each in beside_row.values()}, (name, kind)
    assert {*offering} == offers


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("is_lost", "task has no column is_lost"),
        ("work_plan.stats", "work_plan has no column stats"),
        ("plan.status", "task has no reference plan"),
        ("EXISTS (SELECT 1 FROM target x WHERE x.id = {t}.goal_id)", "task has no column goal_id"),
    ],
)
def test_a_fact_that_stands_nowhere_is_refused_at_the_start_with_what_to_write(place: str, why: str) -> None:
    @rows_of("task")
    @dataclass(frozen=True, kw_only=True)
    class Lost:
        is_lost: bool = field(metadata=at(place))

    try:
        with pytest.raises(WrongFact, match=f"test_facts.Lost.is_lost: {why}; write there where it stands, as"):
            checked(MODELS.values())
    finally:
        del FACTS[Lost]


def test_facts_say_of_which_rows_they_are() -> None:
    @dataclass(frozen=True)
    class Unsaid:
        id: int

    with pytest.raises(TypeError, match=r'test_facts.Unsaid does not say of which rows it is: write @rows_of\("…"\)'):
        facts_of(Unsaid, [1], Moment(NOW, TODAY, CITY))
    rows_of("tasks")(Unsaid)
    try:
        with pytest.raises(WrongFact, match=r"test_facts\.Unsaid: there is no table tasks; name that of its rows"):
            checked(MODELS.values())
    finally:
        del FACTS[Unsaid]
