"""The load generator, a process of its own: `python -m bench.load ORDER.json` prints what it measured as JSON.

Closed loop over raw HTTP/1.1 with keep-alive: each connection sends its next request when it has the answer. It is
small because it shares its core with PostgreSQL; its part of that core is reported as `own_cpu`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import cast

import uvloop

from bench.machine import postgres_cpu

KEY = b"00000000-bench-key-00000000"  # in a body: replaced by a fresh text of the same length in every request


@dataclass(frozen=True)
class Order:
    """What to send: whole HTTP requests, each with a text that its answer must contain."""

    port: int
    connections: int
    warm_seconds: float
    seconds: float
    requests: list[tuple[str, str]]
    key_from: int
    watched_pid: int
    postmaster: int
    per_second: float = 0.0  # of all connections together; 0: as fast as answers come


@dataclass
class Measured:
    """Answers within the measured seconds; latencies in milliseconds, CPU as a share of one core."""

    answers: int = 0
    seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    own_cpu: float = 0.0
    server_cpu: float = 0.0
    postgres_cpu: float = 0.0
    memory: float = 0.0  # MB of the server's process that were in use at the end
    beside: float = 0.0  # reports a second that went on meanwhile
    keys_used: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds if self.seconds else 0.0


class Load:
    """What the connections share."""

    def __init__(self, order: Order) -> None:
        pairs = [(request.encode(), expected.encode()) for request, expected in order.requests]
        self.next = cycle([(*_cut(request), expected) for request, expected in pairs])
        self.numbers = count(order.key_from)
        self.latencies: list[float] = []
        self.failures: list[str] = []
        self.sending = True
        self.pause = order.connections / order.per_second if order.per_second else 0.0

    def fail(self, why: str) -> None:
        self.sending = False
        self.failures.append(why)


class Connection(asyncio.Protocol):
    """One client that asks, waits for the answer and asks again."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.received = b""
        self.expected = b""
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transports derive from nothing
        if self.load.pause:
            asyncio.get_running_loop().call_later(self.load.pause * random.random(), self.send)
        else:
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if self.load.sending:
            self.load.fail(f"the server closed a connection: {error}")

    def send(self) -> None:
        if not self.load.sending:
            return
        head, tail, self.expected = next(self.load.next)
        self.started = time.perf_counter()
        self.transport.write(head + b"%027d" % next(self.load.numbers) + tail if tail else head)

    def data_received(self, data: bytes) -> None:
        self.received = received = self.received + data if self.received else data
        body = _body(received)
        if body is None:
            return
        if not received.startswith(b"HTTP/1.1 200") or self.expected not in body or b'"errors":[{' in body:
            self.load.fail(received[:2000].decode(errors="replace"))
            return
        took = time.perf_counter() - self.started
        self.load.latencies.append(took)
        self.received = b""
        if self.load.pause > took:
            asyncio.get_running_loop().call_later(self.load.pause - took, self.send)
        else:
            self.send()


def _body(received: bytes) -> bytes | None:
    """The body of a whole response, None while parts are missing."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = received[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 :].split(b"\r\n", 1)[0])
        return received[end + 4 :] if len(received) >= end + 4 + length else None
    if b"\r\ntransfer-encoding: chunked" in head:
        return received[end + 4 :] if received.endswith(b"0\r\n\r\n") else None
    raise ValueError(f"neither length nor chunks: {head!r}")


def _cut(request: bytes) -> tuple[bytes, bytes]:
    """A request before and after its key; no key: all of it and nothing."""
    head, _, tail = request.partition(KEY)
    return head, tail


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Its resident memory in MB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def run(order: Order) -> Measured:
    """Warm up, measure, stop. Any failed answer ends it and is told in `failures`."""
    load = Load(order)
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", order.port)
        for _ in range(order.connections)
    ]
    await asyncio.sleep(order.warm_seconds)
    gc.collect()
    gc.freeze()
    load.latencies.clear()
    begun, own, server = time.perf_counter(), time.process_time(), _cpu_seconds(order.watched_pid)
    postgres = postgres_cpu(order.postmaster)
    await asyncio.sleep(order.seconds)
    seconds = time.perf_counter() - begun
    latencies = sorted(load.latencies)
    measured = Measured(
        answers=len(latencies),
        seconds=seconds,
        own_cpu=(time.process_time() - own) / seconds,
        server_cpu=(_cpu_seconds(order.watched_pid) - server) / seconds,
        postgres_cpu=(postgres_cpu(order.postmaster) - postgres) / seconds,
        memory=_memory(order.watched_pid),
    )
    if latencies:
        measured.p50 = 1000 * latencies[len(latencies) // 2]
        measured.p99 = 1000 * latencies[len(latencies) * 99 // 100]
    load.sending = False
    await asyncio.sleep(0.3)  # answers under way
    for transport, _ in connections:
        transport.close()
    measured.failures = load.failures[:3] or ([] if latencies else ["not one answer came"])
    measured.keys_used = next(load.numbers)
    return measured


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(asdict(uvloop.run(run(Order(**given))))))
