"""Walking a list page by page misses nothing and repeats nothing, in every order, both ways, for every viewer."""

from __future__ import annotations

import os
import random
from typing import Any

import orjson
import pytest

from server.query.compile import orders
from server.query.compile.keyset import plain_unseal, signature
from server.query.run.engine import Engine
from tests.engine.query.example import build
from tests.engine.query.rows import Library

WALKS = int(os.environ.get("WALKS", "24"))
LISTS: dict[str, tuple[list[str], list[str | None]]] = {
    "tasks": (
        ["dueOn", "progress", "title", "createdAt", "organisationName", "assigneeName", "workPlanYear"],
        [
            None,
            "{progress: {gte: 10}}",
            "{not: {dueOn: {isNull: true}}}",
            '{organisation: {code: {in: ["O01", "O02"]}}}',
        ],
    ),
    "targets": (["achievement", "dueOn", "indicator", "ownerName"], [None, "{achievement: {isNull: false}}"]),
    "workPlans": (["year", "status", "organisationName"], [None]),
    "organisations": (["name", "code", "parentName"], [None]),
}


async def nodes(engine: Engine, library: Library, viewer: str, source: str, variables: dict[str, Any]) -> Any:
    """The list under "list"."""
    result = await engine.execute(source, variables, None, library.context(viewer), may_change=False)
    assert not result.errors, (result.errors, source)
    assert isinstance(result.data, bytes)
    return orjson.loads(result.data)["list"]


@pytest.mark.parametrize("number", range(WALKS))
async def test_a_walk_misses_and_repeats_nothing(engine: Engine, library: Library, number: int) -> None:
    chance = random.Random(f"walk {number}")
    name = chance.choice(list(LISTS))
    fields, filters = LISTS[name]
    viewer = chance.choice(["mayor", "head", "observer", "admin"])
    order = ", ".join(
        f"{{{f}: {chance.choice(['ASC', 'DESC'])}}}" for f in chance.sample(fields, k=chance.randrange(0, 4))
    )
    filter_ = chance.choice(filters)
    more = f"orderBy: [{order}]" + (f", filter: {filter_}" if filter_ else "")
    more += ', search: "sampah or jalan or pasar"' if chance.random() < 0.2 else ""
    size = chance.choice([1, 3, 7, 20, 60])
    everything: list[str] = []
    whole = await nodes(
        engine, library, viewer, f"{{ list: {name}({more}, first: 200) {{ nodes {{ id }} totalCount }} }}", {}
    )
    expected = [each["id"] for each in whole["nodes"]]
    assert len(expected) == min(200, whole["totalCount"])
    forwards = chance.random() < 0.5
    way, place, end = ("first", "after", "endCursor") if forwards else ("last", "before", "startCursor")
    source = f"query ($c: Cursor) {{ list: {name}({more}, {way}: {size}, {place}: $c) "
    source += "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    if len(expected) == 200:
        pytest.skip("more than one page of 200 to compare with")
    cursor = None
    for _ in range(len(expected) // size + 2):
        page = await nodes(engine, library, viewer, source, {"c": cursor})
        ids = [each["node"]["id"] for each in page["edges"]]
        everything = everything + ids if forwards else ids + everything
        if ids:
            assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
            assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        cursor = page["pageInfo"][end]
        if not page["pageInfo"]["hasNextPage" if forwards else "hasPreviousPage"]:
            break
    assert everything == expected, (source, viewer)


async def test_nested_lists_are_walked_by_their_own_cursors(engine: Engine, library: Library) -> None:
    source = """query ($c: Cursor) { list: organisation(by: {code: "O02"}) {
        tasks(orderBy: [{dueOn: DESC}, {progress: ASC}], first: 4, after: $c) {
            nodes { id } pageInfo { hasNextPage endCursor } totalCount } } }"""
    seen: list[str] = []
    cursor, more, total = None, True, -1
    while more:
        page = (await nodes(engine, library, "observer", source, {"c": cursor}))["tasks"]
        seen += [each["id"] for each in page["nodes"]]
        cursor, more, total = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"], page["totalCount"]
    assert len(seen) == len(set(seen)) == total > 4


@pytest.mark.parametrize(
    "other",
    [
        "tasks(orderBy: [{dueOn: DESC}], after: $c)",
        "tasks(orderBy: [{title: ASC}], after: $c)",
        "tasks(filter: {progress: {eq: 10}}, after: $c)",
        'tasks(search: "sampah", after: $c)',
        "tasks(includeArchived: true, after: $c)",
        "targets(after: $c)",
    ],
)
async def test_a_foreign_cursor_is_refused_by_name(engine: Engine, library: Library, other: str) -> None:
    page = await nodes(engine, library, "mayor", "{ list: tasks(first: 3) { pageInfo { endCursor } } }", {})
    cursor = page["pageInfo"]["endCursor"]
    source = f"query ($c: Cursor) {{ list: {other} {{ nodes {{ id }} }} }}"
    result = await engine.execute(source, {"c": cursor}, None, library.context(), may_change=False)
    assert result.data == {"list": None}
    assert result.errors[0].extensions == {
        "code": "BAD_USER_INPUT",
        "path": ["list", "after"],
        "coordinate": f"Query.{other.partition('(')[0]}(after:)",
        "constraint": "kursor dari daftar ini sendiri",
    }


@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "WzFd", "äö", "WyJhIiwxXQ", "a" * 4096])
async def test_what_is_no_cursor_is_refused(engine: Engine, library: Library, cursor: str) -> None:
    source = "query ($c: Cursor) { tasks(after: $c) { nodes { id } } }"
    result = await engine.execute(source, {"c": cursor}, None, library.context(), may_change=False)
    assert [each.extensions["code"] for each in result.errors] == ["BAD_USER_INPUT"]  # type: ignore[index]


