"""A city's files and the demo year in a real database: loaded whole, loaded once, and told as verbs would tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from server.actions import task as task_verbs
from server.actions import task_content, work_plan
from server.actions.amendment import amend_target, approve_amendment, return_amendment, sign_amendments
from server.actions.measurement import record_measurement, supersede_measurement
from server.actions.rows import unlogged
from server.actions.target import create_target
from server.actions.transaction import Moment, Transaction
from server.auth.passwords import verify
from server.city import ListedCity, read_city
from server.city.load import lay
from server.city.load import load as load_city
from server.database import Connection, connect
from server.demo.load import PASSWORD, make
from server.demo.load import load as load_demo
from server.demo.scene import Scale
from server.events.log import EVENT_COLUMNS, Recorded
from server.ids import decode
from server.models import (
    Account,
    Appointment,
    Delegation,
    Escalation,
    Organisation,
    Programme,
    Remark,
    Request,
    Target,
    Task,
    WorkPlan,
)
from server.models.fields import Subject
from server.rules.event import EventType
from server.rules.target import RollUp, TargetDirection
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.workdays import local_day
from server.settings import Settings
from tests.api.cooperating import cooperate

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
MakeDatabase = Callable[[], Coroutine[object, object, str]]


@pytest.fixture
async def connection(fresh_database: MakeDatabase) -> AsyncIterator[Connection]:
    opened = await connect(await fresh_database(), statement_timeout="0")
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def medan() -> ListedCity:
    return read_city("medan")


async def laid(connection: Connection, listed: ListedCity) -> int:
    async with connection.transaction():
        return await lay(connection, listed, NOW)


async def test_a_city_is_loaded_with_its_events_and_only_once(connection: Connection, medan: ListedCity) -> None:
    assert await laid(connection, medan) == 233 + 17 + 11
    assert await connection.fetchval("SELECT count(*) FROM event") == 233 + 17 + 11
    before = await connection.fetch("SELECT * FROM organisation ORDER BY id")
    assert await laid(connection, medan) == 0
    assert await connection.fetch("SELECT * FROM organisation ORDER BY id") == before
    city = await connection.fetchrow("SELECT * FROM city")
    assert city is not None
    assert (city["code"], city["time_zone"], city["report_working_days"]) == ("12.71", "Asia/Jakarta", 10)
    assert city["grade_scale"][0] == {"grade": "VERY_HIGH", "from": 91}
    dkp = await connection.fetchrow(
        "SELECT o.valid_to, s.code FROM organisation o JOIN organisation s ON s.id = o.successor_id"
        " WHERE o.code = 'DKP'"
    )
    assert tuple(dkp or ()) == (date(2022, 12, 31), "DLH")
    await rebuilt(connection, Organisation, Programme)


async def test_a_newer_file_adds_what_is_new_and_leaves_what_people_changed(
    connection: Connection, medan: ListedCity
) -> None:
    await laid(connection, medan)
    await connection.execute("UPDATE organisation SET name = 'Dinas Kesehatan Kota' WHERE code = 'DINKES'")
    first, *others = medan.organisations
    merged = [
        replace(each, valid_to=date(2026, 12, 31), successor="BARU") if each.code == "BRIDA" else each
        for each in others
    ]
    new = replace(medan.organisation("BRIDA"), code="BARU", name="Badan Baru", valid_from=date(2027, 1, 1))
    assert await laid(connection, replace(medan, organisations=(first, new, *merged))) == 2
    assert await connection.fetchval("SELECT name FROM organisation WHERE code = 'DINKES'") == "Dinas Kesehatan Kota"
    assert await connection.fetchval("SELECT valid_to FROM organisation WHERE code = 'BRIDA'") == date(2026, 12, 31)


async def test_the_demo_goes_into_an_empty_installation_only(fresh_database: MakeDatabase, medan: ListedCity) -> None:
    settings = Settings(database_url=await fresh_database())
    await load_city(settings, medan)
    await load_demo(settings)
    connection = await connect(settings.database_url or "")
    try:
        own = (
            "SELECT count(*) FROM task t"
            " WHERE NOT EXISTS (SELECT FROM collaboration_request WHERE commitment_id = t.id)"
            " AND NOT EXISTS (SELECT FROM follow_up WHERE task_id = t.id)"
        )
        assert await connection.fetchval(own) == 4000
        events = await connection.fetchval("SELECT count(*) FROM event")
        await load_demo(settings)
        assert await connection.fetchval("SELECT count(*) FROM event") == events
        stored = await connection.fetchval("SELECT password_hash FROM account WHERE login = 'camat-medan-johor'")
        assert verify(stored, PASSWORD)
        log = await connection.fetch(
            "SELECT happened_at FROM event WHERE subject_type = 'Task' ORDER BY epoch, xid, sequence"
        )
        moments = [row["happened_at"] for row in log]
        assert moments == sorted(moments)
        models = (Account, Appointment, WorkPlan, Target, Task, Request, Escalation, Remark, Delegation)
        await rebuilt(connection, *models)
    finally:
        await connection.close()


async def rebuilt(connection: Connection, *models: type[Subject]) -> None:
    """Every stored row of these tables is what its events make of nothing."""
    for model in models:
        table = model._meta.db_table
        rows = {row["id"]: row for row in await connection.fetch(f"SELECT * FROM {table}")}
        states: dict[UUID, dict[str, Any]] = {id: {} for id in rows}
        versions = dict.fromkeys(rows, 0)
        events = await connection.fetch(
            "SELECT subject_id, subject_version, changes FROM event WHERE subject_type = $1"
            " ORDER BY epoch, xid, sequence",
            model.__name__,
        )
        for event in events:
            id = event["subject_id"]
            versions[id] += 1
            assert event["subject_version"] == versions[id]
            for column, (before, after) in event["changes"].items():
                assert states[id].get(column) == before
                states[id][column] = after
        for id, row in rows.items():
            assert row["version"] == versions[id]
            for column, value in states[id].items():
                assert row[column] == _stored(model, column, value), (table, column)


def _stored(model: type[Subject], column: str, value: Any) -> Any:
    found = unlogged(model, column, value)
    return getattr(found, "value", found)


# ---- the generator tells what the verbs tell ------------------------------------------------------------------------


@pytest.fixture
async def demo(connection: Connection) -> Connection:
    await make(connection, NOW, Scale(targets=600, tasks=1500))
    return connection


class Known:
    """What events of one type look like in the demo."""

    def __init__(self) -> None:
        self.columns: list[frozenset[str]] = []
        self.facts: set[frozenset[str]] = set()
        self.places: set[tuple[object, ...]] = set()

    def learn(self, event: Mapping[str, Any]) -> None:
        self.columns.append(frozenset(event["changes"]))
        self.facts.add(frozenset(event["facts"]))
        self.places.add(place(event))

    def unlike(self, event: Mapping[str, Any]) -> Iterator[object]:
        """What of this event is in none of the demo's."""
        columns, facts = frozenset(event["changes"]), frozenset(event["facts"])
        always, ever = frozenset.intersection(*self.columns), frozenset[str]().union(*self.columns)
        if facts not in self.facts:
            yield facts
        if not always <= columns <= ever:
            yield (always - columns, columns - ever)
        if place(event) not in self.places:
            yield place(event)


