"""Organisations as an administrator makes, changes and ends them, and what then goes to the successor."""

from __future__ import annotations

from typing import Any

from server.text import Language, day
from tests.city import City
from tests.sending import send

NEW = {
    "kind": "OPD", "code": "DKLH", "name": "Dinas Kebersihan dan Lingkungan", "shortName": "DKLH",
    "validFrom": "2026-01-01",
}  # fmt: skip
ENDED: dict[Language, str] = {
    "id": "Organisasi ini sudah berakhir pada {}; penerusnya Dinas Kebersihan dan Lingkungan.",
    "en": "The organisation has ended on {}; its successor is Dinas Kebersihan dan Lingkungan.",
}


async def test_an_administrator_makes_an_organisation_whose_code_is_for_good(city: City) -> None:
    made = await city.admin.mutate("createOrganisation", NEW, "organisation { id code kind name validTo validFrom }")
    assert made["organisation"] == made["organisation"] | {
        "code": "DKLH", "kind": "OPD", "validTo": None, "validFrom": "2026-01-01",
    }  # fmt: skip
    error = await city.admin.refused("createOrganisation", {**NEW, "name": "Yang lain"})
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["code"])
    assert (await city.mayor.refused("createOrganisation", {**NEW, "code": "X"}))["code"] == "NOT_YOUR_ROLE"
    orphan = {**NEW, "kind": "KELURAHAN", "code": "12.71.11.1099"}
    assert (await city.admin.refused("createOrganisation", orphan))["path"] == ["parent"]


async def test_an_organisation_is_renamed_and_its_history_tells_it(city: City) -> None:
    given = {"organisationId": city.dlh.organisation_id, "shortName": "Dinas LH"}
    await city.admin.mutate("updateOrganisation", given)
    data = await city.outsider.query(
        '{ organisation(by: {code: "DLH"}) { shortName history { nodes { type changes { field before after } } } } }'
    )
    assert data["organisation"]["shortName"] == "Dinas LH"
    assert data["organisation"]["history"]["nodes"][-1] == {
        "type": "ORGANISATION_UPDATED", "changes": [{"field": "SHORT_NAME", "before": "DLH", "after": "Dinas LH"}],
    }  # fmt: skip


async def test_what_is_open_passes_to_the_successor_and_what_is_done_stays(city: City) -> None:
    """“What is open goes to its successor: unapproved plans, open targets and tasks, requests with their clocks, cases,
    accounts.”
    """
    plan = await city.approved(city.dlh)
    (target,) = await city.targets_of(plan)
    await city.dlh.mutate("recordMeasurement", {"targetId": target, "value": "30", "measuredOn": "2026-03-31"})
    open_, done, dropped = [await city.task(city.dlh, title=title) for title in ("Terbuka", "Selesai", "Batal")]
    await city.dlh.mutate("reportProgress", {"taskId": done, "progress": 100})
    await city.dlh.mutate("completeTask", {"taskId": done})
    await city.dlh.mutate("cancelTask", {"taskId": dropped, "reason": "Tidak perlu."})
    await city.admin.mutate("createOrganisation", NEW)
    watcher = await city.outsider.watch("taskChanged", filter={"organisation": {"code": {"eq": "DLH"}}})
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day(), "successor": {"code": "DKLH"}}
    await city.admin.mutate("endOrganisation", end, "organisation { validTo successor { code } }")
    await city.settled()
    owners = await city.rows(
        "SELECT t.title, o.code FROM task t JOIN organisation o ON o.id = t.organisation_id ORDER BY t.title"
    )
    assert [tuple(each.values()) for each in owners] == [("Batal", "DLH"), ("Selesai", "DLH"), ("Terbuka", "DKLH")]
    data = await city.outsider.query(
        "query($id: ID!, $who: ID!) { target(by: {id: $id}) { owner { code } measurements { nodes { owner { code } } }"
        " } account(by: {id: $who}) { organisation { code } history { nodes { type } } } }",
        id=target, who=city.dlh_staff.id,
    )  # fmt: skip
    assert data["target"] == {"owner": {"code": "DKLH"}, "measurements": {"nodes": [{"owner": {"code": "DLH"}}]}}
    assert data["account"]["organisation"]["code"] == "DKLH"
    assert data["account"]["history"]["nodes"][-1]["type"] == "ACCOUNT_PASSED_ON"
    left = await watcher.next()
    assert (left["kind"], left["nodeId"], left["event"]["type"]) == ("LEFT", open_, "TASK_PASSED_ON")
    await city.dlh_staff.mutate("reportProgress", {"taskId": open_, "progress": 10})


