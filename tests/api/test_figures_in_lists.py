"""Lights, averages and the order of what is not realised, as lists and summaries tell them in SQL, and as the second
implementation has them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from server.actions.rows import shape
from server.ids import decode, encode, uuid7
from server.models import Target
from server.rules.achievement import state_of
from tests.city import City
from tests.naive.random_targets import Case, random_case
from tests.naive.reports import average_achievement, average_achievement_to_date, figures, unrealised
from tests.rules.test_figures_twice import city_of, readings_of, values_of

TODAY = date(2026, 10, 20)
COUNT = 400
LISTED = (
    "{ %s { nodes { id trackState isReached isRealised isNotReported missedReportCount grade gradeToDate }"
    " pageInfo { hasNextPage endCursor } } }"
)
SUMMARY = (
    "targetCount notReportedCount averageAchievement averageAchievementLeftOut averageAchievementToDate"
    " averageAchievementToDateLeftOut"
)


def cases() -> list[Case]:
    """Targets by chance of which all that is known was known by this day, in one calendar."""
    found: list[Case] = []
    seed = 0
    while len(found) < COUNT:
        case = random_case(seed)
        seed += 1
        if case.today <= TODAY and all(value is None or value >= 0 for value in (case.target.value, case.target.lower)):
            found.append(Case(seed, case.target, case.readings, frozenset(), TODAY))
    return found


async def laid_down(city: City, plan: str, owner_id: UUID, made: list[Case]) -> list[str]:
    """Their rows, as the verbs would keep them; their ids."""
    columns = shape(Target).columns
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    ids = sorted(uuid7() for _ in made)
    async with city.pool.connection() as connection:
        for id, case in zip(ids, made, strict=True):
            values = values_of(case)
            row: dict[str, Any] = {
                **dict.fromkeys(columns), "id": id, "version": 1, "created_at": city.now, "updated_at": city.now,
                "work_plan_id": decode(plan)[1], "owner_id": owner_id, "indicator": f"Nomor {case.seed}",
                "unit": "buah", "is_proposed": False, "direction": values.direction, "roll_up": values.roll_up,
                "formula": values.formula, "baseline": values.baseline, "target_value": values.target_value,
                "target_value_to": values.target_value_to, "due_on": values.due_on, "milestones": [],
                "counts_from": values.counts_from, **state_of(values, readings_of(case), city_of(case)),
            }  # fmt: skip
            await connection.execute(
                f"INSERT INTO target ({', '.join(columns)}) VALUES ({places})", *(row[name] for name in columns)
            )
    return [encode("target", id) for id in ids]


async def listed(city: City, root: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    after = "null"
    while True:
        page = (await city.outsider.query(LISTED % f"{root}(first: 50, after: {after})"))[root]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = f'"{page["pageInfo"]["endCursor"]}"'


async def test_lists_and_averages_tell_of_random_targets_what_the_text_says(city: City) -> None:
    plan = await city.approved(city.camat, targets=1)
    city.is_altered_by_hand = True
    city.watched.clear()  # nobody is told of what is laid down here
    (first,) = await city.rows("UPDATE target SET archived_at = created_at RETURNING owner_id")
    city.go_to(TODAY)
    made = cases()
    ids = await laid_down(city, plan, first["owner_id"], made)
    told = [figures(case.target, case.readings, case.city, TODAY) for case in made]
    shown = {each["id"]: each for each in await listed(city, "targets")}
    for id, one, case in zip(ids, told, made, strict=True):
        assert shown[id] == {
            "id": id, "trackState": one.track_state, "isReached": one.is_reached, "isRealised": one.is_realised,
            "isNotReported": one.is_not_reported, "missedReportCount": one.missed_report_count, "grade": one.grade,
            "gradeToDate": one.grade_to_date,
        }, case  # fmt: skip
    # Those that are equal come by id, as they stand here.
    order = unrealised([(case.target, case.readings) for case in made], made[0].city, TODAY)
    assert [each["id"] for each in await listed(city, "unrealisedTargets")] == [ids[place] for place in order]
    query = f"query($id: ID!) {{ workPlan(by: {{id: $id}}) {{ summary {{ {SUMMARY} }} }} }}"
    summary = (await city.outsider.query(query, id=plan))["workPlan"]["summary"]
    year, to_date = average_achievement(told, made[0].city), average_achievement_to_date(told, made[0].city)
    assert year.value is not None
    assert to_date.value is not None
    assert summary == {
        "targetCount": COUNT, "notReportedCount": sum(one.is_not_reported for one in told),
        "averageAchievement": float(round(year.value, 1)), "averageAchievementLeftOut": COUNT - year.counted,
        "averageAchievementToDate": float(round(to_date.value, 1)),
        "averageAchievementToDateLeftOut": COUNT - to_date.counted,
    }  # fmt: skip
