"""The pages: files of server/board, read once, served from memory with nothing from any other host."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.web.compression import SHORTEST, packed, takes_gzip
from server.web.problem import HttpProblem

FOLDER: Final = Path(__file__).parent.parent / "board"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".graphql": "application/graphql; charset=utf-8",
}
PAGES: Final = {"/": "index.html", "/auth/password": "password.html"}
API_PAGE: Final = "api.html"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    body: bytes
    media_type: str
    tag: str
    packed: bytes | None  # by gzip; None where that saves nothing


class Pages:
    """Serves the board's files; a page says on its root element whose it is, and whether it is a demonstration."""

    def __init__(self, *, demo: bool, city: Callable[[], str]) -> None:
        """`city`: its name, which may be known later than the pages."""
        self._city = city
        self._demo = b'data-demo="yes" ' if demo else b""
        found = {each.name: each.read_bytes() for each in sorted(FOLDER.iterdir()) if each.suffix in MEDIA_TYPES}
        self._html = {name: body for name, body in found.items() if name.endswith(".html")}
        self._files = {name: file_of(name, body) for name, body in found.items() if name not in self._html}
        self._named: tuple[str | None, dict[str, File]] = None, {}

    def routes(self) -> list[Route]:
        """The pages and /static; the API page is /graphql's (`api_page`)."""
        routes = [Route(path, self._page(name)) for path, name in PAGES.items()]
        routes.append(Route("/favicon.ico", self._page("icon.svg")))
        routes.append(Route("/static/{name}", self._static))
        return routes

    async def api_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The page at /graphql for browsers."""
        response = self._answer(API_PAGE, Request(scope, receive), vary="accept, accept-encoding")
        await response(scope, receive, send)

    def _page(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            return self._answer(name, request)

        return page

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            raise HttpProblem(404, "NOT_FOUND", "not_found")
        return self._answer(name, request)

    def _answer(self, name: str, request: Request, **headers: str) -> Response:
        return sent(self._files.get(name) or self._pages()[name], request, **headers)

    def _pages(self) -> dict[str, File]:
        """The pages under the city's present name."""
        city = self._city()
        if self._named[0] != city:
            name = html.escape(city).encode()
            root = b'<html data-city="%b" %b' % (name, self._demo)
            made = {
                page: file_of(page, body.replace(b"<html ", root, 1).replace(b"{city}", name))
                for page, body in self._html.items()
            }
            self._named = city, made
        return self._named[1]


def sent(file: File, request: Request, **headers: str) -> Response:
    """The file as this client takes it, or that what it has is still right."""
    # Asked for anew each time, so that a new release is never mixed with an old one's files; mostly it is a 304.
    headers = {"cache-control": "no-cache", "vary": "accept-encoding", **headers, "etag": file.tag}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.packed is not None and takes_gzip(request.headers.get("accept-encoding")):
        body = file.packed
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=file.media_type)


def file_of(name: str, body: bytes) -> File:
    """What is sent under this name, whose ending tells what it is."""
    # Weak: it is the same for both encodings of one body.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    return File(body, MEDIA_TYPES[Path(name).suffix], tag, packed(body) if len(body) >= SHORTEST else None)
