"""A demo year as the program left it that had eight migrations, under the rules of today.

What the demo year does not show was done then with the verbs of that time: see fixtures/make_year_at_0008.py.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from server.actions.check import check
from server.actions.facts import offices
from server.actions.recount import recount_old
from server.actions.texts import keep_old_texts
from server.actions.transaction import transaction
from server.database import connect, migrate, pending
from server.models import Request
from server.rules.clock import ClockKind, StoredPause, pauses_of, working_clock
from tests.process import Site, app_on

YEAR = Path(__file__).parents[1] / "fixtures" / "year_at_0008.sql.xz"
README = Path(__file__).parents[2] / "README.md"
MADE = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)  # a Friday, 10 o'clock in Medan
Rows = list[dict[str, Any]]


@dataclass
class Then:
    """The database of that time, whatever became of it since."""

    url: str
    now: datetime = MADE
    site: Site = field(init=False)

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    async def rows(self, statement: str, *arguments: object) -> Rows:
        connection = await connect(self.url)
        found = await connection.fetch(statement, *arguments)
        await connection.close()
        return [dict(row) for row in found]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Site]:
        app = app_on(self.url, self.tick)
        async with app.router.lifespan_context(app):
            self.site = Site(app)
            await self.site.installation.reader.started()
            yield self.site

    async def ask(self, login: str, document: str, **variables: Any) -> dict[str, Any]:
        async with self.site.client() as client:
            answer = await client.post("/auth/sign-in", json={"login": login, "password": "demo"})
            headers = {"authorization": f"Bearer {answer.json()['accessToken']}"}
            answer = await client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found["errors"]
        data: dict[str, Any] = found["data"]
        return data


@pytest.fixture
async def then(empty_database: str) -> Then:
    connection = await connect(empty_database)
    await connection.execute(lzma.decompress(YEAR.read_bytes()).decode())
    await connection.execute("SET search_path = public")
    last = await connection.fetchval("SELECT max(xid) FROM event")
    while await connection.fetchval("SELECT pg_current_xact_id()::text::bigint") <= last:
        pass  # another cluster's numbers: what happens from now on comes after what happened there
    await connection.close()
    return Then(empty_database)


async def test_migrations_bring_up_the_year_and_what_stood_otherwise_stands_by_the_new_rules(then: Then) -> None:
    await then.rows("UPDATE city SET is_demo = false")
    hidden = await then.rows("SELECT id, version FROM task WHERE title = ANY($1)", PUBLIC)
    decided = await then.rows(DECIDED)
    before = await _counts(then)
    later = await pending(then.url)
    assert later[0].startswith("0009_")
    assert await migrate(then.url) == later
    after = await _counts(then)
    assert {table: after[table] for table in before} == before | {
        "event": before["event"] + 2 * len(PUBLIC) + 1,
        "task_count": after["task_count"],
        "swept_until": 0,  # the first sweep looks through everything
    }

    # Public tasks that stand in a draft come out into no plan; those to whom the draft is known are told where from.
    assert len(hidden) == len(PUBLIC)
    tasks = "SELECT id, version, work_plan_id, target_id, draft_of_id FROM task WHERE title = ANY($1) ORDER BY id"
    assert [tuple(row.values()) for row in await then.rows(tasks, PUBLIC)] == [
        (row["id"], row["version"] + 2, None, None, None) for row in sorted(hidden, key=lambda row: row["id"])
    ]
    told = (
        "SELECT type, audience, changes::jsonb ? 'work_plan_id' AS place FROM event WHERE subject_id = $1"
        " AND actor_id IS NULL ORDER BY subject_version"
    )
    assert [tuple(row.values()) for row in await then.rows(told, hidden[0]["id"])] == [
        ("TASK_CARRIED_OVER", "ORGANISATION", True),
        ("TASK_PUBLISHED", "EVERYONE", False),
    ]
    inner = await then.rows("SELECT draft_of_id = organisation_id AS hidden FROM task WHERE title LIKE 'Susun usulan%'")
    assert inner == [{"hidden": True}]

    # A delegation whose giver no longer holds the office ends; the mayor's own goes on.
    ended = await then.rows(
        "SELECT a.login, d.valid_to BETWEEN current_date - 2 AND current_date AS is_over FROM delegation d"
        " JOIN account a ON a.id = d.account_id JOIN event e ON e.subject_id = d.id"
        " WHERE e.type = 'DELEGATION_ENDED' AND e.actor_id IS NULL"
    )
    assert ended == [{"login": "bappeda", "is_over": True}]

    # Decisions taken before stay as they are.
    assert decided
    for was, now in zip(decided, await then.rows(DECIDED), strict=True):
        assert now == now | was

    # Who holds an office on the day of the upgrade has case access, and who is of the mayor's office; nobody else.
    without = await then.rows(
        "SELECT a.login FROM account a LEFT JOIN case_access c ON c.account_id = a.id"
        " WHERE (c.confirmed_at IS NOT NULL) <>"
        " (a.role IN ('MAYOR', 'OFFICE') OR EXISTS (SELECT FROM delegation d WHERE d.account_id = a.id"
        " AND d.valid_to >= current_date - 2) OR EXISTS (SELECT FROM appointment p WHERE p.account_id = a.id"
        " AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to >= current_date)))"
    )
    assert without == []
    some = "SELECT count(*) FILTER (WHERE c.id IS NULL) AS staff, count(c.id) AS able FROM account a"
    (counted,) = await then.rows(f"{some} LEFT JOIN case_access c ON c.account_id = a.id")
    assert counted["staff"] > 20 < counted["able"]


async def test_the_first_sweep_does_the_rest_and_the_recount_agrees(then: Then) -> None:
    running = "SELECT id, status, answer_due_at, confirm_due_at, counter_due_at FROM collaboration_request ORDER BY id"
    # To one of them the mayor's office had named other terms.
    countered = await then.rows(
        "UPDATE collaboration_request r SET status = 'COUNTERED', counter_terms = 'Malam saja', counter_made_at ="
        " r.created_at, counter_due_at = $1, answer_stopped_at = r.created_at, answered_at = r.created_at"
        " FROM organisation o WHERE o.id = r.giver_id AND o.code = 'WALIKOTA' AND r.subject = 'Izin penutupan jalan'"
        " RETURNING r.id",
        MADE + timedelta(days=14),
    )
    assert countered
    promised = await then.rows(running)
    of_reports = "SELECT id, report_due_on FROM target WHERE report_due_on IS NOT NULL ORDER BY id"
    reports = await then.rows(of_reports)
    await migrate(then.url)
    async with then.served() as site:
        assert await recount_old(site.installation.pool) > 50
        assert await keep_old_texts(site.installation.pool) > 500
        await site.installation.sweep.once()
        assert await site.installation.sweep.once() == 0  # all at once, and once
        installation = site.installation
        async with transaction(installation.pool, None, installation.clock.moment(), installation.wake) as tx:
            open_ones = await tx.select(Request, status="OPEN", kind="NEED", ruling_asked_at=None)
            givers = await offices(tx, {row.giver_id for row in open_ones})
        assert [str(each) for each in await check(installation.pool)] == []
        seen = "query($title: String!) { tasks(filter: {title: {eq: $title}}) { nodes { workPlan { id } } } }"
        for title in PUBLIC:
            assert (await then.ask("pengamat", seen, title=title))["tasks"]["nodes"] == [{"workPlan": None}]

        # Open requests to or from the mayor's office get a ruling, with its clock, in that office's inbox.
        request = "... on Request { title }"
        waiting = f"{{ viewer {{ inbox(first: 100) {{ nodes {{ kind dueAt subject {{ {request} }} }} }} }} }}"
        found = (await then.ask("walikota", waiting))["viewer"]["inbox"]["nodes"]
        rulings = [each for each in found if each["kind"] == "RULING_DUE"]
        assert [each["subject"]["title"] for each in rulings].count("Izin penutupan jalan") == 2
        assert all(each["dueAt"] for each in rulings)  # also of those that were waited for before they had a clock

    # Open clocks keep their promised day where the new count is earlier.
    asked = {row["id"]: row["report_due_on"] for row in await then.rows(of_reports)}
    assert len(asked.keys() & {row["id"] for row in reports}) > 10
    assert [row for row in reports if asked.get(row["id"], row["report_due_on"]) < row["report_due_on"]] == []
    told = {row["id"]: row for row in promised}
    for row in await then.rows(running):
        for name in ("answer_due_at", "confirm_due_at", "counter_due_at"):
            if told[row["id"]][name] is not None and row["status"] == told[row["id"]]["status"]:
                assert row[name] >= told[row["id"]][name], (name, row)
    earlier = 0
    for one in open_ones:
        assert one.answer_started_at is not None
        anew = working_clock(
            ClockKind.ANSWER, one.answer_started_at, one.answer_days, givers[one.giver_id],
            pauses=pauses_of(cast(list[StoredPause], one.answer_pauses)),
        )  # fmt: skip
        earlier += anew.due_at < told[one.id]["answer_due_at"] == one.answer_due_at
    assert earlier, "no request of that time would be due earlier: nothing is tried"


@pytest.mark.exhaustive
async def test_the_readmes_story_is_told_of_it(then: Then) -> None:
    await migrate(then.url)
    async with then.served() as site:
        assert await recount_old(site.installation.pool) > 50
        assert await keep_old_texts(site.installation.pool) > 500
        await site.installation.sweep.once()
        for login in ("walikota", "camat-medan-johor", "kepala-dlh", "staf-dlh", "bappeda", "admin", "pengamat"):
            for name in ("Kecamatan", "Unrealised", "DueSoon", "Waiting"):
                answer = await then.ask(login, _of_readme(name))
                assert all(value is not None for value in answer.values()), (login, name)
        create = 'mutation { createTask(input: {organisation: {code: "DLH"}, title: "Angkut sampah"}) { task { id } } }'
        task = (await then.ask("staf-dlh", create))["createTask"]["task"]["id"]
        report = {"taskId": task, "progress": 60, "note": "Dua dari tiga truk sudah jalan"}
        payload = (await then.ask("staf-dlh", _of_readme("Report"), input=report))["reportProgress"]
        assert (payload["errors"], payload["task"]["progress"]) == ([], 60)
        assert [str(each) for each in await check(site.installation.pool)] == []


PUBLIC = ["Bersihkan parit Jalan Karya Jaya", "Pasang lampu Jalan Eka Surya"]
DECIDED = "SELECT * FROM escalation WHERE decided_at IS NOT NULL ORDER BY id"


def _of_readme(name: str) -> str:
    found = re.search(rf"```graphql\n((?:query|mutation) {name}\b.*?)```", README.read_text(), re.DOTALL)
    assert found, f"README.md has no {name}"
    return found[1]


async def _counts(then: Then) -> dict[str, int]:
    tables = await then.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
    )
    names = [row["tablename"] for row in tables]
    return {name: (await then.rows(f'SELECT count(*) AS n FROM "{name}"'))[0]["n"] for name in names}
