"""The inbox, and how helpful an organisation has been: read from other things, changed by no verb."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rules.clock import ClockKind, day_clock
from server.rules.collaboration_clock_facts import RequestClockFacts
from server.rules.collaboration_facts import ANSWERED, RequestKind, RequestStatus
from server.rules.escalation_facts import EscalationStatus
from server.rules.follow_up import ObjectionClockFacts
from server.rules.helpfulness import GivenHelp, helpfulness
from server.rules.inbox import (
    InboxKind,
    ReadingFacts,
    Waiting,
    WaitingAmendment,
    grouped,
    in_order,
    of_amendment,
    of_escalation,
    of_follow_up,
    of_plan,
    of_reading,
    of_request,
    of_returned_plan,
)
from server.rules.inbox_tasks import of_help_wanted, of_order, of_task
from server.rules.office import Office
from server.rules.reply_clock import ReplyClockFacts
from server.rules.target import AmendmentKind, AmendmentStatus
from server.rules.task import TaskStatus
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.work_plan import WorkPlanStatus
from server.rules.workdays import Calendar
from tests.rules.known import (
    BAPPEDA,
    CAMAT,
    DLH,
    EVERYBODY,
    HEAD,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    OTHER_HEAD,
    PLH,
    POLONIA,
    REVIEWER,
    STAFF,
    TODAY,
    case,
    plan,
    request,
    task,
    uid,
    viewer,
)

MEDAN = Calendar.of("Asia/Jakarta")
ALL = (*EVERYBODY, CAMAT, OTHER_HEAD)
S, E, I = RequestStatus, EscalationStatus, InboxKind  # noqa: E741
# What a clock of three or ten working days from now on gives, whatever is stored: as for rows of before these columns.
THIRD_DAY, TENTH_DAY = datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC), datetime(2026, 12, 7, 16, 59, 59, tzinfo=UTC)
AGREED_UNTIL = datetime(2026, 12, 4, 16, 59, 59, tzinfo=UTC)


def whose(entries: Any) -> dict[InboxKind, tuple[set[Viewer], str, datetime | None]]:
    """Of each kind: for whom it waits, with what verb and until when."""
    found: dict[InboxKind, tuple[set[Viewer], str, datetime | None]] = {}
    for each in ALL:
        for entry in entries(each):
            people, verb, due_at = found.setdefault(entry.kind, (set(), entry.verb, entry.due_at))
            assert (verb, due_at) == (entry.verb, entry.due_at)
            people.add(each)
    return found


ALWAYS = Office(MEDAN)  # somebody held it


def beside(kind: Any, facts: Any, **offices: Office) -> Any:
    """The same facts as those of this kind, which know offices too."""
    return kind(**{each.name: getattr(facts, each.name) for each in fields(facts)}, **offices)


def on_the_clock(status: RequestStatus, **named: Any) -> RequestClockFacts:
    return cast(RequestClockFacts, beside(RequestClockFacts, request(status, **named), asker=ALWAYS, giver=ALWAYS))


def reported(status: EscalationStatus = EscalationStatus.REPLIED, **named: Any) -> ReplyClockFacts:
    return case(status, **{"person_reply_due_at": None, **named})


GIVER, ASKER, MAYORS = {HEAD, PLH}, {CAMAT}, {MAYOR, OFFICE}


@pytest.mark.parametrize(
    ("status", "named", "expected"),
    [
        (S.OPEN, {}, {I.REQUEST_TO_ANSWER: (GIVER, "acceptRequest", request().answer_due_at)}),
        (
            S.OPEN,
            {"kind": RequestKind.OFFER},
            {I.REQUEST_TO_ANSWER: (ASKER, "acceptRequest", request().answer_due_at)},
        ),
        (
            S.OPEN,
            {"question_asked_at": NOW, "question_due_at": AGREED_UNTIL},
            {I.QUESTION_TO_ANSWER: (ASKER, "answerQuestion", AGREED_UNTIL)},
        ),
        (S.OPEN, {"ruling_asked_at": NOW}, {I.RULING_DUE: (MAYORS, "assignRequest", THIRD_DAY)}),
        (
            S.COUNTERED,
            {"counter_made_at": NOW, "counter_due_at": AGREED_UNTIL},
            {I.COUNTER_TO_ANSWER: (ASKER, "acceptCounter", TENTH_DAY)},
        ),
        (S.ACCEPTED, {}, {I.COMMITMENT_DUE: (GIVER, "proposeNewDate", AGREED_UNTIL)}),
        (
            S.ACCEPTED,
            {"new_due_on": TODAY},
            {
                I.COMMITMENT_DUE: (GIVER, "proposeNewDate", AGREED_UNTIL),
                I.NEW_DATE_TO_ANSWER: (ASKER, "agreeNewDate", AGREED_UNTIL),
            },
        ),
        (
            S.ACCEPTED,
            {"commitment_status": TaskStatus.IN_PROGRESS, "commitment_progress": 100},
            {I.COMMITMENT_DUE: (GIVER, "deliverRequest", AGREED_UNTIL)},
        ),
        (
            S.ACCEPTED,
            {"commitment_status": TaskStatus.DONE},
            {I.DELIVERY_DUE: (GIVER, "deliverRequest", AGREED_UNTIL)},
        ),
        (
            S.DELIVERED,
            {"confirm_due_at": AGREED_UNTIL},
            {I.DELIVERY_TO_CONFIRM: (ASKER, "confirmDelivery", TENTH_DAY)},
        ),
        (S.DISPUTED, {}, {I.DISPUTE_TO_SETTLE: (GIVER, "resumeDelivery", THIRD_DAY)}),
        (S.DECLINED, {}, {}),
        (S.CONFIRMED, {}, {}),
        (S.WITHDRAWN, {}, {}),
    ],
)
def test_a_request_waits_for_the_side_whose_turn_it_is(
    status: RequestStatus, named: dict[str, Any], expected: dict[InboxKind, Any]
) -> None:
    assert whose(lambda each: of_request(each, on_the_clock(status, **named), TODAY)) == expected


REPLY = (GIVER, "replyToEscalation", case().reply_due_at)


@pytest.mark.parametrize(
    ("status", "named", "expected"),
    [
        (E.FILED, {}, {I.REPLY_DUE: REPLY}),
        (E.REPLY_LAPSED, {}, {I.REPLY_DUE: REPLY, I.DECISION_DUE: ({MAYOR}, "decideEscalation", None)}),
        (E.REPLIED, {"replied_at": NOW}, {I.DECISION_DUE: ({MAYOR}, "decideEscalation", None)}),
        (
            E.MEDIATION,
            {"replied_at": NOW, "meeting_at": NOW},
            {I.MEDIATION_TO_CONCLUDE: (MAYORS, "concludeMediation", AGREED_UNTIL)},
        ),
        (E.DECIDED, {"replied_at": NOW}, {}),
        (E.CLOSED, {"replied_at": NOW}, {}),
        (E.WITHDRAWN, {}, {}),
    ],
)
def test_a_case_waits_for_the_reply_and_then_for_the_decision(
    status: EscalationStatus, named: dict[str, Any], expected: dict[InboxKind, Any]
) -> None:
    meeting = day_clock(ClockKind.MEDIATION, NOW, date(2026, 12, 4), MEDAN)
    assert whose(lambda each: of_escalation(each, reported(status, **named), TODAY, meeting)) == expected


def test_a_decision_waits_for_nobody_whose_organisation_is_a_party() -> None:
    delegate = Viewer(uid(160), DLH, Role.OFFICE, is_delegate=True, has_case_access=True)
    assert not [*of_escalation(delegate, reported(replied_at=NOW), TODAY)]
    outside = Viewer(uid(161), BAPPEDA, Role.STAFF, is_delegate=True, has_case_access=True)
    assert [each.kind for each in of_escalation(outside, reported(replied_at=NOW), TODAY)] == [I.DECISION_DUE]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, {I.FOLLOW_UP_TO_CHECK: (ASKER, "objectToFollowUp", AGREED_UNTIL)}),
        ({"objected_at": NOW}, {I.FOLLOW_UP_TO_SETTLE: (MAYORS, "closeFollowUp", None)}),
        ({"task_id": None, "task_status": None}, {I.FOLLOW_UP_TO_SETTLE: (MAYORS, "closeFollowUp", None)}),
        ({"task_status": TaskStatus.IN_PROGRESS}, {}),
        ({"closed_at": NOW}, {}),
    ],
)
def test_a_follow_up_waits_for_the_filer_and_then_for_the_mayors_office(
    named: dict[str, Any], expected: dict[InboxKind, Any]
) -> None:
    facts = ObjectionClockFacts(
        filer=ALWAYS,
        id=uid(800),
        case=case(E.DECIDED),
        task_id=uid(300),
        task_status=TaskStatus.DONE,
        objectable_from=NOW,
        objection_due_at=AGREED_UNTIL,
    )
    assert whose(lambda each: of_follow_up(each, replace(facts, **named), TODAY)) == expected


def test_a_referral_waits_for_the_head_of_the_body_that_it_went_to() -> None:
    facts = ObjectionClockFacts(
        filer=ALWAYS, id=uid(800), is_referral=True, case=case(E.DECIDED, referred_to_id=POLONIA)
    )
    assert whose(lambda each: of_follow_up(each, facts, TODAY)) == {
        I.REFERRAL_TO_SETTLE: ({OTHER_HEAD}, "closeFollowUp", None)
    }


def test_a_plan_waits_for_its_reviewers_and_an_acting_one_can_only_return_it() -> None:
    submitted = plan(WorkPlanStatus.SUBMITTED)
    expected = {I.PLAN_TO_REVIEW: ({MAYOR, OFFICE, REVIEWER}, "approveWorkPlan", None)}
    assert whose(lambda each: of_plan(each, submitted, TODAY)) == expected
    assert whose(lambda each: of_plan(each, plan(WorkPlanStatus.APPROVED), TODAY)) == {}
    acting = viewer(60, BAPPEDA, Role.REVIEWER, (BAPPEDA, Capacity.PLT))
    assert [each.verb for each in of_plan(acting, submitted, TODAY)] == ["returnWorkPlan"]


def test_a_returned_plan_waits_for_the_head_to_submit_and_the_staff_to_mend_it() -> None:
    returned = plan(WorkPlanStatus.RETURNED)
    for each, verb in ((HEAD, "submitWorkPlan"), (PLH, "submitWorkPlan"), (STAFF, "updateWorkPlan")):
        assert [waiting.verb for waiting in of_returned_plan(each, returned, TODAY)] == [verb]
    for each in (MAYOR, OFFICE, REVIEWER, CAMAT):
        assert [*of_returned_plan(each, returned, TODAY)] == []
    assert [*of_returned_plan(HEAD, plan(WorkPlanStatus.SUBMITTED), TODAY)] == []


@pytest.mark.parametrize(
    ("kind", "status", "has_head", "expected"),
    [
        ("CHANGE", "PREPARED", True, {I.AMENDMENTS_TO_SIGN: ({HEAD}, "signAmendments", None)}),
        ("CHANGE", "PREPARED", False, {I.AMENDMENTS_TO_SIGN: ({HEAD, MAYOR}, "signAmendments", None)}),
        ("CHANGE", "PROPOSED", True, {I.AMENDMENTS_TO_REVIEW: ({MAYOR, OFFICE}, "approveAmendments", None)}),
        ("HAND_OVER", "PROPOSED", True, {I.HAND_OVER_TO_ANSWER: ({CAMAT}, "acceptHandOver", None)}),
        ("HAND_OVER", "ACCEPTED", True, {I.AMENDMENTS_TO_REVIEW: ({MAYOR, OFFICE}, "approveAmendments", None)}),
        ("CHANGE", "APPROVED", True, {}),
    ],
)
def test_an_amendment_waits_for_the_signature_then_the_receiver_then_the_reviewers_but_not_who_proposed_it(
    kind: str, status: str, has_head: bool, expected: dict[InboxKind, Any]
) -> None:
    """Proposed, for the test's sake, by the reviewer of Bappeda."""
    is_given = kind == "HAND_OVER"
    facts = WaitingAmendment(
        target_id=uid(500), work_plan_id=uid(400),
        kind=AmendmentKind(kind), status=AmendmentStatus(status), owner_id=DLH, draft_of_id=None,
        plan_organisation_id=DLH, plan_status=WorkPlanStatus.APPROVED, has_head=has_head,
        prepared_by_id=STAFF.account_id, proposed_by_id=REVIEWER.account_id, accepted_by_id=None,
        receiver_id=JOHOR if is_given else None, has_receiving_head=is_given, receiver_ends_on=None,
    )  # fmt: skip
    assert whose(lambda each: of_amendment(each, facts, TODAY)) == expected


