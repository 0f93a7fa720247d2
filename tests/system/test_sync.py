"""The nightly sync of examples/sync: killed wherever it is and run again, it does everything once."""

from __future__ import annotations

import asyncio
import csv
import os
import re
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from tests.system.conftest import City, Office
from tests.system.people import Person, sign_in
from tests.system.processes import Server, until

SYNC = Path(__file__).parents[2] / "examples" / "sync" / "sync.py"
ROWS, TARGETS, KILLS, BATCH = 500, 10, 10, 20
METRICS = "a token of this test for metrics"
REQUESTS = 1 + 2 * ROWS // BATCH  # of a run that is not killed
TODAY = datetime.now(UTC).date()
FOUND = """query($code: String!, $after: Cursor) {
  tasks(filter: {organisation: {code: {eq: $code}}}, first: 200, after: $after) {
    nodes { externalId title progress version target { externalId } } pageInfo { hasNextPage endCursor } }
}"""
DONE = """query($code: String!) {
  tasks(filter: {organisation: {code: {eq: $code}}}) { totalCount }
  measurements(filter: {owner: {code: {eq: $code}}}) { totalCount }
}"""
READ = """query($code: String!) {
  measurements(filter: {owner: {code: {eq: $code}}}) { totalCount }
  wrong: measurements(filter: {owner: {code: {eq: $code}}, isSuperseded: {eq: true}}) { totalCount }
  targets(filter: {owner: {code: {eq: $code}}}, first: 50) { nodes { externalId realised } }
}"""


