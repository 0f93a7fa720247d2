"""Kept counters are what counting gives, for every viewer and through every history; and the board is made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from server.actions.check import check
from server.ids import decode
from tests.city import City
from tests.person import Json, Person

WORKERS = ("camat", "camat_staff", "dlh", "dlh_staff", "neighbour")
VIEWERS = ("camat", "dlh_staff", "neighbour", "outsider", "bappeda", "mayor", "admin")
STATUSES = ("PLANNED", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED")
TASK_NUMBERS = "taskCount doneTaskCount blockedTaskCount overdueTaskCount"
BOARD = f"{{ statusBoard {{ totals {{ {TASK_NUMBERS} }} organisations {{ organisation {{ code }} summary {{ "
BOARD += f"{TASK_NUMBERS} }} }} programmes {{ programme {{ code }} summary {{ {TASK_NUMBERS} }} }} }} }}"
# The same, counted from the tasks themselves.
RECOUNT = """
SELECT {key} AS key,
    count(*) FILTER (WHERE t.status <> 'CANCELLED') AS "taskCount",
    count(*) FILTER (WHERE t.status = 'DONE') AS "doneTaskCount",
    count(*) FILTER (WHERE t.status = 'BLOCKED') AS "blockedTaskCount",
    count(*) FILTER (WHERE t.due_on < $1 AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')) AS "overdueTaskCount"
FROM task t JOIN organisation o ON o.id = t.organisation_id LEFT JOIN target g ON g.id = t.target_id
LEFT JOIN programme p ON p.id = g.programme_id
WHERE t.archived_at IS NULL AND t.draft_of_id IS NULL AND (t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')
    OR extract(year FROM t.due_on) = extract(year FROM $1::date))
GROUP BY 1
"""
# What an organisation's list has, unless it is asked for another year.
IN_YEAR = (
    "(t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
    " OR extract(year FROM t.due_on) = extract(year FROM ${today}::date))"
)
NONE = dict.fromkeys(TASK_NUMBERS.split(), 0)


async def recount(city: City, key: str) -> dict[str, Json]:
    rows = await city.rows(RECOUNT.format(key=key), city.today)
    return {row.pop("key"): row for row in rows}


async def confirm_board(city: City, *people: Person) -> None:
    """The board says what counting says, and the same to everybody."""
    boards = [(await person.query(BOARD))["statusBoard"] for person in people]
    board = boards[0]
    assert all(each == board for each in boards)
    by_code = await recount(city, "o.code")
    for each in board["organisations"]:
        assert each["summary"] == by_code.get(each["organisation"]["code"], NONE)
    assert board["totals"] == (await recount(city, "'all'")).get("all", NONE)
    by_programme = await recount(city, "p.code")
    for each in board["programmes"]:
        assert each["summary"] == by_programme.get(each["programme"]["code"], NONE)


class History:
    """Verbs drawn at random, by whoever may do them or not; what is refused is no history."""

    def __init__(self, city: City, seed: int) -> None:
        self.city = city
        self.draw = Random(seed)
        self.plans: dict[str, list[str]] = {}
        self.targets: dict[str, list[str]] = {}
        self.tasks: list[str] = []
        self.done = 0

    async def begin(self) -> None:
        city = self.city
        for person in (city.camat, city.dlh):
            approved = await city.approved(person, targets=2)
            draft = await city.draft(person, year=2027, targets=1)
            self.plans[person.organisation] = [approved, draft]
            self.targets[person.organisation] = [*await city.targets_of(approved), *await city.targets_of(draft)]

    async def step(self) -> None:
        draw, city = self.draw, self.city
        person: Person = getattr(city, draw.choice(WORKERS))
        verb, given = self._drawn(person)
        payload = await person.attempt(verb, given, None)
        if payload["errors"]:
            return
        self.done += 1
        if verb in ("createTask", "orderTask"):
            self.tasks.append(payload["task"]["id"])

    def _drawn(self, person: Person) -> tuple[str, Mapping[str, Any]]:
        draw = self.draw
        own = person.organisation
        if not self.tasks or draw.random() < 0.25:
            given: dict[str, Any] = {"organisation": {"code": own}, "title": "Angkut sampah"}
            if draw.random() < 0.6:
                given["dueOn"] = self.city.day(draw.choice((-400, -1, 0, 1, 3, 300)))
            if (plans := self.plans.get(own)) and draw.random() < 0.6:
                given["workPlanId"] = draw.choice(plans)
            if (targets := self.targets.get(own)) and draw.random() < 0.4:
                given["targetId"] = draw.choice(targets)
            return "createTask", given
        if draw.random() < 0.08 and (plans := self.plans.get(own)):
            verb = draw.choice(("submitWorkPlan", "takeBackWorkPlan", "archiveWorkPlan", "restoreWorkPlan"))
            return verb, {"workPlanId": plans[1]}
        task = {"taskId": draw.choice(self.tasks)}
        verb = draw.choice(
            ("startTask", "reportProgress", "reportProgress", "blockTask", "unblockTask", "completeTask", "reopenTask",
             "cancelTask", "updateTask", "moveTask", "archiveTask", "restoreTask")
        )  # fmt: skip
        more: dict[str, dict[str, Any]] = {
            "reportProgress": {"progress": draw.choice((0, 40, 100))},
            "blockTask": {"reason": "Alat rusak"},
            "reopenTask": {"reason": "Belum bersih"},
            "cancelTask": {"reason": "Tidak perlu"},
            "updateTask": {"dueOn": draw.choice((None, self.city.day(-2), self.city.day(200), self.city.day(250)))},
            "moveTask": {"targetId": draw.choice((None, *self.targets.get(own, [])))},
        }
        return verb, {**task, **more.get(verb, {})}

    def filter(self) -> tuple[Json, str, list[Any]]:
        """A filter on tasks, and the same as SQL over `t` with parameters from $1 on."""
        draw = self.draw
        parts: list[tuple[Json, str, list[Any]]] = []
        if draw.random() < 0.6:
            codes = draw.sample(("12.71.11", "DLH", "12.71.01", "ITKO"), 2)
            text = "o.code = ANY(${0})"
            parts.append(({"organisation": {"code": {"in": codes}}}, text, [codes]))
        if draw.random() < 0.7:
            some = draw.sample(STATUSES, 2)
            name, text = draw.choice((("in", "t.status = ANY(${0})"), ("nin", "t.status <> ALL(${0})")))
            parts.append(({"status": {name: some}}, text, [some]))
        if draw.random() < 0.3:
            target = draw.choice([each for targets in self.targets.values() for each in targets])
            parts.append(({"target": {"id": {"eq": target}}}, "t.target_id = ${0}", [decode(target)[1]]))
        conditions, sql, arguments = [], [], []
        for number, (condition, text, values) in enumerate(parts):
            conditions.append(condition)
            sql.append(text.format(number + 1))
            arguments += values
        together: Json = {"and": conditions}
        joined = " AND ".join(sql) or "true"
        if draw.random() < 0.3:
            together, joined = {"not": together}, f"({joined}) IS NOT TRUE"
        return together, joined, arguments


COUNT = "query($filter: TaskFilter) { tasks(filter: $filter, first: 1) { totalCount } "
COUNT += "organisations { nodes { code tasks(filter: $filter, first: 1) { totalCount } } } }"


async def confirm_counts(history: History) -> None:
    """A list's total is the number of the rows that it would give, for whoever asks."""
    city = history.city
    for _ in range(4):
        person: Person = getattr(city, history.draw.choice(VIEWERS))
        given, condition, arguments = history.filter()
        is_reviewer = person.login in ("bappeda", "mayor")
        rows = await city.rows(
            "SELECT o.code, count(*) AS n,"
            f" count(*) FILTER (WHERE {IN_YEAR.format(today=len(arguments) + 3)}) AS of_year"
            " FROM task t JOIN organisation o ON o.id = t.organisation_id"
            f" WHERE t.archived_at IS NULL AND ({condition})"
            f" AND (t.draft_of_id IS NULL OR t.draft_of_id = ${len(arguments) + 1} OR ${len(arguments) + 2})"
            " GROUP BY 1",
            *arguments, decode(person.organisation_id)[1], is_reviewer, city.today,
        )  # fmt: skip
        counted = {row["code"]: row["of_year"] for row in rows if row["of_year"]}
        found = await person.query(COUNT, filter=given)
        assert found["tasks"]["totalCount"] == sum(row["n"] for row in rows), (person.login, given)
        by_code = {each["code"]: each["tasks"]["totalCount"] for each in found["organisations"]["nodes"]}
        assert {code: n for code, n in by_code.items() if n} == counted, (person.login, given)


@pytest.mark.parametrize("seed", [0, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in (1, 2, 3))])
async def test_after_any_history_the_kept_counters_are_what_counting_gives(city: City, seed: int) -> None:
    history = History(city, seed)
    await history.begin()
    for _ in range(3):
        for _ in range(18):
            await history.step()
        await confirm_counts(history)
        city.move(days=history.draw.choice((1, 2, 5)))
        await city.sweep()
        await confirm_board(city, city.outsider, city.camat, city.mayor)
    assert history.done > 15
    assert not await check(city.pool)
    assert await city.rows("SELECT 1 FROM task_count WHERE n < 0") == []


