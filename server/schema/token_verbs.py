"""The verbs on tokens: inputs, payload, mutations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from server.actions import token as actions
from server.auth.tokens import TokenKind
from server.query.declare.fields import by_id
from server.rules.viewer import TokenScope
from server.schema.context import RequestContext
from server.schema.mutation import Payload, command, field, verb

if TYPE_CHECKING:
    from server.schema.token import Token


@strawberry.type(description="A token after a verb on it.")
class TokenPayload(Payload):
    object = "token"
    token_id: strawberry.Private[UUID | None] = None
    token: Token | None = by_id("The token as it is now; null when the verb was refused.")


@strawberry.type(description="A new token.")
class CreateTokenPayload(Payload):
    object = "token"
    token_id: strawberry.Private[UUID | None] = None
    token: Token | None = by_id("The token; null when the verb was refused.")
    secret: str | None = strawberry.field(
        default=None,
        description="What the program sends: `Authorization: Bearer <secret>`. It is shown only now, and kept nowhere: "
        "null in a replay, and of a dry run good for nothing.",
    )

    @classmethod
    def told(cls, more: Mapping[str, Any], context: RequestContext) -> Mapping[str, Any]:
        return {"secret": context.tokens.kept(TokenKind.PROGRAM, more["token"])}


@command("A new token for a service account.", versioned=False)
class CreateTokenInput:
    account_id: strawberry.ID = field("The service account: one of the role INTEGRATION.")
    name: str = field("What it is called, 1 to 200 characters: others read it in the log beside what was done.")
    scopes: list[TokenScope] = field("What it opens; READ is always among them.")
    lifetime_days: int = field("After how many days it ends, 1 to 365.")
    is_city_wide: bool | None = field("True: for every organisation, not its account's alone.", default=False)
    networks: list[str] | None = field(
        "At most 20 addresses or networks, such as `10.4.0.0/16`, from which alone it counts. Left out: from all.",
        default=None,
    )
    locks_network: bool | None = field(
        "True: it counts from that network alone from which it is used first: the address, of IPv6 its /64.",
        default=False,
    )


@command("A token, and nothing else.")
class TokenOnly:
    token_id: strawberry.ID = field("The token.")


mutations = [
    verb(
        actions.create_token,
        CreateTokenInput,
        CreateTokenPayload,
        "Make a token for a program, two at a time for an account, so that one can take the other's place. "
        "Administrators.",
    ),
    verb(
        actions.revoke_token,
        TokenOnly,
        TokenPayload,
        "End a token at once, with all that it follows live. Administrators.",
    ),
]
