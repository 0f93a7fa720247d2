"""A small Medan whose people ask, act and watch through the real ASGI application, and the witness who sees it all.

The witness checks, without being asked: a verb makes exactly its declared events and its payload's event is the
recorded one; nothing else is written by anybody; when a test ends, each watcher's old view and what it was told since
give what a fresh query answers; the outsider heard of everything public, once, and of no foreign draft; and
`kolaborasi check` finds no difference.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import httpx
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type
from starlette.applications import Starlette

from server.actions.check import check
from server.actions.transaction import Clock, transaction
from server.app import Installation, create_app
from server.auth.passwords import hash_password
from server.city import read_city
from server.city.load import lay
from server.database import Pool, connect
from server.events.position import Position
from server.ids import decode, uuid7
from server.models import Account, Appointment, Organisation
from server.rules.event import EventType
from server.rules.viewer import Capacity, Role
from server.schema import schema
from server.settings import Settings
from tests.watching import HOST, EventStream, Refusal, Socket, Watcher, until

WIB = ZoneInfo("Asia/Jakarta")
BEGIN = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)  # a Monday, 9 o'clock in Medan
PASSWORD = "gotong-royong-2026"
JOHOR, JOHOR_LURAH, KOTA = "12.71.11", "12.71.11.1002", "12.71.01"
ORGANISATIONS = ("WALIKOTA", "SETDA", "ITKO", "BAPPEDA", "DLH", "DINKES", "DISKOMINFO", JOHOR, JOHOR_LURAH, KOTA)
# attribute of City: organisation, role, whether it heads the organisation
PEOPLE: Mapping[str, tuple[str, Role, bool]] = {
    "mayor": ("WALIKOTA", Role.MAYOR, True),
    "sekda": ("SETDA", Role.OFFICE, True),
    "bappeda": ("BAPPEDA", Role.REVIEWER, False),
    "admin": ("DISKOMINFO", Role.ADMIN, False),
    "camat": (JOHOR, Role.HEAD, True),
    "camat_staff": (JOHOR, Role.STAFF, False),
    "lurah": (JOHOR_LURAH, Role.HEAD, True),
    "dlh": ("DLH", Role.HEAD, True),
    "dlh_staff": ("DLH", Role.STAFF, False),
    "neighbour": (KOTA, Role.HEAD, True),
    "outsider": ("ITKO", Role.OBSERVER, False),
}
# The one event of each verb. What stands behind it may come beside it in the same transaction.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "createOrganisation": ("ORGANISATION_CREATED",),
    "updateOrganisation": ("ORGANISATION_UPDATED",),
    "endOrganisation": ("ORGANISATION_ENDED",),
    "appoint": ("APPOINTMENT_MADE",),
    "endAppointment": ("APPOINTMENT_ENDED",),
    "createProgramme": ("PROGRAMME_CREATED",),
    "updateProgramme": ("PROGRAMME_UPDATED",),
    "endProgramme": ("PROGRAMME_ENDED",),
    "createAccount": ("ACCOUNT_CREATED",),
    "updateAccount": ("ACCOUNT_UPDATED",),
    "disableAccount": ("ACCOUNT_DISABLED", "SIGNED_OUT_EVERYWHERE"),
    "enableAccount": ("ACCOUNT_ENABLED",),
    "setPassword": ("PASSWORD_LINK_MADE",),
    "signOutEverywhere": ("SIGNED_OUT_EVERYWHERE",),
    "createWorkPlan": ("WORK_PLAN_CREATED",),
    "updateWorkPlan": ("WORK_PLAN_UPDATED",),
    "submitWorkPlan": ("WORK_PLAN_SUBMITTED", "TARGET_PUBLISHED", "TASK_PUBLISHED"),
    "takeBackWorkPlan": ("WORK_PLAN_TAKEN_BACK",),
    "returnWorkPlan": ("WORK_PLAN_RETURNED",),
    "approveWorkPlan": ("WORK_PLAN_APPROVED",),
    "closeWorkPlan": ("WORK_PLAN_CLOSED",),
    "reopenWorkPlan": ("WORK_PLAN_REOPENED",),
    "archiveWorkPlan": ("WORK_PLAN_ARCHIVED",),
    "restoreWorkPlan": ("WORK_PLAN_RESTORED",),
    "createTarget": ("TARGET_CREATED",),
    "updateTarget": ("TARGET_UPDATED",),
    "setMilestones": ("TARGET_MILESTONES_SET",),
    "handOverTarget": ("TARGET_HANDED_OVER",),
    "archiveTarget": ("TARGET_ARCHIVED",),
    "restoreTarget": ("TARGET_RESTORED",),
    "amendTarget": ("TARGET_AMENDMENT_PROPOSED",),
    "approveAmendment": ("TARGET_AMENDMENT_APPROVED",),
    "returnAmendment": ("TARGET_AMENDMENT_RETURNED",),
    "withdrawAmendment": ("TARGET_AMENDMENT_WITHDRAWN",),
    "recordMeasurement": ("TARGET_MEASURED",),
    "supersedeMeasurement": ("TARGET_MEASUREMENT_SUPERSEDED",),
    "createTask": ("TASK_CREATED",),
    "orderTask": ("TASK_ORDERED",),
    "updateTask": ("TASK_UPDATED",),
    "assignTask": ("TASK_ASSIGNED",),
    "startTask": ("TASK_STARTED",),
    "reportProgress": ("TASK_PROGRESS_REPORTED",),
    "blockTask": ("TASK_BLOCKED",),
    "unblockTask": ("TASK_UNBLOCKED",),
    "askForSupport": ("TASK_SUPPORT_ASKED",),
    "completeTask": ("TASK_COMPLETED",),
    "reopenTask": ("TASK_REOPENED",),
    "cancelTask": ("TASK_CANCELLED",),
    "moveTask": ("TASK_MOVED",),
    "setTaskDependencies": ("TASK_DEPENDENCIES_SET",),
    "addChecklistItem": ("TASK_CHECKLIST_ITEM_ADDED",),
    "tickChecklistItem": ("TASK_CHECKLIST_ITEM_TICKED",),
    "removeChecklistItem": ("TASK_CHECKLIST_ITEM_REMOVED",),
    "addEvidence": ("TASK_EVIDENCE_ADDED",),
    "commentOnTask": ("TASK_COMMENTED",),
    "editComment": ("TASK_COMMENT_EDITED",),
    "removeComment": ("TASK_COMMENT_REMOVED",),
    "archiveTask": ("TASK_ARCHIVED",),
    "restoreTask": ("TASK_RESTORED",),
}
# In an approved plan these only propose.
PROPOSING = frozenset({"createTarget", "archiveTarget", "restoreTarget"})
# What is done at /auth and not by a verb.
AT_THE_DOOR = frozenset({"SIGNED_OUT", "SIGNED_OUT_EVERYWHERE", "PASSWORD_SET"})
# A …Changed subscription: the list it is the change of.
LISTS: Mapping[str, str] = {"taskChanged": "tasks", "targetChanged": "targets", "workPlanChanged": "workPlans"}
NODE: Mapping[str, str] = {
    "taskChanged": "version title status progress priority dueOn workPlan { id } target { id } assignee { id }",
    "targetChanged": "version indicator targetValue dueOn realised achievement owner { code }",
    "workPlanChanged": "version title status year organisation { code }",
}
ERRORS = (
    "errors { __typename code message path ... on InvalidInput { constraint } ... on MoveNotAllowed { from to allowed }"
    " ... on StaleVersion { current } ... on LimitReached { limit } }"
)
Json = dict[str, Any]


class Site:
    """One server process: the application with its loops running."""

    def __init__(self, app: Starlette, now: datetime) -> None:
        self.app = app
        self.started_at = now

    @property
    def installation(self) -> Installation:
        installation: Installation = self.app.state.installation
        return installation

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=f"http://{HOST}", headers=headers, timeout=30
        )

    async def knows(self, position: Position) -> None:
        """Wait until this process has read the log up to there and told its watchers."""
        reader, hub = self.installation.reader, self.installation.hub
        await until(lambda: reader.position >= position, what="the log is read")

        def is_told() -> bool:
            return all(not watcher.is_pending for watchers in hub._joined.values() for watcher in watchers)

        await until(is_told, what="what was found is told")


class Person:
    """Somebody who signed in. Everything is done at `city.site` unless another process is named (`at`)."""

    def __init__(self, city: City, token: str, account: Json) -> None:
        self.city = city
        self.token = token
        self.id: str = account["id"]
        self.login: str = account["login"]
        self.name: str = account["name"]
        self.organisation_id: str = account["organisation"]["id"]
        self.organisation: str = account["organisation"]["code"]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    # ---- ask ------------------------------------------------------------------------------------------------------

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, at: Site | None = None, **headers: str
    ) -> Json:
        """The whole answer to a POST on /graphql, errors and all."""
        async with (at or self.city.site).client(**self.headers, **headers) as client:
            answer = await client.post("/graphql", json={"query": query, "variables": variables or {}})
        found: Json = answer.json()
        return found

    async def query(self, query: str, *, at: Site | None = None, **variables: Any) -> Json:
        """The data of a query that must work; for one root field that is {field: value}."""
        answer = await self.ask(query, variables, at=at)
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def position(self) -> str:
        """A cursor of the log: everything so far lies before it."""
        await self.city.settled()
        cursor: str = (await self.ask("{ __typename }"))["extensions"]["position"]
        return cursor

    # ---- act ------------------------------------------------------------------------------------------------------

    async def attempt(
        self, verb: str, input: Mapping[str, Any], selection: str | None = None, *, at: Site | None = None
    ) -> Json:
        """The payload of a verb, done or refused, after the witness has looked at it."""
        payload, input_type = _payload(verb)
        selection = _own_fields(payload) if selection is None else selection
        document = (
            f"mutation($input: {input_type}) {{ {verb}(input: $input) {{ {selection}"
            f" witness: event {{ id type }} isReplay isDryRun {ERRORS} }} }}"
        )
        answer = await self.ask(document, {"input": input}, at=at)
        assert "errors" not in answer, answer["errors"]
        found: Json = answer["data"][verb]
        await self.city.witness(verb, input, found)
        return found

    async def mutate(
        self, verb: str, input: Mapping[str, Any], selection: str | None = None, *, at: Site | None = None
    ) -> Json:
        """The payload of a verb that must work. `selection` of its own fields; left out: the object's id and version."""
        payload = await self.attempt(verb, input, selection, at=at)
        assert not payload["errors"], payload["errors"]
        return payload

    async def refused(self, verb: str, input: Mapping[str, Any], *, at: Site | None = None) -> Json:
        """The one error of a verb that must be refused."""
        payload = await self.attempt(verb, input, at=at)
        assert payload["errors"], f"{verb} was not refused"
        (error,) = payload["errors"]
        found: Json = error
        return found

    # ---- watch ----------------------------------------------------------------------------------------------------

    async def watch(
        self,
        field: str,
        *,
        filter: Mapping[str, Any] | None = None,
        after: str | None = None,
        node: str | None = None,
        over: str = "socket",
        on: Socket | None = None,
        at: Site | None = None,
        **headers: str,
    ) -> Watcher:
        """Follow `taskChanged`, `targetChanged`, `workPlanChanged` or `events`; returns once what happens now is told.

        `node`: the selection on the row (on the event itself for `events`); `over`: "socket" (a new one, or that one
        given as `on`) or "sse".
        Raises Refusal when the server refuses the subscription.
        """
        city, site = self.city, at or self.city.site
        await site.knows(await city.last_position())
        selection, types = _change(field, node)
        query = (
            f"subscription($filter: {types['filter']}, $after: {types['after']})"
            f" {{ {field}(filter: $filter, after: $after) {selection} }}"
        )
        variables = {"filter": filter, "after": after}
        hub = site.installation.hub
        before = len(hub)
        if over == "sse":
            stream = EventStream(site.app, field, query, variables, {**self.headers, **headers})
            city.wires.append(stream)
            watcher = stream.watcher
        else:
            socket = on or await self.socket(at=site)
            watcher = socket.subscribe(field, query, variables)
        await until(lambda: len(hub) > before or watcher.is_ended, what=f"{field} is watched")
        if watcher.errors:
            raise Refusal(watcher.errors)
        assert not watcher.is_ended, watcher.wire.end
        watched = Watched(self, watcher, filter, node, site, await self._view(field, filter, node, site, after))
        city.watched.append(watched)
        return watcher

    async def socket(self, *, at: Site | None = None, **payload: str) -> Socket:
        """A new WebSocket of this person's, signed in; the test's end closes it."""
        socket = Socket((at or self.city.site).app)
        self.city.wires.append(socket)
        return await socket.sign_in(self.token, **payload)

    async def _view(
        self, field: str, filter: Mapping[str, Any] | None, node: str | None, site: Site, after: str | None
    ) -> dict[str, Json] | None:
        if field not in LISTS or after is not None:
            return None
        has_rows = await self.city.rows("SELECT EXISTS (SELECT FROM work_plan) OR EXISTS (SELECT FROM task) AS any")
        return await self.listed(field, filter, node, site) if has_rows[0]["any"] else {}

    async def listed(
        self, field: str, filter: Mapping[str, Any] | None, node: str | None, site: Site
    ) -> dict[str, Json]:
        """What a subscription's list holds now, by id."""
        name = LISTS[field]
        query = (
            f"query($filter: {_change(field, node)[1]['filter']})"
            f" {{ {name}(filter: $filter, first: 200) {{ nodes {{ id {NODE[field] if node is None else node} }} }} }}"
        )
        nodes = (await self.query(query, at=site, filter=filter))[name]["nodes"]
        return {each["id"]: each for each in nodes}


