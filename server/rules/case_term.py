"""Who held a party's office when, and when they had case access: what the clocks of a case and its person rest on.

Days on which no head of a party had case access do not count in that party's clocks in a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from server.rules.clock import Pause, PauseReason, pauses_since
from server.rules.collaboration_sides import OVERLAPS, Overlap, overlaps
from server.rules.disabled import disabled, disabled_of
from server.rules.fact import Moment, at, rows_of
from server.rules.office import line
from server.rules.stretch import EVER, NEVER, Spans, closed, united, without
from server.rules.viewer import Capacity
from server.rules.workdays import ONE_DAY, Calendar, end_of_day, local_day, start_of_day

# As stored, and told in events: moments as ISO 8601 texts.
StoredSpan = TypedDict("StoredSpan", {"from": str | None, "to": str | None})
ALWAYS: Spans = ((None, None),)


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """One appointment: its account, first and last day (None: open), to which organisation's office, and when that
    account had case access, and was disabled.
    """

    account_id: UUID
    capacity: Capacity
    first: date
    last: date | None
    organisation_id: UUID
    access: Spans = ALWAYS
    disabled: Spans = ()


Terms = Sequence[HeldTerm]
# The givers that a request has had before the present one, each with the day on which it passed on.
Passed = Sequence[tuple[UUID, date]]

PASSED = (
    "(SELECT jsonb_agg(jsonb_build_array(e.changes -> 'giver_id' ->> 0, e.happened_at) ORDER BY e.subject_version)"
    " FROM event e WHERE e.subject_id = {t}.id AND e.changes -> 'giver_id' ->> 0 IS NOT NULL)"
)


def terms(organisation: str) -> str:
    """Where the appointments to an organisation's office stand, for `terms_of`; with those of the ones it follows,
    until their last day. `organisation` is SQL for its id.
    """
    return (
        f"{line(organisation)}"
        " SELECT jsonb_agg(jsonb_build_array(a.account_id, a.capacity, a.valid_from, a.valid_to, o.ends_on, o.id,"
        f" c.held, {disabled('a.account_id')}) ORDER BY a.valid_from, a.id)"
        " FROM o JOIN appointment a ON a.organisation_id = o.id"
        " LEFT JOIN case_access c ON c.account_id = a.account_id AND c.escalation_id IS NULL"
    )


def access(account: str, case: str | None = None) -> str:
    """Where stands when an account had case access, as the person of this case too, for `spans`; both SQL for ids."""
    of_case = "" if case is None else f" OR c.escalation_id = {case}"
    return (
        "(SELECT jsonb_agg(h.span) FROM case_access c CROSS JOIN jsonb_array_elements(c.held) AS h(span)"
        f" WHERE c.account_id = {account} AND (c.escalation_id IS NULL{of_case}))"
    )


def terms_of(found: Iterable[Sequence[Any]] | None, _: Moment | None = None) -> Terms:
    """Of what `terms` found."""
    made = []
    for account_id, capacity, first, *lasts, organisation_id, held, told in found or ():
        last = min((date.fromisoformat(day) for day in lasts if day is not None), default=None)
        of = UUID(organisation_id)
        account, begins = UUID(account_id), date.fromisoformat(first)
        term = HeldTerm(account, Capacity(capacity), begins, last, of, spans(held), disabled_of(told))
        if last is None or last >= term.first:
            made.append(term)
    return made


def passed_of(found: Iterable[Sequence[str]] | None, moment: Moment) -> Passed:
    """Of what `PASSED` found."""
    calendar = moment.city.calendar
    return [(UUID(giver_id), local_day(datetime.fromisoformat(at), calendar)) for giver_id, at in found or ()]


def spans(stored: Iterable[StoredSpan] | None, _: Moment | None = None) -> Spans:
    """Of what `access` found: none where the account never had it."""
    return [(_moment(each["from"]), _moment(each["to"])) for each in stored or ()]


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class TermFacts:
    """An organisation's office, by who held it."""

    terms: Terms = field(metadata=at(terms("{t}.id"), terms_of))


@rows_of("collaboration_request")
@dataclass(frozen=True, slots=True, kw_only=True)
class PassedFacts:
    """A request, by with whom it has been before, and who headed both its sides when."""

    passed: Passed = field(metadata=at(PASSED, passed_of))
    overlaps: Sequence[Overlap] = field(metadata=at(OVERLAPS, overlaps))


def responsible(found: Terms, giver_id: UUID, passed: Passed) -> Terms:
    """Of these terms the days on which the request was with their organisation: after a merger the heads of whatever
    else became one with it have no part in what it was asked for before.
    """
    left, begins = [], date.min
    for organisation_id, passed_on in (*passed, (giver_id, None)):
        ends = date.max if passed_on is None else passed_on - ONE_DAY
        for each in found:
            first, last = max(each.first, begins), min(each.last or date.max, ends)
            if each.organisation_id == organisation_id and first <= last:
                left.append(replace(each, first=first, last=last))
        begins = passed_on or begins
    return left


def holder_on(found: Terms, day: date) -> UUID | None:
    """Who held the office on that day: the acting head where one acted; None in a vacancy."""
    holders = [each for each in found if each.first <= day and (each.last is None or day <= each.last)]
    order = [*Capacity]
    best = max(holders, key=lambda each: (order.index(each.capacity), each.first), default=None)
    return None if best is None else best.account_id


def held_it(found: Terms, account_id: UUID, first: date, last: date) -> bool:
    """Whether the account held the office on one of these days at least, in whatever capacity."""
    return any(_days_of(each, first, last) for each in found if each.account_id == account_id)


def held_it_for_giver(
    found: Terms, shared: Sequence[Overlap], account_id: UUID, first: date, last: date, calendar: Calendar
) -> bool:
    """The same, on a day at whose end it did not head the asker too and act for that (`shared`)."""
    for_asker = [each for each in shared if each.account_id == account_id and each.acts_for_asker]
    return any(
        not any(both.holds(end_of_day(day, calendar)) for both in for_asker)
        for each in found
        if each.account_id == account_id
        for day in _days_of(each, first, last)
    )


def _days_of(term: HeldTerm, first: date, last: date) -> Sequence[date]:
    """Of these days those of the term."""
    begins, ends = max(term.first, first), min(term.last or last, last)
    return [begins + timedelta(n) for n in range((ends - begins).days + 1)]


def heads_without_access(found: Terms, from_: datetime, calendar: Calendar) -> list[Pause]:
    """The times from this moment on in which the office was held by whose account was not disabled, but by nobody who
    had case access.
    """
    held, open_to = [], []
    for each in found:
        first = start_of_day(each.first, calendar)
        last = NEVER if each.last is None else start_of_day(each.last + ONE_DAY, calendar)
        for a, b in without([(first, last)], map(closed, each.disabled)):
            held.append((a, b))
            open_to += [(max(a, begins), min(b, ends)) for begins, ends in map(closed, each.access)]
    return pauses_since(from_, without(held, open_to), PauseReason.NO_CASE_ACCESS)


def without_access(access: Spans, from_: datetime) -> list[Pause]:
    """The times from this moment on in which an account had no case access."""
    return pauses_since(from_, without([(EVER, NEVER)], map(closed, access)), PauseReason.NO_CASE_ACCESS)


def while_disabled(disabled: Spans, from_: datetime) -> list[Pause]:
    """The times from this moment on in which an account was disabled."""
    return pauses_since(from_, united(map(closed, disabled)), PauseReason.ACCOUNT_DISABLED)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
