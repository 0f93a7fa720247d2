"""Targets as people promise, measure, amend and hand them over; what is kept beside the readings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from server.actions.check import check
from server.actions.recount import recount_old
from tests.city import City
from tests.person import Person

STATE = (
    "realised achievement achievementCapped achievementToDate grade gradeToDate trackState isReached isRealised"
    " missedReportCount reportDueOn lastMeasuredOn"
)


async def look(person: Person, target: str, selection: str) -> Any:
    return (await person.query(f"query($id: ID!) {{ target(by: {{id: $id}}) {{ {selection} }} }}", id=target))["target"]


async def measure(person: Person, target: str, value: str, on: str, selection: str = "measurement { id }") -> Any:
    given = {"targetId": target, "value": value, "measuredOn": on}
    return await person.mutate("recordMeasurement", given, selection)


async def promised(city: City, **target: Any) -> str:
    """The one target of camat's approved plan."""
    plan = await city.draft(city.camat, targets=0)
    made = await city.target(city.camat, plan, **target)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    return made


async def test_readings_roll_up_to_capaian_a_grade_to_date_and_the_light(city: City) -> None:
    """“What they amount to is kept with the target and changes with it (domain.md).”"""
    target = await promised(city, targetValue="100", rollUp="SUM", direction="MAXIMISE")
    nothing = dict.fromkeys(STATE.split())
    unread = nothing | {
        "trackState": "NOT_STARTED", "isReached": False, "isRealised": False, "missedReportCount": 0,
        "reportDueOn": "2026-07-14",  # the first quarter was over before its plan was approved
    }  # fmt: skip
    assert await look(city.outsider, target, STATE) == unread
    await measure(city.camat_staff, target, "20.5", "2026-03-31")
    await measure(city.camat_staff, target, "20", "2026-06-14")
    # 40.5 of 100; 164 of 364 days between 1 January and 31 December are gone: 45.0549 expected.
    read = {
        "realised": "40.5", "achievement": 40.5, "achievementCapped": 40.5, "achievementToDate": 89.9,
        "grade": None, "gradeToDate": "HIGH", "trackState": "AT_RISK", "isReached": False, "isRealised": False,
        "missedReportCount": 0, "reportDueOn": "2026-10-14", "lastMeasuredOn": "2026-06-14",
    }  # fmt: skip
    assert await look(city.outsider, target, STATE + " expectedNow") == read | {"expectedNow": "45.3297"}
    city.go_to(date(2026, 10, 15))
    assert await look(city.outsider, target, STATE) == read | {"trackState": "NOT_REPORTED"}
    city.go_to(date(2027, 1, 19))
    late = read | {"trackState": "NOT_REPORTED", "missedReportCount": 1}
    assert await look(city.outsider, target, STATE) == late
    await measure(city.camat_staff, target, "60", "2026-12-31")
    told = read | {
        "realised": "100.5", "achievement": 100.5, "achievementCapped": 100.5, "achievementToDate": 100.5,
        "grade": "VERY_HIGH", "gradeToDate": "VERY_HIGH", "trackState": "REALISED", "isReached": True,
        "isRealised": True, "missedReportCount": 1, "reportDueOn": None, "lastMeasuredOn": "2026-12-31",
    }  # fmt: skip
    assert await look(city.outsider, target, STATE) == told


