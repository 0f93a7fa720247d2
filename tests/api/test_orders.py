"""Orders and comparisons of what has ranks; and what was missing for boards, feeds and integrations."""

from __future__ import annotations

from typing import Any

from tests.city import City
from tests.person import Person


async def titles(person: Person, arguments: str, name: str = "title") -> list[str]:
    """The tasks of a list, in its order."""
    answer = await person.query(f"{{ tasks(first: 50, {arguments}) {{ nodes {{ {name} }} }} }}")
    return [each[name] for each in answer["tasks"]["nodes"]]


async def test_states_are_ordered_as_they_follow_each_other_and_priorities_compared_by_rank(city: City) -> None:
    tasks = {each: await city.task(city.dlh, title=each, priority=each) for each in ("URGENT", "LOW", "HIGH", "NORMAL")}
    await city.dlh.mutate("blockTask", {"taskId": tasks["LOW"], "reason": "Menunggu"})
    await city.dlh.mutate("cancelTask", {"taskId": tasks["HIGH"], "reason": "Batal"})
    await city.dlh.mutate("startTask", {"taskId": tasks["URGENT"]})
    states = await titles(city.dlh, "orderBy: [{status: ASC}]", "status")
    assert states == ["PLANNED", "IN_PROGRESS", "BLOCKED", "CANCELLED"]
    assert await titles(city.dlh, "orderBy: [{status: DESC}]") == ["HIGH", "LOW", "URGENT", "NORMAL"]
    rising = "orderBy: [{priority: ASC}], filter: {priority: "
    assert await titles(city.dlh, rising + "{gte: HIGH}}") == ["HIGH", "URGENT"]
    assert await titles(city.dlh, rising + "{lt: HIGH}}") == ["LOW", "NORMAL"]
    assert await titles(city.dlh, rising + "{gt: LOW, lte: NORMAL}}") == ["NORMAL"]
    data = await city.dlh.query(
        "query($p: Priority) { tasks(filter: {priority: {gt: $p}}) { nodes { title } } }", p="HIGH"
    )
    assert data["tasks"]["nodes"] == [{"title": "URGENT"}]


async def test_a_watcher_compares_priorities_as_lists_do(city: City) -> None:
    watcher = await city.outsider.watch("taskChanged", filter={"priority": {"gte": "HIGH"}})
    await city.task(city.dlh, title="Biasa")
    await city.task(city.dlh, title="Mendesak", priority="URGENT")
    assert len(await watcher.take(1)) == 1
    await city.settled()
    assert watcher.waiting == []


async def test_pages_of_an_order_by_ranks_go_on_where_they_ended(city: City) -> None:
    tasks = {each: await city.task(city.dlh, title=each, priority=each) for each in ("URGENT", "LOW", "HIGH", "NORMAL")}
    await city.dlh.mutate("startTask", {"taskId": tasks["NORMAL"]})
    query = """query($cursor: Cursor) { tasks(first: 1, after: $cursor, orderBy: [{status: DESC}, {priority: DESC}]) {
        edges { cursor node { title } } } }"""
    found: list[str] = []
    cursor: Any = None
    while page := (await city.dlh.query(query, cursor=cursor))["tasks"]["edges"]:
        found, cursor = [*found, page[0]["node"]["title"]], page[0]["cursor"]
    assert found == ["NORMAL", "URGENT", "HIGH", "LOW"]


async def test_the_log_and_a_history_come_newest_first(city: City) -> None:
    task = await city.task(city.dlh)
    city.move(hours=1)
    await city.dlh.mutate("startTask", {"taskId": task})
    newest = "orderBy: [{happenedAt: DESC}], first: 1) { nodes { type } }"
    data = await city.dlh.query(
        f"query($id: ID!) {{ events({newest} task(by: {{id: $id}}) {{ history({newest} }} }}", id=task
    )
    assert data["events"]["nodes"] == data["task"]["history"]["nodes"] == [{"type": "TASK_STARTED"}]


async def test_requests_are_found_by_what_they_are_about(city: City) -> None:
    task = await city.task(city.camat)
    about = await city.request(city.camat, city.dlh, aboutId=task)
    await city.request(city.camat, city.dlh)
    data = await city.dlh.query(
        "query($id: ID!) { requests(filter: {about: {id: {eq: $id}}}) { nodes { id } } }", id=task
    )
    assert data["requests"]["nodes"] == [{"id": about}]


async def test_readings_comments_and_appointments_are_listed_as_far_as_they_are_seen(city: City) -> None:
    draft = await city.draft(city.camat, targets=0)
    hidden = await city.task(city.camat, workPlanId=draft)
    task = await city.task(city.dlh)
    for who, of in ((city.camat, hidden), (city.dlh, task)):
        await who.mutate("commentOnTask", {"taskId": of, "text": "Sudah"})
    plan = await city.approved(city.dlh)
    (target,) = await city.targets_of(plan)
    await city.dlh.mutate("recordMeasurement", {"targetId": target, "value": "10", "measuredOn": city.day()})
    query = """{ comments { totalCount nodes { task { id } } } measurements { nodes { target { id } } }
        appointments(filter: {organisation: {code: {eq: "DLH"}}}) { totalCount } }"""
    data = await city.outsider.query(query)
    assert data["comments"] == {"totalCount": 1, "nodes": [{"task": {"id": task}}]}
    assert data["measurements"]["nodes"] == [{"target": {"id": target}}]
    assert data["appointments"]["totalCount"] > 0
    assert (await city.camat.query(query))["comments"]["totalCount"] == 2
