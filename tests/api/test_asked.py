"""What asks nothing is as if it were absent: a blank search, an empty condition, one with undefined variables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from tests import cases
from tests.city import City
from tests.person import Person
from tests.sending import check, send
from tests.walking import LISTS, ROOTS, SUBSCRIPTIONS
from tests.watching import Watcher, until

BLANK = ["", "  ", "\t\n", "-", "/ ' …", '""', None]
Question = tuple[str, dict[str, tuple[str, Any]]]
TAKES = "totalCount", "nodes { id }", "totalCount nodes { id }"


def set_(given: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    """The variables' values, without those that are undefined."""
    return {name: value for name, (_, value) in given.items() if value is not ...}


async def many(person: Person, questions: list[Question]) -> list[Any]:
    """The answers to questions with variables of their own (name → type and value, or `...` for undefined)."""
    found = []
    for start in range(0, len(questions), 8):
        part = questions[start : start + 8]
        given: dict[str, tuple[str, Any]] = {}
        fields = []
        for number, (field, variables) in enumerate(part):
            fields.append(f"q{number}: {field.replace('$', f'$q{number}')}")
            given |= {f"q{number}{name}": each for name, each in variables.items()}
        head = f"query({' '.join(f'${name}: {type_}' for name, (type_, _) in given.items())})" if given else ""
        _, answer = await send(person, f"{head} {{ {' '.join(fields)} }}", set_(given))
        assert not check(answer), (check(answer), part)
        found += [answer["data"][f"q{number}"] for number in range(len(part))]
    return found


def searched() -> Iterator[str]:
    """Every connection that takes a search, with a hole for it and one for what is selected."""
    for root in LISTS:
        if "search" in ROOTS[root].args:
            yield f"{root}(%s) {{ %s }}"
    for root in LISTS:
        row = get_named_type(get_named_type(ROOTS[root].type).fields["nodes"].type)
        assert isinstance(row, GraphQLObjectType)
        for name, field in row.fields.items():
            if "search" in field.args:
                yield f"{root}(first: 5) {{ nodes {{ {name}(%s) {{ %s }} }} }}"


async def test_a_blank_search_is_no_search_wherever_one_is_taken(city: City) -> None:
    plan = await city.approved(city.camat)
    await city.task(city.camat, workPlanId=plan)
    await city.task(city.dlh)
    await cases.filed(city)
    connections = list(searched())
    assert any("tasks(%s)" in each for each in connections)
    assert any("nodes { tasks(%s)" in each for each in connections)
    for connection, selection in product(connections, TAKES):
        absent = connection.replace("(%s)", "%s") % ("", selection)
        literals = [connection % (f"search: {written(text)}", selection) for text in BLANK]
        by_variable = connection % ("search: $s", selection)
        questions: list[Question] = [(absent, {}), *((each, {}) for each in literals)]
        questions += [(by_variable, {"s": ("String", text)}) for text in (*BLANK, ...)]
        first, *others = await many(city.camat, questions)
        assert first != {"totalCount": 0}, absent
        for (asked, given), other in zip(questions[1:], others, strict=True):
            assert other == first, (asked, given)
    # And a word is one, also where counters are kept.
    nothing = 'tasks(search: "zzzz") { totalCount }', "tasks(search: $s) { totalCount }"
    found = await many(city.camat, [(nothing[0], {}), (nothing[1], {"s": ("String", "zzzz")})])
    assert found == [{"totalCount": 0}] * 2


async def test_a_page_goes_on_whether_the_search_is_absent_or_blank(city: City) -> None:
    for _ in range(3):
        await city.task(city.camat)
    page = "query($s: String, $c: Cursor) { tasks(first: 1, search: $s, after: $c) {"
    page += " nodes { id } pageInfo { endCursor } } }"
    first = (await city.camat.query(page, s=""))["tasks"]
    second = (await city.camat.query(page, c=first["pageInfo"]["endCursor"]))["tasks"]
    assert second["nodes"] != first["nodes"]


def written(text: str | None) -> str:
    return "null" if text is None else json.dumps(text, ensure_ascii=False)


# ---- filters ------------------------------------------------------------------------------------------------------


def nothing_asked(kind: GraphQLInputObjectType, depth: int) -> Iterator[Question]:
    """Every field of a filter, every comparator on it, as a condition that asks nothing: an undefined variable, or {}.

    A literal, and its variables with their types.
    """
    for name, field in kind.fields.items():
        if name in ("and", "or", "not"):
            continue
        below = get_named_type(field.type)
        assert isinstance(below, GraphQLInputObjectType)
        yield f"{{{name}: {{}}}}", {}
        yield f"{{{name}: $v}}", {"v": (below.name, ...)}
        yield f"{{{name}: $v}}", {"v": (below.name, {})}
        if "and" in below.fields:
            if depth:
                yield from ((f"{{{name}: {inner}}}", given) for inner, given in nothing_asked(below, depth - 1))
        else:
            for comparator, each in below.fields.items():
                yield f"{{{name}: {{{comparator}: $v}}}}", {"v": (str(each.type), ...)}


