"""Summaries are of one year: the present one, a plan's own, or the one that is asked for; help wanted is of now."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.city import City

COUNTED = "planCount targetCount realisedCount averageAchievement averageAchievementLeftOut taskCount doneTaskCount"


async def told_in_january(city: City) -> tuple[str, str]:
    """A target of 31 December in a programme, reported in full, and a task that is done; plan and programme code."""
    (programme, *_) = (await city.outsider.query("{ programmes { nodes { code } } }"))["programmes"]["nodes"]
    plan = await city.draft(city.camat, targets=0)
    target = await city.target(city.camat, plan, rollUp="MEAN", targetValue="80", programme={"code": programme["code"]})
    task = await city.task(city.camat, targetId=target, dueOn=city.day(7))
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": task})
    city.go_to(date(2026, 12, 30))
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "90", "measuredOn": "2026-12-30"})
    city.go_to(date(2027, 1, 4))
    await city.sweep()
    return plan, programme["code"]


async def test_a_year_that_is_told_after_its_end_is_shown_by_every_summary_that_is_asked_for_it(city: City) -> None:
    plan, programme = await told_in_january(city)
    told = {
        "planCount": 1, "targetCount": 1, "realisedCount": 1, "averageAchievement": 110,
        "averageAchievementLeftOut": 0, "taskCount": 1, "doneTaskCount": 1,
    }  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(told, 0) | {"averageAchievement": None}
    asked = (
        "query($year: Int, $plan: ID!, $code: String!, $programme: String!) {"
        f" workPlan(by: {{id: $plan}}) {{ summary {{ {COUNTED} }} }}"
        f" organisation(by: {{code: $code}}) {{ summary(year: $year) {{ {COUNTED} }} }}"
        f" programme(by: {{code: $programme}}) {{ summary(year: $year) {{ {COUNTED} }} }}"
        f" statusBoard {{ totals(year: $year) {{ {COUNTED} }}"
        f" organisations {{ organisation {{ code }} summary(year: $year) {{ {COUNTED} }} }}"
        f" programmes {{ programme {{ code }} summary(year: $year) {{ {COUNTED} }} }} }} }}"
    )

    async def summaries(year: int | None) -> list[Any]:
        code = city.camat.organisation
        found = await city.outsider.query(asked, year=year, plan=plan, code=code, programme=programme)
        board = found["statusBoard"]
        return [
            found["organisation"]["summary"], found["programme"]["summary"], board["totals"],
            *(each["summary"] for each in board["organisations"] if each["organisation"]["code"] == code),
            *(each["summary"] for each in board["programmes"] if each["programme"]["code"] == programme),
            found["workPlan"]["summary"],
        ]  # fmt: skip

    assert await summaries(2026) == [told] * 6
    assert await summaries(None) == [nothing] * 5 + [told]  # the plan's is of its own year, whenever it is asked
    assert await summaries(2027) == [nothing] * 5 + [told]
    for year in (0, -1, 10_000, 2_147_483_647, -2_147_483_648):
        assert await summaries(year) == [nothing] * 5 + [told], year


async def test_what_is_open_counts_in_the_present_year_alone(city: City) -> None:
    await city.task(city.camat, dueOn="2026-06-20")
    await city.task(city.camat, dueOn=None)
    asked = 'query($year: Int) { organisation(by: {code: "%s"}) { summary(year: $year) { taskCount } } }'

    async def tasks(year: int | None) -> int:
        found = await city.outsider.query(asked % city.camat.organisation, year=year)
        return int(found["organisation"]["summary"]["taskCount"])

    assert [await tasks(year) for year in (None, 2025, 2026, 2027)] == [2, 0, 2, 0]
    city.go_to(date(2027, 1, 4))
    assert [await tasks(year) for year in (None, 2026, 2027)] == [2, 1, 2]


async def test_help_wanted_stands_on_the_board_and_is_found_by_a_filter_until_it_is_answered(city: City) -> None:
    """“What stands still for want of help is shown on the board, and counted, until it is answered.”"""
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, targetId=target)
    other = await city.task(city.camat)
    for each in (task, other):
        await city.camat.mutate("startTask", {"taskId": each})
        await city.camat.mutate("blockTask", {"taskId": each, "reason": "Alat berat rusak."})
    asked = (
        "query($plan: ID!) { statusBoard { totals { helpWantedCount } helpWanted { id supportNote }"
        " organisations { organisation { code } summary { helpWantedCount } } }"
        " tasks(filter: {isSupportWanted: {eq: true}}) { totalCount nodes { id isSupportWanted } }"
        " workPlan(by: {id: $plan}) { summary { helpWantedCount } } }"
    )

    async def wanted() -> tuple[Any, ...]:
        found = await city.outsider.query(asked, plan=plan)
        board = found["statusBoard"]
        (own,) = [
            each["summary"]["helpWantedCount"]
            for each in board["organisations"]
            if each["organisation"]["code"] == city.camat.organisation
        ]
        assert all(each["isSupportWanted"] for each in found["tasks"]["nodes"])
        assert found["tasks"]["totalCount"] == len(found["tasks"]["nodes"])
        return (
            board["totals"]["helpWantedCount"], own, [each["id"] for each in board["helpWanted"]],
            [each["id"] for each in found["tasks"]["nodes"]], found["workPlan"]["summary"]["helpWantedCount"],
        )  # fmt: skip

    assert await wanted() == (0, 0, [], [], 0)
    await city.camat.mutate("askForSupport", {"taskId": task, "note": "Dua ekskavator."})
    assert await wanted() == (1, 1, [task], [task], 1)
    await city.sekda.mutate("answerSupport", {"taskId": task, "answer": "Alat berat datang Kamis."})
    assert await wanted() == (0, 0, [], [], 0)
    shown = "query($id: ID!) { task(by: {id: $id}) { supportAskedAt isSupportWanted } }"
    answered = (await city.outsider.query(shown, id=task))["task"]
    assert (answered["supportAskedAt"] is None, answered["isSupportWanted"]) == (False, False)
    await city.camat.mutate("askForSupport", {"taskId": other, "note": "Satu truk."})
    assert (await wanted())[:3] == (1, 1, [other])
    await city.camat.mutate("unblockTask", {"taskId": other})
    assert await wanted() == (0, 0, [], [], 0)
