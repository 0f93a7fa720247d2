"""What a sync knows of a task's progress: told with its row, by the rules of the single verb."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from tests.api.test_bulk import TASKS, counts, said, task_row
from tests.city import City
from tests.programs import program

STANDS = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Task {
    title status progress history { nodes { type } } } } }"""


async def stands(city: City, ids: list[str]) -> list[tuple[str, int, list[str]]]:
    found = (await city.outsider.query(STANDS, ids=ids))["nodes"]
    return [(each["status"], each["progress"], [one["type"] for one in each["history"]["nodes"]]) for each in found]


def progress_rows(city: City, *progress: int | None, **more: Any) -> list[dict[str, Any]]:
    return [task_row(city, n, **more) | ({} if each is None else {"progress": each}) for n, each in enumerate(progress)]


async def test_progress_of_a_row_is_reported_of_a_task_that_is_new_and_of_one_that_is_there(city: City) -> None:
    by = await program(city, ["READ", "TASKS_WRITE"], organisation=city.camat.organisation, login="integrasi-camat")
    told = await by.mutate("upsertTasks", {"rows": progress_rows(city, None, 0, 40, 100)}, TASKS)
    assert counts(told) == (4, 0, 0)
    made, reported = "TASK_CREATED", "TASK_PROGRESS_REPORTED"
    assert [each["event"]["type"] for each in told["results"]] == [made, made, reported, reported]
    ids = [each["task"]["id"] for each in told["results"]]
    assert await stands(city, ids) == [
        *(("PLANNED", 0, [made]), ("PLANNED", 0, [made])),
        *(("IN_PROGRESS", 40, [made, reported]), ("IN_PROGRESS", 100, [made, reported])),
    ]
    await city.camat_staff.mutate("completeTask", {"taskId": ids[3]})
    position = await city.last_position()
    again = await by.mutate("upsertTasks", {"rows": progress_rows(city, None, 0, 40, 100)}, TASKS)
    assert counts(again) == (0, 4, 0)
    assert await city.last_position() == position
    less = {"rows": progress_rows(city, 10, 0, 30, 90), "mode": "PARTIAL"}
    told = await by.mutate("upsertTasks", less, TASKS)
    assert counts(told) == (2, 1, 1)
    assert said(told["results"][3]["errors"]) == [("MOVE_NOT_ALLOWED", ["rows", "3"])]
    assert [each[:2] for each in await stands(city, ids)] == [
        *(("IN_PROGRESS", 10), ("PLANNED", 0), ("IN_PROGRESS", 30), ("DONE", 100))
    ]


async def test_a_row_with_wrong_progress_leaves_nothing_of_itself(city: City) -> None:
    ids = [await city.task(city.camat_staff, **task_row(city, n, title="Sapu")) for n in range(3)]
    rows = [*progress_rows(city, 101, -1), task_row(city, 2, progress=None), task_row(city, 3, progress=101)]
    told = await city.camat_staff.mutate("upsertTasks", {"rows": rows, "mode": "PARTIAL"}, TASKS)
    assert [said(each["errors"]) for each in told["results"]] == [
        [(code, ["rows", str(n), "progress"])]
        for n, code in enumerate(("OUT_OF_RANGE", "OUT_OF_RANGE", "REQUIRED", "OUT_OF_RANGE"))
    ]
    found = (await city.outsider.query(STANDS, ids=ids))["nodes"]
    assert {(each["title"], each["progress"], len(each["history"]["nodes"])) for each in found} == {("Sapu", 0, 1)}
    assert (await city.outsider.query('{ tasks(search: "Angkut 3") { totalCount } }'))["tasks"]["totalCount"] == 0


async def test_rows_that_are_moved_given_away_and_reported_take_as_many_statements_as_two(city: City) -> None:
    async with AsyncExitStack() as lent:
        heard = await city.statements_heard(lent)
    targets = await city.targets_of(await city.approved(city.camat, targets=2))
    taken = []
    for size in (2, 40):
        rows = [task_row(city, size + n, progress=n % 3) for n in range(size)]
        moved = [
            {**row, "targetId": targets[n % 2], "assigneeId": city.camat.id, "progress": 50}
            for n, row in enumerate(rows)
        ]
        await city.camat_staff.mutate("upsertTasks", {"rows": rows}, "changedCount")
        for each in heard:
            each.clear()
        told = await city.camat_staff.mutate("upsertTasks", {"rows": moved}, TASKS)
        assert counts(told) == (size, 0, 0)
        taken.append(max(map(writing, heard)))
    assert taken[1] <= taken[0] < 25, taken


def writing(said: list[str]) -> int:
    """How many statements the transaction had that wrote tasks; 0 where none did."""
    ends = [number for number, text in enumerate(said) if text.startswith("COMMIT")]
    begins = [0, *(end + 1 for end in ends)]
    found = (said[begin:end] for begin, end in zip(begins, ends, strict=False))
    return max((len(each) for each in found if any(text.startswith("UPDATE task ") for text in each)), default=0)
