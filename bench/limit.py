"""The limit: pgbench saying the same SQL, as near to PostgreSQL as one can get.

R1 and R2 are the server's own statements, taken from PostgreSQL's log while it answers once. W1 is one flat statement
written by hand (limit/W1.sql): the server may need more round trips, the limit must not.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

from bench.machine import OTHER_CORE, SERVER_CORE, pinned
from server.database import Connection
from server.database.embedded import binaries

IDS = 100
# Planned once. Chosen after two trials on a busy machine: R2 rose from 409 and 344 per second (PostgreSQL's own choice)
# to 466 and 441, R1 went up once and down once. It raises the limit, so it is no favour to us.
SESSION = "-c plan_cache_mode=force_generic_plan -c jit=off"
EXECUTED = re.compile(r"\bexecute [^:]+: (?P<sql>.+?)(?=^\d{4}-\d\d-\d\d )", re.DOTALL | re.MULTILINE)
_PARAMETERS = re.compile(r"DETAIL:  Parameters: (?P<list>.+?)(?=^\d{4}-\d\d-\d\d |\Z)", re.DOTALL | re.MULTILINE)
_PARAMETER = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")


async def said(connection: Connection, log: Path, ask: Callable[[], Awaitable[object]]) -> str:
    """What PostgreSQL wrote into its log while `ask` was answered, every statement with its parameters."""
    await connection.execute("ALTER SYSTEM SET log_statement = 'all'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("SELECT pg_sleep(0.3)")  # other backends notice the signal when they are idle
    size = log.stat().st_size
    await ask()
    await connection.execute("ALTER SYSTEM RESET log_statement")
    await connection.execute("SELECT pg_reload_conf()")
    with log.open("rb") as file:
        file.seek(size)
        return file.read().decode()


def count_of(text: str) -> int:
    """How many statements PostgreSQL was sent, those that begin and end transactions too."""
    return len(re.findall(r"LOG:  (?:execute|statement)\b", text))


def statements(text: str, table: str) -> list[str]:
    """The logged statements that read this table (a pattern), their parameters written in as literals."""
    found = []
    for match in EXECUTED.finditer(text):
        sql = match["sql"].strip().rstrip(";")
        if not re.search(rf"\b(FROM|JOIN) (public\.)?\"?{table}\"?\b", sql.replace('"public".', ""), re.IGNORECASE):
            continue
        details = _PARAMETERS.search(text, match.end())
        values = dict(_PARAMETER.findall(details["list"])) if details and "$1" in sql else {}
        found.append(re.sub(r"\$(\d+)", lambda each, values=values: values[each[1]], sql))
    return found


def script(sql: Sequence[str], asked: UUID, instead: Sequence[UUID]) -> str:
    """A pgbench script of statements that asked for one id, asking for a random one of others, evenly chosen.

    A longer array in the statement would cost more than the statement: of 2,000 ids half the rate.
    """
    # What the server does of itself meanwhile, such as its sweep, asks for other rows of the same table.
    sql = [each for each in sql if str(asked) in each]
    chosen = instead[:: max(1, -(-len(instead) // IDS))]
    array = ",".join(f"'{each}'" for each in chosen)
    texts = [re.sub(rf"'{asked}'(::uuid)?", f"(ARRAY[{array}]::uuid[])[:n]", each) for each in sql]
    if not sql or any(old == new for old, new in zip(sql, texts, strict=True)):
        raise ValueError(f"the server's SQL does not name {asked}: {sql}")
    return f"\\set n random(1, {len(chosen)})\n" + "".join(f"{text};\n" for text in texts)


async def list_reported(connection: Connection, tasks: Sequence[UUID], actors: Sequence[UUID]) -> None:
    """The table from which limit/W1.sql takes its tasks."""
    await connection.execute("DROP TABLE IF EXISTS bench.reported")
    await connection.execute("CREATE TABLE bench.reported (n integer PRIMARY KEY, task_id uuid, actor_id uuid)")
    rows = [(n, task, actor) for n, (task, actor) in enumerate(zip(tasks, actors, strict=True), 1)]
    await connection.copy_records_to_table("reported", schema_name="bench", records=rows)
    await connection.execute("ANALYZE bench.reported")


def pgbench(files: Sequence[tuple[Path, int]], url: str, *, clients: int, seconds: int | None = None) -> float:
    """Transactions per second of scripts, chosen by their weights; without `seconds` one runs once.

    Raises RuntimeError when one failed.
    """
    extent = f"-T {seconds}" if seconds else "-t 1"
    scripts = [word for file, weight in files for word in ("-f", f"{file}@{weight}")]
    command = _command(url, f"-c {clients} {extent}", *scripts)
    done = subprocess.run(
        [*pinned(SERVER_CORE), *command], capture_output=True, text=True, check=False, env=_ENVIRONMENT
    )
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or rate is None or "number of failed transactions: 0" not in done.stdout:
        raise RuntimeError(f"pgbench failed on {files[0][0].name}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return float(rate[1])


def writing(file: Path, url: str, rate: int, seconds: int) -> subprocess.Popen[bytes]:
    """A second pgbench that says a script at this rate, on the load generator's core."""
    command = _command(url, f"-c 4 -R {rate} -T {seconds}", "-f", str(file))
    return subprocess.Popen(
        [*pinned(OTHER_CORE), *command], env=_ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _command(url: str, manner: str, *scripts: str) -> list[str]:
    return [str(binaries() / "pgbench"), *f"-n -M prepared -j 1 {manner}".split(), *scripts, url]


_ENVIRONMENT = os.environ | {"PGOPTIONS": SESSION}
