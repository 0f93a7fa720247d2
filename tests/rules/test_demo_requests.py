"""The demo year's requests and cases: in every state, with the deadlines that the rules compute and told in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from server.actions.rows import logged, shape
from server.demo.places import SLOT
from server.demo.scene import Scale, Scene
from server.events.log import Entry
from server.models import (
    Appendix,
    Appointment,
    Delegation,
    Escalation,
    FollowUp,
    Message,
    Remark,
    Request,
    Target,
    Task,
    WorkPlan,
)
from server.rules.city import RULING_DAYS
from server.rules.clock import ClockKind, PauseReason, pauses_of, reminding_time, working_clock
from server.rules.collaboration_facts import (
    CONFIRMATION_DAYS,
    COUNTER_DAYS,
    DISPUTE_DAYS,
    QUESTION_DAYS,
    RequestFacts,
    RequestKind,
    RequestStatus,
    RulingCause,
)
from server.rules.eligibility import EscalationGround, eligibility
from server.rules.escalation_facts import REPLY_DAYS, DecisionKind, EscalationFacts, EscalationStatus
from server.rules.event import EventType
from server.rules.follow_up import FollowUpFacts
from server.rules.office import Office, Term
from server.rules.organisation import OrganisationKind
from server.rules.sweep import Deadline, case_step, request_step, term_step
from server.rules.viewer import Capacity
from server.rules.workdays import end_of_day
from tests.rules.test_demo_texts import mask
from tests.rules.test_demo_year import NOW, lives, rows, told

Status = RequestStatus


@pytest.fixture(scope="module")
def scene() -> Scene:
    return told(NOW, Scale(targets=200, tasks=300))


def facts_of(row: dict[str, Any], made_at: datetime, commitment: Mapping[str, Any] | None = None) -> RequestFacts:
    beside = {field.name for field in fields(RequestFacts) if field.name.startswith("commitment_")} - {"commitment_id"}
    names = (
        {field.name for field in fields(RequestFacts)}
        - beside
        - {"made_at", "mayors_office_id", "overlaps", "absences", "silence"}
    )
    known = {name: row[name] for name in names}
    if commitment is not None:
        own = {f"commitment_{column}": value for column, value in commitment.items()}
        known |= {name: own[name] for name in beside & {*own}}
    return RequestFacts(**known, made_at=made_at, mayors_office_id=UUID(int=0))


def office_of(scene: Scene, organisation_id: UUID) -> Office:
    """As `actions` makes it, from the appointments."""
    held = [row for row in rows(scene, Appointment) if row["organisation_id"] == organisation_id]
    return Office(scene.city.calendar, [Term(row["valid_from"], row["valid_to"], row["created_at"]) for row in held])


def sides(row: dict[str, Any]) -> tuple[UUID, UUID]:
    """The starter and the answerer."""
    ends = row["asker_id"], row["giver_id"]
    return ends if row["kind"] is RequestKind.NEED else ends[::-1]


def test_requests_stand_in_every_state(scene: Scene) -> None:
    every = rows(scene, Request)
    assert len(every) == 400
    states = Counter((row["kind"], row["status"]) for row in every)
    assert {status for _, status in states} == set(Status)
    assert all(sum(states[kind, status] for kind in RequestKind) >= 5 for status in Status)
    assert sum(states[RequestKind.OFFER, status] for status in Status) >= 50
    is_open = [row for row in every if row["status"] is Status.OPEN]
    pauses = [pause for row in is_open for pause in pauses_of(row["answer_pauses"]) if pause.to is None]
    assert {pause.reason for pause in pauses} == {PauseReason.QUESTION, PauseReason.RULING}
    assert sum(row["lapsed_at"] is not None for row in is_open) >= 15
    assert sum(row["lapsed_at"] is None and row["question"] is None for row in is_open) >= 15
    assert sum(bool(row["redirects"]) for row in every) >= 15
    assert {row["ruling_cause"] for row in is_open} >= {None, RulingCause.OBJECTION}
    assert any(row["is_assigned"] for row in every)
    assert sum(row["new_due_on"] is not None for row in every) >= 3
    assert sum(row["status"] is Status.ACCEPTED and row["agreed_due_on"] < scene.today for row in every) >= 5
    assert any(row["answer_days"] > 3 for row in every)
    assert sum(row["target_id"] is not None for row in every) >= 60
    assert sum(row["task_id"] is not None for row in every) >= 15
    threads = Counter(row["thread_id"] for row in every)
    assert sum(count >= 3 for count in threads.values()) >= 5
    assert len(rows(scene, Message)) >= 150


def test_every_verb_and_every_lapse_of_a_request_is_in_the_log(scene: Scene) -> None:
    types = {event.type for event in scene.ledger.entries}
    # No organisation ends, no calendar changes, the mayor's office was never a party, and nobody heads both sides.
    never = {EventType.REQUEST_PASSED_ON, EventType.REQUEST_CLOCK_MOVED, EventType.REQUEST_RULING_ASKED}
    never |= {EventType.REQUEST_ANSWERER_NAMED}
    assert {each for each in EventType if each.startswith("REQUEST_")} - types == never


def test_nobody_heads_both_sides_of_a_request(scene: Scene) -> None:
    """So its clocks stand still for no such reason."""
    heads = defaultdict(set)
    for row in rows(scene, Appointment):
        heads[row["organisation_id"]].add(row["account_id"])
    for row in rows(scene, Request):
        assert heads[row["asker_id"]].isdisjoint(heads[row["giver_id"]])


def test_what_is_asked_reads_like_different_offices(scene: Scene) -> None:
    subjects = [row["title"] for row in rows(scene, Request)]
    assert len({mask(subject, scene.places) for subject in subjects}) >= 120
    assert len(set(subjects)) >= 300
    texts = [value for row in rows(scene, Request) for value in row.values() if isinstance(value, str)]
    texts += [row["text"] for row in rows(scene, Message)]
    texts += [value for row in rows(scene, Escalation) for value in row.values() if isinstance(value, str)]
    assert not [text for text in texts if SLOT.search(text) or "{" in text or text != text.strip()]


def test_every_deadline_is_the_rules_own(scene: Scene) -> None:
    @cache
    def office(organisation_id: UUID) -> Office:
        return office_of(scene, organisation_id)

    for row in rows(scene, Request):
        starter, answerer = map(office, sides(row))
        answered_by = answerer if row["answer_stopped_at"] is None else office(sides(row)[1])
        pauses = pauses_of(row["answer_pauses"])
        started, days = row["answer_started_at"], row["answer_days"]
        clock = working_clock(ClockKind.ANSWER, started, days, answered_by, pauses=pauses)
        assert row["answer_due_at"] == clock.due_at
        for kind, count, who, begins, due in (
            (ClockKind.QUESTION, QUESTION_DAYS, starter, "question_asked_at", "question_due_at"),
            (ClockKind.COUNTER, COUNTER_DAYS, starter, "counter_made_at", "counter_due_at"),
            (ClockKind.DISPUTE, DISPUTE_DAYS, office(row["giver_id"]), "disputed_at", "dispute_due_at"),
            (ClockKind.RULING, RULING_DAYS, Office(scene.city.calendar), "ruling_asked_at", "ruling_due_at"),
            (ClockKind.CONFIRMATION, CONFIRMATION_DAYS, office(row["asker_id"]), "delivered_at", "confirm_due_at"),
        ):
            if row[due] is not None:
                assert row[due] == working_clock(kind, row[begins], count, who).due_at, row["title"]
    for row in rows(scene, Escalation):
        respondent = office(row["respondent_id"])
        assert row["reply_due_at"] == working_clock(ClockKind.REPLY, row["filed_at"], REPLY_DAYS, respondent).due_at


def test_a_sweep_finds_nothing_left_to_write_down(scene: Scene) -> None:
    """No reminder and no lapse is missing, none bears another name or moment than the sweeper's."""
    recorded: dict[UUID, set[Deadline]] = defaultdict(set)
    for event in scene.ledger.entries:
        if event.deadline is not None:
            recorded[event.subject_id].add((event.deadline, event.happened_at))
    tasks = {row["id"]: row for row in rows(scene, Task)}
    for row in rows(scene, Request):
        asker, giver = office_of(scene, row["asker_id"]), office_of(scene, row["giver_id"])
        facts = facts_of(row, row["created_at"], tasks.get(row["commitment_id"]))
        assert request_step(facts, asker, giver, RULING_DAYS, NOW, recorded[row["id"]]) is None, row["title"]
    for row in rows(scene, Escalation):
        case = case_of(scene, row)
        names = ("id", "task_id", "closed_at", "objectable_from", "objection_due_at", "objected_at")
        follow_ups = [
            FollowUpFacts(**{name: each[name] for name in names}, case=case)
            for each in rows(scene, FollowUp)
            if each["escalation_id"] == row["id"] and each["closed_at"] is None
        ]
        filer, respondent = office_of(scene, row["filer_id"]), office_of(scene, row["respondent_id"])
        assert case_step(case, follow_ups, respondent, filer, NOW, recorded[row["id"]]) is None, row["statement"]
    for row in rows(scene, Delegation):
        known, calendar = recorded[row["id"]], scene.city.calendar
        is_ended = row["version"] > 1 and not known
        step = term_step(EventType.DELEGATION_LAPSED, row["valid_to"], row["created_at"], calendar, NOW, known)
        assert step is None or is_ended, row["valid_to"]