async def test_a_year_is_told_by_the_clock_once_its_last_report_is_in(city: City) -> None:
    """“What the clock changes of it is a kept day compared with the server's now (server/rules/kept_day.py).”"""
    target = await promised(city, rollUp="MEAN", targetValue="80", dueOn="2026-06-30")
    await measure(city.camat, target, "90", "2026-06-10")
    shown = "trackState isReached isRealised grade gradeToDate reportDueOn"
    reached = {
        "trackState": "ON_TRACK", "isReached": True, "isRealised": False, "grade": None, "gradeToDate": "VERY_HIGH",
        "reportDueOn": None,
    }  # fmt: skip
    assert await look(city.outsider, target, shown) == reached
    count = '{ city { code } organisations(filter: {code: {eq: "%s"}}) { nodes { summary { %s } } } }'
    numbers = (
        "realisedCount onTrackCount averageAchievement averageAchievementLeftOut averageAchievementToDate"
        " averageAchievementToDateLeftOut"
    )

    async def counted() -> Any:
        found = await city.outsider.query(count % (city.camat.organisation, numbers))
        return [*found["organisations"]["nodes"][0]["summary"].values()]

    assert await counted() == [0, 1, None, 1, 110, 0]
    city.go_to(date(2026, 7, 1))
    assert await look(city.outsider, target, shown) == reached | {
        "trackState": "REALISED", "isRealised": True, "grade": "VERY_HIGH",
    }  # fmt: skip
    assert await counted() == [1, 0, 110, 0, 110, 0]
    await city.sweep()
    await city.sweep()
    history = await look(city.outsider, target, "history { nodes { type happenedAt } }")
    assert [each for each in history["history"]["nodes"] if each["type"] == "TARGET_YEAR_TOLD"] == [
        {"type": "TARGET_YEAR_TOLD", "happenedAt": "2026-07-01T00:00:00+07:00"}
    ]
    assert await check(city.pool) == []


async def test_less_than_a_hundred_never_reads_a_hundred_and_filters_compare_what_is_shown(city: City) -> None:
    target = await promised(city, rollUp="SUM", targetValue="10000")
    await measure(city.camat, target, "9996", "2026-06-15")
    assert await look(city.outsider, target, "achievement isReached") == {"achievement": 99.9, "isReached": False}

    async def found(comparators: str) -> int:
        query = f"{{ targets(filter: {{achievement: {{{comparators}}}}}) {{ totalCount }} }}"
        return int((await city.outsider.query(query))["targets"]["totalCount"])

    for comparators, count in (
        ("gte: 100", 0), ("lt: 100", 1), ("gt: 99.9", 0), ("lte: 99.9", 1), ("gte: 99.9", 1), ("gt: 99.95", 0),
        ("isNull: false", 1),
    ):  # fmt: skip
        assert await found(comparators) == count, comparators


async def test_the_formula_changes_by_amendment_alone_and_needs_a_way(city: City) -> None:
    level: dict[str, Any] = {"direction": "MINIMISE", "rollUp": "LAST", "targetValue": "5"}
    plan = await city.draft(city.camat, targets=0)
    words = {"workPlanId": plan, "indicator": "Titik TPS liar", "unit": "titik", "formula": "PROGRESS"}
    for wrong, expected in (
        (level, ("REQUIRED", ["baseline"], "nilai awal, tempat kemajuan mulai diukur")),
        (level | {"baseline": "5"}, ("OUT_OF_RANGE", ["baseline"], None)),
        (level | {"baseline": "14", "rollUp": "SUM"}, ("MALFORMED", ["formula"], None)),
        (level | {"baseline": "14", "direction": "RANGE", "targetValueTo": "9"}, ("MALFORMED", ["formula"], None)),
        (level | {"baseline": "14", "dueOn": "2027-01-01"},
         ("OUT_OF_RANGE", ["dueOn"], "1 Januari 2026 sampai 31 Desember 2026")),
    ):  # fmt: skip
        error = await city.camat.refused("createTarget", words | wrong)
        assert (error["code"], error["path"]) == expected[:2], wrong
        assert expected[2] in (None, error["constraint"])
    target = await city.target(city.camat, plan, **level, baseline="14")
    assert (await look(city.camat, target, "formula"))["formula"] == "RATIO"
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    await measure(city.camat, target, "10", "2026-06-15")
    assert (await look(city.outsider, target, "achievement"))["achievement"] == 0
    asked = {"targetId": target, "formula": "PROGRESS"}
    assert (await city.camat.refused("updateTarget", asked))["code"] == "AMENDMENT_NEEDED"
    await city.camat.mutate("amendTarget", asked | {"reason": "Rasio tidak bercerita."})
    assert (await look(city.outsider, target, "achievement"))["achievement"] == 0
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    assert await look(city.outsider, target, "formula achievement") == {"formula": "PROGRESS", "achievement": 44.4}