def test_a_reading_waits_for_whoever_is_responsible_and_the_head() -> None:
    reading = ReadingFacts(target_id=uid(500), owner_id=DLH, responsible_id=CAMAT.account_id)
    clock = day_clock(ClockKind.READING, NOW, date(2026, 12, 4), MEDAN)
    told = whose(lambda each: of_reading(each, reading, clock))
    # The camat left the DLH.
    assert told == {I.MEASUREMENT_DUE: ({HEAD, PLH}, "recordMeasurement", AGREED_UNTIL)}
    named = replace(reading, responsible_id=STAFF.account_id)
    assert whose(lambda each: of_reading(each, named, clock))[I.MEASUREMENT_DUE][0] == {HEAD, PLH, STAFF}
    nobody = replace(reading, responsible_id=None)
    assert whose(lambda each: of_reading(each, nobody, clock))[I.MEASUREMENT_DUE][0] == {HEAD, PLH, STAFF}


@pytest.mark.parametrize(
    ("named", "people", "verb"),
    [
        ({"assignee_id": STAFF.account_id}, {STAFF}, "reportProgress"),
        ({"assignee_id": STAFF.account_id, "progress": 100}, {STAFF}, "completeTask"),
        ({}, {HEAD, PLH}, "reportProgress"),
        ({"due_on": TODAY - timedelta(90)}, {HEAD, PLH}, "reportProgress"),
        ({"due_on": TODAY + timedelta(8)}, set(), ""),
        ({"due_on": None}, set(), ""),
        ({"archived_at": NOW}, set(), ""),
        ({"status": TaskStatus.DONE}, set(), ""),
    ],
)
def test_a_task_waits_for_its_assignee_from_a_week_before_it_is_due(
    named: dict[str, Any], people: set[Viewer], verb: str
) -> None:
    facts = replace(task(due_on=TODAY + timedelta(7)), **named)
    told = whose(lambda each: of_task(each, facts, MEDAN, TODAY))
    assert {kind: (who, what) for kind, (who, what, _) in told.items()} == (
        {I.TASK_DUE: (people, verb)} if people else {}
    )