class Watched:
    """A watcher under the witness's eyes."""

    def __init__(
        self,
        person: Person,
        watcher: Watcher,
        filter: Mapping[str, Any] | None,
        node: str | None,
        site: Site,
        view: dict[str, Json] | None,
    ) -> None:
        self.person, self.watcher, self.filter, self.node, self.site = person, watcher, filter, node, site
        self.view = view

    async def confirm(self) -> None:
        """Old view + what was told = a fresh query; and nothing was told twice or out of order."""
        seal = self.site.installation.seal
        places = [seal.open(told["cursor"]) for told in self.watcher.told]
        assert places == sorted(set(places)), f"{self.watcher.field} told something twice or out of order"
        if self.watcher.is_ended or self.watcher.field not in LISTS:
            return
        view = dict(self.view or {})
        gone = set()
        for change in self.watcher.told:
            if change["kind"] in ("CREATED", "UPDATED"):
                if self.view is not None:
                    assert (change["kind"] == "UPDATED") == (change["id"] in view), f"not {change['kind']}: {change}"
                view[change["id"]] = change["node"]
                gone.discard(change["id"])
            else:
                assert self.view is None or change["id"] in view, f"{change['kind']}, but it was not there: {change}"
                assert (change["node"] is None) == (change["kind"] == "REMOVED"), change
                view.pop(change["id"], None)
                gone.add(change["id"])
        fresh = await self.person.listed(self.watcher.field, self.filter, self.node, self.site)
        if self.view is None:
            assert not gone & fresh.keys(), f"{self.watcher.field} took away what is there"
            fresh = {id_: node for id_, node in fresh.items() if id_ in view}
        assert view == fresh, f"{self.watcher.field} of {self.person.login}: the old view and the changes give another"


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

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = BEGIN
        self.wires: list[Socket | EventStream] = []
        self.watched: list[Watched] = []
        self.is_altered_by_hand = False  # set by a test that writes past the verbs: the recount would find it
        self._witnessed: set[int] = set()
        self._others: list[Site] = []

    # ---- time -----------------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(WIB).date()

    def move(self, **delta: float) -> None:
        """Let time pass: `city.move(days=3)`."""
        self.now += timedelta(**delta)

    def go_to(self, day: date, hour: int = 9) -> None:
        """It is this day, this hour in Medan."""
        self.now = datetime.combine(day, time(hour), WIB).astimezone(UTC)

    def day(self, days: int = 0) -> str:
        """The city's day, so many days from now, as the API writes it."""
        return (self.today + timedelta(days=days)).isoformat()

    # ---- processes ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Site]:
        """One more server process on the same database, on the same clock."""
        app = create_app(_settings(self.url), lambda: self.now)
        async with app.router.lifespan_context(app):
            site = Site(app, self.now)
            await site.installation.reader.started()
            self._others.append(site)
            try:
                yield site
            finally:
                self._others.remove(site)
                await self._confirm_watchers(each for each in self.watched if each.site is site)
                self.watched = [each for each in self.watched if each.site is not site]

    async def sign_in(self, login: str, password: str = PASSWORD) -> Person:
        async with self.site.client() as client:
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

    async def last_position(self) -> Position:
        found = await self.rows(
            "SELECT epoch, xid, sequence FROM event ORDER BY epoch DESC, xid DESC, sequence DESC LIMIT 1"
        )
        return Position(**found[0])

    async def settled(self) -> None:
        """Everything that happened has had its reactions, is read, and is told to the watchers."""
        reacting = "('WORK_PLAN_CLOSED', 'WORK_PLAN_APPROVED', 'ORGANISATION_ENDED')"
        text = (
            "SELECT 1 FROM event e, reader_position p WHERE p.name = 'react'"
            f" AND (e.epoch, e.xid, e.sequence) > (p.epoch, p.xid, p.sequence) AND e.type IN {reacting}"
        )
        async with _deadline("what follows from it is done") as again:
            while await self.rows(text):
                await again()
        last = await self.last_position()
        for site in (self.site, *self._others):
            await site.knows(last)

    # ---- what most tests begin with -------------------------------------------------------------------------------

    async def draft(self, by: Person, *, year: int = 2026, targets: int = 1, **more: Any) -> str:
        """A draft plan of this person's organisation, with so many targets; its id."""
        given = {"organisationCode": by.organisation, "year": year, "title": f"Rencana kerja {year}", **more}
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
        given = {"organisationCode": by.organisation, "title": "Angkut sampah di Jalan Karya Jaya", **more}
        found: str = (await by.mutate("createTask", given))["task"]["id"]
        return found

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
        assert event is not None, f"{verb} has no event"
        made = await self.rows(
            "SELECT id, xid, type, actor_id FROM event WHERE xid = (SELECT xid FROM event WHERE id = $1)"
            " ORDER BY sequence",
            decode(event["id"])[1],
        )
        assert made, f"the event of {verb} is not recorded"
        first, *beside = EVENTS[verb]
        expected = {first, "TARGET_AMENDMENT_PROPOSED"} if verb in PROPOSING else {first}
        assert event["type"] in expected, f"{verb} made {event['type']}"
        recorded = [each for each in made if each["id"] == decode(event["id"])[1]]
        assert [each["type"] for each in recorded] == [event["type"]]
        others = [each["type"] for each in made if each not in recorded]
        assert set(others) <= set(beside), f"{verb} made {others} as well"
        self._witnessed.add(made[0]["xid"])

    async def confirm(self) -> None:
        """What the witness says at a test's end."""
        await self.settled()
        await self._confirm_log()
        await self._confirm_outsider()
        await self._confirm_watchers(self.watched)
        if not self.is_altered_by_hand:
            differences = await check(self.pool)
            assert not differences, [str(each) for each in differences]

    async def _confirm_log(self) -> None:
        """Nobody has done anything that no verb's payload told of."""
        events = await self.rows(
            "SELECT xid, type, actor_id FROM event WHERE (epoch, xid, sequence) > ($1, $2, $3)", *self._start
        )
        unseen = [
            each["type"]
            for each in events
            if each["actor_id"] is not None and each["xid"] not in self._witnessed and each["type"] not in AT_THE_DOOR
        ]
        assert not unseen, f"events that no verb told of: {unseen}"

    async def _confirm_outsider(self) -> None:
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
            assert [seal.open(each["cursor"]) for each in events.told] == public, "the outsider's log is not the public"
        drafts = {each["id"] for each in await self.rows(_DRAFTS)}
        for watcher in changes:
            for change in watcher.told:
                assert seal.open(change["cursor"]) in public, f"the outsider heard of a draft: {change}"
                assert decode(change["id"])[1] not in drafts, f"the outsider heard of a draft: {change}"

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


