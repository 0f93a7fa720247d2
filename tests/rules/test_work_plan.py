"""Work plans: from draft to closed, and who may take each step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.rules import lifecycle
from server.rules.organisation import OrganisationKind
from server.rules.refusal import Code
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.work_plan import (
    WORK_PLAN,
    OpenTask,
    Remaining,
    Settlement,
    WorkPlanFacts,
    WorkPlanStatus,
    closable_at,
    close_work_plan,
    create_work_plan,
    may_approve_work_plan,
    may_close_work_plan,
    may_create_work_plan,
    reopen_work_plan,
    return_work_plan,
    settled,
    submit_work_plan,
    take_back_work_plan,
    update_work_plan,
)
from tests.rules.known import (
    BAPPEDA,
    CITY,
    CITY_HALL,
    DLH,
    ENDED,
    ENDED_FACTS,
    EVERYBODY,
    HEAD,
    MAYOR,
    NOW,
    OFFICE,
    PLH,
    REVIEWER,
    STAFF,
    TODAY,
    code,
    organisation,
    plan,
    refusal,
    uid,
    viewer,
    why,
)

RULES = WORK_PLAN.rules

WRITERS, HEADS, REVIEWERS = {STAFF, HEAD, PLH}, {HEAD, PLH}, {MAYOR, OFFICE, REVIEWER}
WHO = {
    "updateWorkPlan": WRITERS, "archiveWorkPlan": WRITERS, "restoreWorkPlan": WRITERS,
    "submitWorkPlan": HEADS, "takeBackWorkPlan": HEADS,
    "returnWorkPlan": REVIEWERS, "approveWorkPlan": REVIEWERS, "closeWorkPlan": REVIEWERS, "reopenWorkPlan": REVIEWERS,
}  # fmt: skip


def ripe(verb: str, status: WorkPlanStatus) -> WorkPlanFacts:
    never_submitted = DLH if verb == "archiveWorkPlan" else None
    return plan(status, archived_at=NOW if verb == "restoreWorkPlan" else None, draft_of_id=never_submitted)


def test_an_ended_organisation_submits_no_plan_and_takes_none_back() -> None:
    gone = plan(archived_at=NOW, organisation=ENDED)
    for verb, of in (("submitWorkPlan", plan(organisation=ENDED)), ("restoreWorkPlan", gone)):
        told = refusal(RULES[verb], HEAD, of, TODAY)
        assert (told.code, told.facts) == (Code.ORGANISATION_ENDED, ENDED_FACTS)


@pytest.mark.parametrize("verb", RULES)
@pytest.mark.parametrize("status", WorkPlanStatus)
def test_a_verb_is_allowed_exactly_in_the_states_of_its_row_and_to_its_people(
    verb: str, status: WorkPlanStatus
) -> None:
    """“DRAFT → SUBMITTED → APPROVED → CLOSED; SUBMITTED may be RETURNED with a note or taken back.” “A reviewer of
    another organisation approves or returns it.” “While it is SUBMITTED nobody changes it.”
    """
    if verb == "restoreWorkPlan" and status is not WorkPlanStatus.DRAFT:
        return  # nothing but a draft is ever archived
    for each in EVERYBODY:
        told = code(RULES[verb], each, ripe(verb, status), TODAY)
        if each not in WHO[verb]:
            assert told in (Code.NOT_YOUR_ORGANISATION, Code.NOT_YOUR_ROLE)
        else:
            assert told is (None if status in lifecycle.WORK_PLAN[verb] else Code.MOVE_NOT_ALLOWED)


@pytest.mark.parametrize("verb", RULES)
def test_an_archived_plan_is_only_restored(verb: str) -> None:
    status = WorkPlanStatus(next(state for state in lifecycle.WORK_PLAN[verb] if state))
    someone = next(iter(WHO[verb]))
    told = code(RULES[verb], someone, plan(status, archived_at=NOW), TODAY)
    assert told is (None if verb == "restoreWorkPlan" else Code.ARCHIVED)


def test_nobody_approves_a_plan_of_their_own_organisation() -> None:
    """“A reviewer of another organisation approves or returns it.” “Nobody approves a plan, or an amendment, of their
    own organisation; nobody decides or handles a case in which they or their own organisation are a party.”
    """
    own = plan(WorkPlanStatus.SUBMITTED, organisation_id=BAPPEDA)
    assert code(may_approve_work_plan, REVIEWER, own, TODAY) is Code.OWN_PLAN
    sekda = viewer(20, CITY_HALL, Role.OFFICE, (DLH, Capacity.DEFINITIVE))
    assert code(may_approve_work_plan, sekda, plan(WorkPlanStatus.SUBMITTED), TODAY) is Code.OWN_PLAN
    assert code(may_approve_work_plan, MAYOR, own, TODAY) is None


@pytest.mark.parametrize("capacity", [Capacity.PLT, Capacity.PLH])
def test_an_acting_head_submits_but_approves_no_plan(capacity: Capacity) -> None:
    acting = viewer(21, BAPPEDA, Role.REVIEWER, (BAPPEDA, capacity))
    assert code(may_approve_work_plan, acting, plan(WorkPlanStatus.SUBMITTED), TODAY) is Code.NOT_AS_ACTING_HEAD
    both = viewer(22, BAPPEDA, Role.REVIEWER, (BAPPEDA, capacity), (BAPPEDA, Capacity.DEFINITIVE))
    assert code(may_approve_work_plan, both, plan(WorkPlanStatus.SUBMITTED), TODAY) is None
    assert code(RULES["submitWorkPlan"], acting, plan(organisation_id=BAPPEDA), TODAY) is None


@pytest.mark.parametrize("kind", OrganisationKind)
def test_only_agencies_and_kecamatan_own_plans(kind: OrganisationKind) -> None:
    told = code(may_create_work_plan, STAFF, organisation(kind), TODAY)
    owns = kind in (OrganisationKind.OPD, OrganisationKind.KECAMATAN)
    assert told is (None if owns else Code.NO_PLAN_OWNER)


def made(year: int, **named: Any) -> Any:
    taken = named.pop("taken", False)
    return create_work_plan(STAFF, organisation(**named), year, "Renja", False, taken, TODAY)


@pytest.mark.parametrize(("year", "allowed"), [(2024, False), (2025, True), (2026, True), (2028, True), (2029, False)])
def test_a_plan_is_for_last_year_this_one_or_the_next_two(year: int, allowed: bool) -> None:
    """“One for each organisation and year: last year, this one, or the next two.”"""
    assert why(made, year) == (None if allowed else (Code.OUT_OF_RANGE, ("year",)))


def test_an_organisation_has_one_plan_a_year_and_none_after_its_end() -> None:
    """“One for each organisation and year: last year, this one, or the next two.”"""
    assert made(2026)["draft_of_id"] == DLH
    assert why(made, 2026, taken=True) == (Code.ALREADY_EXISTS, ("year",))
    assert why(made, 2026, valid_to=TODAY) == (Code.ORGANISATION_ENDED, ())
    assert why(made, 2027, valid_to=date(2026, 12, 31)) == (Code.ORGANISATION_ENDED, ("year",))


def test_an_empty_plan_is_not_submitted() -> None:
    assert code(submit_work_plan, HEAD, plan(target_count=0), TODAY, NOW) is Code.PLAN_EMPTY


def test_the_first_submission_makes_the_plan_public_for_good() -> None:
    change = submit_work_plan(HEAD, plan(draft_of_id=DLH), TODAY, NOW)
    assert (change["status"], change["draft_of_id"]) == (WorkPlanStatus.SUBMITTED, None)
    assert "draft_of_id" not in take_back_work_plan(HEAD, plan(WorkPlanStatus.SUBMITTED), TODAY)


def test_a_plan_is_returned_with_a_note_and_reopened_with_a_reason() -> None:
    """“DRAFT → SUBMITTED → APPROVED → CLOSED; SUBMITTED may be RETURNED with a note or taken back.” “A closed plan may
    be reopened with a reason.”
    """
    assert why(return_work_plan, REVIEWER, plan(WorkPlanStatus.SUBMITTED), " ", TODAY) == (Code.REQUIRED, ("note",))
    assert why(reopen_work_plan, REVIEWER, plan(WorkPlanStatus.CLOSED), None, TODAY) == (Code.REQUIRED, ("reason",))


def test_a_plan_is_edited_with_what_differs() -> None:
    assert update_work_plan(STAFF, plan(), {"needs_evidence": True}, TODAY) == {"needs_evidence": True}
    assert code(update_work_plan, STAFF, plan(), {"title": plan().title}, TODAY) is Code.NOTHING_TO_CHANGE


def test_a_plan_is_closed_only_once_its_last_report_is_due() -> None:
    """“It may be closed from the day after the last day for the reading of TW IV.”"""
    from_ = closable_at(2026, 10, CITY.calendar)
    assert from_.isoformat() == "2027-01-19T00:00:00+07:00"
    facts = plan(WorkPlanStatus.APPROVED, closable_at=from_)
    told = refusal(may_close_work_plan, REVIEWER, facts, date(2027, 1, 18))
    assert (told.code, told.facts) == (Code.REPORT_NOT_DUE, {"available_at": from_})
    assert code(may_close_work_plan, REVIEWER, facts, date(2027, 1, 19)) is None


CARRY_OVER, CANCEL = Settlement
OPEN = [OpenTask(id=uid(n), is_ordered=n == 2, is_commitment=n == 3) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("remaining", "exceptions", "reason", "expected"),
    [
        (CARRY_OVER, {}, None, None),
        (CARRY_OVER, {}, "Tahun berakhir", None),
        (CARRY_OVER, {1: CANCEL}, "Tahun berakhir", None),
        (CANCEL, {1: CARRY_OVER, 2: CARRY_OVER}, "Tahun berakhir", None),
        (CANCEL, {}, " ", (Code.REQUIRED, ("reason",))),
        (CARRY_OVER, {1: CANCEL}, None, (Code.REQUIRED, ("reason",))),
        (CARRY_OVER, {1: CANCEL, 2: CANCEL}, "x", (Code.ORDERED_TASK, ("exceptions", "1", "settlement"))),
        (CARRY_OVER, {3: CANCEL}, "x", (Code.COMMITMENT, ("exceptions", "0", "settlement"))),
        (CANCEL, {1: CANCEL, 9: CANCEL}, "x", (Code.NOT_FOUND, ("exceptions", "1", "taskId"))),
    ],
)
def test_one_choice_holds_for_all_that_is_open_exceptions_named_and_cancelling_needs_a_reason(
    remaining: Settlement, exceptions: dict[int, Settlement], reason: str | None, expected: Any
) -> None:
    named = {uid(number): settlement for number, settlement in exceptions.items()}
    said = Remaining(settlement=remaining, exceptions=named, reason=reason)
    assert why(close_work_plan, REVIEWER, plan(WorkPlanStatus.APPROVED), OPEN, said, TODAY, NOW) == expected


def test_commitments_and_ordered_tasks_are_always_carried_over() -> None:
    """“Whoever closes it makes one choice for all that is open, to carry it over or to cancel it with a reason,
    exceptions named; what was ordered or promised is always carried over.”
    """
    assert [settled(task, CANCEL, {}) for task in OPEN] == [CANCEL, CARRY_OVER, CARRY_OVER, CANCEL]
    assert settled(OPEN[0], CANCEL, {uid(1): CARRY_OVER}) is CARRY_OVER
    assert settled(OPEN[3], CARRY_OVER, {uid(4): CANCEL}) is CANCEL


def test_a_plan_that_others_have_seen_is_not_put_aside() -> None:
    """“Only a DRAFT that others have never seen is archived, and its year is free then.”"""
    taken_back = plan(WorkPlanStatus.DRAFT, draft_of_id=None)
    assert code(RULES["archiveWorkPlan"], HEAD, taken_back, TODAY) is Code.ALREADY_PUBLIC


def test_an_archived_draft_frees_its_year_until_another_takes_it() -> None:
    gone = plan(archived_at=NOW, is_year_taken=True)
    assert code(RULES["restoreWorkPlan"], STAFF, gone, TODAY) is Code.ALREADY_EXISTS


def test_a_reviewer_in_no_organisation_of_the_plan_closes_it_from_the_very_day_on() -> None:
    facts = plan(WorkPlanStatus.APPROVED, closable_at=datetime(2026, 11, 23, tzinfo=UTC))
    other: Viewer = viewer(23, BAPPEDA, Role.REVIEWER)
    assert code(may_close_work_plan, other, facts, TODAY) is None
    assert code(may_close_work_plan, other, facts, TODAY - timedelta(1)) is Code.REPORT_NOT_DUE
