"""What waits for what: hidden drafts have no say in it for others, and coming out of a draft closes no circle."""

from __future__ import annotations

from typing import Any

from server.ids import decode, uuid7
from tests.city import City
from tests.person import Person


async def wait(person: Person, task: str, *others: str, **more: Any) -> None:
    await person.mutate("setTaskDependencies", {"taskId": task, "waitsForIds": [*others], **more})


async def waits_for(person: Person, task: str) -> list[str]:
    found = await person.query("query($id: ID!) { task(by: {id: $id}) { waitsFor { id } } }", id=task)
    return [each["id"] for each in found["task"]["waitsFor"]]


async def lay(city: City, task: str, other: str) -> None:
    """A wait that the rules no longer allow, as an older version of the server left it."""
    text = "INSERT INTO task_dependency (id, task_id, waits_for_id) VALUES ($1, $2, $3) RETURNING id"
    await city.rows(text, uuid7(), decode(task)[1], decode(other)[1])


async def test_a_task_waits_for_a_draft_only_within_that_draft(city: City) -> None:
    """“Tasks wait for tasks, in no circle, and what everybody sees waits for nothing hidden.”"""
    plan = await city.draft(city.camat)
    public = await city.task(city.camat)
    first, second = [await city.task(city.camat, workPlanId=plan) for _ in range(2)]
    await wait(city.camat, first, public, second)
    error = await city.camat.refused("setTaskDependencies", {"taskId": public, "waitsForIds": [second]})
    assert (error["code"], error["path"]) == ("STILL_A_DRAFT", ["waitsForIds", "0"])
    new = {"organisation": {"code": city.camat.organisation}, "title": "Baru", "waitsForIds": [public, first]}
    error = await city.camat.refused("createTask", new)
    assert (error["code"], error["path"]) == ("STILL_A_DRAFT", ["waitsForIds", "1"])
    await city.camat.mutate("createTask", {**new, "workPlanId": plan})
    # A reviewer sees both drafts, which see nothing of each other.
    theirs = await city.task(city.bappeda, workPlanId=await city.draft(city.bappeda))
    error = await city.bappeda.refused("setTaskDependencies", {"taskId": theirs, "waitsForIds": [public, first]})
    assert (error["code"], error["path"]) == ("STILL_A_DRAFT", ["waitsForIds", "1"])
    error = await city.camat.refused("setTaskDependencies", {"taskId": second, "waitsForIds": [first]})
    assert error["code"] == "CIRCULAR_WAIT"


async def test_a_hidden_draft_is_told_by_no_circle(city: City) -> None:
    mine, theirs = await city.task(city.neighbour), await city.task(city.camat)
    other = await city.task(city.camat)
    hidden = await city.task(city.camat, workPlanId=await city.draft(city.camat))
    await wait(city.camat, hidden, mine)
    await lay(city, theirs, hidden)
    await wait(city.neighbour, mine, theirs, dryRun=True)
    # What was laid there stays and tells nothing, to nobody: neither is it in the list nor is it taken out of it.
    assert await waits_for(city.neighbour, theirs) == []
    assert (await city.camat.mutate("setTaskDependencies", {"taskId": theirs, "waitsForIds": []}))["isUnchanged"]
    await wait(city.camat, theirs, other)
    assert await waits_for(city.neighbour, theirs) == [other]
    assert {*await waits_for(city.camat, theirs)} == {other, hidden}


async def test_what_comes_out_of_a_draft_closes_no_circle(city: City) -> None:
    """A circle that nobody could see: one task of it was moved out of the draft before."""
    plan = await city.draft(city.camat)
    first = await city.task(city.camat, workPlanId=plan, title="Siapkan armada")
    second = await city.task(city.camat, workPlanId=plan, title="Angkut sampah")
    theirs = await city.task(city.neighbour, title="Buka jalan")
    await wait(city.camat, first, second)
    await wait(city.camat, second, theirs)
    await city.camat.mutate("moveTask", {"taskId": first})
    await wait(city.neighbour, theirs, first)
    for verb, given in (("submitWorkPlan", {"workPlanId": plan}), ("moveTask", {"taskId": second})):
        error = await city.camat.refused(verb, given)
        assert (error["code"], error["path"]) == ("CIRCULAR_WAIT", [])
        assert "“Angkut sampah” → “Buka jalan” → “Siapkan armada” → “Angkut sampah”" in error["message"]
    assert await waits_for(city.neighbour, first) == []
    await wait(city.camat, second)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert await waits_for(city.neighbour, first) == [second]
