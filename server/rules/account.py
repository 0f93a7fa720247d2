"""What may be done with accounts: all of it by administrators, but what a person does to the own account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds
from server.rules.aggregate import Aggregate, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import Moment, at, rows_of
from server.rules.organisation import OrganisationFacts, must_not_have_ended
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import WORKING, Role, Viewer
from server.rules.visibility import EVERYONE, OWN_ACTS

# NIST SP 800-63B: length counts, not kinds of characters. The upper bound keeps hashing cheap.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

# However often it is used, a sign-in ends then; whoever is signed in by it is warned before.
LONGEST_SIGN_IN = timedelta(days=30)
# For so long the refresh token before the newest is answered with the newest: for lost answers and second tabs.
REPEATABLE = timedelta(seconds=60)
WARNED_BEFORE = timedelta(days=2)


# To these roles anybody may step down.
LOWEST: Final = frozenset({Role.STAFF, Role.OBSERVER})

IS_LAST_ADMINISTRATOR = (
    "({t}.role = 'ADMIN' AND {t}.is_active AND NOT EXISTS"
    " (SELECT 1 FROM account a WHERE a.role = 'ADMIN' AND a.is_active AND a.id <> {t}.id))"
)
OFFICES = (
    "(SELECT jsonb_agg(jsonb_build_array(a.organisation_id, a.valid_from, a.valid_to))"
    " FROM appointment a WHERE a.account_id = {t}.id)"
)


def _headed(offices: list[list[Any]] | None, moment: Moment) -> frozenset[UUID]:
    """The organisations whose offices it holds today, of OFFICES."""
    today = moment.today.isoformat()
    return frozenset(
        UUID(organisation_id)
        for organisation_id, first, last in offices or ()
        if first <= today and (last is None or today <= last)
    )


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What the rules need to know of an account."""

    id: UUID
    organisation_id: UUID
    role: Role
    is_active: bool
    is_last_administrator: bool = field(metadata=at(IS_LAST_ADMINISTRATOR))


@rows_of("account")
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInFull(AccountFacts):
    """With the columns that a verb compares with its input, and the organisations that it heads today."""

    name: str
    title: str | None
    login: str
    heads: frozenset[UUID] = field(metadata=at(OFFICES, _headed))

    def must_work_for(self, organisation_id: UUID, *path: str, **facts: object) -> None:
        """That it may be given what the organisation is to do: its head's, or of somebody who works there and is
        active. Programs, administrators and observers do none of it. `facts`: of the refusal of another's."""
        if organisation_id not in self.heads:
            if organisation_id != self.organisation_id:
                raise Refused(Code.WRONG_ORGANISATION, *path, **facts)
            if self.role not in WORKING:
                raise Refused(Code.WRONG_KIND, *path, expected=Role.STAFF)
        if not self.is_active:
            raise Refused(Code.ACCOUNT_DISABLED, *path)


class AccountChange(TypedDict, total=False):
    """The columns that a verb changes."""

    name: str
    title: str | None
    organisation_id: UUID
    role: Role
    login: str
    is_active: bool


class AccountPatch(TypedDict, total=False):
    """What `updateAccount` may change: absent means unchanged, None means clear."""

    name: str | None
    title: str | None
    organisation_id: UUID
    role: Role
    login: str | None


def may_create_account(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    must_be_admin(viewer)
    must_not_have_ended(organisation, today)


def may_update_account(viewer: Viewer, account: AccountFacts, today: date) -> None:
    must_be_admin(viewer)


def may_disable_account(viewer: Viewer, account: AccountFacts, today: date) -> None:
    """All but the last administrator: somebody must be able to enable accounts."""
    must_be_admin(viewer)
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED)
    if account.is_last_administrator:
        raise Refused(Code.LAST_ADMINISTRATOR)


def may_enable_account(viewer: Viewer, account: AccountFacts, today: date) -> None:
    must_be_admin(viewer)
    if account.is_active:
        raise Refused(Code.ACCOUNT_ENABLED)


def may_make_password_link(viewer: Viewer, account: AccountFacts, today: date) -> None:
    """An administrator makes a one-time link for another; the password is known only to the person who follows it."""
    must_be_admin(viewer)
    if account.id == viewer.account_id:
        raise Refused(Code.OWN_ACCOUNT)
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED)


def may_sign_out_everywhere(viewer: Viewer, account: AccountFacts, today: date) -> None:
    """One's own account, or any by an administrator."""
    if account.id != viewer.account_id:
        must_be_admin(viewer)


