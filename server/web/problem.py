"""Error answers over HTTP: in GraphQL's shape, or as problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope, Send

from server.actions.sign_in import NotSignedIn
from server.actions.sign_in_attempts import TooManyAttempts
from server.auth.passwords import Busy
from server.database import AWAY_SECONDS, is_away
from server.query.codes import BAD_USER_INPUT, METHOD_NOT_ALLOWED
from server.rules.refusal import Refused
from server.text import Language, constraint, sentence
from server.web.accept import language_of

PROBLEM_JSON: Final = "application/problem+json"

RETRY_AFTER: Final = (b"retry-after", str(AWAY_SECONDS).encode())

Headers = list[tuple[bytes, bytes]]


class HttpProblem(Exception):
    """An answer that is an error. `key` is its sentence in server/text under `problem`; `facts` fill the sentence.

    `shown` goes into the answer beside code and sentence: path, constraint, retryAfter, reason.
    """

    def __init__(
        self,
        status: int,
        code: str,
        key: str,
        *,
        headers: Headers | None = None,
        shown: dict[str, Any] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(status, code, key)
        self.status = status
        self.code = code
        self.key = key
        self.headers = headers or []
        self.shown = shown or {}
        self.facts = facts

    def message(self, language: Language) -> str:
        """The sentence in this language."""
        return sentence(language, "problem", self.key, **self.facts)

    def told(self, language: Language) -> dict[str, Any]:
        """What is shown beside code and sentence, in this language."""
        if "constraint" not in self.shown:
            return self.shown
        return {**self.shown, "constraint": constraint(language, str(self.shown["constraint"]))}


class _RefusedProblem(HttpProblem):
    """A rule's refusal outside GraphQL: its sentence is the refusal's own."""

    def __init__(self, refused: Refused) -> None:
        shown: dict[str, Any] = {"path": list(refused.path)}
        if "constraint" in refused.facts:
            shown["constraint"] = refused.facts["constraint"]
        super().__init__(422, refused.code.value, refused.code.value, shown=shown)
        self.facts = dict(refused.facts)

    def message(self, language: Language) -> str:
        return sentence(language, "refusal", self.key, **self.facts)


def bad_request(key: str, *path: str, status: int = 400, constraint: str | None = None, **facts: object) -> HttpProblem:
    """Input that is not as it must be, with the path of the field at fault and what would be right.

    The path is empty where no field is at fault but the request itself: its method, a header, text that is no JSON.
    """
    shown: dict[str, Any] = {"path": list(path)}
    if constraint is not None:
        shown["constraint"] = constraint
    problem = HttpProblem(status, BAD_USER_INPUT, key, shown=shown)
    problem.facts = {"path": ".".join(path) or None, "constraint": constraint, **facts}
    return problem


def unauthenticated(key: str, **facts: object) -> HttpProblem:
    """Nobody is signed in; `key` says why, of a token whose secret was right to programs as well (`reason`)."""
    shown = {"reason": key.upper()} if key.startswith("token_") else {}
    headers = [(b"www-authenticate", b'Bearer realm="kolaborasi"')]
    return HttpProblem(401, "UNAUTHENTICATED", key, headers=headers, shown=shown, **facts)


def rate_limited(key: str, seconds: int) -> HttpProblem:
    """Too much at once; may be tried again after these seconds."""
    headers = [(b"retry-after", str(seconds).encode())]
    return HttpProblem(429, "RATE_LIMITED", key, headers=headers, shown={"retryAfter": seconds}, seconds=seconds)


def of(exception: Exception) -> HttpProblem | None:
    """The problem that a known exception stands for; None for a fault of ours."""
    match exception:
        case HttpProblem():
            return exception
        case NotSignedIn():
            return unauthenticated(exception.key, **exception.facts)
        case TooManyAttempts():
            return rate_limited("too_many_attempts", exception.retry_after)
        case Busy():
            return rate_limited("busy", 2)
        case Refused():
            return _RefusedProblem(exception)
        case _ if is_away(exception):
            shown = {"retryAfter": AWAY_SECONDS}
            return HttpProblem(503, "INTERNAL", "database_unavailable", headers=[RETRY_AFTER], shown=shown)
        case _:
            return None


def fault() -> HttpProblem:
    """Something went wrong that is nobody's input; the log has it under the request's id."""
    return HttpProblem(500, "INTERNAL", "fault")


def graphql_body(problem: HttpProblem, language: Language, request_id: str) -> bytes:
    """A response without data, as the GraphQL specification has request errors."""
    extensions = {"code": problem.code, **problem.told(language)}
    if problem.code == "INTERNAL":
        extensions["id"] = request_id
    errors = [{"message": problem.message(language), "extensions": extensions}]
    return orjson.dumps({"errors": errors, "extensions": {"requestId": request_id}})


def problem_body(problem: HttpProblem, language: Language, request_id: str) -> bytes:
    """RFC 9457, with the API's own code."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.message(language),
        "code": problem.code,
        "requestId": request_id,
        **problem.told(language),
    }
    return orjson.dumps(document)


async def send_problem(problem: HttpProblem, scope: Scope, send: Send) -> None:
    """Answer with problem+json."""
    body = problem_body(problem, language_of(scope), request_id(scope))
    headers: Headers = [(b"content-language", language_of(scope).encode()), (b"vary", b"accept-language")]
    await send_bytes(send, problem.status, PROBLEM_JSON, body, headers + problem.headers)


async def send_bytes(send: Send, status: int, media_type: str, body: bytes, headers: Headers | None = None) -> None:
    """One whole answer."""
    head: Headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def answer_http_exception(request: Request, exception: Exception) -> Response:
    """What Starlette itself refuses (no such page, no such method), in the shape of all our errors."""
    assert isinstance(exception, HTTPException)
    codes = {404: ("NOT_FOUND", "not_found"), 405: (METHOD_NOT_ALLOWED, "method_not_allowed")}
    code, key = codes.get(exception.status_code, (BAD_USER_INPUT, "bad_request"))
    problem = HttpProblem(exception.status_code, code, key, method=request.method[:20])
    language = language_of(request.scope)
    return Response(
        problem_body(problem, language, request_id(request.scope)),
        exception.status_code,
        headers={**(exception.headers or {}), "content-language": language, "vary": "accept-language"},
        media_type=PROBLEM_JSON,
    )


# For Starlette(exception_handlers=…).
EXCEPTION_HANDLERS: Final = {HTTPException: answer_http_exception}


def request_id(scope: Scope) -> str:
    """The id under which the log knows this request."""
    found: str = scope.get("state", {}).get("request_id", "")
    return found
