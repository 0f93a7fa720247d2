"""Who keeps a thing, whether that person acts, and how all that a person keeps is handed over."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date
from typing import Any

from tests import cases
from tests.api.test_bulk_progress import writing
from tests.city import City

RECEIPT = (
    "handOverReceipt { id label createdAt handedOverBy { id } targets { totalCount nodes { id } }"
    " tasks { totalCount nodes { id } } }"
)


async def owner_of(city: City, task: str) -> tuple[str | None, str]:
    """The person who keeps a task, and that person's health, as an outsider reads them."""
    found = await city.outsider.query(f'{{ task(by: {{id: "{task}"}}) {{ ownerPerson {{ id }} ownerHealth }} }}')
    person = found["task"]["ownerPerson"]
    return None if person is None else person["id"], found["task"]["ownerHealth"]


async def health_of(city: City, what: str) -> list[str]:
    return [each["ownerHealth"] for each in (await city.outsider.query(f"{{ {what} {{ nodes {{ ownerHealth }} }} }}"))[
        what.partition("(")[0]
    ]["nodes"]]  # fmt: skip


async def not_active(city: City) -> int:
    query = "{ statusBoard { totals { noActiveOwnerCount } } }"
    found: int = (await city.outsider.query(query))["statusBoard"]["totals"]["noActiveOwnerCount"]
    return found


async def test_an_owner_is_who_is_named_else_the_head_and_health_says_whether_anybody_acts(city: City) -> None:
    await city.approved(city.camat)
    task = await city.task(city.camat)
    assert await owner_of(city, task) == (city.camat.id, "ACTIVE")
    await city.camat.mutate("assignTask", {"taskId": task, "assigneeId": city.camat_staff.id})
    assert await owner_of(city, task) == (city.camat_staff.id, "ACTIVE")
    assert await not_active(city) == 0
    # Who was disabled, or works elsewhere, has left.
    await city.admin.mutate("disableAccount", {"accountId": city.camat_staff.id})
    assert await owner_of(city, task) == (city.camat_staff.id, "LEFT")
    await city.admin.mutate("enableAccount", {"accountId": city.camat_staff.id})
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "organisation": {"code": "DLH"}})
    assert await owner_of(city, task) == (city.camat_staff.id, "LEFT")
    left = await city.outsider.query("{ tasks(filter: {ownerHealth: {gte: LEFT}}) { nodes { id ownerHealthLabel } } }")
    assert left["tasks"]["nodes"] == [{"id": task, "ownerHealthLabel": "Tidak lagi bertugas"}]
    own = f'{{ tasks(filter: {{ownerPerson: {{id: {{eq: "{city.camat_staff.id}"}}}}}}) {{ totalCount }} }}'
    assert (await city.outsider.query(own))["tasks"]["totalCount"] == 1
    # And where nobody is named, and nobody holds the office, it is vacant.
    held = await city.camat.query(
        f'{{ organisation(by: {{code: "{city.camat.organisation}"}}) {{ appointments {{ nodes {{ id }} }} }} }}'
    )
    (appointment,) = (each["id"] for each in held["organisation"]["appointments"]["nodes"])
    await city.camat.mutate("assignTask", {"taskId": task, "assigneeId": None})
    ending = {"appointmentId": appointment, "validTo": city.day(-1)}
    await city.admin.mutate("endAppointment", ending)
    assert await owner_of(city, task) == (None, "VACANT")
    assert await health_of(city, "targets") == await health_of(city, "workPlans") == ["VACANT"]
    assert await not_active(city) == 1


async def test_two_quarters_without_a_public_act_are_silence_which_a_case_or_a_draft_does_not_end(city: City) -> None:
    await city.approved(city.camat)
    for each in (city.camat, city.dlh):
        await city.task(each)
    await city.sweep()
    city.go_to(date(2026, 12, 31))
    assert await health_of(city, "tasks") == ["ACTIVE", "ACTIVE"]
    city.go_to(date(2027, 1, 4))
    for name in ("camat", "dlh"):
        setattr(city, name, await city.sign_in(name))
    await city.sweep()
    assert await health_of(city, "tasks") == ["SILENT", "SILENT"]
    # Who drafts is at work, but nobody else may know: nothing that others read moves.
    await city.draft(city.dlh, year=2027)
    await city.sweep()
    assert await health_of(city, "tasks") == ["SILENT", "SILENT"]
    assert await health_of(city, "targets(filter: {ownerHealth: {eq: SILENT}})") == ["SILENT"]
    await city.task(city.dlh)
    await city.sweep()
    assert sorted(await health_of(city, "tasks")) == ["ACTIVE", "ACTIVE", "SILENT"]


