"""Puts everything together: the only place that knows all rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from server.actions.city import CityClock
from server.actions.sign_in import Identified
from server.background.collect import resident
from server.installation import Installation
from server.live.framing import Framing
from server.live.protocol import StreamedOperation
from server.live.sse import EventStreams
from server.live.websocket import SocketEndpoint
from server.moved_clock import rules_clock
from server.query.documents.parameters import Parameters
from server.schema import printed
from server.settings import Settings
from server.web.application import Application
from server.web.dossier import Dossiers
from server.web.graphql import GraphQLEndpoint
from server.web.health import Health, Traffic
from server.web.middleware import OuterMiddleware
from server.web.pages import Pages
from server.web.problem import EXCEPTION_HANDLERS
from server.web.schema_text import SchemaText
from server.web.sign_in import SignInRoutes


def create_app(settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Application:
    """The whole server as an ASGI application; `app.state.installation` has its parts, `draining` ends its streams.

    `now` is the machine's clock. Raises BadSetting where a test clock is asked for and cannot be.
    """
    installation = Installation(settings, CityClock(rules_clock(settings, now), now))
    live = installation.live()
    traffic = Traffic()
    pages = Pages(demo=settings.demo, city=lambda: installation.clock.city.name)
    schema_text = SchemaText(identities=installation.identities, printed=printed)
    event_streams = EventStreams(live, installation.streams)

    async def stream(
        scope: Scope,
        receive: Receive,
        send: Send,
        asked: Parameters,
        who: Identified,
        may_change: bool,
        framing: Framing,
    ) -> None:
        await event_streams(scope, receive, send, StreamedOperation(asked, may_change=may_change), who, framing)

    endpoint = GraphQLEndpoint(
        identities=installation.identities,
        execute=installation.execute,
        is_mutation=installation.is_mutation,
        kind_of_stream=installation.kind_of_stream,
        position=installation.position,
        stream=stream,
        page=pages.api_page,
    )
    health = Health(
        pool=installation.pool,
        traffic=traffic,
        reader=installation.reader.facts,
        wake=installation.wake.facts,
        react=installation.react.facts,
        sweep=installation.sweep.facts,
        watchers=lambda: len(installation.hub),
        live=installation.groups.facts,
        ways=lambda: installation.engine.ways,
        together=lambda: installation.together.facts,
        is_draining=installation.draining.is_set,
        resident=resident,
        longest_pause=lambda: installation.collector.longest,
        test_clock=None if settings.test_clock is None else installation.clock.local_now,
        token=settings.metrics_token,
        demo=settings.demo,
    )
    dossiers = Dossiers(
        identities=installation.identities,
        reading=installation.reading,
        position=installation.position,
        now=installation.clock.local_now,
    )
    sign_in = SignInRoutes(installation.door, installation.identities)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with installation.run():
            yield

    edge = partial(
        OuterMiddleware,
        traffic=traffic,
        names=installation.names,
        demo=settings.demo,
        allowed_origins=settings.allowed_origins,
    )
    app = Application(
        "/graphql",
        endpoint,
        edge,
        routes=[
            WebSocketRoute("/graphql", SocketEndpoint(live, installation.streams)),
            *sign_in.routes(),
            *health.routes(),
            *dossiers.routes(),
            *schema_text.routes(),
            *pages.routes(),
        ],
        lifespan=lifespan,
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.state.installation = installation
    app.state.draining = installation.draining
    return app
