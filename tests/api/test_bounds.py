"""Lists and filters have a bound, given as variables or as literals; past it they are refused before they cost time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests import inputs
from tests.city import City
from tests.sending import Json, check, send, verb
from tests.watching import until

BY_FILTER = "query($f: TaskFilter) { tasks(filter: $f) { totalCount } }"
BY_LIST = "query($v: [Int!]) { tasks(filter: {progress: {in: $v}}) { totalCount } }"
BY_IDS = "query($v: [ID!]) { tasks(filter: {id: {in: $v}}) { totalCount } }"
BY_FILTERS = "query($o: [TaskFilter!]) { tasks(filter: {or: $o}) { totalCount } }"


def conditions(count: int) -> list[Json]:
    return [{"title": {"eq": f"a{n}"}} for n in range(count)]


def literal(value: Any) -> str:
    """A value as a document has it."""
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + " ".join(map(literal, value)) + "]"
    return json.dumps(value)


def written(filter: Json) -> str:
    return f"{{ here: tasks(filter: {literal(filter)}) {{ totalCount }} }}"


HALF_NESTED = {"not": {"or": conditions(99)}, "and": [{"organisation": {"code": {"eq": "DLH"}}}] * 51}

# What is asked, where it is refused, and what would be right. By variable, then written in the document.
REFUSED: dict[str, tuple[str, Json, str, int]] = {
    "conditions": (BY_FILTER, {"f": {"or": conditions(200)}}, "f.or.199", 200),
    "nested conditions": (BY_FILTER, {"f": HALF_NESTED}, "f.and.49", 200),
    "a list of filters": (BY_FILTERS, {"o": conditions(201)}, "o.200", 200),
    "nothing, often": (BY_FILTER, {"f": {"or": [{}] * 201}}, "f.or.199", 200),
    "a filter's list": (BY_FILTER, {"f": {"title": {"in": ["a"] * 1_001}}}, "f.title.in", 1000),
    "a list": (BY_LIST, {"v": list(range(1_001))}, "v", 1000),
    "a default": (
        f"query($f: TaskFilter = {literal({'or': conditions(200)})}) {{ tasks(filter: $f) {{ totalCount }} }}",
        {}, "f.or.199", 200,
    ),
    "written conditions": (written({"or": conditions(200)}), {}, "here.filter.or.199", 200),
    "written nested conditions": (
        written(HALF_NESTED), {}, "here.filter.and.49", 200,
    ),
    "a written list": (written({"title": {"in": ["a"] * 1_001}}), {}, "here.filter.title.in", 1000),
    "written ids": (
        "{ nodes(ids: " + literal([inputs.unknown_id("taskId")] * 1_001) + ") { id } }",
        {}, "nodes.ids", 1000,
    ),
    "many lists": (
        "query(" + " ".join(f"$v{n}: [Int!]" for n in range(17)) + ") { " + " ".join(
            f"a{n}: tasks(filter: {{progress: {{in: $v{n}}}}}) {{ totalCount }}" for n in range(17)
        ) + " }",
        {f"v{n}": list(range(1_000)) for n in range(17)}, "v16.0", 16000,
    ),
}  # fmt: skip


MOST = {"id": "paling banyak {}", "en": "at most {}"}


@pytest.mark.asks
@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_too_large_is_refused_by_name_and_bound(city: City, name: str) -> None:
    query, variables, path, most = REFUSED[name]
    for language in ("id", "en"):
        _, answer = await send(city.camat, query, variables, language)
        (error,) = check(answer, language=language)
        told = error["extensions"]
        assert (told["code"], ".".join(told["path"]), told["constraint"]) == (
            "BAD_USER_INPUT",
            path,
            MOST[language].format(most),
        )
        assert "data" not in answer


LONG = "x" * 1_001
BY_TEXT = "query($v: String!) { tasks(filter: {title: {%s: $v}}, first: 1) { nodes { id } } }"
TOO_LONG: dict[str, tuple[str, Json, str]] = {
    **{f"{name} by variable": (BY_TEXT % name, {"v": LONG}, "v") for name in ("contains", "startsWith", "eq", "neq")},
    **{
        f"{name} in a filter": (BY_FILTER, {"f": {"not": {"title": {name: LONG}}}}, f"f.not.title.{name}")
        for name in ("contains", "startsWith", "eq", "neq")
    },
    **{
        f"{name} written": (written({"title": {name: LONG}}), {}, f"here.filter.title.{name}")
        for name in ("contains", "startsWith", "eq", "neq")
    },
    "in": (BY_FILTER, {"f": {"title": {"in": ["a", LONG]}}}, "f.title.in.1"),
    "in, by variable": (
        "query($v: [String!]) { tasks(filter: {title: {in: $v}}) { totalCount } }", {"v": ["a", LONG]}, "v.1",
    ),
    "nin, written": (written({"title": {"nin": ["a", LONG]}}), {}, "here.filter.title.nin.1"),
    "a comparator": (
        "query($v: StringFilter) { tasks(filter: {title: $v}) { totalCount } }",
        {"v": {"contains": LONG}}, "v.contains",
    ),
    "of a relation": (BY_FILTER, {"f": {"organisation": {"name": {"contains": LONG}}}}, "f.organisation.name.contains"),
    "below": (
        "query($v: String) { organisations { nodes { tasks(filter: {title: {contains: $v}}) { totalCount } } } }",
        {"v": LONG}, "v",
    ),
    "in a fragment": (
        "query($v: String) { tasks { nodes { ...F } } } fragment F on Task { organisation {"
        " tasks(filter: {or: [{title: {contains: $v}}]}) { totalCount } } }", {"v": LONG}, "v",
    ),
    "a default": (
        f'query($v: String = "{LONG}") {{ tasks(filter: {{title: {{contains: $v}}}}) {{ totalCount }} }}', {}, "v",
    ),
    "a search": ("query($v: String) { tasks(search: $v) { totalCount } }", {"v": LONG}, "v"),
    "a written search": (f'{{ here: tasks(search: "{LONG}") {{ totalCount }} }}', {}, "here.search"),
    "a search in a block": (f'{{ here: tasks(search: """{LONG}""") {{ totalCount }} }}', {}, "here.search"),
}  # fmt: skip


@pytest.mark.asks
@pytest.mark.parametrize("name", TOO_LONG)
async def test_a_text_to_look_for_is_of_a_thousand_characters_at_most(city: City, name: str) -> None:
    query, variables, path = TOO_LONG[name]
    _, answer = await send(city.camat, query, variables)
    (error,) = check(answer)
    told = error["extensions"]
    assert (told["code"], ".".join(told["path"])) == ("BAD_USER_INPUT", path)
    assert told["constraint"] == "paling banyak 1000 karakter"
    assert "data" not in answer
    shorter = json.loads(json.dumps([query, variables]).replace(LONG, LONG[1:]))
    _, answer = await send(city.camat, *shorter)
    assert not check(answer)


@pytest.mark.asks
async def test_a_text_to_look_for_is_bounded_in_a_subscription_too(city: City) -> None:
    socket = await city.camat.socket()
    document = "subscription($f: TaskFilter) { taskChanged(filter: $f) { kind } }"
    by_text = "subscription($v: String) { taskChanged(filter: {title: {contains: $v}}) { kind } }"
    written_ = f'subscription {{ taskChanged(filter: {{title: {{contains: "{LONG}"}}}}) {{ kind }} }}'
    for query, variables in ((document, {"f": {"title": {"contains": LONG}}}), (by_text, {"v": LONG}), (written_, {})):
        watcher = socket.start("taskChanged", query=query, variables=variables)
        await until(lambda w=watcher: w.is_ended, what="it is refused")  # type: ignore[misc]
        assert watcher.errors is not None
        assert watcher.errors[0]["extensions"]["constraint"] == "paling banyak 1000 karakter"


@pytest.mark.asks
@pytest.mark.parametrize(("query", "variables"), [
    (BY_FILTER, {"f": {"or": conditions(199)}}),
    (BY_FILTER, {"f": {"or": [{"title": {"in": ["a"] * 1_000}}, {"title": {"nin": ["b"] * 1_000}}]}}),
    (BY_LIST, {"v": list(range(1_000))}),
    (BY_FILTERS, {"o": conditions(199)}),
    (written({"or": conditions(199)}), {}),
    (written({"title": {"in": ["a"] * 1_000}}), {}),
])  # fmt: skip
async def test_what_is_at_the_bound_is_answered(city: City, query: str, variables: Json) -> None:
    _, answer = await send(city.camat, query, variables)
    assert not check(answer)


@pytest.mark.asks
async def test_a_filter_of_two_variables_is_counted_as_one(city: City) -> None:
    query = "query($a: TaskFilter! $b: TaskFilter!) { tasks(filter: {or: [$a $b]}) { totalCount } city { code } }"
    part = {"or": conditions(150)}
    _, answer = await send(city.camat, query, {"a": part, "b": part})
    (error,) = check(answer)
    assert error["extensions"]["path"] == ["tasks", "filter", "or", "1", "or", "47"]
    assert answer["data"] == {"tasks": None, "city": {"code": "12.71"}}


async def test_a_hundred_items_and_five_thousand_open_tasks_are_taken(city: City) -> None:
    await city.task(city.camat, checklist=["Butir"] * 100)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await city.camat.query(query, ids=[inputs.unknown_id("taskId")] * 100)
    plan = await city.approved(city.camat)
    open_tasks = [{"taskId": inputs.unknown_id("taskId"), "settlement": "CANCEL"}] * 5_001
    answer = await verb(city.bappeda, "closeWorkPlan", {"workPlanId": plan, "exceptions": open_tasks[:5_000]})
    assert not check(answer)
    assert answer["data"]["closeWorkPlan"]["errors"]
    (error,) = check(await verb(city.bappeda, "closeWorkPlan", {"workPlanId": plan, "exceptions": open_tasks}))
    assert error["extensions"]["path"] == ["input", "exceptions"]
    assert error["extensions"]["constraint"] == "paling banyak 5000"


async def test_a_plan_with_hundreds_of_open_tasks_is_closed(city: City) -> None:
    plan = await city.approved(city.camat)
    tasks = [await city.task(city.camat, workPlanId=plan) for _ in range(3)]
    unknown = [inputs.unknown_id("taskId")] * 600
    settled = [{"taskId": task, "settlement": "CARRY_OVER"} for task in [*tasks, *unknown]]
    query = f'mutation {{ closeWorkPlan(input: {{workPlanId: "{plan}", exceptions: {literal(settled)}}})'
    query = query.replace('"CARRY_OVER"', "CARRY_OVER") + " { errors { code } } }"
    _, answer = await send(city.bappeda, query, {})
    assert not check(answer)
    assert answer["data"]["closeWorkPlan"]["errors"]


@pytest.mark.asks
@pytest.mark.parametrize(("query", "variables"), [
    (BY_FILTER, {"f": {"or": conditions(20_000)}}),
    (BY_LIST, {"v": list(range(20_000))}),
    (BY_IDS, {"v": [inputs.unknown_id("taskId")] * 20_000}),
])  # fmt: skip
async def test_twenty_thousand_of_anything_cost_no_time(city: City, query: str, variables: Json) -> None:
    before = time.process_time()
    _, answer = await send(city.camat, query, variables)
    assert check(answer)
    assert time.process_time() - before < 0.5
