"""An organisation's office, as clocks go by it: when somebody held it who could act, as far as that was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from server.rules.disabled import disabled, disabled_of
from server.rules.fact import Moment, at, rows_of
from server.rules.stretch import EVER, NEVER, Spans, Stretch, closed, without
from server.rules.workdays import ONE_DAY, Calendar, start_of_day


class Term(NamedTuple):
    """First and last day of an appointment, both included (None: open), when it was recorded (None: before), and when
    the account was disabled."""

    first: date
    last: date | None = None
    recorded_at: datetime | None = None
    disabled: Spans = ()


Periods = Sequence[Term]


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """Who must act: by which calendar their days are counted, and when somebody held the office (None: always)."""

    calendar: Calendar
    held: Periods | None = None


def vacant(held: Periods, calendar: Calendar) -> list[Stretch]:
    """When nobody held it. Who was appointed for days that had begun holds it from the recording on: nobody could act
    before."""
    return without([(EVER, NEVER)], (_held_in(term, calendar) for term in held))


def shut_out(held: Periods, calendar: Calendar) -> list[Stretch]:
    """When it was held, but by nobody whose account was not disabled."""
    if not any(term.disabled for term in held):
        return []
    terms = [(_held_in(term, calendar), term.disabled) for term in held]
    acting = [piece for stretch, disabled_ in terms for piece in without([stretch], map(closed, disabled_))]
    return without([stretch for stretch, _ in terms], acting)


def _held_in(term: Term, calendar: Calendar) -> Stretch:
    begins = start_of_day(term.first, calendar)
    if term.recorded_at is not None:
        begins = max(begins, term.recorded_at)
    return begins, NEVER if term.last is None else start_of_day(term.last + ONE_DAY, calendar)


def line(organisation: str) -> str:
    """SQL that begins a statement: `o`, the organisation of this id (SQL) and those that it follows, each with the last
    day on which its office is held."""
    return (
        "WITH RECURSIVE o(id, ends_on) AS ("  # on its last day the open work has passed on
        f"SELECT x.id, x.valid_to - 1 FROM organisation x WHERE x.id = {organisation} UNION"
        " SELECT x.id, x.valid_to - 1 FROM o JOIN organisation x ON x.successor_id = o.id)"
    )


def held(organisation: str) -> str:
    """Where stands when an organisation's office was held, for `office`; with those it follows, until its last day.

    `organisation` is SQL for its id.
    """
    return (
        f"{line(organisation)}"
        " SELECT jsonb_agg(jsonb_build_array(a.valid_from, a.valid_to, o.ends_on, a.created_at,"
        f" {disabled('a.account_id')}) ORDER BY a.valid_from)"
        " FROM o JOIN appointment a ON a.organisation_id = o.id"
    )


def office(appointments: Iterable[Sequence[Any]] | None, moment: Moment) -> Office:
    """Of what `held` found: first day, last day, the last day of their organisation and the recording, in ISO 8601, and
    what was told of the account.

    Nobody holds the office of an organisation that has ended.
    """
    terms = []
    for first, last, ends_on, recorded_at, told in appointments or ():
        until = min((date.fromisoformat(day) for day in (last, ends_on) if day is not None), default=None)
        terms.append(Term(date.fromisoformat(first), until, datetime.fromisoformat(recorded_at), disabled_of(told)))
    return Office(moment.city.calendar, [term for term in terms if term.last is None or term.last >= term.first])


@rows_of("organisation")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """An organisation's office."""

    office: Office = field(metadata=at(held("{t}.id"), office))
