"""Whose page is asking: cookies sign in only for our own pages, other origins only where a setting names them."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from server.web.accept import header


def is_our_own(scope: Scope, origin: str) -> bool:
    """Whether this Origin header is this server's own, as the client addressed it.

    A proxy may speak TLS for us, so https is as good as the http that we see; never the reverse.
    """
    host = header(scope, b"host")
    try:
        parts = urlsplit(origin)
        ours = urlsplit(f"//{host}")
        same_host = parts.hostname is not None and parts.hostname == ours.hostname
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        same_port = (parts.port or _PORT.get(parts.scheme)) == (ours.port or _PORT.get(parts.scheme))
    except ValueError:
        return False
    return same_host and same_port and parts.scheme in ("https", scheme)


def may_read_by_cookie(scope: Scope) -> bool:
    """GET: unless Origin or Sec-Fetch-Site names another site."""
    origin = header(scope, b"origin")
    return header(scope, b"sec-fetch-site") != "cross-site" and (origin is None or is_our_own(scope, origin))


def may_write_by_cookie(scope: Scope) -> bool:
    """POST: only with an Origin that is ours. That the body is JSON is checked where it is read."""
    origin = header(scope, b"origin")
    return origin is not None and header(scope, b"sec-fetch-site") != "cross-site" and is_our_own(scope, origin)


def cors(scope: Scope, allowed: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """Headers that let a named origin's page read the answer with a bearer token; never with cookies."""
    origin = header(scope, b"origin")
    if origin is None or origin not in allowed:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", b"x-request-id, retry-after"),
    ]


PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type, accept, accept-language, last-event-id"),
    (b"access-control-max-age", b"600"),
]

_PORT = {"http": 80, "https": 443}
