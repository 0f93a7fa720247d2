"""Who keeps a plan, a target or a task: a person in an office, and whether that person acts.

A target's is its responsible account, a task's its assignee; where nobody is named, and for plans, whoever heads the
organisation today. What is read here is SQL over templates (query/declare/fields.py), because lists filter by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from server.rules.viewer import WORKING


class OwnerHealth(StrEnum):
    """Whether somebody keeps a thing; ordered from the best to the worst."""

    ACTIVE = "ACTIVE"
    SILENT = "SILENT"
    LEFT = "LEFT"
    VACANT = "VACANT"


_WORKING: Final = ", ".join(repr(each.value) for each in WORKING)
# Two whole quarters, and what has passed of the present one.
_SILENT_BEFORE: Final = "(date_trunc('quarter', {today}::timestamp) - interval '6 months')::date"


def head_of(organisation: str, valid_to: str) -> str:
    """The account of whoever heads it today, null while nobody does; both are SQL: its id, its last day.

    Where several hold the office, the one who acts for an absent holder goes before him.
    """
    return (
        f"(SELECT a.account_id FROM {{table:appointment}} a WHERE a.organisation_id = {organisation}"
        " AND a.valid_from <= {today} AND (a.valid_to IS NULL OR a.valid_to >= {today})"
        f" AND ({valid_to} IS NULL OR {valid_to} > {{today}})"
        " ORDER BY array_position(ARRAY['PLH', 'DEFINITIVE', 'PLT'], a.capacity::text), a.valid_from DESC LIMIT 1)"
    )


def works_there(account: str, organisation: str, today: str, appointment: str = "appointment") -> str:
    """That this account (an alias) works for the organisation (SQL for its id), by its role or by an office."""
    return (
        f"({account}.organisation_id = {organisation} AND {account}.role IN ({_WORKING}) OR EXISTS (SELECT"
        f" FROM {appointment} p WHERE p.account_id = {account}.id AND p.organisation_id = {organisation}"
        f" AND p.valid_from <= {today} AND (p.valid_to IS NULL OR p.valid_to >= {today})))"
    )


def owner(named: str | None, organisation: str) -> str:
    """The account that keeps a row `{t}`: the one named in this column, else whoever heads the organisation (SQL)."""
    ends_on = f"(SELECT o.valid_to FROM {{table:organisation}} o WHERE o.id = {organisation})"
    head = head_of(organisation, ends_on)
    return head if named is None else f"coalesce({named}, {head})"


def health(named: str | None, organisation: str) -> str:
    """The `OwnerHealth` of a row `{t}`, by the same. Whose account was made lately has had no time to act, nor who came
    into office there lately, whatever was done or not done elsewhere before."""
    acted_on = (
        "coalesce((SELECT l.quarter_on FROM {table:last_act} l WHERE l.account_id = h.id),"
        " (h.created_at AT TIME ZONE 'UTC')::date)"
    )
    took_office = (
        "EXISTS (SELECT FROM {table:appointment} n WHERE n.account_id = h.id"
        f" AND n.organisation_id = {organisation} AND n.valid_from BETWEEN {_SILENT_BEFORE} AND {{today}}"
        " AND (n.valid_to IS NULL OR n.valid_to >= {today}))"
    )
    works = works_there("h", organisation, "{today}", "{table:appointment}")
    return (
        f"coalesce((SELECT CASE WHEN NOT (h.is_active AND {works}) THEN 'LEFT'"
        f" WHEN {acted_on} < {_SILENT_BEFORE} AND NOT {took_office} THEN 'SILENT' ELSE 'ACTIVE' END"
        f" FROM {{table:account}} h WHERE h.id = {owner(named, organisation)}), 'VACANT')"
    )


KEEPER_OF_PLAN: Final = (None, "{t}.organisation_id")
KEEPER_OF_TARGET: Final = ("{t}.responsible_id", "{t}.owner_id")
KEEPER_OF_TASK: Final = ("{t}.assignee_id", "{t}.organisation_id")