# ---- how it is built ------------------------------------------------------------------------------------------------


async def build(url: str) -> str:
    """Found the city in a migrated database and sign everybody in; what `living` needs to know of it, as JSON."""
    listed = read_city("medan")
    kept = tuple(
        replace(each, successor=None) for each in listed.organisations if each.code in ORGANISATIONS
    )
    programmes = tuple(each for each in listed.programmes if each.lead in ORGANISATIONS)
    connection = await connect(url)
    async with connection.transaction():
        await lay(connection, replace(listed, organisations=kept, programmes=programmes), BEGIN - timedelta(days=90))
    await connection.close()
    app = create_app(_settings(url), lambda: BEGIN)
    signed_in = {}
    async with app.router.lifespan_context(app):
        await app.state.installation.reader.started()
        await _hire(app.state.installation)
        async with Site(app, BEGIN).client() as client:
            for name in PEOPLE:
                login = {"login": name.replace("_", "-"), "password": PASSWORD}
                signed_in[name] = (await client.post("/auth/sign-in", json=login)).json()
        async with app.state.installation.pool.connection() as connection:
            async with _deadline("reactions have a place") as again:
                while not await connection.fetchval("SELECT count(*) FROM reader_position"):
                    await again()
    return json.dumps(signed_in)


async def _hire(installation: Installation) -> None:
    moment = installation.clock.moment()
    clock = Clock(moment.now - timedelta(days=60), moment.today - timedelta(days=60), moment.city)
    password = hash_password(PASSWORD)
    async with transaction(installation.pool, None, clock, None) as tx:
        for name, (code, role, is_head) in PEOPLE.items():
            organisation = await tx.find(Organisation, code=code)
            assert organisation is not None, code
            account = Account(
                id=uuid7(), name=name.replace("_", " ").title(), organisation_id=organisation.id, role=role,
                login=name.replace("_", "-"), password_hash=password, is_active=True,
            )  # fmt: skip
            await tx.create(account, EventType.ACCOUNT_CREATED)
            if is_head:
                appointment = Appointment(
                    id=uuid7(), organisation_id=organisation.id, account_id=account.id,
                    capacity=Capacity.DEFINITIVE, valid_from=date(2025, 3, 1),
                )  # fmt: skip
                await tx.create(appointment, EventType.APPOINTMENT_MADE)


