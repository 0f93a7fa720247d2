"""Work plans as people make, review, close and put them aside."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from server.ids import decode
from tests.city import City
from tests.person import Person, to_the_second
from tests.process import deadline

PLAN = "workPlan { id status version submittedBy { id } submittedAt approvedBy { id } approvedAt closedAt returnNote }"


async def plan_of(person: Person, plan: str, selection: str) -> Any:
    data = await person.query(f"query($id: ID!) {{ workPlan(by: {{id: $id}}) {{ {selection} }} }}", id=plan)
    return data["workPlan"]


async def test_staff_make_a_draft_that_the_head_submits_and_bappeda_approves(city: City) -> None:
    """“Made by head and staff, submitted by the head, with at least one target.” “REVIEWER (Bappeda): reviews plans”"""
    plan = await city.draft(city.camat_staff, needsEvidence=True)
    assert (await city.camat_staff.refused("submitWorkPlan", {"workPlanId": plan}))["code"] == "NOT_YOUR_ROLE"
    sent = (await city.camat.mutate("submitWorkPlan", {"workPlanId": plan}, PLAN))["workPlan"]
    assert (sent["status"], sent["submittedBy"]["id"]) == ("SUBMITTED", city.camat.id)
    assert to_the_second(sent["submittedAt"]) == "2026-06-15T09:00:00+07:00"
    city.move(days=1)
    done = (await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan}, PLAN))["workPlan"]
    assert (done["status"], done["approvedBy"]["id"]) == ("APPROVED", city.bappeda.id)
    assert to_the_second(done["approvedAt"]) == "2026-06-16T09:00:00+07:00"
    history = await plan_of(city.outsider, plan, "history { nodes { type actor { id } subjectVersion } }")
    assert [(each["type"], each["subjectVersion"]) for each in history["history"]["nodes"]] == [
        ("WORK_PLAN_SUBMITTED", 2), ("WORK_PLAN_APPROVED", 3),
    ]  # fmt: skip


async def test_a_returned_plan_is_mended_and_submitted_again(city: City) -> None:
    """“OFFICE (deputy mayor, Sekda and their staff): reviews plans, orders tasks, rules on redirects, handles cases”"""
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    back = await city.sekda.mutate("returnWorkPlan", {"workPlanId": plan, "note": "Target terlalu rendah."}, PLAN)
    assert (back["workPlan"]["status"], back["workPlan"]["returnNote"]) == ("RETURNED", "Target terlalu rendah.")
    await city.camat_staff.mutate("updateWorkPlan", {"workPlanId": plan, "title": "Rencana kerja yang diperbaiki"})
    (target,) = await city.targets_of(plan)
    await city.camat_staff.mutate("updateTarget", {"targetId": target, "targetValue": "140"})
    sent = await city.camat.mutate("submitWorkPlan", {"workPlanId": plan}, PLAN)
    assert (sent["workPlan"]["status"], sent["workPlan"]["returnNote"]) == ("SUBMITTED", None)
    assert await plan_of(city.outsider, plan, "title") == {"title": "Rencana kerja yang diperbaiki"}


async def test_a_submitted_plan_is_taken_back_and_stays_public(city: City) -> None:
    """“Everybody who signs in sees plans, targets, tasks, requests, events and the board: being known is the point.”"""
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    back = await city.camat.mutate("takeBackWorkPlan", {"workPlanId": plan}, PLAN)
    assert back["workPlan"]["status"] == "DRAFT"
    assert await plan_of(city.outsider, plan, "status") == {"status": "DRAFT"}
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})


async def test_a_plan_without_a_target_is_not_submitted(city: City) -> None:
    """“Made by head and staff, submitted by the head, with at least one target.”"""
    plan = await city.draft(city.camat, targets=0)
    assert (await city.camat.refused("submitWorkPlan", {"workPlanId": plan}))["code"] == "PLAN_EMPTY"


async def test_a_move_that_the_rule_forbids_says_from_what_to_what_and_what_is_allowed(city: City) -> None:
    plan = await city.draft(city.camat)
    error = await city.bappeda.refused("approveWorkPlan", {"workPlanId": plan})
    assert (error["__typename"], error["code"]) == ("MoveNotAllowed", "MOVE_NOT_ALLOWED")
    assert (error["from"], error["to"], error["allowed"]) == ("DRAFT", "APPROVED", ["SUBMITTED"])


async def test_an_organisation_has_one_plan_a_year(city: City) -> None:
    await city.draft(city.camat)
    again = {"organisation": {"code": city.camat.organisation}, "year": 2026, "title": "Satu lagi"}
    error = await city.camat.refused("createWorkPlan", again)
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["year"])
    await city.camat.mutate("createWorkPlan", {**again, "year": 2027})
    await city.dlh.mutate("createWorkPlan", {**again, "organisation": {"code": "DLH"}})


async def test_two_drafts_of_one_year_that_arrive_together_make_one(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "year": 2026, "title": "Rencana"}
    payloads = await asyncio.gather(
        city.camat.attempt("createWorkPlan", given), city.camat_staff.attempt("createWorkPlan", given)
    )
    (refused,) = [each for each in payloads if each["errors"]]
    assert [each["code"] for each in refused["errors"]] == ["ALREADY_EXISTS"]


async def test_an_archived_draft_frees_its_year_and_comes_back_only_while_it_is_free(city: City) -> None:
    """“Only a DRAFT that others have never seen is archived, and its year is free then.”"""
    plan = await city.draft(city.camat)
    await city.camat.mutate("archiveWorkPlan", {"workPlanId": plan})
    listed = await city.camat.query("{ workPlans { nodes { id } } }")
    assert listed["workPlans"]["nodes"] == []
    assert (await plan_of(city.camat, plan, "archivedAt"))["archivedAt"] is not None
    other = await city.draft(city.camat)
    assert (await city.camat.refused("restoreWorkPlan", {"workPlanId": plan}))["code"] == "ALREADY_EXISTS"
    await city.camat.mutate("archiveWorkPlan", {"workPlanId": other})
    await city.camat.mutate("restoreWorkPlan", {"workPlanId": plan})


async def test_what_stands_in_a_draft_is_put_aside_with_it_and_comes_back_with_it(city: City) -> None:
    plan = await city.draft(city.camat, targets=2)
    kept, dropped = await city.targets_of(plan)
    task = await city.task(city.camat, workPlanId=plan, targetId=kept)
    await city.camat.mutate("archiveTarget", {"targetId": dropped})
    city.move(minutes=1)
    watcher = await city.camat_staff.watch("taskChanged")
    lists = "{ tasks { nodes { id } } targets { nodes { id } } }"
    await city.camat.mutate("archiveWorkPlan", {"workPlanId": plan})
    assert await city.camat.query(lists) == {"tasks": {"nodes": []}, "targets": {"nodes": []}}
    assert (await watcher.next())["kind"] == "LEFT"
    for verb, given in (("restoreTask", {"taskId": task}), ("restoreTarget", {"targetId": kept})):
        assert (await city.camat.refused(verb, given))["code"] == "ARCHIVED"
    city.move(minutes=1)
    await city.camat.mutate("restoreWorkPlan", {"workPlanId": plan})
    assert await city.camat.query(lists) == {"tasks": {"nodes": [{"id": task}]}, "targets": {"nodes": [{"id": kept}]}}
    assert (await watcher.next())["kind"] == "CREATED"


async def test_what_was_public_once_stays_public_when_its_plan_is_taken_back(city: City) -> None:
    """“What was public once stays public.”"""
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.camat.mutate("takeBackWorkPlan", {"workPlanId": plan})
    for verb, given in (("archiveTarget", {"targetId": target}), ("archiveWorkPlan", {"workPlanId": plan})):
        assert (await city.camat.refused(verb, given))["code"] == "ALREADY_PUBLIC"
    shown = await city.outsider.query("{ workPlans { nodes { id targets { nodes { id } } } } }")
    assert shown["workPlans"]["nodes"] == [{"id": plan, "targets": {"nodes": [{"id": target}]}}]
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Beralih ke DLH."})


async def test_a_task_is_not_completed_in_a_plan_that_is_closed_while_it_waits_its_turn(city: City) -> None:
    plan = await city.approved(city.dlh, year=2025)
    task = await city.task(city.dlh, workPlanId=plan)
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    async with city.pool.connection() as connection:
        turn = connection.transaction()
        await turn.start()
        await connection.execute("SELECT FROM task WHERE id = $1 FOR UPDATE", decode(task)[1])
        completing = asyncio.create_task(city.dlh.attempt("completeTask", {"taskId": task}))
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
        async with deadline("the completion waits") as again:
            while not await city.rows(waiting):
                await again()
        close = {"workPlanId": plan, "remaining": "CANCEL", "reason": "Tahun berakhir."}
        await city.bappeda.mutate("closeWorkPlan", close)
        await turn.rollback()
    (error,) = (await completing)["errors"]
    assert error["code"] == "PLAN_NOT_OPEN"
    await city.settled()
    query = "query($id: ID!) { task(by: {id: $id}) { status } }"
    assert (await city.dlh.query(query, id=task))["task"]["status"] == "CANCELLED"


async def test_nobody_approves_a_plan_of_their_own_organisation(city: City) -> None:
    head = await city.admin.mutate(
        "createAccount",
        {"organisation": {"code": "BAPPEDA"}, "login": "kepala-bappeda", "name": "Kepala", "role": "HEAD"},
    )
    await city.admin.mutate(
        "appoint",
        {"organisation": {"code": "BAPPEDA"}, "accountId": head["account"]["id"], "capacity": "DEFINITIVE",
         "validFrom": city.day()},
    )  # fmt: skip
    plan = await city.draft(city.bappeda)
    link = (await city.admin.mutate("makePasswordLink", {"accountId": head["account"]["id"]}, "link"))["link"]
    async with city.site.client() as client:
        await client.post("/auth/password", json={"link": link.split("#")[1], "password": "gotong-royong-2027"})
    chief = await city.sign_in("kepala-bappeda", "gotong-royong-2027")
    await chief.mutate("submitWorkPlan", {"workPlanId": plan})
    assert (await city.bappeda.refused("approveWorkPlan", {"workPlanId": plan}))["code"] == "OWN_PLAN"
    await city.sekda.mutate("approveWorkPlan", {"workPlanId": plan})


@pytest.mark.parametrize("capacity", ["PLT", "PLH"])
async def test_an_acting_head_submits_but_approves_nothing(city: City, capacity: str) -> None:
    """“Acting heads (Plt., Plh.) hold these powers while appointed, but take no strategic decision.”"""
    given = {
        "organisation": {"code": "BAPPEDA"},
        "accountId": city.bappeda.id,
        "capacity": capacity,
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", given)
    await city.settled()
    own = await city.draft(city.bappeda)
    await city.bappeda.mutate("submitWorkPlan", {"workPlanId": own})
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert (await city.bappeda.refused("approveWorkPlan", {"workPlanId": plan}))["code"] == "NOT_AS_ACTING_HEAD"
    await city.bappeda.mutate("returnWorkPlan", {"workPlanId": plan, "note": "Lengkapi."})


async def closing(city: City) -> tuple[str, str, str, str]:
    """An approved plan with three open tasks, one of them ordered, on a day on which it may be closed."""
    plan = await city.approved(city.camat)
    kept, dropped = [await city.task(city.camat, workPlanId=plan, title=title) for title in ("Lanjut", "Batal")]
    order = {"organisation": {"code": city.camat.organisation}, "title": "Perintah", "dueOn": city.day(30)}
    ordered = (await city.mayor.mutate("orderTask", order, "task { id workPlan { id } }"))["task"]
    assert ordered["workPlan"]["id"] == plan
    city.go_to(date(2027, 2, 1))
    return plan, kept, dropped, ordered["id"]


async def test_one_choice_on_closing_holds_for_all_that_is_open_in_the_closers_name_and_with_the_reason(
    city: City,
) -> None:
    """“Whoever closes it makes one choice for all that is open, to carry it over or to cancel it with a reason,
    exceptions named; what was ordered or promised is always carried over.” “What happens to each task bears
    their name and reason.”
    """
    plan, kept, dropped, ordered = await closing(city)
    next_plan = await city.approved(city.camat, year=2027)
    given = {
        "workPlanId": plan,
        "remaining": "CANCEL",
        "reason": "Tahun berakhir.",
        "exceptions": [{"taskId": kept, "settlement": "CARRY_OVER"}],
    }
    closed = await city.bappeda.mutate("closeWorkPlan", given, f"{PLAN} event {{ sentence }}")
    assert closed["workPlan"]["status"] == "CLOSED"
    assert "Tahun berakhir." in closed["event"]["sentence"]
    await city.settled()
    data = await city.outsider.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { status statusReason workPlan { id }"
        " history { nodes { type sentence actor { id } } } } } }",
        ids=[kept, dropped, ordered],
    )
    first, second, third = data["nodes"]
    assert (first["status"], first["workPlan"]["id"]) == ("PLANNED", next_plan)
    assert (second["status"], second["statusReason"], second["workPlan"]["id"]) == (
        "CANCELLED", "Tahun berakhir.", plan,
    )  # fmt: skip
    assert (third["status"], third["workPlan"]["id"]) == ("PLANNED", next_plan)
    last = [each["history"]["nodes"][-1] for each in data["nodes"]]
    assert [each["type"] for each in last] == ["TASK_CARRIED_OVER", "TASK_CANCELLED", "TASK_CARRIED_OVER"]
    assert [each["actor"] for each in last] == [{"id": city.bappeda.id}] * 3
    for each in last:
        assert each["sentence"].startswith(city.bappeda.name)
        assert each["sentence"].endswith(": Tahun berakhir.")


async def test_what_was_not_decided_is_withdrawn_when_its_plan_is_closed(city: City) -> None:
    """“Open amendments end.” “It may be withdrawn, and is when its plan is closed or its owner ends.”"""
    plan = await city.approved(city.camat, targets=3)
    prepared, proposed, given = await city.targets_of(plan)
    change = {"targetValue": "80", "reason": "Anggaran dipotong."}
    await city.camat_staff.mutate("amendTarget", {"targetId": prepared, **change})
    await city.camat.mutate("amendTarget", {"targetId": proposed, **change})
    give = {"targetId": given, "organisation": {"code": "DLH"}, "reason": "Tugas dinas."}
    await city.camat.mutate("handOverTarget", give)
    await city.dlh.mutate("acceptHandOver", {"targetId": given})
    city.go_to(date(2027, 2, 1))
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan, "reason": "Tahun berakhir."})
    await city.settled()
    query = "query($id: ID!) { target(by: {id: $id}) { targetValue owner { code } amendments { nodes {"
    query += " status note decidedBy { id } } } history { nodes { type actor { id } } } } }"
    for target, is_public in ((prepared, False), (proposed, True), (given, True)):
        for person in (city.camat, city.outsider):
            seen = (await person.query(query, id=target))["target"]
            assert (seen["targetValue"], seen["owner"]) == ("100", {"code": "12.71.11"})
            ended = {"status": "WITHDRAWN", "note": "Tahun berakhir.", "decidedBy": {"id": city.bappeda.id}}
            is_seen = is_public or person is city.camat
            assert seen["amendments"]["nodes"] == ([ended] if is_seen else [])
            last = {"type": "TARGET_AMENDMENT_WITHDRAWN", "actor": {"id": city.bappeda.id}}
            assert (seen["history"]["nodes"][-1] == last) is is_public


async def test_carried_over_tasks_wait_in_no_plan_until_next_years_is_approved(city: City) -> None:
    plan, kept, dropped, ordered = await closing(city)
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan, "remaining": "CARRY_OVER"})
    await city.settled()
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { workPlan { id } } } }"
    nodes = (await city.outsider.query(query, ids=[kept, dropped, ordered]))["nodes"]
    assert [each["workPlan"] for each in nodes] == [None, None, None]
    next_plan = await city.approved(city.camat, year=2027)
    await city.settled()
    nodes = (await city.outsider.query(query, ids=[kept, dropped, ordered]))["nodes"]
    assert {each["workPlan"]["id"] for each in nodes} == {next_plan}


async def test_cancelling_on_closing_needs_a_reason_and_spares_what_was_ordered(city: City) -> None:
    plan, kept, dropped, ordered = await closing(city)
    close = {"workPlanId": plan, "remaining": "CANCEL"}
    bare = await city.bappeda.refused("closeWorkPlan", close)
    assert (bare["code"], bare["path"]) == ("REQUIRED", ["reason"])
    exceptions = [{"taskId": task, "settlement": "CANCEL"} for task in (kept, dropped, ordered)]
    error = await city.bappeda.refused(
        "closeWorkPlan", {"workPlanId": plan, "exceptions": exceptions, "reason": "Tahun berakhir."}
    )
    assert (error["code"], error["path"]) == ("ORDERED_TASK", ["exceptions", "2", "settlement"])


async def test_a_plan_is_not_closed_before_its_last_report_is_due(city: City) -> None:
    """“It may be closed from the day after the last day for the reading of TW IV.”"""
    plan = await city.approved(city.camat)
    city.go_to(date(2026, 12, 31))
    assert (await city.bappeda.refused("closeWorkPlan", {"workPlanId": plan}))["code"] == "REPORT_NOT_DUE"
    city.go_to(date(2027, 2, 1))
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan})


async def test_a_closed_plan_takes_nothing_until_it_is_opened_again(city: City) -> None:
    """“A closed plan may be reopened with a reason.”"""
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    city.go_to(date(2027, 2, 1))
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan})
    reading = {"targetId": target, "value": "7", "measuredOn": "2026-12-31"}
    assert (await city.camat.refused("recordMeasurement", reading))["code"] == "PLAN_NOT_OPEN"
    new = {"organisation": {"code": city.camat.organisation}, "title": "Susulan", "workPlanId": plan}
    assert (await city.camat.refused("createTask", new))["code"] == "PLAN_NOT_OPEN"
    again = await city.bappeda.mutate("reopenWorkPlan", {"workPlanId": plan, "reason": "Ada laporan susulan."}, PLAN)
    assert (again["workPlan"]["status"], again["workPlan"]["closedAt"]) == ("APPROVED", None)
    await city.camat.mutate("recordMeasurement", reading)


async def test_a_plans_tasks_are_settled_exactly_once_however_many_processes_react(city: City) -> None:
    plan, *_ = await closing(city)
    async with city.process(), city.process() as other:
        await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan}, at=other)
        await city.settled()
    made = await city.rows("SELECT subject_id, count(*) FROM event WHERE type = 'TASK_CARRIED_OVER' GROUP BY 1")
    assert [row["count"] for row in made] == [1, 1, 1]
