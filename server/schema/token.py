"""Tokens of service accounts, as administrators read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from server.query.declare.fields import Context, add_field, column, derived, root_list, root_one, table, to_many, to_one
from server.rules.aggregates import offered_on
from server.rules.token import TOKEN, TokenFacts
from server.rules.viewer import TokenScope
from server.schema.account import Account
from server.schema.allowed_action import AllowedAction, offered
from server.schema.connection import Connection
from server.schema.deprecation import DeprecatedUse
from server.schema.enums import described
from server.schema.node import Subject, called_by

described(
    TokenScope,
    "What a token opens.",
    READ="All that its account may see; every token has it. Never a case.",
    PLANS_WRITE="Drawing up: plans and targets until they are submitted, and what is prepared for a head to sign.",
    TASKS_WRITE="Tasks, their checklists, evidence and comments; not what was promised to another organisation.",
    READINGS_WRITE="The readings of targets.",
    REQUESTS_WRITE="Of collaboration requests: messages, and progress and evidence of what was promised.",
)


def _scopes(values: Any, context: Context) -> list[TokenScope]:
    return [TokenScope(each) for each in values.scopes]


@table(
    TOKEN,
    is_small=True,
    order=["-expires_at"],
    description="By which a program asks and acts as its service account. Seen by administrators, and by that account.",
)
class Token(Subject):
    label: str = called_by("name")
    name: str = column("What it is called, in the log as well.", filter=False, why="tokens are few")
    account: Account = to_one("account_id", "Whose it is: a service account.")
    made_by: Account | None = to_one(
        "made_by_id", "Which administrator made it; null when it was made on the server's command line."
    )
    scopes: list[TokenScope] = derived({"scopes": "scopes"}, _scopes, "What it opens.")
    is_city_wide: bool = column(
        "True: for every organisation. False: for its account's alone.", filter=False, why="tokens are few"
    )
    networks: list[str] = derived(
        {"networks": "networks"},
        lambda values, context: list(values.networks),
        "From which networks alone it counts, such as `10.4.0.0/16`; empty: from all, or not used yet where "
        "`locksNetwork` is true.",
    )
    locks_network: bool = column(
        "True: it counts from that network alone from which it is used first.", filter=False, why="tokens are few"
    )
    expires_at: dt.datetime = column("When it ends.", order=True)
    revoked_at: dt.datetime | None = column("When it was revoked; null while it was not.")
    last_used_at: dt.datetime | None = column(
        "When it was used last, to the minute; null before the first time.", filter=False, why="tokens are few"
    )
    deprecated_uses: Connection[DeprecatedUse] = to_many(
        "token_id",
        "What of the API that is to go was asked for through it, the latest first; for administrators.",
        order=["-last_used_at"],
    )
    allowed_actions: list[AllowedAction] = offered((TokenFacts, offered_on("Token")))


add_field(
    Account,
    "tokens",
    Connection[Token],
    to_many(
        "account_id",
        "Its tokens, the last to end first; for administrators and itself, empty for all others.",
        order=["-expires_at"],
    ),
)
add_field(DeprecatedUse, "token", Token | None, to_one("token_id", "Through which token; null for a person."))

queries = [
    root_one("token", Token, "One token; null when unknown or hidden.", by="id"),
    root_list(
        "tokens",
        Connection[Token],
        "All tokens, the last to end first; for administrators, for a service account its own.",
        search=False,
    ),
]