@asynccontextmanager
async def living(url: str, signed_in: str) -> AsyncIterator[City]:
    """A city in a copy of what `build` made; at the end the witness speaks."""
    city = City(url)
    for name, answer in json.loads(signed_in).items():
        setattr(city, name, Person(city, answer["accessToken"], answer["account"]))
    app = create_app(_settings(url), lambda: city.now)
    async with app.router.lifespan_context(app):
        site = Site(app, city.now)
        await site.installation.reader.started()
        try:
            yield await city.begin(site)
            await city.confirm()
        finally:
            await city.close()


def _settings(url: str) -> Settings:
    """Sign-ins outlast every move of the clock; the secret is one for all, so that they are good in each copy."""
    return Settings(
        database_url=url, given_secret="a secret for the whole small city", access_token_lifetime=timedelta(days=3650),
        refresh_token_lifetime=timedelta(days=3650), pool_size=6,
    )  # fmt: skip


@asynccontextmanager
async def _deadline(what: str) -> AsyncIterator[Any]:
    """`again` pauses between two looks at the database; too many of them fail."""
    import asyncio

    async def again() -> None:
        await asyncio.sleep(0.01)

    try:
        async with asyncio.timeout(15):
            yield again
    except TimeoutError:
        raise AssertionError(f"it did not happen in 15 s: {what}") from None


def _payload(verb: str) -> tuple[GraphQLObjectType, str]:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    field = mutation.fields[verb]
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    return payload, str(field.args["input"].type)


def _own_fields(payload: GraphQLObjectType) -> str:
    """Of the payload's object, its id and (where it has one) its version."""
    for name, field in payload.fields.items():
        type_ = get_named_type(field.type)
        if isinstance(type_, GraphQLObjectType) and name != "event" and not isinstance(type_, GraphQLEnumType):
            return f"{name} {{ id {'version' if 'version' in type_.fields else ''} }}"
    raise AssertionError(payload)


def _change(field: str, node: str | None) -> tuple[str, dict[str, str]]:
    subscription = schema._schema.subscription_type
    assert subscription is not None
    types = {name: str(argument.type) for name, argument in subscription.fields[field].args.items()}
    if field == "events":
        return f"{{ cursor id {'type' if node is None else node} }}", types
    chosen = NODE[field] if node is None else node
    return f"{{ kind id cursor changedFields event {{ id type }} node {{ id {chosen} }} }}", types
