"""Queries too deep, too wide, too long or too dear are refused before they run, with a hint that works."""

from __future__ import annotations

import re
import time
from math import ceil
from typing import Any

import pytest
from graphql import get_introspection_query

from server.rules.task import TASK
from server.schema.allowed_action import VERBS_PER_ROW
from tests.city import City
from tests.person import Person
from tests.words import is_said_in

Json = dict[str, Any]


async def refusal(person: Person, query: str, **variables: Any) -> Json:
    """The one COST_EXCEEDED that a query is refused with; nothing of it was run."""
    answer = await person.ask(query, variables)
    (error,) = answer["errors"]
    found: Json = error["extensions"]
    assert found["code"] == "COST_EXCEEDED", error
    assert answer.get("data") is None
    assert found["requested"] > found["limit"]
    assert found["hint"]
    assert "extensions" in answer
    assert answer["extensions"]["requestId"]
    return found


def nested(depth: int) -> str:
    """A query of so many fields one in another."""
    inner = "id"
    for _ in range(depth - 2):
        inner = f"parent {{ {inner} }}"
    return f'{{ organisation(by: {{code: "12.71.11"}}) {{ {inner} }} }}'


@pytest.mark.asks
async def test_fifteen_fields_deep_is_answered_and_sixteen_is_refused_with_the_place_to_end(city: City) -> None:
    await city.camat.query(nested(15))
    refused = await refusal(city.camat, nested(16))
    assert (refused["requested"], refused["limit"]) == (16, 15)
    assert "organisation.parent" in refused["hint"]