async def test_readings_that_cannot_be_are_refused_in_words(city: City) -> None:
    """“Those of a sum are not negative.”"""
    target = await promised(city, rollUp="SUM", targetValue="100")

    async def refused(value: str, on: str, by: Person = city.camat) -> tuple[str, list[str], str]:
        given = {"targetId": target, "value": value, "measuredOn": on}
        error = await by.refused("recordMeasurement", given)
        return error["code"], error["path"], error.get("constraint", "")

    assert await refused("-1", "2026-06-15") == (
        "OUT_OF_RANGE", ["value"], "0 atau lebih: jumlah menghitung apa yang bertambah"
    )  # fmt: skip
    assert await refused("1", "2026-06-16") == ("IN_THE_FUTURE", ["measuredOn"], "paling lambat 15 Juni 2026")
    assert await refused("1", "2025-12-31") == (
        "OUT_OF_RANGE", ["measuredOn"], "1 Januari 2026 sampai 31 Desember 2026"
    )  # fmt: skip
    assert (await refused("1", "2026-06-15", city.dlh))[0] == "NOT_YOUR_ORGANISATION"
    await measure(city.camat, target, "90000000000000", "2026-06-14")
    assert (await refused("90000000000000", "2026-06-15"))[:2] == ("OUT_OF_RANGE", ["value"])
    assert await check(city.pool) == []


PROMISES: Mapping[str, dict[str, Any]] = {
    "less": {"direction": "MINIMISE", "rollUp": "LAST", "targetValue": "20", "baseline": "40"},
    "none": {"direction": "MINIMISE", "rollUp": "LAST", "targetValue": "0", "baseline": "10"},
    "zero": {"direction": "MAXIMISE", "rollUp": "LAST", "targetValue": "0"},
    "mean": {"direction": "MAXIMISE", "rollUp": "MEAN", "targetValue": "80"},
    "range": {"direction": "RANGE", "rollUp": "LAST", "targetValue": "6", "targetValueTo": "8"},
    "sum": {"direction": "MAXIMISE", "rollUp": "SUM", "targetValue": "10"},
}


@pytest.mark.parametrize(
    ("promise", "readings", "realised", "achievement", "light"),
    [
        ("less", ["30"], "30", 50, "ON_TRACK"),
        ("none", ["0"], "0", 100, "ON_TRACK"),
        ("none", ["2"], "2", 80, "ON_TRACK"),
        ("zero", ["5"], "5", None, "NOT_STARTED"),
        ("mean", ["90", "70"], "80", 100, "ON_TRACK"),
        ("mean", ["70", "62"], "66", 82.5, "AT_RISK"),
        ("range", ["7"], "7", 100, "ON_TRACK"),
        ("range", ["10"], "10", 75, "OFF_TRACK"),
        ("sum", ["25"], "25", 250, "REALISED"),
    ],
)
async def test_capaian_follows_the_formula_of_its_direction(
    city: City, promise: str, readings: list[str], realised: str, achievement: float | None, light: str
) -> None:
    target = await promised(city, **PROMISES[promise])
    for value, on in zip(readings, ("2026-03-31", "2026-06-15"), strict=False):
        await measure(city.camat, target, value, on if len(readings) > 1 else "2026-06-15")
    seen = await look(city.outsider, target, STATE)
    assert (seen["realised"], seen["achievement"], seen["trackState"]) == (realised, achievement, light)
    assert seen["achievementCapped"] == (None if achievement is None else min(achievement, 110))


async def test_what_is_expected_now_of_a_level_without_a_baseline_runs_from_its_first_reading(city: City) -> None:
    target = await promised(city, direction="MAXIMISE", rollUp="LAST", targetValue="100")
    assert (await look(city.camat, target, "expectedNow"))["expectedNow"] is None
    await measure(city.camat, target, "50", "2026-06-15")
    assert (await look(city.camat, target, "expectedNow"))["expectedNow"] is None  # on its own day
    city.go_to(date(2026, 12, 31))
    assert (await look(city.camat, target, "expectedNow"))["expectedNow"] == "100"