async def test_sixteen_who_write_at_once_about_each_others_requests_leave_no_difference(city: City) -> None:
    sides = (city.camat, city.dlh)
    tasks = [await city.task(side, dueOn=city.day(20)) for side in sides for _ in range(4)]

    async def write(number: int) -> None:
        draw = Random(number)
        person, other = sides if number % 2 else sides[::-1]
        for _ in range(4):
            await person.attempt("reportProgress", {"taskId": draw.choice(tasks), "progress": draw.choice((10, 100))})
            request = await city.request(person, other)
            payload = await other.mutate("acceptRequest", {"requestId": request}, "request { commitment { id } }")
            promised = {"taskId": payload["request"]["commitment"]["id"]}
            await other.mutate("reportProgress", {**promised, "progress": 100})
            await person.attempt("completeTask", {"taskId": draw.choice(tasks)})
            await other.mutate("completeTask", promised)
            await person.attempt("reopenTask", {"taskId": draw.choice(tasks), "reason": "Belum bersih"})

    before = await city.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    await asyncio.gather(*(write(number) for number in range(16)))
    await city.settled()
    after = await city.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert before == after
    assert not await check(city.pool)
    await confirm_board(city, city.outsider)


async def test_a_difference_is_found_by_the_check(city: City) -> None:
    await city.task(city.camat)
    async with city.pool.connection() as connection:
        await connection.execute("UPDATE task_count SET n = n + 1")
        await connection.execute("UPDATE task SET is_overdue = true")
    city.is_altered_by_hand = True
    assert {each.field.partition(" ")[0] for each in await check(city.pool)} == {"task_count", "is_overdue"}


async def test_a_report_that_moves_nothing_writes_no_counter(city: City) -> None:
    task = await city.task(city.camat)
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 10})
    before = await city.rows("SELECT xmin::text, id, n FROM task_count ORDER BY id")
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 20})
    assert await city.rows("SELECT xmin::text, id, n FROM task_count ORDER BY id") == before


async def test_a_dry_run_shows_its_own_counts_and_leaves_none(city: City) -> None:
    selection = f"task {{ organisation {{ tasks {{ totalCount }} summary {{ {TASK_NUMBERS} }} }} }}"
    given = {"organisation": {"code": city.camat.organisation}, "title": "Coba", "dueOn": city.day(-1), "dryRun": True}
    tried = (await city.camat.mutate("createTask", given, selection))["task"]["organisation"]
    assert tried["tasks"]["totalCount"] == 1
    assert tried["summary"] == {**NONE, "taskCount": 1, "overdueTaskCount": 1}
    await confirm_board(city, city.camat)
