"""How helpful an organisation has been (saling dukung): shown as thanks, never ranked, and never from a case.

A NEED counts for whom it was last asked of. An answer is an answer, also a no: what counts is that it came in time.
What was never answered counts once its time has run out, also for whom it had run out before the mayor's office named
another; what still runs, or was withdrawn in time, does not. An OFFER counts for whoever made it, and lapses without a
count. What is delivered late counts as delivered, and how late it was is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from server.rules.clock import is_past
from server.rules.collaboration_facts import RequestKind, RequestStatus

# Under so many answers a share says nothing.
FEWEST_ANSWERS = 5

_DELIVERED = frozenset({RequestStatus.DELIVERED, RequestStatus.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenHelp:
    """One request of which the organisation is the giver. `answer_due_at` is the deadline with all its pauses."""

    kind: RequestKind
    status: RequestStatus
    answer_due_at: datetime
    answer_stopped_at: datetime | None
    is_answered: bool
    is_lapsed: bool
    days_late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpfulness:
    """Counts of one giver. `share`: of the NEEDs whose answer came or was due, percent in time with one decimal.

    None under five answered ones. `delivered_count`: of both kinds; `offers_delivered_count`: of the offers among them;
    `days_late`: of those delivered late, all together.
    """

    asked_count: int
    answered_count: int
    answered_in_time_count: int
    share: Decimal | None
    delivered_count: int
    offered_count: int
    offers_delivered_count: int
    delivered_late_count: int
    days_late: int


def helpfulness(requests: Iterable[GivenHelp], lapsed_before: int = 0) -> Helpfulness:
    """Of all requests of one giver in the time that is asked about.

    `lapsed_before`: NEEDs whose time had run out with it before another was named.
    """
    answered = in_time = delivered = offered = offers_delivered = late = days_late = 0
    asked = missed = lapsed_before
    for each in requests:
        is_delivered = each.status in _DELIVERED
        delivered += is_delivered
        late += is_delivered and each.days_late > 0
        days_late += each.days_late if is_delivered else 0
        if each.kind is RequestKind.OFFER:
            # An offer that was taken back is no help.
            offered += each.status is not RequestStatus.WITHDRAWN
            offers_delivered += is_delivered
            continue
        asked += 1
        if each.is_answered and each.answer_stopped_at is not None:
            answered += 1
            in_time += not is_past(each.answer_due_at, each.answer_stopped_at)
        elif each.is_lapsed:
            missed += 1
    return Helpfulness(
        asked_count=asked,
        answered_count=answered,
        answered_in_time_count=in_time,
        share=_percent(in_time, answered + missed) if answered >= FEWEST_ANSWERS else None,
        delivered_count=delivered,
        offered_count=offered,
        offers_delivered_count=offers_delivered,
        delivered_late_count=late,
        days_late=days_late,
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
