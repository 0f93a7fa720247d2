"""The rules' enums as GraphQL's, every value described; a new aggregate's own may be described in its schema module."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

import strawberry

from server.query.values import shouted
from server.rules.aggregates import DECLARED, VERBS
from server.rules.clock import ClockEnding, ClockKind, ClockState
from server.rules.collaboration_facts import RequestKind, RequestStatus, RulingCause
from server.rules.decision import AppendixKind, Decider
from server.rules.eligibility import EscalationGround
from server.rules.escalation_facts import DecisionKind, EscalationStatus
from server.rules.event import EventType
from server.rules.holiday import HolidaySource
from server.rules.organisation import OrganisationKind
from server.rules.refusal import Code
from server.rules.target import AmendmentKind, AmendmentStatus, Formula, Grade, RollUp, TargetDirection, TrackState
from server.rules.task import Priority, TaskStatus
from server.rules.viewer import Capacity, Role
from server.rules.work_plan import WorkPlanStatus
from server.text import keys, template

Member = TypeVar("Member", bound=StrEnum)

SIGN_IN: Final = "signIn"  # what an inbox asks for, and no mutation
# The API's names as enums have them → as they stand in requests and in server/text.
_VERBS: Final = {shouted(name): name for name in (*VERBS, SIGN_IN)}
_FIELDS: Final = {shouted(name): name for name in keys("en", "field")}
_STATES_OF: Final = [each.states for _, each in DECLARED if each.states is not None]

# Made of the declarations, so that nobody lists them by hand.
Verb: Any = StrEnum("Verb", {name: name for name in _VERBS})  # type: ignore[misc]
ChangedField: Any = StrEnum("ChangedField", {name: name for name in _FIELDS})  # type: ignore[misc]
State: Any = StrEnum("State", {name: name for of in _STATES_OF for name in of.__members__})  # type: ignore[misc]
VERB_OF: Final[Mapping[str, Any]] = {name: Verb[shout] for shout, name in _VERBS.items()}
# Enum → in which section of server/text its values' labels stand, and there under which keys. All else is a `label`.
NAMED_BY: Final[Mapping[Any, tuple[str, Mapping[str, str]]]] = {
    Verb: ("verb", _VERBS),
    ChangedField: ("field", _FIELDS),
}


def described(enum: type[Member], description: str, *, name: str | None = None, **values: str) -> type[Member]:
    """The enum made a GraphQL enum with a description for each value; raises when one is missing or unknown.

    Call it before a type names the enum: here, or above that type in the aggregate's own module.
    """
    for name in set(values) ^ set(enum.__members__):
        what = "describe its value" if name in enum.__members__ else "it has no value"
        raise TypeError(f"{enum.__name__}: {what} {name}, where `described` is called in server/schema")
    made = strawberry.enum(enum, name=name, description=description)
    for value in made.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return enum


def deprecated_values(enum: type[StrEnum], **reasons: str) -> None:
    """Mark values of a described enum: `deprecated_values(Priority, LOW="use NORMAL; removed after 2027-06-30")`."""
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.deprecation_reason = reasons.get(value.name)


described(
    OrganisationKind,
    "What an organisation is.",
    MAYORS_OFFICE="The mayor's office, code WALIKOTA: mayor, deputy mayor, and whoever works for them.",
    OPD="An agency of the city (organisasi perangkat daerah): a dinas, a badan, a secretariat or one of its sections.",
    KECAMATAN="A district, led by a camat; itself an agency of the city.",
    KELURAHAN="A part of a kecamatan, led by a lurah. It owns no work plan.",
    CITY_COMPANY="A company owned by the city (PUD). It owns no work plan.",
)
described(
    Role,
    "What an account may do of itself. A head's powers come from an appointment beside it.",
    MAYOR="The mayor.",
    OFFICE="The mayor's office: deputy mayor, Sekda and their staff; reviews plans and orders tasks.",
    REVIEWER="Reviews work plans (Bappeda).",
    ADMIN="Keeps accounts, organisations, appointments and programmes.",
    HEAD="Heads an organisation, once appointed.",
    STAFF="Drafts plans and targets, makes tasks and reports for its organisation.",
    OBSERVER="Reads.",
    INTEGRATION="A program that acts for its organisation.",
)
described(
    Capacity,
    "In what capacity an office is held.",
    DEFINITIVE="Its holder.",
    PLT="Acting during a vacancy (pelaksana tugas, Plt.).",
    PLH="Acting during an absence (pelaksana harian, Plh.).",
)
described(
    WorkPlanStatus,
    "Where a work plan stands.",
    DRAFT="Being written. Seen only by its organisation and the reviewers until it is first submitted.",
    SUBMITTED="Waiting for a reviewer.",
    RETURNED="Sent back with a note; may be changed and submitted again.",
    APPROVED="In force. Its targets change by amendment only.",
    CLOSED="Its year is reported and done.",
)
described(
    TargetDirection,
    "Which readings of an indicator are good.",
    MAXIMISE="Higher is better.",
    MINIMISE="Lower is better.",
    RANGE="Inside the two bounds is right.",
)
described(
    RollUp,
    "How a year's readings make the realised value.",
    SUM="They add up.",
    LAST="The last one counts (a level).",
    MEAN="Their mean counts: that of the quarters which have readings, each the mean of its own.",
)
described(
    Formula,
    "How capaian is measured.",
    RATIO="Against the target: R / T where higher is better, (2T - R) / T where lower is.",
    PROGRESS="The share of the way from the baseline to the target: (R - B) / (T - B). Of a level or a mean.",
)
described(
    TrackState,
    "The light of a target: what a leader reads within the year. It is not a grade.",
    NOT_REPORTED="A report is past its last day and missing; nothing is known, so nothing is judged.",
    OFF_TRACK="Below 80 % of the progress expected on the last reading's date, or worse than before the year.",
    AT_RISK="From 80 to 95 % of the progress expected on the last reading's date.",
    ON_TRACK="At least 95 % of the progress expected on the last reading's date.",
    REALISED="The year's target is reached, and nothing more can undo it but a correction or an amendment.",
    NOT_STARTED="No reading, nothing expected yet, or nothing that can be measured.",
)
described(
    Grade,
    "The grade of a capaian, of a year that is told or of the year so far (Permendagri 86/2017). It is not the light.",
    VERY_LOW="Sangat rendah: 50 % and less.",
    LOW="Rendah: 51 to 65 %.",
    MEDIUM="Sedang: 66 to 75 %.",
    HIGH="Tinggi: 76 to 90 %.",
    VERY_HIGH="Sangat tinggi: 91 % and more.",
)
described(
    AmendmentKind,
    "What an amendment does to a target of an approved plan.",
    CHANGE="Changes what it promises.",
    ADD="Adds it to the plan.",
    REMOVE="Removes it from the plan.",
    HAND_OVER="Gives it to another organisation.",
)
described(
    AmendmentStatus,
    "Where an amendment stands.",
    PREPARED="Waiting for the signature of the owner's head; seen like a draft.",
    PROPOSED="Signed; it waits for a reviewer, a hand-over first for the receiver. The old value counts.",
    ACCEPTED="A hand-over to which the receiver has agreed; it waits for a reviewer.",
    APPROVED="Counts since the approval.",
    RETURNED="Refused by a reviewer with a note.",
    REFUSED="A hand-over to which the receiver did not agree.",
    WITHDRAWN="Taken back, or ended with its plan or its owner.",
)
described(
    TaskStatus,
    "Where a task stands.",
    PLANNED="Not begun.",
    IN_PROGRESS="Being worked on.",
    BLOCKED="Stopped by something; the reason is on the task.",
    DONE="Completed.",
    CANCELLED="Given up; the reason is on the task.",
)
described(
    Priority,
    "How urgent a task is. Ordered LOW, NORMAL, HIGH, URGENT.",
    LOW="When there is time.",
    NORMAL="In its turn.",
    HIGH="Before others.",
    URGENT="Now.",
)
described(
    RequestKind,
    "Who began a request.",
    NEED="The asker asks for help; the giver answers.",
    OFFER="The giver offers help; the asker answers.",
)
described(
    RequestStatus,
    "Where a collaboration request stands.",
    OPEN="Waiting for the other side's answer.",
    COUNTERED="The other side named other terms; whoever began it answers them.",
    ACCEPTED="Promised: a task of the giver's, the commitment, stands for it.",
    DECLINED="Refused with a reason; whoever declined may still accept.",
    DELIVERED="The giver says that it is done; the asker confirms or disputes.",
    DISPUTED="The asker says that it did not come as promised.",
    CONFIRMED="Done, as the asker said or by silence let stand.",
    WITHDRAWN="Ended by whoever began it, or by the clock.",
)
described(
    RulingCause,
    "Why the mayor's office is to say who is responsible.",
    SECOND_REDIRECT="It was redirected a second time.",
    REDIRECTED_BACK="It was redirected to somebody who had it before.",
    OBJECTION="The asker objected to a redirect.",
    AFTER_LAPSE="It was redirected after the time for an answer had run out; the ground of that stands meanwhile.",
    MAYORS_OFFICE="The mayor's office is a side of it, and gives nothing and is asked for nothing any more.",
)
described(
    ClockState,
    "Where a clock stands.",
    RUNNING="Its days are being counted.",
    PAUSED="It stands still; the reason is among its pauses.",
    ENDED="Nothing is waited for any more; its ending says why.",
    BREACHED="It ran out, and what it waits for has not come.",
)
described(
    ClockKind,
    "What a deadline is for.",
    ANSWER="The answer to a request or an offer.",
    QUESTION="The answer to a question that was asked back.",
    COUNTER="The answer to other terms.",
    COMMITMENT="What was promised.",
    CONFIRMATION="Whether a delivery came.",
    DELIVERY="After it, what was done in time counts as delivered.",
    DISPUTE="Taking a disputed delivery up again.",
    RULING="Whose a request is, as the mayor's office says.",
    REPLY="The respondent's reply to a case.",
    PERSON_REPLY="The reply of a case's person.",
    OBJECTION="The filer's objection to a follow-up.",
    TASK="A task.",
    READING="The reading of a target.",
    FOLLOW_UP="A follow-up of a case.",
    MEDIATION="What came of a mediation.",
    ACTING="An acting head's office.",
)
described(
    ClockEnding,
    "How a clock ended.",
    IN_TIME="What it waited for came in time.",
    LATE="What it waited for came after it had run out.",
    SILENCE="It ran out, and that nobody acted had its effect.",
    WITHDRAWN="What it was for was withdrawn.",
    CANCELLED="What it was for was cancelled.",
    DECIDED="It was decided without what it waited for.",
    RULING="The mayor's office ruled, or was asked to.",
    REDIRECTED="What it was for was sent on to another organisation.",
    SETTLED="What it was for was settled without it: a question by the answer, a ruling by an answer that came first, "
    "a dispute by a confirmation.",
    ORGANISATION_ENDED="An organisation ended, so that nobody was left to act or to ask.",
)
described(
    EscalationGround,
    "What a report of non-cooperation may rest on.",
    NO_ANSWER="The request was not answered in time.",
    REFUSED="The request was declined.",
    BROKEN_COMMITMENT="What was agreed was not delivered by its date, or the delivery is disputed.",
)
described(
    EscalationStatus,
    "Where a case stands.",
    FILED="The respondent's time to reply runs.",
    REPLIED="The respondent has replied.",
    REPLY_LAPSED="The time for a reply is over; one may still come.",
    MEDIATION="The parties are called to a meeting.",
    DECIDED="The mayor has decided; what follows is being done.",
    CLOSED="Decided, and everything that followed is done.",
    WITHDRAWN="Withdrawn by the filer, or settled.",
)
described(
    DecisionKind,
    "What the mayor decides on a case. The last four are disciplinary.",
    DISMISS="The report is dismissed.",
    INSTRUCT="A task is ordered of the respondent.",
    GUIDANCE="Guidance (pembinaan).",
    VERBAL_REPRIMAND="A verbal reprimand (teguran lisan).",
    WRITTEN_REPRIMAND="A written reprimand (teguran tertulis).",
    STATEMENT_OF_DISSATISFACTION="A written statement of dissatisfaction (pernyataan tidak puas secara tertulis).",
    REFER="Referred to the Inspektorat or the personnel agency.",
)
described(
    AppendixKind,
    "What is appended to a decision.",
    CORRECTION="A correction by the mayor's office.",
    OBJECTION="An objection (keberatan) by a party's head, or by the person.",
)
described(
    Decider,
    "By what power somebody decides a case.",
    MAYOR="As mayor.",
    DELEGATE="By the mayor's delegation.",
    ACTING_MAYOR="As acting mayor (Plt., Plh.).",
)
described(
    HolidaySource,
    "Who says that a day is off.",
    NATIONAL="A national holiday.",
    COLLECTIVE_LEAVE="Collective leave (cuti bersama), decreed by three ministers each year.",
    CITY="The city itself, whose word goes over the others'.",
)
described(
    EventType,
    "What happened. An open catalogue: expect new values.",
    **{event.name: f"Told as: {template('en', 'event', event.name)}." for event in EventType},
)
described(
    Code,
    "Why a verb was refused. Codes are never translated, and mean the same for ever.",
    name="ErrorCode",
    **{code.name: template("en", "refusal", code.name) for code in Code},
)
described(
    Verb,
    "A verb, by the mutation that does it. An open catalogue: expect new values.",
    **{
        shout: f"The mutation `{name}`: {template('en', 'verb', name)}."
        if name != SIGN_IN
        else "No mutation: a new sign-in, at /auth/sign-in."
        for shout, name in _VERBS.items()
    },
)
described(
    ChangedField,
    "A field that changed, by its name in the API. An open catalogue: expect new values.",
    **{shout: f"`{name}`: {template('en', 'field', name)}." for shout, name in _FIELDS.items()},
)
described(
    State,
    "A state of what a verb would move: a work plan, a task, an amendment, a request, a case. Each value is one of the "
    "thing's own enum, such as `TaskStatus`.",
    **{
        name: f"Of {', '.join(f'`{of.__name__}`' for of in _STATES_OF if name in of.__members__)}."
        for name in State.__members__
    },
)
