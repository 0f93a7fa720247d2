"""GraphQL over HTTP, all of its rules: methods, media types, status codes, and the bytes of the answer.

The specification's draft, decided where it leaves room: without an Accept header, or with */*, the answer is
`application/json`, whose status is 200 for whatever was a GraphQL request; `application/graphql-response+json` gives
400 to what was not executed. Who is not signed in, asks too often or sends no JSON gets 4xx in either.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import orjson
from graphql import GraphQLError
from starlette.types import ASGIApp, Receive, Scope, Send

from server.actions.sign_in import Identified
from server.auth.token_limits import Allowance
from server.database import AWAY_SECONDS
from server.live.framing import EVENT_STREAM, Events, Framing, Parts
from server.query.codes import METHOD_NOT_ALLOWED
from server.query.documents.parameters import Parameters
from server.query.run.engine import StreamKind
from server.text import Language
from server.web.accept import (
    HTML,
    JSON,
    RESPONSE_JSON,
    STREAMS,
    header,
    language_of,
    names,
    preferred,
    stream_named,
)
from server.web.compression import encoded
from server.web.identity import Identities
from server.web.limits import ClientGone, read_body
from server.web.parameters import check_json, from_address, from_body
from server.web.problem import (
    RETRY_AFTER,
    Headers,
    HttpProblem,
    bad_request,
    fault,
    graphql_body,
    of,
    request_id,
    send_bytes,
)

log = logging.getLogger(__name__)

OFFERED: Final = (JSON, RESPONSE_JSON, *STREAMS)
VARY: Final = (b"vary", b"accept, accept-encoding, accept-language, authorization, cookie, origin")
RETRY_LATER: Final = f"retry: {AWAY_SECONDS * 1000}\n\n".encode()
# Errors that are not the document's: their status counts in either media type.
# Apollo's clients take an unknown hash for an answer, after which they send the text, at 200 only.
STATUS: Final = {"UNAUTHENTICATED": 401, "RATE_LIMITED": 429, "PERSISTED_QUERY_NOT_FOUND": 200}


class Result(Protocol):
    """What the engine answers.

    `is_refused`: nothing was executed; `is_away`: the database was away for some of it; `is_empty`: no field was
    answered.
    """

    @property
    def data(self) -> Any: ...
    @property
    def errors(self) -> Any: ...
    @property
    def extensions(self) -> Any: ...
    @property
    def is_refused(self) -> bool: ...
    @property
    def is_away(self) -> bool: ...
    @property
    def is_empty(self) -> bool: ...


# execute(query, variables, operation name, who, language, request id, whether a mutation may run)
Execute = Callable[[Parameters, Identified, Language, str, bool], Awaitable[Result]]
# The same question answered as a stream, by live/sse.py; the arguments are `execute`'s, then how it is framed.
Stream = Callable[[Scope, Receive, Send, Parameters, Identified, bool, Framing], Awaitable[None]]


class GraphQLEndpoint:
    """`/graphql` over HTTP: POST and GET for machines, and the API page for a browser that asks for one."""

    def __init__(
        self,
        *,
        identities: Identities,
        execute: Execute,
        is_mutation: Callable[[Parameters], bool],
        kind_of_stream: Callable[[Parameters], StreamKind | None],
        position: Callable[[], str],
        stream: Stream,
        page: ASGIApp,
    ) -> None:
        """`is_mutation`: whether what is asked would change something; False where it cannot be read.
        `kind_of_stream`: whether it is answered again and again; None also where it cannot be read.
        `position`: a cursor of the log from which a subscription goes on without a gap, asked for before executing.
        `stream`: who answers as a stream; `page`: the API page."""
        self._identities = identities
        self._execute = execute
        self._is_mutation = is_mutation
        self._kind_of_stream = kind_of_stream
        self._position = position
        self._stream = stream
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = header(scope, b"accept")
        if scope["method"] in ("GET", "HEAD") and names(accept, HTML) and _is_page(accept):
            await self._page(scope, receive, send)
            return
        media_type = preferred(accept, OFFERED)
        try:
            await self._answer(scope, receive, send, media_type)
        except ClientGone:
            raise
        except Exception as exception:
            problem = of(exception)
            if problem is None:
                log.exception("request %s failed", request_id(scope))
                problem = fault()
            if problem.status == 503 and media_type == EVENT_STREAM:
                # A browser's EventSource takes any status but 200 as the end for good; what breaks off it asks again.
                await send_bytes(send, 200, EVENT_STREAM, RETRY_LATER, [VARY])
                return
            body = graphql_body(problem, language_of(scope), request_id(scope))
            headers: Headers = [VARY, *problem.headers]
            answered_as = media_type if media_type == RESPONSE_JSON else JSON
            await send_bytes(send, problem.status, f"{answered_as}; charset=utf-8", body, headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, media_type: str | None) -> None:
        _check_head(scope, media_type)
        identified = await self._identities.identify(scope)  # before a body is read: strangers send nothing large
        left: Allowance | None = scope.get("state", {}).get("allowance")
        shown = {} if left is None else {"rateLimit": left.told()}
        if scope["method"] == "GET":
            parameters = from_address(scope["query_string"])
        else:
            parameters = from_body(await read_body(receive, header(scope, b"content-length")))
        # Decided here, once, for every form of the answer. A link or an image of another site's page can make a
        # browser send a GET, with whatever Accept it likes.
        may_change = scope["method"] == "POST"
        if not may_change and self._is_mutation(parameters):
            raise _wrong_method("mutation_by_get", "POST")
        kind = self._kind_of_stream(parameters)
        if kind is not None and media_type not in STREAMS:
            media_type = stream_named(header(scope, b"accept")) or media_type
        if media_type in STREAMS:
            framing = _framing(media_type, kind, header(scope, b"accept"))
            await self._stream(scope, receive, send, parameters, identified, may_change, framing)
            return
        position = self._position()
        result = await self._execute(parameters, identified, language_of(scope), request_id(scope), may_change)
        extensions = {**(result.extensions or {}), "requestId": request_id(scope), "position": position, **shown}
        body = encode(result, extensions)
        headers: Headers = [VARY]
        found_nobody = result.is_away and result.is_empty
        status = 503 if found_nobody else _status(result, media_type)
        if status == 503:
            headers.append(RETRY_AFTER)
        if not self._is_mutation(parameters):  # its answer may hold a link that signs in beside the caller's own text
            body, encoding = await encoded(scope, body)
            headers += encoding
        await send_bytes(send, status, f"{media_type}; charset=utf-8", body, headers)


def _framing(media_type: str | None, kind: StreamKind | None, accept: str | None) -> Framing:
    """A subscription's parts stand in an envelope where the client says that it knows it; a query's never."""
    if media_type == EVENT_STREAM:
        return Events()
    return Parts(kind == "subscription" and "subscriptionspec=1.0" in (accept or "").lower())


def _check_head(scope: Scope, media_type: str | None) -> None:
    """Whether method and Accept are such that the rest may be looked at. Raises `HttpProblem`."""
    method = scope["method"]
    if method not in ("GET", "POST"):
        raise _wrong_method("method_not_allowed", "GET, POST", method=method[:20])
    if media_type is None:
        raise bad_request("not_acceptable", status=406, constraint=", ".join((*OFFERED, HTML)))
    if method == "POST":
        check_json(scope)


def _wrong_method(key: str, allowed: str, **facts: object) -> HttpProblem:
    shown = {"path": [], "constraint": allowed}
    headers = [(b"allow", allowed.encode())]
    return HttpProblem(405, METHOD_NOT_ALLOWED, key, headers=headers, shown=shown, **facts)


def _is_page(accept: str | None) -> bool:
    """Whether HTML is wanted rather than an answer: a browser names it first."""
    return preferred(accept, (*OFFERED, HTML)) == HTML


def _status(result: Result, media_type: str | None) -> int:
    if not result.is_refused:
        return 200
    for error in result.errors or ():
        code = _extensions(error).get("code")
        if code in STATUS:
            return STATUS[code]
        if code == "INTERNAL":
            return 500
    return 400 if media_type == RESPONSE_JSON else 200


def encode(result: Result, extensions: dict[str, Any]) -> bytes:
    """The response's JSON; data that is bytes already goes out as it is."""
    parts = []
    if result.errors:
        parts.append(b'"errors":' + orjson.dumps([_error(each) for each in result.errors], default=str))
    if not result.is_refused:
        parts.append(b'"data":' + (result.data if isinstance(result.data, bytes) else orjson.dumps(result.data)))
    parts.append(b'"extensions":' + orjson.dumps(extensions))
    return b"{" + b",".join(parts) + b"}"


def _extensions(error: GraphQLError | dict[str, Any]) -> dict[str, Any]:
    found = error.get("extensions") if isinstance(error, dict) else error.extensions
    return found or {}


def _error(error: GraphQLError | dict[str, Any]) -> Any:
    return error if isinstance(error, dict) else error.formatted
