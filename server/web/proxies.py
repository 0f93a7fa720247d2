"""The client's address behind a proxy: X-Forwarded-For and -Proto are believed only from proxies in the settings."""

from __future__ import annotations

import logging
from typing import Any, Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

log = logging.getLogger(__name__)

FORWARDED: Final = (b"x-forwarded-for", b"x-forwarded-proto")


class Proxies(ProxyHeadersMiddleware):
    """uvicorn's reading of X-Forwarded-For and -Proto, and a warning when one comes from where it is not believed.

    Without it a forgotten setting shows on the day on which one client's wrong passwords lock the whole city out.
    """

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        """`trusted`: IP addresses, and networks such as 172.30.0.0/24."""
        super().__init__(cast(Any, app), list(trusted))
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # Starlette's types
        if not self._has_warned and scope["type"] != "lifespan":
            self._look(scope)
        await super().__call__(cast(Any, scope), cast(Any, receive), cast(Any, send))

    def _look(self, scope: Scope) -> None:
        if not any(name in FORWARDED for name, _ in scope["headers"]):
            return
        client = scope.get("client")
        address = client[0] if client else None
        if address not in self.trusted_hosts:
            self._has_warned = True
            log.warning(
                "X-Forwarded-For or -Proto came from %s and is not believed: if that is the proxy before this server, "
                "name it in KOLABORASI_TRUSTED_PROXIES; else all its clients count as one, and none as using TLS",
                address or "a socket without an address",
            )
