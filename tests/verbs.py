"""What the witness knows of verbs, and how their documents are written."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLObjectType, get_named_type

from server.schema import schema

# The one event of each verb. What stands behind it may come beside it in the same transaction.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "addHoliday": ("CITY_HOLIDAY_ADDED",),
    "removeHoliday": ("CITY_HOLIDAY_REMOVED",),
    "createOrganisation": ("ORGANISATION_CREATED",),
    "updateOrganisation": ("ORGANISATION_UPDATED",),
    "endOrganisation": ("ORGANISATION_ENDED",),
    "appoint": ("APPOINTMENT_MADE",),
    "endAppointment": ("APPOINTMENT_ENDED",),
    "createProgramme": ("PROGRAMME_CREATED",),
    "updateProgramme": ("PROGRAMME_UPDATED",),
    "endProgramme": ("PROGRAMME_ENDED",),
    "createAccount": ("ACCOUNT_CREATED",),
    "updateAccount": ("ACCOUNT_UPDATED", "SIGNED_OUT_EVERYWHERE"),
    "disableAccount": ("ACCOUNT_DISABLED", "SIGNED_OUT_EVERYWHERE"),
    "enableAccount": ("ACCOUNT_ENABLED",),
    "setPassword": ("PASSWORD_LINK_MADE",),
    "signOutEverywhere": ("SIGNED_OUT_EVERYWHERE",),
    "createWorkPlan": ("WORK_PLAN_CREATED",),
    "updateWorkPlan": ("WORK_PLAN_UPDATED",),
    "submitWorkPlan": ("WORK_PLAN_SUBMITTED", "TARGET_PUBLISHED", "TASK_PUBLISHED"),
    "takeBackWorkPlan": ("WORK_PLAN_TAKEN_BACK",),
    "returnWorkPlan": ("WORK_PLAN_RETURNED",),
    "approveWorkPlan": ("WORK_PLAN_APPROVED",),
    "closeWorkPlan": ("WORK_PLAN_CLOSED",),
    "reopenWorkPlan": ("WORK_PLAN_REOPENED",),
    "archiveWorkPlan": ("WORK_PLAN_ARCHIVED", "TARGET_ARCHIVED", "TASK_ARCHIVED", "TASK_MOVED"),
    "restoreWorkPlan": ("WORK_PLAN_RESTORED", "TARGET_RESTORED", "TASK_RESTORED"),
    "createTarget": ("TARGET_CREATED",),
    "updateTarget": ("TARGET_UPDATED",),
    "setMilestones": ("TARGET_MILESTONES_SET",),
    "handOverTarget": ("TARGET_HANDED_OVER",),
    "archiveTarget": ("TARGET_ARCHIVED",),
    "restoreTarget": ("TARGET_RESTORED",),
    "amendTarget": ("TARGET_AMENDMENT_PROPOSED",),
    "approveAmendment": ("TARGET_AMENDMENT_APPROVED",),
    "returnAmendment": ("TARGET_AMENDMENT_RETURNED",),
    "withdrawAmendment": ("TARGET_AMENDMENT_WITHDRAWN",),
    "recordMeasurement": ("TARGET_MEASURED",),
    "supersedeMeasurement": ("TARGET_MEASUREMENT_SUPERSEDED",),
    "createTask": ("TASK_CREATED",),
    "orderTask": ("TASK_ORDERED",),
    "updateTask": ("TASK_UPDATED",),
    "assignTask": ("TASK_ASSIGNED",),
    "startTask": ("TASK_STARTED",),
    "reportProgress": ("TASK_PROGRESS_REPORTED",),
    "blockTask": ("TASK_BLOCKED",),
    "unblockTask": ("TASK_UNBLOCKED",),
    "askForSupport": ("TASK_SUPPORT_ASKED",),
    "completeTask": ("TASK_COMPLETED",),
    "reopenTask": ("TASK_REOPENED",),
    "cancelTask": ("TASK_CANCELLED",),
    "moveTask": ("TASK_MOVED",),
    "setTaskDependencies": ("TASK_DEPENDENCIES_SET",),
    "addChecklistItem": ("TASK_CHECKLIST_ITEM_ADDED",),
    "tickChecklistItem": ("TASK_CHECKLIST_ITEM_TICKED",),
    "removeChecklistItem": ("TASK_CHECKLIST_ITEM_REMOVED",),
    "addEvidence": ("TASK_EVIDENCE_ADDED",),
    "commentOnTask": ("TASK_COMMENTED",),
    "editComment": ("TASK_COMMENT_EDITED",),
    "removeComment": ("TASK_COMMENT_REMOVED",),
    "archiveTask": ("TASK_ARCHIVED",),
    "restoreTask": ("TASK_RESTORED",),
    "requestCollaboration": ("REQUEST_MADE", "REQUEST_MADE"),
    "offerHelp": ("REQUEST_OFFERED",),
    "acceptRequest": ("REQUEST_ACCEPTED", "TASK_CREATED"),
    "declineRequest": ("REQUEST_DECLINED",),
    "counterRequest": ("REQUEST_COUNTERED",),
    "acceptCounter": ("REQUEST_COUNTER_ACCEPTED", "TASK_CREATED"),
    "refuseCounter": ("REQUEST_COUNTER_REFUSED",),
    "redirectRequest": ("REQUEST_REDIRECTED",),
    "objectToRedirect": ("REQUEST_REDIRECT_OBJECTED",),
    "assignRequest": ("REQUEST_ASSIGNED",),
    "askForInformation": ("REQUEST_INFORMATION_ASKED",),
    "answerQuestion": ("REQUEST_QUESTION_ANSWERED",),
    "proposeNewDate": ("REQUEST_NEW_DATE_PROPOSED",),
    "agreeNewDate": ("REQUEST_NEW_DATE_AGREED", "TASK_UPDATED"),
    "refuseNewDate": ("REQUEST_NEW_DATE_REFUSED",),
    "deliverRequest": ("REQUEST_DELIVERED",),
    "confirmDelivery": ("REQUEST_CONFIRMED",),
    "disputeDelivery": ("REQUEST_DISPUTED",),
    "resumeDelivery": ("REQUEST_DELIVERY_RESUMED", "TASK_REOPENED"),
    "withdrawRequest": ("REQUEST_WITHDRAWN",),
    "postMessage": ("REQUEST_MESSAGE_POSTED",),
    "fileEscalation": ("ESCALATION_FILED",),
    "replyToEscalation": ("ESCALATION_REPLIED",),
    "proposeMediation": ("ESCALATION_MEDIATION_PROPOSED",),
    "concludeMediation": ("ESCALATION_MEDIATION_CONCLUDED",),
    "withdrawEscalation": ("ESCALATION_WITHDRAWN",),
    "remarkOnEscalation": ("ESCALATION_REMARKED",),
    "decideEscalation": ("ESCALATION_DECIDED", "ESCALATION_CLOSED"),
    "appendToDecision": ("ESCALATION_DECISION_APPENDED",),
    "addFollowUp": ("ESCALATION_FOLLOW_UP_ADDED",),
    "closeFollowUp": ("ESCALATION_FOLLOW_UP_CLOSED", "ESCALATION_CLOSED"),
    "objectToFollowUp": ("ESCALATION_FOLLOW_UP_OBJECTED",),
    "delegateDecisions": ("DECISIONS_DELEGATED",),
    "endDelegation": ("DELEGATION_ENDED",),
}
# In an approved plan these only propose.
PROPOSING = frozenset({"createTarget", "archiveTarget", "restoreTarget"})
# What several people's verbs may leave in one transaction, each on a subject of its own.
TOGETHER = (
    *("TASK_STARTED", "TASK_PROGRESS_REPORTED", "TASK_CHECKLIST_ITEM_TICKED"),
    *("TASK_BLOCKED", "TASK_UNBLOCKED", "TASK_SUPPORT_ASKED"),
)
# What is done at /auth and not by a verb.
AT_THE_DOOR = frozenset({"SIGNED_OUT", "SIGNED_OUT_EVERYWHERE", "PASSWORD_SET"})
# A …Changed subscription: the list it is the change of.
LISTS: Mapping[str, str] = {
    "taskChanged": "tasks",
    "targetChanged": "targets",
    "workPlanChanged": "workPlans",
    "requestChanged": "collaborationRequests",
    "escalationChanged": "escalations",
}
NODE: Mapping[str, str] = {
    "taskChanged": "version title status progress priority dueOn workPlan { id } target { id } assignee { id }",
    "targetChanged": "version indicator targetValue dueOn realised achievement owner { code }",
    "workPlanChanged": "version title status year organisation { code }",
    "requestChanged": "version status subject neededBy agreedDate asker { code } giver { code } commitment { id }"
    " redirects { to { code } } counterOffer { terms }",
    "escalationChanged": "version status statement reply filer { code } respondent { code } closedAt",
}
ERRORS = (
    "errors { __typename code message path ... on InvalidInput { constraint } ... on MoveNotAllowed { from to allowed }"
    " ... on StaleVersion { current } ... on LimitReached { limit }"
    " ... on NotEligible { missing { ground why eligibleAt } } }"
)


def payload_of(verb: str) -> tuple[GraphQLObjectType, str]:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    field = mutation.fields[verb]
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    return payload, str(field.args["input"].type)


def own_fields(payload: GraphQLObjectType) -> str:
    """Of the payload's object, its id and (where it has one) its version."""
    for name, field in payload.fields.items():
        type_ = field.type
        if isinstance(type_, GraphQLObjectType) and name != "event":
            return f"{name} {{ id {'version' if 'version' in type_.fields else ''} }}"
    raise AssertionError(payload)


def change_of(field: str, node: str | None) -> tuple[str, dict[str, str]]:
    subscription = schema._schema.subscription_type
    assert subscription is not None
    types = {name: str(argument.type) for name, argument in subscription.fields[field].args.items()}
    if field == "events":
        return f"{{ cursor id {'type' if node is None else node} }}", types
    chosen = NODE[field] if node is None else node
    return f"{{ kind id cursor changedFields event {{ id type }} node {{ id {chosen} }} }}", types
