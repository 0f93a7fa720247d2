"""`python -m bench`: load, compare, measure in turns, and write the ratios into docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from bench import dataset, limit, report, works
from bench.compare import Different, must_agree
from bench.contenders import (
    KOLABORASI,
    PEER,
    POOL_SIZE,
    POSTGRAPHILE,
    Contender,
    Running,
    install_postgraphile,
    node,
    postgraphile_version,
    sign_in,
)
from bench.load import Measured
from bench.machine import OTHER_CORE, describe, others_share, output, pin, read_cpu
from server.database import Connection, connect

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
CONNECTIONS = 32
WARM_SECONDS = 2.0
QUIET = 0.05
Scripts = dict[str, str]  # work → pgbench script
CONTENDERS = {each.name: each for each in (KOLABORASI, PEER)}


@dataclass
class Bench:
    """What the phases share."""

    folder: Path
    options: argparse.Namespace
    log: Path  # PostgreSQL's
    url: str = ""
    others: float | None = None
    tokens: list[str] = field(default_factory=list)
    scripts: dict[str, Path] = field(default_factory=dict)
    results: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    keys: count[int] = field(default_factory=count)

    @property
    def servers(self) -> list[Contender]:
        return [each for name, each in CONTENDERS.items() if name in self.options.only]

    def note(self, work: str, name: str, measured: Measured) -> None:
        self.results.setdefault(work, {}).setdefault(name, []).append(measured)


class Bar:
    """A progress bar on stderr; where that is no terminal, a line a step."""

    def __init__(self, steps: int) -> None:
        self.steps, self.done, self.begun = steps, 0, time.monotonic()

    def __call__(self, text: str, made: int = 1) -> None:
        self.done += made
        share = min(1.0, self.done / self.steps)
        line = f"[{'█' * round(20 * share):<20}] {share:4.0%} {time.monotonic() - self.begun:4.0f} s  {text}"
        sys.stderr.write(f"\r\x1b[K{line}" if sys.stderr.isatty() else f"{line}\n")
        if sys.stderr.isatty() and self.done >= self.steps:
            sys.stderr.write("\n")
        sys.stderr.flush()


async def main(options: argparse.Namespace) -> None:
    pin(OTHER_CORE)  # PostgreSQL, started from here, and the load generator inherit it
    if PEER.name in options.only:
        install_postgraphile()
    with tempfile.TemporaryDirectory(prefix="kolaborasi-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        postgres = stack.enter_context(dataset.postgres(folder))
        bench = Bench(folder, options, postgres.folder / "server.log")
        bench.url = await _load(postgres.url)
        connection = await connect(bench.url, statement_timeout="0")
        try:
            await connection.execute((POSTGRAPHILE / "report_progress.sql").read_text())
            sample = await dataset.sample(connection)
            await _compare(bench, connection, sample)
            postmaster = int((postgres.folder / "postmaster.pid").read_text().split()[0])
            before = read_cpu(postmaster)
            for phase in (works.READS, works.WRITES):
                await _measure(bench, connection, sample, [work for work in phase if work in options.works])
            bench.others = others_share(before, read_cpu(postmaster))
            version = connection.get_settings().server_version
        finally:
            await connection.close()
    _tell(bench, sample, version)


async def _load(url: str) -> str:
    steps = dataset.SCALE.tasks
    bar, before = Bar(steps + 1), 0

    def tell(kind: str, made: int, total: int) -> None:
        nonlocal before
        if kind == "tasks" and (made - before >= steps // 20 or made >= total):
            bar(f"making the data: {made:,} of {total:,} tasks", made - before)
            before = made

    database = await dataset.load(url, tell)
    bar("the data is loaded", steps + 1 - bar.done)
    return database


async def _compare(bench: Bench, connection: Connection, sample: dataset.Sample) -> None:
    """Sign in, see that all answer alike and leave the same rows, and take the limit's SQL from our own server."""
    bar = Bar(4)
    with ExitStack() as stack:
        # Ours signs in for all and shows the limit's SQL, also when it is not measured.
        running = {
            each.name: (each, stack.enter_context(each.serve(bench.url, bench.folder / f"{each.name}.log")))
            for each in (KOLABORASI, *(each for each in bench.servers if each is not KOLABORASI))
        }
        bar(f"{' and '.join(running)} answer")
        ours = running[KOLABORASI.name][1]
        bench.tokens = [await asyncio.to_thread(sign_in, ours.port, each.login) for each in sample.reporters]
        number = await works.compare_reads(running, sample, bench.tokens)
        draft = "a stranger's draft is hidden" if sample.foreign_draft else "NO foreign draft to try"
        bar(f"{number} reads: the same answers; {draft}")
        texts = {work: await _sql_of(bench, connection, sample, work, ours) for work in works.READS}
        reported = next(works.asked("W1", sample))
        token = bench.tokens[reported.reporter]
        left = {
            name: await works.left_by_report(connection, contender, port, reported, token)
            for name, (contender, port) in running.items()
        }
    await _write_scripts(bench, connection, sample, texts)
    must_agree("W1's answer", {name: each.pop("answer") for name, each in left.items()})
    must_agree("the rows that W1 leaves", left | {report.LIMIT: await _left_by_pgbench(bench, connection, reported)})
    bar("W1 leaves the same rows")
    await dataset.settle(connection)
    bar("ready to measure")


