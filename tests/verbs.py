"""What the witness knows of verbs, and how their documents are written."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from server.rules.aggregates import DECLARED, VERBS
from server.schema import schema

# The one event of each verb, and behind it what may come beside it in the same transaction.
EVENTS: Mapping[str, tuple[str, ...]] = {
    name: (verb.event.name, *(event.name for event in verb.beside))
    for name, verb in VERBS.items()
    if verb.event is not None
}
# On many rows: the first of its events may be any of them.
OF_MANY = frozenset(name for _, each in DECLARED for name in each.many)
# In an approved plan these only propose, by the head, or prepare, by staff.
PROPOSING = frozenset({"createTarget", "archiveTarget", "restoreTarget", "amendTarget"})
# What several people's verbs may leave in one transaction, each on a subject of its own.
TOGETHER = (
    *("TASK_STARTED", "TASK_PROGRESS_REPORTED", "TASK_CHECKLIST_ITEM_TICKED"),
    *("TASK_BLOCKED", "TASK_UNBLOCKED", "TASK_SUPPORT_ASKED"),
)
# What the system does when a plan is closed.
ENDED_WITH_PLAN = frozenset({"TASK_CARRIED_OVER", "TASK_CANCELLED", "TARGET_AMENDMENT_WITHDRAWN"})
# What is done at /auth and not by a verb.
AT_THE_DOOR = frozenset({"SIGNED_OUT", "SIGNED_OUT_EVERYWHERE", "PASSWORD_SET"})
# A …Changed subscription: the list it is the change of.
LISTS: Mapping[str, str] = {
    "taskChanged": "tasks",
    "targetChanged": "targets",
    "workPlanChanged": "workPlans",
    "requestChanged": "requests",
    "escalationChanged": "escalations",
}
NODE: Mapping[str, str] = {
    "taskChanged": "version title status progress priority dueOn workPlan { id } target { id } assignee { id }",
    "targetChanged": "version indicator targetValue dueOn realised achievement owner { code }",
    "workPlanChanged": "version title status year organisation { code }",
    "requestChanged": "version status title neededOn agreedDueOn asker { code } giver { code } commitment { id }"
    " redirects { toGiver { code } } counterOffer { terms }",
    "escalationChanged": "version status statement reply filer { code } respondent { code } closedAt",
}
ERRORS = (
    "errors { __typename code message path ... on InvalidInput { constraint } ... on MoveNotAllowed { from to allowed }"
    " ... on StaleVersion { current } ... on LimitReached { limit }"
    " ... on NotEligible { missing { ground why eligibleAt } } }"
)


def watched_of(field: str) -> str:
    """What is watched of a …Changed subscription's node."""
    assert field in NODE, f"tests/verbs.py: say in NODE what is watched of {field}, and in LISTS which list it is of"
    return NODE[field]


def payload_of(verb: str) -> tuple[GraphQLObjectType, str]:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    field = mutation.fields[verb]
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    return payload, str(field.args["input"].type)


def mutation_of(verb: str) -> str:
    """The mutation that a value of the enum `Verb` names."""
    return to_camel_case(verb.lower())


def own_fields(payload: GraphQLObjectType) -> str:
    """Of the payload's object, its id and (where it has one) its version."""
    if payload.name.endswith("RowsPayload"):
        return "changedCount unchangedCount refusedCount"
    for name, field in payload.fields.items():
        type_ = get_named_type(field.type) if name == "requests" else field.type
        if isinstance(type_, GraphQLObjectType) and name != "event":
            return f"{name} {{ id {'version' if 'version' in type_.fields else ''} }}"
    raise AssertionError(payload)


def change_of(field: str, node: str | None) -> tuple[str, dict[str, str]]:
    subscription = schema._schema.subscription_type
    assert subscription is not None
    types = {name: str(argument.type) for name, argument in subscription.fields[field].args.items()}
    if field == "events":
        return f"{{ cursor id {'type' if node is None else node} }}", types
    chosen = watched_of(field) if node is None else node
    return f"{{ kind nodeId cursor changedFields event {{ id type }} node {{ id {chosen} }} }}", types
