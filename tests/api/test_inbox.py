"""The inbox: what waits for whom, gone with the act that settles it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest

from server.actions.inbox import HELP_WANTED, OVERDUE_ORDERS
from server.ids import decode
from server.rules.aggregates import VISIBILITIES
from server.rules.collaboration_facts import RequestStatus
from server.rules.visibility import NOBODY, Visibility
from server.schema import inbox as schema_inbox
from tests import cases
from tests.city import City
from tests.person import Person
from tests.verbs import mutation_of

INBOX = """query($first: Int, $after: Cursor) { viewer { inbox(first: $first, after: $after) {
  totalCount overdueCount pageInfo { hasNextPage endCursor }
  nodes { kind verb verbLabel dueAt isOverdue sentence
    subject { id ... on Task { title } ... on Target { indicator } ... on WorkPlan { title } } } } } }"""


async def inbox(person: Person, **variables: Any) -> Any:
    return (await person.query(INBOX, **variables))["viewer"]["inbox"]


async def kinds(person: Person) -> list[tuple[str, str]]:
    """What waits for them, and about what."""
    return [(each["kind"], each["subject"]["id"]) for each in (await inbox(person))["nodes"]]


async def test_a_submitted_plan_waits_for_reviewers_of_other_organisations_until_it_is_answered(city: City) -> None:
    plan = await city.draft(city.camat)
    assert await kinds(city.bappeda) == []
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    (entry,) = (await inbox(city.bappeda))["nodes"]
    assert entry == entry | {
        "kind": "PLAN_TO_REVIEW", "verb": "APPROVE_WORK_PLAN", "dueAt": None, "isOverdue": False,
        "subject": {"id": plan, "title": "Rencana kerja 2026"},
    }  # fmt: skip
    assert "Rencana kerja 2026" in entry["sentence"]
    assert await kinds(city.outsider) == []
    await city.bappeda.mutate("returnWorkPlan", {"workPlanId": plan, "note": "Lengkapi."})
    assert await kinds(city.bappeda) == []


async def test_cursors_are_sealed_only_where_they_are_asked_for(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        await city.task(city.dlh, title=f"Kerja {number}", dueOn=city.day(2), assigneeId=city.dlh.id)
    made: list[Any] = []
    seal = schema_inbox.sealed

    def counted(*given: Any) -> Any:
        made.append(given)
        return seal(*given)

    monkeypatch.setattr(schema_inbox, "sealed", counted)
    for selection, count in (
        ("totalCount overdueCount nodes { kind sentence subject { id } }", 0),
        ("nodes { kind } pageInfo { hasNextPage endCursor }", 2),
        ("edges { cursor node { kind } }", 4),
    ):
        # What graphql-core completes, because something else is unusual, is the same.
        for beside in ("", "__schema { queryType { name } }"):
            made.clear()
            query = f"{{ viewer {{ inbox(first: 10) {{ {selection} }} }} {beside} }}"
            assert (await city.dlh.query(query))["viewer"]["inbox"]
            assert len(made) == count, (selection, beside)


async def test_a_reading_waits_from_the_end_of_its_quarter_for_whoever_keeps_the_target(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "10", "measuredOn": "2026-06-10"})
    assert await kinds(city.camat) == []
    city.go_to(date(2026, 10, 1))
    assert await kinds(city.camat) == await kinds(city.camat_staff) == [("MEASUREMENT_DUE", target)]
    (entry,) = (await inbox(city.camat_staff))["nodes"]
    assert entry["dueAt"] == "2026-10-14T23:59:59+07:00"
    await city.camat.mutate("updateTarget", {"targetId": target, "responsibleId": city.camat.id})
    assert await kinds(city.camat_staff) == []
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "30", "measuredOn": "2026-09-30"})
    assert await kinds(city.camat) == []


async def test_a_task_waits_within_its_last_week_for_its_assignee_and_else_for_the_head(city: City) -> None:
    later, soon = await city.task(city.camat, dueOn=city.day(8)), await city.task(city.camat, dueOn=city.day(7))
    late = await city.task(city.camat, dueOn=city.day(2), assigneeId=city.camat_staff.id)
    assert await kinds(city.camat) == [("TASK_DUE", soon)]
    assert await kinds(city.camat_staff) == [("TASK_DUE", late)]
    city.move(days=4)
    assert await kinds(city.camat) == [("TASK_DUE", soon), ("TASK_DUE", later)]
    found = await inbox(city.camat_staff)
    assert (found["totalCount"], found["overdueCount"]) == (1, 1)
    await city.camat_staff.mutate("reportProgress", {"taskId": late, "progress": 100})
    assert [each["verb"] for each in (await inbox(city.camat_staff))["nodes"]] == ["COMPLETE_TASK"]
    await city.camat_staff.mutate("completeTask", {"taskId": late})
    assert await kinds(city.camat_staff) == []


async def test_the_inbox_is_paged_by_deadline_and_nothing_comes_twice(city: City) -> None:
    tasks = [await city.task(city.camat, title=f"Kerja {n}", dueOn=city.day(n % 3)) for n in range(7)]
    seen: list[str] = []
    after = None
    for _ in range(4):
        page = await inbox(city.camat, first=2, after=after)
        assert page["totalCount"] == 7
        seen += [each["subject"]["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] == (len(seen) < 7)
    assert sorted(seen) == sorted(tasks)
    due = {task: n % 3 for n, task in enumerate(tasks)}
    assert [due[task] for task in seen] == sorted(due.values())
    for wrong in ({"first": 101}, {"after": await city.camat.position()}):
        (error,) = (await city.camat.ask(INBOX, wrong))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", error
        assert error["extensions"]["constraint"]


PAGE = """query($first: Int, $after: Cursor, $last: Int, $before: Cursor) { viewer {
  inbox(first: $first, after: $after, last: $last, before: $before) {
    nodes { id subject { id } } edges { cursor node { id subject { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def test_it_is_paged_from_its_end_as_well_and_its_edges_are_its_nodes(city: City) -> None:
    for n in range(5):
        await city.task(city.camat, title=f"Kerja {n}", dueOn=city.day(n % 3))

    async def page(**asked: Any) -> Any:
        found = (await city.camat.query(PAGE, **asked))["viewer"]["inbox"]
        assert [each["node"] for each in found["edges"]] == found["nodes"]
        cursors = [each["cursor"] for each in found["edges"]]
        info = found["pageInfo"]
        assert cursors[:1] + cursors[-1:] == [info["startCursor"], info["endCursor"]]
        return [each["id"] for each in found["nodes"]], info["hasPreviousPage"], info["hasNextPage"], info

    whole, *_ = await page()
    assert len(set(whole)) == 5
    assert all(each.startswith("inbox_") for each in whole)
    assert (await page())[0] == whole  # the same as long as it waits
    ids, before, after, info = await page(last=2)
    assert (ids, before, after) == (whole[3:], True, False)
    ids, before, after, info = await page(last=2, before=info["startCursor"])
    assert (ids, before, after) == (whole[1:3], True, True)
    ids, before, after, info = await page(before=info["startCursor"])
    assert (ids, before, after) == (whole[:1], False, True)
    ids, before, after, info = await page(first=2, after=info["endCursor"])
    assert (ids, before, after) == (whole[1:3], True, True)
    assert (await page(first=9, after=info["endCursor"]))[:3] == (whole[3:], True, False)
    cursor = info["endCursor"]
    wrongs: list[dict[str, Any]] = [
        {"first": 1, "last": 1},
        {"after": cursor, "before": cursor},
        {"first": 1, "before": cursor},
        {"last": 1, "after": cursor},
        {"last": 101},
        {"before": await city.camat.position()},
    ]
    for wrong in wrongs:
        (error,) = (await city.camat.ask(PAGE, wrong))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", wrong
        assert error["extensions"]["coordinate"].startswith("Viewer.inbox"), wrong


async def test_an_inbox_costs_a_statement_for_each_type_however_long_it_is(city: City) -> None:
    for number in range(3):
        await city.task(city.camat, dueOn=city.day(1), title=f"Kerja {number}")
    short = (await city.camat.ask(INBOX, {"first": 1}))["extensions"]["cost"]["actual"]
    long = (await city.camat.ask(INBOX, {"first": 3}))["extensions"]["cost"]["actual"]
    assert long - short == 2  # two rows more, no statement


async def test_who_watches_the_inbox_is_told_of_it_and_again_when_it_has_changed(city: City) -> None:
    socket = await city.bappeda.socket()
    watcher = socket.subscribe("inboxChanged", "subscription { inboxChanged { totalCount nodes { kind } } }", {})
    assert await watcher.next() == {"totalCount": 0, "nodes": []}
    plan = await city.draft(city.camat)
    await city.task(city.neighbour)  # concerns nobody who watches
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert await watcher.next() == {"totalCount": 1, "nodes": [{"kind": "PLAN_TO_REVIEW"}]}
    await city.camat.mutate("takeBackWorkPlan", {"workPlanId": plan})
    assert await watcher.next() == {"totalCount": 0, "nodes": []}


async def test_an_inbox_that_stays_the_same_is_not_told_again(city: City) -> None:
    socket = await city.camat.socket()
    watcher = socket.subscribe("inboxChanged", "subscription { inboxChanged { totalCount } }", {})
    assert await watcher.next() == {"totalCount": 0}
    task = await city.task(city.camat)  # due on no day
    await city.camat.mutate("updateTask", {"taskId": task, "dueOn": city.day(1)})
    assert await watcher.next() == {"totalCount": 1}


async def test_nobody_is_told_of_a_draft_of_an_organisation_that_they_left(city: City) -> None:
    plan = await city.draft(city.camat)
    task = await city.task(city.camat, workPlanId=plan, assigneeId=city.camat_staff.id, dueOn=city.day(1))
    (entry,) = (await inbox(city.camat_staff))["nodes"]
    assert entry["subject"]["id"] == task
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "organisation": {"code": "DLH"}})
    await city.settled()
    left = await city.sign_in(city.camat_staff.login)
    assert await inbox(left) == {
        "totalCount": 0, "overdueCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None},
    }  # fmt: skip
    # The task keeps its assignee until its organisation names another; also once it is public it waits for the head.
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert await kinds(left) == []
    assert await kinds(city.camat) == [("TASK_DUE", task)]


async def test_who_left_the_organisation_is_told_of_no_task_and_no_reading_of_it_and_its_head_is(city: City) -> None:
    """“Each entry names its verb, which is allowed to whoever sees it, and has its subject's clock where that has one
    (a task says its own); it is gone with the act that settles it, whoever did it.”"""
    (target,) = await city.targets_of(await city.approved(city.camat))
    await city.camat.mutate("updateTarget", {"targetId": target, "responsibleId": city.camat_staff.id})
    task = await city.task(city.camat, dueOn="2026-07-03", assigneeId=city.camat_staff.id)
    city.go_to(date(2026, 7, 2))
    assert {*await kinds(city.camat_staff)} == {("MEASUREMENT_DUE", target), ("TASK_DUE", task)}
    assert await kinds(city.camat) == [("MEASUREMENT_DUE", target)]
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "organisation": {"code": "DLH"}})
    await city.settled()
    assert await kinds(await city.sign_in(city.camat_staff.login)) == []
    assert {*await kinds(city.camat)} == {("MEASUREMENT_DUE", target), ("TASK_DUE", task)}


async def test_a_task_of_whom_may_not_do_it_any_more_waits_for_the_head(city: City) -> None:
    task = await city.task(city.camat, dueOn=city.day(1), assigneeId=city.camat_staff.id)
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "role": "OBSERVER"})
    assert await kinds(city.camat) == [("TASK_DUE", task)]
    assert await kinds(await city.sign_in(city.camat_staff.login)) == []
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "role": "STAFF"})
    assert await kinds(city.camat) == []
    await city.admin.mutate("disableAccount", {"accountId": city.camat_staff.id})
    assert await kinds(city.camat) == [("TASK_DUE", task)]


