"""The outer middleware: every request gets an id and is measured, answers get headers, faults are answered."""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth.token_limits import Allowance
from server.web import origin
from server.web.accept import JSON, RESPONSE_JSON, STREAMS, header, language_of
from server.web.health import Traffic
from server.web.limits import ClientGone
from server.web.problem import PROBLEM_JSON, Headers, HttpProblem, fault, graphql_body, of, send_bytes, send_problem

log = logging.getLogger(__name__)

# Nobody takes an answer for what it is not, nor has another site's page load it.
SECURITY: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# Everything a page needs comes from this server; no page of ours stands in another's frame.
PAGE_SECURITY: Final[Headers] = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# What a program reads. A browser shows it as text: it runs nothing, loads nothing and leads nowhere.
DATA: Final = frozenset({each.encode() for each in (JSON, RESPONSE_JSON, PROBLEM_JSON, *STREAMS)})
SECURE_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")
NO_STORE: Final = (b"cache-control", b"no-store")
SLOW_SECONDS: Final = 2.0
# Asked for so often, or so freely, that a line for each success would bury the rest.
QUIET: Final = ("/graphql", "/static", "/healthz", "/readyz", "/metrics")
# Below it each address is a case's.
CASES: Final = "/dossier/"


class OuterMiddleware:
    """The outermost part of the application. Faults of what is inside never leave it as anything but an answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        traffic: Traffic,
        names: origin.Names,
        demo: bool = False,
        allowed_origins: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._names = names
        self._traffic = traffic
        self._allowed_origins = allowed_origins
        self._data_headers = [*SECURITY, *([(b"x-kolaborasi-demo", b"1")] if demo else [])]
        self._headers = [*self._data_headers, *PAGE_SECURITY]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._open_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = os.urandom(12).hex()  # random: of a number one could tell how much others ask
        scope.setdefault("state", {})["request_id"] = request_id
        more: Headers = [(b"x-request-id", request_id.encode())]
        if self._names.is_secure(scope):
            more.append(SECURE_TRANSPORT)
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given: Headers = message["headers"]
                is_data = is_stored = False
                for name, value in given:
                    if name == b"content-type":
                        is_data = value.partition(b";")[0] in DATA
                    elif name == b"cache-control":
                        is_stored = True
                always = self._data_headers if is_data else self._headers
                left: Allowance | None = scope["state"].get("allowance")
                if left is not None:
                    always = [*always, *left.headers()]
                headers = [*given, *more, *always] if is_stored else [*given, *more, NO_STORE, *always]
                message = {"type": "http.response.start", "status": status, "headers": headers}
            await send(message)

        try:
            self._names.check(scope)
            if self._allowed_origins and (allowing := origin.cors(scope, self._allowed_origins)):
                more += allowing
                if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
                    preflight: dict[str, Any] = {"type": "http.response.start", "status": 204}
                    await send_on(preflight | {"headers": origin.PREFLIGHT})
                    await send_on({"type": "http.response.body", "body": b""})
                    return
            await self._app(scope, receive, send_on)
        except ClientGone:
            status = 499
        except Exception as exception:
            problem = of(exception)
            if problem is None:
                log.exception("request %s failed", request_id)
                problem = fault()
            if status:  # the answer has begun: only the connection's end can tell
                raise
            await _answer(problem, scope, send_on, request_id)
        finally:
            self._note(scope, status, time.perf_counter() - began, request_id)

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._names.check(scope)
        except HttpProblem as problem:
            await receive()
            if "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": 1008, "reason": ""})
                return
            body = graphql_body(problem, language_of(scope), os.urandom(12).hex())
            head = {"type": "websocket.http.response.start", "status": problem.status}
            await send(head | {"headers": [(b"content-type", f"{JSON}; charset=utf-8".encode()), *self._data_headers]})
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await self._app(scope, receive, send)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        path: str = scope["path"]
        self._traffic.count(path, scope["method"], status, seconds)
        is_quiet = status < 400 and seconds < SLOW_SECONDS and path.startswith(QUIET)
        level = logging.DEBUG if is_quiet else logging.INFO
        if log.isEnabledFor(level):
            # Never the query string, a header or a body: they may hold secrets.
            milliseconds = seconds * 1000
            log.log(level, "%s %s %s %.1f ms %s", scope["method"], _printable(path), status, milliseconds, request_id)


async def _answer(problem: HttpProblem, scope: Scope, send: Send, request_id: str) -> None:
    if scope["path"] == "/graphql":
        body = graphql_body(problem, language_of(scope), request_id)
        await send_bytes(send, problem.status, f"{JSON}; charset=utf-8", body, problem.headers)
    else:
        await send_problem(problem, scope, send)


def _printable(path: str) -> str:
    """Whoever reads the log need not be one who may know of a case."""
    if path.startswith(CASES):
        return f"{CASES}…"
    return path[:200].encode("unicode_escape").decode()
