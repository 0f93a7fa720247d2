"""What the clock alone makes of an inbox: which entries are overdue, and for how long that holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from server.rules.clock import is_past
from server.rules.clock_change import is_past_at
from server.rules.inbox import InboxKind, Waiting

AN_HOUR: Final = timedelta(hours=1)


def is_overdue(waiting: Waiting, now: datetime) -> bool:
    """Whether its deadline lies behind. What lives by the machine's clock shows nothing once it has ended."""
    of_the_door = (InboxKind.SIGN_IN_ENDS, InboxKind.TOKEN_EXPIRES, InboxKind.TOKEN_EXPIRES_SOON)
    return waiting.kind not in of_the_door and waiting.due_at is not None and is_past(waiting.due_at, now)


def next_overdue(entries: Iterable[Waiting], now: datetime) -> datetime:
    """Until when these stay as they are by the clock of the rules: the first deadline, or an hour, within which what
    lives by the machine's clock is looked at again."""
    due = [is_past_at(each.due_at) for each in entries if each.due_at is not None]
    return min([*(each for each in due if each > now), now + AN_HOUR])
