"""The works: what each contender is sent, and the proof that all answer alike and leave the same rows."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Any
from uuid import UUID

from bench.compare import must_agree
from bench.contenders import Contender, Running, post, raw
from bench.dataset import Sample
from bench.load import KEY
from server.actions.counting import RECOUNT
from server.database import Connection

NOTE = "Dilaporkan dari lapangan"
MIXED = "mixed"
READS, BOARDS, WRITES = ("R1", "R2"), ("R3",), ("W1", MIXED)
# Nine reads to one report.
PARTS = {MIXED: {"R1": 9, "R2": 9, "W1": 2}}
MIXED_REPORTS = 500
COMPARED = 40


@dataclass(frozen=True)
class Asked:
    """One request of a work: by which reporter, with what variables (ids as UUIDs), and an id its answer must hold."""

    reporter: int
    variables: dict[str, Any]
    about: tuple[str, UUID]

    def spelled(self, contender: Contender) -> dict[str, Any]:
        """The variables as this contender writes ids."""
        prefix, value = self.about
        return {
            name: contender.spell(prefix, value) if each == value else each for name, each in self.variables.items()
        }


def asked(work: str, sample: Sample) -> Iterator[Asked]:
    """Every request of a work, in the order in which they are sent round and round."""
    draw = random.Random(work)
    number = len(sample.reporters)
    if work == "R1":
        for at, task in enumerate(sample.tasks):
            yield Asked(at % number, {"id": task}, ("task", task))
    elif work == "R2":
        for at, organisation in enumerate(sample.organisations):
            yield Asked(at % number, {"organisationId": organisation}, ("org", organisation))
    elif work == "R3":
        for at in range(number):
            yield Asked(at, {}, ("org", sample.organisations[0]))
    else:
        for task, reporter in sample.reported:
            said = {"id": task, "progress": draw.randint(1, 99), "note": NOTE, "key": KEY.decode()}
            yield Asked(reporter, said, ("task", task))


def requests(work: str, contender: Contender, sample: Sample, tokens: list[str]) -> list[tuple[str, str]]:
    """The same as raw HTTP for the load generator, with what each answer must hold."""
    if work == MIXED:
        return _mixed(*(requests(part, contender, sample, tokens) for part in PARTS[MIXED]))
    document = contender.document(work)
    return [
        (raw(document, each.spelled(contender), tokens[each.reporter]), contender.spell(*each.about))
        for each in asked(work, sample)
    ]


def _mixed(*parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Reads of both kinds in turn, every tenth request a report."""
    reads = cycle(chain.from_iterable(zip(parts[0], cycle(parts[1]), strict=False)))
    return [each for report in parts[2][:MIXED_REPORTS] for each in (*islice(reads, 9), report)]


async def answer(contender: Contender, running: Running, work: str, each: Asked, token: str) -> Any:
    """The data of one answer. Raises RuntimeError when it is not a plain success."""
    body = {"query": contender.document(work), "variables": each.spelled(contender)}
    status, found = await asyncio.to_thread(post, running.port, "/graphql", body, token)
    if status != 200 or not found or found.get("errors") or found.get("data") is None:
        raise RuntimeError(f"{contender.name} fails at {work}: {status} {found}")
    return found["data"]


async def compare_reads(running: dict[str, tuple[Contender, Running]], sample: Sample, tokens: list[str]) -> int:
    """Raises Different unless all answer alike and none shows a foreign draft. Returns how many it asked."""
    number = 0
    for work in READS:
        chosen = list(asked(work, sample))[:COMPARED]
        if work == "R1" and sample.foreign_draft:
            chosen.append(Asked(0, {"id": sample.foreign_draft}, ("task", sample.foreign_draft)))
        for each in chosen:
            answers = {
                name: await answer(contender, port, work, each, tokens[each.reporter])
                for name, (contender, port) in running.items()
            }
            must_agree(f"{work} {each.about[1]}", answers)
            hidden = each.about[1] == sample.foreign_draft
            if hidden and any(found["task"] is not None for found in answers.values()):
                raise RuntimeError(f"A draft was shown to a stranger: {answers}")
            if not hidden and not all(found.get("task") or found["tasks"]["nodes"] for found in answers.values()):
                raise RuntimeError(f"{work} {each.about[1]}: nothing was found: {answers}")
            number += 1
    return number


async def left_by_report(
    connection: Connection, contender: Contender, running: Running, each: Asked, token: str
) -> Any:
    """What W1 answers and leaves; afterwards all is as it was before."""
    fresh = Asked(each.reporter, each.variables | {"key": str(uuid.uuid4())}, each.about)
    before = await remember(connection, each.about[1])
    told = await answer(contender, running, "W1", fresh, token)
    left = await rows_left(connection, each.about[1], before)
    await restore(connection, each.about[1], before)
    return {"answer": told, **left}


