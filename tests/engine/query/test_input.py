"""Refused input names its place and what would be right; it is no fault, and leaves the other roots standing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import get_introspection_query, visit

from server.ids import encode
from server.query.run.engine import Engine
from server.query.run.result import Result
from tests.engine.query.rows import Library


async def ask(engine: Engine, library: Library, source: str, viewer: str = "mayor", **variables: Any) -> Result:
    return await engine.execute(source, variables, None, library.context(viewer), may_change=True)


def refusal(result: Result) -> tuple[str, list[str], str]:
    """Code, path and constraint of the first error."""
    extensions = result.errors[0].extensions or {}
    return extensions["code"], extensions.get("path", []), extensions.get("constraint", "")


@pytest.mark.parametrize(
    ("arguments", "place", "constraint"),
    [
        ("first: 201", "first", "0 sampai 200"),
        ("first: -1", "first", "0 sampai 200"),
        ("last: 1000", "last", "0 sampai 200"),
        ("first: 1, last: 1", "", "first bersama after, atau last bersama before"),
        ('first: 1, before: "W10"', "", "first bersama after, atau last bersama before"),
        ("orderBy: [{title: ASC}, {dueOn: ASC}, {progress: ASC}, {createdAt: ASC}]", "orderBy", "paling banyak 3"),
        ("filter: {title: {eq: null}}", "filter.title.eq", "isNull: true"),
        ("filter: {title: null}", "filter.title", "hilangkan, atau pakai isNull"),
        ('filter: {id: {eq: "org_01j0000000e008000000022wwf"}}', "filter.id.eq", "task_…"),
        (
            'filter: {organisation: {id: {in: ["task_01j0000000e008000000022wwf"]}}}',
            "filter.organisation.id.in.0",
            "org_…",
        ),
    ],
)
async def test_a_root_s_bad_argument_is_named_and_the_other_roots_are_answered(
    engine: Engine, library: Library, arguments: str, place: str, constraint: str
) -> None:
    source = f"{{ bad: tasks({arguments}) {{ nodes {{ id }} }} good: organisations(first: 1) {{ nodes {{ code }} }} }}"
    result = await ask(engine, library, source)
    assert result.data == {"bad": None, "good": {"nodes": [{"code": "O00"}]}}
    assert refusal(result) == ("BAD_USER_INPUT", ["bad", *(place.split(".") if place else [])], constraint)
    assert result.errors[0].path == ["bad"]


@pytest.mark.parametrize("size", [-1, 51, 200, 201])
async def test_a_nested_page_is_at_most_fifty_by_variable_too(engine: Engine, library: Library, size: int) -> None:
    source = "query ($n: Int) { organisations(first: 2) { nodes { tasks(first: $n) { nodes { id } } } } }"
    assert refusal(await ask(engine, library, source, n=size))[0] == "BAD_USER_INPUT"


DAY = "query ($v: RelativeDate) { tasks(filter: {dueOn: {eq: $v}}) { totalCount } }"
TIME = "query ($v: RelativeDateTime) { tasks(filter: {updatedAt: {lt: $v}}) { totalCount } }"
ID = "query ($v: ID!) { task(by: {id: $v}) { id } }"
TEXT = "query ($v: String) { tasks(search: $v) { totalCount } }"
INT = "query ($v: Int) { tasks(filter: {progress: {eq: $v}}) { totalCount } }"
DECIMAL = "query ($v: Decimal) { targets(filter: {targetValue: {eq: $v}}) { totalCount } }"
IN = "query ($v: [Int!]) { tasks(filter: {progress: {in: $v}}) { totalCount } }"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (DAY, "1899-12-31"), (DAY, "2201-01-01"), (DAY, "0000-01-01"), (DAY, "10000-01-01"), (DAY, "2026-02-30"),
        (DAY, "2026-1-1"), (DAY, 20260101), (DAY, True), (DAY, "P"), (DAY, "PT1H"), (DAY, ""), (DAY, "２０２６-01-01"),
        (TIME, "2026-01-01T00:00:00"), (TIME, "2026-01-01"), (TIME, "1000-01-01T00:00:00Z"), (TIME, "P1"), (TIME, 1.5),
        (TIME, "2026-01-01T24:00:00Z"), (TIME, "2026-01-01T00:00:00+99:00"),
        (ID, "x"), (ID, ""), (ID, 7), (ID, "task_zzzzzzzzzzzzzzzzzzzzzzzzzz"), (ID, "task_01j000\u0000"), (ID, None),
        (TEXT, "a\u0000b"), (TEXT, "\ud800"), (TEXT, 5), (TEXT, ["a"]), (TEXT, {"a": 1}),
        (INT, 2**31), (INT, -(2**63) - 1), (INT, 10**400), (INT, 1.5), (INT, True), (INT, "1"), (INT, float("nan")),
        (DECIMAL, "NaN"), (DECIMAL, "1e999999"), (DECIMAL, "1.23456"), (DECIMAL, "1_0"), (DECIMAL, True),
        (DECIMAL, "100000000000000"), (DECIMAL, float("inf")), (DECIMAL, [1]),
        (IN, [1, None]), (IN, [[1]]),
    ],
)  # fmt: skip
async def test_values_out_of_bounds_are_refused_before_anything_runs(
    engine: Engine, library: Library, source: str, value: Any
) -> None:
    result = await ask(engine, library, source, v=value)
    assert result.is_refused
    assert refusal(result)[0] == "BAD_USER_INPUT"
    assert "v" in refusal(result)[1] or "$v" in result.errors[0].message
    assert "data" not in result.formatted()


@pytest.mark.parametrize(
    "source",
    [
        '{ task(by: {id: "nonsense"}) { id } }',
        '{ tasks(filter: {dueOn: {eq: "1899-01-01"}}) { totalCount } }',
        '{ tasks(search: "a\\u0000b") { totalCount } }',
        "{ targets(filter: {targetValue: {eq: 1.23456}}) { totalCount } }",
    ],
)
async def test_bad_literals_are_bad_input_too(engine: Engine, library: Library, source: str) -> None:
    assert refusal(await ask(engine, library, source))[0] == "BAD_USER_INPUT"


async def test_an_id_of_another_type_is_told_apart_from_an_unknown_one(engine: Engine, library: Library) -> None:
    other = encode("org", library.one("organisation")["id"])
    assert refusal(await ask(engine, library, ID, v=other)) == ("BAD_USER_INPUT", ["task", "by", "id"], "task_…")
    unknown = await ask(engine, library, ID, v=encode("task", library.one("organisation")["id"]))
    assert unknown.data == b'{"task":null}'
    hidden = next(each for each in library.rows["task"] if each["draft_of_id"])
    assert (await ask(engine, library, ID, "observer", v=encode("task", hidden["id"]))).data == b'{"task":null}'
    upper = encode("task", library.one("task")["id"]).upper()
    assert b'"id":"task_' in (await ask(engine, library, ID, v=upper)).data  # type: ignore[operator]


async def test_nodes_keep_their_order_and_hold_null_for_what_is_hidden(engine: Engine, library: Library) -> None:
    hidden = next(each for each in library.rows["task"] if each["draft_of_id"])
    shown = library.one("organisation", 3)
    ids = [encode("task", hidden["id"]), encode("org", shown["id"]), encode("org", shown["id"])]
    result = await ask(engine, library, "query ($v: [ID!]!) { nodes(ids: $v) { id } }", "observer", v=ids)
    assert orjson.loads(result.data)["nodes"] == [None, {"id": ids[1]}, {"id": ids[1]}]  # type: ignore[arg-type]
    many = await ask(engine, library, "query ($v: [ID!]!) { nodes(ids: $v) { id } }", v=ids * 34)
    assert refusal(many) == ("BAD_USER_INPUT", ["nodes", "ids"], "paling banyak 100")
    unknown = await ask(engine, library, '{ node(id: "comment_01j0000000e008000000022wwf") { id } }')
    assert refusal(unknown)[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Task { id }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("{ tasks { nodes { ...F } } } fragment F on Task { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" * 5000, "GRAPHQL_PARSE_FAILED"),
        ("{ tasks(filter: " + "{not: " * 3000 + "{}" + "}" * 3000 + ") { totalCount } }", None),
        ("{ a" + "{ a" * 3000 + "}" * 3001, None),
    ],
)
async def test_a_document_that_is_none_is_refused(
    engine: Engine, library: Library, source: str, code: str | None
) -> None:
    result = await ask(engine, library, source)
    assert result.is_refused
    assert refusal(result)[0] == code or (code is None and refusal(result)[0] != "INTERNAL")


async def test_a_deep_filter_in_a_variable_is_refused(engine: Engine, library: Library) -> None:
    deep: Any = {}
    for _ in range(500):
        deep = {"not": deep}
    source = "query ($f: TaskFilter) { tasks(filter: $f) { totalCount } }"
    assert refusal(await ask(engine, library, source, f=deep))[0] == "BAD_USER_INPUT"


async def test_a_fault_is_told_by_an_id_only_and_leaves_the_others(engine: Engine, library: Library) -> None:
    result = await ask(engine, library, "{ fault organisations(first: 1) { nodes { code } } }")
    assert result.data == {"fault": None, "organisations": {"nodes": [{"code": "O00"}]}}
    assert refusal(result)[0] == "INTERNAL"
    assert "secret" not in result.json().decode()


async def test_introspection_is_answered(engine: Engine, library: Library) -> None:
    result = await ask(engine, library, get_introspection_query(input_value_deprecation=True, specified_by_url=True))
    assert not result.errors
    mixed = await ask(engine, library, "{ __schema { queryType { name } } organisations(first: 1) { nodes { code } } }")
    assert mixed.data == {"__schema": {"queryType": {"name": "Query"}}, "organisations": {"nodes": [{"code": "O00"}]}}
    one_of = await ask(engine, library, '{ __type(name: "TaskOrder") { isOneOf } }')
    assert one_of.data == {"__type": {"isOneOf": True}}


async def test_a_payload_is_answered_for_its_own_selection(engine: Engine, library: Library) -> None:
    task = next(each for each in library.rows["task"] if not each["draft_of_id"])
    id_ = encode("task", task["id"])
    source = (
        "mutation ($v: ID!) { touch(taskId: $v) { a: task { id } task { title comments(first: 1) { totalCount } } } }"
    )
    result = await ask(engine, library, source, v=id_)
    assert not result.errors
    assert isinstance(result.data, dict)
    assert result.data["touch"]["a"] == {"id": id_}
    assert result.data["touch"]["task"]["title"] == task["title"]
    hidden = next(each for each in library.rows["task"] if each["draft_of_id"])
    result = await ask(engine, library, source, "observer", v=encode("task", hidden["id"]))
    assert result.data == {"touch": {"a": None, "task": None}}
    bad = await ask(
        engine,
        library,
        "mutation ($v: ID!) { touch(taskId: $v) { task { comments(first: 51) { totalCount } } } }",
        v=id_,
    )
    assert bad.is_refused
    assert refusal(bad)[0] == "BAD_USER_INPUT"


async def test_an_operation_is_chosen_by_its_name(engine: Engine, library: Library) -> None:
    source = "query A { __typename } query B { b: __typename }"
    result = await engine.execute(source, None, "B", library.context(), may_change=False)
    assert result.data == b'{"b":"Query"}'
    assert (await engine.execute(source, None, "C", library.context(), may_change=False)).is_refused
    mutation = await engine.execute("mutation { __typename }", None, None, library.context(), may_change=False)
    assert mutation.is_refused


async def test_a_snapshot_reads_one_state(engine: Engine, library: Library) -> None:
    source = "{ tasks(first: 2) { nodes { id } totalCount } viewer { account { name } } }"
    result = await engine.execute(source, None, None, library.context(), snapshot=True, may_change=False)
    assert not result.errors
    assert result.data == (await engine.execute(source, None, None, library.context(), may_change=False)).data


async def test_an_empty_or_is_false_and_an_empty_and_is_true(engine: Engine, library: Library) -> None:
    source = """{ a: tasks(filter: {or: []}) { totalCount } b: tasks(filter: {and: []}) { totalCount }
        c: tasks { totalCount } }"""
    answer = orjson.loads((await ask(engine, library, source)).data)  # type: ignore[arg-type]
    assert answer["a"]["totalCount"] == 0
    assert answer["b"] == answer["c"]


async def test_a_document_is_looked_through_once_however_many_of_its_variables_are_refused(
    engine: Engine, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []

    def counted(document: Any, visitor: Any) -> Any:
        looks.append(document)
        return visit(document, visitor)

    monkeypatch.setattr("server.query.documents.wanted_ids.visit", counted)
    names = [f"v{number}" for number in range(150)]
    declared, used = ", ".join(f"${name}: ID!" for name in names), ", ".join(f"${name}" for name in names)
    source = f"query({declared}) {{ tasks(filter: {{id: {{in: [{used}]}}}}) {{ totalCount }} }}"
    result = await ask(
        engine, library, source, **dict.fromkeys(names[1:], encode("task", library.rows["task"][0]["id"]))
    )
    assert len(result.errors) == 1
    assert len(looks) == 1
    result = await ask(engine, library, source)
    assert len(result.errors) > 1
    assert len(looks) == 2