async def test_milestones_bend_the_expected_trajectory(city: City) -> None:
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    points = [{"dueOn": "2026-06-15", "value": "10"}, {"dueOn": "2026-09-30", "value": "60"}]
    given = {"targetId": target, "milestones": points}
    shown = await city.camat.mutate("setMilestones", given, "target { milestones { dueOn value } expectedNow }")
    assert shown["target"] == {"milestones": points, "expectedNow": "10"}
    wrong = [{"dueOn": "2027-01-01", "value": "10"}]
    error = await city.camat.refused("setMilestones", {"targetId": target, "milestones": wrong})
    assert (error["code"], error["path"][:2]) == ("OUT_OF_RANGE", ["milestones", "0"])


async def test_a_wrong_reading_is_superseded_and_both_stay(city: City) -> None:
    target = await promised(city)
    wrong = (await measure(city.camat, target, "900", "2026-03-31"))["measurement"]["id"]
    right = await city.camat.mutate(
        "supersedeMeasurement",
        {"measurementId": wrong, "value": "90", "measuredOn": "2026-03-31", "note": "Salah ketik."},
        "measurement { value note supersedes { id } target { realised version } }",
    )
    assert right["measurement"] == {
        "value": "90", "note": "Salah ketik.", "supersedes": {"id": wrong},
        "target": {"realised": "90", "version": 5},
    }  # fmt: skip
    seen = await look(city.outsider, target, "measurements { nodes { value isSuperseded } }")
    assert sorted((each["value"], each["isSuperseded"]) for each in seen["measurements"]["nodes"]) == [
        ("90", False), ("900", True),
    ]  # fmt: skip
    again = {"measurementId": wrong, "value": "1", "measuredOn": "2026-03-31"}
    assert (await city.camat.refused("supersedeMeasurement", again))["code"] == "ALREADY_SUPERSEDED"


async def test_readings_wait_for_the_approval_and_are_not_of_the_future(city: City) -> None:
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    reading = {"targetId": target, "value": "1", "measuredOn": city.day()}
    assert (await city.camat.refused("recordMeasurement", reading))["code"] == "PLAN_NOT_APPROVED"
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    error = await city.camat.refused("recordMeasurement", {**reading, "measuredOn": city.day(1)})
    assert (error["code"], error["path"]) == ("IN_THE_FUTURE", ["measuredOn"])
    error = await city.camat.refused("recordMeasurement", {**reading, "measuredOn": "2025-12-31"})
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["measuredOn"])
    error = await city.dlh.refused("recordMeasurement", reading)
    assert error["code"] == "NOT_YOUR_ORGANISATION"


async def test_an_approved_plans_target_changes_by_an_amendment_that_counts_from_its_approval(city: City) -> None:
    """“The old value stands until it is approved, is shown beside the new one, and every value is kept.”"""
    target = await promised(city)
    await measure(city.camat, target, "40", "2026-06-15")
    direct = await city.camat.refused("updateTarget", {"targetId": target, "targetValue": "80"})
    assert direct["code"] == "AMENDMENT_NEEDED"
    amend = {"targetId": target, "reason": "Anggaran dipotong.", "targetValue": "80"}
    proposed = await city.camat.mutate(
        "amendTarget", amend,
        "target { targetValue openAmendment { kind status reason proposedBy { id } proposal { field before after } } }",
    )  # fmt: skip
    assert proposed["target"] == {
        "targetValue": "100",
        "openAmendment": {
            "kind": "CHANGE", "status": "PROPOSED", "reason": "Anggaran dipotong.",
            "proposedBy": {"id": city.camat.id},
            "proposal": [{"field": "TARGET_VALUE", "before": "100", "after": "80"}],
        },
    }  # fmt: skip
    assert (await city.camat.refused("amendTarget", amend))["code"] == "AMENDMENT_OPEN"
    assert (await city.camat.refused("approveAmendment", {"targetId": target}))["code"] == "NOT_YOUR_ROLE"
    done = await city.bappeda.mutate(
        "approveAmendment", {"targetId": target, "note": "Wajar."},
        "target { targetValue achievement openAmendment { kind } amendments { nodes { status note } } }",
    )  # fmt: skip
    assert done["target"] == {
        "targetValue": "80", "achievement": 50.0, "openAmendment": None,
        "amendments": {"nodes": [{"status": "APPROVED", "note": "Wajar."}]},
    }  # fmt: skip