def case_of(scene: Scene, row: dict[str, Any]) -> EscalationFacts:
    mayors_office_id = scene.staff.mayor.facts.organisation_id
    assert mayors_office_id is not None
    names = [field.name for field in fields(EscalationFacts) if "at" not in field.metadata]  # the row's own columns
    return EscalationFacts(
        **{name: row[name] for name in names},
        mayors_office_id=mayors_office_id,
        respondent_kind=OrganisationKind.OPD,
    )


def test_what_the_clock_did_has_no_actor_and_happened_at_the_deadline_once(scene: Scene) -> None:
    events = [event for event in scene.ledger.entries if event.deadline is not None]
    assert len({(event.subject_id, event.deadline, event.happened_at) for event in events}) == len(events)
    told_at = {
        EventType.REQUEST_LAPSED: "lapsed_at",
        EventType.REQUEST_COUNTER_LAPSED: "withdrawn_at",
        EventType.REQUEST_DELIVERED_BY_CLOCK: "delivered_at",
        EventType.REQUEST_CONFIRMED_BY_SILENCE: "confirmed_at",
    }
    for event in events:
        assert event.actor_id is None
        assert event.capacity is None
        local = event.happened_at.astimezone(scene.city.calendar.zone)
        assert event.deadline is not None
        told_for = reminding_time if event.deadline.endswith("_REMINDER") else end_of_day
        assert event.happened_at == told_for(local.date(), scene.city.calendar)
        column = told_at.get(event.type)
        if column is not None:
            assert event.changes[column] == [None, logged(event.happened_at)]
            assert event.facts["dueOn"] == local.date().isoformat()
    silent = {
        event.type
        for event in scene.ledger.entries
        if event.type.endswith(("_LAPSED", "SILENCE", "BY_CLOCK", "REMINDED"))
    }
    assert silent == {event.type for event in events if event.type is not EventType.ESCALATION_FOLLOW_UP_CLOSED} - {
        EventType.ESCALATION_CLOSED
    }


