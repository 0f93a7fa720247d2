"""What is kept of a target stays right: removed and proposed again, moved by the calendar, amended, upgraded."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

import pytest

from server.actions.check import check
from server.actions.recount import recount_old
from server.database import connect
from server.ids import decode, encode
from tests.city import City
from tests.person import Person


async def look(person: Person, target: str, selection: str) -> Any:
    return (await person.query(f"query($id: ID!) {{ target(by: {{id: $id}}) {{ {selection} }} }}", id=target))["target"]


async def measure(person: Person, target: str, value: str, on: str) -> str:
    given = {"targetId": target, "value": value, "measuredOn": on}
    found: str = (await person.mutate("recordMeasurement", given, "measurement { id }"))["measurement"]["id"]
    return found


async def promised(city: City, **target: Any) -> str:
    """The one target of camat's approved plan."""
    plan = await city.draft(city.camat, targets=0)
    made = await city.target(city.camat, plan, **target)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    return made


async def day_off(city: City, day: str) -> None:
    """A day off is declared, and what it moves has moved."""
    await city.admin.mutate("addHoliday", {"fallsOn": day, "name": "Cuti daerah", "isWorkday": False})
    await city.sweep()


async def differences(city: City) -> list[str]:
    return [str(each) for each in await check(city.pool)]


async def test_a_removed_target_that_is_proposed_again_begins_anew(city: City) -> None:
    """“A target that is proposed again owes nothing till it is approved, and begins anew then.”"""
    plan = await city.approved(city.camat, targets=2)
    target, _ = await city.targets_of(plan)
    shown = "isProposed reportDueOn missedReportCount trackState readingClock { dueAt }"
    await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Pindah ke DLH."})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    city.go_to(date(2026, 8, 3))
    await city.camat_staff.mutate("restoreTarget", {"targetId": target, "reason": "Tetap di kecamatan."})
    assert await differences(city) == []
    await city.camat.mutate("signAmendments", {"targetIds": [target]})
    anew = {
        "isProposed": True, "reportDueOn": None, "missedReportCount": 0, "trackState": "NOT_STARTED",
        "readingClock": None,
    }  # fmt: skip
    assert await look(city.outsider, target, shown) == anew
    assert await differences(city) == []
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    seen = await look(city.outsider, target, shown)
    assert (seen["reportDueOn"], seen["missedReportCount"]) == ("2026-10-14", 0)
    # And where the head proposes it in one act.
    await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Pindah ke DLH."})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    await city.camat.mutate("restoreTarget", {"targetId": target, "reason": "Tetap di kecamatan."})
    assert await look(city.outsider, target, shown) == anew
    assert await differences(city) == []


async def test_the_recount_of_an_upgrade_sets_no_promised_report_day_back(city: City) -> None:
    """“After an upgrade of these rules what an older program counted is counted anew; no report is due earlier than was
    promised.”
    """
    target = await promised(city)
    await measure(city.camat, target, "40", "2026-04-15")  # told TW II then, and TW I now
    await city.settled()
    city.is_altered_by_hand = True
    city.watched.clear()  # nobody is told of what is altered here
    shown = "reportDueOn isNotReported"
    assert (await look(city.outsider, target, "reportDueOn"))["reportDueOn"] == "2026-07-14"
    await city.rows("UPDATE target SET untold_due_on = '[]', report_due_on = '2026-10-14' RETURNING id")
    city.go_to(date(2026, 9, 1))
    assert await recount_old(city.pool) == 1
    assert await look(city.outsider, target, shown) == {"reportDueOn": "2026-10-14", "isNotReported": False}
    assert await differences(city) == []
    # A day that was promised too early moves to the new count's.
    await city.rows("UPDATE target SET untold_due_on = '[]', report_due_on = '2026-04-15' RETURNING id")
    assert await recount_old(city.pool) == 1
    assert await look(city.outsider, target, shown) == {"reportDueOn": "2026-07-14", "isNotReported": True}
    assert await differences(city) == []


async def test_check_agrees_after_a_day_off_about_targets_that_are_removed_or_only_proposed(city: City) -> None:
    plan = await city.approved(city.camat, targets=3)
    removed, again, _ = await city.targets_of(plan)
    for target in (removed, again):
        await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Pindah ke DLH."})
        await city.bappeda.mutate("approveAmendment", {"targetId": target})
    await city.camat.mutate("restoreTarget", {"targetId": again, "reason": "Tetap di kecamatan."})
    extra = {
        "workPlanId": plan, "indicator": "Bank sampah", "unit": "unit", "direction": "MAXIMISE", "rollUp": "LAST",
        "targetValue": "5", "reason": "Program baru.",
    }  # fmt: skip
    await city.camat.mutate("createTarget", extra)
    await day_off(city, "2026-07-13")
    assert await differences(city) == []


