"""The names under which this server is reached, and the origin of the page that asks.

A cookie signs in only on our own pages; pages of other origins may ask only where a setting names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from server.settings import Settings
from server.web.accept import header
from server.web.problem import bad_request

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
# They look at no cookie, and a balancer, an orchestrator or Prometheus asks by whatever address it has.
FOR_MACHINES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_HOST: Final = re.compile(rb"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::[0-9]{1,5})?", re.IGNORECASE)
_DEFAULT_PORT: Final = {"http": ":80", "https": ":443"}
_ANY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True, slots=True)
class Names:
    """`public`: the origin that people open (https://kolaborasi.example.go.id), None: not told. `hosts`: the names
    that are served, without port, None: any. `any_number`: every IP address is one of them. `under_any`: paths that
    are served whatever the name."""

    public: str | None
    hosts: frozenset[str] | None
    any_number: bool = False
    under_any: frozenset[str] = frozenset()

    def check(self, scope: Scope) -> None:
        """Whether the client asks for a server of this name. Raises Problem: 400 without exactly one Host, 421 for a
        name that is not ours.

        A page can have its own name point at this machine, and is then, to the browser, a page of this server.
        """
        if scope["path"] in self.under_any:
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            raise bad_request("one_host", constraint="Host")
        if self.hosts is None or self._is_served(_name(hosts[0])):
            return
        raise bad_request("host_not_served", status=421, constraint=", ".join(sorted(self.hosts)))

    def _is_served(self, name: str | None) -> bool:
        assert self.hosts is not None
        return name in self.hosts or (self.any_number and name is not None and _is_number(name))

    def is_secure(self, scope: Scope) -> bool:
        """Whether TLS lies between the browser and us: by what a trusted proxy says, or by the public address."""
        return scope["scheme"] in ("https", "wss") or (self.public or "").startswith("https:")

    def is_our_own(self, scope: Scope, origin: str) -> bool:
        """Whether this Origin header is this server's own: the public address, or where none is told the name by which
        the client addressed it.

        A proxy may speak TLS for us, so https is as good as the http that we see; never the reverse.
        """
        if self.public is not None:
            return origin == self.public
        host = (header(scope, b"host") or "").lower()
        if _name(host.encode("latin-1")) is None:
            return False
        schemes = ("https",) if self.is_secure(scope) else ("http", "https")
        return any(origin == f"{each}://{host.removesuffix(_DEFAULT_PORT[each])}" for each in schemes)

    def may_read_by_cookie(self, scope: Scope) -> bool:
        """GET: only where the browser says that a page of ours asks, or its user. One that says nothing may be led by
        any page."""
        origin = header(scope, b"origin")
        is_ours = origin is None or self.is_our_own(scope, origin)
        return is_ours and header(scope, b"sec-fetch-site") in ("same-origin", "none")

    def may_write_by_cookie(self, scope: Scope) -> bool:
        """POST and WebSocket: only with an Origin that is ours. That a body is JSON is checked where it is read."""
        origin = header(scope, b"origin")
        return origin is not None and not self.is_foreign(scope)

    def is_foreign(self, scope: Scope) -> bool:
        """Whether a browser sends this for a page that is not ours."""
        origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
        return site not in (None, "same-origin") or (origin is not None and not self.is_our_own(scope, origin))


def names_of(settings: Settings) -> Names:
    """A demonstration, whose passwords are known, answers to this machine's own names, to the public address, and with
    --allow-demo-network to the address that it was given. Another installation answers to its public address and to
    this machine's names; where none is told, to any name; and its health and metrics are told under any."""
    public = settings.public_address
    under_any: frozenset[str] = frozenset() if settings.demo else FOR_MACHINES
    if public is None and not settings.demo:
        return Names(None, None, under_any=under_any)
    hosts = set(LOOPBACK)
    if public is not None and (name := _name(urlsplit(public).netloc.encode())) is not None:
        hosts.add(name)
    given = settings.host if settings.demo and settings.allow_demo_network else "localhost"
    if given in _ANY_ADDRESS:  # reached by whatever address this machine has; a number cannot be made to point here
        return Names(public, frozenset(hosts), any_number=True)
    hosts.add(f"[{given}]" if ":" in given else given.lower())
    return Names(public, frozenset(hosts), under_any=under_any)


def cors(scope: Scope, allowed: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """Headers that let a named origin's page read the answer with a bearer token; never with cookies."""
    origin = header(scope, b"origin")
    if origin is None or origin not in allowed:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", b"x-request-id, retry-after, ratelimit, ratelimit-policy"),
    ]


PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type, accept, accept-language, last-event-id"),
    (b"access-control-max-age", b"600"),
]


@lru_cache(1_000)
def _name(host: bytes) -> str | None:
    """The name in a Host header, in small letters; None where it is not one."""
    found = _HOST.fullmatch(host)
    return None if found is None else found[1].decode().lower()


def _is_number(name: str) -> bool:
    """Whether it is an IP address."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
