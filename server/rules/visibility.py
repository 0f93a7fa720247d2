"""Who sees what, declared once: `holds` reads it in Python, query/compile/scope.py makes the same thing of it in SQL.

A rule is a tuple of alternatives; a row is seen when one of them holds. Rules name columns of the row, and facts of
the viewer; nothing else, so that the sharing key of a live answer can be computed from the rule as well.

Nothing is seen by default: each table's rule stands in its declaration, and one without stops the server's start
(aggregates.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from server.rules.viewer import Viewer

ViewerFact = Literal["account_id", "organisation_ids", "case_headed_ids", "case_account_ids", "admitted_ids"]
ViewerFlag = Literal["sees_drafts", "is_admin", "is_office", "handles_cases"]


@dataclass(frozen=True, slots=True)
class Everyone:
    """Any signed-in viewer."""


@dataclass(frozen=True, slots=True)
class IsNull:
    """The column is null."""

    column: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The column has this literal value."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class IsViewers:
    """The column is (or is among) this fact of the viewer."""

    column: str
    fact: ViewerFact


@dataclass(frozen=True, slots=True)
class IsNotViewers:
    """The column is neither this fact of the viewer nor among it; a null is not, unless `or_null`."""

    column: str
    fact: ViewerFact
    or_null: bool = False


@dataclass(frozen=True, slots=True)
class Through:
    """The row of another table whose id stands in the column is seen by this rule.

    In Python that row's columns stand under `related(column, table)`; where they do not, it is not seen.
    """

    column: str
    table: str
    rule: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class ViewerIs:
    """The viewer has this flag, whatever the row."""

    flag: ViewerFlag


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these holds."""

    conditions: tuple[Condition, ...]


Condition = Everyone | IsNull | Equals | IsViewers | IsNotViewers | Through | ViewerIs | All
Visibility = tuple[Condition, ...]

EVERYONE: Visibility = (Everyone(),)
# Bookkeeping, and what only statements over other rows read: never looked up by itself.
NOBODY: Visibility = ()

# A plan that was never submitted, with its targets and tasks, is seen by its organisation and the reviewers.
DRAFTS: Visibility = (IsNull("draft_of_id"), IsViewers("draft_of_id", "organisation_ids"), ViewerIs("sees_drafts"))
PARTS_OF_TASKS: Visibility = (Through("task_id", "task", DRAFTS),)
PARTS_OF_TARGETS: Visibility = (Through("target_id", "target", DRAFTS),)

# Who handles cases at all: the mayor's office and those to whom decisions are delegated.
CASE_HANDLERS: Visibility = (ViewerIs("handles_cases"),)
# The mayor's office, but nobody whose own organisation is a party, nor its person (rules/escalation.handles).
HANDLED_CASES: Visibility = (
    All(
        (
            ViewerIs("handles_cases"),
            IsNotViewers("filer_id", "organisation_ids"),
            IsNotViewers("respondent_id", "organisation_ids"),
            IsNotViewers("person_id", "account_id", or_null=True),
        )
    ),
)
# And the two parties' heads; the person whom it may strike; after a REFER the head of the body referred to: of all of
# them those who have case access (rules/escalation.sees_case).
CASES: Visibility = (
    IsViewers("filer_id", "case_headed_ids"),
    IsViewers("respondent_id", "case_headed_ids"),
    IsViewers("person_id", "case_account_ids"),
    All((IsViewers("person_id", "account_id"), IsViewers("id", "admitted_ids"))),
    IsViewers("referred_to_id", "case_headed_ids"),
    *HANDLED_CASES,
)

# What belongs to a case is seen with it; the remarks of the mayor's office by that office alone.
PARTS_OF_CASES: Visibility = (Through("escalation_id", "escalation", CASES),)
REMARKS: Visibility = (Through("escalation_id", "escalation", HANDLED_CASES),)

