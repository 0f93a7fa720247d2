"""What is too deep, wide, long or dear is refused before it runs and says which part; the hint passes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.query.run.engine import Engine
from server.query.run.result import Result
from tests.engine.query.rows import Library


async def ask(engine: Engine, library: Library, source: str, **variables: Any) -> Result:
    return await engine.execute(source, variables, None, library.context(), may_change=False)


def refused(result: Result) -> dict[str, Any]:
    assert result.is_refused, result
    extensions = dict(result.errors[0].extensions or {})
    assert extensions.pop("code") == "COST_EXCEEDED"
    extensions.pop("coordinate", None)
    assert set(extensions) == {"requested", "limit", "breakdown", "hint"}
    return extensions


async def test_fifteen_fields_deep_pass_and_sixteen_do_not(engine: Engine, library: Library) -> None:
    for levels, passes in ((15, True), (16, False)):
        inner = "{ parent " * (levels - 4) + "{ code }" + " }" * (levels - 4)
        source = f'{{ task(by: {{id: "task_01j0000000e0080000002fw9cd"}}) {{ workPlan {{ organisation {inner} }} }} }}'
        result = await ask(engine, library, source)
        if passes:
            assert not result.is_refused, result.errors
        else:
            extensions = refused(result)
            assert (extensions["requested"], extensions["limit"]) == (16, 15)


async def test_fragments_count_where_they_are_spread(engine: Engine, library: Library) -> None:
    body = "a: parent {{ ...F{0} }} b: parent {{ ...F{0} }}"
    fragments = [f"fragment F{n} on Organisation {{ {body.format(n + 1)} }}" for n in range(40)]
    source = "{ organisations { nodes { ...F0 } } } " + " ".join(fragments) + " fragment F40 on Organisation { code }"
    assert refused(await ask(engine, library, source))["limit"] == 15
    wide = "{ organisations { nodes { " + " ".join(f"a{n}: code" for n in range(51)) + " } } }"
    assert (refused(await ask(engine, library, wide))["requested"]) == 51
    fifty = "{ organisations { nodes { " + " ".join(f"a{n}: code" for n in range(50)) + " } } }"
    assert not (await ask(engine, library, fifty)).is_refused
    body = "parent {{ ...F{0} }} tasks {{ nodes {{ organisation {{ ...F{0} }} }} }}"
    plain = " ".join(f"fragment F{n} on Organisation {{ {body.format(n + 1)} }}" for n in range(5))
    many = (
        "{ organisations { nodes { "
        + "...F0 "
        + "} } } "
        + plain
        + " fragment F5 on Organisation { "
        + "code " * 400
        + "}"
    )
    assert refused(await ask(engine, library, many))["limit"] in (15, 2000)


async def test_ten_thousand_tokens_are_the_limit(engine: Engine, library: Library) -> None:
    assert refused(await ask(engine, library, "{ tasks { nodes { " + "id " * 10_000 + "} } }"))["limit"] == 10_000


@pytest.mark.parametrize(
    "source",
    [
        "{ organisations(first: 200) { nodes { tasks(first: 50) { nodes { "
        "comments(first: 50) { nodes { id } } } } } } }",
        "{ tasks(first: 200) { nodes { history(first: 50) { nodes { subject { ... on Task { "
        "comments(first: 50) { totalCount nodes { id } } } } } } waitsFor { id } } } }",
        "{ events(first: 200) { nodes { subject { ... on Task { comments(first: 50) { nodes { id } } } "
        "... on WorkPlan { tasks(first: 50) { nodes { waitsFor { id } } } } } } } }",
        "{ a: organisations(first: 200) { nodes { tasks(first: 50) { nodes { waitsFor { id } } } } } "
        "b: tasks(first: 100) { nodes { comments(first: 50) { nodes { id } } } } }",
    ],
)
async def test_obeying_the_hint_makes_it_pass(engine: Engine, library: Library, source: str) -> None:
    extensions = refused(await ask(engine, library, source))
    assert extensions["limit"] == 20_000 < extensions["requested"]
    assert extensions["breakdown"][0]["cost"] == max(each["cost"] for each in extensions["breakdown"])
    assert set(extensions["breakdown"][0]) == {"path", "pageSize", "rows", "cost"}
    sizes = re.findall(r"([\w.]+) → (\d+)", extensions["hint"])
    assert sizes, extensions["hint"]
    for path, size in sizes:
        name = path.split(".")[-1]
        start = source.find(f"{path.split('.')[0]}: ") if re.match(r"[ab]\b", path) else 0
        pattern = re.compile(rf"(\b{name}(?:: \w+)?\(first: )\d+\)")
        source = source[:start] + pattern.sub(rf"\g<1>{size})", source[start:], count=1)
    result = await ask(engine, library, source)
    assert not result.is_refused, (source, result.errors)
    assert result.extensions["cost"]["requested"] <= 20_000


async def test_the_cost_is_told_and_joins_are_free(engine: Engine, library: Library) -> None:
    plain = await ask(engine, library, "{ tasks(first: 20) { nodes { id } } }")
    more = "organisation { name parent { name } } assignee { name }"
    joined = await ask(engine, library, f"{{ tasks(first: 20) {{ nodes {{ id {more} }} }} }}")
    assert plain.extensions["cost"] == joined.extensions["cost"] == {"requested": 21, "actual": 21, "limit": 20_000}
    by_variable = await ask(engine, library, "query ($n: Int) { tasks(first: $n) { nodes { id } } }", n=12)
    assert by_variable.extensions["cost"]["requested"] == 13