def place(event: Mapping[str, Any]) -> tuple[object, ...]:
    """Whom an event concerns, who may read it, who did it in what way, and of which clock it tells."""
    deadline = event["deadline"]
    return (
        event["subject_type"],
        len(event["organisation_ids"]),
        str(event["audience"]),
        event["audience_id"] == event["subject_id"],
        event["audience_id"] is None,
        event["actor_id"] is None,
        event["capacity"],
        event["on_behalf_of_id"] is None,
        deadline and deadline.split("-")[0],
        event["happened_at"] == event["recorded_at"],
    )


async def test_the_demos_events_are_those_that_the_verbs_leave(demo: Connection, medan: ListedCity) -> None:
    known: dict[str, Known] = {}
    for row in await demo.fetch(f"SELECT {', '.join(EVENT_COLUMNS)} FROM event"):
        known.setdefault(row["type"], Known()).learn(dict(row))
    seen = set()
    events = [event async for event in verbs(demo, medan)] + await cooperate(demo, medan.facts(), NOW)
    unlike = []
    for event in events:
        columns = {name: getattr(event, name) for name in EVENT_COLUMNS}
        unlike += [(event.type.value, each) for each in known[event.type].unlike(columns)]
        seen.add(event.type)
    assert not unlike
    by_the_city_or_administrators = {
        EventType.ORGANISATION_CREATED,
        EventType.ORGANISATION_ENDED,
        EventType.PROGRAMME_CREATED,
        EventType.ACCOUNT_CREATED,
        EventType.APPOINTMENT_MADE,
        EventType.CASE_ACCESS_CONFIRMED,
        EventType.WORK_PLAN_CLOSED,
        EventType.TASK_PUBLISHED,
        EventType.TARGET_PUBLISHED,
        EventType.TARGET_REPORTS_CHANGED,
    }
    by_a_long_silence = {EventType.REQUEST_RULING_LAPSED, EventType.REQUEST_DISPUTE_LAPSED}  # told in test_sweep.py
    assert set(known) - seen == by_the_city_or_administrators | by_a_long_silence


