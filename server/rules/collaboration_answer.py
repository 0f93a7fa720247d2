"""How a request is made and answered: asked of one or several, accepted, declined, countered, asked back.

How it goes from one giver to another is in collaboration_redirect.py.

Input fields are named in refusals as the API names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server.rules import bounds
from server.rules.clock import ClockKind, Pause, PauseReason, working_clock, working_days_until
from server.rules.collaboration import COLLABORATION_REQUEST, may_begin, must_be_a_party
from server.rules.collaboration_clock import (
    answer_clock_paused,
    answer_clock_resumed,
    answer_clock_started,
    answer_clock_stopped,
    promised_for,
)
from server.rules.collaboration_facts import (
    ANSWER_DAYS,
    COUNTER_DAYS,
    QUESTION_DAYS,
    RequestChange,
    RequestFacts,
    RequestKind,
    RequestStatus,
)
from server.rules.collaboration_lapse import as_it_stands
from server.rules.collaboration_sides import own_side
from server.rules.office import Office
from server.rules.organisation import OrganisationFacts, OrganisationInFull, must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.workdays import ONE_DAY, Calendar, deadline, local_day

# How long an asker may give for the answer, in days.
LONGEST_ANSWER = 366


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """An organisation that is asked or offered something, with the days on which its office is held."""

    organisation: OrganisationInFull
    office: Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The task or target that a request is about: one of the two ids, and whose it is."""

    organisation_id: UUID
    task_id: UUID | None = None
    target_id: UUID | None = None
    draft_of_id: UUID | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What the caller says of a new request. `needed_on`: for an offer, by when it would be delivered."""

    title: str | None
    description: str | None = None
    needed_on: date | None = None
    answer_due_at: datetime | None = None
    about: Subject | None = None


# ---- made -----------------------------------------------------------------------------------------------------------


def request_collaboration(
    viewer: Viewer,
    asker: OrganisationFacts,
    givers: Sequence[Side],
    new: NewRequest,
    thread_id: UUID,
    today: date,
    now: datetime,
) -> list[RequestChange]:
    """One NEED for each giver, in their order, under a shared thread."""
    may_begin(viewer, asker, today)
    if not givers:
        raise Refused(Code.REQUIRED, "givers", constraint=f"1..{bounds.GIVERS}")
    bounds.count(givers, bounds.GIVERS, "givers")
    made = []
    for n, giver in enumerate(givers):
        if any(giver.organisation.id == earlier.organisation.id for earlier in givers[:n]):
            raise Refused(Code.ALREADY_EXISTS, "givers", str(n))
        made.append(
            _made(viewer, RequestKind.NEED, asker, giver, new, thread_id, today, now, "givers", str(n))
            | {"asker_id": asker.id, "giver_id": giver.organisation.id}
        )
    return made


def offer_help(
    viewer: Viewer,
    giver: OrganisationFacts,
    asker: Side,
    new: NewRequest,
    thread_id: UUID,
    today: date,
    now: datetime,
) -> RequestChange:
    """An OFFER of the giver's; the asker is who would receive."""
    may_begin(viewer, giver, today)
    columns = _made(viewer, RequestKind.OFFER, giver, asker, new, thread_id, today, now, "asker")
    return columns | {"asker_id": asker.organisation.id, "giver_id": giver.id}


def _made(
    viewer: Viewer,
    kind: RequestKind,
    starter: OrganisationFacts,
    other: Side,
    new: NewRequest,
    thread_id: UUID,
    today: date,
    now: datetime,
    *path: str,
) -> RequestChange:
    if other.organisation.id == starter.id:
        raise Refused(Code.SAME_ORGANISATION, *path)
    asker, giver = (starter, other.organisation) if kind is RequestKind.NEED else (other.organisation, starter)
    if own_side(viewer, asker.id, giver.id) not in (None, starter.id):
        raise Refused(Code.BOTH_SIDES, *path)
    must_be_a_party(other.organisation, *path)
    must_not_have_ended(other.organisation, today, *path)
    columns: RequestChange = {
        "kind": kind,
        "status": RequestStatus.OPEN,
        "thread_id": thread_id,
        "title": bounds.text(new.title, bounds.TITLE, "title"),
        "description": bounds.optional_text(new.description, bounds.TEXT, "description"),
        "needed_on": bounds.day(new.needed_on, "neededOn", earliest=today),
    }
    if new.about is not None:
        columns |= _about(new.about, starter.id, other.organisation.id)
    return columns | answer_clock_started(now, _answer_days(new.answer_due_at, now, other.office), other.office)


def _about(about: Subject, *parties: UUID) -> RequestChange:
    """A request is seen by everyone, so it is about nothing that not everyone sees."""
    if about.organisation_id not in parties:
        raise Refused(Code.WRONG_ORGANISATION, "aboutId")
    if about.archived_at is not None:
        raise Refused(Code.ARCHIVED, "aboutId")
    if about.draft_of_id is not None:
        raise Refused(Code.STILL_A_DRAFT, "aboutId")
    return {"task_id": about.task_id, "target_id": about.target_id}


def _answer_days(answer_due_at: datetime | None, now: datetime, office: Office) -> int:
    """Three working days, or as many as the longer time that was given takes; its last day counts whole."""
    if answer_due_at is None:
        return ANSWER_DAYS
    earliest = deadline(now, ANSWER_DAYS, office.calendar).date()
    latest = local_day(now, office.calendar) + timedelta(LONGEST_ANSWER)
    day = answer_due_at.date()
    if bounds.EARLIEST < day < bounds.LATEST:  # the calendar's own ends cannot be taken to another time zone
        day = local_day(answer_due_at, office.calendar)
    due_on = bounds.day(day, "answerDueAt", earliest=earliest, latest=latest)
    return working_days_until(now, due_on, office.calendar)