async def end_dlh(city: City, on: str, successor: str = "DKLH") -> None:
    await city.admin.mutate("createOrganisation", NEW)
    end = {"organisationId": city.dlh.organisation_id, "validTo": on, "successor": {"code": successor}}
    await city.admin.mutate("endOrganisation", end)
    await city.settled()


async def test_a_task_whose_external_id_the_successor_uses_passes_without_it(city: City) -> None:
    await city.admin.mutate("createOrganisation", NEW)
    head = {
        "organisation": {"code": "DKLH"},
        "accountId": city.camat_staff.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", head)
    await city.settled()
    await city.task(city.camat_staff, organisation={"code": "DKLH"}, externalId="SIPD-7")
    task, other = await city.task(city.dlh, externalId="SIPD-7"), await city.task(city.dlh, externalId="SIPD-8")
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day(), "successor": {"code": "DKLH"}}
    await city.admin.mutate("endOrganisation", end)
    await city.settled()
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { externalId organisation { code } } } }"
    found = (await city.outsider.query(query, ids=[task, other]))["nodes"]
    assert found == [
        {"externalId": None, "organisation": {"code": "DKLH"}},
        {"externalId": "SIPD-8", "organisation": {"code": "DKLH"}},
    ]


async def test_a_draft_passes_whole_to_those_who_drew_it_up_and_stays_a_draft(city: City) -> None:
    plan = await city.draft(city.dlh, targets=2)
    (target, _) = await city.targets_of(plan)
    task = await city.task(city.dlh, workPlanId=plan, targetId=target)
    put_aside = await city.task(city.dlh, workPlanId=plan)
    await city.dlh.mutate("archiveTask", {"taskId": put_aside})
    await end_dlh(city, city.day())
    query = (
        "query($plan: ID!, $task: ID!) { workPlan(by: {id: $plan}) { status organisation { code } targets"
        " { nodes { owner { code } } } } task(by: {id: $task}) { organisation { code } workPlan { id } target { id } }"
        " }"
    )
    assert await city.dlh_staff.query(query, plan=plan, task=task) == {
        "workPlan": {
            "status": "DRAFT", "organisation": {"code": "DKLH"},
            "targets": {"nodes": [{"owner": {"code": "DKLH"}}, {"owner": {"code": "DKLH"}}]},
        },
        "task": {"organisation": {"code": "DKLH"}, "workPlan": {"id": plan}, "target": {"id": target}},
    }  # fmt: skip
    assert await city.outsider.query(query, plan=plan, task=task) == {"workPlan": None, "task": None}
    await city.dlh_staff.mutate("restoreTask", {"taskId": put_aside})
    await city.dlh_staff.mutate("updateWorkPlan", {"workPlanId": plan, "title": "Rencana kerja DKLH"})