def test_every_verb_is_done_by_a_head_in_their_capacity(scene: Scene) -> None:
    appointed = defaultdict(set)
    for row in rows(scene, Appointment):
        appointed[row["account_id"]].add((row["organisation_id"], row["capacity"]))
    holders = {row["organisation_id"]: row["account_id"] for row in rows(scene, Appointment) if not row["valid_to"]}
    by_anybody = {EventType.REQUEST_MESSAGE_POSTED, EventType.REQUEST_ASSIGNED}
    of_office = ("MEDIATION", "DECI", "CLOSED", "FOLLOW_UP")
    for event in scene.ledger.entries:
        if event.subject_type not in ("Request", "Escalation") or event.actor_id is None:
            continue
        is_office = event.subject_type == "Escalation" and any(word in event.type for word in of_office)
        held = {
            capacity for organisation, capacity in appointed[event.actor_id] if organisation in event.organisation_ids
        }
        if event.type not in by_anybody and not is_office:
            assert event.capacity in held, event.type
        is_delegated = event.type is EventType.ESCALATION_DECIDED and event.actor_id == scene.staff.secretary.id
        acts = event.capacity is Capacity.PLH or is_delegated
        assert (event.on_behalf_of_id is not None) == acts
        if acts:
            assert event.on_behalf_of_id in holders.values()


