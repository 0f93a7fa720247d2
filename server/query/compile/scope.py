"""Row-level security: who sees what, as SQL over a table's alias. Its agreement with `holds` in Python is tested."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter

from server.query.compile.statement import Statement
from server.rules.viewer import Viewer
from server.rules.visibility import (
    EVERYONE,
    All,
    Condition,
    Equals,
    Everyone,
    IsNotViewers,
    IsNull,
    IsViewers,
    Through,
    ViewerIs,
    Visibility,
)

FLAGS = ("sees_drafts", "is_admin", "is_office", "handles_cases")
_flags: Callable[[Viewer], Hashable] = attrgetter(*FLAGS)


def kind(viewer: Viewer) -> Hashable:
    """What of a viewer a compiled text depends on: it is part of the key of every compilation."""
    return _flags(viewer)


def scope(visibility: Visibility, alias: str, statement: Statement, viewer: Viewer) -> str | None:
    """The condition under which this kind of viewer sees a row; None when it sees all of them."""
    left = [_known(each, viewer) for each in visibility]
    if any(each is True for each in left):
        return None
    alternatives = [_text(each, alias, statement) for each in left if not isinstance(each, bool)]
    if not alternatives:
        return "false"
    return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"


def seen_by(viewer: Viewer, visibility: Visibility, alias: str) -> tuple[str, list[object]]:
    """The same as one more condition of a statement that has a `$1`, and its parameters; ("", []) for all rows."""
    statement = Statement(has_parents=True)
    text = scope(visibility, alias, statement, viewer)
    facts = [getattr(viewer, bind.source.name.removeprefix("viewer.")) for bind in statement.binds]
    return "" if text is None else f" AND {text}", facts


def common(visibility: Visibility, viewer: Viewer) -> Visibility:
    """The alternatives that show a row to everybody of this kind, whoever asks."""
    return tuple(each for each in visibility if not _is_personal(_known(each, viewer)))


def _is_personal(condition: Condition | bool) -> bool:
    match condition:
        case IsViewers() | IsNotViewers():
            return True
        case All(conditions) | Through(_, _, conditions):
            return any(_is_personal(each) for each in conditions)
    return False


def _known(condition: Condition, viewer: Viewer) -> Condition | bool:
    """What is left of a condition once the viewer's flags are known; nothing is bound for what falls away."""
    match condition:
        case Everyone():
            return True
        case ViewerIs(flag):
            if flag not in FLAGS:
                raise TypeError(f"{flag} is no part of a viewer's kind")
            return bool(getattr(viewer, flag))
        case All(conditions):
            parts = [_known(each, viewer) for each in conditions]
            if any(each is False for each in parts):
                return False
            left = tuple(each for each in parts if not isinstance(each, bool))
            return All(left) if len(left) > 1 else left[0] if left else True
        case Through(column, table, rule):
            within = [_known(each, viewer) for each in rule]
            if any(each is True for each in within):
                return Through(column, table, EVERYONE)  # what is referred to must still be there
            some = tuple(each for each in within if not isinstance(each, bool))
            return Through(column, table, some) if some else False
        case _:
            return condition


def _text(condition: Condition, alias: str, statement: Statement) -> str:
    match condition:
        case Everyone():
            return "true"
        case IsNull(column):
            return f"{alias}.{column} IS NULL"
        case Equals(column, value):
            quoted = value.replace("'", "''")
            return f"{alias}.{column} = '{quoted}'"
        case IsViewers(column, "organisation_ids" | "case_headed_ids" | "case_account_ids" | "admitted_ids" as fact):
            return f"{alias}.{column} = ANY({statement.fact(f'viewer.{fact}')})"
        case IsNotViewers(column, fact, True):
            is_not = _text(IsNotViewers(column, fact), alias, statement)
            return f"({alias}.{column} IS NULL OR {is_not})"
        case IsNotViewers(column, "organisation_ids" | "case_headed_ids" | "case_account_ids" | "admitted_ids" as fact):
            # Of no elements ALL holds of a null as well.
            return f"({alias}.{column} IS NOT NULL AND {alias}.{column} <> ALL({statement.fact(f'viewer.{fact}')}))"
        case IsNotViewers(column, fact):
            return f"{alias}.{column} <> {statement.fact(f'viewer.{fact}')}"
        case Through(column, table, rule):
            other = statement.alias("v")
            within = " OR ".join(_text(each, other, statement) for each in rule)
            from_ = f"{statement.table(table)} {other}"
            return f"EXISTS (SELECT 1 FROM {from_} WHERE {other}.id = {alias}.{column} AND ({within}))"
        case IsViewers(column, fact):
            return f"{alias}.{column} = {statement.fact(f'viewer.{fact}')}"
        case All(conditions):
            return f"({' AND '.join(_text(each, alias, statement) for each in conditions)})"
        case _:
            raise TypeError(condition)
