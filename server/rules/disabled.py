"""When an account was disabled, and enabled again: nobody acts by one that is, whatever office it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.rules.stretch import Span, Spans


def disabled(account: str) -> str:
    """Where stands when an account was disabled and enabled again, for `disabled_of`; `account` is SQL for its id."""
    return (
        "(SELECT jsonb_agg(jsonb_build_array(e.happened_at, e.changes -> 'is_active' -> 1) ORDER BY e.subject_version)"
        f" FROM event e WHERE e.subject_id = {account} AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED'))"
    )


def disabled_of(found: Iterable[tuple[str, bool]] | None, _: Any = None) -> Spans:
    """Of what `disabled` found."""
    made: list[Span] = []
    for told_at, is_active in found or ():
        at = datetime.fromisoformat(told_at)
        if is_active:
            made[-1:] = [(made[-1][0] if made else None, at)]
        else:
            made.append((at, None))
    return made
