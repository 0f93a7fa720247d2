"""The one way to say no: a code, the path of the input at fault, and the facts that the sentence needs."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ParamSpec

P = ParamSpec("P")


class Code(StrEnum):
    """Every reason for which a verb is refused. Closed and documented: GraphQL's `ErrorCode` is this very enum."""

    NOT_FOUND = "NOT_FOUND"
    NOT_YOUR_ORGANISATION = "NOT_YOUR_ORGANISATION"
    NOT_YOUR_ROLE = "NOT_YOUR_ROLE"
    NOT_THE_AUTHOR = "NOT_THE_AUTHOR"
    NOT_AS_ACTING_HEAD = "NOT_AS_ACTING_HEAD"
    OWN_PLAN = "OWN_PLAN"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    OWN_CASE_ACCESS = "OWN_CASE_ACCESS"
    OWN_CHANGE = "OWN_CHANGE"
    CASE_ACCESS_NOT_CONFIRMED = "CASE_ACCESS_NOT_CONFIRMED"
    CASE_ACCESS_CONFIRMED = "CASE_ACCESS_CONFIRMED"
    CASE_ACCESS_BY_OFFICE = "CASE_ACCESS_BY_OFFICE"
    MOVE_NOT_ALLOWED = "MOVE_NOT_ALLOWED"
    STALE_VERSION = "STALE_VERSION"
    KEY_REUSED = "KEY_REUSED"
    REQUIRED = "REQUIRED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    MALFORMED = "MALFORMED"
    NOTHING_TO_CHANGE = "NOTHING_TO_CHANGE"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    ARCHIVED = "ARCHIVED"
    NOT_ARCHIVED = "NOT_ARCHIVED"
    ORGANISATION_ENDED = "ORGANISATION_ENDED"
    ALREADY_ENDED = "ALREADY_ENDED"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    ACCOUNT_ENABLED = "ACCOUNT_ENABLED"
    PLAN_NOT_OPEN = "PLAN_NOT_OPEN"
    PLAN_NOT_APPROVED = "PLAN_NOT_APPROVED"
    PLAN_UNDER_REVIEW = "PLAN_UNDER_REVIEW"
    PLAN_EMPTY = "PLAN_EMPTY"
    NO_PLAN_OWNER = "NO_PLAN_OWNER"
    REPORT_NOT_DUE = "REPORT_NOT_DUE"
    AMENDMENT_NEEDED = "AMENDMENT_NEEDED"
    AMENDMENT_OPEN = "AMENDMENT_OPEN"
    NO_AMENDMENT = "NO_AMENDMENT"
    OWN_AMENDMENT = "OWN_AMENDMENT"
    NO_HAND_OVER = "NO_HAND_OVER"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    TARGET_PROPOSED = "TARGET_PROPOSED"
    ALREADY_SUPERSEDED = "ALREADY_SUPERSEDED"
    WRONG_ORGANISATION = "WRONG_ORGANISATION"
    WRONG_KIND = "WRONG_KIND"
    WRONG_PLAN = "WRONG_PLAN"
    MAYORS_OFFICE_STAYS = "MAYORS_OFFICE_STAYS"
    NOT_COMPLETE = "NOT_COMPLETE"
    EVIDENCE_NEEDED = "EVIDENCE_NEEDED"
    ORDERED_TASK = "ORDERED_TASK"
    CIRCULAR_WAIT = "CIRCULAR_WAIT"
    NOT_BLOCKED = "NOT_BLOCKED"
    NOT_ORDERED = "NOT_ORDERED"
    ALREADY_ASKED = "ALREADY_ASKED"
    SUPPORT_NOT_ASKED = "SUPPORT_NOT_ASKED"
    COMMENT_REMOVED = "COMMENT_REMOVED"
    OVERLAPPING = "OVERLAPPING"
    LAST_ADMINISTRATOR = "LAST_ADMINISTRATOR"
    LIMIT_REACHED = "LIMIT_REACHED"
    SAME_ORGANISATION = "SAME_ORGANISATION"
    STILL_A_DRAFT = "STILL_A_DRAFT"
    ALREADY_PUBLIC = "ALREADY_PUBLIC"
    TASK_OPEN = "TASK_OPEN"
    ALREADY_ANSWERED = "ALREADY_ANSWERED"
    NO_COUNTER_LEFT = "NO_COUNTER_LEFT"
    MAYORS_OFFICE_IS_NO_PARTY = "MAYORS_OFFICE_IS_NO_PARTY"
    CANNOT_REDIRECT = "CANNOT_REDIRECT"
    HEADED_BY_YOURSELF = "HEADED_BY_YOURSELF"
    BOTH_SIDES = "BOTH_SIDES"
    NOBODY_ON_BOTH_SIDES = "NOBODY_ON_BOTH_SIDES"
    HEADS_BOTH_SIDES = "HEADS_BOTH_SIDES"
    NOT_REDIRECTED = "NOT_REDIRECTED"
    ALREADY_RULED = "ALREADY_RULED"
    RULING_PENDING = "RULING_PENDING"
    NO_RULING_ASKED = "NO_RULING_ASKED"
    QUESTION_OPEN = "QUESTION_OPEN"
    NO_QUESTION = "NO_QUESTION"
    QUESTIONS_USED_UP = "QUESTIONS_USED_UP"
    NO_DATE_PROPOSED = "NO_DATE_PROPOSED"
    DATE_PASSED = "DATE_PASSED"
    COMMITMENT = "COMMITMENT"
    COMMITMENT_NOT_DONE = "COMMITMENT_NOT_DONE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    ALREADY_ESCALATED = "ALREADY_ESCALATED"
    ALREADY_REPLIED = "ALREADY_REPLIED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    REPLY_PENDING = "REPLY_PENDING"
    OWN_CASE = "OWN_CASE"
    NO_DISCIPLINE_FOR_COMPANY = "NO_DISCIPLINE_FOR_COMPANY"
    NO_DISCIPLINE_AS_ACTING_MAYOR = "NO_DISCIPLINE_AS_ACTING_MAYOR"
    LAW_NOT_IN_FORCE = "LAW_NOT_IN_FORCE"
    NO_LAW_FOR_DISCIPLINE = "NO_LAW_FOR_DISCIPLINE"
    FOLLOW_UP_CLOSED = "FOLLOW_UP_CLOSED"
    TASK_NOT_DONE = "TASK_NOT_DONE"
    OBJECTION_POSSIBLE = "OBJECTION_POSSIBLE"
    OBJECTION_TIME_OVER = "OBJECTION_TIME_OVER"
    ALREADY_OBJECTED = "ALREADY_OBJECTED"


class Refused(Exception):
    """A verb that a rule does not allow. Raise it from rules and actions; the mutation's frame makes `errors` of it.

    `path` names the input field at fault ("progress", or "checklist", "3"); empty when no field is.
    `facts` fill the sentence's placeholders in server/text and the fields of the typed error: MOVE_NOT_ALLOWED takes
    from_, to, allowed; STALE_VERSION takes current; OUT_OF_RANGE, TOO_LONG, TOO_MANY, REQUIRED, MALFORMED take
    constraint (what would be right, e.g. "0..100"); ALREADY_ANSWERED takes answer; NOT_ELIGIBLE takes missing; a fact
    `available_at` says when it could be allowed.
    """

    def __init__(self, code: Code, *path: str, **facts: object) -> None:
        super().__init__(code, path, facts)
        self.code = code
        self.path = path
        self.facts = facts


def refused(rule: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Refused | None:
    """Why the rule says no, or None if it allows: what `allowedActions` asks of every `may_…`."""
    try:
        rule(*args, **kwargs)
    except Refused as refusal:
        return refusal.with_traceback(None)  # with its stack it would hold what holds it
    return None
