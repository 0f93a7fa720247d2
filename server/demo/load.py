"""Lays the demo year over a city: a year of work with every event that its verbs would have left."""

import gc
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from server.actions.counting import RECOUNT
from server.auth.passwords import hash_password
from server.city import ListedCity, read_city
from server.city.load import lay
from server.database import Connection, connect
from server.demo.content import read_content
from server.demo.delegations import delegate_decisions
from server.demo.ledger import Ledger
from server.demo.office_hours import OfficeHours
from server.demo.places import Places
from server.demo.plans import plan_the_years
from server.demo.requests import RequestYear
from server.demo.scene import Progress, Scale, Scene
from server.demo.staff import Hiring
from server.demo.tasks import TaskYear
from server.models import (
    Account,
    Amendment,
    Appendix,
    Appointment,
    CaseAccess,
    Comment,
    Delegation,
    Escalation,
    FollowUp,
    Measurement,
    Message,
    Remark,
    Request,
    Target,
    TargetOwner,
    Task,
    TaskDependency,
    WorkPlan,
)
from server.rules.organisation import OrganisationFacts, OrganisationKind
from server.rules.task import counts_as_overdue
from server.rules.workdays import local_day
from server.settings import Settings

CONTENT = Path(__file__).parent / "medan"
CITY = "medan"
PASSWORD = "demo"  # noqa: S105  # known to everybody, in demo mode only
SEED = 1271
DEMO = Scale()
# What is referred to before what refers.
ORDER = (
    *(Account, Appointment, CaseAccess, WorkPlan, Target, TargetOwner, Measurement, Amendment, Task, TaskDependency),
    *(Comment, Request, Message, Escalation, FollowUp, Appendix, Remark, Delegation),
)
AT_ONCE = 5_000  # tasks or requests that are kept in memory; below that the log is in the order of time throughout


async def load(settings: Settings) -> None:
    """Load Kota Medan and the demo year into a database without accounts; into any other nothing."""
    connection = await connect(settings.database_url or "", statement_timeout="0")
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM account)"):
            print("Kolaborasi: making the demo year …", flush=True)
            await make(connection, datetime.now(UTC))
    finally:
        await connection.close()


async def make(
    connection: Connection, now: datetime, scale: Scale = DEMO, progress: Progress | None = None, seed: int = SEED
) -> None:
    """The year that ends at `now`, in one transaction; the same seed and moment make the same year but for ids.

    `progress` is told what is being made, how many are and how many there will be.
    """
    listed = read_city(CITY)
    gc.disable()  # rows are kept until they are written: looking for garbage among them costs a fifth of the time
    try:
        async with connection.transaction():
            await _make(connection, listed, now, scale, progress, seed)
    finally:
        gc.enable()


async def _make(
    connection: Connection, listed: ListedCity, now: datetime, scale: Scale, progress: Progress | None, seed: int
) -> None:
    # While a year is told the connection idles longer than verbs may.
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
    await lay(connection, listed, opening(listed, now) - timedelta(hours=1), is_demo=True)
    organisation_ids = await _ids(connection, "SELECT code, id FROM organisation")
    programme_ids = await _ids(connection, "SELECT code, id FROM programme")
    scene = set_scene(listed, organisation_ids, programme_ids, now, scale, seed)
    for kind, made, total in tell(scene):
        if progress is not None:
            progress(kind, made, total)
        if kind != "targets" and made % AT_ONCE == 0:
            await _write(connection, scene)
    await _write(connection, scene)
    await connection.execute(RECOUNT)


async def _write(connection: Connection, scene: Scene) -> None:
    """What was told so far; of the tasks with what the sweep would have recorded by now."""
    for task in scene.ledger.rows[Task]:
        task["is_overdue"] = counts_as_overdue(task["status"], task["due_on"], scene.today)
    await scene.ledger.write(connection)


def tell(scene: Scene) -> Iterator[tuple[str, int, int]]:
    """Tells the year into the scene's ledger; yields what was made, how many so far, of how many."""
    planned = plan_the_years(scene)
    count = sum(len(each.targets) for each in planned)
    yield "targets", count, count
    delegate_decisions(scene)
    tasks = TaskYear(scene, planned)
    for made in tasks.tell():
        yield "tasks", made, scene.scale.tasks
    for made in RequestYear(scene, planned, tasks.serving).tell():
        yield "requests", made, scene.scale.requests


def opening(listed: ListedCity, now: datetime) -> datetime:
    """The installation's first moment: before last year's plans were drawn up, but in the mayor's term."""
    facts = listed.facts()
    today = local_day(now, facts.calendar)
    day, in_term = date(today.year - 2, 11, 3), facts.term_starts_on + timedelta(days=14)
    if day < in_term < date(today.year - 1, 11, 3):
        day = in_term
    return OfficeHours(facts.calendar, day, day + timedelta(days=30), Random(0)).opening(day)


def set_scene(
    listed: ListedCity,
    organisation_ids: Mapping[str, UUID],
    programme_ids: Mapping[str, UUID],
    now: datetime,
    scale: Scale = DEMO,
    seed: int = SEED,
) -> Scene:
    """The stage with its people; their accounts are the first rows of its ledger. Ids are by code."""
    facts, draw, ledger = listed.facts(), Random(seed), Ledger(ORDER)
    today, first = local_day(now, facts.calendar), opening(listed, now)
    hours = OfficeHours(facts.calendar, local_day(first, facts.calendar), today + timedelta(days=400), draw)
    staff = Hiring(listed, organisation_ids, ledger, hours, first, today, draw, hash_password(PASSWORD)).hire()
    kelurahan = {
        each.code: OrganisationFacts(
            id=organisation_ids[each.code], kind=OrganisationKind.KELURAHAN, valid_from=each.valid_from
        )
        for each in listed.organisations
        if each.kind == "KELURAHAN"
    }
    return Scene(
        city=facts,
        now=now,
        today=today,
        scale=scale,
        draw=draw,
        ledger=ledger,
        hours=hours,
        content=read_content(CONTENT),
        places=Places(listed, CONTENT),
        staff=staff,
        kelurahan=kelurahan,
        programme_ids=programme_ids,
    )


async def _ids(connection: Connection, statement: str) -> dict[str, UUID]:
    return {record["code"]: record["id"] for record in await connection.fetch(statement)}
