"""Whatever is refused is refused in the caller's language, in Indonesian when it names none; codes never are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.city import City
from tests.sending import Json, check, send
from tests.watching import Refusal
from tests.words import is_said_in

DEEP = "{ city { " + "x { " * 16 + "id" + " }" * 18
LISTS = " ".join(f"a{n}: tasks(first: 200) {{ nodes {{ history(first: 50) {{ nodes {{ id }} }} }} }}" for n in range(3))

# What is asked, and the code of its one error. Each is asked twice in a row, since documents are kept with theirs.
ASKED: dict[str, tuple[str, Json, str]] = {
    # documents
    "no operation": ("fragment F on City { code }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "several operations": ("query A { city { code } } query B { city { code } }", {}, "BAD_USER_INPUT"),
    "defer": ("{ city { ... @defer { code } } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "syntax": ("{ tasks(search: 'x') { totalCount } }", {}, "GRAPHQL_PARSE_FAILED"),
    "field": ("{ tasks { totalCuont } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "argument": ("{ tasks(frist: 1) { totalCount } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "enum": ("{ tasks(filter: {status: {eq: in_progress}}) { totalCount } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "subscription": ("subscription { taskChanged { kind } }", {}, "BAD_USER_INPUT"),
    "null character": ('{ tasks(search: "a\\u0000b") { totalCount } }', {}, "BAD_USER_INPUT"),
    "null character in a variable": (
        "query($s: String) { tasks(search: $s) { totalCount } }",
        {"s": "a\x00"},
        "BAD_USER_INPUT",
    ),
    # extent and price
    "tokens": ("{ city { " + "code " * 10_001 + "} }", {}, "COST_EXCEEDED"),
    "depth": (DEEP, {}, "COST_EXCEEDED"),
    "aliases": ("{ " + " ".join(f"a{n}: city {{ code }}" for n in range(51)) + " }", {}, "COST_EXCEEDED"),
    "fields": ("{ city { " + "code name ... { code }" * 700 + " } }", {}, "COST_EXCEEDED"),
    "rows": (f"{{ {LISTS} }}", {}, "COST_EXCEEDED"),
    # pages, cursors, ids
    "page": ("{ tasks(first: 201) { nodes { id } } }", {}, "BAD_USER_INPUT"),
    "page in a variable": ("query($n: Int) { tasks(first: $n) { nodes { id } } }", {"n": 201}, "BAD_USER_INPUT"),
    "both ends": ("{ tasks(first: 1, last: 1) { nodes { id } } }", {}, "BAD_USER_INPUT"),
    "wrong end": ('{ tasks(first: 1, before: "W10") { nodes { id } } }', {}, "BAD_USER_INPUT"),
    "count": ("{ tasks { totalCount(atMost: 0) } }", {}, "BAD_USER_INPUT"),
    "count in a variable": ("query($n: Int) { tasks { totalCount(atMost: $n) } }", {"n": 0}, "BAD_USER_INPUT"),
    "cursor": ('{ tasks(after: "W10") { nodes { id } } }', {}, "BAD_USER_INPUT"),
    "no cursor": ('{ tasks(after: "") { nodes { id } } }', {}, "BAD_USER_INPUT"),
    "orders": (
        "{ tasks(orderBy: [{dueOn: ASC}, {title: ASC}, {progress: ASC}, {createdAt: ASC}]) { nodes { id } } }",
        {},
        "BAD_USER_INPUT",
    ),
    "search": (f'{{ tasks(search: "{"x" * 1001}") {{ totalCount }} }}', {}, "BAD_USER_INPUT"),
    "ids": (
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": ["task_01j0000000e008000000022wwf"] * 101},
        "BAD_USER_INPUT",
    ),
    "id": ('{ task(by: {id: "nonsense"}) { id } }', {}, "BAD_USER_INPUT"),
    "id in a variable": ("query($id: ID!) { task(by: {id: $id}) { id } }", {"id": "nonsense"}, "BAD_USER_INPUT"),
    "id of no type": ('{ node(id: "nothing_01j0000000e008000000022wwf") { id } }', {}, "BAD_USER_INPUT"),
    "id of another type": (
        'mutation { startTask(input: {taskId: "org_01j0000000e008000000022wwf"}) { errors { code } } }',
        {},
        "BAD_USER_INPUT",
    ),
    # filters
    "null": ("{ tasks(filter: {title: null}) { totalCount } }", {}, "BAD_USER_INPUT"),
    "null comparator": ("{ tasks(filter: {title: {eq: null}}) { totalCount } }", {}, "BAD_USER_INPUT"),
    "conditions": (
        "query($f: TaskFilter) { tasks(filter: $f) { totalCount } }",
        {"f": {"or": [{"title": {"eq": "x"}}] * 201}},
        "BAD_USER_INPUT",
    ),
    "foreign id": (
        '{ tasks(filter: {id: {eq: "org_01j0000000e008000000022wwf"}}) { totalCount } }',
        {},
        "BAD_USER_INPUT",
    ),
    # scalars
    "date": ('{ tasks(filter: {dueOn: {eq: "besok"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "no day": ('{ tasks(filter: {dueOn: {eq: "2026-02-30"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "year": ('{ tasks(filter: {dueOn: {eq: "1899-01-01"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "instant": ('{ tasks(filter: {updatedAt: {lt: "now"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "no instant": ('{ tasks(filter: {updatedAt: {lt: "2026-02-30T00:00:00Z"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "number": ('{ targets(filter: {achievement: {gt: "NaN"}}) { totalCount } }', {}, "BAD_USER_INPUT"),
    "long number": ("{ targets(filter: {achievement: {gt: 1.23456}}) { totalCount } }", {}, "BAD_USER_INPUT"),
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
async def test_a_refusal_is_told_in_the_callers_language(city: City, asked: str) -> None:
    query, variables, code = ASKED[asked]
    for language in ("id", "en", "id"):
        _, answer = await send(city.camat, query, variables, language)
        (error,) = check(answer, language=language)
        assert error["extensions"]["code"] == code
        assert is_said_in(language, error["message"]), error
        if code == "COST_EXCEEDED":
            assert is_said_in(language, error["extensions"]["hint"], "hint"), error


async def test_who_names_no_language_is_told_in_indonesian(city: City) -> None:
    _, answer = await send(city.camat, "{ tasks(first: 201) { nodes { id } } }", {}, None)
    assert is_said_in("id", answer["errors"][0]["message"])


@pytest.mark.parametrize(
    ("type_", "value"), [("Int", "x"), ("[ID!]", [None]), ("TaskStatus", "NOPE"), ("TaskFilter", {"nope": 1})]
)
async def test_a_value_that_the_library_itself_refuses_is_told_in_indonesian_too(
    city: City, type_: str, value: Any
) -> None:
    query = f"query($v: {type_}) {{ __typename @include(if: true) city @include(if: false) {{ code }} {using(type_)} }}"
    _, answer = await send(city.camat, query, {"v": value}, "id")
    (error,) = check(answer)
    assert is_said_in("id", error["message"]), error
    assert "v" in error["extensions"]["path"]
    assert error["locations"]
    _, answer = await send(city.camat, query, {"v": value}, "en")
    assert is_said_in("en", answer["errors"][0]["message"]), answer


def using(type_: str) -> str:
    """A field that takes the variable."""
    return {
        "Int": "tasks(first: $v) { totalCount }",
        "[ID!]": "tasks(filter: {id: {in: $v}}) { totalCount }",
        "TaskStatus": "tasks(filter: {status: {eq: $v}}) { totalCount }",
        "TaskFilter": "tasks(filter: $v) { totalCount }",
    }[type_]


@pytest.mark.parametrize(("query", "path"), [
    ('{ a: task(by: {id: "nonsense"}) { id } }', ["a", "by", "id"]),
    ('{ tasks(filter: {or: [{}, {dueOn: {eq: "x"}}]}) { totalCount } }',
     ["tasks", "filter", "or", "1", "dueOn", "eq"]),
    ('{ tasks(after: "") { nodes { id } } }', ["tasks", "after"]),
    ('{ city { ...F } tasks { nodes { ...G } } } fragment F on City { code }'
     ' fragment G on Task { history(after: "") { nodes { id } } }', ["history", "after"]),
    ('query($d: RelativeDate = "besok") { tasks(filter: {dueOn: {eq: $d}}) { totalCount } }', ["d"]),
    ('mutation { startTask(input: {taskId: "x"}) { errors { code } } }', ["startTask", "input", "taskId"]),
])  # fmt: skip
async def test_a_literal_that_a_scalar_refuses_is_named_by_its_place(city: City, query: str, path: list[str]) -> None:
    _, answer = await send(city.camat, query, {})
    (error,) = check(answer)
    assert error["extensions"]["path"] == path
    assert error["locations"]


@pytest.mark.parametrize("asked", [{"after": "nonsense"}, {"filter": {"isOverdue": {"eq": True}}}])
async def test_a_refused_subscription_is_told_in_the_callers_language(city: City, asked: dict[str, Any]) -> None:
    for language in ("id", "en"):
        socket = await city.camat.socket(acceptLanguage=language)
        for over in ({"over": "sse", "accept-language": language}, {"on": socket}):
            given: dict[str, Any] = {**asked, **over}
            with pytest.raises(Refusal) as refusal:
                await city.camat.watch("taskChanged", **given)
            assert is_said_in(language, refusal.value.errors[0]["message"]), refusal.value.errors