async def _sql_of(bench: Bench, connection: Connection, sample: dataset.Sample, work: str, ours: Running) -> str:
    """The statements with which our server answers a read, as a pgbench script."""
    first, *others = works.asked(work, sample)
    token = bench.tokens[first.reporter]
    said = await limit.said(connection, bench.log, lambda: works.answer(KOLABORASI, ours, work, first, token))
    return limit.script(limit.statements(said, "task"), first.about[1], [each.about[1] for each in others])


async def _write_scripts(bench: Bench, connection: Connection, sample: dataset.Sample, texts: Scripts) -> None:
    actors = [sample.reporters[number].account_id for _, number in sample.reported]
    await limit.list_reported(connection, [task for task, _ in sample.reported], actors)
    template = (Path(__file__).parent / "limit" / "W1.sql").read_text()
    writing = template.format(count=len(sample.reported), note=works.NOTE)
    for work, text in (texts | {"W1": writing}).items():
        bench.scripts[work] = bench.folder / f"{work}.sql"
        bench.scripts[work].write_text(text)


async def _left_by_pgbench(bench: Bench, connection: Connection, each: works.Asked) -> dict[str, Any]:
    """As works.left_by_report, for pgbench's script with the first task and its progress."""
    task, script = each.about[1], bench.folder / "one.sql"
    first = re.sub(r"(?m)^\\set n .*$", r"\\set n 1", bench.scripts["W1"].read_text())
    script.write_text(first.replace("random(1, 99)", str(each.variables["progress"])))
    before = await works.remember(connection, task)
    await asyncio.to_thread(limit.pgbench, script, bench.url, clients=1)
    left = await works.rows_left(connection, task, before)
    await works.restore(connection, task, before)
    return left


async def _measure(bench: Bench, connection: Connection, sample: dataset.Sample, chosen: Sequence[str]) -> None:
    """Rounds of turns; who begins changes from round to round."""
    if not chosen:
        return
    names = [*bench.options.only]
    bar = Bar(bench.options.rounds * len(names) * len(chosen))
    for number in range(bench.options.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name == report.LIMIT:
                for work in chosen:
                    await dataset.settle(connection)
                    bar(f"{work} {name}, round {number + 1}: {_measure_limit(bench, work):,.0f} per second")
                continue
            contender = CONTENDERS[name]
            with contender.serve(bench.url, bench.folder / f"{name}.log") as running:
                for work in chosen:
                    await dataset.settle(connection)
                    requests = works.requests(work, contender, sample, bench.tokens)
                    measured = _measure_server(bench, requests, running.port, running.pid)
                    bench.note(work, name, measured)
                    bar(f"{work} {name}, round {number + 1}: {measured.rate:,.0f} per second")


def _measure_limit(bench: Bench, work: str) -> float:
    seconds = bench.options.seconds
    rate = limit.pgbench(bench.scripts[work], bench.url, clients=POOL_SIZE, seconds=seconds)
    bench.note(work, report.LIMIT, Measured(answers=round(rate * seconds), seconds=seconds))
    return rate


def _measure_server(bench: Bench, requests: list[tuple[str, str]], port: int, pid: int) -> Measured:
    order = {
        "port": port,
        "connections": CONNECTIONS,
        "warm_seconds": WARM_SECONDS,
        "seconds": bench.options.seconds,
        "requests": requests,
        "key_from": next(bench.keys) * 10**9,
        "watched_pid": pid,
    }
    file = bench.folder / "order.json"
    file.write_text(json.dumps(order))
    command = [sys.executable, "-m", "bench.load", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    if done.returncode:
        raise RuntimeError(f"the load generator failed: {done.stderr[-2000:]}")
    measured = Measured(**json.loads(done.stdout))
    if measured.failures:
        raise RuntimeError(f"a request failed, so nothing counts: {measured.failures[0]}")
    return measured


def _tell(bench: Bench, sample: dataset.Sample, postgres: str) -> None:
    results = {
        work: {name: report.Series(rounds) for name, rounds in by_name.items()}
        for work, by_name in bench.results.items()
    }
    ratios, numbers = report.ratios(results, KOLABORASI.name, PEER.name), report.numbers(results)
    has_peer = PEER.name in bench.options.only
    where = describe(
        postgres, output(node(), "--version") if has_peer else "–", postgraphile_version() if has_peer else "–"
    )
    counts = ", ".join(f"{number:,} {table}s" for table, number in sample.counts.items())
    how = (
        f"Measured on {date.today():%Y-%m-%d}: {where}. Data: {counts}. {bench.options.rounds} rounds of "
        f"{bench.options.seconds} s, medians; {CONNECTIONS} connections, {POOL_SIZE} to PostgreSQL each."
    )
    if bench.others is not None:
        told = f"Other work took {bench.others:.0%} of the machine meanwhile."
        how += f" {told}" if bench.others < QUIET else f" **{told} Measure again when it is quiet.**"
    print(f"\n{ratios}\n\n{numbers}\n\n{how}")
    if not bench.options.no_page:
        report.put(PAGE, f"{ratios}\n\n{numbers}\n\n{how}")
        print(f"\nWritten into {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}.")


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*CONTENDERS, report.LIMIT]
    parser.add_argument("--seconds", type=int, default=8, help="how long each turn is measured (8)")
    parser.add_argument("--rounds", type=int, default=3, help="how many turns each contender has (3)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="contenders (all)")
    parser.add_argument("--works", nargs="+", choices=[*report.WORKS], default=[*report.WORKS], help="works (all)")
    parser.add_argument("--no-page", action="store_true", help="print, and leave docs/performance.md as it is")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        asyncio.run(main(_options()))
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, Different) as problem:
        sys.exit(f"bench: {problem}")
