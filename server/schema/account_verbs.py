"""The verbs on accounts: inputs, payloads, mutations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from server.actions import account as actions
from server.actions.case_access import confirm_case_access
from server.auth.tokens import TokenKind
from server.events.log import Recorded
from server.query.declare.declaration import ManyToMany
from server.query.declare.fields import by_id
from server.rules.viewer import Role
from server.schema.context import RequestContext
from server.schema.keys import OrganisationKey
from server.schema.mutation import Payload, command, fact_id, field, verb

if TYPE_CHECKING:
    from server.schema.account import Account


def account_of(event: Recorded) -> UUID:
    """The account of an event about it, or about what is its own: a sign-in, a password link."""
    return fact_id(event, "accountId") if "accountId" in event.facts else event.subject_id


@strawberry.type(description="An account after a verb on it.")
class AccountPayload(Payload):
    object = "account"
    account_id: strawberry.Private[UUID | None] = None
    account: Account | None = by_id("The account as it is now; null when the verb was refused.")

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        return account_of(event)


@strawberry.type(description="An account and the link with which its person sets a password.")
class PasswordLinkPayload(Payload):
    object = "account"
    account_id: strawberry.Private[UUID | None] = None
    account: Account | None = by_id("The account; null when the verb was refused.")
    link: str | None = strawberry.field(
        default=None,
        description="The path of a page on this server, to be given to the person. It works once, for three days, and "
        "is shown only now: null in a replay.",
    )

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        return account_of(event)

    @classmethod
    def told(cls, more: Mapping[str, Any], context: RequestContext) -> Mapping[str, Any]:
        return {"link": "/auth/password#" + context.tokens.kept(TokenKind.PASSWORD_LINK, more["token"])}


# By the event of the first: those of the same transaction.
CONFIRMED_TOGETHER = ManyToMany(
    "(SELECT DISTINCT o.id AS one_id, c.account_id AS other_id FROM {table:event} o JOIN {table:event} e"
    " ON e.epoch = o.epoch AND e.xid = o.xid AND e.type = o.type JOIN {table:case_access} c ON c.id = e.subject_id)",
    *("one_id", "other_id"),
    order=("created_at",),
)


@strawberry.type(description="Several accounts after a verb on all of them.")
class AccountsPayload(Payload):
    object = "account"
    account_id: strawberry.Private[UUID | None] = None
    account: Account | None = by_id("The first of them as it is now; null when the verb was refused.")
    accounts: list[Account] | None = by_id(
        "The oldest 100 of them as they are now; null when the verb was refused or only tried.",
        attribute="event_id",
        link=CONFIRMED_TOGETHER,
    )

    @classmethod
    def object_id(cls, event: Recorded) -> UUID:
        return account_of(event)


ACCOUNT = "The account."


@command("A new account. It cannot sign in until a password is set.", versioned=False)
class CreateAccountInput:
    organisation: OrganisationKey = field("Where the person works.")
    login: str = field(
        "What it signs in with: small letters and digits, parted by single dots, hyphens or underscores."
    )
    name: str = field("The person's name, 1 to 200 characters.")
    role: Role = field("What it may do of itself.")
    title: str | None = field("The position's title.", default=None)


@command("What to change of an account. What is left out stays as it is; null clears.")
class UpdateAccountInput:
    account_id: strawberry.ID = field(ACCOUNT)
    name: str | None = field("The person's name; cannot be cleared.", default=strawberry.UNSET)
    title: str | None = field("The position's title.", default=strawberry.UNSET)
    organisation: OrganisationKey | None = field("Where the person works; cannot be cleared.", default=strawberry.UNSET)
    role: Role | None = field("What it may do of itself; cannot be cleared.", default=strawberry.UNSET)
    login: str | None = field("What it signs in with; cannot be cleared.", default=strawberry.UNSET)


@command("An account, and nothing else.")
class AccountOnly:
    account_id: strawberry.ID = field(ACCOUNT)


@command("The accounts for whose persons cases are.", versioned=False)
class ConfirmCaseAccessInput:
    account_ids: list[strawberry.ID] = field("The accounts, 1 to 200.")


mutations = [
    verb(actions.create_account, CreateAccountInput, AccountPayload, "Make an account. Administrators."),
    verb(actions.update_account, UpdateAccountInput, AccountPayload, "Change an account. Administrators."),
    verb(
        actions.disable_account,
        AccountOnly,
        AccountPayload,
        "Take an account's right to sign in, and end its sign-ins at once. Administrators.",
    ),
    verb(
        actions.enable_account,
        AccountOnly,
        AccountPayload,
        "Give a disabled account its right to sign in again. Administrators.",
    ),
    verb(
        actions.make_password_link,
        AccountOnly,
        PasswordLinkPayload,
        "Make a one-time link with which the person sets a password. Administrators.",
    ),
    verb(
        actions.sign_out_everywhere,
        AccountOnly,
        AccountPayload,
        "End every sign-in of an account at once. One's own, or any by an administrator.",
    ),
    verb(
        confirm_case_access,
        ConfirmCaseAccessInput,
        AccountsPayload,
        "Confirm that cases are for these accounts' persons: all or none. Those who act for the mayor, with case "
        "access themselves; not their own account, and none of which they made a change since it had case access.",
    ),
]