async def test_who_comes_into_office_has_two_quarters_before_silence_is_shown(city: City) -> None:
    for each in (city.camat, city.dlh):
        await city.task(each)
    await city.sweep()
    city.go_to(date(2027, 1, 4))
    city.admin = await city.sign_in("admin")
    assert await health_of(city, "tasks") == ["SILENT", "SILENT"]
    query = f'{{ organisation(by: {{code: "{city.camat.organisation}"}}) {{ appointments {{ nodes {{ id }} }} }} }}'
    (held,) = (await city.admin.query(query))["organisation"]["appointments"]["nodes"]
    await city.admin.mutate("endAppointment", {"appointmentId": held["id"], "validTo": city.day(-1)})
    place = {"organisation": {"code": city.camat.organisation}, "capacity": "DEFINITIVE"}
    given = {"accountId": city.camat_staff.id, "validFrom": city.day(), "decreeNumber": "800/1/2027", **place}
    await city.admin.mutate("appoint", given)
    of_camat = f'tasks(filter: {{organisation: {{code: {{eq: "{city.camat.organisation}"}}}}}})'
    for day, health in ((date(2027, 1, 4), "ACTIVE"), (date(2027, 9, 30), "ACTIVE"), (date(2027, 10, 1), "SILENT")):
        city.go_to(day)
        city.outsider = await city.sign_in("outsider")
        await city.sweep()
        assert await health_of(city, of_camat) == [health]
        assert sorted(await health_of(city, "tasks")) == sorted([health, "SILENT"])


async def test_what_is_done_in_a_case_is_no_act_that_others_read(city: City) -> None:
    case = await cases.filed(city)
    await city.task(city.dlh)
    await city.sweep()
    city.go_to(date(2027, 1, 4))
    city.dlh = await city.sign_in("dlh")
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Armada kami rusak."})
    await city.sweep()
    assert await health_of(city, "tasks") == ["SILENT"]


