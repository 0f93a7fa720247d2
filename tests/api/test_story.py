"""From a draft to a report of progress, seen by somebody at another server process."""

from __future__ import annotations

from tests.city import City
from tests.watching import until


async def test_a_camats_plan_is_made_approved_worked_on_and_seen_elsewhere(city: City) -> None:
    async with city.process() as other:
        seen = await city.neighbour.watch("events", at=other, node="type subject { id }")
        work = await city.neighbour.watch("taskChanged", at=other)
        plan = await city.draft(city.camat)
        task = await city.task(city.camat_staff, workPlanId=plan)
        await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
        await city.mayor.mutate("approveWorkPlan", {"workPlanId": plan})
        await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 40})
        kinds = [(each["kind"], each["event"]["type"]) for each in await work.take(2)]
        assert kinds == [("CREATED", "TASK_PUBLISHED"), ("UPDATED", "TASK_PROGRESS_REPORTED")]
        types = [each["type"] for each in await seen.take(6)]
        assert types == [
            "WORK_PLAN_SUBMITTED", "TARGET_PUBLISHED", "TASK_PUBLISHED", "WORK_PLAN_APPROVED",
            "TARGET_REPORTS_CHANGED", "TASK_PROGRESS_REPORTED",
        ]  # fmt: skip
        await city.settled()
        assert not seen.waiting
        assert not work.waiting


async def test_a_board_whose_server_stops_goes_on_at_another_without_loss_or_double(city: City) -> None:
    plan = await city.approved(city.camat)
    task = await city.task(city.camat_staff, workPlanId=plan)
    async with city.process() as first:
        socket = await city.neighbour.socket(at=first)
        board = await city.neighbour.watch("taskChanged", on=socket, at=first)
        await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 10})
        cursor = (await board.next())["cursor"]
    await until(lambda: socket.end, what="the socket is closed")
    assert socket.end is not None
    assert socket.end[0] == 1012
    for progress in (20, 30):
        await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": progress})
    async with city.process() as second:
        board = await city.neighbour.watch("taskChanged", after=cursor, at=second)
        await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 40}, at=second)
        told = await board.take(3)
        assert [each["event"]["type"] for each in told] == ["TASK_PROGRESS_REPORTED"] * 3
        assert told[-1]["node"]["progress"] == 40
        await city.settled()
        assert not board.waiting