@pytest.mark.asks
async def test_depth_is_counted_through_fragments_and_ten_thousand_levels_hurt_nobody(city: City) -> None:
    fragments = " ".join(f"fragment F{n} on Organisation {{ parent {{ ...F{n + 1} }} }}" for n in range(16))
    query = f'{{ organisation(by: {{code: "DLH"}}) {{ ...F0 }} }} {fragments} fragment F16 on Organisation {{ id }}'
    assert (await refusal(city.camat, query))["limit"] == 15
    for depth in (1_000, 3_300):
        answer = await city.camat.ask(nested(depth))
        assert answer["errors"][0]["extensions"]["code"] in ("COST_EXCEEDED", "GRAPHQL_PARSE_FAILED")
    open_only = "{ a" * 3_000
    assert (await city.camat.ask(open_only))["errors"][0]["extensions"]["code"] in (
        "COST_EXCEEDED", "GRAPHQL_PARSE_FAILED",
    )  # fmt: skip
    circle = "{ city { ...A } } fragment A on City { ...B } fragment B on City { ...A }"
    assert (await city.camat.ask(circle))["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert await city.camat.query("{ city { code } }")


@pytest.mark.asks
async def test_fifty_aliases_are_answered_and_fifty_one_are_refused(city: City) -> None:
    def aliases(count: int) -> str:
        return "{ " + " ".join(f"a{n}: city {{ code }}" for n in range(count)) + " }"

    assert len(await city.camat.query(aliases(50))) == 50
    refused = await refusal(city.camat, aliases(51))
    assert (refused["requested"], refused["limit"]) == (51, 50)
    inside = "{ city { " + " ".join(f"a{n}: code" for n in range(51)) + " } }"
    assert (await refusal(city.camat, inside))["limit"] == 50


async def test_a_verb_repeated_under_too_many_aliases_is_not_done_once(city: City) -> None:
    task = await city.task(city.camat)
    field = f'commentOnTask(input: {{taskId: "{task}", text: "Lagi"}}) {{ isReplay }}'
    await refusal(city.camat, "mutation { " + " ".join(f"a{n}: {field}" for n in range(51)) + " }")
    rows = await city.rows("SELECT count(*) FROM comment")
    assert rows[0]["count"] == 0


@pytest.mark.asks
async def test_ten_thousand_tokens_are_the_most(city: City) -> None:
    def tokens(values: int) -> str:
        listed = '"a" ' * (values // 10)
        roots = (f"a{n}: tasks(filter: {{title: {{in: [{listed}]}}}}) {{ totalCount }}" for n in range(10))
        return f"{{ {' '.join(roots)} }}"

    assert (await city.camat.query(tokens(9_700)))["a9"] == {"totalCount": 0}
    assert (await refusal(city.camat, tokens(10_000)))["limit"] == 10_000


NAMES = ("title", "status", "progress", "id", "priority", "dueOn", "startsOn", "isOverdue", "version", "createdAt")
SPREAD = " ".join(f"...F{n}" for n in range(100))
LISTED = " ".join(f"a{n}: tasks {{ nodes {{ {SPREAD} }} }}" for n in range(15))
REPEATED = {
    "a field": ("{ tasks { nodes { " + "title " * 1_900 + "} } }", 1_900, 50, "tasks.nodes.title"),
    "an object": ("{ " + "tasks { nodes { id title } } " * 300 + "}", 300, 50, "tasks"),
    "an inner field": ("{ " + ("tasks { nodes { " + "id " * 20 + "} } ") * 40 + "}", 800, 50, "tasks.nodes.id"),
    "a fragment": (
        "{ city { " + "...F " * 400 + "} } fragment F on City { code }", 400, 50, "city ...F",
    ),
    "in a fragment": (
        "{ city { ...F } } fragment F on City { ...G code } fragment G on City { " + "code " * 60 + "}",
        61, 50, "city.code",
    ),
    "in an unused fragment": ("{ city { code } } fragment F on City { " + "code " * 900 + "}", 900, 50, "F.code"),
    "in an introspection": ("{ __schema { types { " + "name " * 900 + "} } }", 900, 50, "__schema.types.name"),
    "inline": ("{ city { " + "... { code } " * 700 + "} }", 700, 50, "city.code"),
    "the introspection": ("{ a: __schema { types { name } } b: __schema { types { kind } } }", 2, 1, "__schema"),
    "aliases in an introspection": (
        "{ __schema { types { " + " ".join(f"a{n}: name" for n in range(900)) + " } } }", 900, 50, "",
    ),
    "fragments": (
        "{ city { " + " ".join(f"...F{n}" for n in range(400)) + " } } "
        + " ".join(f"fragment F{n} on City {{ code }}" for n in range(400)), 400, 100, "",
    ),
    "operations": (" ".join(f"query Q{n} {{ city {{ code }} }}" for n in range(300)), 300, 20, ""),
    "levels": ("{ city { " + "... { " * 150 + "code" + " }" * 152, 152, 100, ""),
    "levels of fragments": (
        "{ city { ...F0 } } fragment F90 on City { code } "
        + " ".join(f"fragment F{n} on City {{ ... {{ ...F{n + 1} }} }}" for n in range(90)), 183, 100, "",
    ),
    "what is compared": (
        " ".join(f"query Q{q} {{ {LISTED} }}" for q in range(2))
        + " ".join(f"fragment F{n} on Task {{ {NAMES[n % 10]} }}" for n in range(100)), 200_001, 200_000, "",
    ),
}  # fmt: skip


@pytest.mark.asks
@pytest.mark.parametrize("name", REPEATED)
async def test_what_is_asked_for_too_often_is_told_what_and_how_often_it_may_be(city: City, name: str) -> None:
    query, requested, limit, place = REPEATED[name]
    for language in ("id", "en"):
        answer = await city.camat.ask(query, **{"accept-language": language})  # type: ignore[arg-type]
        (error,) = answer["errors"]
        told = error["extensions"]
        assert (told["code"], told["requested"], told["limit"]) == ("COST_EXCEEDED", requested, limit)
        assert place in error["message"]
        assert str(limit) in error["message"]
        assert is_said_in(language, error["message"])
        assert is_said_in(language, told["hint"], "hint")


@pytest.mark.asks
async def test_what_is_asked_for_often_but_not_too_often_is_answered(city: City) -> None:
    assert await city.camat.query("{ city { " + "code " * 50 + "} }") == {"city": {"code": "12.71"}}
    spread = " ".join(f"...F{n}" for n in range(50))
    fragments = " ".join(f"fragment F{n} on City {{ code name }}" for n in range(50))
    assert await city.camat.query(f"{{ city {{ {spread} }} }} {fragments}")
    twice = '{ organisation(by: {code: "DLH"}) { ...F parent { ...F } } }'
    assert await city.camat.query(f"{twice} fragment F on Organisation {{ name parent {{ id }} }}")


@pytest.mark.asks
async def test_no_document_holds_the_server_for_long(city: City) -> None:
    fragments = " ".join(f"fragment F{n} on Task {{ {NAMES[n % 10]} }}" for n in range(100))
    worst = [
        f"{{ {LISTED} }} {fragments}",
        "{ " + "tasks { nodes { id title organisation { id name parent { id name } } } } " * 50 + "}",
        "{ tasks { nodes { " + " ".join(f"{name} " * 50 for name in NAMES) + " } } }",
    ]
    for query in worst:
        before = time.process_time()
        await city.camat.ask(query)
        assert time.process_time() - before < 1.5, query[:80]


COSTLY = {
    "a list in a list": "{ tasks(first: 200) { nodes { history(first: 50) { nodes { id } }"
    " comments(first: 50) { nodes { id } } } } }",
    "three deep": "{ organisations(first: 100) { nodes { workPlans(first: 10) { nodes { tasks(first: 50) { nodes { id }"
    " } } } } } }",
    "counts": "{ organisations(first: 200) { nodes { workPlans(first: 50) { nodes"
    " { tasks(first: 1) { totalCount } } } } } }",
    "many roots": "{ " + " ".join(f"a{n}: targets(first: 200) {{ nodes {{ tasks(first: 5) {{ nodes {{ id }} }} }} }}"
                                  for n in range(30)) + " }",
}  # fmt: skip


@pytest.mark.asks
@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY)
async def test_what_is_too_dear_says_which_part_and_obeying_its_hint_makes_it_pass(city: City, query: str) -> None:
    refused = await refusal(city.camat, query)
    assert refused["limit"] == 20_000
    worst = refused["breakdown"][0]
    assert set(worst) == {"path", "pageSize", "rows", "cost"}
    assert worst["cost"] == max(each["cost"] for each in refused["breakdown"])
    assert await city.camat.query(obeyed(query, refused["hint"]))


def obeyed(query: str, hint: str) -> str:
    """The query with the page sizes that the hint names, path by path."""
    for path, size in re.findall(r"(\S+) → (\d+)", hint):
        steps = [step for step in path.split(".") if step not in ("nodes", "edges", "node")]
        place = 0
        for step in steps:
            place = query.index(f"{step}(" if not re.fullmatch(r"a\d+", step) else f"{step}:", place)
        before, after = query[:place], query[place:]
        query = before + re.sub(r"first: \d+", f"first: {size}", after, count=1)
    return query


@pytest.mark.asks
async def test_a_page_size_in_a_variable_costs_what_it_asks_for(city: City) -> None:
    query = "query($n: Int) { tasks(first: 200) { nodes { a: history(first: $n) { nodes { id } }"
    query += " b: comments(first: $n) { nodes { id } } } } }"
    await refusal(city.camat, query, n=50)
    assert await city.camat.query(query, n=1)


@pytest.mark.asks
async def test_every_answer_tells_what_it_cost(city: City) -> None:
    answer = await city.camat.ask("{ organisations(first: 5) { nodes { id parent { name } } } }")
    cost = answer["extensions"]["cost"]
    assert set(cost) == {"requested", "actual", "limit"}
    assert 0 < cost["actual"] <= cost["requested"] <= cost["limit"] == 20_000


@pytest.mark.asks
@pytest.mark.parametrize("person", ["outsider", pytest.param("admin", marks=pytest.mark.exhaustive)])
async def test_the_whole_introspection_of_graphiql_passes(city: City, person: str) -> None:
    query = get_introspection_query(
        descriptions=True, specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True,
    )  # fmt: skip
    query = query.replace("possibleTypes", "isOneOf possibleTypes", 1)
    data = await getattr(city, person).query(query)
    types = {each["name"]: each for each in data["__schema"]["types"]}
    assert "Task" in types
    assert {name for name, each in types.items() if each.get("isOneOf")} >= {"OrganisationKey", "TaskOrder"}


@pytest.mark.asks
async def test_introspection_in_circles_is_refused(city: City) -> None:
    inner = "name"
    for _ in range(10):
        inner = f"fields {{ type {{ {inner} }} }}"
    answer = await city.camat.ask(f"{{ __schema {{ types {{ {inner} }} }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.asks
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"query": "{ city { code } }", "variables": ' + b'{"a":' * 5_000])
async def test_json_without_a_floor_is_refused(city: City, body: bytes) -> None:
    answer = await post(city.camat, body)
    assert answer[0] == 400
    assert answer[1]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.asks
async def test_deep_json_that_is_closed_is_refused_too(city: City) -> None:
    deep = b'{"query": "{ city { code } }", "variables": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}"
    status, answer = await post(city.camat, deep)
    assert (status, answer["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


@pytest.mark.asks
async def test_a_filter_without_a_floor_is_refused(city: City) -> None:
    condition: Json = {"title": {"eq": "a"}}
    for _ in range(120):
        condition = {"not": condition}
    answer = await city.camat.ask("query($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": condition})
    assert answer["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "COST_EXCEEDED")
    wide = {"or": [{"title": {"eq": f"a{n}"}} for n in range(300)]}
    answer = await city.camat.ask("query($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": wide})
    assert answer["errors"][0]["extensions"]["code"] in ("BAD_USER_INPUT", "COST_EXCEEDED")
    assert await city.camat.query("{ city { code } }")


@pytest.mark.asks
async def test_a_body_past_its_bound_is_refused_in_graphqls_shape(city: City) -> None:
    status, answer = await post(city.camat, b'{"query": "' + b"#" * 20_000_000 + b'"}')
    assert status == 413
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def post(person: Person, body: bytes) -> tuple[int, Json]:
    """The status and JSON of a POST with this very body."""
    async with person.city.site.client(**person.headers, **{"content-type": "application/json"}) as client:
        answer = await client.post("/graphql", content=body)
    found: Json = answer.json()
    return answer.status_code, found


@pytest.mark.asks
async def test_a_statement_may_take_ten_seconds_and_then_postgresql_stops_it(city: City) -> None:
    async with city.site.installation.pool.connection() as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "10s"


@pytest.mark.asks
async def test_what_may_be_done_costs_by_how_many_verbs_are_looked_at(city: City) -> None:
    """Rules are gone through in Python for each row: of a page of tasks that costs more than the rows themselves."""

    async def requested(of: str, **variables: Any) -> int:
        answer = await city.dlh.ask(of, variables)
        return int(answer["extensions"]["cost"]["requested"])

    plain = await requested("{ tasks(first: 50) { nodes { id } } }")
    costs = {
        verbs: await requested(f"{{ tasks(first: 50) {{ nodes {{ allowedActions{verbs} {{ isAllowed }} }} }} }}")
        - plain
        for verbs in ("", "(verbs: [START_TASK])", "(verbs: [START_TASK, BLOCK_TASK, CANCEL_TASK])", "(verbs: [])")
    }
    of_task = len(TASK.rules)
    assert list(costs.values()) == [50 * ceil(of_task / VERBS_PER_ROW), 50, 100, 0]
    by_variable = "query($v: [Verb!]) { tasks(first: 50) { nodes { allowedActions(verbs: $v) { isAllowed } } } }"
    assert await requested(by_variable, v=["START_TASK"]) - plain == costs[""], "one plan serves every value"
    many = "{ organisations(first: 50) { nodes { tasks(first: 50) { nodes { allowedActions { verb } } } } } }"
    assert (await refusal(city.dlh, many))["breakdown"][0]["path"] == "organisations.nodes.tasks"