async def test_what_an_approved_plan_measures_is_promised_too_and_changes_by_an_amendment(city: City) -> None:
    target = await promised(city, rollUp="SUM")
    await measure(city.camat, target, "40", "2026-03-31")
    await measure(city.camat, target, "60", "2026-06-15")
    renamed = await city.camat_staff.refused("updateTarget", {"targetId": target, "indicator": "Sampah terpilah"})
    assert (renamed["code"], renamed["path"]) == ("AMENDMENT_NEEDED", ["indicator"])
    words = {"indicator": "Sampah terpilah", "unit": "%", "direction": "MINIMISE", "rollUp": "MEAN"}
    await city.camat.mutate("amendTarget", {"targetId": target, "reason": "Salah ukur.", **words})
    assert (await look(city.outsider, target, "indicator rollUp realised")) == {
        "indicator": "Sampah terangkut", "rollUp": "SUM", "realised": "100",
    }  # fmt: skip
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    assert await look(city.outsider, target, "indicator unit direction rollUp realised") == {**words, "realised": "50"}
    found = await city.outsider.query('{ targets(search: "terpilah") { totalCount } }')
    assert found == {"targets": {"totalCount": 1}}


async def test_an_amendment_is_returned_or_withdrawn_and_the_old_value_stays(city: City) -> None:
    """“A reviewer of another organisation who has not signed it approves it, many at once, or returns it with a note.”
    “It may be withdrawn, and is when its plan is closed or its owner ends.”
    """
    target = await promised(city)
    amend = {"targetId": target, "reason": "Terlalu berat.", "targetValue": "60"}
    await city.camat.mutate("amendTarget", amend)
    back = {"targetId": target, "note": "Belum meyakinkan."}
    await city.sekda.mutate("returnAmendment", back)
    assert (await city.bappeda.refused("approveAmendment", {"targetId": target}))["code"] == "NO_AMENDMENT"
    await city.camat.mutate("amendTarget", amend)
    assert (await city.camat_staff.refused("withdrawAmendment", {"targetId": target}))["code"] == "NOT_THE_AUTHOR"
    await city.camat.mutate("withdrawAmendment", {"targetId": target})
    seen = await look(city.outsider, target, "targetValue amendments { nodes { status note } }")
    assert seen == {
        "targetValue": "100",
        "amendments": {
            "nodes": [{"status": "RETURNED", "note": "Belum meyakinkan."}, {"status": "WITHDRAWN", "note": None}]
        },
    }


async def test_a_target_added_to_an_approved_plan_counts_only_once_a_reviewer_approves(city: City) -> None:
    """“So a target is added to and removed from an approved plan as well.”"""
    plan = await city.approved(city.camat)
    extra = {
        "workPlanId": plan, "indicator": "Bank sampah", "unit": "unit", "direction": "MAXIMISE", "rollUp": "LAST",
        "targetValue": "5",
    }  # fmt: skip
    bare = await city.camat.refused("createTarget", extra)
    assert (bare["code"], bare["path"]) == ("REQUIRED", ["reason"])
    made = await city.camat.mutate(
        "createTarget", {**extra, "reason": "Program baru."}, "target { id isProposed } event { type }"
    )
    target = made["target"]["id"]
    assert (made["target"]["isProposed"], made["event"]["type"]) == (True, "TARGET_AMENDMENT_PROPOSED")
    reading = {"targetId": target, "value": "1", "measuredOn": city.day()}
    assert (await city.camat.refused("recordMeasurement", reading))["code"] == "TARGET_PROPOSED"
    count = "query($id: ID!) { workPlan(by: {id: $id}) { summary { targetCount } } }"
    assert (await city.outsider.query(count, id=plan))["workPlan"]["summary"]["targetCount"] == 1
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    assert (await city.outsider.query(count, id=plan))["workPlan"]["summary"]["targetCount"] == 2
    await city.camat.mutate("recordMeasurement", reading)


