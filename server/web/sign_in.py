"""`/auth/…`: sign in, refresh, sign out, set a password; JSON in, JSON or problem+json out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.actions.sign_in import Door, NotSignedIn, SignedIn, refresh, set_password, sign_in, sign_out
from server.auth import passwords
from server.ids import encode
from server.rules import bounds
from server.web.identity import Identities
from server.web.limits import read_body
from server.web.parameters import check_json, json_object
from server.web.problem import bad_request

BODY_BYTES = 16 * 1024
DEVICE = "kolaborasi_device"
DEVICE_REMEMBERED = timedelta(days=365)  # since the last sign-in there


class SignInRoutes:
    """The addresses under /auth that change something."""

    def __init__(self, door: Door, identities: Identities) -> None:
        self._door = door
        self._identities = identities

    def routes(self) -> list[Route]:
        return [
            Route("/auth/sign-in", self.sign_in, methods=["POST"]),
            Route("/auth/refresh", self.refresh, methods=["POST"]),
            Route("/auth/sign-out", self.sign_out, methods=["POST"]),
            Route("/auth/password", self.set_password, methods=["POST"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """`{"login", "password"}` → tokens; with `"session": true` a page's cookie instead."""
        given = await _read(request)
        login = _login(given)
        password = _text(given, "password", passwords.LONGEST)
        session = _yes_or_no(given, "session")
        if session and self._identities.names.is_foreign(request.scope):
            # Another site's page must not choose as whom this browser is signed in here.
            raise NotSignedIn("foreign_origin")
        address = request.client.host if request.client else "unknown"
        device_cookie = self._device_cookie(request)
        device = request.cookies.get(device_cookie["key"])
        done = await sign_in(self._door, login, password, session=session, address=address, device=device)
        if session:
            response = JSONResponse({"expiresIn": _seconds(done.lasts), "account": _account(done)})
            # Without an age: the browser forgets it when it is closed, the server twelve hours after its last use.
            response.set_cookie(**self._cookie(request), value=done.session_token or "")
        else:
            response = _tokens(done)
        if session or self._is_our_own_page(request):  # a program keeps no cookies
            response.set_cookie(**device_cookie, value=done.device_token or "")
        return response

    async def refresh(self, request: Request) -> Response:
        """`{"refreshToken"}` → the next tokens; an `idempotencyKey` lets a lost answer be asked for again."""
        given = await _read(request)
        token = _text(given, "refreshToken", 300)
        retry_key = _text(given, "idempotencyKey", 255) if given.get("idempotencyKey") is not None else ""
        return _tokens(await refresh(self._door, token, retry_key))

    async def sign_out(self, request: Request) -> Response:
        """By bearer token or cookie; `{"everywhere": true}` ends all sign-ins of the account. Not by a program's token,
        which is no sign-in."""
        has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
        by_cookie = "authorization" not in request.headers
        given = await _read(request) if has_body or by_cookie else {}
        everywhere = _yes_or_no(given, "everywhere")
        identified = await self._identities.identify(request.scope)
        if identified.viewer.token is not None:
            raise bad_request("token_signs_out", "authorization")
        await sign_out(self._door, identified, everywhere=everywhere)
        self._identities.forget()
        response = Response(status_code=204)
        if by_cookie:
            response.delete_cookie(**self._cookie(request))
        return response

    async def set_password(self, request: Request) -> Response:
        """`{"link", "password"}`: by the one-time link that an administrator had made."""
        given = await _read(request)
        link, password = _text(given, "link", 300), _text(given, "password", 2_000)
        account = await set_password(self._door, link, password)
        self._identities.forget()
        return JSONResponse({"login": account.login})

    def _cookie(self, request: Request) -> dict[str, Any]:
        """The name and the attributes of a page's cookie on the way that this request came."""
        secure = self._identities.names.is_secure(request.scope)
        key = self._identities.cookie_name(request.scope)
        return {"key": key, "path": "/", "httponly": True, "samesite": "strict", "secure": secure}

    def _device_cookie(self, request: Request) -> dict[str, Any]:
        """The cookie by which a device is known again."""
        key = self._identities.cookie_name(request.scope, DEVICE)
        return {**self._cookie(request), "key": key, "max_age": _seconds(DEVICE_REMEMBERED)}

    def _is_our_own_page(self, request: Request) -> bool:
        sent_from = request.headers.get("origin")
        return sent_from is not None and self._identities.names.is_our_own(request.scope, sent_from)


async def _read(request: Request) -> dict[str, Any]:
    check_json(request.scope)
    body = await read_body(request.receive, request.headers.get("content-length"), limit=BODY_BYTES)
    return json_object(body)


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value or len(value) > longest or "\0" in value:
        raise bad_request("wrong_text", name, constraint=f"1..{longest}")
    return value


def _login(given: dict[str, Any]) -> str:
    """As it was typed; bounded as it is compared, for that may be longer."""
    typed = _text(given, "login", BODY_BYTES)
    _text({"login": bounds.as_login(typed)}, "login", bounds.LOGIN)
    return typed


def _yes_or_no(given: dict[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise bad_request("wrong_type", name, constraint="true, false")
    return value


def _tokens(done: SignedIn) -> JSONResponse:
    return JSONResponse(
        {
            "accessToken": done.access_token,
            "refreshToken": done.refresh_token,
            "expiresIn": _seconds(done.lasts),
            "account": _account(done),
        }
    )


def _account(done: SignedIn) -> dict[str, Any]:
    account, organisation = done.account, done.organisation
    return {
        "id": encode(account.prefix, account.id),
        "login": account.login,
        "name": account.name,
        "title": account.title,
        "role": str(account.role),
        "organisation": {
            "id": encode(organisation.prefix, organisation.id),
            "code": organisation.code,
            "name": organisation.name,
        },
    }


def _seconds(lifetime: timedelta) -> int:
    return int(lifetime.total_seconds())
