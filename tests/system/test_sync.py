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

import pytest

from tests.system.conftest import City, Office
from tests.system.people import Person, sign_in
from tests.system.processes import Server

SYNC = Path(__file__).parents[2] / "examples" / "sync" / "sync.py"
ROWS, TARGETS, KILLS = 500, 10, 10
TODAY = datetime.now(UTC).date()
FOUND = """query($code: String!, $after: Cursor) {
  tasks(filter: {organisation: {code: {eq: $code}}}, first: 200, after: $after) {
    nodes { externalId title version target { externalId } } pageInfo { hasNextPage endCursor } }
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


@pytest.mark.exhaustive
async def test_a_sync_that_is_killed_at_random_points_and_run_again_does_everything_once(
    city: City, office: Office, tmp_path: Path
) -> None:
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    random = Random(seed)
    server = await city.serve()
    camat = await office.camat(server)
    await promised(server, camat, office.code)
    tasks, sums = write(tmp_path, random)
    sync = Sync(tmp_path, server, (await office.staff(server)).token, office.code)

    kills = 0
    for turn in range(KILLS):
        process = await sync.start("--batch", "20")
        if turn == KILLS // 2:  # the server goes as well, and comes back while it tries again
            await asyncio.sleep(random.uniform(0.1, 0.6))
            server.kill()
            server = await city.serve(port=server.port)
        ending = asyncio.ensure_future(process.communicate())
        done, _ = await asyncio.wait([ending], timeout=random.uniform(0.1, 0.9))
        if not done:
            process.kill()
            kills += 1
        await ending
    await sync.run("--batch", "20")
    assert kills > 0, "it was never killed: let it have more to do"

    outsider = await sign_in(server, "pengamat")
    found = await all_tasks(outsider, office.code)
    assert len(found) == ROWS
    kept = {each["externalId"]: (each["title"], each["target"] and each["target"]["externalId"]) for each in found}
    assert kept == {row["externalId"]: (row["title"], row["target"] or None) for row in tasks}
    assert {each["version"] for each in found} == {1}, "a task was written twice"
    read = await outsider.ask(READ, code=office.code)
    assert (read["measurements"]["totalCount"], read["wrong"]["totalCount"]) == (ROWS, 0)
    assert {each["externalId"]: Decimal(each["realised"]) for each in read["targets"]["nodes"]} == sums
    happened = [await city.events_of(office.code, subject) for subject in ("Task", "Target")]
    assert len(happened[0]) == ROWS

    # A quiet night: nothing has changed.
    said = await sync.run()
    assert f"tasks: 0 changed, {ROWS} unchanged, 0 refused" in said
    assert f"readings: 0 changed, {ROWS} unchanged, 0 refused" in said
    requests = re.search(r"(\d+) requests", said)
    assert requests is not None
    assert int(requests[1]) < 10
    assert [await city.events_of(office.code, subject) for subject in ("Task", "Target")] == happened