def test_a_task_of_whom_left_waits_for_the_head_and_not_for_who_left() -> None:
    facts = replace(task(due_on=TODAY), assignee_id=CAMAT.account_id)
    assert whose(lambda each: of_task(each, facts, MEDAN, TODAY)) == {}
    told = whose(lambda each: of_task(each, facts, MEDAN, TODAY, has_left=True))
    assert told[I.TASK_DUE][0] == {HEAD, PLH}


def test_what_waits_of_the_mayors_office_among_tasks_is_support_that_is_wanted_and_overdue_orders() -> None:
    wanted = task(TaskStatus.BLOCKED, support_asked_at=NOW)
    told = whose(lambda each: of_help_wanted(each, wanted, TODAY))
    assert told == {I.HELP_WANTED: (MAYORS, "answerSupport", None)}
    assert whose(lambda each: of_help_wanted(each, replace(wanted, support_answer="Dua truk"), TODAY)) == {}
    late = task(is_ordered=True, due_on=TODAY - timedelta(1))
    ran_out = NOW.replace(day=22, hour=16, minute=59, second=59)
    told = whose(lambda each: of_order(each, late, MEDAN, TODAY))
    assert told == {I.ORDER_OVERDUE: (MAYORS, "updateTask", ran_out)}
    for other in ({"is_ordered": False}, {"due_on": TODAY}, {"status": TaskStatus.DONE}, {"archived_at": NOW}):
        assert whose(lambda each, other=other: of_order(each, replace(late, **other), MEDAN, TODAY)) == {}


