"""Processes that are killed while they work: what was acknowledged is there, once; what must happen happens, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx

from server.database import Connection, connect, embedded
from server.ids import decode
from tests.system.conftest import City, Office, OwnCity
from tests.system.people import Person, mutation, new_key, sign_in
from tests.system.processes import Server, run, until

YEAR = datetime.now(UTC).year
WRITERS, WRITES = 4, 30


async def acknowledged(person: Person, servers: list[Server], task_id: str, body: str) -> str:
    """Comment, with the same key at one process after the other until one says that it is done; the event's id."""
    given = {"taskId": task_id, "text": body, "idempotencyKey": new_key()}
    async with asyncio.timeout(60):
        while True:
            for server in list(servers):
                try:
                    answer = await person.at(server).post(mutation("commentOnTask", ""), input=given)
                except httpx.TransportError:
                    await asyncio.sleep(0.01)
                    continue
                assert answer.status_code == 200, answer.text
                payload = answer.json()["data"]["commentOnTask"]
                assert not payload["errors"], payload
                event: str = payload["event"]["id"]
                return event


async def test_no_acknowledged_write_is_lost_or_doubled_when_processes_are_killed(city: City, office: Office) -> None:
    servers = list(await asyncio.gather(city.serve(), city.serve()))
    people = [await office.staff(servers[0], number) for number in (1, 2)]
    made = await people[0].do("createTask", "task { id }", organisation={"code": office.code}, title="Ronda malam")
    done: dict[str, str] = {}

    async def write(number: int) -> None:
        for turn in range(WRITES):
            body = f"{office.code} {number} {turn}"
            done[body] = await acknowledged(people[number % 2], servers, made["task"]["id"], body)

    writing = asyncio.gather(*(write(number) for number in range(WRITERS)))
    for place in (0, 1):
        await more(done, 15)
        servers[place].kill()
        servers[place] = await city.serve(port=servers[place].port)
    await asyncio.wait_for(writing, 60)

    connection = await city.connection()
    comments = await connection.fetch("SELECT text FROM comment WHERE text LIKE $1 || ' %'", office.code)
    events = await connection.fetch("SELECT id FROM event WHERE id = ANY($1)", [decode(e)[1] for e in done.values()])
    await connection.close()
    assert sorted(row["text"] for row in comments) == sorted(done)
    assert len(events) == len(set(done.values())) == WRITERS * WRITES
    checked = await asyncio.to_thread(run, "check", DATABASE_URL=city.url)
    assert checked.stdout == "Everything agrees.\n", checked.stdout + checked.stderr


async def more(done: dict[str, str], count: int) -> None:
    """Wait until so many more are done."""
    enough = len(done) + count
    await until(lambda: len(done) >= enough)


async def ordered_tasks(secretary: Person, office: Office, count: int) -> list[str]:
    """Tasks that the mayor's office orders from it; without a plan they wait for one."""
    due_on = str((datetime.now(UTC) + timedelta(days=1)).date().replace(year=YEAR))
    given = {"organisation": {"code": office.code}, "title": "Pasang rambu banjir", "dueOn": due_on}
    made = [await secretary.do("orderTask", "task { id }", **given) for _ in range(count)]
    return [each["task"]["id"] for each in made]


async def approve_plan(server: Server, secretary: Person, office: Office) -> None:
    """Make, submit and approve this year's plan."""
    camat = await office.camat(server)
    made = await camat.do(
        "createWorkPlan", "workPlan { id }", organisation={"code": office.code}, year=YEAR, title="Rencana Kerja"
    )
    plan = made["workPlan"]["id"]
    target = {"indicator": "Rambu terpasang", "unit": "buah", "direction": "MAXIMISE", "rollUp": "SUM"}
    await camat.do("createTarget", "target { id }", workPlanId=plan, targetValue="40", **target)
    await camat.do("submitWorkPlan", "workPlan { id }", workPlanId=plan)
    await secretary.do("approveWorkPlan", "workPlan { id }", workPlanId=plan)


async def joined(connection: Connection, tasks: list[str]) -> list[int]:
    """How often each of the tasks has joined a plan."""
    rows = await connection.fetch(
        """SELECT count(e.id) FROM task t LEFT JOIN event e ON e.subject_id = t.id AND e.changes ? 'work_plan_id'
           WHERE t.id = ANY($1) AND t.work_plan_id IS NOT NULL GROUP BY t.id""",
        [decode(task)[1] for task in tasks],
    )
    return [row["count"] for row in rows]


async def test_a_reaction_happens_once_whichever_of_two_processes_dies(own_city: OwnCity) -> None:
    first, second = await asyncio.gather(own_city.serve(), own_city.serve())
    database = await asyncio.to_thread(embedded.start, own_city.postgres)
    connection = await connect(database.url)
    secretary = await sign_in(first, "sekda")
    one, two, three = own_city.offices[:3]
    tasks = await ordered_tasks(secretary, one, 3)
    await approve_plan(second, secretary, one)
    await until(lambda: is_settled(connection, tasks))

    first.kill()  # if it was the one that reacts, the other takes its place
    secretary = secretary.at(second)
    tasks += await ordered_tasks(secretary, two, 3)
    await approve_plan(second, secretary, two)
    await until(lambda: is_settled(connection, tasks))

    third = await own_city.serve()
    second.kill()  # now it was
    secretary = secretary.at(third)
    tasks += await ordered_tasks(secretary, three, 3)
    await approve_plan(third, secretary, three)
    await until(lambda: is_settled(connection, tasks))
    assert await joined(connection, tasks) == [1] * 9
    await connection.close()
    database.lock.close()


async def is_settled(connection: Connection, tasks: list[str]) -> bool:
    """Every task has joined its plan."""
    return len(await joined(connection, tasks)) == len(tasks)


async def test_two_processes_that_start_together_make_one_installation(own_folder: OwnCity) -> None:
    first, second = await asyncio.gather(own_folder.serve("serve"), own_folder.serve("serve"))
    await until(first.is_well)
    await until(second.is_well)
    first.terminate()
    assert await first.ended() == 0
    assert await second.is_well()  # PostgreSQL stays for whoever still uses it
    second.terminate()
    assert await second.ended() == 0
    assert not (own_folder.postgres / "postmaster.pid").exists()