async def test_a_day_off_moves_what_is_missed_although_the_last_report_is_in(city: City) -> None:
    target = await promised(city, dueOn="2026-10-10")
    await measure(city.camat, target, "40", "2026-06-01")
    city.go_to(date(2026, 10, 12))
    await measure(city.camat, target, "60", "2026-10-10")  # the last quarter's, before the one of TW III
    await day_off(city, "2026-10-13")
    assert await differences(city) == []
    city.go_to(date(2026, 10, 15))
    assert (await look(city.outsider, target, "missedReportCount"))["missedReportCount"] == 0
    city.go_to(date(2026, 10, 16))
    assert (await look(city.outsider, target, "missedReportCount"))["missedReportCount"] == 1


async def test_nothing_shows_a_grade_before_the_year_is_told(city: City) -> None:
    """“Nothing shows a grade before its year is told, the log neither.”"""
    target = await promised(city, rollUp="MEAN", targetValue="80", dueOn="2026-06-30")
    await measure(city.camat, target, "90", "2026-06-10")
    history = "history { nodes { type sentence changes { field before after } } }"
    told = (await look(city.outsider, target, history))["history"]["nodes"]
    assert "ACHIEVEMENT" in {change["field"] for each in told for change in each["changes"]}
    assert [change for each in told for change in each["changes"] if change["field"] == "GRADE"] == []
    city.go_to(date(2026, 7, 1))
    await city.sweep()
    (year,) = [
        each
        for each in (await look(city.outsider, target, history))["history"]["nodes"]
        if each["type"] == "TARGET_YEAR_TOLD"
    ]
    assert "Sangat tinggi" in year["sentence"]


async def test_what_has_negative_readings_is_not_amended_to_a_sum(city: City) -> None:
    """“A target with negative readings does not become a sum before they are corrected.”"""
    target = await promised(city, rollUp="LAST", targetValue="100")
    wrong = await measure(city.camat, target, "-3", "2026-03-31")
    await measure(city.camat, target, "5", "2026-06-01")
    amend = {"targetId": target, "rollUp": "SUM", "reason": "Salah ukur."}
    error = await city.camat.refused("amendTarget", amend)
    assert (error["code"], error["path"]) == ("NEGATIVE_READINGS", ["rollUp"])
    assert "31 Maret 2026" in error["message"]
    assert "1 Juni" not in error["message"]
    await city.camat.mutate("supersedeMeasurement", {"measurementId": wrong, "value": "3", "measuredOn": "2026-03-31"})
    await city.camat.mutate("amendTarget", amend)
    await measure(city.camat, target, "-4", "2026-06-02")  # it still is a level
    error = await city.bappeda.refused("approveAmendment", {"targetId": target})
    assert (error["code"], error["path"]) == ("NEGATIVE_READINGS", ["targetId"])
    error = await city.bappeda.refused("approveAmendments", {"targetIds": [target]})
    assert (error["code"], error["path"]) == ("NEGATIVE_READINGS", ["targetIds", "0"])


async def test_a_sum_that_would_be_too_large_is_refused_at_what_makes_it_one(city: City) -> None:
    target = await promised(city, rollUp="LAST", targetValue="100")
    for on in ("2026-06-01", "2026-06-02"):
        await measure(city.camat, target, "90000000000000", on)
    error = await city.camat.refused("amendTarget", {"targetId": target, "rollUp": "SUM", "reason": "Salah ukur."})
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["rollUp"])


@pytest.mark.parametrize(("reported_at", "told"), [(date(2026, 6, 12), 1), (date(2026, 7, 3), 0)])
async def test_after_an_upgrade_a_year_is_told_as_of_its_last_report(city: City, reported_at: date, told: int) -> None:
    """The log of that time does not say since when the year was known: the reading by which it was does."""
    target = await promised(city, rollUp="MEAN", targetValue="80", dueOn="2026-06-30")
    city.go_to(reported_at)
    await measure(city.camat, target, "90", "2026-06-10")
    await city.settled()
    city.is_altered_by_hand = True
    city.watched.clear()
    await city.rows("UPDATE target SET untold_due_on = '[]', told_from = NULL RETURNING id")
    await city.rows("UPDATE event SET changes = (changes::jsonb - 'told_from')::json RETURNING id")
    city.go_to(date(2026, 9, 1))
    await city.sweep()  # another process, of the old program still, has looked by then
    await recount_old(city.pool)
    async with city.process() as site:
        await site.installation.sweep.once()
    events = await city.rows("SELECT happened_at FROM event WHERE type = 'TARGET_YEAR_TOLD'")
    assert len(events) == told
    assert target