def together(kind: GraphQLInputObjectType, depth: int) -> Iterator[Question]:
    """The same, many in one filter."""
    each = list(nothing_asked(kind, depth))
    for start in range(0, len(each), 60):
        conditions = []
        given: dict[str, tuple[str, Any]] = {}
        for number, (condition, variables) in enumerate(each[start : start + 60]):
            conditions.append(condition.replace("$v", f"$v{number}_"))
            given |= {f"v{number}_": value for value in variables.values()}
        yield f"{{and: [{' '.join(conditions)}]}}", given


async def test_a_condition_whose_variables_are_undefined_is_absent_in_every_list(city: City) -> None:
    plan = await city.approved(city.camat)
    task = await city.task(city.camat, workPlanId=plan)
    await city.task(city.camat)
    await city.camat.mutate("assignTask", {"taskId": task, "assigneeId": city.camat_staff.id})
    await city.request(city.camat, city.dlh)
    for root in LISTS:
        kind = get_named_type(ROOTS[root].args["filter"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        asked: list[Question] = [(f"{root} {{ totalCount nodes {{ id }} }}", {})]
        for condition, given in [*together(kind, 1), *((each, {}) for each in ALL)]:
            asked.append((f"{root}(filter: {condition}) {{ totalCount nodes {{ id }} }}", given))
        first, *others = await many(city.camat, asked)
        for question, other in zip(asked[1:], others, strict=True):
            assert other == first, question


ALL = ["{}", "{and: []}", "{and: [{}]}", "{or: [{}]}", "{not: {not: {}}}"]


async def test_what_asks_nothing_is_true_of_every_row_so_that_its_denial_is_of_none(city: City) -> None:
    await city.task(city.camat)
    none = "{not: {}}", "{or: []}", "{not: {title: {eq: $v}}}", "{not: {organisation: {code: {eq: $v}}}}"
    asked: list[Question] = [
        (f"tasks(filter: {each}) {{ totalCount }}", {"v": ("String", ...)} if "$" in each else {}) for each in none
    ]
    assert await many(city.camat, asked) == [{"totalCount": 0}] * len(none)


async def test_whether_a_relation_leads_anywhere_is_asked_of_its_id(city: City) -> None:
    free, taken = await city.task(city.camat), await city.task(city.camat)
    await city.camat.mutate("assignTask", {"taskId": taken, "assigneeId": city.camat_staff.id})
    for is_null, right in ((True, free), (False, taken)):
        query = "query($n: Boolean) { tasks(filter: {assignee: {id: {isNull: $n}}}) { totalCount nodes { id } } }"
        assert (await city.camat.query(query, n=is_null))["tasks"] == {"totalCount": 1, "nodes": [{"id": right}]}


async def test_null_in_a_filter_is_refused_by_name_beside_what_asks_nothing(city: City) -> None:
    for condition, path in {
        "{or: [{}, {title: {eq: null}}]}": ["or", "1", "title", "eq"],
        "{assignee: {id: {eq: null}}}": ["assignee", "id", "eq"],
        "{and: [{}, {title: null}]}": ["and", "1", "title"], "{not: {assignee: null}}": ["not", "assignee"],
    }.items():  # fmt: skip
        _, answer = await send(city.camat, f"{{ tasks(filter: {condition}) {{ totalCount }} }}", {})
        (error,) = check(answer)
        assert error["extensions"]["path"] == ["tasks", "filter", *path]


async def test_a_condition_whose_variables_are_undefined_is_absent_in_every_subscription(city: City) -> None:
    watched: dict[str, list[Watcher]] = {}
    hub = city.site.installation.hub
    for field, declared in SUBSCRIPTIONS.items():
        socket = await city.camat.socket()
        kind = get_named_type(declared.args["filter"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        selection = "{ type }" if field == "events" else "{ kind node { id } }"
        for condition, given in [("{}", {}), *together(kind, 0)]:
            head = f"({' '.join(f'${name}: {type_}' for name, (type_, _) in given.items())})" if given else ""
            query = f"{field}(filter: {condition}) {selection}"
            before = len(hub)
            watcher = socket.start(field, query=f"subscription{head} {{ {query} }}", variables=set_(given))
            await until(lambda n=before, w=watcher: len(hub) > n or w.is_ended, what=f"{field} is watched")  # type: ignore[misc]
            assert not watcher.errors, (watcher.errors, query)
            watched.setdefault(field, []).append(watcher)
    await city.task(city.camat, workPlanId=await city.approved(city.camat))
    await city.request(city.camat, city.dlh)
    await city.settled()
    for field, (first, *others) in watched.items():
        assert first.told or "scalation" in field, field
        for other in others:
            await until(lambda o=other, f=first: len(o.told) >= len(f.told), what=f"{field} tells all")  # type: ignore[misc]
            assert other.told == first.told, field
