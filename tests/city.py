"""A small Medan whose people ask, act and watch through the real ASGI application, and the witness who sees it all.

The witness checks, without being asked: a verb makes exactly its declared events and its payload's event is the
recorded one; nothing else is written by anybody; when a test ends, each watcher's old view and what it was told since
give what a fresh query answers; the outsider heard of everything public, once, and of no foreign draft; and
`kolaborasi check` finds no difference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from server import models
from server.actions.check import check
from server.actions.transaction import transaction
from server.background.react import REACTIONS
from server.database import Pool
from server.events.position import Position
from server.ids import decode
from server.models import Task
from server.models.fields import Subject
from server.rules.aggregates import VISIBILITIES
from server.rules.event import EventType
from server.rules.visibility import EVERYONE
from tests.founding import BEGIN, PASSWORD
from tests.live_witness import LiveWitness
from tests.person import Json, Person, Watched
from tests.process import Site, app_on, deadline
from tests.verbs import AT_THE_DOOR, ENDED_WITH_PLAN, EVENTS, LISTS, OF_MANY, PROPOSING, TOGETHER
from tests.watching import EventStream, Socket, until
from tests.write_witness import WriteWitness

WIB = ZoneInfo("Asia/Jakarta")
# The subjects of which everybody sees every row.
PUBLIC = {
    model.__name__
    for model in (getattr(models, name) for name in models.__all__)
    if issubclass(model, Subject) and VISIBILITIES.get(str(model._meta.db_table), EVERYONE) == EVERYONE
}


class City:
    """The small Medan of one test: a database of its own, one process, a movable clock, and everybody in PEOPLE."""

    mayor: Person
    sekda: Person
    bappeda: Person
    admin: Person
    camat: Person
    camat_staff: Person
    lurah: Person
    dlh: Person
    dlh_staff: Person
    neighbour: Person
    outsider: Person

    def __init__(self, url: str, zone: ZoneInfo = WIB) -> None:
        self.url = url
        self.zone = zone
        self.answers: list[str] = []  # whatever anybody was answered
        self.now = BEGIN
        self.wires: list[Socket | EventStream] = []
        self.watched: list[Watched] = []
        self.is_altered_by_hand = False  # set by a test that writes past the verbs: the recount would find it
        self.witnessed: set[UUID] = set()
        self._others: list[Site] = []
        self.live_witnesses: list[WriteWitness | LiveWitness] = []

    # ---- time -----------------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def tick(self) -> datetime:
        """The processes' clock: no two looks are of one moment, so that what was made later has a later id."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def move(self, **delta: float) -> None:
        """Let time pass: `city.move(days=3)`."""
        self.now += timedelta(**delta)

    def go_to(self, day: date, hour: int = 9) -> None:
        """It is this day, this hour in the city."""
        self.now = datetime.combine(day, time(hour), self.zone).astimezone(UTC)

    def day(self, days: int = 0) -> str:
        """The city's day, so many days from now, as the API writes it."""
        return (self.today + timedelta(days=days)).isoformat()

    # ---- processes ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def process(self, **settings: Any) -> AsyncIterator[Site]:
        """One more server process on the same database, on the same clock; `settings` that it has of its own."""
        app = app_on(self.url, self.tick, **settings)
        async with app.router.lifespan_context(app):
            site = Site(app)
            await site.installation.reader.started()
            self._others.append(site)
            try:
                yield site
            finally:
                self._others.remove(site)
                await self._confirm_watchers(each for each in self.watched if each.site is site)
                self.watched = [each for each in self.watched if each.site is not site]

    async def sign_in(self, login: str, password: str = PASSWORD, *, at: Site | None = None) -> Person:
        async with (at or self.site).client() as client:
            answer = await client.post("/auth/sign-in", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        return Person(self, answer.json()["accessToken"], answer.json()["account"])

    async def rows(self, statement: str, *arguments: object) -> list[Json]:
        """What the database says, past the API."""
        async with self.pool.connection() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]

    @property
    def pool(self) -> Pool:
        return self.site.installation.pool

    async def statements_heard(self, lent: AsyncExitStack) -> list[list[str]]:
        """What four connections of the pool are asked from now on, each in a list that grows."""
        heard: list[list[str]] = []
        for _ in range(4):
            connection: Any = await lent.enter_async_context(self.pool.connection())
            heard.append([])
            connection.add_query_logger(lambda record, said=heard[-1]: said.append(record.query))
        return heard

    async def last_position(self) -> Position:
        found = await self.rows(
            "SELECT epoch, xid, sequence FROM event ORDER BY epoch DESC, xid DESC, sequence DESC LIMIT 1"
        )
        return Position(**found[0])

    async def settled(self) -> None:
        """Everything that happened has had its reactions, is read, and is told to the watchers."""
        text = (
            "SELECT 1 FROM event e, reader_position p WHERE p.name = 'react'"
            " AND (e.epoch, e.xid, e.sequence) > (p.epoch, p.xid, p.sequence) AND e.type = ANY($1)"
        )
        reacting = [each.value for each in REACTIONS]
        async with deadline("what follows from it is done") as again:
            while await self.rows(text, reacting):
                await again()
        while True:
            last = await self.last_position()
            for site in (self.site, *self._others):
                await site.knows(last)
            # Clocks that had to move have moved, which is told as well.
            for site in (self.site, *self._others):
                sweep = site.installation.sweep
                await until(lambda sweep=sweep: not sweep.is_busy, what="the clocks are moved")  # type: ignore[misc]
            if last == await self.last_position():
                return

    async def sweep(self) -> int:
        """What the clock alone does is written down now, and told; how many events that made."""
        count = await self.site.installation.sweep.once()
        await self.settled()
        return count

    # ---- what most tests begin with -------------------------------------------------------------------------------

    async def draft(self, by: Person, *, year: int = 2026, targets: int = 1, **more: Any) -> str:
        """A draft plan of this person's organisation, with so many targets; its id."""
        given = {"organisation": {"code": by.organisation}, "year": year, "title": f"Rencana kerja {year}", **more}
        plan: str = (await by.mutate("createWorkPlan", given))["workPlan"]["id"]
        for number in range(targets):
            await self.target(by, plan, indicator=f"Sampah terangkut {number + 1}")
        return plan

    async def approved(self, by: Person, **more: Any) -> str:
        """The same, submitted and approved; `by` is the head."""
        plan = await self.draft(by, **more)
        await by.mutate("submitWorkPlan", {"workPlanId": plan})
        await self.bappeda.mutate("approveWorkPlan", {"workPlanId": plan})
        return plan

    async def target(self, by: Person, plan: str, **more: Any) -> str:
        """A target of 100 tonnes, the sum of the year's readings, unless told otherwise; its id."""
        given = {
            "workPlanId": plan, "indicator": "Sampah terangkut", "unit": "ton", "direction": "MAXIMISE",
            "rollUp": "SUM", "targetValue": "100", **more,
        }  # fmt: skip
        found: str = (await by.mutate("createTarget", given))["target"]["id"]
        return found

    async def targets_of(self, plan: str) -> list[str]:
        data = await self.bappeda.query(
            "query($id: ID!) { workPlan(by: {id: $id}) { targets(orderBy: [{indicator: ASC}]) { nodes { id } } } }",
            id=plan,
        )
        return [each["id"] for each in data["workPlan"]["targets"]["nodes"]]

    async def task(self, by: Person, **more: Any) -> str:
        """A task of this person's organisation; its id."""
        given = {"organisation": {"code": by.organisation}, "title": "Angkut sampah di Jalan Karya Jaya", **more}
        found: str = (await by.mutate("createTask", given))["task"]["id"]
        return found

    async def request(self, by: Person, of: Person, **more: Any) -> str:
        """Help that one head's organisation asks of another's, needed in ten days; the request's id."""
        given = {
            "givers": [{"code": of.organisation}],
            "title": "Angkut sampah Pasar Johor",
            "neededOn": self.day(10),
            **more,
        }
        found: str = (await by.mutate("requestCollaboration", given))["requests"][0]["id"]
        return found

    async def promise(self, by: Person, request: str, *, is_done: bool = False, **more: Any) -> str:
        """The answerer accepts it; the commitment's id. `is_done`: and the giver's head has it done."""
        payload = await by.mutate("acceptRequest", {"requestId": request, **more}, "request { commitment { id } }")
        task: str = payload["request"]["commitment"]["id"]
        if is_done:
            await by.mutate("reportProgress", {"taskId": task, "progress": 100})
            await by.mutate("completeTask", {"taskId": task})
        return task

    async def hide(self, task: str, from_all_but: Person | None) -> None:
        """The task becomes an inner matter of this person's organisation (None: public)."""
        draft_of = decode(from_all_but.organisation_id)[1] if from_all_but else None
        await self.altered(Task, task, {"draft_of_id": draft_of}, EventType.TASK_UPDATED)

    async def altered(self, model: type[Subject], id: str, change: Json, event: EventType) -> None:
        """Changed by the system, as no verb does it."""
        installation = self.site.installation
        async with transaction(self.pool, None, installation.clock.moment(), installation.wake) as tx:
            await tx.change(await tx.lock(model, decode(id)[1]), change, event)
        self.is_altered_by_hand = True

    # ---- the witness ----------------------------------------------------------------------------------------------

    async def begin(self, site: Site) -> Self:
        """The outsider begins to listen."""
        self.site = site
        self._start = await self.last_position()
        socket = await self.outsider.socket()
        self.heard = [await self.outsider.watch(field, on=socket) for field in ("events", *LISTS)]
        return self

    async def witness(self, verb: str, input: Mapping[str, Any], payload: Json) -> None:
        """A verb made exactly its declared events, and its payload's event is the recorded one."""
        event = payload["witness"]
        if payload["errors"] or payload["isDryRun"]:
            assert event is None, f"{verb} kept {event}"
            assert payload["isDryRun"] == bool(input.get("dryRun"))
            return
        if payload["isUnchanged"] or (verb in OF_MANY and not payload.get("changedCount", 1)):
            assert event is None, f"{verb} kept {event}"
            return
        assert event is not None, f"{verb} has no event"
        # What its transaction left, but for what others left who shared it (actions/at_once.py).
        made = await self.rows(
            "SELECT e.id, e.type FROM event e JOIN event own USING (xid) WHERE own.id = $1"
            " AND (e.subject_id = own.subject_id OR e.type <> ALL($2)) ORDER BY e.sequence",
            decode(event["id"])[1],
            [] if verb in OF_MANY else TOGETHER,  # a verb on many rows shares its transaction with nobody
        )
        assert made, f"the event of {verb} is not recorded"
        first, *beside = EVENTS[verb]
        amending = {*beside} if verb in OF_MANY else set()
        amending |= {"TARGET_AMENDMENT_PROPOSED", "TARGET_AMENDMENT_PREPARED"} if verb in PROPOSING else set()
        expected = {first, *amending}
        assert event["type"] in expected, (
            f"{verb} made {event['type']}: name the verb's event in its Verb in server/rules"
        )
        recorded = [each for each in made if each["id"] == decode(event["id"])[1]]
        assert [each["type"] for each in recorded] == [event["type"]]
        others = [each["type"] for each in made if each not in recorded]
        assert set(others) <= set(beside), (
            f"{verb} made {others} as well: name them in `beside` of its Verb in server/rules"
        )
        self.witnessed |= {each["id"] for each in made}

    async def confirm(self) -> None:
        """What the witness says at a test's end."""
        await self.settled()
        await self._confirm_log()
        for witness in self.live_witnesses:
            await witness.confirm()
        await self.confirm_outsider()
        await self._confirm_watchers(self.watched)
        if not self.is_altered_by_hand:
            differences = await check(self.pool)
            assert not differences, [str(each) for each in differences]

    async def _confirm_log(self) -> None:
        """Nobody has done anything that no verb's payload told of."""
        events = await self.rows(
            "SELECT id, type, actor_id FROM event e WHERE (epoch, xid, sequence) > ($1, $2, $3)"
            # What a case orders is ordered in its wake, in the name of whoever decided.
            " AND NOT (type = 'TASK_ORDERED' AND EXISTS (SELECT FROM follow_up f WHERE f.task_id = e.subject_id))"
            # What is open when a plan closes ends in its wake, in the name of whoever closed it.
            " AND NOT (type = ANY($4) AND EXISTS (SELECT FROM event c WHERE c.type = 'WORK_PLAN_CLOSED'"
            " AND c.actor_id = e.actor_id AND c.sequence < e.sequence))",
            *self._start,
            list(ENDED_WITH_PLAN),
        )
        unseen = [
            each["type"]
            for each in events
            if each["actor_id"] is not None and each["id"] not in self.witnessed and each["type"] not in AT_THE_DOOR
        ]
        assert not unseen, f"events that no verb told of: {unseen}"
        narrow = await self.rows(
            "SELECT type, subject_type FROM event WHERE (epoch, xid, sequence) > ($1, $2, $3)"
            " AND audience <> 'EVERYONE'",
            *self._start,
        )
        # By the row's version and time everybody would learn what they may not read.
        told = [each["type"] for each in narrow if each["subject_type"] in PUBLIC]
        assert not told, f"events for a few, of rows that everybody sees: {told}"

    async def confirm_outsider(self) -> None:
        """All that is public, once and in order; and nothing else, by whatever stream."""
        log = await self.rows(
            "SELECT epoch, xid, sequence, audience FROM event WHERE (epoch, xid, sequence) > ($1, $2, $3)"
            " ORDER BY epoch, xid, sequence",
            *self._start,
        )
        public = [
            Position(each["epoch"], each["xid"], each["sequence"]) for each in log if each["audience"] == "EVERYONE"
        ]
        seal = self.site.installation.seal
        events, *changes = self.heard
        if all(not watcher.is_ended for watcher in self.heard):
            assert [seal.open(each["cursor"]).position for each in events.told] == public, (
                "the outsider's log is not the public"
            )
        drafts = {each["id"] for each in await self.rows(_DRAFTS)}
        for watcher in changes:
            last = {change["nodeId"]: change["kind"] for change in watcher.told}
            seen = {decode(id_)[1] for id_, kind in last.items() if kind != "REMOVED"}
            assert not seen & drafts, f"the outsider still sees drafts: {last}"
            for change in watcher.told:
                # What comes out of a draft or goes into one is told, but not what happened to it.
                is_crossing = change["kind"] in ("CREATED", "REMOVED") and change["event"] is None
                is_public = seal.open(change["cursor"]).position in public
                assert is_public or is_crossing, f"the outsider heard of a draft: {change}"

    async def _confirm_watchers(self, watched: Iterable[Watched]) -> None:
        await self.settled()
        for each in watched:
            await each.confirm()

    async def close(self) -> None:
        for wire in self.wires:
            await wire.leave()


_DRAFTS = " UNION ALL ".join(
    f"SELECT id FROM {table} WHERE draft_of_id IS NOT NULL" for table in ("work_plan", "target", "task")
)


@asynccontextmanager
async def living(
    url: str, signed_in: str, zone: ZoneInfo = WIB, *, is_watched_live: bool = False
) -> AsyncIterator[City]:
    """A city in a copy of what `build` made; at the end the witness speaks. `is_watched_live`: live queries are kept
    open beside what the test does."""
    city = City(url, zone)
    for name, answer in json.loads(signed_in).items():
        setattr(city, name, Person(city, answer["accessToken"], answer["account"]))
    app = app_on(url, city.tick)
    async with app.router.lifespan_context(app):
        site = Site(app)
        await site.installation.reader.started()
        sweep = site.installation.sweep
        await until(lambda: sweep.facts().swept_at is not None, what="everything was looked through once")
        try:
            await city.begin(site)
            if is_watched_live:
                city.live_witnesses = [WriteWitness(city), LiveWitness(city)]
                for witness in city.live_witnesses:
                    await witness.begin()
            yield city
            await city.confirm()
        finally:
            await city.close()
