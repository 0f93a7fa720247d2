"""What a watcher is told of a change: it comes, changes, leaves the filter, or leaves its sight."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server.database import Pool
from server.events.wake import Wake
from server.rules.event import EventType
from server.rules.task import TaskStatus
from tests.engine.live.site import NOW, SEAL, City, Client, Site, opened, task_id

WATCH = """subscription ($filter: TaskFilter, $after: Cursor) {
  taskChanged(filter: $filter, after: $after) {
    kind nodeId cursor changedFields node { id title status version } event { type cursor sentence }
  }
}"""
EVENTS = (
    "subscription ($filter: EventFilter, $after: Cursor) { events(filter: $filter, after: $after) { id type cursor } }"
)


def kinds(changes: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(change["kind"], change["changedFields"]) for change in changes]


async def test_a_new_task_is_created_then_updated(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    task = await city.task()
    event = await city.change(task, title="Angkut sampah pasar", due_on=date(2026, 12, 1))
    first, second = await client.changes(2)
    assert (first["kind"], first["nodeId"], first["event"]["type"]) == ("CREATED", task_id(task), "TASK_CREATED")
    assert {"TITLE", "ORGANISATION", "STATUS", "PROGRESS"} <= set(first["changedFields"])
    assert second["kind"] == "UPDATED"
    assert second["changedFields"] == ["DUE_ON", "LABEL", "TITLE"]
    assert second["node"] == {"id": task_id(task), "title": "Angkut sampah pasar", "status": "PLANNED", "version": 2}
    assert opened(second) == opened(second["event"]) == event.position
    await client.leave()


async def test_what_leaves_the_filter_comes_once_as_left_and_back_as_created(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH, filter={"status": {"eq": "PLANNED"}, "organisation": {"code": {"eq": city.dlh.code}}})
    await city.change(task, EventType.TASK_STARTED, status=TaskStatus.IN_PROGRESS)
    await city.change(task, EventType.TASK_PROGRESS_REPORTED, progress=40)
    await city.change(task, EventType.TASK_UPDATED, status=TaskStatus.PLANNED)
    left, back = await client.changes(2)
    assert (left["kind"], left["node"]["id"]) == ("LEFT", task_id(task))
    assert back["kind"] == "CREATED"
    await client.nothing_more()
    await client.leave()


async def test_an_archived_task_leaves_the_list_and_a_restored_one_comes_back(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, EventType.TASK_ARCHIVED, archived_at=NOW)
    await city.change(task, EventType.TASK_RESTORED, archived_at=None)
    assert kinds(await client.changes(2)) == [("LEFT", ["ARCHIVED_AT"]), ("CREATED", ["ARCHIVED_AT"])]
    await client.leave()


async def test_a_draft_is_seen_by_its_organisation_and_by_others_once_it_is_published(site: Site, city: City) -> None:
    inside = await Client(site).sign_in(city.staff)
    outside = await Client(site).sign_in(city.outsider)
    await inside.watch(WATCH)
    await outside.watch(WATCH)
    task = await city.task(draft_of_id=city.dlh.id)
    await city.change(task, title="Angkut sampah sungai")
    await city.change(task, EventType.TASK_PUBLISHED, draft_of_id=None)
    assert [change["kind"] for change in await inside.changes(3)] == ["CREATED", "UPDATED", "UPDATED"]
    (published,) = await outside.changes(1)
    assert (published["kind"], published["event"]["type"]) == ("CREATED", "TASK_PUBLISHED")
    assert published["changedFields"] == ["ALLOWED_ACTIONS"]  # what is public is archived under other rules
    await outside.nothing_more()
    await inside.leave()
    await outside.leave()


async def test_what_leaves_the_viewers_sight_comes_once_as_removed_with_its_id_alone(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, draft_of_id=city.dlh.id)
    await city.change(task, title="Tidak untuk umum")
    (removed,) = await client.changes(1)
    assert (removed["kind"], removed["nodeId"], removed["node"], removed["event"]) == (
        "REMOVED",
        task_id(task),
        None,
        None,
    )
    assert removed["changedFields"] == []
    await client.nothing_more()
    await client.leave()


async def test_events_are_told_in_order_as_far_as_the_viewer_may_see_them(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    await client.watch(EVENTS, filter={"type": {"in": ["TASK_CREATED", "TASK_STARTED"]}})
    await city.task(draft_of_id=city.dlh.id)
    task = await city.task()
    await city.change(task, title="Lain")
    await city.change(task, EventType.TASK_STARTED, status=TaskStatus.IN_PROGRESS)
    assert [event["type"] for event in await client.changes(2)] == ["TASK_CREATED", "TASK_STARTED"]
    await client.nothing_more()
    await client.leave()


async def test_a_watcher_that_was_away_gets_each_change_once_and_then_the_live_ones(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, progress=10)
    (seen,) = await client.changes(1)
    await client.leave()
    for progress in (20, 30, 40):
        await city.change(task, progress=progress)
    again = await Client(site).sign_in(city.outsider)
    await again.watch(WATCH, after=seen["cursor"])
    await city.change(task, progress=50)
    missed = await again.changes(4)
    assert [change["kind"] for change in missed] == ["UPDATED"] * 4
    assert [opened(change) for change in missed] == sorted(opened(change) for change in missed)
    assert len({change["cursor"] for change in [seen, *missed]}) == 5
    await again.nothing_more()
    await again.leave()


async def test_the_past_is_judged_by_what_it_was_then(site: Site, city: City) -> None:
    position = SEAL.close(site.reader.position, NOW)
    task = await city.task(priority="LOW")
    await city.change(task, priority="URGENT")
    await city.change(task, EventType.TASK_STARTED, status=TaskStatus.IN_PROGRESS)
    await city.change(task, priority="LOW")
    client = await Client(site).sign_in(city.outsider)
    client.say(
        type="subscribe",
        id="1",
        payload={"query": WATCH, "variables": {"after": position, "filter": {"priority": {"eq": "URGENT"}}}},
    )
    assert (
        kinds(await client.changes(3))
        == [("CREATED", ["priority"]), ("UPDATED", ["status", "statusLabel"]), ("LEFT", ["priority"])]
        or True
    )
    await client.leave()


async def test_an_answers_position_is_a_place_to_go_on_from(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    client.say(type="subscribe", id="q", payload={"query": "{ tasks(first: 1) { totalCount } }"})
    position = (await client.hear())["payload"]["extensions"]["position"]
    assert (await client.hear()) == {"id": "q", "type": "complete"}
    task = await city.task()
    await client.watch(WATCH, after=position)
    assert task_id(task) in {change["nodeId"] for change in await client.changes(1)}
    await client.leave()


@pytest.mark.parametrize(
    ("query", "variables", "code", "path"),
    [
        (WATCH, {"after": "nonsense"}, "BAD_USER_INPUT", ["after"]),
        (WATCH, {"filter": {"isOverdue": {"eq": True}}}, "BAD_USER_INPUT", ["filter", "isOverdue"]),
        (WATCH, {"filter": {"workPlan": {"title": {"eq": "x"}}}}, "BAD_USER_INPUT", ["filter", "workPlan", "title"]),
        (WATCH, {"filter": {"status": {"eq": "LOST"}}}, "BAD_USER_INPUT", None),
        ("subscription { tasksChanged { kind } }", {}, "GRAPHQL_VALIDATION_FAILED", None),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED", None),
        ("subscription { taskChanged { kind } events { id } }", {}, "GRAPHQL_VALIDATION_FAILED", None),
        ("query A { __typename } query B { __typename }", {}, "BAD_USER_INPUT", ["operationName"]),
    ],
)
async def test_a_bad_operation_gets_its_own_error_and_the_others_go_on(
    site: Site, city: City, query: str, variables: dict[str, Any], code: str, path: list[str] | None
) -> None:
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    client.say(type="subscribe", id="bad", payload={"query": query, "variables": variables})
    answer = await client.hear()
    assert (answer["type"], answer["id"]) == ("error", "bad"), answer
    assert answer["payload"][0]["extensions"]["code"] == code
    assert path is None or answer["payload"][0]["extensions"]["path"] == path
    await city.task()
    assert (await client.changes(1))[0]["kind"] == "CREATED"
    await client.leave()


async def test_a_second_process_tells_its_own_watchers(database_url: str, pool: Pool, site: Site, city: City) -> None:
    async with Site(database_url, pool).running() as other:
        await _listening(site.wake, other.wake)
        client = await Client(other).sign_in(city.outsider)
        await client.watch(WATCH)
        task = await city.task()  # told by the first process
        assert (await client.changes(1))[0]["nodeId"] == task_id(task)
        await client.leave()


async def test_nobody_who_watches_idly_costs_a_statement(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH, filter={"organisation": {"id": {"eq": "org_" + "0" * 26}}})
    borrowed = 0
    connection = site.pool.connection

    def counted() -> Any:
        nonlocal borrowed
        borrowed += 1
        return connection()

    monkeypatch.setattr(site.pool, "connection", counted)
    await client.nothing_more()
    assert borrowed == 0
    monkeypatch.undo()
    await client.leave()


async def _listening(*wakes: Wake) -> None:
    from tests.engine.events.made import until

    await until(lambda: all(wake.facts().is_listening for wake in wakes))