# An event is as public as what it tells of: to all, a draft's organisation and reviewers, one account and the admins,
# these and the mayor's office, those who see a case.
EVENTS: Visibility = (
    Equals("audience", "EVERYONE"),
    All((Equals("audience", "ORGANISATION"), IsViewers("audience_id", "organisation_ids"))),
    All((Equals("audience", "ORGANISATION"), ViewerIs("sees_drafts"))),
    All((Equals("audience", "ACCOUNT"), IsViewers("audience_id", "account_id"))),
    All((Equals("audience", "ACCOUNT"), ViewerIs("is_admin"))),
    All((Equals("audience", "CASE_ACCESS"), IsViewers("audience_id", "account_id"))),
    All((Equals("audience", "CASE_ACCESS"), ViewerIs("is_admin"))),
    All((Equals("audience", "CASE_ACCESS"), ViewerIs("handles_cases"))),
    All((Equals("audience", "CASE"), Through("audience_id", "escalation", CASES))),
    All((Equals("audience", "CASE_OFFICE"), Through("audience_id", "escalation", HANDLED_CASES))),
)

ADMINISTRATORS: Visibility = (ViewerIs("is_admin"),)
# What a person does at the door: that person's and the administrators'.
OWN_ACTS: Visibility = (IsViewers("account_id", "account_id"), ViewerIs("is_admin"))
# Whether cases are for an account is for the mayor's office to know as well; where it is for a case's person, only who
# handles that case knows.
OF_CASE_ACCESS: Visibility = (
    All((IsNull("escalation_id"), IsViewers("account_id", "account_id"))),
    All((IsNull("escalation_id"), ViewerIs("is_admin"))),
    All((IsNull("escalation_id"), ViewerIs("handles_cases"))),
    Through("escalation_id", "escalation", HANDLED_CASES),
)


def related(column: str, table: str) -> str:
    """Under what name a row that `holds` is asked of bears the columns of the row that this column refers to."""
    return f"{column}:{table}"


def columns(visibility: Visibility) -> Iterator[str]:
    """The columns of the row that a rule reads."""
    for condition in visibility:
        match condition:
            case IsNull(column) | Equals(column) | IsViewers(column) | IsNotViewers(column) | Through(column):
                yield column
            case All(conditions):
                yield from columns(conditions)


def through(visibility: Visibility, row: Mapping[str, object]) -> Iterator[Through]:
    """Which other rows have a say in who sees this row, of which only what `Equals` asks need be known."""
    for condition in visibility:
        match condition:
            case Through():
                yield condition
            case All(conditions):
                if all(row[each.column] == each.value for each in conditions if isinstance(each, Equals)):
                    yield from through(conditions, row)


def holds(visibility: Visibility, viewer: Viewer, row: Mapping[str, object]) -> bool:
    """Whether the viewer sees this row (columns by name)."""
    return any(_holds(condition, viewer, row) for condition in visibility)


def _holds(condition: Condition, viewer: Viewer, row: Mapping[str, object]) -> bool:
    match condition:
        case Everyone():
            return True
        case IsNull(column):
            return row[column] is None
        case Equals(column, value):
            return row[column] == value
        case IsViewers(column, "organisation_ids"):
            return row[column] in viewer.organisation_ids
        case IsViewers(column, "account_id"):
            return row[column] == viewer.account_id
        case IsViewers(column, "case_headed_ids"):
            return row[column] in viewer.case_headed_ids
        case IsViewers(column, "case_account_ids"):
            return row[column] in viewer.case_account_ids
        case IsViewers(column, "admitted_ids"):
            return row[column] in viewer.admitted_ids
        case IsNotViewers(column, _, or_null) if row[column] is None:
            return or_null
        case IsNotViewers(column, fact):
            return not _holds(IsViewers(column, fact), viewer, row)
        case Through(column, table, rule):
            other = row.get(related(column, table))
            return isinstance(other, Mapping) and holds(rule, viewer, other)
        case ViewerIs(flag):
            return bool(getattr(viewer, flag))
        case All(conditions):
            return all(_holds(each, viewer, row) for each in conditions)
        case _:
            raise TypeError(condition)