def test_a_commitment_is_the_givers_task_due_on_the_agreed_day(scene: Scene) -> None:
    task = {row["id"]: row for row in rows(scene, Task)}
    plan = {row["id"]: row for row in rows(scene, WorkPlan)}
    promised = [row for row in rows(scene, Request) if row["commitment_id"] is not None]
    assert len(promised) >= 200
    for row in promised:
        commitment = task[row["commitment_id"]]
        assert (commitment["organisation_id"], commitment["title"]) == (row["giver_id"], row["title"])
        assert commitment["due_on"] == row["agreed_due_on"]
        if commitment["work_plan_id"] is not None:
            assert plan[commitment["work_plan_id"]]["organisation_id"] == row["giver_id"]
            assert plan[commitment["work_plan_id"]]["year"] == row["agreed_due_on"].year
        if row["status"] in (Status.DELIVERED, Status.CONFIRMED, Status.DISPUTED):
            assert commitment["status"] == "DONE"
        elif row["status"] is Status.ACCEPTED:
            assert commitment["status"] in ("PLANNED", "IN_PROGRESS", "BLOCKED")


def test_what_a_request_is_about_is_one_sides_and_everybody_saw_it_by_then(scene: Scene) -> None:
    about = {"target_id": (Target, "owner_id"), "task_id": (Task, "organisation_id")}
    events = lives(scene)
    for column, (model, owner) in about.items():
        known = {row["id"]: row for row in rows(scene, model)}
        for row in rows(scene, Request):
            if row[column] is None:
                continue
            subject = known[row[column]]
            assert subject[owner] in sides(row)
            assert subject["draft_of_id"] is None
            told = events[subject["id"]]
            assert told[0].happened_at < row["created_at"]
            assert all(
                event.happened_at < row["created_at"]
                for event in told
                if event.type in (EventType.TARGET_PUBLISHED, EventType.TASK_PUBLISHED)
            )
            ends = [event.happened_at for event in told if event.type is EventType.TASK_COMPLETED]
            assert not ends or ends[-1] > row["created_at"]


def test_cases_stand_in_every_state_with_every_kind_of_decision(scene: Scene) -> None:
    cases = rows(scene, Escalation)
    assert len(cases) == 12
    assert {row["status"] for row in cases} == set(EscalationStatus)
    assert {row["decision_kind"] for row in cases} == {None, *DecisionKind}
    assert {row["ground"] for row in cases} == set(EscalationGround)
    tasks = {row["id"]: row for row in rows(scene, Task)}
    (referral,) = [row for row in rows(scene, FollowUp) if row["is_referral"]]
    assert (referral["text"], referral["task_id"], referral["closed_at"]) == ("Inspektorat", None, None)
    ordered = [tasks[row["task_id"]] for row in rows(scene, FollowUp) if not row["is_referral"]]
    assert [row["is_ordered"] and row["needs_evidence"] for row in ordered] == [True, True]
    assert {row["status"] for row in ordered} >= {"DONE"}
    assert sorted(row["closed_at"] is None for row in rows(scene, FollowUp)) == [False, True, True]
    told_of = Counter(event.type for event in scene.ledger.entries if event.type.startswith("ESCALATION_FOLLOW_UP"))
    assert set(told_of) == {
        EventType.ESCALATION_FOLLOW_UP_ADDED,
        EventType.ESCALATION_FOLLOW_UP_ORDERED,
        EventType.ESCALATION_FOLLOW_UP_DONE,
        EventType.ESCALATION_FOLLOW_UP_CLOSED,
    }
    assert {row["kind"] for row in rows(scene, Appendix)} == {"CORRECTION", "OBJECTION"}


