"""Live queries by the hundred and thousand: how late they are, what they cost, what they keep: `python -m bench.live`.

One server on one core; PostgreSQL and the clients share the other, so that only figures of one run say anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench import dataset
from bench.contenders import KOLABORASI, Running, sign_in
from bench.machine import OTHER_CORE, pin
from server.database import connect as connect_database
from server.ids import encode

A_SOCKET = 100  # operations
PAUSE = 0.7  # seconds between two reports whose answers are timed: longer than the throttle, so that each comes at once
REPORT = "mutation($input: ReportProgressInput!) { reportProgress(input: $input) { errors { code } } }"
LIST = (
    "query Open($code: String!, $first: Int!) @live { tasks(filter: {organisation: {code: {eq: $code}},"
    " status: {in: [PLANNED, IN_PROGRESS]}}, orderBy: [{updatedAt: DESC}], first: $first)"
    " { totalCount nodes { id title progress updatedAt organisation { code } target { indicator } } } }"
)
BOARD = (
    (Path(__file__).parent / "documents" / "R3.kolaborasi.graphql").read_text().replace("Board {", "Board @live {", 1)
)


@dataclass
class Crowd:
    """Sockets with live queries on them; `heard`: when each operation was last told, and how often."""

    port: int
    token: str
    sockets: list[ClientConnection] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    heard: dict[str, float] = field(default_factory=dict)
    count: int = 0
    bytes: int = 0

    async def ask(self, questions: list[tuple[str, str, dict[str, Any]]], stack: AsyncExitStack) -> None:
        """Each an id, a document and its variables; returns once all have had their first answer."""
        for start in range(0, len(questions), A_SOCKET):
            socket = await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{self.port}/graphql",
                    subprotocols=[Subprotocol("graphql-transport-ws")],
                    max_size=None,
                    compression=None,
                )
            )
            init = {"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}
            await socket.send(json.dumps(init))
            assert json.loads(await socket.recv())["type"] == "connection_ack"
            self.tasks.append(asyncio.create_task(self._listen(socket)))
            for id_, query, variables in questions[start : start + A_SOCKET]:
                payload = {"query": query, "variables": variables}
                await socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": payload}))
        while not {id_ for id_, _, _ in questions} <= self.heard.keys():
            await asyncio.sleep(0.05)

    async def _listen(self, socket: ClientConnection) -> None:
        async for frame in socket:
            text = frame if isinstance(frame, str) else frame.decode()
            if '"type":"ping"' in text[:40]:
                await socket.send('{"type":"pong"}')
                continue
            id_, rest = text[7:].split('"', 1)
            assert rest.startswith(',"type":"next"'), text[:500]
            self.heard[id_], self.count, self.bytes = time.perf_counter(), self.count + 1, self.bytes + len(text)


@dataclass(frozen=True)
class Site:
    """The server, who asks, and what is reported on."""

    running: Running
    token: str
    code: str
    codes: list[str]
    tasks: list[str]
    client: httpx.AsyncClient

    async def report(self, number: int) -> float:
        """One task's progress; returns when the answer came, which is after the commit."""
        given = {"taskId": self.tasks[number % len(self.tasks)], "progress": 1 + number % 98}
        answer = await self.client.post(
            f"http://127.0.0.1:{self.running.port}/graphql",
            json={"query": REPORT, "variables": {"input": given}},
            headers={"authorization": f"Bearer {self.token}"},
        )
        found = answer.json()
        assert not found.get("errors"), found
        assert not found["data"]["reportProgress"]["errors"], found
        return time.perf_counter()

    def cpu(self) -> float:
        """Seconds of CPU that the server has used."""
        fields = Path(f"/proc/{self.running.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes that it holds."""
        return int(Path(f"/proc/{self.running.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def different(site: Site, amount: int, reports: int) -> str:
    """So many different live queries; of one organisation's, how late they are after a report on its task."""
    async with AsyncExitStack() as stack:
        crowd = Crowd(site.running.port, site.token)
        own = ("own", LIST, {"code": site.code, "first": 50})
        others = [code for code in site.codes if code != site.code]
        await crowd.ask(
            [own]
            + [
                (f"q{n}", LIST, {"code": others[n % len(others)], "first": 1 + n // len(others)})
                for n in range(amount - 1)
            ],
            stack,
        )
        before, cpu, late = crowd.count, site.cpu(), []
        for number in range(reports):
            await asyncio.sleep(PAUSE)
            told = crowd.heard["own"]
            committed = await site.report(number)
            while crowd.heard["own"] == told:
                await asyncio.sleep(0.0005)
            late.append(max(0.0, crowd.heard["own"] - committed) * 1_000)
        used = site.cpu() - cpu
        for task in crowd.tasks:
            task.cancel()
        worst = quantiles(late, n=100)[98]
        return (
            f"| {amount:,} different | {median(late):.1f} | {worst:.1f} | {crowd.count - before} of {reports} |"
            f" {used / reports * 1_000:.1f} |"
        )


async def boards(site: Site, amount: int, seconds: float, rate: float) -> str:
    """So many live boards under reports at this rate: what is delivered, and the longest time without an answer."""
    async with AsyncExitStack() as stack:
        crowd = Crowd(site.running.port, site.token)
        await crowd.ask([(f"b{n}", BOARD, {}) for n in range(amount)], stack)
        before, size, cpu, begun = crowd.count, crowd.bytes, site.cpu(), time.perf_counter()
        oldest, number = 0.0, 0
        while (now := time.perf_counter()) - begun < seconds:
            await site.report(number)
            number += 1
            if now - begun > 2:
                oldest = max(oldest, now - min(crowd.heard.values()))
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        took, used = time.perf_counter() - begun, site.cpu() - cpu
        for task in crowd.tasks:
            task.cancel()
        return (
            f"| {amount:,} boards, {number / took:.0f} reports/s | {(crowd.count - before) / took:,.0f} |"
            f" {(crowd.bytes - size) / took / 1e6:.1f} | {oldest * 1_000:,.0f} | {used / took * 100:.0f} % |"
        )


async def idle(site: Site, amount: int) -> str:
    """What so many idle live queries of one document keep, and how long one write takes to reach all of them."""
    async with AsyncExitStack() as stack:
        crowd, before = Crowd(site.running.port, site.token), site.memory()
        query = (LIST, {"code": site.code, "first": 10})
        await crowd.ask([(f"i{n}", *query) for n in range(amount)], stack)
        await asyncio.sleep(2)
        kept = (site.memory() - before) / amount
        committed = await site.report(0)
        while min(crowd.heard.values()) < committed and time.perf_counter() - committed < 30:
            await asyncio.sleep(0.005)
        reached = max(crowd.heard.values()) - committed
        for task in crowd.tasks:
            task.cancel()
        return f"| {amount:,} idle | {kept / 1_000:.1f} | {reached * 1_000:,.0f} |"


async def main(options: argparse.Namespace) -> None:
    pin(OTHER_CORE)
    with tempfile.TemporaryDirectory(prefix="kolaborasi-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        postgres = stack.enter_context(dataset.postgres(folder))
        url = await dataset.load_told(postgres.url)
        connection = await connect_database(url, statement_timeout="0")
        try:
            reporter = (await dataset.sample(connection)).reporters[0]
            code = await connection.fetchval("SELECT code FROM organisation WHERE id = $1", reporter.organisation_id)
            rows = await connection.fetch("SELECT code FROM organisation ORDER BY code")
            tasks = await connection.fetch(
                "SELECT id FROM task WHERE organisation_id = $1 AND status = 'IN_PROGRESS' AND archived_at IS NULL"
                " AND draft_of_id IS NULL LIMIT 200",
                reporter.organisation_id,
            )
        finally:
            await connection.close()
        running = stack.enter_context(KOLABORASI.serve(url, folder / "kolaborasi.log"))
        token = await asyncio.to_thread(sign_in, running.port, reporter.login)
        ids = [encode("task", each["id"]) for each in tasks]
        async with httpx.AsyncClient(timeout=60) as client:
            site = Site(running, token, code, [each["code"] for each in rows], ids, client)
            print("| live queries | ms to the answer, p50 | p99 | answers | ms of ours for a report |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for amount in options.different:
                print(await different(site, amount, options.reports), flush=True)
            print("\n| live boards | answers/s | MB/s | oldest, ms | of a core |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for amount in options.boards:
                print(await boards(site, amount, options.seconds, options.rate), flush=True)
            print("\n| live queries | kB each | ms until a write has reached all |")
            print("| --- | ---: | ---: |")
            for amount in options.idle:
                print(await idle(site, amount), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--different", type=int, nargs="*", default=[10, 100, 1_000])
    parser.add_argument("--boards", type=int, nargs="*", default=[1, 100, 500])
    parser.add_argument("--idle", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--reports", type=int, default=25, help="that are timed (25)")
    parser.add_argument("--seconds", type=float, default=15, help="for which boards are watched (15)")
    parser.add_argument("--rate", type=float, default=100, help="reports in a second beside the boards (100)")
    asyncio.run(main(parser.parse_args()))