def test_what_one_verb_settles_on_one_thing_is_one_entry_due_with_the_first_of_them() -> None:
    def waiting(subject: int, kind: InboxKind, due_at: datetime | None, count: int = 1) -> Waiting:
        return Waiting(kind=kind, subject_id=uid(subject), verb="closeFollowUp", due_at=due_at, count=count)

    later = AGREED_UNTIL + timedelta(1)
    entries = [
        waiting(1, I.FOLLOW_UP_TO_SETTLE, None),
        waiting(1, I.FOLLOW_UP_TO_SETTLE, later),
        waiting(1, I.FOLLOW_UP_TO_SETTLE, AGREED_UNTIL, count=2),
        waiting(2, I.FOLLOW_UP_TO_SETTLE, None),
        waiting(1, I.REFERRAL_TO_SETTLE, None),
    ]
    assert [*grouped(entries)] == [waiting(1, I.FOLLOW_UP_TO_SETTLE, AGREED_UNTIL, count=4), *entries[3:]]


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=8))
def test_entries_are_ordered_by_deadline_and_those_without_come_last(deadlines: list[datetime | None]) -> None:
    entries = [
        Waiting(kind=I.TASK_DUE, subject_id=uid(n), verb="completeTask", due_at=due_at)
        for n, due_at in enumerate(deadlines)
    ]
    ordered = [each.due_at for each in in_order(entries)]
    known = [due_at for due_at in ordered if due_at is not None]
    assert known == sorted(known)
    assert ordered == [*known, *[None] * (len(ordered) - len(known))]


