"""`python -m bench`: load, compare, measure in turns, and write the ratios into docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from bench import board, chart, dataset, limit, report, works
from bench.compare import Different, must_agree
from bench.contenders import (
    CONTENDERS,
    KOLABORASI,
    PEER,
    PLAIN,
    POOL_SIZE,
    POSTGRAPHILE,
    Contender,
    Running,
    install_postgraphile,
    node,
    postgraphile_version,
    sign_in,
)
from bench.machine import OTHER_CORE, describe, others_share, output, pin, read_cpu
from bench.run import Bar, Bench
from bench.turns import CONNECTIONS, measure
from server.database import Connection, connect

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
CHART = PAGE.with_name("performance.svg")
QUIET = 0.05
COUNTED = 10  # requests whose statements are counted
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


async def main(options: argparse.Namespace) -> None:
    pin(OTHER_CORE)  # PostgreSQL, started from here, and the load generator inherit it
    if PEER.name in options.only:
        install_postgraphile()
    with tempfile.TemporaryDirectory(prefix="kolaborasi-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        postgres = stack.enter_context(dataset.postgres(folder))
        postmaster = int((postgres.folder / "postmaster.pid").read_text().split()[0])
        bench = Bench(folder, options, postgres.folder / "server.log", postmaster)
        bench.url = await dataset.load_told(postgres.url)
        connection = await connect(bench.url, statement_timeout="0")
        try:
            await _must_be_durable(connection)
            await connection.execute((POSTGRAPHILE / "report_progress.sql").read_text())
            await board.make_function(connection)
            sample = await dataset.sample(connection)
            await _compare(bench, connection, sample)
            before = read_cpu(postmaster)
            for phase in (works.READS, works.BOARDS, works.WRITES):
                await measure(bench, connection, sample, [work for work in phase if work in options.works])
            bench.others = others_share(before, read_cpu(postmaster))
            version = connection.get_settings().server_version
        finally:
            await connection.close()
    _tell(bench, sample, version)


async def _compare(bench: Bench, connection: Connection, sample: dataset.Sample) -> None:
    """Sign in, see that all answer alike and leave the same rows, and take the limit's SQL from our own server."""
    bar = Bar(7)
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
        await board.compare(connection, running, sample, bench.tokens)
        bar("the board: equal to a recount")
        texts = {work: await _sql_of(bench, connection, sample, work, ours) for work in works.READS}
        await _write_scripts(bench, connection, sample, texts)
        await works.keep_reported(connection, sample)
        all_reported = [*works.asked("W1", sample)]
        for number in await works.to_try(connection, sample):
            reported = all_reported[number]
            token = bench.tokens[reported.reporter]
            left = {
                name: await works.left_by_report(connection, contender, port, reported, token)
                for name, (contender, port) in running.items()
            }
            must_agree("W1's answer", {name: each.pop("answer") for name, each in left.items()})
            flat = await _left_by_pgbench(bench, connection, reported, number)
            must_agree("the rows that W1 leaves", left | {report.LIMIT: flat})
        bar("W1 leaves the same rows")
        await board.compare_after_reports(connection, running, sample, bench.tokens)
        bar("the board after reports: equal to a recount")
        for name, (contender, port) in running.items():
            for work in (*works.READS, *works.BOARDS, "W1"):
                bench.statements[work, name] = await _statements(bench, connection, sample, work, contender, port)
        await works.put_back(connection)
        bar("statements are counted")
    await dataset.settle(connection)
    bar("ready to measure")


async def _statements(
    bench: Bench, connection: Connection, sample: dataset.Sample, work: str, contender: Contender, running: Running
) -> float:
    """How many statements a contender sends PostgreSQL for one request, counted over some in PostgreSQL's log."""
    of_one = [each for each in works.asked(work, sample) if each.reporter == 0]  # whose token is looked up once
    first, *others = (of_one * (COUNTED + 1))[: COUNTED + 1]

    async def ask(each: works.Asked, key: str) -> None:
        given = {**each.variables, "key": f"counting-{contender.name}-{key}"} if "key" in each.variables else {}
        asked = works.Asked(each.reporter, given or each.variables, each.about)
        await works.answer(contender, running, work, asked, bench.tokens[each.reporter])

    async def ask_all() -> None:
        for number, each in enumerate(others):
            await ask(each, str(number))

    await ask(first, "first")
    return limit.count_of(await limit.said(connection, bench.log, ask_all)) / len(others)


async def _must_be_durable(connection: Connection) -> None:
    """What is committed is on the disk, for everybody. Raises RuntimeError when it is not so."""
    shown = {name: await connection.fetchval(f"SHOW {name}") for name in DURABLE}
    own = await connection.fetchval("SELECT count(*) FROM pg_db_role_setting")
    print(", ".join(f"{name} = {value}" for name, value in shown.items()), "for every contender", file=sys.stderr)
    if set(shown.values()) != {"on"} or own:
        raise RuntimeError(f"not everybody's commits would be durable: {shown}")


async def _sql_of(bench: Bench, connection: Connection, sample: dataset.Sample, work: str, ours: Running) -> str:
    """The statements with which our server answers a read, as a pgbench script."""
    first, *others = works.asked(work, sample)
    token = bench.tokens[first.reporter]
    said = await limit.said(connection, bench.log, lambda: works.answer(KOLABORASI, ours, work, first, token))
    return limit.script(limit.statements(said, "task(?:_count)?"), first.about[1], [each.about[1] for each in others])


async def _write_scripts(bench: Bench, connection: Connection, sample: dataset.Sample, texts: dict[str, str]) -> None:
    actors = [sample.reporters[number].account_id for _, number in sample.reported]
    await limit.list_reported(connection, [task for task, _ in sample.reported], actors)
    template = (Path(__file__).parent / "limit" / "W1.sql").read_text()
    writing = template.format(count=len(sample.reported), note=works.NOTE)
    for work, text in (texts | {"R3": f"{board.SQL};\n", "W1": writing}).items():
        bench.scripts[work] = bench.folder / f"{work}.sql"
        bench.scripts[work].write_text(text)


async def _left_by_pgbench(bench: Bench, connection: Connection, each: works.Asked, number: int) -> dict[str, Any]:
    """As works.left_by_report, for pgbench's script with the task of this number and its progress."""
    task, script = each.about[1], bench.folder / "one.sql"
    first = re.sub(r"(?m)^\\set n .*$", rf"\\set n {number + 1}", bench.scripts["W1"].read_text())
    script.write_text(first.replace("random(1, 99)", str(each.variables["progress"])))
    before = await works.remember(connection, task)
    await asyncio.to_thread(limit.pgbench, [(script, 1)], bench.url, clients=1)
    left = await works.rows_left(connection, task, before)
    await works.restore(connection, task, before)
    return left


def _tell(bench: Bench, sample: dataset.Sample, postgres: str) -> None:
    results = {
        work: {name: report.Series(rounds) for name, rounds in by_name.items()}
        for work, by_name in bench.results.items()
    }
    ratios = report.ratios(results, KOLABORASI.name, [PEER.name, PLAIN.name])
    numbers = report.numbers(results, bench.statements)
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
        CHART.write_text(chart.draw(results, KOLABORASI.name))
        shown = f"![answers per second beside our own]({CHART.name})"
        report.put(PAGE, f"{ratios}\n\n{shown}\n\n{numbers}\n\n{report.LEGEND}\n\n{how}")
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
