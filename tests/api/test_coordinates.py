"""Every error about a field, an argument or an input's field bears its coordinate, in either language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.city import City
from tests.sending import send
from tests.watching import Refusal

DEEP = "{ tasks { nodes { organisation " + "{ parent " * 13 + "{ id }" + " }" * 16

# What is asked, with which variables, and the coordinates of its errors.
ASKED: list[tuple[str, dict[str, Any], list[str]]] = [
    # what the schema does not have
    ("{ tasks { nodes { titel } } }", {}, ["Task.titel"]),
    ("{ tasks { ...F } } fragment F on TaskConnection { nodes { organisation { naam } } }", {}, ["Organisation.naam"]),
    ("{ tasks(limit: 3) { totalCount } }", {}, ["Query.tasks(limit:)"]),
    ("{ task { id } }", {}, ["Query.task(by:)"]),
    ("{ tasks }", {}, ["Query.tasks"]),
    ("{ viewer { account { name { x } } } }", {}, ["Account.name"]),
    # literals
    ("{ tasks(filter: {stauts: {eq: DONE}}) { totalCount } }", {}, ["TaskFilter.stauts"]),
    ("{ t: tasks(filter: {status: {eq: DNE}}) { totalCount } }", {}, ["TaskStatusFilter.eq"]),
    ('{ tasks(filter: {dueOn: {lte: "besok"}}) { totalCount } }', {}, ["DateFilter.lte"]),
    ('{ task(by: {id: "x"}) { id } }', {}, ["TaskKey.id"]),
    ("mutation { startTask(input: {}) { errors { code } } }", {}, ["StartTaskInput.taskId"]),
    ("{ a: tasks(first: true) { totalCount } node(id: 1.5) { id } }", {}, ["Query.tasks(first:)", "Query.node(id:)"]),
    # variables
    ("query($f: TaskFilter) { tasks(filter: $f) { totalCount } }", {"f": {"stauts": {}}}, ["TaskFilter.stauts"]),
    (
        "query($f: TaskFilter) { tasks(filter: $f) { totalCount } }",
        {"f": {"and": [{"status": {"eq": "DNE"}}]}},
        ["TaskStatusFilter.eq"],
    ),
    ("query($id: ID!) { node(id: $id) { id } }", {"id": "x"}, ["Query.node(id:)"]),
    ("query($id: ID!) { node(id: $id) { id } }", {}, ["Query.node(id:)"]),
    (
        "query($id: ID!) { tasks(filter: {id: {eq: $id}}) { totalCount } }",
        {"id": "x"},
        ["IdFilter.eq"],
    ),
    ("mutation($i: StartTaskInput!) { startTask(input: $i) { isReplay } }", {"i": {}}, ["StartTaskInput.taskId"]),
    ("query($s: String) { tasks(search: $s) { totalCount } }", {"s": "a\x00b"}, ["Query.tasks(search:)"]),
    ("query($n: Int!) { tasks(first: $m) { totalCount } }", {"n": 1}, ["Query.tasks(first:)", ""]),
    ("query($n: String) { tasks(first: $n) { totalCount } }", {}, ["Query.tasks(first:)"]),
    # what the field itself refuses
    ("{ tasks(first: 201) { totalCount } }", {}, ["Query.tasks(first:)"]),
    ("query($n: Int) { t: tasks(first: $n) { nodes { id } } }", {"n": 201}, ["Query.tasks(first:)"]),
    ("{ organisations { nodes { o: tasks(first: 51) { totalCount } } } }", {}, ["Organisation.tasks(first:)"]),
    ("{ tasks { totalCount(atMost: 0) } }", {}, ["TaskConnection.totalCount(atMost:)"]),
    ('{ tasks(after: "x") { nodes { id } } }', {}, ["Query.tasks(after:)"]),
    ("{ tasks(filter: {status: null}) { totalCount } }", {}, ["TaskFilter.status"]),
    ("{ tasks(filter: {or: [{dueOn: {eq: null}}]}) { totalCount } }", {}, ["DateFilter.eq"]),
    ('{ node(id: "org_01jd0000000000000000000000") { id } viewer { inbox(first: 101) { totalCount } } }', {},
     ["Viewer.inbox(first:)"]),
    ('mutation { startTask(input: {taskId: "org_01jd0000000000000000000000"}) { errors { code } } }', {},
     ["StartTaskInput.taskId"]),
    # cost
    ("{ organisations(first: 200) { nodes { tasks(first: 50) { nodes { comments { nodes { id } } } } } } }", {},
     ["Task.comments"]),
    (DEEP, {}, ["Organisation.parent"]),
    # … of what validation would refuse
    ("{ viewer { role " + "{ a " * 16 + " }" * 18, {}, ["Viewer.role"]),
    ("{ ... on TaskFilter { status " + "{ a " * 16 + " }" * 18, {}, [""]),
    # what is about no field
    ("{", {}, [""]),
    ("query($n: Int) { viewer { role } }", {"n": 1}, [""]),
    ("{ viewer { ...F } }", {}, [""]),
]  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
async def test_an_error_bears_the_coordinate_of_what_it_is_about(city: City, language: str) -> None:
    found = []
    for query, variables, _ in ASKED:
        _, answer = await send(city.camat, query, variables, language)
        found.append(
            (query, variables, [each["extensions"].get("coordinate", "") for each in answer.get("errors", ())])
        )
    assert [each for each in found if each not in ASKED] == []


async def test_so_does_one_of_a_subscription(city: City) -> None:
    wrong: dict[str, str] = {
        'subscription { taskChanged(after: "x") { kind } }': "Subscription.taskChanged(after:)",
        "subscription { taskChanged(filter: {isOverdue: {eq: true}}) { kind } }": "TaskFilter.isOverdue",
        "subscription { taskChanged { knid } }": "TaskChange.knid",
    }
    socket = await city.camat.socket()
    for query, coordinate in wrong.items():
        watcher = socket.subscribe("taskChanged", query, {})
        with pytest.raises(Refusal) as refusal:
            await watcher.next()
        assert [each["extensions"].get("coordinate") for each in refusal.value.errors] == [coordinate], query