async def test_a_target_leaves_an_approved_plan_and_comes_back_by_amendments(city: City) -> None:
    plan = await city.approved(city.camat, targets=2)
    first, second = await city.targets_of(plan)
    assert (await city.camat.refused("archiveTarget", {"targetId": first}))["path"] == ["reason"]
    asked = await city.camat.mutate(
        "archiveTarget", {"targetId": first, "reason": "Pindah ke DLH."}, "target { archivedAt } event { type }"
    )
    assert asked == asked | {"target": {"archivedAt": None}, "event": {"type": "TARGET_AMENDMENT_PROPOSED"}}
    await city.bappeda.mutate("approveAmendment", {"targetId": first})
    assert await city.targets_of(plan) == [second]
    await city.camat.mutate("restoreTarget", {"targetId": first, "reason": "Tetap di kecamatan."})
    await city.bappeda.mutate("approveAmendment", {"targetId": first})
    assert await city.targets_of(plan) == [first, second]


async def test_a_drafts_target_is_edited_and_removed_freely(city: City) -> None:
    """“While the plan is drawn up, head and staff add and change them, and archive what others have never seen.”"""
    plan = await city.draft(city.camat, targets=2)
    first, second = await city.targets_of(plan)
    edit = {"targetId": first, "indicator": "Titik sampah liar", "programme": {"code": "KEBERSIHAN"}, "baseline": "12"}
    shown = await city.camat_staff.mutate("updateTarget", edit, "target { indicator programme { code } baseline }")
    assert shown["target"] == {"indicator": "Titik sampah liar", "programme": {"code": "KEBERSIHAN"}, "baseline": "12"}
    await city.camat.mutate("archiveTarget", {"targetId": second})
    assert await city.targets_of(plan) == [first]
    await city.camat.mutate("restoreTarget", {"targetId": second})
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    error = await city.camat.refused("updateTarget", {"targetId": first, "indicator": "Lain"})
    assert error["code"] == "PLAN_UNDER_REVIEW"


async def test_unrealised_targets_come_not_reported_first_and_then_the_worst(city: City) -> None:
    plan = await city.approved(city.camat, targets=4)
    silent, good, bad, realised = await city.targets_of(plan)
    for target, value in ((good, "45"), (bad, "5"), (realised, "100")):
        await measure(city.camat, target, value, "2026-06-15")
    more = await city.draft(city.dlh, targets=0)
    fresh = await city.target(city.dlh, more, dueOn="2026-12-31")
    level: dict[str, Any] = {"rollUp": "LAST", "targetValue": "50"}
    reached = await city.target(city.dlh, more, **level, baseline="10")
    uncompared = await city.target(city.dlh, more, **level)
    await city.dlh.mutate("submitWorkPlan", {"workPlanId": more})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": more})
    await measure(city.dlh, reached, "60", "2026-06-15")
    await measure(city.dlh, uncompared, "20", "2026-06-15")
    listing = "unrealisedTargets(first: %d, after: %s) { nodes { id } pageInfo { endCursor } }"

    async def listed(first: int, after: str = "null") -> tuple[list[str], str]:
        page = (await city.outsider.query("{ " + listing % (first, after) + " }"))["unrealisedTargets"]
        return [each["id"] for each in page["nodes"]], f'"{page["pageInfo"]["endCursor"]}"'

    assert (await listed(50))[0] == [bad, good, *sorted((silent, fresh, uncompared)), reached]
    # Past the second quarter's day: who never reported comes before who reported long ago.
    city.go_to(date(2026, 7, 15))
    whole = (await listed(50))[0]
    assert whole == [*sorted((silent, fresh)), bad, good, uncompared, reached]
    pages, after = [], "null"
    for _ in whole:
        page, after = await listed(1, after)
        pages += page
    assert pages == whole
    city.go_to(date(2026, 10, 15))
    assert (await listed(50))[0][:2] == [*sorted((silent, fresh))]


async def test_a_missing_report_shows_from_the_day_after_it_was_due(city: City) -> None:
    target = await promised(city)
    await measure(city.camat, target, "25", "2026-03-31")
    due = date.fromisoformat((await look(city.camat, target, "reportDueOn"))["reportDueOn"])
    city.go_to(due)
    assert (await look(city.camat, target, "trackState isNotReported"))["isNotReported"] is False
    city.move(days=1)
    assert await look(city.camat, target, "trackState isNotReported") == {
        "trackState": "NOT_REPORTED", "isNotReported": True,
    }  # fmt: skip