# ---- helpfulness ----------------------------------------------------------------------------------------------------

DUE = datetime(2026, 11, 26, 16, 59, 59, tzinfo=UTC)


def given_help(status: RequestStatus, late: bool = False, **named: Any) -> GivenHelp:
    answered = status in ANSWERED
    facts = GivenHelp(
        kind=RequestKind.NEED,
        status=status,
        answer_due_at=DUE,
        answer_stopped_at=(DUE + timedelta(days=1) if late else DUE) if answered else None,
        is_answered=answered,
        is_lapsed=late,
    )
    return replace(facts, **named)


def offer(status: RequestStatus) -> GivenHelp:
    return given_help(status, kind=RequestKind.OFFER)


def test_a_no_in_time_helps_too_and_silence_counts_once_its_time_has_run_out() -> None:
    """“Helpfulness counts answers in time and deliveries.”"""
    four = [given_help(S.DECLINED), given_help(S.ACCEPTED), given_help(S.COUNTERED), given_help(S.CONFIRMED)]
    told = helpfulness([*four, given_help(S.DECLINED, late=True), given_help(S.OPEN), given_help(S.OPEN, late=True)])
    assert (told.asked_count, told.answered_count, told.answered_in_time_count) == (7, 5, 4)
    assert told.share == Decimal("66.7")  # four of five answers and one silence
    assert told.delivered_count == 1


def test_under_five_answers_a_share_says_nothing_and_the_count_is_shown() -> None:
    """“A share is shown from five answers on; nothing is ranked, and no case counts.”"""
    told = helpfulness([given_help(S.ACCEPTED)] * 4)
    assert (told.share, told.answered_count) == (None, 4)
    assert helpfulness([given_help(S.ACCEPTED)] * 5).share == Decimal("100.0")
    assert helpfulness([]).share is None


def test_offers_count_as_made_and_delivered_and_never_against_anybody() -> None:
    told = helpfulness([offer(S.OPEN), offer(S.CONFIRMED), offer(S.DELIVERED), offer(S.WITHDRAWN), offer(S.DECLINED)])
    assert (told.offered_count, told.offers_delivered_count, told.delivered_count) == (4, 2, 2)
    assert (told.asked_count, told.share) == (0, None)


def test_what_lapsed_before_another_was_named_counts_as_never_answered() -> None:
    told = helpfulness([given_help(S.ACCEPTED)] * 5, lapsed_before=1)
    assert (told.asked_count, told.answered_count, told.share) == (6, 5, Decimal("83.3"))


def test_what_was_delivered_late_is_shown_with_its_days() -> None:
    late = [given_help(S.DELIVERED, days_late=3), given_help(S.CONFIRMED, days_late=4)]
    told = helpfulness([*late, given_help(S.CONFIRMED), given_help(S.DISPUTED, days_late=9)])
    assert (told.delivered_count, told.delivered_late_count, told.days_late) == (3, 2, 7)


def test_what_was_withdrawn_in_time_counts_for_nothing() -> None:
    withdrawn = given_help(S.WITHDRAWN, answer_stopped_at=DUE - timedelta(days=1))
    told = helpfulness([*[given_help(S.ACCEPTED)] * 5, withdrawn])
    assert (told.asked_count, told.answered_count, told.share) == (6, 5, Decimal("100.0"))


@given(st.lists(st.tuples(st.sampled_from(RequestStatus), st.booleans()), max_size=30))
def test_a_share_is_never_outside_0_to_100_and_one_more_answer_in_time_never_lowers_it(
    all_given: Iterable[tuple[RequestStatus, bool]],
) -> None:
    requests = [given_help(status, late) for status, late in all_given]
    before, after = helpfulness(requests), helpfulness([*requests, given_help(S.ACCEPTED)])
    for told in (before, after):
        assert told.share is None or 0 <= told.share <= 100
    if before.share is not None:
        assert after.share is not None
        assert after.share >= before.share


def test_nothing_of_a_request_waits_for_an_outsider() -> None:
    for status in RequestStatus:
        assert not [*of_request(OTHER_HEAD, on_the_clock(status, new_due_on=TODAY), TODAY)]
