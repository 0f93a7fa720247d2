"""Tokens: how a program asks and acts, as its service account, for an organisation or for the city.

A service account is one of the role INTEGRATION. What a token opens is said by the verbs (`Verb.scopes`). Whoever made
it may be another account's head or handle cases: nothing of that is the token's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, Protocol, TypedDict
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Aggregate, Verb
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.inbox import InboxKind, Waiting
from server.rules.organisation import OrganisationEnd, must_not_have_ended
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import Role, TokenScope, Viewer
from server.rules.visibility import OWN_ACTS

LONGEST_DAYS: Final = 365
# The next one is made before the last one ends, so that a program changes over without a gap.
MOST_AT_ONCE: Final = 2
NETWORKS: Final = 20
# So long before its end administrators are told, and once more.
WARNED_BEFORE: Final = timedelta(days=30)
WARNED_AGAIN: Final = timedelta(days=7)
# What one client of IPv6 has: its addresses change, the first half does not.
_LOCKED_TO: Final = {4: 32, 6: 64}

_EXPIRIES = "(SELECT jsonb_agg(x.expires_at) FROM token x WHERE x.account_id = {t}.id AND x.revoked_at IS NULL)"


def _moments(found: Sequence[str] | None, _: Any = None) -> tuple[datetime, ...]:
    return tuple(map(datetime.fromisoformat, found or ()))


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """What the rules need to know of an account that is to have a token; `expiries`: of those not revoked."""

    id: UUID
    role: Role
    is_active: bool
    organisation: OrganisationEnd = field(metadata=at("organisation"))
    expiries: Sequence[datetime] = field(default=(), metadata=at(_EXPIRIES, _moments))


@rows_of("token")
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What the rules need to know of a token."""

    id: UUID
    revoked_at: datetime | None


class TokenChange(TypedDict, total=False):
    """The columns that a verb changes."""

    account_id: UUID
    name: str
    scopes: list[str]
    is_city_wide: bool
    networks: list[str]
    locks_network: bool
    expires_at: datetime
    revoked_at: datetime | None


class ExpiringToken(Protocol):
    """As much of a token as says when administrators are told of its end."""

    @property
    def id(self) -> UUID: ...
    @property
    def expires_at(self) -> datetime: ...


def may_create_token(viewer: Viewer, account: ServiceAccount, today: date) -> None:
    """An administrator, for an active service account of an organisation that has not ended."""
    must_be_admin(viewer)
    must_take_tokens(account, today)


def must_take_tokens(account: ServiceAccount, today: date) -> None:
    """An active service account of an organisation that has not ended."""
    if account.role is not Role.INTEGRATION:
        raise Refused(Code.WRONG_KIND, "accountId", expected=Role.INTEGRATION)
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED, "accountId")
    must_not_have_ended(account.organisation, today, "accountId")


def may_revoke_token(viewer: Viewer, token: TokenFacts, today: date) -> None:
    must_be_admin(viewer)
    if token.revoked_at is not None:
        raise Refused(Code.ALREADY_ENDED)


TOKEN: Final = Aggregate[TokenFacts](
    name="Token",
    table="token",
    prefix="token",
    visibility=OWN_ACTS,
    verbs={"revokeToken": Verb(may_revoke_token, EventType.TOKEN_REVOKED)},
    offered={"Account": {"createToken": Verb(may_create_token, EventType.TOKEN_CREATED)}},
    exempt={
        "watched": "who watches tokens is an administrator, who lists them",
        "demo": "no program asks in the demo year",
    },
)


def create_token(
    viewer: Viewer,
    account: ServiceAccount,
    name: str | None,
    scopes: Sequence[TokenScope],
    lifetime_days: int,
    *,
    is_city_wide: bool,
    networks: Sequence[str] | None,
    locks_network: bool,
    today: date,
    now: datetime,
) -> TokenChange:
    """A token that ends after so many days. `networks`: from which it counts, None: from everywhere; `locks_network`:
    from that alone from which it is used first. `now`: by the clock by which tokens live."""
    may_create_token(viewer, account, today)
    return new_token(
        account,
        name,
        scopes,
        lifetime_days,
        is_city_wide=is_city_wide,
        networks=networks,
        locks_network=locks_network,
        today=today,
        now=now,
    )


