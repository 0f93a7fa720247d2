"""The dossier of a case over HTTP: a page and a PDF. Whoever may not see the case gets 404."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.actions.sign_in import Identified
from server.dossier.document import Dossier, describe
from server.dossier.page import page
from server.dossier.paper import paper
from server.dossier.reading import Ask, read
from server.dossier.value import LANGUAGE
from server.ids import MalformedId, decode
from server.web.identity import Identities
from server.web.problem import HttpProblem, rate_limited, request_id

PREFIX: Final = "case"
LONGEST_LINE: Final = 20

# Queries that all read one state of the database, as this viewer, in the dossier's language, under a request's id.
Reads = Callable[[Identified, str], AbstractAsyncContextManager[Ask]]


class Dossiers:
    """`/dossier/<id>` and `/dossier/<id>.pdf`.

    One PDF is made at a time, in a thread of its own: a long one takes seconds of a core, which the loop needs as well.
    """

    def __init__(
        self, *, identities: Identities, reading: Reads, position: Callable[[], str], now: Callable[[], datetime]
    ) -> None:
        """`position`: a cursor of the log before which everything can be read, asked for before reading. `now`: the
        rules' clock, as the city reads it."""
        self._identities = identities
        self._reading = reading
        self._position = position
        self._now = now
        self._turn = asyncio.Semaphore(1)
        self._line = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dossier")

    def routes(self) -> list[Route]:
        """The PDF before the page, whose id would hold its ending."""
        return [Route("/dossier/{id}.pdf", self.pdf), Route("/dossier/{id}", self.html)]

    async def html(self, http_request: Request) -> Response:
        """The page."""
        document, name = await self._document(http_request)
        return _response(await asyncio.to_thread(page, document), "text/html; charset=utf-8", f"{name}.html")

    async def pdf(self, http_request: Request) -> Response:
        """The same on A4 sheets."""
        document, name = await self._document(http_request)
        async with self._in_turn():
            body = await asyncio.get_running_loop().run_in_executor(self._thread, paper, document)
        return _response(body, "application/pdf", f"{name}.pdf")

    async def _document(self, http_request: Request) -> tuple[Dossier, str]:
        """What the dossier says, and what its file is called. Raises HttpProblem 404 where there is none."""
        identified = await self._identities.identify(http_request.scope)
        case_id = _case_id(http_request.path_params["id"])
        position = self._position()
        async with self._reading(identified, request_id(http_request.scope)) as ask:
            found = await read(ask, case_id)
        if found is None:
            raise _not_found()
        return await asyncio.to_thread(describe, found, position, self._now()), f"dosier-{case_id}"

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Raises HttpProblem 429 at once when the line is too long."""
        if self._line >= LONGEST_LINE:
            raise rate_limited("busy", 5)
        self._line += 1
        try:
            async with self._turn:
                yield
        finally:
            self._line -= 1


def _response(body: bytes, media_type: str, name: str) -> Response:
    headers = {
        "cache-control": "no-store",
        "content-language": LANGUAGE,
        "content-disposition": f'inline; filename="{name}"',
        "vary": "authorization, cookie, origin",
    }
    return Response(body, media_type=media_type, headers=headers)


def _case_id(text: str) -> str:
    """As the API writes it. What is no case's id is as unknown as a case that is not there."""
    try:
        prefix, _ = decode(text)
    except MalformedId:
        raise _not_found() from None
    if prefix != PREFIX:
        raise _not_found()
    return text.lower()


def _not_found() -> HttpProblem:
    return HttpProblem(404, "NOT_FOUND", "not_found")
