"""What no index serves is priced by what it looks at: a dozen search boxes pass, what would stop everybody does not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.query.documents.cost import SCAN
from tests.city import City
from tests.person import Person
from tests.words import is_said_in

pytestmark = pytest.mark.asks

Json = dict[str, Any]


def roots(count: int, field: str) -> str:
    """So many of one root field, each with another text in the place of %s; and one that costs nothing."""
    return "{ " + " ".join(f"a{n}: {field.replace('%s', f'kata {n}')}" for n in range(count)) + " city { code } }"


async def requested(person: Person, query: str, **variables: Any) -> int:
    """The price of what is answered; never less than what it came to."""
    answer = await person.ask(query, variables)
    assert "errors" not in answer, answer["errors"]
    cost = answer["extensions"]["cost"]
    assert cost["actual"] <= cost["requested"] <= cost["limit"]
    found: int = cost["requested"]
    return found


COUNT = 'tasks(filter: {title: {contains: "%s"}}) { totalCount }'
PAGE = 'tasks(filter: {title: {contains: "%s"}}, first: 5) { totalCount nodes { id title } }'
TOO_MANY = {
    "counts": roots(49, COUNT),
    "pages and counts": roots(40, PAGE),
    "beginnings": roots(49, 'targets(filter: {indicator: {startsWith: "%s"}}) { totalCount }'),
    "searches": roots(49, 'tasks(search: "%s") { totalCount }'),
    "counts below": '{ organisations(first: 1) { nodes { '
    + " ".join(f'b{n}: tasks(filter: {{title: {{contains: "x{n}"}}}}) {{ totalCount }}' for n in range(49))
    + " code } } }",
    "expressions": roots(49, "tasks(filter: {isOverdue: {eq: true}}) { totalCount }"),
    "other tables": roots(49, 'tasks(filter: {target: {indicator: {contains: "%s"}}}) { totalCount }'),
    "lists in conditions": roots(49, "workPlans(filter: {targets: {isEmpty: true}}) { totalCount }"),
    "many in one": "{ a0: tasks(filter: {or: ["
    + " ".join(f'{{title: {{contains: "x{n}"}}}}' for n in range(60)) + "]}) { totalCount } city { code } }",
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MANY)
async def test_more_than_a_few_dozen_looks_at_everything_are_refused_and_the_hint_works(city: City, name: str) -> None:
    query, hint = TOO_MANY[name], ""
    for language in ("id", "en"):
        answer = await city.outsider.ask(query, **{"accept-language": language})  # type: ignore[arg-type]
        (error,) = answer["errors"]
        told = error["extensions"]
        assert (told["code"], told["limit"]) == ("COST_EXCEEDED", 20_000)
        assert "data" not in answer
        assert told["requested"] > told["limit"]
        worst = told["breakdown"][0]
        assert set(worst) == {"path", "pageSize", "rows", "cost", "unindexed"}
        assert worst["cost"] > worst["unindexed"] * SCAN > 0
        assert is_said_in(language, error["message"])
        hint = told["hint"]
        assert is_said_in(language, hint, "hint")
    assert await city.outsider.query(obeyed(query, hint))


def obeyed(query: str, hint: str) -> str:
    """The query without the fields that the hint names."""
    for path in hint.rsplit(": ", 1)[1].rstrip(".").split(", "):
        query = re.sub(rf" {path.split('.')[-1]}: .+?(?= [ab]\d+: | city {{| code }})", "", query)
    return query


async def test_one_look_costs_the_same_as_literal_and_variable_and_once_more_when_counted(city: City) -> None:
    by_variable = "query($t: String) { tasks(filter: {title: {contains: $t}}, first: 1) { nodes { id } } }"
    assert await requested(city.camat, by_variable, t="jalan") == 2 + SCAN
    assert await requested(city.camat, by_variable) == 2  # nothing is asked
    literal = '{ tasks(filter: {title: {contains: "jalan"}}, first: 1) { nodes { id } totalCount } }'
    assert await requested(city.camat, literal) == 4 + 2 * SCAN


@pytest.mark.parametrize("query", [
    roots(12, PAGE), roots(12, 'tasks(search: "%s", first: 5) { totalCount nodes { id title } }'),
    roots(11, "tasks(first: 0, filter: {isOverdue: {eq: true}}) { totalCount }"),
])  # fmt: skip
async def test_a_dozen_search_boxes_pass(city: City, query: str) -> None:
    assert await requested(city.camat, query) < 20_000


FREE = [
    'tasks(filter: {organisation: {code: {eq: "DLH"}}, progress: {lt: 100}, priority: {in: [HIGH]}})',
    "tasks(filter: {status: {eq: DONE}})", "tasks(filter: {dueOn: {lte: \"P7D\"}, progress: {gt: 10}})",
    "tasks(filter: {or: [{dueOn: {lte: \"P7D\"}}, {id: {in: []}}]})", "tasks",
    'organisations(filter: {name: {contains: "dinas"}})', 'accounts(filter: {name: {startsWith: "a"}})',
    'tasks(filter: {updatedAt: {gte: "-PT1H"}}, orderBy: [{updatedAt: ASC}])',
    'tasks(filter: {dueOn: {lte: "P7D"}}, orderBy: [{progress: DESC}])',
    "programmes", "targets(filter: {and: [{dueOn: {gte: \"-P7D\"}}, {baseline: {isNull: true}}]})",
]  # fmt: skip


@pytest.mark.parametrize("field", FREE)
async def test_what_an_index_or_a_counter_leads_to_and_small_tables_cost_no_look(city: City, field: str) -> None:
    person = city.admin if field.startswith("accounts") else city.camat
    assert await requested(person, f"{{ {field} {{ totalCount }} }}") < SCAN


@pytest.mark.parametrize("field", [
    "tasks(filter: {version: {lt: 100}})", "events", "tasks(filter: {not: {dueOn: {lte: \"P7D\"}}})",
    "tasks(filter: {or: [{dueOn: {lte: \"P7D\"}}, {version: {lt: 100}}]})",
    "tasks(filter: {organisation: {kind: {eq: OPD}}, startsOn: {isNull: true}})",
])  # fmt: skip
async def test_a_count_to_which_no_index_leads_costs_one_look_however_many_conditions(city: City, field: str) -> None:
    assert SCAN < await requested(city.camat, f"{{ {field} {{ totalCount }} }}") < 2 * SCAN


@pytest.mark.parametrize(("list_", "looks"), [
    ("tasks(orderBy: [{progress: DESC}], first: 5)", 1), ("tasks(orderBy: [{updatedAt: DESC}], first: 5)", 1),
    ("tasks(orderBy: [{priority: DESC}, {dueOn: ASC}], first: 5)", 1), ("targets(orderBy: [{updatedAt: ASC}])", 1),
    ("tasks(orderBy: [{organisationName: ASC}], first: 5)", 1), ("tasks(orderBy: [{progress: DESC}], first: 0)", 0),
    ("tasks(orderBy: [{dueOn: ASC}, {progress: DESC}], first: 5)", 0), ("tasks(orderBy: [{title: DESC}], first: 5)", 0),
    ("organisations(orderBy: [{updatedAt: DESC}], first: 5)", 0), ("tasks(first: 5)", 0), ("events(first: 5)", 0),
    ('tasks(filter: {organisation: {code: {eq: "DLH"}}}, orderBy: [{progress: DESC}], first: 5)', 0),
    ("tasks(filter: {progress: {lt: 100}}, orderBy: [{progress: DESC}], first: 5)", 1),
])  # fmt: skip
async def test_a_page_whose_order_no_index_has_costs_one_look_where_nothing_leads_to_its_rows(
    city: City, list_: str, looks: int
) -> None:
    assert (await requested(city.camat, f"{{ {list_} {{ nodes {{ id }} }} }}")) // SCAN == looks


ORDERED = {
    "tasks(orderBy: [{dueOn: DESC}], first: 1)": 0,
    "tasks(orderBy: [{startsOn: ASC}], first: 1)": SCAN,
    "tasks(orderBy: [{organisationName: ASC}], first: 1)": SCAN,
    "targets(orderBy: [{trackState: ASC}], first: 1)": SCAN,
    'tasks(orderBy: [{startsOn: ASC}], first: 1, filter: {organisation: {code: {eq: "DLH"}}})': 0,
    "events(orderBy: [{happenedAt: DESC}], first: 1)": 0,
    "programmes(orderBy: [{createdAt: ASC}], first: 1)": 0,
}


async def test_an_order_that_no_index_has_costs_a_look_where_nothing_else_leads_to_the_rows(city: City) -> None:
    for field, price in ORDERED.items():
        assert await requested(city.camat, f"{{ {field} {{ nodes {{ id }} }} }}") == 2 + price, field
    below = "{ organisations(first: 1) { nodes { tasks(orderBy: [{startsOn: ASC}], first: 1) { nodes { id } } } } }"
    assert await requested(city.camat, below) < SCAN
