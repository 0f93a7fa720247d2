"""Many rows in one call beside single verbs, in rows per second: `python -m bench.bulk`."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import dataset
from bench.contenders import KOLABORASI, Running, post, raw, sign_in
from bench.load import KEY
from bench.machine import OTHER_CORE, pin
from bench.turns import CONNECTIONS, generate, loaded
from server.database import Connection, connect
from server.ids import encode

ROWS = 1_000
DONE = '"changedCount":'


@dataclass(frozen=True)
class Work:
    """What is sent: a verb, its rows, by how many connections at a time, and a text that each answer holds."""

    verb: str
    rows: list[dict[str, Any]]
    connections: int
    expected: str
    is_there_before: bool = False

    def request(self, token: str) -> str:
        """The same request each time, but for its key."""
        return raw(*self.asked(), token)

    def do_once(self, running: Running, token: str) -> None:
        """So that there is nothing left to change."""
        document, variables = self.asked()
        status, answer = post(running.port, "/graphql", {"query": document, "variables": variables}, token)
        if status != 200 or answer.get("errors") or answer["data"][self.verb]["errors"]:
            raise RuntimeError(f"{self.verb} fails: {status} {answer}")

    def asked(self) -> tuple[str, dict[str, Any]]:
        """Document and variables."""
        verb, is_single = self.verb, len(self.rows) == 1
        given = self.rows[0] if is_single else {"rows": self.rows}
        read = "isReplay errors { message }" if is_single else "changedCount unchangedCount errors { message }"
        document = f"mutation($input: {verb[0].upper()}{verb[1:]}Input!) {{ {verb}(input: $input) {{ {read} }} }}"
        return document, {"input": {**given, "idempotencyKey": KEY.decode()}}


async def works(connection: Connection, reporter: dataset.Reporter) -> dict[str, Work]:
    """By the name under which it is told."""
    code = await connection.fetchval("SELECT code FROM organisation WHERE id = $1", reporter.organisation_id)
    targets = await connection.fetch(
        "SELECT t.id FROM target t JOIN work_plan p ON p.id = t.work_plan_id WHERE t.owner_id = $1"
        " AND p.status = 'APPROVED' AND p.year = $2 AND NOT t.is_proposed AND t.archived_at IS NULL",
        reporter.organisation_id,
        datetime.now(UTC).year,
    )
    today = datetime.now(UTC).date()
    tasks = [
        {"organisation": {"code": code}, "title": f"Angkut sampah, rute {n}", "dueOn": str(today), "priority": "HIGH"}
        for n in range(ROWS)
    ]
    named = [{**row, "externalId": f"BENCH-{n}"} for n, row in enumerate(tasks)]
    ids = [encode("target", each["id"]) for each in targets]
    readings = [
        {"targetId": ids[n % len(ids)], "externalId": f"BENCH-{n}", "value": "1.5", "measuredOn": str(today)}
        for n in range(ROWS)
    ]
    changed, same = f"{DONE}{ROWS}", f'"unchangedCount":{ROWS}'
    return {
        "createTask": Work("createTask", tasks[:1], CONNECTIONS, '"isReplay":false'),
        "createTasks": Work("createTasks", tasks, 1, changed),
        "upsertTasks, nothing changed": Work("upsertTasks", named, 1, same, True),
        "upsertMeasurements, nothing changed": Work("upsertMeasurements", readings, 1, same, True),
    }


async def main(options: argparse.Namespace) -> None:
    pin(OTHER_CORE)
    with tempfile.TemporaryDirectory(prefix="kolaborasi-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        postgres = stack.enter_context(dataset.postgres(folder))
        postmaster = int((postgres.folder / "postmaster.pid").read_text().split()[0])
        url = await dataset.load_told(postgres.url)
        connection = await connect(url, statement_timeout="0")
        try:
            reporter = (await dataset.sample(connection)).reporters[0]
            running = stack.enter_context(KOLABORASI.serve(url, folder / "kolaborasi.log"))
            token = await asyncio.to_thread(sign_in, running.port, reporter.login)
            print("| verb | rows of a call | calls at a time | rows/s | ms for a row of ours | ms p50 of a call |")
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            for number, (name, work) in enumerate((await works(connection, reporter)).items()):
                if work.is_there_before:
                    await asyncio.to_thread(work.do_once, running, token)
                await dataset.settle(connection)
                order = {
                    "port": running.port, "connections": work.connections, "warm_seconds": 1.0,
                    "seconds": options.seconds, "requests": [(work.request(token), work.expected)],
                    "key_from": number * 10**9, "watched_pid": running.pid, "postmaster": postmaster,
                }  # fmt: skip
                measured = await asyncio.to_thread(lambda order=order: loaded(generate(folder, "order", order)))
                rate = measured.rate * len(work.rows)
                print(
                    f"| {name} | {len(work.rows):,} | {work.connections} | {rate:,.0f} |"
                    f" {measured.server_cpu * 1_000 / rate:.2f} | {measured.p50:,.0f} |"
                )
        finally:
            await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.bulk", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long each verb is measured (8)")
    asyncio.run(main(parser.parse_args()))
