"""How days ended is kept as the board said it, by the sweep at midnight or later from the log."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from server.actions.transaction import transaction
from server.background.past_days import keep_past_days
from server.database import Pool
from server.query.declare.fields import declared_fields
from server.rules.status_day import COUNTED
from server.schema.status_day import StatusDay
from tests.api.test_target import measure
from tests.city import City
from tests.person import Json

FIELDS = " ".join(declared_fields(StatusDay)[name].graphql_key for name in COUNTED)
BOARD = f"""{{ statusBoard {{
    totals {{ ...Counted }}
    organisations {{ organisation {{ code }} summary {{ ...Counted }} }}
    programmes {{ programme {{ code }} summary {{ ...Counted }} }}
}} }} fragment Counted on StatusSummary {{ {FIELDS} }}"""
DAYS = f"""query ($day: RelativeDate!) {{ statusDays(filter: {{countedOn: {{eq: $day}}}}, first: 200) {{ nodes {{
    countedOn organisation {{ code }} programme {{ code }} {FIELDS}
}} }} }}"""


async def board(city: City) -> dict[str, Json]:
    """What the board says now, by whose counts they are."""
    seen = (await city.outsider.query(BOARD))["statusBoard"]
    return {
        "city": seen["totals"],
        **{f"organisation {each['organisation']['code']}": each["summary"] for each in seen["organisations"]},
        **{f"programme {each['programme']['code']}": each["summary"] for each in seen["programmes"]},
    }


async def kept(city: City, day: date) -> dict[str, Json]:
    """What is kept of a day, likewise."""
    found: dict[str, Json] = {}
    for each in (await city.outsider.query(DAYS, day=day.isoformat()))["statusDays"]["nodes"]:
        assert each.pop("countedOn") == day.isoformat()
        whose = {name: each.pop(name) for name in ("organisation", "programme")}
        names = [f"{name} {row['code']}" for name, row in whose.items() if row is not None]
        found[names[0] if names else "city"] = each
    return found


async def end_of_day(city: City) -> dict[date, dict[str, Json]]:
    """By the day what the board says a second before midnight; then it is over, and swept."""
    city.now = datetime.combine(city.today, time(23, 59, 58), city.zone)
    await city.settled()
    said = {city.today: await board(city)}
    city.move(seconds=3)
    await city.sweep()
    return said


async def live_a_little(city: City) -> dict[date, dict[str, Json]]:
    """Some days with something of everything that is counted; what the board said at the end of each."""
    said: dict[date, dict[str, Json]] = {}
    plan = await city.draft(city.dlh, targets=0)
    target = await city.target(city.dlh, plan, programme={"code": "KEBERSIHAN"})
    level = await city.target(
        city.dlh, plan, rollUp="LAST", baseline="10", targetValue="20", programme={"code": "KEBERSIHAN"}
    )
    draft = await city.draft(city.camat)
    await city.dlh.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    soon = {"workPlanId": plan, "targetId": target, "dueOn": city.day(1)}
    tasks = [await city.task(city.dlh, **soon, title=f"Angkut {number}") for number in range(4)]
    asked = await city.request(city.camat, city.dlh)
    said |= await end_of_day(city)
    city.go_to(city.today)
    await measure(city.dlh, target, "30", city.day())
    await measure(city.dlh, level, "12", city.day())
    await city.dlh.mutate("reportProgress", {"taskId": tasks[0], "progress": 100})
    await city.dlh.mutate("completeTask", {"taskId": tasks[0]})
    await city.dlh.mutate("reportProgress", {"taskId": tasks[1], "progress": 10})
    await city.dlh.mutate("blockTask", {"taskId": tasks[1], "reason": "Truk rusak"})
    await city.dlh.mutate("askForSupport", {"taskId": tasks[1], "note": "Truk"})
    await city.camat.mutate("submitWorkPlan", {"workPlanId": draft})
    said |= await end_of_day(city)  # tasks are overdue from midnight on
    city.go_to(city.today)
    await measure(city.dlh, target, "80", city.day())
    await city.mayor.mutate("answerSupport", {"taskId": tasks[1], "answer": "Truk dikirim"})
    await city.dlh.mutate("cancelTask", {"taskId": tasks[2], "reason": "Tidak jadi"})
    await city.dlh.mutate("archiveTask", {"taskId": tasks[2]})
    said |= await end_of_day(city)
    city.go_to(date(2026, 6, 23))  # the request has lapsed by now
    await city.sweep()
    said |= await end_of_day(city)
    city.go_to(city.today)
    await city.dlh.mutate("declineRequest", {"requestId": asked, "reason": "Tidak ada truk"})
    await city.dlh.mutate("updateTask", {"taskId": tasks[3], "dueOn": city.day(30)})
    said |= await end_of_day(city)
    return said


async def fill(city: City) -> int:
    """What `kolaborasi keep-past-days` does."""
    installation = city.site.installation
    pool = Pool(city.url, size=1, timeout=10, statement_timeout="60s")
    try:
        async with transaction(pool, None, installation.clock.moment(), None, in_one_state=True) as tx:
            return await keep_past_days(tx, installation.days)
    finally:
        await pool.close()


async def test_a_days_row_is_what_the_board_said_a_second_before_midnight(city: City) -> None:
    """Of each organisation, each programme and the city; and the log tells the same of days that nobody kept."""
    said = await live_a_little(city)
    for day, of_day in said.items():
        assert await kept(city, day) == of_day, day
    names = ("taskCount", "overdueTaskCount", "helpWantedCount", "realisedCount", "lapsedRequestCount", "planCount")
    told = {name: {of_day["city"][name] for of_day in said.values()} for name in names}
    assert all(len(values) > 1 for values in told.values()), f"nothing happened to: {told}"
    # The city is the sum of the organisations.
    for of_day in said.values():
        organisations = [counts for whose, counts in of_day.items() if whose.startswith("organisation")]
        for name in FIELDS.split():
            if name.endswith(("Count", "LeftOut")):
                assert of_day["city"][name] == sum(counts[name] for counts in organisations), name

    async with city.pool.connection() as connection:
        await connection.execute("DELETE FROM status_day")
    first = (await city.rows("SELECT min(recorded_at) AS at FROM event"))[0]["at"].astimezone(city.zone).date()
    assert await fill(city) == (city.today - first).days  # those on which nobody swept as well
    for day, of_day in said.items():
        assert await kept(city, day) == of_day, day
    assert await fill(city) == 0  # what is kept stays


async def test_days_are_read_by_step_and_of_the_city_alone(city: City) -> None:
    for day in (date(2026, 6, 28), date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1)):
        city.go_to(day)
        await city.sweep()
        await end_of_day(city)

    async def listed(field: str, step: str) -> list[Any]:
        answer = await city.outsider.query(f"{{ {field} {{ statusDays{step} {{ nodes {{ countedOn }} }} }} }}")
        return [each["countedOn"][5:] for each in answer[field.partition("(")[0]]["statusDays"]["nodes"]]

    every = ["06-28", "06-29", "06-30", "07-01"]
    for field in ("city", 'organisation(by: {code: "DLH"})', 'programme(by: {code: "KEBERSIHAN"})'):
        assert [day for day in await listed(field, "") if day in every] == every, field
        assert [day for day in await listed(field, "(step: WEEK)") if day in every] == ["06-28"]
        assert [day for day in await listed(field, "(step: MONTH)") if day in every] == ["06-30"]
        assert await listed(field, "(step: QUARTER)") == ["06-30"]
