"""Who sees what, declared once: `holds` reads it in Python, query/scope.py makes the same thing of it in SQL.

A rule is a tuple of alternatives; a row is seen when one of them holds. Rules name columns of the row, and facts of
the viewer; nothing else, so that the sharing key of a live answer can be computed from the rule as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from server.rules.viewer import Viewer

ViewerFact = Literal["account_id", "organisation_ids"]
ViewerFlag = Literal["is_reviewer", "is_admin", "is_office"]


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
class ViewerIs:
    """The viewer has this flag, whatever the row."""

    flag: ViewerFlag


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these holds."""

    conditions: tuple[Condition, ...]


Condition = Everyone | IsNull | Equals | IsViewers | ViewerIs | All
Visibility = tuple[Condition, ...]

EVERYONE: Visibility = (Everyone(),)

# DESIGN §2: a plan that was never submitted, with its targets and tasks, is seen by its organisation and the reviewers.
DRAFTS: Visibility = (IsNull("draft_of_id"), IsViewers("draft_of_id", "organisation_ids"), ViewerIs("is_reviewer"))

# An event is as public as what it tells of: to all, a draft's organisation and reviewers, one account and the admins.
EVENTS: Visibility = (
    Equals("audience", "EVERYONE"),
    All((Equals("audience", "ORGANISATION"), IsViewers("audience_id", "organisation_ids"))),
    All((Equals("audience", "ORGANISATION"), ViewerIs("is_reviewer"))),
    All((Equals("audience", "ACCOUNT"), IsViewers("audience_id", "account_id"))),
    All((Equals("audience", "ACCOUNT"), ViewerIs("is_admin"))),
)

# The tables that not everyone sees all of; whatever hangs only on their rows (comments, amendments) is seen with them.
BY_TABLE: Mapping[str, Visibility] = {"work_plan": DRAFTS, "target": DRAFTS, "task": DRAFTS, "event": EVENTS}


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
        case ViewerIs(flag):
            return bool(getattr(viewer, flag))
        case All(conditions):
            return all(_holds(each, viewer, row) for each in conditions)
        case _:
            raise TypeError(condition)