# ---- answered -------------------------------------------------------------------------------------------------------


def accept_request(
    viewer: Viewer, request: RequestFacts, agreed_due_on: date | None, office: Office, today: date, now: datetime
) -> RequestChange:
    """On the date asked for. Where that has passed, `agreed_due_on` names another, no further off than it was then."""
    COLLABORATION_REQUEST.ask("acceptRequest", viewer, request, today)
    agreed = _agreed(request, agreed_due_on, office, today)
    return _answered(RequestStatus.ACCEPTED, viewer, request, office, now) | {
        "answer_reason": None,
        "accepted_at": now,
        **promised_for(agreed, office.calendar),
    }


def _agreed(request: RequestFacts, agreed_due_on: date | None, office: Office, today: date) -> date:
    asked_for = request.needed_on
    if asked_for is not None and asked_for >= today:
        return bounds.day(agreed_due_on or asked_for, "agreedDueOn", earliest=asked_for, latest=asked_for)
    made_on = today if request.made_at is None else local_day(request.made_at, office.calendar)
    given = ONE_DAY if asked_for is None else max(asked_for - made_on, ONE_DAY)
    return bounds.day(agreed_due_on, "agreedDueOn", earliest=today, latest=today + given)


def decline_request(
    viewer: Viewer, request: RequestFacts, reason: str | None, office: Office, today: date, now: datetime
) -> RequestChange:
    COLLABORATION_REQUEST.ask("declineRequest", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    return _answered(RequestStatus.DECLINED, viewer, request, office, now) | {"answer_reason": why}


def counter_request(
    viewer: Viewer,
    request: RequestFacts,
    terms: str | None,
    needed_on: date | None,
    office: Office,
    starter: Office,
    today: date,
    now: datetime,
) -> RequestChange:
    """Other terms, and another date if need be; of a date that has passed there must be another."""
    COLLABORATION_REQUEST.ask("counterRequest", viewer, request, today)
    if needed_on is not None or (request.needed_on is not None and request.needed_on < today):
        bounds.day(needed_on, "neededOn", earliest=today)
    return _answered(RequestStatus.COUNTERED, viewer, request, office, now) | {
        "counter_terms": bounds.text(terms, bounds.TEXT, "terms"),
        "counter_needed_on": needed_on,
        "counter_made_at": now,
        "counter_made_by_id": viewer.account_id,
        "counter_due_at": working_clock(ClockKind.COUNTER, now, COUNTER_DAYS, starter).due_at,
    }


def _answered(
    status: RequestStatus, viewer: Viewer, request: RequestFacts, office: Office, now: datetime
) -> RequestChange:
    columns: RequestChange = {"status": status, "answered_at": now, "answered_by_id": viewer.account_id}
    if request.status is RequestStatus.OPEN:
        columns |= answer_clock_stopped(request, now, office)
    return columns


def accept_counter(
    viewer: Viewer, request: RequestFacts, calendar: Calendar, today: date, now: datetime
) -> RequestChange:
    """On the other side's terms: its date, or the one asked for where it named none."""
    COLLABORATION_REQUEST.ask("acceptCounter", viewer, request, today)
    agreed = request.counter_needed_on or request.needed_on
    assert agreed is not None  # every request says by when
    return {
        "status": RequestStatus.ACCEPTED,
        "accepted_at": now,
        "counter_due_at": None,
        **promised_for(agreed, calendar),
    }


def refuse_counter(viewer: Viewer, request: RequestFacts, office: Office, today: date, now: datetime) -> RequestChange:
    """Open again, on a new answer clock; `office` is the answerer's."""
    COLLABORATION_REQUEST.ask("refuseCounter", viewer, request, today)
    return {"counters_refused_count": request.counters_refused_count + 1, **reopened(request, office, now)}


def reopened(request: RequestFacts, office: Office, now: datetime) -> RequestChange:
    """What changes where other terms are of no use any more: it waits for an answer as on its first day."""
    clock = answer_clock_started(now, request.answer_days, office)
    return {"status": RequestStatus.OPEN, **_UNANSWERED, **clock}


_UNANSWERED: RequestChange = {
    "answered_at": None,
    "answered_by_id": None,
    "counter_terms": None,
    "counter_needed_on": None,
    "counter_made_at": None,
    "counter_made_by_id": None,
    "counter_due_at": None,
}


# ---- asked back -----------------------------------------------------------------------------------------------------


def ask_for_information(
    viewer: Viewer,
    request: RequestFacts,
    question: str | None,
    office: Office,
    starter: Office,
    today: date,
    now: datetime,
) -> RequestChange:
    """The answer clock stands still until the starter answers, for three working days at most."""
    COLLABORATION_REQUEST.ask("askForInformation", viewer, request, today)
    text = bounds.text(question, bounds.TEXT, "question")
    request = as_it_stands(request, now)  # an earlier question may have run out
    return answer_clock_paused(request, Pause(PauseReason.QUESTION, now, None, viewer.account_id), office) | {
        "question": text,
        "question_asked_at": now,
        "question_due_at": working_clock(ClockKind.QUESTION, now, QUESTION_DAYS, starter).due_at,
        "question_count": request.question_count + 1,
    }


def answer_question(
    viewer: Viewer, request: RequestFacts, answer: str | None, answerer: Office, today: date, now: datetime
) -> RequestChange:
    """`answer` goes into the thread; the answerer's clock goes on."""
    COLLABORATION_REQUEST.ask("answerQuestion", viewer, request, today)
    bounds.text(answer, bounds.TEXT, "answer")
    return answer_clock_resumed(request, now, answerer)
