"""The web's own parts around a stand-in for the query engine, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from tortoise import Tortoise

from server.actions.at_once import TogetherFacts
from server.actions.sign_in import Door, Identified
from server.actions.transaction import Moment, transaction
from server.auth.passwords import Passwords, hash_password
from server.auth.token_limits import TokenLimits
from server.auth.tokens import Tokens
from server.background.react import ReactFacts
from server.background.sweep import SweepFacts
from server.database import Pool
from server.events.reader import ReaderFacts
from server.events.wake import WakeFacts
from server.ids import uuid7
from server.live.framing import Framing
from server.live.groups import LiveFacts
from server.models import Account, Appointment, Organisation
from server.query.documents.parameters import Parameters
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.viewer import Capacity, Role
from server.rules.workdays import Calendar, local_day
from server.text import Language
from server.web.graphql import GraphQLEndpoint
from server.web.health import Health, Traffic
from server.web.identity import Identities
from server.web.middleware import OuterMiddleware
from server.web.origin import Names
from server.web.pages import Pages
from server.web.problem import EXCEPTION_HANDLERS
from server.web.sign_in import SignInRoutes

PASSWORD = "gotong-royong-2026"
ORIGIN = "http://kolaborasi.test"
ANY_NAME = Names(public=None, hosts=None)
CITY = CityFacts("12.71", "Kota Medan", Calendar.of("Asia/Jakarta"), 10, (), date(2025, 2, 20), date(2030, 2, 20))
WELL = ReaderFacts(
    has_started=True, looked_age=0.1, problem=None, held_age=None, horizon_age=0.1, read=3, found_by_poll=0
)
REACTING = ReactFacts(is_working=True, stuck_age=None, problem=None)
SWEEPING = SweepFacts(is_working=True, swept_at=None, swept_age=0.1, recorded=7, stuck_age=None, problem=None)
TOGETHER = TogetherFacts(statements=3, verbs=20, passed_over=1)
WAYS = {("direct", None): 5, ("ordinary", "mutation"): 2, ("ordinary", "error"): 1}
LIVE = LiveFacts(members=0, groups=0, executed=0, equal=0, missed=0, lag=0.0, woken={})
LISTENING = WakeFacts(is_listening=True, heard_age=0.1, echo_age=0.1, sent=1, heard=1)


@dataclass
class Answered:
    """What the stand-in engine answers."""

    data: Any = None
    errors: list[Any] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    is_refused: bool = False
    is_away: bool = False
    is_empty: bool = False


@dataclass
class SmallSite:
    """The application, its clock, and what was asked of the engine."""

    app: Starlette
    door: Door
    identities: Identities
    pool: Pool
    asked: list[Parameters]
    moved: timedelta = timedelta()
    reader: ReaderFacts = WELL

    def moment(self) -> Moment:
        now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC) + self.moved
        return Moment(now, local_day(now, CITY.calendar), CITY)

    def client(self, *, address: str = "203.0.113.7", url: str = ORIGIN, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 4242))
        return httpx.AsyncClient(transport=transport, base_url=url, headers=headers)

    async def token(self, login: str) -> str:
        async with self.client() as client:
            answer = await client.post("/auth/sign-in", json={"login": login, "password": PASSWORD})
        text: str = answer.json()["accessToken"]
        return text

    async def person(self, role: Role = Role.STAFF, *, head: bool = False) -> Account:
        """A new person of a new organisation; the password is `PASSWORD`."""
        clock = self.moment()
        code = f"X{uuid7().hex[-10:].upper()}"
        async with transaction(self.pool, None, clock, None) as tx:
            organisation = Organisation(
                id=tx.new_id(), kind=OrganisationKind.OPD, code=code, name=f"Dinas {code}", short_name=code,
                valid_from=date(2021, 1, 1),
            )  # fmt: skip
            account = Account(
                id=tx.new_id(), name="Siti Rahma", organisation_id=organisation.id, role=role,
                login=f"siti-{code.lower()}", password_hash=hash_password(PASSWORD), is_active=True,
            )  # fmt: skip
            await tx.create(organisation, EventType.ORGANISATION_CREATED)
            await tx.create(account, EventType.ACCOUNT_CREATED)
            if head:
                appointment = Appointment(
                    id=tx.new_id(), organisation_id=organisation.id, account_id=account.id, capacity=Capacity.PLT,
                    valid_from=clock.today, valid_to=clock.today,
                )  # fmt: skip
                await tx.create(appointment, EventType.APPOINTMENT_MADE)
        return account

    async def change(self, account: Account, event: EventType, **change: object) -> None:
        async with transaction(self.pool, None, self.moment(), None) as tx:
            await tx.change(await tx.lock(Account, account.id), change, event)

    async def events(self, account_id: UUID) -> list[str]:
        """What the log tells of an account and of what is its own, in order."""
        text = "SELECT type FROM event WHERE $1 IN (subject_id, audience_id) ORDER BY sequence"
        async with self.pool.connection() as connection:
            rows = await connection.fetch(text, account_id)
        return [row["type"] for row in rows]


Reply = Callable[[Parameters, Identified, Language, str, bool], Awaitable[Answered]]


async def who_am_i(
    parameters: Parameters, identified: Identified, language: Language, request_id: str, may_change: bool
) -> Answered:
    """The stand-in: tells who asked, and faults on demand."""
    if "syntax" in parameters.query:
        error = {"message": "Syntax Error", "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}
        return Answered(errors=[error], is_refused=True)
    if "fault" in parameters.query:
        raise RuntimeError("secret detail at /some/path")
    viewer = identified.viewer
    data = {"viewer": {"account": str(viewer.account_id), "role": viewer.role, "heads": len(viewer.heads)}}
    return Answered(data=data, extensions={"cost": {"requested": 1}})


@asynccontextmanager
async def small_site(
    pool: Pool, *, demo: bool = False, metrics_token: str | None = None, names: Names = ANY_NAME
) -> AsyncIterator[SmallSite]:
    Tortoise.init_models(["server.models"], "models")
    traffic, asked = Traffic(), list[Parameters]()
    passwords = Passwords()
    site: SmallSite

    async def execute(
        parameters: Parameters, identified: Identified, language: Language, request_id: str, may_change: bool
    ) -> Answered:
        asked.append(parameters)
        return await who_am_i(parameters, identified, language, request_id, may_change)

    async def stream(
        scope: Scope, receive: Receive, send: Send, parameters: Parameters, identified: Identified, may_change: bool,
        framing: Framing,
    ) -> None:  # fmt: skip
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
        await send(head)
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})

    door = Door(pool=pool, moment=lambda: site.moment(), wake=None, passwords=passwords, tokens=Tokens(b"k" * 32))
    identities = Identities(door, names, TokenLimits(600))
    pages = Pages(demo=demo, city=lambda: CITY.name)
    endpoint = GraphQLEndpoint(
        identities=identities, execute=execute, is_mutation=lambda asked: asked.query.startswith("mutation"),
        kind_of_stream=lambda asked: None, position=lambda: "cursor", stream=stream, page=pages.api_page,
    )  # fmt: skip
    health = Health(
        pool=pool, traffic=traffic, reader=lambda: site.reader, wake=lambda: LISTENING, react=lambda: REACTING,
        sweep=lambda: SWEEPING, watchers=lambda: 0, live=lambda: LIVE, ways=lambda: WAYS, together=lambda: TOGETHER,
        is_draining=lambda: False, resident=lambda: 120_000_000, longest_pause=lambda: 0.02, token=metrics_token,
        demo=demo,
    )  # fmt: skip
    app = Starlette(
        routes=[
            Route("/graphql", endpoint), *SignInRoutes(door, identities).routes(), *pages.routes(), *health.routes(),
        ],
        middleware=[Middleware(OuterMiddleware, traffic=traffic, names=names, demo=demo, allowed_origins=("https://papan.test",))],
        exception_handlers=EXCEPTION_HANDLERS,
    )  # fmt: skip
    site = SmallSite(app, door, identities, pool, asked)
    yield site
    passwords.close()
