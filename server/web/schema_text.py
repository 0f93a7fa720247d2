"""`/schema.graphql`: the whole GraphQL schema with its descriptions, for whoever is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.identity import Identities
from server.web.pages import File, file_of, sent


class SchemaText:
    """The schema as text, written when it is first asked for and the same until the server ends."""

    def __init__(self, *, identities: Identities, printed: Callable[[], str]) -> None:
        self._identities = identities
        self._printed = printed
        self._file: File | None = None

    def routes(self) -> list[Route]:
        """Its address."""
        return [Route("/schema.graphql", self.text)]

    async def text(self, http_request: Request) -> Response:
        """What introspection tells, as a document. Strangers get 401."""
        await self._identities.identify(http_request.scope)
        if self._file is None:  # it takes a quarter of a second: in a thread, since the loop has others to answer
            self._file = await asyncio.to_thread(lambda: file_of("schema.graphql", self._printed().encode()))
        vary = "accept-encoding, authorization, cookie, origin"
        return sent(self._file, http_request, **{"cache-control": "private, no-cache", "vary": vary})
