"""Filters that ask of lists below a row: some row of it, none, none at all; as far as the viewer sees them."""

from __future__ import annotations

from server.query.documents.cost import SCAN
from tests.city import City
from tests.person import Person


async def found(person: Person, list_: str, condition: str, name: str = "id") -> set[str]:
    """What a list's filter leaves, by this field."""
    answer = await person.query(f"{{ list: {list_}(first: 200, filter: {condition}) {{ nodes {{ {name} }} }} }}")
    return {each[name] for each in answer["list"]["nodes"]}


async def requested(person: Person, field: str) -> int:
    """The price of a list's page."""
    answer = await person.ask(f"{{ {field} {{ nodes {{ id }} }} }}")
    assert "errors" not in answer, answer["errors"]
    price: int = answer["extensions"]["cost"]["requested"]
    return price


async def test_plans_without_targets_tasks_that_wait_and_vacant_offices_are_found(city: City) -> None:
    full, bare = await city.approved(city.dlh, targets=1), await city.draft(city.camat, targets=0)
    first = await city.task(city.dlh, workPlanId=full)
    second = await city.task(city.dlh, workPlanId=full)
    await city.dlh.mutate("setTaskDependencies", {"taskId": second, "waitsForIds": [first]})
    assert await found(city.camat, "workPlans", "{targets: {isEmpty: true}}") == {bare}
    assert await found(city.camat, "workPlans", "{targets: {isEmpty: false}}") == {full}
    assert await found(city.dlh, "tasks", "{waitsFor: {isEmpty: false}}") == {second}
    assert await found(city.dlh, "tasks", "{blocks: {some: {status: {eq: PLANNED}}}}") == {first}
    assert await found(city.dlh, "tasks", "{waitsFor: {none: {status: {eq: PLANNED}}}}") == {first}
    year = city.today.year
    without = await found(city.bappeda, "organisations", f"{{workPlans: {{none: {{year: {{eq: {year}}}}}}}}}", "code")
    every = await found(city.bappeda, "organisations", "{}", "code")
    assert every - without == {city.dlh.organisation, city.camat.organisation}
    vacant = await found(city.admin, "organisations", "{head: {id: {isNull: true}}}", "code")
    heads = (await city.admin.query("{ organisations(first: 200) { nodes { code head { id } } } }"))["organisations"]
    assert vacant == {each["code"] for each in heads["nodes"] if each["head"] is None} != set()


async def test_a_hidden_row_neither_is_one_of_some_nor_breaks_none(city: City) -> None:
    await city.draft(city.camat, targets=0)
    for who, sees in ((city.camat, True), (city.bappeda, True), (city.outsider, False)):
        some = await found(who, "organisations", "{workPlans: {some: {status: {eq: DRAFT}}}}", "code")
        none = await found(who, "organisations", "{workPlans: {none: {status: {eq: DRAFT}}}}", "code")
        empty = await found(who, "organisations", "{workPlans: {isEmpty: true}}", "code")
        code = city.camat.organisation
        assert (code in some, code in none, code in empty) == (sees, not sees, not sees), who.login


async def test_what_is_archived_stands_in_no_list(city: City) -> None:
    plan = await city.approved(city.dlh)
    task = await city.task(city.dlh, workPlanId=plan)
    assert await found(city.dlh, "workPlans", "{tasks: {isEmpty: false}}") == {plan}
    await city.dlh.mutate("cancelTask", {"taskId": task, "reason": "Tidak jadi"})
    await city.dlh.mutate("archiveTask", {"taskId": task})
    assert await found(city.dlh, "workPlans", "{tasks: {isEmpty: true}}") == {plan}


async def test_what_asks_nothing_of_a_list_is_as_if_it_were_absent(city: City) -> None:
    plan = await city.approved(city.dlh)
    for nothing in ("{some: {}}", "{none: {}}", "{none: {status: {}}}", "{}"):
        assert await found(city.dlh, "workPlans", f"{{tasks: {nothing}}}") == {plan}, nothing


PRICES = {
    "workPlans(first: 1, filter: {tasks: {isEmpty: true}})": SCAN,
    'organisations(first: 1, filter: {tasks: {some: {title: {contains: "a"}}}})': 2 * SCAN,
    "organisations(first: 1, filter: {children: {some: {appointments: {isEmpty: true}}}})": 0,
    "tasks(first: 1, filter: {organisation: {tasks: {none: {priority: {eq: HIGH}}}}})": 10 * SCAN,
    "organisations(first: 1, filter: {workPlans: {some: {targets: {isEmpty: true}}}})": 11 * SCAN,
}
# Three lists deep; and up and down among a few, again and again.
REFUSED = (
    "{workPlans: {some: {targets: {some: {measurements: {isEmpty: true}}}}}}",
    "{children: {none: {parent: {children: {none: {parent: {children: {isEmpty: true}}}}}}}}",
)


async def test_each_relation_on_the_way_to_a_list_makes_it_ten_times_as_dear(city: City) -> None:
    for field, price in PRICES.items():
        assert await requested(city.dlh, field) == 2 + price, field
    for deep in REFUSED:
        answer = await city.dlh.ask(f"{{ organisations(filter: {deep}) {{ nodes {{ id }} }} city {{ code }} }}")
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "COST_EXCEEDED"
        assert error["extensions"]["hint"].endswith("organisations.")