async def test_a_draft_for_a_year_that_the_successor_has_planned_passes_put_aside(city: City) -> None:
    plan = await city.draft(city.dlh)
    other = await city.draft(city.neighbour, organisation={"code": "12.71.01"})
    await city.admin.mutate("createOrganisation", NEW)
    head = {
        "organisation": {"code": "DKLH"},
        "accountId": city.camat_staff.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    await city.admin.mutate("appoint", head)
    await city.settled()
    own = await city.draft(city.camat_staff, organisation={"code": "DKLH"})
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day(), "successor": {"code": "DKLH"}}
    await city.admin.mutate("endOrganisation", end)
    await city.settled()
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on WorkPlan { organisation { code } archivedAt } } }"
    passed, kept, foreign = (await city.bappeda.query(query, ids=[plan, own, other]))["nodes"]
    assert passed["organisation"] == {"code": "DKLH"}
    assert passed["archivedAt"] is not None
    assert kept["archivedAt"] is None
    assert foreign["organisation"] == {"code": "12.71.01"}


async def test_an_end_in_the_past_writes_no_ownership_that_ends_before_it_begins(city: City) -> None:
    plan = await city.approved(city.dlh, year=2027)
    (target,) = await city.targets_of(plan)
    await end_dlh(city, city.day(-10))
    data = await city.outsider.query(
        "query($id: ID!) { target(by: {id: $id}) { owner { code }"
        " owners { nodes { organisation { code } validFrom validTo } } } }",
        id=target,
    )
    assert data["target"] == {
        "owner": {"code": "DKLH"},
        "owners": {"nodes": [{"organisation": {"code": "DKLH"}, "validFrom": "2027-01-01", "validTo": None}]},
    }


async def test_an_appointment_is_not_prolonged_into_anothers(city: City) -> None:
    head = {
        "organisation": {"code": "DINKES"},
        "accountId": city.dlh_staff.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    first = await city.admin.mutate("appoint", {**head, "validTo": city.day(10)}, "appointment { id }")
    await city.admin.mutate("appoint", {**head, "accountId": city.camat_staff.id, "validFrom": city.day(11)})
    longer = {"appointmentId": first["appointment"]["id"], "validTo": city.day(11)}
    error = await city.admin.refused("endAppointment", longer)
    assert (error["code"], error["path"]) == ("OVERLAPPING", ["validTo"])


async def test_an_ended_organisation_takes_no_new_work(city: City) -> None:
    """“An organisation that has ended takes no new work from its last day on.”"""
    plan = await city.draft(city.dlh)
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day()}
    await city.admin.mutate("endOrganisation", end)
    refused: dict[str, dict[str, Any]] = {
        "createTask": {"organisation": {"code": "DLH"}, "title": "Baru"},
        "createWorkPlan": {"organisation": {"code": "DLH"}, "year": 2027, "title": "Baru"},
        "createTarget": {
            "workPlanId": plan, "indicator": "x", "unit": "y", "direction": "MAXIMISE", "rollUp": "SUM",
            "targetValue": "1",
        },
        "submitWorkPlan": {"workPlanId": plan},
    }  # fmt: skip
    codes = {verb: (await city.dlh.refused(verb, given))["code"] for verb, given in refused.items()}
    assert codes == dict.fromkeys(refused, "ORGANISATION_ENDED")
    order = {"organisation": {"code": "DLH"}, "title": "Perintah", "dueOn": city.day(5)}
    assert (await city.mayor.refused("orderTask", order))["code"] == "ORGANISATION_ENDED"
    assert (await city.admin.refused("endOrganisation", end))["code"] in ("ORGANISATION_ENDED", "ALREADY_ENDED")


async def test_an_organisation_that_has_ended_names_its_successor_in_both_languages(city: City) -> None:
    await end_dlh(city, city.day())
    query = "mutation($order: OrderTaskInput!) { orderTask(input: $order) { errors { code message } } }"
    offered = '{ organisation(by: {code: "DLH"}) { allowedActions { verb refusals { message } } } }'
    given = {"order": {"organisation": {"code": "DLH"}, "title": "Perintah", "dueOn": city.day(5)}}
    for language, said in ENDED.items():
        message = said.format(day(language, city.today))
        _, refused = await send(city.mayor, query, given, language)
        assert refused["data"]["orderTask"]["errors"] == [{"code": "ORGANISATION_ENDED", "message": message}]
        _, shown = await send(city.mayor, offered, {}, language)
        actions = {each["verb"]: each for each in shown["data"]["organisation"]["allowedActions"]}
        assert actions["ORDER_TASK"]["refusals"] == [{"message": message}]


