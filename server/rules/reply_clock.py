"""The two clocks of the right of reply: the respondent's and, beside it, that of the person of the case.

The person's runs from filing, or from being named, for who can sign in; for who cannot, from the day on which a notice
on paper was received. Days without case access do not count in the former.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from server.rules import lifecycle
from server.rules.case_term import Terms, heads_without_access, terms, terms_of, without_access
from server.rules.clock import Clock, ClockEnding, ClockKind, working_clock
from server.rules.escalation_facts import (
    REPLY_DAYS,
    EscalationChange,
    EscalationFacts,
    EscalationStatus,
    PersonClockFacts,
)
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office
from server.rules.workdays import Calendar


@rows_of("escalation")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyClockFacts(EscalationFacts):
    """With the office that replies, and the last day of the party that ended first."""

    party_ends_on: date | None = field(
        default=None,
        metadata=at("(SELECT min(o.valid_to) FROM organisation o WHERE o.id IN ({t}.filer_id, {t}.respondent_id))"),
    )
    respondent: Office = field(metadata=at(held("{t}.respondent_id"), office))
    respondent_terms: Terms = field(default=(), metadata=at(terms("{t}.respondent_id"), terms_of))


def reply_clock(
    case: EscalationFacts, respondent: Office, terms: Terms = (), end: ClockEnding = ClockEnding.WITHDRAWN
) -> Clock:
    """On which the respondent replies; where it never did, the decision or the withdrawal (`end`) stops it."""
    assert case.filed_at is not None
    return working_clock(
        ClockKind.REPLY,
        case.filed_at,
        REPLY_DAYS,
        respondent,
        pauses=heads_without_access(terms, case.filed_at, respondent.calendar),
        promised=case.reply_due_at,
        stopped_at=case.replied_at or case.decided_at or case.withdrawn_at,
        stopped_by=_ended_by(case.replied_at, case.decided_at, end),
    )


def lapse_reply(case: EscalationFacts, respondent: Office, now: datetime, terms: Terms = ()) -> EscalationChange:
    """Asked and not answered in time; no columns when the clock has not run out."""
    status = lifecycle.move(lifecycle.ESCALATION, case.status, "lapseReply")
    return {"status": status} if reply_clock(case, respondent, terms).has_run_out(now) else {}


def reply_clock_moved(case: EscalationFacts, respondent: Office, terms: Terms = ()) -> EscalationChange:
    """The deadline, where it is later than the one told."""
    due_at = reply_clock(case, respondent, terms).due_at
    return {} if case.status is not EscalationStatus.FILED or due_at == case.reply_due_at else {"reply_due_at": due_at}


def person_clock(case: PersonClockFacts, calendar: Calendar) -> Clock | None:
    """On which the person replies; None where nobody is named, or who cannot sign in was not told on paper yet."""
    told_at = case.person_told_at
    if case.person_id is None or told_at is None or case.person_reply_days is None:
        return None
    is_on_paper = case.person_notice_on is not None
    if case.person_replied_at is None and not is_on_paper and not case.person_signs_in:
        return None
    return working_clock(
        ClockKind.PERSON_REPLY,
        told_at,
        case.person_reply_days,
        Office(calendar),
        pauses=() if is_on_paper else without_access(case.person_access, told_at),
        promised=case.person_reply_due_at,
        stopped_at=case.person_replied_at or case.decided_at or case.withdrawn_at,
        stopped_by=_ended_by(case.person_replied_at, case.decided_at),
    )


def person_clock_moved(case: EscalationFacts, calendar: Calendar) -> EscalationChange:
    """The person's deadline, where it is later than the one told."""
    clock = person_clock(case, calendar)
    if clock is None or clock.stopped_at is not None or clock.due_at == case.person_reply_due_at:
        return {}
    return {"person_reply_due_at": clock.due_at}


def _ended_by(
    replied_at: datetime | None, decided_at: datetime | None, end: ClockEnding = ClockEnding.WITHDRAWN
) -> ClockEnding | None:
    """What stopped the clock; None: the reply itself."""
    if replied_at is not None:
        return None
    return end if decided_at is None else ClockEnding.DECIDED