def write(folder: Path, random: Random) -> tuple[list[dict[str, str]], dict[str, Decimal]]:
    """The files of a night: the tasks, and what the readings of each target come to."""
    days = (TODAY - date(TODAY.year, 1, 1)).days
    tasks = [
        {
            "externalId": f"SIPD-{n}",
            "title": f"Angkut sampah, rute {n}",
            "dueOn": str(date(TODAY.year, 12, 31)),
            "target": f"E-{n % TARGETS}" if n % 5 == 0 else "",
            "progress": str(n % 101) if n % 2 else "",
        }
        for n in range(ROWS)
    ]
    sums: dict[str, Decimal] = {f"E-{n}": Decimal(0) for n in range(TARGETS)}
    readings = []
    for n in range(ROWS):
        value, day = Decimal(random.randint(1, 9_999)) / 100, TODAY - timedelta(random.randint(0, days))
        target = f"E-{n % TARGETS}"
        sums[target] += value
        readings.append({"externalId": f"T-{n}", "target": target, "value": str(value), "measuredOn": str(day)})
    for name, rows in (("tasks", tasks), ("readings", readings)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return tasks, sums


async def promised(server: Server, camat: Person, code: str) -> None:
    """An approved plan whose targets the other system knows."""
    plan = await camat.do(
        "createWorkPlan", "workPlan { id }", organisation={"code": code}, year=TODAY.year, title="Rencana kerja"
    )
    plan_id = plan["workPlan"]["id"]
    row = {"workPlanId": plan_id, "unit": "ton", "direction": "MAXIMISE", "rollUp": "SUM", "targetValue": "100"}
    rows = [{**row, "indicator": f"Sampah {n}", "externalId": f"E-{n}"} for n in range(TARGETS)]
    await camat.do("upsertTargets", "changedCount", rows=rows)
    await camat.do("submitWorkPlan", "workPlan { id }", workPlanId=plan_id)
    await (await sign_in(server, "bappeda")).do("approveWorkPlan", "workPlan { id }", workPlanId=plan_id)


class Sync:
    """The program, as somebody's cron starts it."""

    def __init__(self, folder: Path, server: Server, token: str, code: str) -> None:
        self.arguments = (str(SYNC), str(folder), "--organisation", code, "--url", server.url)
        self.environment = {**os.environ, "KOLABORASI_TOKEN": token}

    async def start(self, *more: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, *self.arguments, *more, env=self.environment, stdout=pipe, stderr=pipe
        )

    async def run(self, *more: str) -> str:
        """To its end; what it said."""
        process = await self.start(*more)
        said, wrong = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0, wrong.decode()
        return said.decode()


async def all_tasks(person: Person, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await person.ask(FOUND, code=code, after=after))["tasks"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def program(server: Server, organisation_id: str) -> str:
    """The secret of a new service account's token, as an administrator hands it out."""
    admin = await sign_in(server, "admin")
    account = await admin.do(
        *("createAccount", "account { id }"),
        organisation={"id": organisation_id}, login="sinkron-malam", name="Sinkron malam", role="INTEGRATION",
    )  # fmt: skip
    made = await admin.do(
        *("createToken", "secret"),
        accountId=account["account"]["id"], name="Sinkron malam", lifetimeDays=30,
        scopes=["READ", "TASKS_WRITE", "READINGS_WRITE"],
    )  # fmt: skip
    secret: str = made["secret"]
    return secret


async def requests_at(server: Server) -> int:
    """How many requests of GraphQL the server has answered, as it counts itself."""
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {METRICS}"}) as client:
        told = (await client.get(f"{server.url}/metrics")).text
    return sum(map(int, re.findall(r'^kolaborasi_requests_total\{route="/graphql".*\} (\d+)$', told, re.MULTILINE)))


async def until_asked(server: Server, count: int, process: asyncio.subprocess.Process) -> None:
    """Wait until so many requests were answered, or the sync has ended."""

    async def is_so() -> bool:
        return process.returncode is not None or await requests_at(server) >= count

    await until(is_so)


async def done_of(person: Person, code: str) -> int:
    """How many of the rows are there."""
    found = await person.ask(DONE, code=code)
    count: int = found["tasks"]["totalCount"] + found["measurements"]["totalCount"]
    return count


@pytest.mark.exhaustive
async def test_a_sync_that_is_killed_at_random_points_and_run_again_does_everything_once(
    city: City, office: Office, tmp_path: Path
) -> None:
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    random = Random(seed)
    server = await city.serve(KOLABORASI_METRICS_TOKEN=METRICS)
    camat = await office.camat(server)
    await promised(server, camat, office.code)
    tasks, sums = write(tmp_path, random)
    organisation = (await camat.ask("{ viewer { organisation { id } } }"))["viewer"]["organisation"]["id"]
    sync = Sync(tmp_path, server, await program(server, organisation), office.code)

    # Each run is killed somewhere, later than the one before: by what the server has answered, whatever the machine.
    kills = found_in_part = 0
    for turn, point in enumerate(sorted(random.sample(range(1, REQUESTS - BATCH // 2), KILLS))):
        before = await requests_at(server)
        process = await sync.start("--batch", str(BATCH))
        if turn == KILLS // 2:  # the server goes as well, and comes back while the sync tries again
            await until_asked(server, before + point // 2, process)
            server.kill()
            server = await city.serve(port=server.port, KOLABORASI_METRICS_TOKEN=METRICS)
            before, point = 0, point - point // 2
        await until_asked(server, before + point, process)
        await asyncio.sleep(random.uniform(0, 0.03))  # amid a request, most of the time
        if process.returncode is None:  # a busy machine looks late
            process.kill()
            kills += 1
        await process.communicate()
        found_in_part += 0 < await done_of(camat, office.code) < 2 * ROWS
    assert kills > KILLS // 2, "most of the time it ended before it was killed: let it have more to do"
    assert found_in_part > KILLS // 2, "most of the time it had not begun, or had done all"
    await sync.run("--batch", str(BATCH))

    outsider = await sign_in(server, "pengamat")
    found = await all_tasks(outsider, office.code)
    assert len(found) == ROWS
    kept = {each["externalId"]: (each["title"], each["target"] and each["target"]["externalId"]) for each in found}
    assert kept == {row["externalId"]: (row["title"], row["target"] or None) for row in tasks}
    progress = {each["externalId"]: each["progress"] for each in found}
    assert progress == {row["externalId"]: int(row["progress"] or 0) for row in tasks}
    assert all(each["version"] == 1 + (each["progress"] > 0) for each in found), "a task was written twice"
    read = await outsider.ask(READ, code=office.code)
    assert (read["measurements"]["totalCount"], read["wrong"]["totalCount"]) == (ROWS, 0)
    assert {each["externalId"]: Decimal(each["realised"]) for each in read["targets"]["nodes"]} == sums
    happened = [await city.events_of(office.code, subject) for subject in ("Task", "Target")]
    assert len(happened[0]) == ROWS + sum(each > 0 for each in progress.values())

    # A quiet night: nothing has changed.
    before = await requests_at(server)
    said = await sync.run()
    assert f"tasks: 0 changed, {ROWS} unchanged, 0 refused" in said
    assert f"readings: 0 changed, {ROWS} unchanged, 0 refused" in said
    assert 0 < await requests_at(server) - before < 10
    assert [await city.events_of(office.code, subject) for subject in ("Task", "Target")] == happened