async def verbs(connection: Connection, medan: ListedCity) -> AsyncIterator[Recorded]:
    """The verbs of a plan, its targets and tasks, done for real and never committed."""
    facts = medan.facts()
    minutes = count()

    def by(viewer: Viewer) -> Transaction:
        now = NOW + timedelta(minutes=next(minutes))
        return Transaction(connection, viewer, Moment(now, local_day(now, facts.calendar), facts))

    async def viewer(login: str, is_head: bool) -> Viewer:
        row = await connection.fetchrow("SELECT id, organisation_id, role FROM account WHERE login = $1", login)
        assert row is not None
        heads = {(row["organisation_id"], Capacity.DEFINITIVE)} if is_head else set()
        return Viewer(row["id"], row["organisation_id"], Role(row["role"]), frozenset(heads), has_case_access=True)

    staff, head = await viewer("staf-medan-area", False), await viewer("camat-medan-area", True)
    reviewer, office = await viewer("bappeda", False), await viewer("sekda", True)
    work = connection.transaction()
    await work.start()
    event = await work_plan.create_work_plan(by(staff), "12.71.10", 2027, "Rencana Kerja 2027")
    yield event
    plan_id = event.subject_id
    event = await create_target(
        by(staff), plan_id, "Pos kamling aktif", "pos", TargetDirection.MAXIMISE, RollUp.LAST,
        *(Decimal("80"), None, Decimal("48")), programme="KETERTIBAN", responsible_id=head.account_id,
        external_id="E-SAKIP-2027-1",
    )  # fmt: skip
    yield event
    yield await work_plan.submit_work_plan(by(head), plan_id)
    yield await work_plan.return_work_plan(by(reviewer), plan_id, "Perbaiki indikator.")
    yield await work_plan.submit_work_plan(by(head), plan_id)
    yield await work_plan.approve_work_plan(by(reviewer), plan_id)

    target_id = await connection.fetchval(
        "SELECT t.id FROM target t JOIN work_plan p ON p.id = t.work_plan_id"
        " WHERE p.organisation_id = $1 AND p.year = 2026 AND t.direction = 'MAXIMISE' AND t.unit = '%'"
        " AND t.due_on = date '2026-12-31' AND NOT EXISTS (SELECT FROM amendment a WHERE a.target_id = t.id) LIMIT 1",
        staff.organisation_id,
    )
    event = await record_measurement(by(staff), target_id, Decimal("71.5"), date(2026, 11, 20), "Angka sementara")
    yield event
    measurement_id = decode(event.facts["measurementId"])[1]
    yield await supersede_measurement(by(staff), measurement_id, Decimal("70"), date(2026, 11, 20), "Salah ketik")
    yield await amend_target(by(staff), target_id, "Pagu berkurang", target_value=Decimal("61"))
    yield await sign_amendments(by(head), [target_id])
    yield await return_amendment(by(reviewer), target_id, "Belum cukup alasan")
    yield await amend_target(by(staff), target_id, "Pagu berkurang", target_value=Decimal("61"))
    yield await sign_amendments(by(head), [target_id])
    yield await approve_amendment(by(reviewer), target_id)

    due_on = date(2026, 12, 10)
    yield await task_content.order_task(by(office), "12.71.10", "Tindak lanjut", due_on, "Segera")
    event = await task_content.create_task(
        by(staff), "12.71.10", "Posyandu", target_id=target_id, description="Rutin", due_on=due_on,
        kelurahan="12.71.10.1001", checklist=["Siapkan", "Laksanakan"],
    )  # fmt: skip
    yield event
    task_id = event.subject_id
    task = await by(staff).get(Task, task_id)
    yield await task_content.assign_task(by(head), task_id, staff.account_id)
    yield await task_verbs.start_task(by(staff), task_id)
    yield await task_verbs.report_progress(by(staff), task_id, 40, "Berjalan")
    yield await task_content.tick_checklist_item(by(staff), task_id, decode(str(task.checklist[0]["id"]))[1])
    yield await task_content.comment_on_task(by(office), task_id, "Bagus.")
    yield await task_content.update_task(by(head), task_id, due_on=due_on + timedelta(days=4))
    yield await task_verbs.block_task(by(staff), task_id, "Hujan")
    yield await task_verbs.ask_for_support(by(head), task_id, "Mohon bantuan truk")
    yield await task_verbs.unblock_task(by(staff), task_id, "Reda")
    yield await task_content.add_evidence(by(staff), task_id, "https://berkas.kolaborasi.example/1.jpg", "Foto")
    yield await task_verbs.report_progress(by(staff), task_id, 100)
    yield await task_verbs.complete_task(by(staff), task_id, "Selesai")
    yield await task_verbs.reopen_task(by(head), task_id, "Belum bersih")
    yield await task_verbs.cancel_task(by(head), task_id, "Digabung")
    await work.rollback()
