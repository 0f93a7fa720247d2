"""The clocks of a request that have ended, as its log tells them: what was waited for, until when, and how that ended.

The row keeps only what waits now. A clock ends with the event after which nobody waits for it, or a full one runs anew.
What was promised and what counts as delivered by itself show how they ended themselves (collaboration_clock.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from server.rules.city import RULING_DAYS
from server.rules.clock import Clock, ClockEnding, ClockKind, is_past, pauses_of, working_clock
from server.rules.collaboration_facts import (
    ANSWER_DAYS,
    CONFIRMATION_DAYS,
    COUNTER_DAYS,
    DISPUTE_DAYS,
    QUESTION_DAYS,
    RequestStatus,
)
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.office import Office
from server.rules.workdays import Calendar

_LOG = (
    "(SELECT coalesce(jsonb_agg(jsonb_build_array(e.type, e.happened_at, e.changes) ORDER BY e.subject_version),"
    " '[]'::jsonb) FROM event e WHERE e.subject_id = {t}.id AND e.changes <> jsonb_build_object())"
)
# Event type, when it happened (ISO 8601), and of each column that changed what it was and is.
Told = tuple[str, str, Mapping[str, Sequence[Any]]]
Columns = Mapping[str, Any]


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLog:
    """All that has changed of a request, in order."""

    log: Sequence[Told] = field(metadata=at(_LOG))


@dataclass(frozen=True, slots=True)
class _Waits:
    """A kind of clock: in which state it waits (None: in any), since and until which columns say; its working days, and
    the column that may say otherwise; the events of the act that it waits for, and of nobody's saying anything; whether
    it begins anew for a successor by a column that it shares with others."""

    kind: ClockKind
    status: RequestStatus | None
    since: str
    until: str
    days: int
    acts: frozenset[EventType]
    silence: EventType | None = None
    own_days: str = ""
    restarts: bool = False


_E, _S = EventType, RequestStatus
_ANSWERS = frozenset({_E.REQUEST_ACCEPTED, _E.REQUEST_DECLINED, _E.REQUEST_COUNTERED})
_COUNTERS = frozenset({_E.REQUEST_COUNTER_ACCEPTED, _E.REQUEST_COUNTER_REFUSED})
_RECEIVES = frozenset({_E.REQUEST_CONFIRMED, _E.REQUEST_DISPUTED})
WAITS: Final = (
    _Waits(
        ClockKind.ANSWER, _S.OPEN, "answer_started_at", "answer_due_at", ANSWER_DAYS, _ANSWERS, own_days="answer_days"
    ),
    _Waits(
        ClockKind.QUESTION, None, "question_asked_at", "question_due_at", QUESTION_DAYS,
        frozenset({_E.REQUEST_QUESTION_ANSWERED}), _E.REQUEST_QUESTION_LAPSED, restarts=True,
    ),
    _Waits(
        ClockKind.COUNTER, _S.COUNTERED, "counter_made_at", "counter_due_at", COUNTER_DAYS,
        _COUNTERS, _E.REQUEST_COUNTER_LAPSED, restarts=True,
    ),
    _Waits(
        ClockKind.RULING, None, "ruling_asked_at", "ruling_due_at", RULING_DAYS,
        frozenset({_E.REQUEST_ASSIGNED}), own_days="ruling_days",
    ),
    _Waits(
        ClockKind.CONFIRMATION, _S.DELIVERED, "delivered_at", "confirm_due_at", CONFIRMATION_DAYS,
        _RECEIVES, _E.REQUEST_CONFIRMED_BY_SILENCE, restarts=True,
    ),
    _Waits(
        ClockKind.DISPUTE, _S.DISPUTED, "disputed_at", "dispute_due_at", DISPUTE_DAYS,
        frozenset({_E.REQUEST_DELIVERY_RESUMED}), restarts=True,
    ),
)  # fmt: skip
# Where it was neither: what else ended it. All other events settle it in passing.
_OTHERWISE: Final = {
    _E.REQUEST_WITHDRAWN: ClockEnding.WITHDRAWN,
    _E.REQUEST_PASSED_ON: ClockEnding.ORGANISATION_ENDED,
    _E.REQUEST_ASSIGNED: ClockEnding.RULING,
    _E.REQUEST_RULING_ASKED: ClockEnding.RULING,
    _E.REQUEST_REDIRECTED: ClockEnding.REDIRECTED,
}


def ended_clocks(log: Sequence[Told], calendar: Calendar) -> Iterator[Clock]:
    """In the order in which they ended; of one that was ended by the end of a side that is said."""
    now: dict[str, Any] = {}
    for type_, happened_at, changes in log:
        before, now = now, now | {column: values[1] for column, values in changes.items()}
        for each in WAITS:
            since, still = _since(each, before), _since(each, now)
            if since is None and type_ in each.acts and each.since in changes:
                since = _since(each, {**now, "status": each.status})  # what the clock had begun, and nobody told yet
            if since is not None and since != still:
                kept = (
                    now if _since(each, {**now, "status": before.get("status")}) == since else before
                )  # its deadline, as it was told last
                due_at = kept.get(each.until) or before.get(each.until)  # some acts clear it
                yield _ended(each, since, kept, due_at, EventType(type_), datetime.fromisoformat(happened_at), calendar)


def _since(waits: _Waits, columns: Columns) -> datetime | None:
    """Since when it is waited for; None: it is not."""
    if columns.get(waits.since) is None or (waits.status is not None and columns.get("status") != waits.status):
        return None
    began = [columns[waits.since], (waits.restarts and columns.get("clock_restarted_at")) or columns[waits.since]]
    return max(map(datetime.fromisoformat, began))


def _ended(
    waits: _Waits,
    since: datetime,
    columns: Columns,
    due_at: str | None,
    event: EventType,
    at_: datetime,
    calendar: Calendar,
) -> Clock:
    told = None if due_at is None else datetime.fromisoformat(due_at)
    if event in waits.acts:
        ending = None
    elif event is waits.silence:
        ending = ClockEnding.SILENCE
    elif waits.silence is not None and told is not None and is_past(told, at_):
        ending, at_ = ClockEnding.SILENCE, told  # which nobody had written down by then
    else:
        ending = _OTHERWISE.get(event, ClockEnding.SETTLED)
    return working_clock(
        waits.kind,
        since,
        columns.get(waits.own_days, waits.days),  # a log of before the column has none
        Office(calendar),
        pauses=pauses_of(columns.get("answer_pauses") or ()) if waits.kind is ClockKind.ANSWER else (),
        promised=told,
        stopped_at=at_,
        stopped_by=ending,
    )
