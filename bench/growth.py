"""`python -m bench.growth`: the same questions to the same server among 50,000 and among millions of tasks.

Of the same organisations: each has a hundred times as much. Events, targets, measurements and requests stay as many as
they are: a task's questions and the board's read no more of them when there are more, except for the last ten events.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import dataset, hot, limit, works
from bench.contenders import KOLABORASI, Running, raw, sign_in
from bench.grow import grow_tasks
from bench.machine import OTHER_CORE, pin
from bench.report import grid
from bench.run import Bar
from bench.turns import CONNECTIONS, WARM_SECONDS, generate, loaded
from server.database import Connection, connect

TASKS = 5_000_000
REACH = 1.25
WORDS = ("drainase", "sampah", "pelatihan", "posyandu", "jalan")
# What is asked, and whether it must stay within REACH.
ASKED = {
    "R1": True,
    "R2 without totalCount": True,
    "the board": True,
    "R2 with totalCount": False,
    "search": False,
    "the groups of one organisation": False,
}
# Asked one at a time, and answered within so many milliseconds among the many.
ALONE = {"the groups of one organisation": 50}
Rates = dict[str, list[float]]


def requests(name: str, sample: dataset.Sample, tokens: list[str]) -> list[tuple[str, str]]:
    """Raw HTTP for the load generator, with what each answer must hold."""
    plain = {"R1": "R1", "R2 with totalCount": "R2", "the board": "R3"}
    if name in plain:
        return works.requests(plain[name], KOLABORASI, sample, tokens)
    if name == "search":
        return [(raw(hot.SEARCH, {"words": word}, tokens[0]), '"totalCount":') for word in WORDS]
    document = hot.GROUPS if name in ALONE else hot.R2_UNCOUNTED
    wanted = '"dueMonth":' if name in ALONE else None
    return [
        (raw(document, each.spelled(KOLABORASI), tokens[each.reporter]), wanted or KOLABORASI.spell(*each.about))
        for each in works.asked("R2", sample)
    ]


async def ask_once(running: Running, sample: dataset.Sample, token: str) -> None:
    """Everything that must not read a big table from end to end, W1 too; search is not among it."""
    for work in ("R1", "R2", "R3", "W1"):
        first = next(each for each in works.asked(work, sample) if each.reporter == 0)
        await works.answer(KOLABORASI, running, work, first, token)


async def measure(
    folder: Path, connection: Connection, url: str, sample: dataset.Sample, options: argparse.Namespace, postmaster: int
) -> Rates:
    """Answers per second by question, for each round."""
    rates: Rates = {}
    bar = Bar(options.rounds * len(ASKED))
    await dataset.settle(connection)
    with KOLABORASI.serve(url, folder / "server.log") as running:
        tokens = [await asyncio.to_thread(sign_in, running.port, each.login) for each in sample.reporters]
        for _ in range(options.rounds):
            for name in ASKED:
                order: dict[str, Any] = {
                    "port": running.port,
                    "requests": requests(name, sample, tokens),
                    "key_from": 0,
                    "watched_pid": running.pid,
                    "postmaster": postmaster,
                    "connections": 1 if name in ALONE else CONNECTIONS,
                    "warm_seconds": WARM_SECONDS,
                    "seconds": options.seconds,
                }
                rate = loaded(generate(folder, "order", order)).rate
                rates.setdefault(name, []).append(rate)
                bar(f"{name}: {rate:,.0f} per second")
    return rates


async def whole_scans(
    folder: Path, connection: Connection, url: str, sample: dataset.Sample, log: Path
) -> list[hot.Scan]:
    """The big tables that a hot statement would read from end to end."""
    with KOLABORASI.serve(url, folder / "server.log") as running:
        token = await asyncio.to_thread(sign_in, running.port, sample.reporters[0].login)
        said = await limit.said(connection, log, lambda: ask_once(running, sample, token))
    return await hot.read_whole(connection, hot.spoken(said))


async def main(options: argparse.Namespace) -> None:
    pin(OTHER_CORE)
    with tempfile.TemporaryDirectory(prefix="kolaborasi-growth-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        with dataset.postgres(folder) as postgres:
            postmaster = int((postgres.folder / "postmaster.pid").read_text().split()[0])
            url = await dataset.load_told(postgres.url)
            connection = await connect(url, statement_timeout="0")
            try:
                sample = await dataset.sample(connection)
                before = sample.counts["task"]
                small = await measure(folder, connection, url, sample, options, postmaster)
                await _grow(connection, options.tasks)
                after = await connection.fetchval("SELECT count(*) FROM task")
                large = await measure(folder, connection, url, sample, options, postmaster)
                found = await whole_scans(folder, connection, url, sample, postgres.folder / "server.log")
            finally:
                await connection.close()
    print(f"\n{table(small, large, before, after)}\n")
    if found:
        raise RuntimeError("a big table is read from end to end: " + "; ".join(map(str, found)))
    print(f"Among {after:,} tasks no statement of R1, R2, the board and W1 reads a big table from end to end.")


async def _grow(connection: Connection, total: int) -> None:
    bar, before = Bar(total), 0

    def tell(made: int) -> None:
        nonlocal before
        bar(f"{made:,} of {total:,} tasks" if made > before else "making the indexes", made - before)
        before = made

    await grow_tasks(connection, total, tell)
    bar("analysing", total - before)
    await connection.execute("ANALYZE")


def table(small: Rates, large: Rates, before: int, after: int) -> str:
    """By how much each question became slower, in Markdown."""
    rows = []
    for name, must in ASKED.items():
        one, other = median(small[name]), median(large[name])
        ratio = one / other if other else float("inf")
        told = f"{'reached' if ratio <= REACH else 'not reached'}: ≤ {REACH:g}" if must else "reported"
        if name in ALONE and other:
            each = 1_000 / other
            told = f"{each:.0f} ms each, {'reached' if each <= ALONE[name] else 'not reached'}: ≤ {ALONE[name]}"
        rows.append([name, f"{one:,.0f}", f"{other:,.0f}", f"{ratio:.2f} × ({told})"])
    return grid(["question", f"per second among {before:,}", f"among {after:,}", "slower by"], rows)


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--tasks", type=int, default=TASKS, help=f"how many in the end ({TASKS:,})")
    parser.add_argument("--seconds", type=int, default=8, help="how long each question is measured (8)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        asyncio.run(main(_options()))
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as problem:
        sys.exit(f"bench: {problem}")