ACCOUNT: Final = Aggregate[AccountFacts](
    name="Account",
    table="account",
    prefix="acct",
    visibility=EVERYONE,
    called=(
        "assignee",
        "accepted_by",
        "made_by",
        "prepared_by",
        "proposed_by",
        "responsible",
        "submitted_by",
        "approved_by",
        "answered_by",
        "stand_in",
        "counter_made_by",
        "filed_by",
        "replied_by",
        "person",
        "decided_person",
        "mediation_proposed_by",
        "decided_by",
        "on_behalf_of",
        "author",
        "delegated_by",
        "actor",
        "from_account",
        "to_account",
        "handed_over_by",
    ),
    verbs={
        "updateAccount": Verb(
            may_update_account,
            EventType.ACCOUNT_UPDATED,
            (EventType.SIGNED_OUT_EVERYWHERE, EventType.CASE_ACCESS_LOST, EventType.TOKEN_REVOKED),
        ),
        "disableAccount": Verb(
            may_disable_account, EventType.ACCOUNT_DISABLED, (EventType.SIGNED_OUT_EVERYWHERE, EventType.TOKEN_REVOKED)
        ),
        "enableAccount": Verb(may_enable_account, EventType.ACCOUNT_ENABLED),
        "makePasswordLink": Verb(may_make_password_link, EventType.PASSWORD_LINK_MADE),
        "signOutEverywhere": Verb(may_sign_out_everywhere, EventType.SIGNED_OUT_EVERYWHERE),
    },
    offered={"Organisation": {"createAccount": Verb(may_create_account, EventType.ACCOUNT_CREATED)}},
    of_itself=(EventType.ACCOUNT_PASSED_ON,),
    exempt={
        "watched": "who watches people come and go is an administrator, who lists them",
    },
)
SIGN_IN: Final = Aggregate[None](
    name="SignIn",
    table="sign_in",
    prefix="signin",
    visibility=OWN_ACTS,
    of_itself=(EventType.SIGNED_OUT, EventType.PASSWORD_SET),
    exempt={
        "twins": "a sign-in is written at the door: actions/sign_in.py",
        "type": "nobody reads sign-ins; its events tell of it",
        "demo": "nobody of the demo year signs in",
    },
)
PASSWORD_LINK: Final = Aggregate[None](
    name="PasswordLink",
    table="password_link",
    prefix="link",
    visibility=OWN_ACTS,
    exempt={
        "twins": "made and used at the door: actions/sign_in.py",
        "type": "it holds a secret; its events tell of it",
        "demo": "nobody of the demo year signs in",
    },
)


def create_account(
    viewer: Viewer,
    organisation: OrganisationFacts,
    login: str | None,
    name: str | None,
    title: str | None,
    role: Role,
    is_login_taken: bool,
    today: date,
) -> AccountChange:
    """An account that cannot sign in until its password is set."""
    may_create_account(viewer, organisation, today)
    return new_account(organisation, login, name, title, role, is_login_taken)


def new_account(
    organisation: OrganisationFacts,
    login: str | None,
    name: str | None,
    title: str | None,
    role: Role,
    is_login_taken: bool,
) -> AccountChange:
    """The same without asking for permission: an installation's first account is made on the command line."""
    return {
        "organisation_id": organisation.id,
        "login": _free(login, is_login_taken),
        "name": bounds.text(name, bounds.NAME, "name"),
        "title": bounds.optional_text(title, bounds.NAME, "title"),
        "role": role,
        "is_active": True,
    }


def update_account(
    viewer: Viewer,
    account: AccountInFull,
    patch: AccountPatch,
    organisation: OrganisationFacts | None,
    is_login_taken: bool,
    today: date,
) -> AccountChange:
    """`organisation` stands behind the patch's `organisation_id`; `is_login_taken`: by another account."""
    may_update_account(viewer, account, today)
    columns = cast(AccountChange, dict(patch))
    if "login" in patch:
        columns["login"] = _free(patch["login"], is_login_taken)
    if "name" in patch:
        columns["name"] = bounds.text(patch["name"], bounds.NAME, "name")
    if "title" in patch:
        columns["title"] = bounds.optional_text(patch["title"], bounds.NAME, "title")
    if "role" in patch and bounds.given(patch["role"], "role") is Role.INTEGRATION and account.heads:
        raise Refused(Code.WRONG_KIND, "role", expected=Role.HEAD)  # a program holds no office
    if organisation is not None and organisation.id != account.organisation_id:
        must_not_have_ended(organisation, today, "organisation")
    if account.id == viewer.account_id:
        _must_not_promote(account, columns)
    if account.is_last_administrator and patch.get("role", Role.ADMIN) is not Role.ADMIN:
        raise Refused(Code.LAST_ADMINISTRATOR, "role")
    return cast(AccountChange, changed(account, columns))


def _must_not_promote(account: AccountFacts, columns: AccountChange) -> None:
    """Of the own account: what decides what one may do is another administrator's to change."""
    if columns.get("role", account.role) not in {account.role, *LOWEST}:
        raise Refused(Code.OWN_ACCOUNT, "role")
    if columns.get("organisation_id", account.organisation_id) != account.organisation_id:
        raise Refused(Code.OWN_ACCOUNT, "organisation")


def disable_account(viewer: Viewer, account: AccountFacts, today: date) -> AccountChange:
    may_disable_account(viewer, account, today)
    return {"is_active": False}


def enable_account(viewer: Viewer, account: AccountFacts, today: date) -> AccountChange:
    may_enable_account(viewer, account, today)
    return {"is_active": True}


def password(value: str | None, login: str, *path: str) -> str:
    """A password that may be set: 12 to 200 characters, other than the login and not merely the login repeated."""
    if not value:
        raise Refused(Code.REQUIRED, *path, constraint=f"{SHORTEST_PASSWORD}..{LONGEST_PASSWORD}")
    if not SHORTEST_PASSWORD <= len(value) <= LONGEST_PASSWORD:
        raise Refused(Code.OUT_OF_RANGE, *path, constraint=f"{SHORTEST_PASSWORD}..{LONGEST_PASSWORD}")
    if not value.casefold().replace(login.casefold(), "").strip() or len(set(value)) == 1:
        raise Refused(Code.MALFORMED, *path, constraint="password")
    return value


def known_login(typed: str) -> str | None:
    """The login that somebody means who typed this at the door; None where no account can have it."""
    try:
        return bounds.login(bounds.as_login(typed), "login")
    except Refused:
        return None


def may_repeat_refresh(exchanged_at: datetime, now: datetime, *, is_same_key: bool) -> bool:
    """Whether who brings the token before the newest gets the newest, and is not taken for a thief.

    `is_same_key`: under the very idempotency key of the exchange, which nobody else knows.
    """
    return is_same_key or now - exchanged_at <= REPEATABLE


def _free(login: str | None, is_taken: bool) -> str:
    text = bounds.login(login, "login")
    if is_taken:
        raise Refused(Code.ALREADY_EXISTS, "login")
    return text
