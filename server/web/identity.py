"""Who asks: by a bearer token, a person's or a program's, or by a page's cookie; remembered for a second, so that a
read costs no statement more."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.types import Scope

from server.actions.sign_in import Door, Identified, NotSignedIn, identify, keep_session
from server.actions.token import identify_token, still_counts
from server.auth.token_limits import TokenLimits
from server.auth.tokens import BadToken, TokenKind
from server.events.log import Recorded
from server.rules.event import EventType
from server.rules.token import is_within
from server.web.accept import header
from server.web.origin import Names
from server.web.problem import rate_limited

COOKIE: Final = "kolaborasi_session"
# With this before its name a browser takes a cookie over TLS only, and from no other host of the site.
OVER_TLS: Final = "__Host-"
REMEMBERED_SECONDS: Final = 1.0
REMEMBERED_AT_MOST: Final = 10_000
SLIDE_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer that was true at `since` (monotonic), on the city's day `day`, for tokens good until `until`."""

    identified: Identified
    since: float
    day: date
    until: datetime


class Identities:
    """Turns credentials into `Identified`.

    What was found is remembered for at most a second, and forgotten at once when the log tells of something that
    concerns it (`consume`): a revoked sign-in ends everywhere within that second.
    """

    # The events after which somebody may be another, or nobody.
    CONCERNED: Final = frozenset(
        {
            EventType.SIGNED_OUT,
            EventType.SIGNED_OUT_EVERYWHERE,
            EventType.PASSWORD_SET,
            EventType.TOKEN_REVOKED,
            EventType.ORGANISATION_ENDED,
            EventType.DECISIONS_DELEGATED,
            *(EventType.CASE_ACCESS_CONFIRMED, EventType.CASE_ACCESS_LOST),
            *(each for each in EventType if each.startswith(("ACCOUNT_", "APPOINTMENT_", "DELEGATION_"))),
        }
    )

    def __init__(
        self,
        door: Door,
        names: Names,
        limits: TokenLimits,
        uses_token: Callable[[UUID], None] = lambda token_id: None,
    ) -> None:
        """`limits`: how often a token may ask; `uses_token`: told of each use of a token."""
        self.door = door
        self.names = names
        self.limits = limits
        self.uses_token = uses_token
        self._known: dict[tuple[str, str], _Known] = {}  # by header or cookie, and its text
        self._forgotten = 0

    async def consume(self, events: Sequence[Recorded]) -> None:
        """A consumer of the log: whoever changed is looked up anew."""
        if any(event.type in self.CONCERNED for event in events):
            self.forget()

    def forget(self) -> None:
        """Ask the database again for everybody."""
        self._known.clear()
        self._forgotten += 1

    async def identify(self, scope: Scope) -> Identified:
        """Whoever sends this HTTP request. Raises `NotSignedIn`; a bad bearer token is not made good by a cookie.

        A token's request is counted here, whatever it asks for, and refused as RATE_LIMITED when it is one too many;
        what is left stands in the scope's state, from which the answer tells it.
        """
        found = await self._identify(scope)
        if (left := self.limits.take(found.viewer)) is not None:
            scope.setdefault("state", {})["allowance"] = left
            if left.is_used_up:
                raise rate_limited("too_many_requests", left.resets_in)
        return found

    async def _identify(self, scope: Scope) -> Identified:
        authorization = header(scope, b"authorization")
        if authorization is not None:
            return await self._by_authorization(authorization, scope)
        session = self._cookie(scope)
        if session is None:
            raise NotSignedIn("missing")
        safe = scope["method"] in ("GET", "HEAD")
        if not (self.names.may_read_by_cookie(scope) if safe else self.names.may_write_by_cookie(scope)):
            raise NotSignedIn("foreign_origin")
        return await self._by_session(session)

    async def identify_socket(self, scope: Scope, authorization: str | None) -> Identified:
        """Whoever opens this WebSocket: by `authorization` of its connection_init ("Bearer …"), by the handshake's
        header, or by cookie when the page is our own. Raises `NotSignedIn`."""
        authorization = authorization or header(scope, b"authorization")
        if authorization is not None:
            return await self._by_authorization(authorization, scope)
        session = self._cookie(scope)
        if session is None:
            raise NotSignedIn("missing")
        if not self.names.may_write_by_cookie(scope):
            raise NotSignedIn("foreign_origin")
        return await self._by_session(session)

    def cookie_name(self, scope: Scope, name: str = COOKIE) -> str:
        """What a cookie of ours is called on the way that this request came, no other being read there: over TLS so
        that no other host of ours can set it."""
        return OVER_TLS + name if self.names.is_secure(scope) else name

    async def still(self, identified: Identified) -> Identified | None:
        """The same sign-in as it is now: for streams, which outlive their access token. None when it has ended.

        A page's session slides by it as by any other use.
        """
        clock = self.door.moment()
        if identified.viewer.token is not None:
            return await still_counts(self.door, identified.sign_in_id)
        found = await identify(self.door, identified.sign_in_id, clock.today)
        if found is None or found.expires_at <= clock.now:
            return None
        await self._slide(found, clock.now)
        return found

    async def _by_authorization(self, authorization: str, scope: Scope) -> Identified:
        clock = self.door.moment()
        if (found := self._remembered(("header", authorization), clock.now, clock.today)) is not None:
            return found if found.viewer.token is None else self._from_here(found, scope)
        scheme, _, text = authorization.partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or not text:
            raise NotSignedIn("no_bearer")
        if text.startswith(TokenKind.PROGRAM):
            return self._from_here(await self._by_token(authorization, text, scope), scope)
        try:
            token = self.door.tokens.read_access(text)
        except BadToken:
            raise NotSignedIn("bad_token") from None
        if token.expires_at <= clock.now:
            raise NotSignedIn("expired")
        return await self._look_up(
            ("header", authorization), token.sign_in_id, token.expires_at, clock.now, clock.today
        )

    async def _by_token(self, authorization: str, text: str, scope: Scope) -> Identified:
        clock, forgotten = self.door.moment(), self._forgotten
        try:
            token = self.door.tokens.read_kept(TokenKind.PROGRAM, text)
        except BadToken:
            raise NotSignedIn("bad_token") from None
        found = await identify_token(self.door, token, _address(scope))
        self._remember(("header", authorization), found, found.expires_at, clock.today, forgotten)
        return found

    def _from_here(self, found: Identified, scope: Scope) -> Identified:
        """A token's bearer, if it counts where the request comes from. A proxy's word on that is believed where the
        settings name it (web/proxies.py)."""
        address = _address(scope)
        if found.networks and not is_within(address, found.networks):
            raise NotSignedIn("token_network", address=address)
        self.uses_token(found.sign_in_id)
        return found

    async def _by_session(self, text: str) -> Identified:
        clock = self.door.moment()
        if (found := self._remembered(("cookie", text), clock.now, clock.today)) is not None:
            return found
        try:
            token = self.door.tokens.read_kept(TokenKind.SESSION, text)
        except BadToken:
            raise NotSignedIn("bad_token") from None
        found = await self._look_up(("cookie", text), token.id, None, clock.now, clock.today, token.secret_hash)
        await self._slide(found, clock.now)
        return found

    async def _look_up(
        self,
        credential: tuple[str, str],
        sign_in_id: UUID,
        until: datetime | None,
        now: datetime,
        today: date,
        secret_hash: bytes = b"",
    ) -> Identified:
        forgotten = self._forgotten
        found = await identify(self.door, sign_in_id, today)
        if found is None or (secret_hash and not hmac.compare_digest(found.secret_hash, secret_hash)):
            raise NotSignedIn("signed_out")
        if found.expires_at <= now:
            raise NotSignedIn("expired")
        until = found.expires_at if until is None else min(until, found.expires_at)
        self._remember(credential, found, until, today, forgotten)
        return found

    def _remember(
        self, credential: tuple[str, str], found: Identified, until: datetime, today: date, forgotten: int
    ) -> None:
        """`forgotten`: how often all was, before it was looked up: else what was read may be from before the event."""
        if forgotten == self._forgotten:
            if len(self._known) >= REMEMBERED_AT_MOST:
                self._known.clear()
            self._known[credential] = _Known(found, time.monotonic(), today, until)

    def _remembered(self, credential: tuple[str, str], now: datetime, today: date) -> Identified | None:
        known = self._known.get(credential)
        if known is None:
            return None
        if known.since + REMEMBERED_SECONDS < time.monotonic() or known.day != today or known.until <= now:
            del self._known[credential]
            return None
        return known.identified

    async def _slide(self, identified: Identified, now: datetime) -> None:
        if identified.is_session and identified.used_at + SLIDE_AFTER <= now:
            await keep_session(self.door, identified)

    def _cookie(self, scope: Scope) -> str | None:
        wanted = self.cookie_name(scope)
        for pair in (header(scope, b"cookie") or "").replace(",", ";").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == wanted and value:
                return value
        return None


def _address(scope: Scope) -> str:
    """Where it comes from, as the sign-in's limits count it."""
    client = scope.get("client")
    return client[0] if client else "unknown"