async def test_nobody_is_told_of_a_case_of_an_office_that_they_no_longer_hold_but_its_person(city: City) -> None:
    case = await cases.filed(city)
    of_nobody = await cases.filed(city, status=RequestStatus.DECLINED, answered_at=cases.ASKED)
    assert {("REPLY_DUE", case), ("REPLY_DUE", of_nobody)} <= {*await kinds(city.dlh)}
    held = await city.rows(
        "UPDATE appointment SET valid_to = $1 WHERE account_id = $2 RETURNING id",
        city.today - timedelta(days=1),
        decode(city.dlh.id)[1],
    )
    assert held
    city.is_altered_by_hand = True
    assert await kinds(await city.sign_in(city.dlh.login)) == [("PERSON_REPLY_DUE", case)]


async def test_every_row_that_an_inbox_tells_of_is_one_that_its_viewer_sees(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule is asked of whatever there is: where it hides everything, nothing is told."""
    await city.approved(city.neighbour)
    city.go_to(date(2026, 10, 1))
    people = [city.dlh, city.bappeda, city.neighbour, city.camat]
    await city.request(city.camat, city.dlh)
    await cases.filed(city)
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.task(city.camat, dueOn=city.day(1))
    people = [await city.sign_in(person.login) for person in people]

    async def told() -> set[str]:
        return {subject.partition("_")[0] for person in people for _, subject in await kinds(person)}

    tables = {"req": "collaboration_request", "case": "escalation", "plan": "work_plan", "target": "target"}
    tables["task"] = "task"
    assert await told() == tables.keys()
    for prefix, table in tables.items():
        with monkeypatch.context() as hidden:
            hidden.setitem(cast(dict[str, Visibility], VISIBILITIES), table, NOBODY)
            assert prefix not in await told()


async def test_a_cursor_of_an_inbox_is_its_viewers(city: City) -> None:
    for person in (city.camat, city.dlh):
        await city.task(person, dueOn=city.day(1))
        await city.task(person, dueOn=city.day(2))
    page = "query($after: Cursor) { viewer { inbox(first: 1, after: $after) { pageInfo { endCursor } } } }"
    cursor = (await city.camat.query(page))["viewer"]["inbox"]["pageInfo"]["endCursor"]
    assert "errors" not in await city.camat.ask(page, {"after": cursor})
    (error,) = (await city.dlh.ask(page, {"after": cursor}))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == ("BAD_USER_INPUT", ["after"])


async def test_a_returned_plan_waits_for_its_head_and_staff_until_it_is_submitted_again(city: City) -> None:
    plan = await city.draft(city.camat)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("returnWorkPlan", {"workPlanId": plan, "note": "Lengkapi."})
    for person, verb in ((city.camat, "submitWorkPlan"), (city.camat_staff, "updateWorkPlan")):
        (entry,) = (await inbox(person))["nodes"]
        assert (entry["kind"], mutation_of(entry["verb"]), entry["subject"]["id"]) == ("PLAN_TO_MEND", verb, plan)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    assert await kinds(city.camat) == await kinds(city.camat_staff) == []


async def test_a_plans_amendments_wait_as_one_for_the_signature_and_then_for_the_reviewers(city: City) -> None:
    plan = await city.approved(city.camat, targets=2)
    targets = await city.targets_of(plan)
    for target in targets:
        await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "10", "measuredOn": "2026-06-10"})
    socket = await city.bappeda.socket()
    watcher = socket.subscribe("inboxChanged", "subscription { inboxChanged { nodes { kind verb } } }", {})
    assert await watcher.next() == {"nodes": []}
    for target in targets:
        await city.camat_staff.mutate("amendTarget", {"targetId": target, "targetValue": "80", "reason": "Anggaran."})
    assert await kinds(city.camat) == [("AMENDMENTS_TO_SIGN", plan)]
    assert await kinds(city.camat_staff) == await kinds(city.bappeda) == await kinds(city.sekda) == []
    await city.camat.mutate("signAmendments", {"targetIds": targets})
    assert await watcher.next() == {"nodes": [{"kind": "AMENDMENTS_TO_REVIEW", "verb": "APPROVE_AMENDMENTS"}]}
    assert await kinds(city.camat) == []
    assert await kinds(city.bappeda) == await kinds(city.sekda) == [("AMENDMENTS_TO_REVIEW", plan)]
    waiting = "query($plan: ID!) { amendments(filter: {status: {eq: PROPOSED}, target: {workPlan: {id: {eq: $plan}}}})"
    found = await city.bappeda.query(waiting + " { nodes { target { id } } } }", plan=plan)
    assert [each["target"]["id"] for each in found["amendments"]["nodes"]] == targets
    await city.bappeda.mutate("approveAmendments", {"targetIds": targets})
    assert await watcher.next() == {"nodes": []}


async def test_a_target_that_is_to_be_handed_over_waits_for_the_receivers_head(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    socket = await city.dlh.socket()
    watcher = socket.subscribe("inboxChanged", "subscription { inboxChanged { nodes { kind verb sentence } } }", {})
    assert await watcher.next() == {"nodes": []}
    give = {"targetId": target, "organisation": {"code": "DLH"}, "reason": "Tugas dinas."}
    await city.camat.mutate("handOverTarget", give)
    (told,) = (await watcher.next())["nodes"]
    assert (told["kind"], told["verb"]) == ("HAND_OVER_TO_ANSWER", "ACCEPT_HAND_OVER")
    assert "Sampah terangkut 1" in told["sentence"]
    assert await kinds(city.dlh_staff) == await kinds(city.bappeda) == []
    await city.dlh.mutate("acceptHandOver", {"targetId": target})
    assert await watcher.next() == {"nodes": []}
    assert await kinds(city.bappeda) == [("AMENDMENTS_TO_REVIEW", plan)]


async def test_what_waits_of_the_mayors_office_among_all_tasks_is_found_by_indexes_of_their_own(city: City) -> None:
    looked_for = {"task_help_wanted": HELP_WANTED, "task_open_order": OVERDUE_ORDERS}
    async with city.pool.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")  # however few tasks there are
        for index, where in looked_for.items():
            text = f"EXPLAIN SELECT * FROM task WHERE {where}".replace("$1", "current_date")
            plan = "\n".join(row[0] for row in await connection.fetch(text))
            assert index in plan
