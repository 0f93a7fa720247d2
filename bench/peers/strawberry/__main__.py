"""The server, as the documents of Strawberry, Tortoise and uvicorn advise for production.

Strawberry's ASGI view in Starlette with the caches of parsed and validated documents, Tortoise with a pool of asyncpg
connections, uvicorn with uvloop and httptools and no access log. Relations are joined (`select_related`),
which in a trial took less of the server's time than DataLoaders.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON
from tortoise import Tortoise, connections

from bench.peers.strawberry import models
from bench.peers.strawberry.reporting import OPEN, report_progress
from bench.peers.strawberry.viewer import Viewer, identify

Info = strawberry.Info[Viewer, None]


@strawberry.type
class Organisation:
    id: UUID
    code: str
    name: str
    short_name: str | None


@strawberry.type
class Target:
    id: UUID
    indicator: str
    unit: str


@strawberry.type
class Task:
    id: UUID
    version: int
    title: str
    status: str
    priority: str
    progress: int
    starts_on: date | None
    due_on: date | None
    organisation: Organisation

    @strawberry.field
    def target(self: Any, info: Info) -> Target | None:
        found = self._target  # the model's, joined to it
        return found if found is not None and info.context.may_see(found.draft_of_id) else None


@strawberry.type
class Tasks:
    query: strawberry.Private[Any]

    @strawberry.field
    async def total_count(self) -> int:
        return int(await self.query.count())

    @strawberry.field
    async def nodes(self) -> list[Task]:
        found = self.query.select_related("organisation", "target").order_by("due_on", "id")
        return await found.limit(50)  # type: ignore[no-any-return]


@strawberry.type
class Query:
    @strawberry.field
    async def task(self, info: Info, id: UUID) -> Task | None:
        found = models.Task.filter(info.context.scope, id=id).select_related("organisation")
        return await found.first()  # type: ignore[return-value]

    @strawberry.field
    async def open_tasks(self, info: Info, organisation_id: UUID) -> Tasks:
        found = models.Task.filter(
            info.context.scope, organisation_id=organisation_id, status__in=OPEN, archived_at__isnull=True
        )
        return Tasks(query=found)

    @strawberry.field
    async def status_board(self) -> JSON:
        rows = await connections.get("default").execute_query_dict("SELECT bench.status_board() AS board")
        return rows[0]["board"]  # type: ignore[no-any-return]


@strawberry.type
class Reported:
    task: Task


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def report_progress(self, info: Info, task_id: UUID, progress: int, note: str | None, key: str) -> Reported:
        task = await report_progress(info.context, task_id, progress, note, key)
        return Reported(task=task)  # type: ignore[arg-type]


class View(GraphQL[Viewer, None]):
    async def get_context(self, request: Any, response: Any) -> Viewer:
        viewer = await identify(request.headers.get("authorization", "")) if isinstance(request, Request) else None
        if viewer is None:
            raise HTTPException(401)
        return viewer


def _database(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a PostgreSQL behind a Unix socket."""
    parts = urlsplit(url)
    size = int(os.environ["POOL_SIZE"])
    credentials = {
        "host": parse_qs(parts.query)["host"][0],
        "user": parts.username or "postgres",
        "database": parts.path.lstrip("/"),
        "min_size": size,
        "max_size": size,
        "server_settings": {"jit": "off"},
    }
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"models": {"models": [models.__name__], "default_connection": "default"}},
        "use_tz": True,
    }


@asynccontextmanager
async def _living(_: Starlette) -> AsyncIterator[None]:
    await Tortoise.init(config=_database(os.environ["DATABASE_URL"]), _enable_global_fallback=True)
    yield
    await Tortoise.close_connections()


schema = strawberry.Schema(query=Query, mutation=Mutation, extensions=[ParserCache, ValidationCache])
app = Starlette(lifespan=_living)
app.add_route("/graphql", View(schema, graphql_ide=None))

if __name__ == "__main__":
    uvicorn.run(
        app, port=int(os.environ["PORT"]), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
