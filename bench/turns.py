"""The turns: one contender at a time does one work for some seconds, always from the same beginning."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import dataset, limit, report, works
from bench.contenders import CONTENDERS, POOL_SIZE, Contender, Running
from bench.load import Measured
from bench.machine import postgres_cpu
from bench.run import Bar, Bench
from server.database import Connection

CONNECTIONS = 32
WARM_SECONDS = 2.0
BESIDE = 100  # reports a second that go on while the board is asked for
BESIDE_CONNECTIONS = 8


async def measure(bench: Bench, connection: Connection, sample: dataset.Sample, chosen: Sequence[str]) -> None:
    """Rounds of turns; who begins changes from round to round."""
    if not chosen:
        return
    names = [*bench.options.only]
    bar = Bar(bench.options.rounds * len(names) * len(chosen))
    for number in range(bench.options.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name == report.LIMIT:
                for work in chosen:
                    await _prepare(connection, work)
                    _note(bench, bar, number, work, name, _of_limit(bench, work))
                continue
            contender = CONTENDERS[name]
            with contender.serve(bench.url, bench.folder / f"{name}.log") as running:
                for work in chosen:
                    await _prepare(connection, work)
                    _note(bench, bar, number, work, name, _of_server(bench, contender, running, sample, work))


def _note(bench: Bench, bar: Bar, number: int, work: str, name: str, measured: Measured) -> None:
    bench.note(work, name, measured)
    bar(f"{work} {name}, round {number + 1}: {measured.rate:,.0f} per second")


async def _prepare(connection: Connection, work: str) -> None:
    """The same beginning for every turn: the tasks as they stood, clean tables, nothing left to write out."""
    if work not in works.READS:
        await works.put_back(connection)
    await dataset.settle(connection)


def _of_limit(bench: Bench, work: str) -> Measured:
    seconds = bench.options.seconds
    files = [(bench.scripts[part], weight) for part, weight in works.PARTS.get(work, {work: 1}).items()]
    with _pgbench_beside(bench, work):
        begun, used = time.monotonic(), postgres_cpu(bench.postmaster)
        rate = limit.pgbench(files, bench.url, clients=POOL_SIZE, seconds=seconds)
        share = (postgres_cpu(bench.postmaster) - used) / (time.monotonic() - begun)
    return Measured(answers=round(rate * seconds), seconds=seconds, postgres_cpu=share)


def _of_server(bench: Bench, contender: Contender, running: Running, sample: dataset.Sample, work: str) -> Measured:
    order = _order(bench, contender, running, sample, work) | {
        "connections": CONNECTIONS,
        "warm_seconds": WARM_SECONDS,
        "seconds": bench.options.seconds,
    }
    if work not in works.BOARDS:
        return loaded(generate(bench.folder, "order", order))
    beside = _order(bench, contender, running, sample, "W1") | {
        "connections": BESIDE_CONNECTIONS,
        "warm_seconds": WARM_SECONDS / 2,
        "seconds": bench.options.seconds + WARM_SECONDS / 2,
        "per_second": BESIDE,
    }
    writing = generate(bench.folder, "beside", beside)
    measured = loaded(generate(bench.folder, "order", order))
    measured.beside = loaded(writing).rate
    return measured


def _order(bench: Bench, contender: Contender, running: Running, sample: dataset.Sample, work: str) -> dict[str, Any]:
    return {
        "port": running.port,
        "requests": works.requests(work, contender, sample, bench.tokens),
        "key_from": next(bench.keys) * 10**9,
        "watched_pid": running.pid,
        "postmaster": bench.postmaster,
    }


def generate(folder: Path, name: str, order: dict[str, Any]) -> subprocess.Popen[str]:
    """A load generator, a process of its own."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(order))
    command = [sys.executable, "-m", "bench.load", str(file)]
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)


def loaded(process: subprocess.Popen[str]) -> Measured:
    """What it measured."""
    out, problems = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load generator failed: {problems[-2000:]}")
    measured = Measured(**json.loads(out))
    if measured.failures:
        raise RuntimeError(f"a request failed, so nothing counts: {measured.failures[0]}")
    return measured


@contextmanager
def _pgbench_beside(bench: Bench, work: str) -> Iterator[None]:
    """For the board: reports going on meanwhile, a hundred a second."""
    if work not in works.BOARDS:
        yield
        return
    beside = limit.writing(bench.scripts["W1"], bench.url, BESIDE, bench.options.seconds + 1)
    try:
        time.sleep(0.5)
        yield
    finally:
        beside.wait()
    if beside.returncode:
        raise RuntimeError("the pgbench that reports beside failed")
