"""The board as it is looked at: of one moment, the same for everybody, shared while nothing happens and never late."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.database import Connection, Pool
from server.events.position import Position
from server.query.compile.plan import Reads
from server.query.run.kept_rows import KeptRows
from server.query.run.question import MOST_ROWS
from server.query.run.shared_answers import Made, States
from tests import cases
from tests.city import City
from tests.founding import PEOPLE
from tests.person import Json, Person
from tests.watching import EventStream, Watcher, until

NUMBERS = (
    "planCount approvedPlanCount targetCount realisedCount onTrackCount atRiskCount offTrackCount notStartedCount"
    " notReportedCount averageAchievement averageAchievementLeftOut averageAchievementToDate"
    " averageAchievementToDateLeftOut taskCount doneTaskCount blockedTaskCount overdueTaskCount openRequestCount"
    " lapsedRequestCount"
)
BOARD = (
    f"{{ statusBoard {{ cursor readAt term {{ daysLeft }} totals {{ {NUMBERS} }}"
    f" organisations {{ organisation {{ id code }} summary {{ {NUMBERS} }} }}"
    f" programmes {{ programme {{ code }} summary {{ {NUMBERS} }} }}"
    " offTrack { id indicator owner { code } } requestsOnTheClock { id title isLapsed } latest { id sentence }"
    " cases { id } } }"
)
TASKS = "{ statusBoard { totals { taskCount } } }"


async def board(person: Person, query: str = BOARD) -> Json:
    found: Json = (await person.query(query))["statusBoard"]
    return found


async def taken(person: Person) -> int:
    found: int = (await board(person, TASKS))["totals"]["taskCount"]
    return found


async def busy(city: City) -> None:
    """Something of all that a board shows."""
    plan = await city.approved(city.camat, targets=2)
    await city.approved(city.dlh, targets=1)
    await city.draft(city.neighbour, targets=3)
    target, other = await city.targets_of(plan)
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "1", "measuredOn": city.day()})
    await city.camat.mutate("recordMeasurement", {"targetId": other, "value": "100", "measuredOn": city.day()})
    await city.task(city.camat, workPlanId=plan, targetId=target, dueOn=city.day(1))
    await city.request(city.camat, city.dlh)
    await city.settled()


async def test_the_board_is_the_sum_of_its_organisations_and_says_what_each_one_says(city: City) -> None:
    await busy(city)
    found = await board(city.outsider)
    for name in NUMBERS.split():
        if not name.startswith("average") or name.endswith("LeftOut"):
            counted = sum(each["summary"][name] for each in found["organisations"])
            assert found["totals"][name] == counted, name
    # Of both targets that were read, whoever's they are; nobody's year is told.
    assert found["totals"]["averageAchievement"] is None
    assert found["totals"]["averageAchievementToDate"] == 56.1  # 1 and 100 of 45.3297, capped at 110
    codes = [each["organisation"]["code"] for each in found["organisations"]]
    assert codes == sorted(codes)
    alone = await city.outsider.query(f"{{ organisations(first: 50) {{ nodes {{ code summary {{ {NUMBERS} }} }} }} }}")
    assert [each["summary"] for each in found["organisations"]] == [
        each["summary"] for each in alone["organisations"]["nodes"]
    ]
    alone = await city.outsider.query(f"{{ programmes(first: 50) {{ nodes {{ code summary {{ {NUMBERS} }} }} }} }}")
    assert [each["summary"] for each in found["programmes"]] == [
        each["summary"] for each in alone["programmes"]["nodes"]
    ]
    assert [each["owner"]["code"] for each in found["offTrack"]] == [city.camat.organisation]
    assert [each["title"] for each in found["requestsOnTheClock"]] == ["Angkut sampah Pasar Johor"]
    log = await city.outsider.query("{ events(last: 10) { nodes { id } } }")
    assert [each["id"] for each in found["latest"]] == [each["id"] for each in log["events"]["nodes"]][::-1]


async def test_the_board_is_the_same_for_every_viewer_but_for_cases(city: City) -> None:
    await busy(city)
    request = await cases.request(city, city.camat, city.dlh)
    case = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tidak dijawab"})
    await city.settled()
    moment = ("cursor", "readAt", "cases")
    seen = {name: await board(getattr(city, name)) for name in PEOPLE}
    told = [{key: value for key, value in each.items() if key not in moment} for each in seen.values()]
    assert all(each == told[0] for each in told)
    for name, each in seen.items():
        expected = [{"id": case["escalation"]["id"]}] if name in ("mayor", "sekda") else None
        assert each["cases"] == expected, name


async def test_its_cursor_is_where_the_log_had_been_read_to(city: City) -> None:
    await busy(city)
    last = await city.last_position()
    seal = city.site.installation.seal
    cursor = (await board(city.outsider))["cursor"]
    assert seal.open(cursor).position >= Position(last.epoch, last.xid, 0)
    watcher = await city.outsider.watch("events", after=cursor)
    await city.task(city.camat, title="Sesudahnya")
    await city.settled()
    assert len(watcher.told) == 1


class Watched:
    """A pool that awaits `before` each statement that reads rows."""

    def __init__(self, pool: Pool, before: Callable[[str], Awaitable[None]]) -> None:
        self.pool = pool
        self.before = before

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        async with self.pool.connection() as connection:
            yield _Connection(connection, self.before)


class _Connection:
    def __init__(self, connection: Connection, before: Callable[[str], Awaitable[None]]) -> None:
        self.connection = connection
        self.before = before

    async def fetch(self, statement: str, *values: Any) -> Any:
        await self.before(statement)
        return await self.connection.fetch(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


async def test_while_nothing_happens_the_very_same_answer_is_given(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await busy(city)
    first = await board(city.outsider)
    read: list[str] = []

    async def noted(statement: str) -> None:
        read.append(statement)

    monkeypatch.setattr(city.site.installation.engine, "pool", Watched(city.pool, noted))
    for person in (city.outsider, city.camat, city.neighbour):
        assert await board(person) == first
    assert not read
    city.move(seconds=11)  # what the clock alone changes
    assert (await board(city.outsider))["readAt"] > first["readAt"]
    assert read
    assert len(read) == len(set(read))  # read once


async def test_whoever_has_just_written_sees_it(city: City) -> None:
    async def write_and_look(person: Person, number: int) -> None:
        for _ in range(5):
            before = await taken(person)
            await city.task(person, title=f"Kerja {number}")
            assert await taken(person) > before

    people = (city.camat, city.camat_staff, city.dlh, city.dlh_staff, city.neighbour)
    await asyncio.gather(*(write_and_look(person, number) for number, person in enumerate(people)))
    assert await taken(city.outsider) == 25


async def test_what_reads_the_viewer_is_shared_with_nobody(city: City) -> None:
    await busy(city)
    query = "{ statusBoard { organisations { organisation { code workPlans { totalCount } } } } }"
    seen = {}
    for name in ("outsider", "neighbour", "bappeda", "outsider", "neighbour"):
        found = await board(getattr(city, name), query)
        plans = {each["organisation"]["code"]: each["organisation"]["workPlans"] for each in found["organisations"]}
        seen[name] = plans[city.neighbour.organisation]["totalCount"]
    assert seen == {"outsider": 0, "neighbour": 1, "bappeda": 1}


async def test_a_refresh_that_fails_or_is_cancelled_fails_no_other_request(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = city.site.installation.engine
    gate, begun = asyncio.Event(), asyncio.Event()

    async def slow(statement: str) -> None:
        begun.set()
        await gate.wait()

    monkeypatch.setattr(engine, "pool", Watched(city.pool, slow))
    impatient = asyncio.create_task(taken(city.outsider))
    await begun.wait()
    patient = [asyncio.create_task(taken(city.outsider)) for _ in range(3)]
    impatient.cancel()
    gate.set()
    assert await asyncio.gather(*patient) == [0, 0, 0]

    async def broken(statement: str) -> None:
        raise RuntimeError("broken")

    await city.task(city.camat)
    monkeypatch.setattr(engine, "pool", Watched(city.pool, broken))
    answers = await asyncio.gather(*(city.outsider.ask(TASKS) for _ in range(3)))
    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"INTERNAL"}
    monkeypatch.setattr(engine, "pool", city.pool)
    assert await taken(city.outsider) == 1


async def test_a_states_memory_is_bounded(city: City) -> None:
    states: States = city.site.installation.engine.states
    for number in range(70):
        await city.outsider.query(f"{{ statusBoard {{ a{number}: readAt }} }}")
    assert len(states.slots) <= 64
    assert all(slot.kept is None or isinstance(slot.kept, Made) for slot in states.slots.values())


async def test_the_board_has_its_own_lists_in_bounds(city: City) -> None:
    answer = await city.outsider.ask("query($n: Int) { statusBoard { offTrack(first: $n) { id } } }", {"n": 51})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for number in (0, 1, 50, None):
        found = await city.outsider.query("query($n: Int) { statusBoard { latest(first: $n) { id } } }", n=number)
        assert len(found["statusBoard"]["latest"]) <= (10 if number is None else number)


async def test_a_cached_board_equals_one_that_is_read_anew(city: City) -> None:
    plan = await city.approved(city.dlh, targets=2)
    served = await city.draft(city.camat, targets=0)
    aims = [await city.target(city.camat, served, programme=key) for key in ({"code": "KEBERSIHAN"}, None)]
    await city.camat.mutate("submitWorkPlan", {"workPlanId": served})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": served})
    first, second = await city.targets_of(plan)
    at = city.site.installation.engine

    async def compare(what: str) -> None:
        await city.settled()
        kept = {key: value for key, value in (await board(city.mayor)).items() if key not in ("cursor", "readAt")}
        states, at.states = at.states, States(at.states.news)
        fresh = {key: value for key, value in (await board(city.mayor)).items() if key not in ("cursor", "readAt")}
        at.states = states
        assert kept == fresh, what

    await compare("the beginning")
    task = await city.task(city.dlh, workPlanId=plan, targetId=first, dueOn=city.day(1))
    other = await city.task(city.camat)
    await compare("new tasks")
    steps: list[tuple[Person, str, Json]] = [
        (city.dlh, "reportProgress", {"taskId": task, "progress": 10}),
        (city.dlh, "reportProgress", {"taskId": task, "progress": 20}),
        (city.dlh, "moveTask", {"taskId": task, "workPlanId": plan, "targetId": second}),
        (city.dlh, "blockTask", {"taskId": task, "reason": "Truk rusak"}),
        (city.dlh, "commentOnTask", {"taskId": task, "text": "Menunggu truk"}),
        (city.dlh, "recordMeasurement", {"targetId": first, "value": "1", "measuredOn": city.day()}),
        (city.dlh, "unblockTask", {"taskId": task}),
        (city.dlh, "reportProgress", {"taskId": task, "progress": 100}),
        (city.dlh, "completeTask", {"taskId": task}),
        (city.camat, "cancelTask", {"taskId": other, "reason": "Sudah dikerjakan warga"}),
        (city.camat, "archiveTask", {"taskId": other}),
        (city.camat, "restoreTask", {"taskId": other}),
        (city.dlh, "archiveTask", {"taskId": task}),
    ]
    for person, verb, given in steps:
        await person.mutate(verb, given)
        await compare(verb)
    asked_about = await city.task(city.camat, title="Angkut sampah pasar")
    request = await city.request(city.camat, city.dlh, title="Pinjam truk", aboutId=asked_about)
    await compare("a request about a task")
    for aim in aims:
        await city.camat.mutate("moveTask", {"taskId": asked_about, "workPlanId": served, "targetId": aim})
        await compare("the task moves into a programme and out of it")
    promised = await city.promise(city.dlh, request)
    await compare("its answer, which makes a task")
    await city.dlh.mutate("reportProgress", {"taskId": promised, "progress": 5})
    await compare("a report on that")
    city.move(days=2)  # tasks become overdue, and that is told by the clock alone
    await compare("two days later")


async def test_a_report_refreshes_only_the_tables_that_it_may_change(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(city)
    task = await city.task(city.camat)
    await city.settled()
    asked: list[tuple[str, list[Any], Reads]] = []
    fetch = KeptRows.fetch

    async def noted(self: KeptRows, connection: Any, place: Any, sql: str, arguments: Any, reads: Reads) -> Any:
        if place not in self._found:
            asked.append((sql, arguments, reads))
        return await fetch(self, connection, place, sql, arguments, reads)

    monkeypatch.setattr(KeptRows, "fetch", noted)
    await board(city.outsider)
    every = [*asked]
    asked.clear()
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 10})
    await board(city.outsider)
    assert {sql for sql, *_ in asked} < {sql for sql, *_ in every}
    for sql, _, read in asked:
        assert read is None or read & {"task", "task_count", "event"}, sql
    assert all("FROM task y" not in sql for sql, *_ in asked)  # which looks for a column that no report changes
    # What a statement says it reads is what PostgreSQL says it reads; but for the cursor's all of them say it.
    assert len([sql for sql, _, read in every if read is None]) == 1
    for sql, arguments, read in every:
        async with city.pool.connection() as connection:
            plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
        found = set(re.findall(r'"Relation Name": "(\w+)"', json.dumps(plan)))
        assert read is None or found <= {each.partition(".")[0] for each in read}, sql
        assert found


# ---- live -----------------------------------------------------------------------------------------------------------


async def watched(person: Person, query: str = BOARD, over: str = "socket") -> Watcher:
    """The board, followed by this person."""
    document = f"subscription {query}"
    if over == "sse":
        stream = EventStream(person.city.site.app, "statusBoard", document, {}, person.headers)
        person.city.wires.append(stream)
        return stream.watcher
    return (await person.socket()).subscribe("statusBoard", document, {})


def still(found: Json) -> Json:
    """A board without what tells of its moment alone."""
    return {key: value for key, value in found.items() if key not in ("cursor", "readAt")}


@pytest.mark.parametrize("over", ["socket", "sse"])
async def test_who_watches_the_board_is_told_what_a_fresh_query_answers(city: City, over: str) -> None:
    await busy(city)
    watcher = await watched(city.outsider, over=over)
    assert still(await watcher.next()) == still(await board(city.outsider))
    await city.task(city.neighbour, dueOn=city.day(2))
    await city.request(city.dlh, city.camat)
    await city.settled()
    fresh = still(await board(city.outsider))
    while still(await watcher.next()) != fresh:
        pass
    # What it told names the place up to which all is in it.
    last = await city.last_position()
    assert city.site.installation.seal.open(watcher.told[-1]["cursor"]).position >= Position(last.epoch, last.xid, 0)


async def test_a_board_that_stays_the_same_is_not_told_again(city: City) -> None:
    await busy(city)
    query = "{ statusBoard { readAt now: cursor countedAt totals { taskCount } latest(first: 1) { cursor type } } }"
    watcher = await watched(city.outsider, query)
    other = await watched(city.outsider, TASKS)
    await watcher.next()
    assert await other.next() == {"totals": {"taskCount": 1}}
    task = await city.task(city.camat)
    assert (await other.next())["totals"]["taskCount"] == 2
    assert (await watcher.next())["latest"][0]["type"] == "TASK_CREATED"
    # The count stays as it is, and so does the type of what happened last.
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Satu"})
    assert (await watcher.next())["latest"][0]["type"] == "TASK_COMMENTED"
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Dua"})
    await city.task(city.camat)
    assert (await watcher.next())["latest"][0]["type"] == "TASK_CREATED"
    assert (await other.next())["totals"]["taskCount"] == 3
    assert len(other.told) == 3


async def test_between_two_looks_at_a_board_there_is_a_pause_and_the_last_state_is_told(city: City) -> None:
    quick = await watched(city.outsider, TASKS)
    await quick.next()
    for _ in range(5):
        await city.task(city.camat)
    while (await quick.next())["totals"]["taskCount"] != 5:
        pass
    await quick.leave()
    slow = await watched(city.outsider, "{ statusBoard(throttle: 60000) { totals { taskCount } } }")
    await slow.next()
    tasks = await city.outsider.watch("taskChanged")
    await city.task(city.camat)
    await tasks.next()
    assert [told["totals"]["taskCount"] for told in slow.told] == [5]
    await slow.leave()


async def test_a_live_board_tells_nobody_of_a_case_who_may_not_see_it(city: City) -> None:
    await busy(city)
    request = await cases.request(city, city.camat, city.dlh)
    await city.settled()
    query = "{ statusBoard { readAt cursor totals { openRequestCount } cases { id } } }"
    outsider, mayor = await watched(city.outsider, query), await watched(city.mayor, query)
    assert (await outsider.next())["cases"] is None
    assert (await mayor.next())["cases"] == []
    before = await board(city.outsider, query)
    filed = await city.camat.mutate("fileEscalation", {"requestId": request, "statement": "Tidak dijawab"})
    assert (await mayor.next())["cases"] == [{"id": filed["escalation"]["id"]}]
    await city.settled()
    assert (await board(city.outsider, query))["readAt"] == before["readAt"]
    assert len(outsider.told) == 1


async def test_a_live_board_costs_what_its_query_costs_and_is_refused_alike(city: City) -> None:
    answer = await city.outsider.ask(BOARD)
    socket = await city.outsider.socket()
    watcher = socket.start("statusBoard", query=f"subscription {BOARD}")
    await watcher.next()
    assert watcher.last is not None
    assert watcher.last["extensions"]["cost"] == answer["extensions"]["cost"] | {"limit": MOST_ROWS}
    wrong = "{ statusBoard { latest(first: 51) { id } } }"
    await city.settled()
    groups = city.site.installation.groups
    before = len(groups)
    refused = socket.start("statusBoard", query=f"subscription {wrong}")
    await refused.ended()
    await until(lambda: len(groups) == before, what="nobody watches for what was refused")
    (error,) = (await city.outsider.ask(wrong))["errors"]
    assert refused.errors is not None
    assert refused.errors[0]["extensions"] == error["extensions"]


async def test_what_comes_out_of_a_draft_is_on_every_board(city: City) -> None:
    plan = await city.draft(city.dlh)
    task = await city.task(city.dlh, workPlanId=plan)
    await city.settled()
    watcher = await watched(city.outsider, TASKS)
    assert await watcher.next() == {"totals": {"taskCount": 0}}
    assert await taken(city.dlh_staff) == 0
    await city.dlh.mutate("moveTask", {"taskId": task})
    assert await taken(city.dlh_staff) == 1
    assert await watcher.next() == {"totals": {"taskCount": 1}}


async def test_a_board_is_asked_for_some_kinds_and_for_one_programme_alone(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    aims = [await city.target(city.camat, plan, programme=key) for key in ({"code": "KEBERSIHAN"}, None)]
    for aim in aims:
        await city.task(city.camat, workPlanId=plan, targetId=aim)
    await city.camat.mutate("submitWorkPlan", {"workPlanId": plan})
    await city.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
    about = {"givers": [{"code": "DLH"}], "title": "Bantu", "neededOn": city.day(5)}
    for aim in aims:
        await city.camat.mutate("requestCollaboration", {**about, "aboutId": aim})
    counts = "planCount targetCount taskCount openRequestCount"
    query = f"""query($kinds: [OrganisationKind!], $code: String) {{ statusBoard {{
        totals(programme: $code) {{ {counts} }}
        organisations(kinds: $kinds) {{ organisation {{ code kind }} summary(programme: $code) {{ {counts} }} }}
        programmes {{ programme {{ code }} summary {{ {counts} }} }} }} }}"""
    whole = (await city.mayor.query(query))["statusBoard"]
    kinds = {each["organisation"]["kind"] for each in whole["organisations"]}
    assert kinds > {"KECAMATAN", "OPD"}
    for some in (["KECAMATAN"], ["OPD", "KELURAHAN"], []):
        found = (await city.mayor.query(query, kinds=some))["statusBoard"]["organisations"]
        assert found == [each for each in whole["organisations"] if each["organisation"]["kind"] in some]
    served = (await city.mayor.query(query, kinds=["KECAMATAN", "OPD"], code="KEBERSIHAN"))["statusBoard"]
    by_code = {each["organisation"]["code"]: each["summary"] for each in served["organisations"]}
    assert by_code["12.71.11"] == {"planCount": 1, "targetCount": 1, "taskCount": 1, "openRequestCount": 0}
    assert by_code["DLH"] == {"planCount": 0, "targetCount": 0, "taskCount": 0, "openRequestCount": 1}
    own = {each["programme"]["code"]: each["summary"] for each in whole["programmes"]}
    assert served["totals"] == own["KEBERSIHAN"], "as the programme's own summary counts it"
    assert whole["totals"] == {"planCount": 1, "targetCount": 2, "taskCount": 2, "openRequestCount": 2}
    nobodys = (await city.mayor.query(query, code="NIHIL"))["statusBoard"]["totals"]
    assert set(nobodys.values()) == {0}