@dataclass(frozen=True)
class Before:
    """What a report may change, to be put back by `restore`: columns of the task, and its organisation's counters."""

    task: dict[str, Any]
    counters: dict[str, int]  # by their key as text


async def remember(connection: Connection, task: UUID) -> Before:
    """What stands there before a report."""
    columns = dict(await connection.fetchrow(f"SELECT {_KEPT} FROM task WHERE id = $1", task) or {})
    return Before(columns, await _counters(connection, task))


async def _counters(connection: Connection, task: UUID) -> dict[str, int]:
    """The counters of a task's organisation, those that count nothing left out."""
    rows = await connection.fetch(
        "SELECT (to_jsonb(c) - '{id,n}'::text[])::text AS cell, n FROM task_count c"
        " WHERE n <> 0 AND organisation_id = (SELECT organisation_id FROM task WHERE id = $1)",
        task,
    )
    return {row["cell"]: row["n"] for row in rows}


async def rows_left(connection: Connection, task: UUID, remembered: Before) -> dict[str, Any]:
    """The task, its new events, the keys that name them, and by how much each counter has moved.

    Without ids and moments, which differ by nature.
    """
    before, counted = remembered.task, remembered.counters
    row = dict(await connection.fetchrow("SELECT * FROM task WHERE id = $1", task) or {})
    is_touched = row.pop("updated_at") > before["updated_at"]
    events = await connection.fetch(
        "SELECT type, subject_type, subject_version, organisation_ids, actor_id, on_behalf_of_id, capacity, changes,"
        " facts, audience, audience_id, epoch, xid > 0 AS has_xid, happened_at = recorded_at AS is_recorded_at_once, id"
        " FROM event WHERE subject_id = $1 AND subject_version > $2 ORDER BY sequence",
        task,
        before["version"],
    )
    keys = await connection.fetch(
        "SELECT account_id, verb, object_id, length(input_hash) AS hash_length FROM idempotency_key"
        " WHERE event_id = ANY($1::uuid[])",
        [each["id"] for each in events],
    )
    told = [{name: value for name, value in each.items() if name != "id"} for each in events]
    now = await _counters(connection, task)
    moved = {cell: n for cell in sorted({*counted, *now}) if (n := now.get(cell, 0) - counted.get(cell, 0))}
    return {
        "task": _plain(row),
        "is_touched": is_touched,
        "events": _plain(told),
        "keys": _plain([*map(dict, keys)]),
        "counters": moved,
    }


async def restore(connection: Connection, task: UUID, remembered: Before) -> None:
    """Take the report back."""
    before = remembered.task
    version = before["version"]
    made = "SELECT id FROM event WHERE subject_id = $1 AND subject_version > $2"
    await connection.execute(f"DELETE FROM idempotency_key WHERE event_id IN ({made})", task, version)
    await connection.execute("DELETE FROM event WHERE subject_id = $1 AND subject_version > $2", task, version)
    columns = ", ".join(f"{name} = ${at}" for at, name in enumerate(before, 2))
    await connection.execute(f"UPDATE task SET {columns} WHERE id = $1", task, *before.values())
    await connection.execute(RECOUNT)


async def keep_reported(connection: Connection, sample: Sample) -> None:
    """Keep how the tasks stand that W1 reports on, for `put_back`."""
    ids = [task for task, _ in sample.reported]
    await connection.execute("DROP TABLE IF EXISTS bench.before")
    await connection.execute("CREATE TABLE bench.before (id uuid PRIMARY KEY, status text, progress integer)")
    await connection.execute(
        "INSERT INTO bench.before SELECT id, status, progress FROM task WHERE id = ANY($1::uuid[])", ids
    )


async def put_back(connection: Connection) -> None:
    """As many tasks to start for everybody: else whoever reports first would be the only one to move counters."""
    await connection.execute(
        "UPDATE task t SET status = b.status, progress = b.progress FROM bench.before b"
        " WHERE b.id = t.id AND (t.status, t.progress) IS DISTINCT FROM (b.status, b.progress)"
    )
    await connection.execute(RECOUNT)


async def to_try(connection: Connection, sample: Sample) -> list[int]:
    """Which tasks W1 is tried on before it is timed, by their number: one that it starts, and one that it does not."""
    status = {row["id"]: row["status"] for row in await connection.fetch("SELECT id, status FROM bench.before")}
    is_planned = [status[task] == "PLANNED" for task, _ in sample.reported]
    if len({*is_planned}) < 2:
        raise RuntimeError("the data have no task to start, or none that is under way")
    return [is_planned.index(True), is_planned.index(False)]


_KEPT = "version, updated_at, status, progress, is_overdue"


def _plain(value: Any) -> Any:
    """Rows as JSON has them, so that a difference can be shown."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
