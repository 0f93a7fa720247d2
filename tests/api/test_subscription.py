"""What those who follow are told, in what order, how they go on after a cut, and what ends them."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.city import City
from tests.person import Person
from tests.watching import EventStream, Refusal, Watcher


def kinds(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["kind"], each["nodeId"]) for each in changes]


async def report(person: Person, task: str, progress: int) -> None:
    await person.mutate("reportProgress", {"taskId": task, "progress": progress})


async def test_what_matches_comes_as_created_then_updated_and_once_as_left(city: City) -> None:
    watcher = await city.outsider.watch("taskChanged", filter={"status": {"eq": "IN_PROGRESS"}})
    task = await city.task(city.camat)
    await report(city.camat, task, 10)
    await report(city.camat, task, 20)
    await city.camat.mutate("blockTask", {"taskId": task, "reason": "Hujan."})
    await report(city.camat, task, 30)
    await city.camat.mutate("unblockTask", {"taskId": task})
    changes = await watcher.take(4)
    assert kinds(changes) == [("CREATED", task), ("UPDATED", task), ("LEFT", task), ("CREATED", task)]
    assert [set(each["changedFields"]) for each in changes[:2]] == [{"PROGRESS", "STATUS"}, {"PROGRESS"}]
    assert changes[1]["event"]["type"] == "TASK_PROGRESS_REPORTED"
    await city.settled()
    assert not watcher.waiting


async def test_a_draft_that_is_submitted_comes_into_sight_once(city: City) -> None:
    plans, targets, tasks = [
        await city.neighbour.watch(field) for field in ("workPlanChanged", "targetChanged", "taskChanged")
    ]
    inside = await city.camat_staff.watch("taskChanged")
    plan = await city.draft(city.camat, targets=2)
    task = await city.task(city.camat, workPlanId=plan)
    await report(city.camat, task, 10)
    first, second = await city.targets_of(plan)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert kinds(await plans.take(1)) == [("CREATED", plan)]
    assert set(kinds(await targets.take(2))) == {("CREATED", first), ("CREATED", second)}
    created = await tasks.next()
    assert (created["kind"], created["nodeId"], created["node"]["progress"]) == ("CREATED", task, 10)
    await city.settled()
    assert not plans.waiting
    assert not targets.waiting
    assert not tasks.waiting
    assert [kind for kind, _ in kinds(await inside.take(2))] == ["CREATED", "UPDATED"]


async def test_a_task_that_others_have_seen_is_moved_into_no_draft(city: City) -> None:
    task = await city.task(city.camat)
    watcher = await city.outsider.watch("taskChanged")
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    for place, field in (({"workPlanId": plan}, "workPlanId"), ({"targetId": target}, "targetId")):
        error = await city.camat.refused("moveTask", {"taskId": task, **place})
        assert (error["code"], error["path"]) == ("ALREADY_PUBLIC", [field])
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.camat.mutate("moveTask", {"taskId": task, "targetId": target})
    assert kinds(await watcher.take(1)) == [("UPDATED", task)]
    await city.settled()
    assert not watcher.waiting


async def test_a_task_that_moves_out_of_a_draft_comes_into_sight_and_the_draft_does_not_come_with_it(
    city: City,
) -> None:
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, targetId=target)
    watcher = await city.outsider.watch("taskChanged")
    await city.camat.mutate("moveTask", {"taskId": task})
    created = await watcher.next()
    assert (created["kind"], created["nodeId"], created["event"]) == ("CREATED", task, None)
    query = "query($id: ID!) { task(by: {id: $id}) { history { nodes { type changes { field before after } } } } }"
    told = str(await city.outsider.query(query, id=task)) + str(city.heard[0].told)
    assert plan not in told
    assert target not in told


async def test_what_leaves_the_viewers_sight_comes_once_as_removed_with_its_id_alone(city: City) -> None:
    plan = await city.draft(city.camat)
    task = await city.task(city.camat, workPlanId=plan)
    watcher = await city.camat_staff.watch("taskChanged")
    theirs = await city.outsider.watch("taskChanged")
    # By hand, as no verb does it: the draft now belongs to another organisation.
    await city.hide(task, city.dlh)
    removed = await watcher.next()
    assert (removed["kind"], removed["nodeId"]) == ("REMOVED", task)
    assert (removed["node"], removed["event"], removed["changedFields"]) == (None, None, [])
    await city.settled()
    assert not watcher.waiting
    assert not theirs.waiting


async def test_an_archived_task_leaves_the_list_and_comes_back(city: City) -> None:
    task = await city.task(city.camat)
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Sudah dikerjakan warga."})
    watcher = await city.outsider.watch("taskChanged")
    await city.camat.mutate("archiveTask", {"taskId": task})
    await city.camat.mutate("restoreTask", {"taskId": task})
    assert kinds(await watcher.take(2)) == [("LEFT", task), ("CREATED", task)]


async def test_a_filter_may_use_own_columns_and_the_id_or_code_of_relations(city: City) -> None:
    plan = await city.approved(city.camat)
    filters: list[dict[str, Any]] = [
        {"organisation": {"code": {"eq": "12.71.11"}}},
        {"organisation": {"id": {"eq": city.camat.organisation_id}}},
        {"workPlan": {"id": {"eq": plan}}},
        {"and": [{"priority": {"in": ["URGENT", "HIGH"]}}, {"not": {"status": {"eq": "DONE"}}}]},
        {"or": [{"title": {"startsWith": "Bersih"}}, {"dueOn": {"lte": "P7D"}}]},
        {"assignee": {"id": {"isNull": True}}},
    ]
    socket = await city.outsider.socket()
    watchers = [await city.outsider.watch("taskChanged", filter=each, on=socket) for each in filters]
    task = await city.task(city.camat, workPlanId=plan, priority="HIGH", dueOn=city.day(3), title="Bersih sungai")
    for watcher in watchers:
        assert kinds(await watcher.take(1)) == [("CREATED", task)]
    other = await city.task(city.dlh, assigneeId=city.dlh_staff.id, dueOn=city.day(30))
    await city.settled()
    assert [each for watcher in watchers for each in watcher.waiting] == [], other


@pytest.mark.parametrize(
    ("field", "filter", "named"),
    [
        ("taskChanged", {"isOverdue": {"eq": True}}, "isOverdue"),
        ("taskChanged", {"organisation": {"name": {"eq": "x"}}}, "name"),
        ("taskChanged", {"workPlan": {"organisation": {"code": {"eq": "DLH"}}}}, "organisation"),
        ("targetChanged", {"trackState": {"eq": "ON_TRACK"}}, "trackState"),
        ("taskChanged", {"not": {"comments": {"isEmpty": True}}}, "comments"),
        ("workPlanChanged", {"and": [{"organisation": {"shortName": {"eq": "x"}}}]}, "shortName"),
    ],
)
async def test_any_other_filter_is_refused_by_name(city: City, field: str, filter: dict[str, Any], named: str) -> None:
    with pytest.raises(Refusal) as refusal:
        await city.outsider.watch(field, filter=filter)
    (error,) = refusal.value.errors
    assert refusal.value.code == "BAD_USER_INPUT"
    assert named in ".".join(map(str, error["extensions"]["path"])), error
    assert named in error["message"]


async def test_a_bad_subscription_gets_its_own_error_and_the_others_go_on(city: City) -> None:
    socket = await city.camat.socket()
    good = await city.camat.watch("taskChanged", on=socket)
    bad = socket.subscribe("taskChanged", "subscription { taskChanged { nonsense } }", {})
    with pytest.raises(Refusal):
        await bad.next()
    await city.task(city.camat)
    assert (await good.next())["kind"] == "CREATED"


@pytest.mark.parametrize("over", ["socket", "sse"])
async def test_a_watcher_who_was_cut_off_goes_on_without_loss_or_double(city: City, over: str) -> None:
    watcher = await city.outsider.watch("events", over=over, node="type")
    tasks = [await city.task(city.camat, title=f"Tugas {n}") for n in range(3)]
    seen = await watcher.take(3)
    await watcher.leave()
    for task in tasks:
        await report(city.camat, task, 10)
    resumed = await city.outsider.watch("events", over=over, node="type", after=seen[1]["cursor"])
    await report(city.camat, tasks[0], 20)
    types = [each["type"] for each in await resumed.take(5)]
    assert types == ["TASK_CREATED", *["TASK_PROGRESS_REPORTED"] * 4]
    await city.settled()
    assert not resumed.waiting


async def test_a_process_that_was_not_running_tells_what_happened_meanwhile(city: City) -> None:
    watcher = await city.outsider.watch("taskChanged")
    task = await city.task(city.camat)
    cursor = (await watcher.next())["cursor"]
    await watcher.leave()
    await report(city.camat, task, 10)
    other = await city.task(city.dlh)
    plan = await city.draft(city.camat)
    await city.task(city.camat, workPlanId=plan)
    await report(city.camat, task, 50)
    async with city.process() as fresh:
        resumed = await city.outsider.watch("taskChanged", after=cursor, at=fresh)
        assert kinds(await resumed.take(3)) == [("UPDATED", task), ("CREATED", other), ("UPDATED", task)]
        await report(city.camat, task, 60)
        assert (await resumed.next())["node"]["progress"] == 60
        await city.settled()
        assert not resumed.waiting


async def test_a_resumed_filter_judges_each_change_as_it_was_then(city: City) -> None:
    task = await city.task(city.camat)
    start = await city.outsider.position()
    await report(city.camat, task, 10)
    await city.camat.mutate("blockTask", {"taskId": task, "reason": "Banjir."})
    await city.camat.mutate("unblockTask", {"taskId": task})
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Selesai sendiri."})
    watcher = await city.outsider.watch("taskChanged", filter={"status": {"eq": "BLOCKED"}}, after=start)
    changes = await watcher.take(2)
    assert kinds(changes) == [("CREATED", task), ("LEFT", task)]
    assert [each["event"]["type"] for each in changes] == ["TASK_BLOCKED", "TASK_UNBLOCKED"]


SOON, FROM_TODAY = {"dueOn": {"lte": "P7D"}}, {"dueOn": {"gte": "P0D"}}


async def test_what_midnight_brings_into_a_list_comes_as_created_and_what_it_takes_away_as_left(city: City) -> None:
    soon, later = await city.task(city.camat, dueOn=city.day(8)), await city.task(city.camat, dueOn=city.day(9))
    ending = await city.task(city.camat, dueOn=city.day())
    near = await city.outsider.watch("taskChanged", filter=SOON)
    open_still = await city.outsider.watch("taskChanged", filter=FROM_TODAY)
    city.move(days=1)
    for task in (soon, ending, later):
        await report(city.camat, task, 10)
    assert kinds(await near.take(2)) == [("CREATED", soon), ("UPDATED", ending)]
    # That it is overdue was written down as of midnight, by the clock's own event.
    assert [each for each in kinds(await open_still.take(3)) if each[1] == ending] == [("LEFT", ending)]
    await report(city.camat, soon, 20)
    assert kinds(await near.take(1)) == [("UPDATED", soon)]
    city.move(days=1)
    await report(city.camat, later, 20)
    assert kinds(await near.take(1)) == [("CREATED", later)]
    await city.settled()
    assert not near.waiting
    assert not [each for each in open_still.waiting if each["nodeId"] == ending]


async def test_a_list_by_the_hour_is_weighed_as_of_what_was_told_last(city: City) -> None:
    task, other = await city.task(city.camat), await city.task(city.camat)
    city.move(hours=2)
    fresh = await city.outsider.watch("taskChanged", filter={"updatedAt": {"gte": "-PT1H"}})
    await report(city.camat, task, 10)
    city.move(minutes=30)
    await report(city.camat, task, 20)
    await report(city.camat, other, 10)
    city.move(hours=2)
    await report(city.camat, other, 20)
    await report(city.camat, task, 30)
    told = [("CREATED", task), ("UPDATED", task), ("CREATED", other), ("UPDATED", other), ("UPDATED", task)]
    assert kinds(await fresh.take(5)) == told


@pytest.mark.parametrize("way", ["position", "cursor", "process"])
async def test_a_cursor_remembers_as_of_when_its_holders_list_was_read(city: City, way: str) -> None:
    soon, steady = await city.task(city.camat, dueOn=city.day(8)), await city.task(city.camat, dueOn=city.day(3))
    await city.settled()
    after = (await city.outsider.ask("{ tasks { nodes { id } } }"))["extensions"]["position"]
    if way != "position":
        watcher = await city.outsider.watch("taskChanged", filter=SOON)
        await report(city.camat, steady, 10)
        after = (await watcher.next())["cursor"]
        await watcher.leave()
    city.move(days=1)
    await report(city.camat, steady, 20)
    await city.outsider.position()
    async with city.process() as fresh:
        at = fresh if way == "process" else None
        resumed = await city.outsider.watch("taskChanged", filter=SOON, after=after, at=at)
        await report(city.camat, soon, 10)
        changes = kinds(await resumed.take(2))
        assert changes == [("UPDATED", steady), ("CREATED", soon)]
        await city.settled()


async def test_whatever_days_pass_the_old_list_and_its_changes_are_the_new_list(city: City) -> None:
    """Each watcher is confirmed at the end: what was told as UPDATED was shown, and what LEFT was there."""
    chance = random.Random(20261201)
    tasks = [await city.task(city.camat, dueOn=city.day(chance.randint(0, 9))) for _ in range(6)]
    for filter in (SOON, FROM_TODAY, {"not": SOON}, {"and": [SOON, FROM_TODAY]}, {"dueOn": {"lt": "P2D"}}):
        await city.outsider.watch("taskChanged", filter=filter)
    for _ in range(6):
        city.move(days=chance.choice([0, 1, 1, 2]))
        for task in chance.sample(tasks, 3):
            await city.camat.mutate("updateTask", {"taskId": task, "description": f"{chance.random()}"})
        await city.settled()
    for task in tasks:
        await city.camat.mutate("updateTask", {"taskId": task, "description": "Semua ditinjau."})


async def test_a_browsers_event_stream_resumes_with_its_last_event_id(city: City) -> None:
    watcher = await city.outsider.watch("taskChanged", over="sse")
    first = await city.task(city.camat)
    await watcher.next()
    assert isinstance(watcher.wire, EventStream)
    last = watcher.wire.last_id
    assert last == watcher.told[-1]["cursor"]
    await watcher.leave()
    await report(city.camat, first, 10)
    second = await city.task(city.dlh)
    query = "subscription { taskChanged { kind nodeId cursor } }"
    assert last is not None
    stream = EventStream(city.site.app, "taskChanged", query, {}, {**city.outsider.headers, "last-event-id": last})
    city.wires.append(stream)
    assert kinds(await stream.watcher.take(2)) == [("UPDATED", first), ("CREATED", second)]


async def test_an_answers_position_is_a_place_to_go_on_from_without_a_gap(city: City) -> None:
    await city.task(city.camat)
    answer = await city.outsider.ask("{ tasks { nodes { id } } }")
    late = await city.task(city.camat)
    watcher = await city.outsider.watch("taskChanged", after=answer["extensions"]["position"])
    told = await watcher.next()
    while told["nodeId"] != late:
        told = await watcher.next()
    assert told["kind"] == "CREATED"


@pytest.mark.parametrize("cursor", ["", "nonsense", "AAAA" * 12])
async def test_a_foreign_cursor_is_refused_by_name(city: City, cursor: str) -> None:
    with pytest.raises(Refusal) as refusal:
        await city.outsider.watch("events", after=cursor)
    assert refusal.value.code == "BAD_USER_INPUT"
    assert refusal.value.errors[0]["extensions"]["path"] == ["after"]


async def test_what_many_people_do_at_once_is_told_to_each_process_once_and_in_one_order(city: City) -> None:
    tasks = [await city.task(person) for person in (city.camat, city.dlh, city.neighbour)]
    async with city.process() as other:
        here = await city.outsider.watch("events", node="type")
        there = await city.outsider.watch("events", node="type", at=other)
        people = (city.camat, city.dlh, city.neighbour)
        await asyncio.gather(
            *[report(person, task, 10 + n) for n in range(8) for person, task in zip(people, tasks, strict=True)]
        )
        first, second = await here.take(24), await there.take(24)
        assert [each["id"] for each in first] == [each["id"] for each in second]
        assert len({each["id"] for each in first}) == 24
        await city.settled()
        assert not here.waiting
        assert not there.waiting


async def test_events_are_filtered_by_type_and_subject(city: City) -> None:
    kept: Watcher = await city.outsider.watch("events", filter={"type": {"in": ["TASK_BLOCKED"]}}, node="type sentence")
    task = await city.task(city.camat)
    await city.camat.mutate("blockTask", {"taskId": task, "reason": "Alat rusak."})
    told = await kept.next()
    assert told["type"] == "TASK_BLOCKED"
    assert "Alat rusak." in told["sentence"]
    await city.settled()
    assert not kept.waiting


async def test_an_event_of_ones_own_account_is_told_to_nobody_else(city: City) -> None:
    own = await city.camat.watch("events", node="type")
    await city.admin.mutate("makePasswordLink", {"accountId": city.camat.id}, "link")
    assert (await own.next())["type"] == "PASSWORD_LINK_MADE"


async def test_answers_over_a_socket_are_those_of_http(city: City) -> None:
    socket = await city.camat.socket(acceptLanguage="en")
    await city.task(city.camat)
    asked = socket.subscribe("tasks", "{ tasks { nodes { statusLabel } } }", {})
    assert await asked.next() == {"nodes": [{"statusLabel": "Planned"}]}
    await asked.ended()
