"""Many rows in one call: by the single verbs' rules and with their events, all or none, or each for itself."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from tests.city import City
from tests.person import Person
from tests.verbs import ERRORS

Json = dict[str, Any]
RESULTS = f"changedCount unchangedCount refusedCount results {{ row isUnchanged event {{ id type }} {ERRORS} %s }}"
TASKS = RESULTS % "task { id title version externalId }"
TARGETS = RESULTS % "target { id indicator version externalId isProposed }"
READINGS = RESULTS % "measurement { id value }"
EVENT = "type subjectVersion organisations { code } capacity changes { field before after } sentence"


def task_row(city: City, number: int, **more: Any) -> Json:
    code = city.camat.organisation
    return {"organisation": {"code": code}, "title": f"Angkut {number}", "externalId": f"SIPD-{number}", **more}


def said(errors: list[Json]) -> list[tuple[str, list[str]]]:
    return [(each["code"], each["path"]) for each in errors]


def counts(payload: Json) -> tuple[int, int, int]:
    return payload["changedCount"], payload["unchangedCount"], payload["refusedCount"]


async def realised(by: Person, target: str) -> Json:
    query = "query($id: ID!) { target(by: {id: $id}) { version realised measurements { nodes { isSuperseded } } } }"
    found: Json = (await by.query(query, id=target))["target"]
    return found


async def test_rows_are_done_in_input_order_each_with_the_event_of_the_single_verb(city: City) -> None:
    lurah, due = city.lurah.organisation, city.day(9)
    watcher = await city.outsider.watch("taskChanged", filter={"title": {"startsWith": "Angkut"}})
    more = {"description": " Pagi ", "dueOn": due, "kelurahan": {"code": lurah}, "checklist": ["Satu", "Dua"]}
    rows = [task_row(city, number, **more) for number in range(30)]
    told = await city.camat_staff.mutate("createTasks", {"rows": rows}, TASKS)
    assert counts(told) == (30, 0, 0)
    assert [each["row"] for each in told["results"]] == [*range(30)]
    assert [each["task"]["externalId"] for each in told["results"]] == [row["externalId"] for row in rows]
    assert {each["event"]["type"] for each in told["results"]} == {"TASK_CREATED"}
    changes = [await watcher.next() for _ in rows]
    assert [each["nodeId"] for each in changes] == [each["task"]["id"] for each in told["results"]]
    found = await city.outsider.query('{ tasks(search: "angkut pagi", first: 50) { totalCount } }')
    assert found["tasks"]["totalCount"] == 30
    one = (await city.camat_staff.mutate("createTask", task_row(city, 30, **more)))["task"]["id"]
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Task {{ history {{ nodes {{ {EVENT} }} }} }} }} }}"
    ids = [told["results"][0]["task"]["id"], one]
    first, last = (await city.outsider.query(query, ids=ids))["nodes"]
    changed = [{each["field"] for each in node["history"]["nodes"][0].pop("changes")} for node in (first, last)]
    assert changed[0] == changed[1]
    assert str(first).replace("Angkut 0", "") == str(last).replace("Angkut 30", "")


async def test_of_all_or_none_every_row_at_fault_is_named_and_nothing_is_kept(city: City) -> None:
    rows = [task_row(city, number) for number in range(6)]
    rows[1]["title"], rows[2]["organisation"] = " ", {"code": "NIHIL"}
    rows[3] |= {"dueOn": "2026-01-01", "startsOn": "2026-02-01"}
    rows[4]["organisation"] = {"code": "DLH"}
    for given in ({}, {"dryRun": True}, {"idempotencyKey": "sinkron-1"}):
        told = await city.camat_staff.attempt("createTasks", {"rows": rows, **given}, TASKS)
        assert said(told["errors"]) == [
            ("REQUIRED", ["rows", "1", "title"]),
            ("NOT_FOUND", ["rows", "2", "organisation"]),
            ("OUT_OF_RANGE", ["rows", "3", "dueOn"]),
            ("NOT_YOUR_ORGANISATION", ["rows", "4"]),
        ]
        assert told["errors"][2]["constraint"] == "1 Februari 2026 sampai 31 Desember 2200"
        assert told["results"] is None
    assert await city.rows("SELECT FROM task") == []
    # A refusal keeps no key: mended, the same one is good.
    rows = [rows[0], rows[5]]
    assert counts(await city.camat_staff.mutate("createTasks", {"rows": rows, **given}, TASKS)) == (2, 0, 0)


async def test_each_for_itself_the_others_are_kept_and_a_row_leaves_all_or_nothing(city: City) -> None:
    await city.camat_staff.mutate("upsertTasks", {"rows": [task_row(city, number) for number in range(3)]}, TASKS)
    rows = [task_row(city, number, title="Lain") for number in range(4)]
    rows[1]["assigneeId"] = city.dlh_staff.id  # after its title was changed
    rows[2]["title"] = "x" * 301
    given = {"rows": rows, "mode": "PARTIAL"}
    told = await city.camat_staff.mutate("upsertTasks", given, TASKS)
    assert counts(told) == (2, 0, 2)
    assert [said(each["errors"]) for each in told["results"]] == [
        [],
        [("WRONG_ORGANISATION", ["rows", "1", "assigneeId"])],
        [("TOO_LONG", ["rows", "2", "title"])],
        [],
    ]
    assert [each["task"] and each["task"]["version"] for each in told["results"]] == [2, None, None, 1]
    kept = await city.rows("SELECT title, version FROM task ORDER BY external_id")
    assert [(each["title"], each["version"]) for each in kept] == [
        *(("Lain", 2), ("Angkut 1", 1), ("Angkut 2", 1), ("Lain", 1))
    ]
    none = await city.outsider.attempt("upsertTasks", given, TASKS)
    assert counts(none) == (0, 2, 2)  # what says nothing new is no change, whoever says it


async def test_how_many_rows_and_which_are_the_same_is_told_before_anything_is_done(city: City) -> None:
    many = {"rows": [task_row(city, number) for number in range(1_001)]}
    error = await city.camat_staff.refused("upsertTasks", many)
    assert (error["code"], error["path"], error["constraint"]) == ("TOO_MANY", ["rows"], "1 sampai 1000")
    assert (await city.camat_staff.refused("recordMeasurements", {"rows": []}))["code"] == "REQUIRED"
    rows = [task_row(city, number) for number in (1, 2, 1)]
    rows[2]["externalId"] = " SIPD-1 "
    twice = [("GIVEN_TWICE", ["rows", "0", "externalId"]), ("GIVEN_TWICE", ["rows", "2", "externalId"])]
    for verb in ("createTasks", "upsertTasks"):
        told = await city.camat_staff.attempt(verb, {"rows": rows}, TASKS)
        assert (said(told["errors"]), told["results"]) == (twice, None)
        assert told["errors"][0]["constraint"].startswith("Baris 2 memakai nomor yang sama")
    told = await city.camat_staff.mutate("createTasks", {"rows": rows, "mode": "PARTIAL"}, TASKS)
    assert [each for row in told["results"] for each in said(row["errors"])] == twice
    assert counts(told) == (1, 0, 2)
    document = "mutation($rows: [CreateTasksRow!]!) { createTasks(input: {rows: $rows}) { changedCount } }"
    rows = [{**rows[0], "targetId": "task_01kc0000000000000000000000"}]
    (error,) = (await city.camat_staff.ask(document, {"rows": rows}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["path"][-3:] == ["rows", "0", "targetId"]


async def test_an_upsert_changes_what_differs_and_a_row_that_says_nothing_new_leaves_no_trace(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    rows = [task_row(city, number, dueOn=city.day(number + 1)) for number in range(4)]
    first = await city.camat_staff.mutate("upsertTasks", {"rows": rows}, TASKS)
    ids = [each["task"]["id"] for each in first["results"]]
    await city.camat_staff.mutate("reportProgress", {"taskId": ids[0], "progress": 100})
    await city.camat_staff.mutate("completeTask", {"taskId": ids[0]})
    position = await city.last_position()
    again = await city.camat_staff.mutate("upsertTasks", {"rows": rows, "idempotencyKey": "malam"}, TASKS)
    assert counts(again) == (0, 4, 0)
    assert again["isUnchanged"]
    assert await city.last_position() == position
    assert {each["isUnchanged"] for each in again["results"]} == {True}
    assert [each["task"]["id"] for each in again["results"]] == ids
    rows[1] |= {"targetId": target, "assigneeId": city.camat_staff.id, "title": "Sapu"}
    rows[2] |= {"dueOn": None}
    rows[0] |= {"title": "Selesai"}
    told = await city.camat_staff.mutate("upsertTasks", {"rows": rows, "mode": "PARTIAL"}, TASKS)
    assert counts(told) == (2, 1, 1)
    assert said(told["results"][0]["errors"]) == [("MOVE_NOT_ALLOWED", ["rows", "0"])]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { title dueOn target { id } workPlan { id }"
    query += " assignee { id } history { nodes { type } } } } }"
    moved, cleared = (await city.outsider.query(query, ids=ids[1:3]))["nodes"]
    assert [each["type"] for each in moved.pop("history")["nodes"]] == [
        *("TASK_CREATED", "TASK_UPDATED", "TASK_MOVED", "TASK_ASSIGNED")
    ]
    assert moved == {
        "title": "Sapu", "dueOn": city.day(2), "target": {"id": target}, "workPlan": {"id": plan},
        "assignee": {"id": city.camat_staff.id},
    }  # fmt: skip
    assert (cleared["dueOn"], cleared["title"]) == (None, "Angkut 2")


async def test_a_reading_that_is_sent_again_is_counted_once_and_one_that_differs_corrects_it(city: City) -> None:
    plan = await city.approved(city.camat, targets=2)
    one, other = await city.targets_of(plan)
    rows = [
        {"targetId": [one, other][n % 2], "externalId": f"B-{n}", "value": str(n + 1), "measuredOn": city.day(-n)}
        for n in range(10)
    ]
    told = [await city.camat_staff.mutate("upsertMeasurements", {"rows": rows}, READINGS) for _ in range(2)]
    assert [counts(each) for each in told] == [(10, 0, 0), (0, 10, 0)]
    assert (await realised(city.outsider, one))["realised"] == "25"
    assert (await realised(city.outsider, other))["realised"] == "30"
    refused = await city.camat_staff.attempt("recordMeasurements", {"rows": rows[:2]}, READINGS)
    assert said(refused["errors"]) == [("ALREADY_EXISTS", ["rows", str(n), "externalId"]) for n in range(2)]
    version = (await realised(city.outsider, one))["version"]
    rows[0]["value"], rows[2]["note"] = "100.50", "Timbang ulang"
    mended = await city.camat_staff.mutate("upsertMeasurements", {"rows": rows, "mode": "PARTIAL"}, READINGS)
    assert counts(mended) == (2, 8, 0)
    assert {each["event"]["type"] for each in mended["results"] if each["event"]} == {"TARGET_MEASUREMENT_SUPERSEDED"}
    found = await realised(city.outsider, one)
    assert (found["realised"], found["version"]) == ("124.5", version + 2)
    assert sum(each["isSuperseded"] for each in found["measurements"]["nodes"]) == 2
    query = """query($target: ID!) { measurement(by: {targetExternalId: {targetId: $target, externalId: "B-0"}}) {
        id value externalId supersedes { externalId value } } }"""
    reading = (await city.outsider.query(query, target=one))["measurement"]
    assert reading.pop("id") == mended["results"][0]["measurement"]["id"]
    assert reading == {"value": "100.5", "externalId": "B-0", "supersedes": {"externalId": "B-0", "value": "1"}}
    rows[1] |= {"measuredOn": city.day(3)}
    rows[3] |= {"value": "-1"}
    refused = await city.camat_staff.attempt("upsertMeasurements", {"rows": rows}, READINGS)
    assert said(refused["errors"]) == [
        ("IN_THE_FUTURE", ["rows", "1", "measuredOn"]),
        ("OUT_OF_RANGE", ["rows", "3", "value"]),
    ]


async def test_targets_are_made_and_changed_by_their_external_id_but_not_what_was_approved(city: City) -> None:
    plan = await city.draft(city.camat)
    row = {"workPlanId": plan, "unit": "ton", "direction": "MAXIMISE", "rollUp": "SUM", "targetValue": "100"}
    points = [{"dueOn": "2026-06-30", "value": "40"}]
    rows = [{**row, "indicator": f"Capaian {n}", "externalId": f"E-{n}", "milestones": points} for n in range(3)]
    first = await city.camat_staff.mutate("upsertTargets", {"rows": rows}, TARGETS)
    assert counts(first) == (3, 0, 0)
    rows[0]["targetValue"], rows[1]["milestones"] = "120.0", [{"dueOn": "2026-06-30", "value": "50"}]
    assert counts(await city.camat_staff.mutate("upsertTargets", {"rows": rows}, TARGETS)) == (2, 1, 0)
    assert counts(await city.camat_staff.mutate("upsertTargets", {"rows": rows}, TARGETS)) == (0, 3, 0)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    assert counts(await city.camat_staff.mutate("upsertTargets", {"rows": rows}, TARGETS)) == (0, 3, 0)
    rows[0]["targetValue"] = "90"
    rows[2]["responsibleId"] = city.camat_staff.id
    rows.append({**row, "indicator": "Baru", "externalId": "E-9"})
    rows.append({**rows[3], "externalId": "E-10", "reason": "Perlu."})
    told = await city.camat_staff.mutate("upsertTargets", {"rows": rows, "mode": "PARTIAL"}, TARGETS)
    assert [said(each["errors"]) for each in told["results"]] == [
        *([("AMENDMENT_NEEDED", ["rows", "0", "targetValue"])], [], []),
        *([("REQUIRED", ["rows", "3", "reason"])], []),
    ]
    assert told["results"][4]["target"]["isProposed"]
    query = '{ target(by: {organisationExternalId: {organisation: {code: "%s"}, externalId: "E-2"}}) { id } }'
    found = (await city.outsider.query(query % city.camat.organisation))["target"]
    assert found["id"] == told["results"][2]["target"]["id"]
    given = {"targetId": found["id"], "externalId": "E-1"}
    assert said([await city.camat_staff.refused("updateTarget", given)]) == [("ALREADY_EXISTS", ["externalId"])]
    await city.camat_staff.mutate("updateTarget", {**given, "externalId": "E-22"})
    other = {**rows[0], "workPlanId": await city.draft(city.camat, year=2027, targets=0), "externalId": "E-1"}
    refused = await city.camat_staff.attempt("upsertTargets", {"rows": [other]}, TARGETS)
    assert said(refused["errors"]) == [("WRONG_PLAN", ["rows", "0", "workPlanId"])]


async def test_under_its_key_a_call_is_done_once_and_its_rows_are_told_anew(city: City) -> None:
    rows = [task_row(city, number) for number in range(3)]
    rows[1]["title"] = ""
    given = {"rows": rows, "mode": "PARTIAL", "idempotencyKey": "sinkron-7"}
    first = await city.camat_staff.mutate("createTasks", given, TASKS)
    ids = [each["task"] and each["task"]["id"] for each in first["results"]]
    await city.camat_staff.mutate("updateTask", {"taskId": ids[0], "title": "Lain"})
    again = await city.camat_staff.mutate("createTasks", given, TASKS)
    assert (first.pop("isReplay"), again.pop("isReplay")) == (False, True)
    assert (again["results"][0]["task"]["title"], again["results"][0]["task"]["version"]) == ("Lain", 2)
    again["results"][0]["task"] = first["results"][0]["task"]
    assert again == first
    in_english: Any = {"accept-language": "en"}
    english = f"mutation($input: CreateTasksInput!) {{ createTasks(input: $input) {{ results {{ {ERRORS} }} }} }}"
    answer = await city.camat_staff.ask(english, {"input": given}, **in_english)
    (needed,) = answer["data"]["createTasks"]["results"][1]["errors"]
    assert (needed["message"], needed["constraint"]) == ("A value is required (1 to 300).", "1 to 300")
    rows[1]["title"] = "Kini ada"
    error = await city.camat_staff.refused("createTasks", given)
    assert (error["code"], error["path"]) == ("KEY_REUSED", ["idempotencyKey"])


async def test_what_is_only_tried_is_shown_and_not_kept(city: City) -> None:
    rows = [task_row(city, number) for number in range(3)]
    await city.camat_staff.mutate("createTasks", {"rows": rows[:1]}, TASKS)
    rows[0]["title"] = "Lain"
    told = await city.camat_staff.mutate("upsertTasks", {"rows": rows, "dryRun": True}, TASKS)
    assert counts(told) == (3, 0, 0)
    assert [each["task"]["title"] for each in told["results"]] == ["Lain", "Angkut 1", "Angkut 2"]
    assert [each["event"] for each in told["results"]] == [None] * 3
    assert [dict(each) for each in await city.rows("SELECT title FROM task")] == [{"title": "Angkut 0"}]


async def test_who_sends_the_same_rows_at_the_same_moment_makes_them_once(city: City) -> None:
    given = {"rows": [task_row(city, number) for number in range(40)]}
    told = await asyncio.gather(*(each.mutate("upsertTasks", given, TASKS) for each in (city.camat, city.camat_staff)))
    assert sorted(counts(each) for each in told) == [(0, 40, 0), (40, 0, 0)]
    assert len(await city.rows("SELECT FROM task")) == 40


async def test_rows_come_to_what_the_single_verbs_come_to(city: City) -> None:
    """The same rows, good and bad, one by one for one organisation and at once for another."""
    random, told, left = Random(16), [], []
    codes = [*[None, city.lurah.organisation] * 4, "DLH", "NIHIL"]
    tasks = [
        {
            "title": random.choice([*["Sapu"] * 9, "", "x" * 301]), "externalId": f"R-{random.randrange(400)}",
            "startsOn": random.choice([None, city.day(random.randint(-9, 9))]),
            "dueOn": city.day(random.randint(-9, 9)),
            "description": random.choice([None, "  Pagi "]), "priority": random.choice(["LOW", "URGENT"]),
            "checklist": random.choice([None, None, ["Satu"], ["Satu"], [""]]),
            "kelurahan": (code := random.choice(codes)) and {"code": code},
            "targetId": random.choice([None, 0, 1]),
        }
        for _ in range(30)
    ]  # fmt: skip
    tasks = [*{row["externalId"]: row for row in tasks}.values()]
    readings = [
        {
            "targetId": random.choice([0, 1]), "value": random.choice(["5", "12.25", "-3"]),
            "measuredOn": city.day(random.randint(-60, 3)), "externalId": f"B-{n}",
        }
        for n in range(30)
    ]  # fmt: skip
    for by, is_bulk in ((city.camat, False), (city.dlh, True)):
        targets = await city.targets_of(await city.approved(by, targets=2))
        for one, rows in (("createTask", tasks), ("recordMeasurement", readings)):
            own = {"organisation": {"code": by.organisation}} if one == "createTask" else {}
            made = [
                {**row, **own, "targetId": targets[row["targetId"]] if row["targetId"] in (0, 1) else None}
                for row in rows
            ]
            if is_bulk:
                fields = TASKS if own else READINGS
                found = (await by.mutate(f"{one}s", {"rows": made, "mode": "PARTIAL"}, fields))["results"]
            else:
                found = [await by.attempt(one, row) for row in made]
            told.append(
                [each["errors"] and (each["errors"][0]["code"], each["errors"][0]["path"][-1:]) for each in found]
            )
        kept = await city.rows(_LEFT.format("t.title || t.external_id", "task", "organisation_id"), by.organisation)
        kept += await city.rows(_LEFT.format("t.indicator", "target", "owner_id"), by.organisation)
        left.append([each["row"] for each in kept])
    assert (told[0], told[1]) == (told[2], told[3])
    assert left[0] == left[1]
    assert 5 < sum(map(bool, told[0])) < len(tasks) - 5, "good and bad rows"


# What is left of an organisation's things and their events, without ids and moments.
_LEFT = """SELECT jsonb_build_object(
    'row', to_jsonb(t) - ARRAY['id', 'created_at', 'updated_at', 'organisation_id', 'owner_id', 'work_plan_id',
        'target_id', 'checklist'],
    'served', to_jsonb(t) -> 'target_id' = 'null',
    'items', jsonb_array_length(coalesce(to_jsonb(t) -> 'checklist', '[]')),
    'events', (SELECT jsonb_agg(jsonb_build_array(e.type, e.subject_version, e.capacity, e.audience,
        e.facts - 'measurementId',
        e.changes - ARRAY['organisation_id', 'owner_id', 'draft_of_id', 'work_plan_id', 'target_id', 'checklist'])
        ORDER BY e.subject_version) FROM event e WHERE e.subject_id = t.id)
    )::text AS row FROM {1} t JOIN organisation o ON o.id = t.{2} WHERE o.code = $1 ORDER BY {0}"""


async def test_many_rows_take_as_many_statements_as_two(city: City) -> None:
    async with AsyncExitStack() as lent:
        heard = await city.statements_heard(lent)
    targets = await city.targets_of(await city.approved(city.camat, targets=2))
    taken: list[list[int]] = []
    for size in (2, 90):
        rows = [task_row(city, size + n, targetId=targets[n % 2], assigneeId=city.camat.id) for n in range(size)]
        other = [{**row, "title": "Lain", "dueOn": city.day(3)} for row in rows]
        readings = [
            {"targetId": targets[n % 2], "externalId": f"{size}-{n}", "value": "1", "measuredOn": city.day()}
            for n in range(size)
        ]
        mended = [{**row, "value": "2"} for row in readings]
        taken.append([])
        for verb, given in (
            *(("upsertTasks", rows), ("upsertTasks", other), ("upsertTasks", other)),
            *(("upsertMeasurements", readings), ("upsertMeasurements", mended), ("upsertMeasurements", mended)),
        ):
            for said in heard:
                said.clear()
            await city.camat_staff.mutate(verb, {"rows": given}, "changedCount results { event { id } }")
            taken[-1].append(max(map(longest, heard)))
    few, many = taken
    assert all(of_many <= of_few < 20 for of_few, of_many in zip(few, many, strict=True)), taken


def longest(said: list[str]) -> int:
    """How many statements the longest transaction had that was heard."""
    lengths, length = [0], 0
    for text in said:
        length = 0 if text.startswith("BEGIN") else length + 1
        lengths += [length] if text.startswith("COMMIT") else []
    return max(lengths)


async def test_a_call_has_its_price_by_its_rows(city: City) -> None:
    document = """mutation($rows: [CreateTasksRow!]!, $more: [CreateTasksRow!]!) {
        one: createTasks(input: {rows: $rows, dryRun: true}) { results { task { comments { nodes { id } } } } }
        other: createTasks(input: {rows: $more, dryRun: true}) { changedCount } }"""
    variables = {"rows": [task_row(city, 1)], "more": [task_row(city, number) for number in (2, 3)]}
    cost = (await city.camat_staff.ask(document + "#", variables))["extensions"]["cost"]
    assert cost["requested"] == 1 + 5 + 1 + 1 + 1 + 10 + 1 + 10
    many = {"rows": [task_row(city, number) for number in range(500)], "more": []}
    (error,) = (await city.camat_staff.ask(document.replace("comments", "comments(first: 50)"), many))["errors"]
    assert error["extensions"]["code"] == "COST_EXCEEDED"
    assert "comments" in error["extensions"]["hint"] or "comments" in str(error["extensions"]["breakdown"])


async def test_a_target_whose_external_id_the_new_owner_uses_passes_without_it(city: City) -> None:
    plan, other = await city.draft(city.camat, targets=0), await city.draft(city.dlh, targets=0)
    target = await city.target(city.camat, plan, externalId="E-1")
    await city.target(city.dlh, other, externalId="E-1")
    for head, each in ((city.camat, plan), (city.dlh, other)):
        await head.mutate("submitWorkPlan", {"workPlanId": each})
        await city.bappeda.mutate("approveWorkPlan", {"workPlanId": each})
    give = {"targetId": target, "organisation": {"code": "DLH"}, "reason": "Kini tugas DLH."}
    await city.camat.mutate("handOverTarget", give)
    await city.dlh.mutate("acceptHandOver", {"targetId": target})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    query = "query($id: ID!) { target(by: {id: $id}) { externalId owner { code } } }"
    found = (await city.outsider.query(query, id=target))["target"]
    assert found == {"externalId": None, "owner": {"code": "DLH"}}


async def test_a_hidden_draft_does_not_show_itself_by_taking_an_external_id_from_what_everybody_sees(
    city: City,
) -> None:
    plan, hidden = await city.draft(city.camat, targets=0), await city.draft(city.dlh, targets=0)
    target = await city.target(city.camat, plan, externalId="E-1")
    draft = await city.target(city.dlh, hidden, externalId="E-1")
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    give = {"targetId": target, "organisation": {"code": "DLH"}, "reason": "Kini tugas DLH."}
    await city.camat.mutate("handOverTarget", give)
    await city.dlh.mutate("acceptHandOver", {"targetId": target})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    query = "query($id: ID!) { target(by: {id: $id}) { externalId history { nodes { changes { field } } } } }"
    found = (await city.outsider.query(query, id=target))["target"]
    assert found["externalId"] == "E-1"
    assert "EXTERNAL_ID" not in [one["field"] for each in found["history"]["nodes"] for one in each["changes"]]
    own = (await city.dlh.query(query, id=draft))["target"]
    assert own["externalId"] is None
    assert "EXTERNAL_ID" in [one["field"] for each in own["history"]["nodes"] for one in each["changes"]]