def new_token(
    account: ServiceAccount,
    name: str | None,
    scopes: Sequence[TokenScope],
    lifetime_days: int,
    *,
    is_city_wide: bool,
    networks: Sequence[str] | None,
    locks_network: bool = False,
    today: date,
    now: datetime,
) -> TokenChange:
    """The same without asking for permission: one that is made on the command line."""
    must_take_tokens(account, today)
    if sum(each > now for each in account.expiries) >= MOST_AT_ONCE:
        raise Refused(Code.LIMIT_REACHED, "accountId", limit=MOST_AT_ONCE)
    if locks_network and networks:
        raise Refused(Code.MALFORMED, "locksNetwork", constraint="networks_or_lock")
    return {
        "account_id": account.id,
        "name": bounds.text(name, bounds.NAME, "name"),
        "scopes": _scopes(scopes),
        "is_city_wide": is_city_wide,
        "networks": _networks(networks or ()),
        "locks_network": locks_network,
        "expires_at": now + timedelta(days=bounds.whole(lifetime_days, 1, LONGEST_DAYS, "lifetimeDays")),
    }


def revoke_token(viewer: Viewer, token: TokenFacts, today: date, now: datetime) -> TokenChange:
    may_revoke_token(viewer, token, today)
    return revoked(token, now)


def revoked(token: TokenFacts, now: datetime) -> TokenChange:
    """The same without asking for permission."""
    if token.revoked_at is not None:
        raise Refused(Code.ALREADY_ENDED)
    return {"revoked_at": now}


def _scopes(scopes: Collection[TokenScope]) -> list[str]:
    """READ is always among them: whoever changes something is answered with what it became."""
    if TokenScope.READ not in scopes:
        raise Refused(Code.REQUIRED, "scopes", constraint=TokenScope.READ.value)
    return [each.value for each in TokenScope if each in scopes]


def _networks(texts: Sequence[str]) -> list[str]:
    """Addresses and networks such as 10.4.0.0/16, as Python's `ipaddress` writes them."""
    bounds.count(texts, NETWORKS, "networks")
    found = []
    for n, text in enumerate(texts):
        try:
            found.append(str(ip_network(text.strip())))
        except ValueError:
            raise Refused(Code.MALFORMED, "networks", str(n), constraint="network") from None
    return [*dict.fromkeys(found)]


def network_of(address: str) -> str | None:
    """The network to which a token is locked that is used from this address first; None where it is no address."""
    host = _host(address)
    return None if host is None else str(ip_network((host, _LOCKED_TO[host.version]), strict=False))


def is_within(address: str, networks: Collection[str]) -> bool:
    """Whether an address lies in one of these networks."""
    host = _host(address)
    return host is not None and any(host in ip_network(each) for each in networks)


def _host(address: str) -> IPv4Address | IPv6Address | None:
    """What a socket for both kinds calls ::ffff:10.4.0.1 is 10.4.0.1."""
    try:
        host = ip_address(address)
    except ValueError:
        return None
    return (host.ipv4_mapped or host) if isinstance(host, IPv6Address) else host


def of_tokens(viewer: Viewer, tokens: Sequence[ExpiringToken], now: datetime) -> Iterator[Waiting]:
    """One account's tokens that count: its administrators are told before the last of them ends, by making the next.

    A second entry, seven days before, is another one: whoever has laid the first aside is told again.
    """
    if not viewer.is_admin or not tokens:
        return
    last = max(tokens, key=lambda each: each.expires_at)
    left = last.expires_at - now
    if left <= WARNED_BEFORE:
        kind = InboxKind.TOKEN_EXPIRES_SOON if left <= WARNED_AGAIN else InboxKind.TOKEN_EXPIRES
        yield Waiting(kind=kind, subject_id=last.id, verb="createToken", due_at=last.expires_at)
