"""What is said: GraphQL types, inputs, payloads and their descriptions; no logic. Here they become one schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

import server.schema.enums  # noqa: F401  # before the types: an enum that Strawberry meets first has no descriptions
from server.schema import (
    account,
    account_verbs,
    allowed_action,
    bulk,
    change,
    city,
    city_verbs,
    clock,
    collaboration,
    collaboration_verbs,
    connection,
    deprecation,
    eligibility,
    errors,
    escalation,
    escalation_verbs,
    event,
    groups,
    hand_over_receipt,
    helpfulness,
    inbox,
    labels,
    live,
    mutation,
    node,
    organisation,
    organisation_verbs,
    owner,
    programme,
    status_board,
    status_day,
    summary,
    target,
    target_bulk,
    target_series,
    target_verbs,
    task,
    task_bulk,
    task_verbs,
    token,
    token_verbs,
    wait,
    work_plan,
    work_plan_verbs,
)
from server.schema.declared import check_deprecations, check_modules, check_schema
from server.schema.node import link
from server.schema.scalars import SCALARS

AGGREGATES = (
    *(city, organisation, account, programme, work_plan, target, task, collaboration, escalation, event, inbox),
    groups,
    status_board,
    status_day,
    deprecation,
    token,
    hand_over_receipt,
    wait,
    labels,
)
VERBS = (
    hand_over_receipt,
    city_verbs,
    organisation_verbs,
    account_verbs,
    token_verbs,
    work_plan_verbs,
    target_verbs,
    target_bulk,
    task_verbs,
    task_bulk,
    collaboration_verbs,
    escalation_verbs,
)
PARTS = (
    *(node, connection, errors, allowed_action, summary, helpfulness, clock, eligibility, change, mutation),
    *(bulk, owner, target_series),
)


def _root(name: str, description: str, modules: tuple[Any, ...], attribute: str, more: Sequence[Any] = ()) -> Any:
    """A root type from the lists of the modules; two of one name are refused (Strawberry keeps the last)."""
    fields: list[StrawberryField] = [
        *(field for module in modules for field in getattr(module, attribute, ())),
        *more,
    ]
    twice = [
        field
        for field, count in Counter(field.graphql_name or field.python_name for field in fields).items()
        if count > 1
    ]
    if twice:
        raise TypeError(f"{name}: two fields are called {twice}")
    return create_type(name, fields, description=description)


WATCHED = """What can be watched, over WebSocket (graphql-transport-ws) or Server-Sent Events (text/event-stream).

The payload of connection_init takes the token as `authorization` or `Authorization`, at the top or under `headers`,
with `Bearer ` or bare, and the language as `acceptLanguage`. Whoever is cut off goes on behind the last `cursor` by
giving it as `after` (to an event stream also as Last-Event-ID), and is told of nothing twice.

A socket closes with 1012 when the server stops, 1013 when the database is away or the reader too slow (the reason is
the cursor to go on from) or the account has too many connections, 4403 when the sign-in ran out or its role or office
changed: connect again. It closes with 4401 when nobody is signed in (any more) and 1008 after too many messages:
connecting again is of no use. An event stream that breaks off is to be asked for again; only `complete` is its end."""
check_modules({"queries": AGGREGATES, "subscriptions": AGGREGATES, "mutations": VERBS})
rows = link(*AGGREGATES, *VERBS, *PARTS)
mutations = _root("Mutation", "What can be done: the verbs of the domain.", VERBS, "mutations")
check_schema([to_camel_case(each.python_name) for each in mutations.__strawberry_definition__.fields], rows)
queries = _root("Query", "What can be asked.", AGGREGATES, "queries")
asked_live = live.subscriptions_of(queries)
subscriptions = [*(field for module in AGGREGATES for field in getattr(module, "subscriptions", ())), *asked_live]
schema = strawberry.Schema(
    query=queries,
    mutation=mutations,
    subscription=_root("Subscription", WATCHED, AGGREGATES, "subscriptions", asked_live),
    directives=live.directives,
    types=[*errors.concrete, *(row.type for row in rows)],
    config=StrawberryConfig(scalar_map=SCALARS),
)
graphql_schema = schema._schema
check_deprecations(graphql_schema)


def printed() -> str:
    """The schema as a document, as `schema.graphql` has it."""
    return schema.as_str().rstrip() + "\n"