async def test_a_plan_decides_which_reports_its_targets_owe(city: City) -> None:
    """“Which reports are owed follows from the plan's approval, closing and reopening.”"""
    plan = await city.draft(city.camat, targets=1)
    (target,) = await city.targets_of(plan)
    shown = "reportDueOn trackState missedReportCount"
    nothing = {"reportDueOn": None, "trackState": "NOT_STARTED", "missedReportCount": 0}
    assert await look(city.camat, target, shown) == nothing
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    city.go_to(date(2027, 1, 25))  # late: the year's last report was due on the 18th
    assert await look(city.camat, target, shown) == nothing
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    owed = nothing | {"reportDueOn": "2027-02-09"}
    assert await look(city.camat, target, shown) == owed
    await city.bappeda.mutate("closeWorkPlan", {"workPlanId": plan})
    city.go_to(date(2027, 2, 10))
    assert await look(city.camat, target, shown) == nothing  # it keeps what stood at its closing
    given = {"targetId": target, "value": "1", "measuredOn": "2026-12-31"}
    assert (await city.camat.refused("recordMeasurement", given))["code"] == "PLAN_NOT_OPEN"
    assert await check(city.pool) == []
    await city.bappeda.mutate("reopenWorkPlan", {"workPlanId": plan, "reason": "Laporan menyusul."})
    assert await look(city.camat, target, shown) == owed | {"trackState": "NOT_REPORTED"}
    assert await check(city.pool) == []


async def test_a_target_that_is_removed_and_added_again_owes_reports_from_then_on(city: City) -> None:
    plan = await city.approved(city.camat, targets=2)
    target, _ = await city.targets_of(plan)
    assert (await look(city.camat, target, "reportDueOn"))["reportDueOn"] == "2026-07-14"
    await city.camat.mutate("archiveTarget", {"targetId": target, "reason": "Pindah ke DLH."})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    city.go_to(date(2026, 8, 3))
    await city.camat.mutate("restoreTarget", {"targetId": target, "reason": "Tetap di kecamatan."})
    await city.bappeda.mutate("approveAmendment", {"targetId": target})
    assert await look(city.camat, target, "reportDueOn trackState") == {
        "reportDueOn": "2026-10-14", "trackState": "NOT_STARTED",
    }  # fmt: skip
    assert await check(city.pool) == []


async def test_what_an_older_program_counted_is_counted_anew(city: City) -> None:
    """And its figures are those of the rules of today."""
    target = await promised(city, rollUp="SUM", targetValue="100")
    await measure(city.camat, target, "40", "2026-06-15")
    await city.settled()
    before = await look(city.outsider, target, STATE + " version")
    city.is_altered_by_hand = True
    await city.rows(
        "UPDATE target SET untold_due_on = '[]', report_due_on = '2026-10-14', grade = 'LOW', achievement = 1,"
        " grade_to_date = NULL RETURNING id"
    )
    assert await recount_old(city.pool) == 1
    assert await look(city.outsider, target, STATE + " version") == before
    assert await check(city.pool) == []
    assert await recount_old(city.pool) == 0


async def test_the_recount_finds_what_was_altered_by_hand(city: City) -> None:
    target = await promised(city)
    await measure(city.camat, target, "40", "2026-06-15")
    assert await check(city.pool) == []
    await city.settled()  # else a watcher is told of the reading with what is altered here
    await city.rows("UPDATE target SET achievement = 99, pace = 'OFF_TRACK' RETURNING id")
    city.is_altered_by_hand = True
    found = await check(city.pool)
    assert [(each.subject, each.field) for each in found] == [(target, "achievement"), (target, "pace")]
    await city.rows("UPDATE target SET achievement = 40, pace = 'AT_RISK', version = 9 RETURNING id")
    assert [each.field for each in await check(city.pool)] == ["version"]
    await city.rows("UPDATE target SET version = 4 RETURNING id")
