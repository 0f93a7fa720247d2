"""What an operation becomes, as an administrator asks for it."""

from __future__ import annotations

import orjson

from server.query.run.engine import Engine
from server.query.run.explain import Explanation
from server.query.run.result import Result
from server.schema import schema
from tests.engine.query.rows import Library

NESTED = "{ tasks(first: 3) { totalCount nodes { title comments(first: 2) { nodes { text } } } } }"


async def test_each_statement_is_told_with_its_place_and_its_plan(engine: Engine, library: Library) -> None:
    explained = await engine.explain(NESTED, None, None, library.context())
    assert isinstance(explained, Explanation)
    assert [each.place for each in explained.statements] == ["tasks", "tasks: count", "tasks.nodes.comments"]
    assert all(each.plan and "cost=" in each.plan[0] for each in explained.statements)
    answer = await engine.execute(NESTED, None, None, library.context(), may_change=False)
    assert explained.result is not None
    assert orjson.loads(explained.result.json())["data"] == orjson.loads(answer.json())["data"]
    assert (explained.requested, explained.result.cost) == (
        answer.extensions["cost"]["requested"],
        answer.extensions["cost"]["actual"],
    )


async def test_analysed_a_plan_has_its_real_rows(engine: Engine, library: Library) -> None:
    explained = await engine.explain(NESTED, None, None, library.context(), analyze=True)
    assert isinstance(explained, Explanation)
    assert all(each.plan and "actual" in each.plan[0] for each in explained.statements)
    assert "actual" in explained.text()


async def test_a_level_below_nothing_has_no_plan(engine: Engine, library: Library) -> None:
    source = '{ tasks(filter: {title: {eq: "no such title"}}) { nodes { comments { nodes { text } } } } }'
    explained = await engine.explain(source, None, None, library.context())
    assert isinstance(explained, Explanation)
    assert [each.plan is None for each in explained.statements] == [False, True]
    assert "--   it did not run" in explained.text()


async def test_what_is_refused_is_not_explained(engine: Engine, library: Library) -> None:
    refused = await engine.explain("{ nothing }", None, None, library.context())
    assert isinstance(refused, Result)
    assert "nothing" in refused.errors[0].message


async def test_what_is_too_dear_is_explained_without_being_run(engine: Engine, library: Library) -> None:
    dearest = "comments(first: 50) { nodes { author { tasks(first: 50) { nodes { title } } } } }"
    source = f"{{ tasks(first: 200) {{ nodes {{ {dearest} }} }} }}"
    explained = await engine.explain(source, None, None, library.context())
    assert isinstance(explained, Explanation)
    assert explained.requested > explained.limit
    assert explained.result is None
    assert [each.plan for each in explained.statements] == [None, None, None]


async def test_a_mutation_is_told_of_and_never_done(library: Library) -> None:
    verb = (
        'createTask(input: {organisation: {code: "DLH"}, title: "Sapu"}) { task { title comments { nodes { text } } } }'
    )
    engine = Engine(schema, library.tables, library.pool)
    async with library.pool.connection() as connection:
        before = await connection.fetchval("SELECT (SELECT count(*) FROM task) + (SELECT count(*) FROM event)")
        explained = await engine.explain(f"mutation {{ {verb} }}", None, None, library.context("mayor"))
        after = await connection.fetchval("SELECT (SELECT count(*) FROM task) + (SELECT count(*) FROM event)")
    assert isinstance(explained, Explanation)
    assert explained.result is None
    assert [each.plan for each in explained.statements] == [None, None]
    assert after == before