async def test_all_that_a_leaving_person_keeps_is_passed_on_in_one_act_with_a_receipt(city: City) -> None:
    plan = await city.draft(city.camat)
    (target,) = (await city.camat.query("{ targets { nodes { id } } }"))["targets"]["nodes"]
    await city.camat.mutate("updateTarget", {"targetId": target["id"], "responsibleId": city.camat_staff.id})
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    mine = {"assigneeId": city.camat_staff.id}
    open_, done = await city.task(city.camat, **mine), await city.task(city.camat, **mine)
    await city.camat.mutate("reportProgress", {"taskId": done, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": done})
    given: dict[str, Any] = {"fromAccountId": city.camat_staff.id, "toAccountId": city.camat.id}
    tried = await city.camat_staff.mutate("handOverMatters", {**given, "dryRun": True}, RECEIPT)
    assert tried["handOverReceipt"]["tasks"]["totalCount"] == 1
    assert (await owner_of(city, open_))[0] == city.camat_staff.id
    keyed = {**given, "idempotencyKey": "serah terima"}
    told = (await city.camat_staff.mutate("handOverMatters", keyed, RECEIPT))["handOverReceipt"]
    assert told["label"] == f"{city.camat_staff.name} – {city.camat.name}"
    assert told["handedOverBy"] == {"id": city.camat_staff.id}
    assert told["tasks"] == {"totalCount": 1, "nodes": [{"id": open_}]}
    assert told["targets"] == {"totalCount": 1, "nodes": [target]}
    assert await owner_of(city, open_) == (city.camat.id, "ACTIVE")
    assert await owner_of(city, done) == (city.camat_staff.id, "ACTIVE")  # what is done stays whose it was
    again = await city.camat_staff.mutate("handOverMatters", keyed, "isReplay handOverReceipt { id }")
    assert again["isReplay"]
    assert again["handOverReceipt"]["id"] == told["id"]
    asked = (
        f'{{ handOverReceipts(filter: {{fromAccount: {{id: {{eq: "{city.camat_staff.id}"}}}}}}) {{ nodes {{ id }} }} }}'
    )
    for each in (city.camat, city.camat_staff, city.admin, city.sekda):
        assert (await each.query(asked))["handOverReceipts"]["nodes"] == [{"id": told["id"]}]
    happened = await city.camat.query(
        f'{{ events(filter: {{subject: {{id: {{eq: "{told["id"]}"}}}}}}) {{ nodes {{ sentence }} }} }}'
    )
    assert "melakukan serah terima" in happened["events"]["nodes"][0]["sentence"]


async def test_a_draft_is_passed_on_by_an_administrator_who_does_not_read_of_it(city: City) -> None:
    plan = await city.draft(city.camat)
    draft = await city.task(city.camat, workPlanId=plan, assigneeId=city.camat_staff.id)
    given = {"fromAccountId": city.camat_staff.id, "toAccountId": city.camat.id}
    told = (await city.admin.mutate("handOverMatters", given, RECEIPT))["handOverReceipt"]
    assert told["tasks"] == {"totalCount": 0, "nodes": []}
    seen = await city.camat.query(
        f'{{ handOverReceipt(by: {{id: "{told["id"]}"}}) {{ tasks {{ nodes {{ id assignee {{ id }} }} }} }} }}'
    )
    assert seen["handOverReceipt"]["tasks"]["nodes"] == [{"id": draft, "assignee": {"id": city.camat.id}}]


async def test_matters_go_to_nobody_of_another_organisation_and_by_nobody_else(city: City) -> None:
    given = {"fromAccountId": city.camat_staff.id, "toAccountId": city.dlh_staff.id}
    error = await city.camat.refused("handOverMatters", given)
    assert (error["code"], error["path"]) == ("WRONG_ORGANISATION", ["toAccountId"])
    assert "Kecamatan Medan Johor" in error["message"]
    same = await city.camat.refused("handOverMatters", {**given, "toAccountId": city.camat_staff.id})
    assert (same["code"], same["path"]) == ("MALFORMED", ["toAccountId"])
    unknown = await city.camat.refused(
        "handOverMatters", {**given, "toAccountId": city.camat.id, "organisation": {"code": "TIDAK-ADA"}}
    )
    assert (unknown["code"], unknown["path"]) == ("NOT_FOUND", ["organisation"])
    for who in (city.dlh, city.mayor, city.outsider):
        refusal = await who.refused("handOverMatters", {**given, "toAccountId": city.camat.id})
        assert (refusal["code"], refusal["path"]) == ("NOT_YOUR_ORGANISATION", [])
    # Who has gone to another organisation still keeps what stayed behind: it is named.
    task = await city.task(city.camat, assigneeId=city.camat_staff.id)
    await city.admin.mutate("updateAccount", {"accountId": city.camat_staff.id, "organisation": {"code": "DLH"}})
    behind = {**given, "toAccountId": city.camat.id, "organisation": {"code": city.camat.organisation}}
    told = (await city.camat.mutate("handOverMatters", behind, RECEIPT))["handOverReceipt"]
    assert told["tasks"]["nodes"] == [{"id": task}]


async def test_many_matters_are_handed_over_in_as_many_statements_as_two(city: City) -> None:
    async with AsyncExitStack() as lent:
        heard = await city.statements_heard(lent)
    plan = await city.draft(city.camat, targets=0)
    pair, taken = (city.camat_staff.id, city.camat.id), []
    targets: list[str] = []
    for size in (2, 40):
        rows = [
            {"organisation": {"code": city.camat.organisation}, "title": f"Angkut {size} {n}", "assigneeId": pair[0]}
            for n in range(size)
        ]
        targets = [await city.target(city.camat, plan, indicator=f"{size} {n}", responsibleId=pair[0]) for n in (1, 2)]
        await city.camat.mutate("createTasks", {"rows": rows}, "changedCount")
        for said in heard:
            said.clear()
        given = {"fromAccountId": pair[0], "toAccountId": pair[1]}
        receipt = (await city.camat.mutate("handOverMatters", given, RECEIPT))["handOverReceipt"]
        assert receipt["tasks"]["totalCount"] == size
        assert {each["id"] for each in receipt["targets"]["nodes"]} == {*targets}
        taken.append(max(map(writing, heard)))
    assert 0 < taken[1] <= taken[0] < 25, taken
    query = "query($id: ID!) { target(by: {id: $id}) { responsible { id } history { nodes { type } } } }"
    found = (await city.camat.query(query, id=targets[0]))["target"]
    assert found["responsible"]["id"] == pair[1]
    assert [each["type"] for each in found["history"]["nodes"]] == ["TARGET_CREATED", "TARGET_UPDATED"]