async def test_whoever_counts_a_plan_and_whoever_changes_its_targets_lock_in_one_order(city: City) -> None:
    """A plan's own verbs come before or after those on what stands in it: neither holds what the other waits for."""
    plan = await city.draft(city.camat, targets=2)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    first, second = sorted(await city.targets_of(plan), key=lambda each: decode(each)[1])
    held = await connect(city.url)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def wait_for(count: int) -> None:
        while (await city.rows(waiting))[0]["count"] < count:
            await asyncio.sleep(0.01)

    async with held.transaction():
        await held.execute("SELECT FROM target WHERE id = $1 FOR UPDATE", decode(first)[1])
        async with asyncio.timeout(10):
            approved = asyncio.create_task(city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan}))
            await wait_for(1)
            programme = {"targetId": second, "programme": None, "responsibleId": city.camat_staff.id}
            updated = asyncio.create_task(city.camat.mutate("updateTarget", programme))
            await wait_for(2)
        # Whoever waits for the plan holds none of its targets yet.
        found = await city.rows("SELECT id FROM target WHERE id = $1 FOR UPDATE SKIP LOCKED", decode(second)[1])
    await approved
    await updated
    await held.close()
    assert len(found) == 1


LEVEL = {"direction": "MINIMISE", "rollUp": "LAST", "targetValue": "5"}
BAND = {"direction": "RANGE", "rollUp": "LAST", "targetValue": "6", "targetValueTo": "8"}
POINT = {"dueOn": "2026-06-30", "value": "7"}
UNSPOKEN = re.compile(r"\d\.\.\d|\d{4}-\d\d-\d\d|[≤≥]|\{|_")


async def test_figures_that_cannot_be_are_refused_by_name_and_in_words_in_both_languages(city: City) -> None:
    target = await promised(city, targetValue="100")
    given_away = await promised_elsewhere(city)
    plan = await city.draft(city.camat, targets=0, year=2027)
    words = {"workPlanId": plan, "indicator": "Titik TPS liar", "unit": "titik"}
    reading = {"targetId": target, "value": "1", "measuredOn": "2026-06-15"}

    async def refused(by: Person, verb: str, given: dict[str, Any], code: str, path: list[str]) -> None:
        document = (
            f"mutation($input: {verb[0].upper()}{verb[1:]}Input!) {{ {verb}(input: $input) {{"
            " errors { code path message ... on InvalidInput { constraint } } } }"
        )
        said = set()
        for language in ("id", "en"):
            headers: Any = {"accept-language": language}
            answer = await by.ask(document, {"input": given}, **headers)
            (error,) = answer["data"][verb]["errors"]
            assert (error["code"], error["path"]) == (code, path), (given, error)
            assert not UNSPOKEN.search(error["message"] + error.get("constraint", "")), error
            said.add(error["message"])
        assert len(said) == 2, said

    out_of_range, malformed = "OUT_OF_RANGE", "MALFORMED"
    progress = {"formula": "PROGRESS"}
    for promise, code, field in (
        (LEVEL | progress, "REQUIRED", ["baseline"]),
        (LEVEL | progress | {"baseline": "5"}, out_of_range, ["baseline"]),
        (LEVEL | progress | {"baseline": "9", "rollUp": "SUM"}, malformed, ["formula"]),
        (BAND | {"milestones": [POINT]}, malformed, ["milestones"]),
        (BAND | {"targetValueTo": "5"}, out_of_range, ["targetValueTo"]),
        (LEVEL | {"targetValueTo": "9"}, malformed, ["targetValueTo"]),
        (LEVEL | {"targetValue": "-1"}, out_of_range, ["targetValue"]),
        (LEVEL | {"dueOn": "2028-01-01"}, out_of_range, ["dueOn"]),
        (LEVEL | {"milestones": [POINT]}, out_of_range, ["milestones", "0", "dueOn"]),
    ):
        await refused(city.camat, "createTarget", words | promise, code, field)
    for wrong, code, field in (
        ({"value": "-1"}, out_of_range, ["value"]),
        ({"measuredOn": city.day(1)}, "IN_THE_FUTURE", ["measuredOn"]),
        ({"measuredOn": "2025-12-31"}, out_of_range, ["measuredOn"]),
    ):
        await refused(city.camat, "recordMeasurement", reading | wrong, code, field)
    # Who answered for it in the quarter that is read, and does no more.
    gone = {"targetId": given_away, "value": "1", "measuredOn": "2026-03-31"}
    await refused(city.dlh, "recordMeasurement", gone, "NOT_YOUR_ORGANISATION", [])
    await city.camat.mutate("recordMeasurement", gone)
    city.go_to(date(2027, 1, 19))
    (of_year,) = await city.rows("SELECT work_plan_id AS id FROM target WHERE id = $1", decode(target)[1])
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": encode("plan", of_year["id"])})
    await refused(city.camat, "recordMeasurement", reading, "PLAN_NOT_OPEN", [])


async def promised_elsewhere(city: City) -> str:
    """A target that DLH promised, and has handed over to camat's kecamatan."""
    (target,) = await city.targets_of(await city.approved(city.dlh))
    given = {"targetId": target, "organisation": {"code": city.camat.organisation}, "reason": "Wilayah kecamatan."}
    await city.dlh.mutate("handOverTarget", given)
    await city.camat.mutate("acceptHandOver", {"targetId": target})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    return target