async def test_a_cursor_goes_on_when_the_filter_is_the_same_variable(engine: Engine, library: Library) -> None:
    source = """query ($f: TaskFilter, $c: Cursor) { list: tasks(filter: $f, first: 2, after: $c) {
        nodes { id } pageInfo { endCursor } } }"""
    one = await nodes(engine, library, "mayor", source, {"f": {"progress": {"eq": 10}}})
    two = await nodes(
        engine, library, "mayor", source, {"f": {"progress": {"eq": 10}}, "c": one["pageInfo"]["endCursor"]}
    )
    assert two["nodes"]
    assert not {each["id"] for each in one["nodes"]} & {each["id"] for each in two["nodes"]}
    refused = await engine.execute(
        source,
        {"f": {"progress": {"eq": 50}}, "c": one["pageInfo"]["endCursor"]},
        None,
        library.context(),
        may_change=False,
    )
    assert refused.errors


async def test_a_cursor_is_opened_once_and_each_list_signed_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    signed: list[tuple[object, ...]] = []

    def unseal(text: str) -> bytes:
        opened.append(text)
        return plain_unseal(text)

    def noted(*parts: object) -> str:
        signed.append(parts)
        return signature(*parts)

    monkeypatch.setattr(orders, "signature", noted)
    engine = Engine(build(), library.tables, library.pool, unseal=unseal)
    order = "orderBy: [{title: ASC}, {createdAt: ASC}, {progress: ASC}]"
    source = f"query($c: Cursor) {{ list: tasks({order}, first: 5, after: $c) {{ edges {{ cursor }} }} }}"
    first = await nodes(engine, library, "mayor", source, {})
    assert len(first["edges"]) == 5
    assert not opened
    assert len(signed) == 1
    second = await nodes(engine, library, "mayor", source, {"c": first["edges"][-1]["cursor"]})
    assert len(second["edges"]) == 5
    assert len(opened) == 1
    assert len(signed) == 2