async def test_a_task_of_an_organisation_that_has_ended_names_its_last_day_and_its_successor(city: City) -> None:
    order = {"organisation": {"code": "DLH"}, "title": "Perintah", "dueOn": city.day(5), "needsEvidence": False}
    task = (await city.mayor.mutate("orderTask", order, "task { id }"))["task"]["id"]
    await city.dlh.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.dlh.mutate("completeTask", {"taskId": task})
    await end_dlh(city, city.day())
    query = 'mutation($id: ID!) { reopenTask(input: {taskId: $id, reason: "Ulang"}) { errors { code message } } }'
    shown = "query($id: ID!) { task(by: {id: $id}) { allowedActions { verb refusals { message } } } }"
    for language, said in ENDED.items():
        message = said.format(day(language, city.today))
        _, refused = await send(city.mayor, query, {"id": task}, language)
        assert refused["data"]["reopenTask"]["errors"] == [{"code": "ORGANISATION_ENDED", "message": message}]
        _, told = await send(city.mayor, shown, {"id": task}, language)
        actions = {each["verb"]: each for each in told["data"]["task"]["allowedActions"]}
        assert actions["REOPEN_TASK"]["refusals"] == [{"message": message}]


async def test_an_end_that_is_still_to_come_moves_nothing(city: City) -> None:
    task = await city.task(city.dlh)
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day(30), "successor": {"code": "DINKES"}}
    ended = await city.admin.mutate("endOrganisation", end, "organisation { validTo }")
    assert ended["organisation"] == {"validTo": city.day(30)}
    await city.settled()
    data = await city.dlh.query("query($id: ID!) { task(by: {id: $id}) { organisation { code } } }", id=task)
    assert data["task"]["organisation"]["code"] == "DLH"
    await city.task(city.dlh)


async def test_a_successor_is_of_the_same_kind_and_not_itself(city: City) -> None:
    end = {"organisationId": city.dlh.organisation_id, "validTo": city.day()}
    for code, expected in (("12.71.11", "WRONG_KIND"), ("DLH", "WRONG_ORGANISATION"), ("NIHIL", "NOT_FOUND")):
        error = await city.admin.refused("endOrganisation", {**end, "successor": {"code": code}})
        assert (error["code"], error["path"]) == (expected, ["successor"])


async def test_an_office_is_held_by_one_person_in_one_capacity_at_a_time(city: City) -> None:
    """“An office is held by one account at a time in each capacity.”"""
    head = {
        "organisation": {"code": "DINKES"},
        "accountId": city.dlh_staff.id,
        "capacity": "PLT",
        "validFrom": city.day(),
    }
    made = await city.admin.mutate("appoint", {**head, "decreeNumber": "821/2026"}, "appointment { id decreeNumber }")
    appointment = made["appointment"]["id"]
    other = {**head, "accountId": city.camat_staff.id}
    assert (await city.admin.refused("appoint", other))["code"] == "OVERLAPPING"
    plan = await city.draft(city.dlh_staff, organisation={"code": "DINKES"})
    await city.dlh_staff.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.admin.mutate("endAppointment", {"appointmentId": appointment, "validTo": city.day()})
    city.move(days=1)
    await city.admin.mutate("appoint", {**other, "validFrom": city.day()})
    await city.settled()
    await city.camat_staff.mutate("takeBackWorkPlan", {"workPlanId": plan})
    assert (await city.dlh_staff.refused("submitWorkPlan", {"workPlanId": plan}))["code"] == "NOT_YOUR_ORGANISATION"