def test_the_mayors_office_remarks_on_cases_and_nobody_else_hears_of_it(scene: Scene) -> None:
    cases = {row["id"]: row for row in rows(scene, Escalation)}
    remarks = rows(scene, Remark)
    assert len({row["escalation_id"] for row in remarks}) >= 5
    assert {row["author_id"] for row in remarks} == {scene.staff.mayor.id, scene.staff.secretary.id}
    for row in remarks:
        (event,) = (each for each in scene.ledger.entries if each.subject_id == row["id"])
        case = cases[row["escalation_id"]]
        assert (event.type, event.audience, event.audience_id) == ("ESCALATION_REMARKED", "CASE_OFFICE", case["id"])
        assert event.organisation_ids == []
        assert event.facts["label"] == case["statement"][:80]
        assert case["filed_at"] < event.happened_at < scene.now


def test_the_mayor_has_delegated_decisions_before_and_does_now(scene: Scene) -> None:
    first, second, present = sorted(rows(scene, Delegation), key=lambda row: row["valid_from"])
    assert first["valid_to"] < second["valid_from"] <= second["valid_to"] < scene.today
    assert present["valid_from"] <= scene.today <= present["valid_to"]
    ends = {
        event.subject_id: event.type
        for event in scene.ledger.entries
        if event.type in (EventType.DELEGATION_ENDED, EventType.DELEGATION_LAPSED)
    }
    assert ends == {first["id"]: EventType.DELEGATION_ENDED, second["id"]: EventType.DELEGATION_LAPSED}
    (decided,) = (row for row in rows(scene, Escalation) if row["on_behalf_of_id"] is not None)
    assert (decided["decided_by_id"], decided["on_behalf_of_id"]) == (second["account_id"], scene.staff.mayor.id)
    decided_on = decided["decided_at"].astimezone(scene.city.calendar.zone).date()
    assert second["valid_from"] <= decided_on <= second["valid_to"]


def test_every_case_was_eligible_on_the_record_as_it_stood(scene: Scene) -> None:
    mayors_office_id = scene.staff.mayor.facts.organisation_id
    assert mayors_office_id is not None
    events, request = lives(scene), {row["id"]: row for row in rows(scene, Request)}
    for case in rows(scene, Escalation):
        row = request[case["request_id"]]
        then = as_it_was(row, events[row["id"]], case["filed_at"])
        office = office_of(scene, row["giver_id"])
        shown = eligibility(
            facts_of(then, row["created_at"]), office, case["filed_at"], mayors_office_id=mayors_office_id
        )
        assert [(each.ground, each.arose_at) for each in shown.grounds] == [(case["ground"], case["ground_arose_at"])]
        assert (case["filer_id"], case["respondent_id"]) == (row["asker_id"], row["giver_id"])


def as_it_was(row: dict[str, Any], events: list[Entry], at: datetime) -> dict[str, Any]:
    """The row before what the log tells of it after that moment."""
    then = dict(row)
    for event in reversed([each for each in events if each.recorded_at > at]):
        for column, (before, _) in event.changes.items():
            then[column] = read(column, before, row[column])
    assert set(then) == set(shape(Request).columns)
    return then


def read(column: str, value: Any, like: Any) -> Any:
    """A value of the log as a row has it."""
    if value is None or isinstance(value, list | int):
        return value
    if column.endswith("_at"):
        return datetime.fromisoformat(value)
    if column.endswith("_id"):
        return UUID(value)
    if isinstance(like, Enum):
        return type(like)(value)
    return date.fromisoformat(value) if isinstance(like, date) else value
