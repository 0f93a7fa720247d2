"""The two clocks of the right of reply: the respondent's and, beside it, that of the person of the case.

The person's runs from filing, or from being named, for who can sign in; for who cannot, from the day on which a notice
on paper was received. Days without case access do not count in the former.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from server.rules import lifecycle
from server.rules.case_term import Terms, heads_without_access, terms, terms_of, while_disabled, without_access
from server.rules.clock import Clock, ClockEnding, ClockKind, Pause, due_if_resumed, working_clock
from server.rules.escalation_facts import (
    REPLY_DAYS,
    EscalationChange,
    EscalationFacts,
    EscalationStatus,
    PersonClockFacts,
)
from server.rules.fact import at, rows_of
from server.rules.office import Office, held, office
from server.rules.workdays import Calendar, start_of_day


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
    started_at = case.reply_restarted_at or case.filed_at
    assert started_at is not None
    return working_clock(
        ClockKind.REPLY,
        started_at,
        REPLY_DAYS,
        respondent,
        pauses=heads_without_access(terms, started_at, respondent.calendar),
        promised=case.reply_due_at,
        stopped_at=case.replied_at or case.decided_at or case.withdrawn_at,
        stopped_by=_ended_by(case.replied_at, case.decided_at, end),
    )


def own_reply_clock(case: ReplyClockFacts) -> Clock:
    """The same, by what stands beside the case."""
    return reply_clock(case, case.respondent, case.respondent_terms)


def stands(case: ReplyClockFacts, today: date) -> EscalationStatus:
    """Where a case stands by its clock, which nobody may have looked at since it ran out: a deadline ends with its day,
    so the day says it.
    """
    is_over = case.status is EscalationStatus.FILED and own_reply_clock(case).has_run_out(
        start_of_day(today, case.respondent.calendar)
    )
    return EscalationStatus.REPLY_LAPSED if is_over else case.status


def reply_judged(case: ReplyClockFacts, now: datetime) -> EscalationChange:
    """The deadline by which a reply that comes now is judged, where it is a later one than was told."""
    due_at = due_if_resumed(own_reply_clock(case), now, case.respondent.calendar)
    return {} if due_at == case.reply_due_at else {"reply_due_at": due_at}


def person_reply_judged(case: PersonClockFacts, calendar: Calendar, now: datetime) -> EscalationChange:
    """The same of the person's."""
    clock = person_clock(case, calendar)
    due_at = None if clock is None else due_if_resumed(clock, now, calendar)
    return {} if due_at == case.person_reply_due_at else {"person_reply_due_at": due_at}


def begun_anew(case: EscalationFacts, successor: Office, terms: Terms, now: datetime) -> EscalationChange:
    """All the time again for an organisation that follows the respondent; no deadline becomes earlier."""
    begun = replace(case, reply_restarted_at=now)
    return {"reply_restarted_at": now, "reply_due_at": reply_clock(begun, successor, terms).due_at}


def lapse_reply(case: EscalationFacts, respondent: Office, now: datetime, terms: Terms = ()) -> EscalationChange:
    """Asked and not answered in time; no columns when the clock has not run out."""
    status = lifecycle.move(lifecycle.ESCALATION, case.status, "lapseReply")
    return {"status": status} if reply_clock(case, respondent, terms).has_run_out(now) else {}


def reply_clock_moved(case: EscalationFacts, respondent: Office, terms: Terms = ()) -> EscalationChange:
    """The deadline, where it is later than the one told."""
    due_at = reply_clock(case, respondent, terms).due_at
    return {} if case.status is not EscalationStatus.FILED or due_at == case.reply_due_at else {"reply_due_at": due_at}


def person_clock(case: PersonClockFacts, calendar: Calendar) -> Clock | None:
    """On which the person replies; None where nobody is named, or who cannot sign in was not told on paper yet.

    Whose account is disabled is told on paper as well, unless the time was over by then; once it is enabled again it
    goes on.
    """
    told_at = case.person_told_at
    if case.person_id is None or told_at is None or case.person_reply_days is None:
        return None
    is_on_paper = case.person_notice_on is not None
    clock = working_clock(
        ClockKind.PERSON_REPLY,
        told_at,
        case.person_reply_days,
        Office(calendar),
        pauses=() if is_on_paper else _while_shut_out(case, told_at),
        promised=case.person_reply_due_at,
        stopped_at=case.person_replied_at or case.decided_at or case.withdrawn_at,
        stopped_by=_ended_by(case.person_replied_at, case.decided_at),
    )
    if case.person_replied_at is not None or is_on_paper or case.person_signs_in:
        return clock
    disabled_at = next((since for since, until in case.person_disabled if until is None), None)
    was_over = disabled_at is not None and (
        clock.has_run_out(disabled_at) if clock.stopped_at is None else clock.stopped_at <= disabled_at
    )
    return clock if was_over else None


def _while_shut_out(case: PersonClockFacts, told_at: datetime) -> list[Pause]:
    return [*without_access(case.person_access, told_at), *while_disabled(case.person_disabled, told_at)]


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
