"""One server process's parts, wired together: the composition root of whatever runs beside requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLError, OperationType
from starlette.types import Scope
from tortoise import Tortoise

import server.models
from server.actions import facts
from server.actions.at_once import AtOnce, Together
from server.actions.city import CityClock
from server.actions.deprecation import Use, deprecated_uses, keep_deprecated_uses
from server.actions.rows import CallersKey
from server.actions.sign_in import Door, Identified, NotSignedIn
from server.actions.token import keep_token_uses
from server.actions.transaction import Moment, Transaction, transaction
from server.actions.viewer import viewer_of
from server.auth.passwords import Passwords
from server.auth.token_limits import TokenLimits
from server.auth.tokens import Tokens
from server.background import prune, read_city
from server.background.collect import Collector
from server.background.keep_days import KeptDays
from server.background.noted import Noted
from server.background.react import React
from server.background.sweep import Sweep
from server.database import Pool
from server.dossier.reading import Ask
from server.dossier.value import LANGUAGE as DOSSIER_LANGUAGE
from server.events.log import Recorded
from server.events.position import Seal
from server.events.reader import Reader
from server.events.snapshot import News
from server.events.wake import Wake
from server.live.ends import End, Stranger, Streams
from server.live.groups import Groups
from server.live.hub import Hub
from server.live.operation import Live, Outside
from server.live.row_images import RowImages
from server.live.watch import states, watches
from server.query.declare.fields import Context
from server.query.declare.tables import describe
from server.query.documents.parameters import Parameters
from server.query.documents.persisted import Persisted
from server.query.run.engine import Engine, StreamKind
from server.query.run.result import Result
from server.rules.viewer import Viewer
from server.schema import schema, subscriptions
from server.schema.context import RequestContext
from server.settings import Settings
from server.text import Language
from server.web import accept
from server.web.identity import Identities
from server.web.origin import names_of
from server.web.trusted import read_trusted

BACKGROUND = 4  # connections of reactions, sweeps and pruning, each opened when first needed
DEADLINE = "10s"  # of a statement: PostgreSQL stops it, and the answer is DEADLINE_EXCEEDED


class Installation:
    """One server process's parts, wired; `run` keeps its loops going."""

    def __init__(self, settings: Settings, clock: CityClock) -> None:
        self.settings, self.clock = settings, clock
        url = settings.database_url or ""
        Tortoise.init_models(["server.models"], "models")
        tables = describe(facts.checked(getattr(server.models, name) for name in server.models.__all__))
        self.draining = asyncio.Event()
        self.collector = Collector()
        self.pool = Pool(url, size=settings.pool_size, timeout=settings.pool_timeout, statement_timeout=DEADLINE)
        self.background = Pool(url, size=BACKGROUND, timeout=settings.pool_timeout)  # nobody waits for its answers
        self.seal = Seal(settings.secret)
        self.tokens = Tokens(settings.secret)
        self.wake = Wake(url)
        self.together = Together(self.pool, self.wake)
        self.reader = Reader(url, self.pool, self.wake)
        self.deprecated_uses = Noted[Use](keep_deprecated_uses, self.system, clock.machine)
        self.token_uses = Noted[UUID](keep_token_uses, self.system, clock.machine)
        self.token_limits = TokenLimits(settings.token_requests)
        self.engine = Engine(
            schema,
            tables,
            self.pool,
            seal=self.seal.close_page,
            unseal=self.seal.open_page,
            news=News(),
            uses_deprecated=lambda who, what: self.deprecated_uses.note(*deprecated_uses(who, what)),
        )
        trusted = read_trusted(settings.trusted_documents, self.engine.schema)
        self.persisted = Persisted(lambda: self.engine.documents, trusted, only_trusted=settings.only_trusted)
        for text in trusted:
            self.engine.documents.keep_always(text)
        self.door = Door(
            pool=self.pool,
            moment=self.clock.at_the_door,
            wake=self.wake,
            passwords=Passwords(),
            tokens=self.tokens,
            access_token_lifetime=settings.access_token_lifetime,
            refresh_token_lifetime=settings.refresh_token_lifetime,
            page_session_lifetime=settings.page_session_lifetime,
            sign_in_lifetime=settings.sign_in_lifetime,
        )
        self.names = names_of(settings)
        self.identities = Identities(self.door, self.names, self.token_limits, self.token_uses.note)
        images = RowImages(self.pool)
        self.hub = Hub(self.reader, images)
        self.groups = Groups(
            pool=self.pool,
            reader=self.reader,
            images=images,
            seal=self.seal,
            context=self.context,
            now=lambda: self.clock.moment().now,
        )
        self.streams = Streams(
            self.reader,
            self.clock.machine,
            self.still,
            today=lambda: self.clock.moment().today,
            most=settings.streams_per_account,
        )
        self.react = React(url, self.system)
        self.days = KeptDays(
            self.engine, lambda viewer: self.context_of(viewer, "en", "kept days"), self.system_in_one_state
        )
        self.sweep = Sweep(url, self.system, self.clock.moment, keep_days=self.days.keep)
        for consumer in (
            self.hear_of_the_city,
            self.identities.consume,
            self.streams.consume,
            self.hub.consume,
            self.groups.consume,
            self.react.consume,
            self.sweep.consume,
        ):
            self.reader.consume_with(consumer)
        for consumer in (
            self.hear_of_the_city,
            self.identities.consume,
            self.streams.consume,
            self.groups.consume_early,
        ):
            self.reader.hurry_with(consumer)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """A transaction of the system's own."""
        async with transaction(self.background, None, self.clock.moment(), self.wake) as tx:
            tx.acting = self.acting
            yield tx

    def system_in_one_state(self) -> AbstractAsyncContextManager[Transaction]:
        """The same, whose statements all read what was there at the first of them."""
        return transaction(self.background, None, self.clock.moment(), self.wake, in_one_state=True)

    @asynccontextmanager
    async def acting(self, account_id: UUID) -> AsyncIterator[Transaction]:
        """A transaction of this account's, for what it ordered and the system does. Refuses NOT_FOUND."""
        async with self.background.connection() as connection:
            viewer = await viewer_of(connection, account_id, self.clock.moment().today)
        async with transaction(self.background, viewer, self.clock.moment(), self.wake) as tx:
            yield tx

    # ---- who asks, and with what ----------------------------------------------------------------------------------

    def context(self, identified: Identified, language: Language, request_id: str) -> Context:
        """For one operation of whoever is signed in so, at this moment."""
        return self.context_of(identified.viewer, language, request_id, identified)

    def context_of(
        self, viewer: Viewer, language: Language, request_id: str, sign_in: Identified | None = None
    ) -> Context:
        """For one operation of this viewer, at this moment."""
        moment = self.clock.moment()
        return RequestContext(
            asker=viewer,
            now=moment.now,
            today=moment.today,
            language=language,
            city=moment.city,
            request_id=request_id,
            begin=self.begin,
            at_once=self.at_once,
            seal=self.seal,
            tokens=self.tokens,
            sign_in=sign_in,
            public_address=self.settings.public_address,
        )

    def begin(
        self, context: Context, kind: type[Transaction] = Transaction
    ) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of this context's viewer."""
        if context.reading is not None:
            return self._reading(context, kind)
        return transaction(self.pool, context.viewer, self._moment_of(context), self.wake, kind)

    @asynccontextmanager
    async def _reading(self, context: Context, kind: type[Transaction]) -> AsyncIterator[Transaction]:
        """What reads beside the rest of a live answer: on the same connection, of the same moment."""
        assert context.reading is not None
        async with context.reading() as connection:
            yield kind(connection, context.viewer, Moment(context.read_at, context.today, context.city))

    def at_once(self, context: Context, key: CallersKey | None) -> AtOnce:
        """The one statement of this context's viewer, kept under this key."""
        return AtOnce(self.together, context.viewer, self._moment_of(context), key)

    def _moment_of(self, context: Context) -> Moment:
        """Now; also for what is told afterwards: a payload is not read from before its verb's work."""
        context.now, context.today = (moment := self.clock.moment()).now, moment.today
        return moment

    async def execute(
        self, asked: Parameters, identified: Identified, language: Language, request_id: str, may_change: bool
    ) -> Result:
        """A query, or where it `may_change` anything a mutation."""
        context = self.context(identified, language, request_id)
        try:
            source = self.persisted.source(asked.query, asked.hash)
        except GraphQLError as refused:
            self.engine.ways["refused", None] += 1
            return Result(None, [refused], is_refused=True).told(language)
        return await self.engine.execute(source, asked.variables, asked.operation_name, context, may_change=may_change)

    def is_mutation(self, asked: Parameters) -> bool:
        """Whether this would change something. What cannot be read is none: executing it tells what is wrong."""
        try:
            source = self.persisted.source(asked.query, asked.hash)
        except GraphQLError:
            return False
        return self.engine.documents.kind(source, asked.operation_name) is OperationType.MUTATION

    def kind_of_stream(self, asked: Parameters) -> StreamKind | None:
        """Whether this is answered again and again. What cannot be read is not: executing it tells what is wrong."""
        try:
            source = self.persisted.source(asked.query, asked.hash)
        except GraphQLError:
            return None
        return self.engine.kind_of_stream(source, asked.variables, asked.operation_name)

    def position(self) -> str:
        """The cursor up to which this process has read the log, sealed anew for each answer: no two are alike."""
        return self.seal.close(self.reader.position, self.clock.moment().now)

    @asynccontextmanager
    async def reading(self, identified: Identified, request_id: str) -> AsyncIterator[Ask]:
        """Queries that all read one state of the database; a fault in one is raised as its GraphQLError."""
        context = self.context(identified, DOSSIER_LANGUAGE, request_id)
        async with (
            self.pool.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            context.connection = connection

            async def ask(document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
                result = await self.engine.execute(document, variables, None, context, may_change=False)
                if result.errors:
                    raise result.errors[0]
                data = result.data
                answered: Mapping[str, Any] = orjson.loads(data) if isinstance(data, bytes) else data or {}
                return answered

            yield ask

    async def identify_socket(self, scope: Scope, authorization: str | None) -> Identified:
        try:
            return await self.identities.identify_socket(scope, authorization)
        except NotSignedIn as refused:
            raise Stranger(refused.key, **refused.facts) from None

    async def still(self, identified: Any) -> Identified | None:
        return await self.identities.still(identified)

    async def hear_of_the_city(self, events: Sequence[Recorded]) -> None:
        """A consumer of the log, before all others: its calendar changed, or a city was loaded."""
        if any(event.type.startswith(("CITY_", "ORGANISATION_")) for event in events):
            await self.clock.load(self.pool)

    def live(self) -> Live:
        """What sockets and event streams share."""
        outside = Outside(
            identify=self.identify_socket,
            still=self.still,
            context=self.context,
            language=accept.language,
            limit=lambda sign_in: self.token_limits.take(sign_in.viewer),
        )
        return Live(
            self.hub,
            self.reader,
            self.seal,
            self.engine,
            watches(subscriptions),
            states(subscriptions),
            self.groups,
            outside,
            self.persisted.source,
        )

    # ---- life -----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Everything that goes on beside requests, from start to end."""
        await self.clock.load(self.pool)
        loops = [
            self.wake.run(),
            self.reader.run(),
            self.streams.run(),
            self.groups.run(),
            self.react.run(),
            self.sweep.run(),
            prune.run(self.background, self.clock.machine),
            read_city.run(self.clock, self.pool),
            self._drain(),
            self.collector.run(),
            self.deprecated_uses.run(),
            self.token_uses.run(),
        ]
        tasks = [asyncio.create_task(loop) for loop in loops]
        self.collector.start()
        try:
            yield
        finally:
            self.streams.finish_all(End.STOPPING)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(self.pool.close(), self.background.close())

    async def _drain(self) -> None:
        await self.draining.wait()
        self.streams.finish_all(End.STOPPING)
