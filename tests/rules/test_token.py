"""What a token may be, from where it counts, and when its end is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth.token_limits import SECONDS, TokenLimits
from server.rules.inbox import InboxKind
from server.rules.permission import must_be_in_scope, must_work_for
from server.rules.refusal import refused
from server.rules.token import is_within, network_of, of_tokens
from server.rules.viewer import Role, Token, TokenScope, Viewer
from tests.rules.known import ADMIN, DLH, EVERYBODY, INTEGRATION, JOHOR, MAYOR

NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)


def through(*scopes: TokenScope, wide: bool = False) -> Viewer:
    token = Token(UUID(int=7), "Sinkron", frozenset(scopes), wide)
    return Viewer(account_id=INTEGRATION.account_id, organisation_id=DLH, role=Role.INTEGRATION, token=token)


@given(st.sets(st.sampled_from(TokenScope)), st.sets(st.sampled_from(TokenScope)))
def test_a_token_opens_a_verb_by_any_of_its_scopes_and_people_need_none(
    has: set[TokenScope], opening: set[TokenScope]
) -> None:
    why = refused(must_be_in_scope, through(*has), tuple(opening))
    assert (why is None) is bool(has & opening)
    if why is not None:
        assert why.code.value == ("OUT_OF_SCOPE" if opening else "NOT_FOR_TOKENS")
    assert all(refused(must_be_in_scope, person, tuple(opening)) is None for person in EVERYBODY)


def test_a_token_works_for_its_organisation_or_for_the_city_and_is_nobodys_head() -> None:
    own, wide = through(*TokenScope), through(*TokenScope, wide=True)
    assert [refused(must_work_for, own, each) is None for each in (DLH, JOHOR)] == [True, False]
    assert [refused(must_work_for, wide, each) is None for each in (DLH, JOHOR)] == [True, True]
    for each in (own, wide):
        assert not any((each.is_mayor, each.is_office, each.acts_for_mayor, each.is_reviewer, each.is_admin))
        assert not any((each.handles_cases, each.headed_ids, each.may_be_person, each.case_headed_ids))
    assert [each.sees_drafts for each in (own, wide, through(TokenScope.READ, wide=True))] == [False, True, False]


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_lies_in_the_network_to_which_it_locks_a_token(address: IPv4Address | IPv6Address) -> None:
    network = network_of(str(address))
    assert network is not None
    assert is_within(str(address), [network])


def test_what_is_no_address_lies_in_no_network() -> None:
    assert network_of("unknown") is None
    assert not is_within("unknown", ["0.0.0.0/0", "::/0"])
    assert not is_within("10.4.0.1", [])
    assert is_within("::ffff:10.4.0.1", ["10.4.0.0/16"]), "as a socket of both kinds tells it"
    assert not is_within("10.5.0.1", ["10.4.0.0/16", "2001:db8::/32"])
    assert ip_network(network_of("2001:db8::1") or "") == ip_network("2001:db8::/64")
    assert network_of("::ffff:10.4.0.1") == network_of("10.4.0.1") == "10.4.0.1/32"


@dataclass(frozen=True)
class Ends:
    """A token of which only its end matters."""

    id: UUID
    expires_at: datetime


@pytest.mark.parametrize(
    ("days", "kind"),
    [(31, None), (30, InboxKind.TOKEN_EXPIRES), (8, InboxKind.TOKEN_EXPIRES), (7, InboxKind.TOKEN_EXPIRES_SOON)],
)
def test_administrators_are_told_of_the_last_end_and_nobody_else(days: int, kind: InboxKind | None) -> None:
    last = Ends(UUID(int=2), NOW + timedelta(days=days))
    tokens = [Ends(UUID(int=1), NOW + timedelta(days=1)), last]
    found = [(each.kind, each.subject_id) for each in of_tokens(ADMIN, tokens, NOW)]
    assert found == ([] if kind is None else [(kind, last.id)])
    assert not [*of_tokens(MAYOR, tokens, NOW)]


def test_a_tokens_requests_are_counted_in_windows_of_a_minute_and_peoples_not_at_all() -> None:
    now = [0.0]
    limits = TokenLimits(2, lambda: now[0])
    token = through(TokenScope.READ)
    assert limits.take(ADMIN) is None
    told = []
    for at in (0.0, 10.0, 20.0, SECONDS - 0.5, float(SECONDS)):
        now[0] = at
        left = limits.take(token)
        assert left is not None
        told.append((left.remaining, left.resets_in, left.is_used_up))
    assert told == [(1, 60, False), (0, 50, False), (0, 40, True), (0, 1, True), (1, 60, False)]
