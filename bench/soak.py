"""`python -m bench.soak`: documents, sockets and writes that come and go at a demo server, and what stays of them.

Every ten seconds a line: its memory, how long its garbage collector has stopped it at most, and how long a small
question beside all that had to wait at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

COMMAND = Path(sys.executable).with_name("kolaborasi")
READY = re.compile(r"^Kolaborasi: (http://\S+)/ ", re.MULTILINE)
SOCKETS_AT_ONCE = 50
EVERY = 10.0  # seconds between two lines
WRITES_EVERY = 0.2
FIELDS = "id title status progress dueOn organisation { code name } " * 4
TASKS = "{ viewer { organisation { tasks(first: 50, filter: {status: {eq: IN_PROGRESS}}) { nodes { id } } } } }"
WATCH = "subscription { taskChanged { kind nodeId cursor node { version progress } } }"
REPORT = "mutation($input: ReportProgressInput!) { reportProgress(input: $input) { errors { code message } } }"


@dataclass
class Soak:
    """One run against a server."""

    url: str
    client: httpx.AsyncClient
    metrics_token: str
    token: str = ""
    done: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0  # seconds, of the small question
    fresh: Any = field(default_factory=count)

    async def ask(self, query: str, token: str = "", **variables: Any) -> dict[str, Any]:
        answer = await self.client.post(
            f"{self.url}/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {token or self.token}"},
        )
        found: dict[str, Any] = answer.json()
        return found

    async def sign_in(self, login: str) -> str:
        given = {"login": login, "password": "demo"}
        answer = await self.client.post(f"{self.url}/auth/sign-in", json=given)
        return str(answer.json()["accessToken"])

    async def new_document(self) -> None:
        """One that nobody has asked: by turns a valid one, and a longer one that is refused."""
        number = next(self.fresh)
        wrong = "nope" if number % 2 else ""
        lists = (f"x{number}_{each}: tasks(first: 1) {{ nodes {{ {FIELDS} }} }}" for each in range(8 if wrong else 1))
        answer = await self.ask(f"query Q{number} {{ {' '.join(lists)} {wrong} }}")
        assert ("errors" in answer) is bool(wrong), answer
        self.done["documents"] += 1

    async def sockets(self) -> None:
        """Some sockets at once: each subscribes, is told of one write, and closes."""
        await asyncio.gather(*(self.socket() for _ in range(SOCKETS_AT_ONCE)))

    async def socket(self) -> None:
        url = f"ws{self.url.removeprefix('http')}/graphql"
        protocol = [Subprotocol("graphql-transport-ws")]
        async with connect(url, subprotocols=protocol, compression=None, open_timeout=60) as socket:
            init = {"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}
            await socket.send(json.dumps(init))
            await socket.recv()
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": WATCH}}))
            assert "taskChanged" in str(await socket.recv())
        self.done["sockets"] += 1

    async def small_question(self) -> None:
        began = time.perf_counter()
        answer = await self.client.get(f"{self.url}/healthz")
        assert answer.status_code == 200, answer.text
        self.slowest = max(self.slowest, time.perf_counter() - began)
        await asyncio.sleep(0.02)

    async def writes(self) -> Callable[[], Awaitable[None]]:
        """How to report on one of somebody's tasks."""
        for login in ("camat-medan-johor", "camat-medan-kota", "camat-medan-barat", "camat-medan-helvetia"):
            token = await self.sign_in(login)
            tasks = (await self.ask(TASKS, token))["data"]["viewer"]["organisation"]["tasks"]["nodes"]
            if tasks:
                break
        else:
            raise RuntimeError("nobody of the demo has a task in progress")

        async def write() -> None:
            number = next(self.fresh)
            given = {"taskId": tasks[0]["id"], "progress": number % 99 + 1, "idempotencyKey": f"soak-{number}"}
            answer = await self.ask(REPORT, token, input=given)
            assert answer["data"]["reportProgress"]["errors"] == [], answer
            self.done["writes"] += 1
            await asyncio.sleep(WRITES_EVERY)

        return write

    async def measured(self) -> tuple[float, float]:
        """Its memory in MB and its longest collection in ms, as it says itself."""
        headers = {"authorization": f"Bearer {self.metrics_token}"}
        answer = await self.client.get(f"{self.url}/metrics", headers=headers)
        found = dict(re.findall(r"^kolaborasi_(\w+) (\S+)$", answer.text, re.MULTILINE))
        return float(found["resident_bytes"]) / 1e6, float(found["garbage_longest_pause_seconds"]) * 1e3

    async def tell(self, began: float) -> None:
        memory, pause = await self.measured()
        print(
            f"| {time.perf_counter() - began:.0f} s | {memory:.0f} | {pause:.0f} | {self.slowest * 1e3:.0f}"
            f" | {self.done['documents']:,} | {self.done['sockets']:,} | {self.done['writes']:,} |",
            flush=True,
        )


async def again(do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await do()


async def soak(url: str, metrics_token: str, seconds: float) -> None:
    """Load the server at this address for so long, and print how it fares."""
    async with httpx.AsyncClient(timeout=60) as client:
        run = Soak(url, client, metrics_token)
        run.token = await run.sign_in("pengamat")
        print("| after | memory MB | longest collection ms | slowest /healthz ms | documents | sockets | writes |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        began = time.perf_counter()
        await run.tell(began)
        loads = [
            asyncio.create_task(again(do))
            for do in (run.new_document, run.sockets, run.small_question, await run.writes())
        ]
        try:
            while (left := began + seconds - time.perf_counter()) > 0:
                ended, _ = await asyncio.wait(loads, timeout=min(EVERY, left), return_when=asyncio.FIRST_COMPLETED)
                for each in ended:
                    each.result()  # raises what ended it
                await run.tell(began)
        finally:
            for each in loads:
                each.cancel()
            await asyncio.gather(*loads, return_exceptions=True)
        await asyncio.sleep(EVERY)
        print("and at rest, ten seconds later:")
        await run.tell(began)


@contextmanager
def serving(folder: Path, metrics_token: str) -> Iterator[str]:
    """A demo server's address, once it serves. Its memory is told to who holds the token."""
    log = folder / "server.log"
    with log.open("wb") as said:
        command = [str(COMMAND), "--data-dir", str(folder / "data"), "demo", "--port", "0"]
        environment = os.environ | {"KOLABORASI_METRICS_TOKEN": metrics_token}
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
    try:
        while (found := READY.search(log.read_text())) is None:
            if process.poll() is not None:
                sys.exit(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        process.wait(30)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3, help="how long (3)")
    options = parser.parse_args(arguments)
    token = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory(prefix="kolaborasi-soak-") as name:
        with serving(Path(name), token):
            pass  # who has made the demo's year has memory to spare, which would hide what grows
        with serving(Path(name), token) as url:
            asyncio.run(soak(url, token, options.minutes * 60))


if __name__ == "__main__":
    main()
