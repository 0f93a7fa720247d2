"""Tasks as people plan, do, block, wait for, talk about and finish them."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from server import installation
from server.database import connect
from server.ids import decode
from tests.city import City
from tests.person import Person, to_the_second

REPORT = "mutation($input: ReportProgressInput!) { reportProgress(input: $input) { task { progress } } }"
DONE = {"status": "DONE", "progress": 100}


async def look(person: Person, task: str, selection: str) -> Any:
    return (await person.query(f"query($id: ID!) {{ task(by: {{id: $id}}) {{ {selection} }} }}", id=task))["task"]


async def report(person: Person, task: str, progress: int) -> Any:
    given = {"taskId": task, "progress": progress}
    return (await person.mutate("reportProgress", given, "task { status progress }"))["task"]


async def test_a_task_goes_from_planned_to_done_by_reports_and_its_completion(city: City) -> None:
    task = await city.task(city.camat_staff, dueOn=city.day(10), priority="HIGH", assigneeId=city.camat_staff.id)
    assert await report(city.camat_staff, task, 0) == {"status": "PLANNED", "progress": 0}
    assert await report(city.camat_staff, task, 30) == {"status": "IN_PROGRESS", "progress": 30}
    assert (await city.camat.refused("completeTask", {"taskId": task}))["code"] == "NOT_COMPLETE"
    assert await report(city.camat_staff, task, 100) == {"status": "IN_PROGRESS", "progress": 100}
    done = await city.camat_staff.mutate(
        "completeTask", {"taskId": task, "note": "Selesai."}, "task { status progress completedAt statusLabel }"
    )
    assert to_the_second(done["task"]) == DONE | {"completedAt": "2026-06-15T09:00:00+07:00", "statusLabel": "Selesai"}
    history = await look(city.outsider, task, "version history { nodes { type subjectVersion sentence } }")
    types = [each["type"] for each in history["history"]["nodes"]]
    assert types == ["TASK_CREATED", *["TASK_PROGRESS_REPORTED"] * 3, "TASK_COMPLETED"]
    assert [each["subjectVersion"] for each in history["history"]["nodes"]] == [1, 2, 3, 4, 5]
    assert history["version"] == 5


async def test_a_task_is_started_without_a_report(city: City) -> None:
    task = await city.task(city.camat)
    started = await city.camat_staff.mutate("startTask", {"taskId": task}, "task { status progress }")
    assert started["task"] == {"status": "IN_PROGRESS", "progress": 0}
    error = await city.camat_staff.refused("startTask", {"taskId": task})
    assert (error["code"], error["from"], error["to"]) == ("MOVE_NOT_ALLOWED", "IN_PROGRESS", "IN_PROGRESS")
    assert set(error["allowed"]) == {"BLOCKED", "DONE", "CANCELLED"}


async def test_a_blocked_task_takes_reports_stays_blocked_and_asks_for_support_once(city: City) -> None:
    task = await city.task(city.camat)
    ask = {"taskId": task, "note": "Mohon bantuan truk."}
    assert (await city.camat.refused("askForSupport", ask))["code"] == "NOT_BLOCKED"
    blocked = await city.camat.mutate("blockTask", {"taskId": task, "reason": "Truk rusak."}, "task { statusReason }")
    assert blocked["task"]["statusReason"] == "Truk rusak."
    assert await report(city.camat, task, 20) == {"status": "BLOCKED", "progress": 20}
    asked = await city.camat.mutate("askForSupport", ask, "task { supportNote supportAskedAt }")
    shown = {"supportNote": "Mohon bantuan truk.", "supportAskedAt": "2026-06-15T09:00:00+07:00"}
    assert to_the_second(asked["task"]) == shown
    assert (await city.camat.refused("askForSupport", ask))["code"] == "ALREADY_ASKED"
    free = await city.camat.mutate("unblockTask", {"taskId": task}, "task { status statusReason supportNote }")
    assert free["task"] == {"status": "IN_PROGRESS", "statusReason": None, "supportNote": None}


async def test_the_mayors_office_answers_a_call_for_support_and_the_task_stays_blocked(city: City) -> None:
    task = await city.task(city.camat)
    answer = {"taskId": task, "answer": "Alat berat datang Kamis."}
    await city.camat.mutate("blockTask", {"taskId": task, "reason": "Jembatan putus."})
    assert (await city.sekda.refused("answerSupport", answer))["code"] == "SUPPORT_NOT_ASKED"
    await city.camat.mutate("askForSupport", {"taskId": task, "note": "Alat berat."})
    assert (await city.camat.refused("answerSupport", answer))["code"] == "NOT_YOUR_ROLE"
    shown = "task { status supportAnswer } event { type sentence }"
    answered = await city.sekda.mutate("answerSupport", answer, shown)
    assert answered["task"] == {"status": "BLOCKED", "supportAnswer": "Alat berat datang Kamis."}
    assert "Alat berat datang Kamis." in answered["event"]["sentence"]
    assert (await city.sekda.refused("answerSupport", answer))["code"] == "SUPPORT_NOT_ASKED"
    # Where that is not enough it asks again.
    again = {"taskId": task, "note": "Juga operator."}
    asked = await city.camat.mutate("askForSupport", again, "task { supportNote supportAnswer }")
    assert asked["task"] == {"supportNote": "Juga operator.", "supportAnswer": None}


async def test_cancelling_and_taking_up_again_need_a_reason(city: City) -> None:
    task = await city.task(city.camat)
    error = await city.camat.refused("cancelTask", {"taskId": task, "reason": "  "})
    assert (error["code"], error["path"]) == ("REQUIRED", ["reason"])
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Digabung."})
    assert (await city.camat.refused("reportProgress", {"taskId": task, "progress": 5}))["code"] == "MOVE_NOT_ALLOWED"
    again = await city.camat.mutate(
        "reopenTask", {"taskId": task, "reason": "Ternyata perlu."}, "task { status statusReason completedAt }"
    )
    assert again["task"] == {"status": "IN_PROGRESS", "statusReason": "Ternyata perlu.", "completedAt": None}


async def test_a_plan_that_needs_evidence_has_its_tasks_completed_with_evidence_only(city: City) -> None:
    plan = await city.approved(city.camat, needsEvidence=True)
    task = await city.task(city.camat, workPlanId=plan)
    await report(city.camat, task, 100)
    assert (await city.camat.refused("completeTask", {"taskId": task}))["code"] == "EVIDENCE_NEEDED"
    bad = await city.camat.refused("addEvidence", {"taskId": task, "url": "javascript:alert(1)"})
    assert (bad["code"], bad["path"]) == ("MALFORMED", ["url"])
    link = {"url": "https://medan.example.go.id/foto/1", "title": "Foto lokasi"}
    shown = await city.camat.mutate("addEvidence", {"taskId": task, **link}, "task { evidence { url title } }")
    assert shown["task"]["evidence"] == [link]
    await city.camat.mutate("completeTask", {"taskId": task})


async def test_of_an_ordered_task_what_it_says_and_its_end_belong_to_the_mayors_office(city: City) -> None:
    """“What it says (title, description, due date, priority, evidence asked for) is that office's, which alone cancels,
    moves, archives or reopens it; whoever got it does the work.”
    """
    order = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli", "dueOn": city.day(14)}
    assert (await city.camat.refused("orderTask", order))["code"] == "NOT_YOUR_ROLE"
    made = await city.sekda.mutate("orderTask", order, "task { id isOrdered priority needsEvidence workPlan { id } }")
    task = made["task"].pop("id")
    assert made["task"] == {"isOrdered": True, "priority": "HIGH", "needsEvidence": True, "workPlan": None}
    assert (await city.dlh.refused("cancelTask", {"taskId": task, "reason": "Tidak bisa"}))["code"] == "ORDERED_TASK"
    assert (await city.dlh.refused("archiveTask", {"taskId": task}))["code"] == "ORDERED_TASK"
    await report(city.dlh_staff, task, 100)
    assert (await city.dlh_staff.refused("completeTask", {"taskId": task}))["code"] == "EVIDENCE_NEEDED"
    for field, value in (("title", "Sudah bersih"), ("dueOn", city.day(40)), ("priority", "LOW"), ("description", "?")):
        error = await city.dlh_staff.refused("updateTask", {"taskId": task, field: value})
        assert (error["code"], error["path"]) == ("ORDERED_TASK", [field])
    await city.dlh_staff.mutate("updateTask", {"taskId": task, "startsOn": city.day(1)})
    await city.mayor.mutate("updateTask", {"taskId": task, "dueOn": city.day(20)})
    await city.mayor.mutate("cancelTask", {"taskId": task, "reason": "Sudah tertangani."})
    again = {"taskId": task, "reason": "Masih kotor."}
    assert (await city.dlh.refused("reopenTask", again))["code"] == "ORDERED_TASK"
    await city.sekda.mutate("reopenTask", again)


async def test_what_is_given_as_it_is_changes_nothing_and_is_refused_for_nothing(city: City) -> None:
    task = await city.task(city.camat, assigneeId=city.camat_staff.id)
    await city.camat.mutate("updateTask", {"taskId": task, "needsEvidence": False, "title": "Angkut sampah"})
    error = await city.camat.refused("updateTask", {"taskId": task, "needsEvidence": True})
    assert (error["code"], error["path"]) == ("NOT_ORDERED", ["needsEvidence"])
    order = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli", "dueOn": city.day(14)}
    ordered = (await city.mayor.mutate("orderTask", order))["task"]["id"]
    same = {"taskId": ordered, "needsEvidence": True, "dueOn": city.day(14), "title": "Bersihkan Sungai Deli"}
    await city.dlh.mutate("updateTask", {**same, "startsOn": city.day(1)})
    lead = (await city.outsider.query("{ programmes { nodes { id lead { code } } } }"))["programmes"]["nodes"][0]
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    await city.camat.mutate("updateTarget", {"targetId": target, "responsibleId": city.camat_staff.id})
    await city.camat.mutate("moveTask", {"taskId": task, "targetId": target})
    await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Pindah ke DLH."})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    await city.admin.mutate("disableAccount", {"accountId": city.camat_staff.id})
    for by, verb, given in (
        (city.camat, "updateTask", {"taskId": task, "needsEvidence": False}),
        (city.dlh, "updateTask", same),
        (city.camat, "assignTask", {"taskId": task, "assigneeId": city.camat_staff.id}),
        (city.camat, "moveTask", {"taskId": task, "targetId": target}),
        (city.admin, "updateProgramme", {"programmeId": lead["id"], "lead": {"code": lead["lead"]["code"]}}),
    ):
        assert (await by.mutate(verb, given))["isUnchanged"], (verb, given)


async def test_an_ordered_task_joins_the_plan_when_that_is_approved(city: City) -> None:
    order = {"organisation": {"code": "DLH"}, "title": "Bersihkan Sungai Deli", "dueOn": city.day(14)}
    task = (await city.mayor.mutate("orderTask", order))["task"]["id"]
    other = await city.task(city.dlh)
    plan = await city.approved(city.dlh)
    await city.settled()
    assert (await look(city.outsider, task, "workPlan { id }"))["workPlan"]["id"] == plan
    assert (await look(city.outsider, other, "workPlan { id }"))["workPlan"] is None


async def test_a_task_cannot_wait_for_itself_through_any_chain(city: City) -> None:
    first, second, third = [await city.task(city.camat, title=f"Langkah {n}") for n in range(3)]
    await city.camat.mutate("setTaskDependencies", {"taskId": first, "waitsForIds": [second]})
    await city.camat.mutate("setTaskDependencies", {"taskId": second, "waitsForIds": [third]})
    error = await city.camat.refused("setTaskDependencies", {"taskId": third, "waitsForIds": [first]})
    assert (error["code"], error["path"]) == ("CIRCULAR_WAIT", ["waitsForIds", "0"])
    error = await city.camat.refused("setTaskDependencies", {"taskId": third, "waitsForIds": [third]})
    assert error["code"] == "CIRCULAR_WAIT"
    seen = await look(city.outsider, second, "waitsFor { id } blocks { id } allowedActions { verb isAllowed }")
    assert (seen["waitsFor"], seen["blocks"]) == ([{"id": third}], [{"id": first}])
    await report(city.camat, first, 50)  # what is waited for is shown, and stops no work


async def test_two_waits_that_would_close_a_circle_together_do_not(city: City) -> None:
    first, second = [await city.task(city.camat, title=f"Langkah {n}") for n in range(2)]
    payloads = await asyncio.gather(
        city.camat.attempt("setTaskDependencies", {"taskId": first, "waitsForIds": [second]}),
        city.camat_staff.attempt("setTaskDependencies", {"taskId": second, "waitsForIds": [first]}),
    )
    assert sorted(len(each["errors"]) for each in payloads) == [0, 1]


async def test_a_task_may_wait_for_another_organisations(city: City) -> None:
    theirs = await city.task(city.dlh, title="Sediakan truk")
    task = await city.task(city.camat, waitsForIds=[theirs])
    assert (await look(city.camat, task, "waitsFor { id organisation { code } }"))["waitsFor"] == [
        {"id": theirs, "organisation": {"code": "DLH"}}
    ]


async def test_a_checklist_is_ticked_and_shortened_item_by_item(city: City) -> None:
    task = await city.task(city.camat, checklist=["Survei", "Angkut"])
    items = (await look(city.camat, task, "checklist { id text isDone }"))["checklist"]
    assert [(each["text"], each["isDone"]) for each in items] == [("Survei", False), ("Angkut", False)]
    tick = {"taskId": task, "itemId": items[0]["id"]}
    await city.camat_staff.mutate("tickChecklistItem", tick)
    assert (await city.camat.mutate("tickChecklistItem", tick))["isUnchanged"]
    added = {"taskId": task, "text": "Lapor"}
    shown = await city.camat.mutate("addChecklistItem", added, "task { checklist { text isDone } }")
    assert [each["isDone"] for each in shown["task"]["checklist"]] == [True, False, False]
    gone = {"taskId": task, "itemId": items[1]["id"]}
    shown = await city.camat.mutate("removeChecklistItem", gone, "task { checklist { text } }")
    assert [each["text"] for each in shown["task"]["checklist"]] == ["Survei", "Lapor"]
    assert (await city.camat.refused("removeChecklistItem", gone))["code"] == "NOT_FOUND"


async def test_anybody_comments_and_only_the_author_edits_and_removes(city: City) -> None:
    task = await city.task(city.camat)
    comments = "task { version comments { totalCount nodes { id text author { id } editedAt removedAt } } }"
    shown = await city.outsider.mutate("commentOnTask", {"taskId": task, "text": "Bagus."}, comments)
    (comment,) = shown["task"]["comments"]["nodes"]
    assert (comment["text"], comment["author"]["id"], comment["editedAt"]) == ("Bagus.", city.outsider.id, None)
    edit = {"commentId": comment["id"], "text": "Bagus sekali."}
    assert (await city.camat.refused("editComment", edit))["code"] == "NOT_THE_AUTHOR"
    city.move(minutes=5)
    shown = to_the_second(await city.outsider.mutate("editComment", edit, comments))
    (comment,) = shown["task"]["comments"]["nodes"]
    assert (comment["text"], comment["editedAt"]) == ("Bagus sekali.", "2026-06-15T09:05:00+07:00")
    gone = {"commentId": comment["id"]}
    shown = to_the_second(await city.outsider.mutate("removeComment", gone, comments))
    (comment,) = shown["task"]["comments"]["nodes"]
    assert (comment["text"], comment["removedAt"], shown["task"]["version"]) == ("", "2026-06-15T09:05:00+07:00", 4)
    assert (await city.outsider.refused("editComment", edit))["code"] == "COMMENT_REMOVED"
    words = await city.rows("SELECT count(*) FROM event WHERE changes::text || facts::text LIKE '%Bagus sekali%'")
    assert words == [{"count": 0}], "what was taken back stands in the log"


async def test_a_task_moves_between_targets_of_its_organisation_only(city: City) -> None:
    plan, theirs = await city.approved(city.camat, targets=2), await city.approved(city.dlh)
    first, second = await city.targets_of(plan)
    (foreign,) = await city.targets_of(theirs)
    task = await city.task(city.camat, targetId=first)
    where = "task { workPlan { id } target { id } programme { code } }"
    assert (await look(city.camat, task, "workPlan { id }"))["workPlan"]["id"] == plan
    moved = await city.camat.mutate("moveTask", {"taskId": task, "targetId": second}, where)
    assert (moved["task"]["workPlan"]["id"], moved["task"]["target"]["id"]) == (plan, second)
    error = await city.camat.refused("moveTask", {"taskId": task, "targetId": foreign})
    assert (error["code"], error["path"]) == ("WRONG_ORGANISATION", ["targetId"])
    out = await city.camat.mutate("moveTask", {"taskId": task}, where)
    assert (out["task"]["workPlan"], out["task"]["target"]) == (None, None)


async def test_an_archived_task_is_left_out_of_lists_and_found_by_its_id(city: City) -> None:
    task = await city.task(city.camat)
    early = await city.camat.refused("archiveTask", {"taskId": task})
    assert early["code"] == "TASK_OPEN"
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Sudah dikerjakan warga."})
    await city.camat.mutate("archiveTask", {"taskId": task})
    tasks = "{ tasks { totalCount } all: tasks(includeArchived: true) { totalCount } }"
    assert await city.outsider.query(tasks) == {"tasks": {"totalCount": 0}, "all": {"totalCount": 1}}
    assert await look(city.outsider, task, "id") == {"id": task}
    assert (await city.outsider.refused("commentOnTask", {"taskId": task, "text": "?"}))["code"] == "ARCHIVED"
    await city.camat.mutate("restoreTask", {"taskId": task})
    assert (await city.outsider.query(tasks))["tasks"] == {"totalCount": 1}


async def test_an_update_changes_what_is_given_and_clears_what_is_null(city: City) -> None:
    task = await city.task(
        city.camat, description="Lama", dueOn=city.day(3), kelurahan={"code": city.lurah.organisation}
    )
    given = {"taskId": task, "title": "Judul baru", "description": None}
    shown = await city.camat.mutate("updateTask", given, "task { title description dueOn kelurahan { code } }")
    assert shown["task"] == {
        "title": "Judul baru", "description": None, "dueOn": city.day(3),
        "kelurahan": {"code": city.lurah.organisation},
    }  # fmt: skip
    history = await look(city.camat, task, "history(last: 1) { nodes { changes { field before after } } }")
    assert history["history"]["nodes"][0]["changes"] == [
        {"field": "TITLE", "before": "Angkut sampah di Jalan Karya Jaya", "after": "Judul baru"},
        {"field": "DESCRIPTION", "before": "Lama", "after": None},
    ]
    again = await city.camat.mutate("updateTask", given, "task { id title version }")
    assert (again["isUnchanged"], again["task"]["title"]) == (True, "Judul baru")
    early = await city.camat.refused("updateTask", {"taskId": task, "startsOn": city.day(4)})
    assert (early["code"], early["path"]) == ("OUT_OF_RANGE", ["dueOn"])


async def test_a_task_is_given_to_people_of_its_organisation(city: City) -> None:
    task = await city.task(city.camat)
    given = {"taskId": task, "assigneeId": city.camat_staff.id}
    assert (await city.camat.mutate("assignTask", given, "task { assignee { id } }"))["task"]["assignee"] == {
        "id": city.camat_staff.id
    }
    error = await city.camat.refused("assignTask", {"taskId": task, "assigneeId": city.dlh_staff.id})
    assert (error["code"], error["path"]) == ("WRONG_ORGANISATION", ["assigneeId"])
    await city.camat.mutate("assignTask", {"taskId": task, "assigneeId": None})


@pytest.mark.parametrize("who", ["dlh", "neighbour", "outsider", "lurah", "bappeda", "admin"])
async def test_strangers_do_not_work_on_a_task(city: City, who: str) -> None:
    task = await city.task(city.camat)
    error = await getattr(city, who).refused("reportProgress", {"taskId": task, "progress": 1})
    assert error["code"] == "NOT_YOUR_ORGANISATION"


async def test_two_people_who_change_one_task_at_once_lose_nothing(city: City) -> None:
    task = await city.task(city.camat)
    payloads = await asyncio.gather(
        city.camat.attempt("updateTask", {"taskId": task, "title": "Satu", "ifVersion": 1}),
        city.camat_staff.attempt("updateTask", {"taskId": task, "title": "Dua", "ifVersion": 1}),
    )
    (refused,) = [each["errors"][0] for each in payloads if each["errors"]]
    (done,) = [each for each in payloads if not each["errors"]]
    assert (refused["code"], refused["current"], refused["path"]) == ("STALE_VERSION", 2, ["ifVersion"])
    assert done["task"]["version"] == 2


async def test_reports_that_arrive_together_without_a_version_are_all_kept(city: City) -> None:
    task = await city.task(city.camat)
    await asyncio.gather(*[report(city.camat, task, 10 + n) for n in range(5)])
    assert (await look(city.camat, task, "version"))["version"] == 6


@pytest.mark.shortcut
async def test_reports_of_many_at_the_same_moment_are_kept_together_each_with_its_own_event_and_key(
    city: City,
) -> None:
    reporters = [city.camat, city.camat_staff, city.dlh, city.dlh_staff]
    tasks = [(by, await city.task(by, title=f"Angkut {n}")) for by in reporters for n in range(3)]
    reported = "task { status progress } event { type actor { id } } isReplay"
    payloads = await asyncio.gather(
        *[
            by.mutate("reportProgress", {"taskId": task, "progress": 50, "idempotencyKey": task}, reported)
            for by, task in tasks
        ]
    )
    for (by, _), payload in zip(tasks, payloads, strict=True):
        assert payload["task"] == {"status": "IN_PROGRESS", "progress": 50}
        assert payload["event"] == {"type": "TASK_PROGRESS_REPORTED", "actor": {"id": by.id}}
    (kept,) = await city.rows(
        "SELECT count(*) AS events, count(DISTINCT xid) AS transactions FROM event WHERE type = $1",
        "TASK_PROGRESS_REPORTED",
    )
    assert kept["events"] == len(tasks)
    assert kept["transactions"] < len(tasks) / 2
    again = await asyncio.gather(
        *[
            by.mutate("reportProgress", {"taskId": task, "progress": 50, "idempotencyKey": task}, reported)
            for by, task in tasks
        ]
    )
    assert [each["isReplay"] for each in again] == [True] * len(tasks)
    assert [each["event"] for each in again] == [each["event"] for each in payloads]


async def test_of_reports_at_the_same_moment_each_stands_or_falls_alone(city: City) -> None:
    fine, stale, foreign, closed = [await city.task(city.camat, title=f"Angkut {n}") for n in range(4)]
    other = await city.task(city.camat, title="Sapu jalan")
    await report(city.camat, other, 10)
    await city.camat.mutate("cancelTask", {"taskId": closed, "reason": "Sudah dikerjakan warga."})
    await city.camat.mutate("reportProgress", {"taskId": other, "progress": 20, "idempotencyKey": "dulu"})
    payloads = await asyncio.gather(
        city.camat.attempt("reportProgress", {"taskId": fine, "progress": 30, "idempotencyKey": "satu"}),
        city.camat.attempt("reportProgress", {"taskId": stale, "progress": 30, "ifVersion": 7}),
        city.dlh.attempt("reportProgress", {"taskId": foreign, "progress": 30}),
        city.camat.attempt("reportProgress", {"taskId": closed, "progress": 30}),
        city.camat.attempt("reportProgress", {"taskId": other, "progress": 40, "idempotencyKey": "dulu"}),
        city.camat.attempt("reportProgress", {"taskId": stale, "progress": 60, "idempotencyKey": "satu"}),
        city.camat_staff.attempt("reportProgress", {"taskId": foreign, "progress": 60, "idempotencyKey": "satu"}),
    )
    codes = [each["errors"][0]["code"] if each["errors"] else None for each in payloads]
    # Of two inputs under one key of one account one was done; which of them is nobody's promise.
    assert sorted(filter(None, (codes[0], codes[5]))) == ["KEY_REUSED"]
    assert codes[1:5] == ["STALE_VERSION", "NOT_YOUR_ORGANISATION", "MOVE_NOT_ALLOWED", "KEY_REUSED"]
    assert codes[6] is None
    assert (await look(city.camat, foreign, "progress"))["progress"] == 60


async def test_a_part_that_postgresql_refuses_has_the_others_go_on_alone(city: City) -> None:
    tasks = [await city.task(city.camat, title=f"Angkut {n}") for n in range(4)]
    await city.rows("ALTER TABLE task ADD CONSTRAINT no_seven CHECK (progress <> 7)")
    answers = await asyncio.gather(
        *[
            city.camat.ask(REPORT, {"input": {"taskId": task, "progress": progress}})
            for task, progress in zip(tasks, (5, 6, 7, 8), strict=True)
        ]
    )
    await city.rows("ALTER TABLE task DROP CONSTRAINT no_seven")
    codes = [each["errors"][0]["extensions"]["code"] if "errors" in each else None for each in answers]
    assert codes == [None, None, "INTERNAL", None]
    found = [(await look(city.camat, task, "progress version")) for task in tasks]
    assert found == [
        {"progress": progress, "version": version} for progress, version in ((5, 2), (6, 2), (0, 1), (8, 2))
    ]
    city.witnessed |= {each["id"] for each in await city.rows("SELECT id FROM event")}


async def test_who_waits_for_a_counter_has_nobody_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = await city.task(city.camat, title="Angkut"), await city.task(city.dlh, title="Angkut")
    monkeypatch.setattr(installation, "DEADLINE", "300ms")
    holder = await connect(city.url)
    async with city.process() as site, holder.transaction():
        await holder.execute(
            "SELECT FROM task_count WHERE organisation_id = $1 FOR UPDATE", decode(city.camat.organisation_id)[1]
        )
        waiting, free = await asyncio.gather(
            city.camat.ask(REPORT, {"input": {"taskId": mine, "progress": 5}}, at=site),
            city.dlh.ask(REPORT, {"input": {"taskId": theirs, "progress": 5}}, at=site),
        )
    await holder.close()
    assert waiting["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert "errors" not in free
    city.witnessed |= {each["id"] for each in await city.rows("SELECT id FROM event")}


async def test_a_report_whose_task_is_held_by_somebody_else_waits_alone(city: City) -> None:
    held, free = await city.task(city.camat, title="Angkut"), await city.task(city.camat, title="Sapu")
    async with city.pool.connection() as holder:
        hold = holder.transaction()
        await hold.start()
        await holder.execute("SELECT FROM task WHERE id = $1 FOR UPDATE", decode(held)[1])
        waiting = asyncio.create_task(report(city.camat, held, 30))
        async with asyncio.timeout(5):
            await asyncio.gather(*[report(city.camat_staff, free, 10 + n) for n in range(3)])
        assert not waiting.done()
        await hold.rollback()
    await waiting
    assert (await look(city.camat, held, "progress"))["progress"] == 30


async def test_the_same_key_twice_does_the_work_once(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Sekali saja", "idempotencyKey": "k-1"}
    first = await city.camat.mutate("createTask", given)
    again = await city.camat.mutate("createTask", given)
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert (first["task"], first["witness"]) == (again["task"], again["witness"])
    other = await city.camat.refused("createTask", {**given, "title": "Lain"})
    assert (other["code"], other["path"]) == ("KEY_REUSED", ["idempotencyKey"])
    theirs = await city.camat_staff.mutate("createTask", given)
    assert theirs["task"]["id"] != first["task"]["id"]


async def test_the_same_key_twice_at_once_does_the_work_once(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Sekali saja", "idempotencyKey": "k-1"}
    async with city.process() as other:
        payloads = await asyncio.gather(
            *[city.camat.mutate("createTask", given, at=at) for at in (city.site, other) * 3]
        )
    assert len({each["task"]["id"] for each in payloads}) == 1
    assert sorted(each["isReplay"] for each in payloads) == [False, *[True] * 5]
    assert await city.rows("SELECT count(*) FROM task") == [{"count": 1}]


async def test_a_replay_shows_the_object_as_it_is_now(city: City) -> None:
    task = await city.task(city.camat)
    given = {"taskId": task, "idempotencyKey": "mulai"}
    await city.camat.mutate("startTask", given)
    await report(city.camat, task, 60)
    again = await city.camat.mutate("startTask", given, "task { progress } event { type }")
    assert (again["task"], again["event"]) == ({"progress": 60}, {"type": "TASK_STARTED"})


async def test_a_refusal_keeps_no_key(city: City) -> None:
    task = await city.task(city.camat)
    given = {"taskId": task, "idempotencyKey": "tutup"}
    await city.camat.refused("completeTask", given)
    await report(city.camat, task, 100)
    assert not (await city.camat.mutate("completeTask", given))["isReplay"]


async def test_a_dry_run_shows_what_would_be_and_keeps_nothing(city: City) -> None:
    task = await city.task(city.camat)
    given = {"taskId": task, "progress": 55, "dryRun": True, "idempotencyKey": "coba"}
    tried = await city.camat.mutate("reportProgress", given, "task { status progress version } event { id }")
    assert tried["task"] == {"status": "IN_PROGRESS", "progress": 55, "version": 2}
    assert (tried["isDryRun"], tried["event"]) == (True, None)
    assert await look(city.camat, task, "status progress version") == {"status": "PLANNED", "progress": 0, "version": 1}
    assert await city.rows("SELECT count(*) FROM idempotency_key") == [{"count": 0}]
    refused = await city.camat.refused("completeTask", {"taskId": task, "dryRun": True})
    assert refused["code"] == "MOVE_NOT_ALLOWED"
    new = {"organisation": {"code": city.camat.organisation}, "title": "Coba", "dryRun": True}
    made = await city.camat.mutate("createTask", new, "task { title history { nodes { type } } }")
    assert made["task"]["title"] == "Coba"
    assert await city.rows("SELECT count(*) FROM task") == [{"count": 1}]


async def test_what_is_not_done_by_its_day_is_overdue_the_day_after(city: City) -> None:
    task = await city.task(city.camat, dueOn=city.day(2))
    late = "{ tasks(filter: {isOverdue: {eq: true}}) { nodes { id } } }"
    city.move(days=2)
    assert (await city.outsider.query(late))["tasks"]["nodes"] == []
    city.go_to(date(2026, 6, 18), hour=0)
    assert (await city.outsider.query(late))["tasks"]["nodes"] == [{"id": task}]
    await report(city.camat, task, 100)
    await city.camat.mutate("completeTask", {"taskId": task})
    assert (await city.outsider.query(late))["tasks"]["nodes"] == []


async def test_a_task_reopened_in_a_closed_plan_is_carried_over_at_once(city: City) -> None:
    """“In a closed plan nothing is worked on; a task that is reopened there is carried over.”"""
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, targetId=target)
    await report(city.camat, task, 100)
    await city.camat.mutate("completeTask", {"taskId": task})
    city.go_to(date(2027, 2, 1))
    next_plan = await city.approved(city.camat, year=2027)
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan})
    given = {"taskId": task, "reason": "Belum tuntas."}
    again = await city.camat.mutate("reopenTask", given, "task { status workPlan { id } target { id } }")
    assert again["task"] == {"status": "IN_PROGRESS", "workPlan": {"id": next_plan}, "target": None}


async def test_an_external_id_is_unique_within_its_organisation(city: City) -> None:
    await city.task(city.camat, externalId="SIPD-1")
    given = {"organisation": {"code": city.camat.organisation}, "title": "Lain", "externalId": "SIPD-1"}
    error = await city.camat.refused("createTask", given)
    assert (error["code"], error["path"]) == ("ALREADY_EXISTS", ["externalId"])
    await city.task(city.dlh, externalId="SIPD-1")
