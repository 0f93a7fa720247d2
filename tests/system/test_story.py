"""The main job with a stock GraphQL client over real sockets: one process is worked on, another one watched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport

from tests.system.conftest import City, Office
from tests.system.people import PLANS, TASKS, Person, Watcher, mutation, sign_in
from tests.system.processes import Server, until

YEAR = datetime.now(UTC).year


def stock(person: Person) -> Client:
    """A stock client over HTTP."""
    return Client(transport=HTTPXAsyncTransport(url=f"{person.server.url}/graphql", headers=person.headers))


async def does(person: Person, verb: str, selection: str, **given: Any) -> dict[str, Any]:
    async with stock(person) as session:
        answer = await session.execute(GraphQLRequest(mutation(verb, selection), variable_values={"input": given}))
    payload: dict[str, Any] = answer[verb]
    assert payload["errors"] == []
    return payload


async def test_a_plan_is_made_approved_and_worked_on_while_another_process_is_watched(
    city: City, office: Office, here: Server, there: Server
) -> None:
    camat, staff, mayors_office = await office.camat(here), await office.staff(here), await sign_in(here, "sekda")
    colleague = await office.staff(there, 2)
    await colleague.ask("{ viewer { role } }")
    plans = Watcher(PLANS, colleague.position, code=office.code)
    tasks = Watcher(TASKS, colleague.position, code=office.code)
    async with plans.watching(colleague), tasks.watching(colleague):
        made = await does(
            camat, "createWorkPlan", "workPlan { id status }",
            organisation={"code": office.code}, year=YEAR, title="Rencana Kerja Kecamatan",
        )  # fmt: skip
        plan = made["workPlan"]["id"]
        await does(
            camat, "createTarget", "target { id }", workPlanId=plan, indicator="Drainase lingkungan dibersihkan",
            unit="km", direction="MAXIMISE", rollUp="SUM", targetValue="12.5",
        )  # fmt: skip
        task = (
            await does(
                staff, "createTask", "task { id }", organisation={"code": office.code}, workPlanId=plan,
                title="Bersihkan parit Jalan Karya Jaya",
            )
        )["task"]["id"]  # fmt: skip
        assert (await does(camat, "submitWorkPlan", "workPlan { status }", workPlanId=plan))["workPlan"] == {
            "status": "SUBMITTED"
        }
        shown = "workPlan { status approvedBy { name } }"
        approved = await does(mayors_office, "approveWorkPlan", shown, workPlanId=plan)
        assert approved["workPlan"]["status"] == "APPROVED"
        await does(staff, "startTask", "task { status }", taskId=task)
        reported = await does(
            staff, "reportProgress", "task { progress }", taskId=task, progress=40, note="Sisi utara selesai"
        )
        assert reported["task"] == {"progress": 40}
        await until(lambda: tasks.seen and tasks.seen[-1]["node"]["progress"] == 40)
        await until(lambda: plans.seen and plans.seen[-1]["node"]["status"] == "APPROVED")

    assert [(each["kind"], each["node"]["status"]) for each in plans.seen] == [
        ("CREATED", "DRAFT"), ("UPDATED", "SUBMITTED"), ("UPDATED", "APPROVED"),
    ]  # fmt: skip
    assert [each["event"]["type"] for each in tasks.seen] == [
        "TASK_CREATED", "TASK_PUBLISHED", "TASK_STARTED", "TASK_PROGRESS_REPORTED",
    ]  # fmt: skip
    assert plans.event_ids == await city.events_of(office.code, "WorkPlan")
    assert tasks.event_ids == await city.events_of(office.code, "Task")
