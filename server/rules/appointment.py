"""Who holds an office when: one at a time in each capacity; an acting head beside the one who is absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Protocol, TypedDict
from uuid import UUID

from server.rules import bounds
from server.rules.account import AccountFacts
from server.rules.aggregate import Aggregate, Verb
from server.rules.clock import Clock, ClockKind, day_clock
from server.rules.event import EventType
from server.rules.fact import at, rows_of
from server.rules.organisation import OrganisationFacts, must_not_have_ended
from server.rules.permission import must_be_admin
from server.rules.refusal import Code, Refused
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.visibility import EVERYONE
from server.rules.workdays import ONE_DAY, Calendar, start_of_day

# The last day on which an acting head is in office no longer than the city's data allow.
ACTS_UNTIL = "(({t}.valid_from + make_interval(months => (SELECT c.acting_months FROM city c)))::date - 1)"


@rows_of("appointment")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFacts:
    """What the rules need to know of an appointment; both days are included, no `valid_to` is for the time being."""

    capacity: Capacity
    valid_from: date
    valid_to: date | None = None
    account_id: UUID | None = None


@rows_of("appointment")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActingFacts(AppointmentFacts):
    """With how long an acting head may be one, and whose office it is."""

    id: UUID
    organisation: OrganisationFacts = field(metadata=at("organisation"))
    acts_until: date = field(metadata=at(ACTS_UNTIL))


class AppointmentChange(TypedDict, total=False):
    """The columns that a verb changes."""

    organisation_id: UUID
    account_id: UUID
    capacity: Capacity
    valid_from: date
    valid_to: date | None
    decree_number: str | None


def may_appoint(viewer: Viewer, organisation: OrganisationFacts, today: date) -> None:
    must_be_admin(viewer)
    must_not_have_ended(organisation, today)


def may_end_appointment(viewer: Viewer, appointment: AppointmentFacts, today: date) -> None:
    """One that has not ended yet; an end that is still to come may be set anew."""
    must_be_admin(viewer)
    if appointment.valid_to is not None and appointment.valid_to < today:
        raise Refused(Code.ALREADY_ENDED, ended_on=appointment.valid_to)


APPOINTMENT: Final = Aggregate[AppointmentFacts](
    name="Appointment",
    table="appointment",
    prefix="appt",
    visibility=EVERYONE,
    verbs={
        "endAppointment": Verb(may_end_appointment, EventType.APPOINTMENT_ENDED),
    },
    offered={"Organisation": {"appoint": Verb(may_appoint, EventType.APPOINTMENT_MADE, (EventType.CASE_ACCESS_LOST,))}},
    of_itself=(EventType.APPOINTMENT_LAPSED,),
    exempt={
        "twins": "an office of an organisation: its table and type stand in organisation.py",
        "watched": "a stream ends when its own viewer is appointed, and nobody else waits for it",
    },
)


def appoint(
    viewer: Viewer,
    organisation: OrganisationFacts,
    account: AccountFacts,
    new: AppointmentFacts,
    decree_number: str | None,
    others: Sequence[AppointmentFacts],
    today: date,
) -> AppointmentChange:
    """`others` are all appointments of the organisation."""
    may_appoint(viewer, organisation, today)
    bounds.day(new.valid_from, "validFrom", earliest=organisation.valid_from)
    bounds.optional_day(new.valid_to, "validTo", earliest=new.valid_from)
    if account.id == viewer.account_id:
        raise Refused(Code.OWN_ACCOUNT, "accountId")
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED, "accountId")
    if account.role is Role.INTEGRATION:
        raise Refused(Code.WRONG_KIND, "accountId", expected=Role.HEAD)
    _must_be_alone(new, others, "validFrom")
    return {
        "organisation_id": organisation.id,
        "account_id": account.id,
        "capacity": new.capacity,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "decree_number": bounds.optional_text(decree_number, bounds.DECREE_NUMBER, "decreeNumber"),
    }


def end_appointment(
    viewer: Viewer, appointment: AppointmentFacts, valid_to: date, others: Sequence[AppointmentFacts], today: date
) -> AppointmentChange:
    """`valid_to` is its last day, sooner or later than the one before; `others` are the office's other appointments."""
    may_end_appointment(viewer, appointment, today)
    bounds.day(valid_to, "validTo", earliest=appointment.valid_from)
    if appointment.account_id == viewer.account_id and appointment.valid_to and valid_to > appointment.valid_to:
        raise Refused(Code.OWN_ACCOUNT, "validTo")
    if valid_to == appointment.valid_to:
        raise Refused(Code.NOTHING_TO_CHANGE)
    _must_be_alone(replace(appointment, valid_to=valid_to), others, "validTo")
    return {"valid_to": valid_to}


def _must_be_alone(appointment: AppointmentFacts, others: Sequence[AppointmentFacts], path: str) -> None:
    """Nobody else holds the office in this capacity on any of its days."""
    for other in others:
        if other.capacity is appointment.capacity and overlaps(
            (appointment.valid_from, appointment.valid_to), (other.valid_from, other.valid_to)
        ):
            raise Refused(Code.OVERLAPPING, path, from_on=other.valid_from, to_on=other.valid_to)


def acting_clock(appointment: ActingFacts, calendar: Calendar, now: datetime) -> Clock | None:
    """On which somebody is appointed for good; None of a definitive head. Nobody is reminded."""
    if appointment.capacity is Capacity.DEFINITIVE:
        return None
    left_at = None if appointment.valid_to is None else start_of_day(appointment.valid_to + ONE_DAY, calendar)
    clock = day_clock(
        ClockKind.ACTING,
        start_of_day(appointment.valid_from, calendar),
        appointment.acts_until,
        calendar,
        stopped_at=left_at if left_at is not None and left_at <= now else None,
    )
    return replace(clock, reminder_at=None)


class Term(Protocol):
    """As much of an appointment as says when it is held."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


def is_held_on(term: Term, day: date) -> bool:
    """Whether the office is held by this appointment on that day."""
    return overlaps((term.valid_from, term.valid_to), (day, day))


def overlaps(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two periods share a day; both ends are included, None is open."""
    return one[0] <= (other[1] or date.max) and other[0] <= (one[1] or date.max)
