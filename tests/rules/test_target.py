"""Targets: what they promise, how an approved plan's are amended, and their readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from server.rules import amendment as amendments
from server.rules import target as rules
from server.rules.aggregates import offered_on
from server.rules.amendment import AmendmentFacts, amend_target
from server.rules.measurement import (
    MeasurementFacts,
    NewMeasurement,
    may_supersede_measurement,
    owner_on,
    record_measurement,
)
from server.rules.organisation import OrganisationKind
from server.rules.refusal import Code
from server.rules.target import TARGET, AmendmentKind, AmendmentStatus, RollUp, TargetDirection
from server.rules.target_content import (
    NewTarget,
    Points,
    archive_target,
    create_target,
    hand_over_target,
    restore_target,
    set_milestones,
    update_target,
)
from server.rules.viewer import Capacity, Role
from server.rules.work_plan import WorkPlanStatus
from tests.rules.known import (
    BAPPEDA,
    CAMAT,
    CITY_HALL,
    DLH,
    ENDED,
    ENDED_FACTS,
    EVERYBODY,
    HEAD,
    JOHOR,
    MAYOR,
    NOW,
    OFFICE,
    OUTSIDER,
    PLH,
    POLONIA,
    REVIEWER,
    STAFF,
    TODAY,
    account,
    code,
    organisation,
    plan,
    refusal,
    target,
    uid,
    viewer,
    why,
)

RULES = TARGET.rules

DRAFT, SUBMITTED, RETURNED, APPROVED, CLOSED = WorkPlanStatus
REVIEWED, SHUT, EARLY, AMEND = Code.PLAN_UNDER_REVIEW, Code.PLAN_NOT_OPEN, Code.PLAN_NOT_APPROVED, Code.AMENDMENT_NEEDED

# What each verb says in each state of the plan: DRAFT, SUBMITTED, RETURNED, APPROVED, CLOSED.
BY_PLAN: dict[str, tuple[Code | None, ...]] = {
    "updateTarget": (None, REVIEWED, None, None, SHUT),
    "setMilestones": (None, REVIEWED, None, AMEND, SHUT),
    "amendTarget": (EARLY, EARLY, EARLY, None, SHUT),
    "archiveTarget": (None, REVIEWED, Code.ALREADY_PUBLIC, None, SHUT),
    "restoreTarget": (None, REVIEWED, None, None, SHUT),
    "handOverTarget": (EARLY, EARLY, EARLY, None, SHUT),
    "recordMeasurement": (EARLY, EARLY, EARLY, None, SHUT),
}


@pytest.mark.parametrize("verb", RULES)
@pytest.mark.parametrize("status", WorkPlanStatus)
def test_each_verb_on_a_target_has_its_time_in_the_plans_life(verb: str, status: WorkPlanStatus) -> None:
    """“While it is SUBMITTED nobody changes it.” “Readings are recorded by head and staff of the owner, from the plan's
    approval until it is closed, of days in the plan's year and not in the future.”
    """
    never_submitted = DLH if status is DRAFT else None
    facts = target(status, archived_at=NOW if verb == "restoreTarget" else None, draft_of_id=never_submitted)
    assert code(RULES[verb], HEAD, facts, TODAY) is BY_PLAN[verb][list(WorkPlanStatus).index(status)]


@pytest.mark.parametrize("verb", RULES)
def test_its_owners_people_act_on_a_target_and_nobody_else(verb: str) -> None:
    """“HEAD, STAFF (and whoever belongs to the organisation as OFFICE or REVIEWER): draft, make tasks, report progress
    and readings for their organisation” “OBSERVER: reads” “While the plan is drawn up, head and staff add and
    change them, and archive what others have never seen.” “Readings are recorded by head and staff of the owner,
    from the plan's approval until it is closed, of days in the plan's year and not in the future.”
    """
    facts = target(
        APPROVED if BY_PLAN[verb][3] is None else DRAFT, archived_at=NOW if verb == "restoreTarget" else None
    )
    allowed = {HEAD, MAYOR, OFFICE, REVIEWER} if verb == "handOverTarget" else {HEAD, STAFF, PLH}
    assert {each for each in EVERYBODY if code(RULES[verb], each, facts, TODAY) is None} == allowed


def test_an_ended_organisation_takes_no_target() -> None:
    gone = target(archived_at=NOW, owner=ENDED)
    for verb, of in (("createTarget", plan(organisation=ENDED)), ("restoreTarget", gone)):
        told = refusal(offered_on("WorkPlan")[verb] if verb == "createTarget" else RULES[verb], STAFF, of, TODAY)
        assert (told.code, told.facts) == (Code.ORGANISATION_ENDED, ENDED_FACTS)


@pytest.mark.parametrize("verb", sorted(set(RULES) - {"restoreTarget"}))
@pytest.mark.parametrize("column", ["archived_at", "plan_archived_at"])
def test_what_is_archived_is_only_restored(verb: str, column: str) -> None:
    status = APPROVED if BY_PLAN[verb][3] is None else DRAFT
    changed: dict[str, Any] = {column: NOW}
    assert code(RULES[verb], HEAD, target(status, **changed), TODAY) is Code.ARCHIVED


# ---- the promise --------------------------------------------------------------------------------------------------


def made(status: WorkPlanStatus = DRAFT, **named: Any) -> Any:
    promise: dict[str, Any] = {
        "indicator": "Sampah terangkut", "unit": "ton", "direction": TargetDirection.MAXIMISE, "roll_up": RollUp.SUM,
        "target_value": Decimal(100),
    }  # fmt: skip
    responsible = named.pop("responsible", None)
    stands_in = plan(status, draft_of_id=named.pop("draft_of_id", None))
    return create_target(STAFF, stands_in, NewTarget(**promise | named), responsible, TODAY)


def new() -> NewTarget:
    return NewTarget(
        indicator="Bank sampah",
        unit="unit",
        direction=TargetDirection.MAXIMISE,
        roll_up=RollUp.LAST,
        target_value=Decimal(5),
        reason="Program baru",
    )


def test_a_target_in_a_draft_counts_at_once_and_in_an_approved_plan_by_an_amendment() -> None:
    columns, proposal = made(draft_of_id=DLH)
    assert (columns["is_proposed"], columns["draft_of_id"], proposal) == (False, DLH, None)
    assert columns["due_on"] == date(2026, 12, 31)
    columns, proposal = made(APPROVED, reason="Program baru")
    assert (columns["is_proposed"], proposal.kind, proposal.reason) == (True, AmendmentKind.ADD, "Program baru")
    assert why(made, APPROVED) == (Code.REQUIRED, ("reason",))
    assert code(made, SUBMITTED) is REVIEWED


MILESTONES: Points = ((date(2026, 3, 31), Decimal(20)), (date(2026, 6, 30), Decimal(50)))


@pytest.mark.parametrize(
    ("named", "expected", "path"),
    [
        ({"indicator": " "}, Code.REQUIRED, ("indicator",)),
        ({"unit": "x" * 61}, Code.TOO_LONG, ("unit",)),
        ({"target_value": None}, Code.REQUIRED, ("targetValue",)),
        ({"target_value": Decimal("NaN")}, Code.MALFORMED, ("targetValue",)),
        ({"target_value": Decimal(-1)}, Code.OUT_OF_RANGE, ("targetValue",)),
        ({"target_value": Decimal("0.00001")}, Code.OUT_OF_RANGE, ("targetValue",)),
        ({"target_value": Decimal("1e15")}, Code.OUT_OF_RANGE, ("targetValue",)),
        ({"target_value_to": Decimal(5)}, Code.MALFORMED, ("targetValueTo",)),
        ({"direction": TargetDirection.RANGE}, Code.REQUIRED, ("targetValueTo",)),
        (
            {"direction": TargetDirection.RANGE, "target_value_to": Decimal(99)},
            Code.OUT_OF_RANGE,
            ("targetValueTo",),
        ),
        ({"due_on": date(2027, 1, 1)}, Code.OUT_OF_RANGE, ("dueOn",)),
        ({"baseline": Decimal("Infinity")}, Code.MALFORMED, ("baseline",)),
        ({"milestones": MILESTONES[::-1]}, Code.OUT_OF_RANGE, ("milestones", "1", "dueOn")),
        ({"milestones": MILESTONES, "due_on": date(2026, 6, 30)}, Code.OUT_OF_RANGE, ("milestones", "1", "value")),
        ({"milestones": MILESTONES, "due_on": date(2026, 5, 1)}, Code.OUT_OF_RANGE, ("milestones", "1", "dueOn")),
        ({"responsible": account(organisation_id=JOHOR)}, Code.WRONG_ORGANISATION, ("responsibleId",)),
        ({"responsible": account(is_active=False)}, Code.ACCOUNT_DISABLED, ("responsibleId",)),
    ],
)
def test_a_promise_that_does_not_hold_together_is_refused_by_its_field(
    named: dict[str, Any], expected: Code, path: tuple[str, ...]
) -> None:
    assert why(made, **named) == (expected, path)


def test_the_promise_of_an_approved_plan_is_not_edited() -> None:
    """“In an approved plan indicator, unit, direction, roll-up, formula, baseline, values, due date and milestones
    change only by an amendment, one open at a time.” “Programme and responsible account change at once.”
    """
    assert update_target(STAFF, target(), {"programme_id": uid(9)}, None, TODAY) == {"programme_id": uid(9)}
    for patch, field in (
        ({"indicator": "Sampah diangkut"}, "indicator"),
        ({"target_value": Decimal(90)}, "targetValue"),
        ({"roll_up": RollUp.SUM}, "rollUp"),
    ):
        assert why(update_target, STAFF, target(), patch, None, TODAY) == (Code.AMENDMENT_NEEDED, (field,))
        assert update_target(STAFF, target(DRAFT), patch, None, TODAY) == patch  # type: ignore[arg-type]


def test_milestones_are_set_while_the_plan_is_drawn_up() -> None:
    change = set_milestones(STAFF, target(DRAFT), MILESTONES, TODAY)
    assert change["milestones"][0] == {"dueOn": "2026-03-31", "value": "20"}
    assert rules.milestones(change["milestones"]) == MILESTONES
    assert code(set_milestones, STAFF, target(DRAFT), (), TODAY) is Code.NOTHING_TO_CHANGE


def test_an_approved_plan_loses_and_regains_targets_by_amendment_only() -> None:
    """“So a target is added to and removed from an approved plan as well.”"""
    assert archive_target(STAFF, target(DRAFT, draft_of_id=DLH), None, TODAY, NOW) == ({"archived_at": NOW}, None)
    change, proposal = archive_target(STAFF, target(), "Anggaran dialihkan", TODAY, NOW)
    assert (change, proposal and proposal.kind) == ({}, AmendmentKind.REMOVE)
    change, proposal = restore_target(HEAD, target(archived_at=NOW), "Anggaran kembali", TODAY)
    assert change == {"archived_at": None, "is_proposed": True, "draft_of_id": None, "counts_from": None}
    assert proposal is not None
    assert why(archive_target, STAFF, target(), None, TODAY, NOW) == (Code.REQUIRED, ("reason",))


@pytest.mark.parametrize("status", [DRAFT, RETURNED])
def test_a_target_that_others_have_seen_is_archived_only_by_an_amendment(status: WorkPlanStatus) -> None:
    """“While the plan is drawn up, head and staff add and change them, and archive what others have never seen.”"""
    assert code(rules.may_archive_target, STAFF, target(status), TODAY) is Code.ALREADY_PUBLIC
    assert code(rules.may_archive_target, STAFF, target(DRAFT, draft_of_id=DLH), TODAY) is None
    assert code(rules.may_archive_target, STAFF, target(), TODAY) is None


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ({"id": JOHOR}, None),
        ({}, (Code.SAME_ORGANISATION, ("organisation",))),
        ({"id": JOHOR, "kind": OrganisationKind.CITY_COMPANY}, (Code.NO_PLAN_OWNER, ("organisation",))),
        ({"id": JOHOR, "valid_to": TODAY}, (Code.ORGANISATION_ENDED, ("organisation",))),
    ],
)
def test_a_target_is_handed_over_neither_to_oneself_nor_to_a_company_nor_to_what_has_ended(
    owner: dict[str, Any], expected: Any
) -> None:
    assert why(hand_over_target, HEAD, target(), organisation(**owner), "Tugas pindah", TODAY) == expected


def test_a_hand_over_is_proposed_with_a_reason_by_the_definitive_head_or_a_reviewer_and_by_no_acting_head() -> None:
    """“Handing over is an amendment too: PROPOSED with a reason by the owner's definitive head or a reviewer of another
    organisation, to another plan owner; ACCEPTED or REFUSED with a reason by its definitive head (where none is
    in office by the mayor's office); then approved or returned by a reviewer of neither who did not propose it.”
    """
    to = organisation(id=JOHOR)
    proposal = hand_over_target(HEAD, target(), to, "Tugas pindah", TODAY)
    assert (proposal.kind, proposal.is_signed, proposal.receiver_id) == (AmendmentKind.HAND_OVER, True, JOHOR)
    assert (proposal.before, proposal.changes) == ({"owner_id": DLH}, {"owner_id": JOHOR})
    assert hand_over_target(REVIEWER, target(), to, "Tugas pindah", TODAY).is_signed
    assert why(hand_over_target, HEAD, target(), to, " ", TODAY) == (Code.REQUIRED, ("reason",))
    assert code(RULES["handOverTarget"], REVIEWER, target(owner_id=BAPPEDA), TODAY) is Code.NOT_YOUR_ROLE
    acting_reviewer = viewer(30, BAPPEDA, Role.REVIEWER, (BAPPEDA, Capacity.PLT))
    for acting in (PLH, acting_reviewer, viewer(31, BAPPEDA, Role.REVIEWER, (DLH, Capacity.PLT))):
        assert code(RULES["handOverTarget"], acting, target(), TODAY) is Code.NOT_AS_ACTING_HEAD


# ---- amendments ---------------------------------------------------------------------------------------------------


def proposed(kind: AmendmentKind = AmendmentKind.CHANGE, **named: Any) -> AmendmentFacts:
    """Prepared by the staff and signed by the head, unless told otherwise."""
    facts: dict[str, Any] = {
        "status": AmendmentStatus.PROPOSED, "owner_id": DLH, "draft_of_id": None, "plan_organisation_id": DLH,
        "plan_status": APPROVED, "has_head": True, "prepared_by_id": STAFF.account_id,
        "proposed_by_id": HEAD.account_id, "accepted_by_id": None, "receiver_id": None, "has_receiving_head": False,
        "receiver_ends_on": None,
    }  # fmt: skip
    return AmendmentFacts(kind=kind, **facts | named)


def prepared(kind: AmendmentKind = AmendmentKind.CHANGE, **named: Any) -> AmendmentFacts:
    return proposed(kind, **{"status": AmendmentStatus.PREPARED, "proposed_by_id": None} | named)


def handed_over(status: AmendmentStatus = AmendmentStatus.PROPOSED, **named: Any) -> AmendmentFacts:
    """From DLH to Johor, whose definitive head is CAMAT."""
    given: dict[str, Any] = {"status": status, "receiver_id": JOHOR, "has_receiving_head": True}
    return proposed(AmendmentKind.HAND_OVER, **given | named)


def test_a_change_is_proposed_with_a_reason_and_holds_only_what_differs() -> None:
    proposal = amend_target(STAFF, target(), {"target_value": Decimal(90), "baseline": None}, "Anggaran turun", TODAY)
    assert (proposal.kind, proposal.changes) == (AmendmentKind.CHANGE, {"target_value": Decimal(90)})
    assert proposal.before == {"target_value": Decimal(100)}
    assert why(amend_target, STAFF, target(), {"target_value": Decimal(90)}, None, TODAY) == (
        Code.REQUIRED,
        ("reason",),
    )
    assert code(amend_target, STAFF, target(), {"target_value": Decimal(100)}, "x", TODAY) is Code.NOTHING_TO_CHANGE


def test_indicator_unit_direction_and_roll_up_change_by_an_amendment() -> None:
    """“In an approved plan indicator, unit, direction, roll-up, formula, baseline, values, due date and milestones
    change only by an amendment, one open at a time.”
    """
    words: Any = {
        "indicator": "Sampah diangkut", "unit": "ton/hari", "direction": TargetDirection.MINIMISE,
        "roll_up": RollUp.MEAN,
    }  # fmt: skip
    assert amend_target(STAFF, target(), words, "Salah ukur", TODAY).changes == words
    for named, expected, field in (
        ({"indicator": " "}, Code.REQUIRED, "indicator"),
        ({"unit": "x" * 61}, Code.TOO_LONG, "unit"),
        ({"direction": None}, Code.REQUIRED, "direction"),
        ({"direction": TargetDirection.RANGE}, Code.REQUIRED, "targetValueTo"),
        ({"roll_up": None}, Code.REQUIRED, "rollUp"),
    ):
        assert why(amend_target, STAFF, target(), named, "Salah ukur", TODAY) == (expected, (field,))


def test_a_target_has_one_open_amendment() -> None:
    """“In an approved plan indicator, unit, direction, roll-up, formula, baseline, values, due date and milestones
    change only by an amendment, one open at a time.”
    """
    facts = target(has_open_amendment=True)
    for verb in ("amendTarget", "archiveTarget"):
        assert code(RULES[verb], STAFF, facts, TODAY) is Code.AMENDMENT_OPEN


def test_staff_and_acting_heads_prepare_and_the_definitive_head_signs_with_that() -> None:
    """“The definitive head's signature makes it PROPOSED, many at once; what that head prepares is signed with it.”"""
    for each, is_signed in ((STAFF, False), (PLH, False), (HEAD, True)):
        patch: Any = {"target_value": Decimal(90)}
        assert amend_target(each, target(), patch, "Anggaran turun", TODAY).is_signed is is_signed
        for _, proposal in (
            archive_target(each, target(), "Anggaran turun", TODAY, NOW),
            restore_target(each, target(archived_at=NOW), "Anggaran turun", TODAY),
            create_target(each, plan(APPROVED), new(), None, TODAY),
        ):
            assert proposal is not None
            assert proposal.is_signed is is_signed


def test_what_is_only_prepared_shows_nothing_new_of_its_target() -> None:
    columns, _ = create_target(STAFF, plan(APPROVED), new(), None, TODAY)
    assert columns["draft_of_id"] == DLH
    assert restore_target(STAFF, target(archived_at=NOW), "Kembali", TODAY)[0] == {}
    given_up = target(archived_at=NOW, draft_of_id=DLH, is_proposed=True)
    assert restore_target(STAFF, given_up, "Kembali", TODAY)[0] == {"archived_at": None}


SIGN = amendments.AMENDMENT.rules["signAmendments"]


def test_an_amendment_is_signed_by_the_definitive_head_and_staff_do_not_sign_for_an_acting_one() -> None:
    assert {each for each in EVERYBODY if code(SIGN, each, prepared(), TODAY) is None} == {HEAD}
    assert code(SIGN, PLH, prepared(), TODAY) is Code.NOT_AS_ACTING_HEAD
    assert code(SIGN, STAFF, prepared(), TODAY) is Code.NOT_YOUR_ROLE
    signed, change = amendments.sign_amendment(HEAD, prepared(), TODAY, NOW)
    assert signed["status"] is AmendmentStatus.PROPOSED
    assert (signed["proposed_by_id"], signed["draft_of_id"], change) == (HEAD.account_id, None, {})
    assert code(SIGN, HEAD, proposed(), TODAY) is Code.MOVE_NOT_ALLOWED
    assert code(SIGN, HEAD, prepared(plan_status=CLOSED), TODAY) is Code.PLAN_NOT_OPEN


def test_where_no_definitive_head_is_in_office_the_mayors_office_signs_and_then_does_not_approve() -> None:
    """“Where no definitive head is in office the mayor's office signs; nobody signs for an acting head.”"""
    vacant = prepared(has_head=False)
    assert {each for each in EVERYBODY if code(SIGN, each, vacant, TODAY) is None} == {HEAD, MAYOR}
    secretary = viewer(31, CITY_HALL, Role.OFFICE, (BAPPEDA, Capacity.DEFINITIVE))
    assert code(SIGN, secretary, vacant, TODAY) is None
    of_dlh = viewer(32, DLH, Role.OFFICE)
    assert code(SIGN, of_dlh, vacant, TODAY) is Code.NOT_YOUR_ROLE, "for the own office its head alone signs"
    assert code(SIGN, PLH, vacant, TODAY) is Code.NOT_AS_ACTING_HEAD
    acting = viewer(30, CITY_HALL, Role.OFFICE, (CITY_HALL, Capacity.PLH))
    assert code(SIGN, acting, vacant, TODAY) is Code.NOT_AS_ACTING_HEAD
    signed = proposed(has_head=False, proposed_by_id=OFFICE.account_id)
    for verb in ("approveAmendment", "returnAmendment"):
        assert code(amendments.AMENDMENT.rules[verb], OFFICE, signed, TODAY) is Code.OWN_AMENDMENT
        assert code(amendments.AMENDMENT.rules[verb], MAYOR, signed, TODAY) is None


@pytest.mark.parametrize("verb", ["acceptHandOver", "refuseHandOver"])
def test_the_receivers_definitive_head_consents_to_a_hand_over(verb: str) -> None:
    """“Handing over is an amendment too: PROPOSED with a reason by the owner's definitive head or a reviewer of another
    organisation, to another plan owner; ACCEPTED or REFUSED with a reason by its definitive head (where none is
    in office by the mayor's office); then approved or returned by a reviewer of neither who did not propose it.”
    """
    answer = amendments.AMENDMENT.rules[verb]
    everybody = (*EVERYBODY, CAMAT)
    assert {each for each in everybody if code(answer, each, handed_over(), TODAY) is None} == {CAMAT}
    acting = viewer(30, JOHOR, Role.STAFF, (JOHOR, Capacity.PLT))
    vacant = handed_over(has_receiving_head=False)
    for facts in (handed_over(), vacant):
        assert code(answer, acting, facts, TODAY) is Code.NOT_AS_ACTING_HEAD
    assert {each for each in everybody if code(answer, each, vacant, TODAY) is None} == {CAMAT, MAYOR}
    assert code(answer, CAMAT, handed_over(AmendmentStatus.ACCEPTED), TODAY) is Code.MOVE_NOT_ALLOWED
    assert code(answer, CAMAT, proposed(), TODAY) is Code.NO_HAND_OVER


def test_nobody_accepts_a_hand_over_that_they_proposed() -> None:
    """“Nobody accepts what they proposed themselves.” They may head both organisations, or sign for both."""
    both = viewer(30, DLH, Role.HEAD, (DLH, Capacity.DEFINITIVE), (JOHOR, Capacity.DEFINITIVE))
    own = handed_over(proposed_by_id=both.account_id)
    rules = amendments.AMENDMENT.rules
    assert code(rules["acceptHandOver"], both, own, TODAY) is Code.OWN_AMENDMENT
    assert code(rules["refuseHandOver"], both, own, TODAY) is None
    assert code(rules["acceptHandOver"], both, handed_over(), TODAY) is None
    theirs = handed_over(proposed_by_id=MAYOR.account_id, has_receiving_head=False)
    assert code(rules["acceptHandOver"], MAYOR, theirs, TODAY) is Code.OWN_AMENDMENT


def test_a_hand_over_is_approved_once_it_is_accepted_by_a_reviewer_of_neither_who_did_not_propose_it() -> None:
    """“Handing over is an amendment too: PROPOSED with a reason by the owner's definitive head or a reviewer of another
    organisation, to another plan owner; ACCEPTED or REFUSED with a reason by its definitive head (where none is
    in office by the mayor's office); then approved or returned by a reviewer of neither who did not propose it.”
    """
    approve = amendments.AMENDMENT.rules["approveAmendment"]
    for verb in ("approveAmendment", "approveAmendments"):
        assert code(amendments.AMENDMENT.rules[verb], REVIEWER, handed_over(), TODAY) is Code.NOT_ACCEPTED
    back = amendments.AMENDMENT.rules["returnAmendment"]
    assert code(back, REVIEWER, handed_over(), TODAY) is None, "the receiver may never answer"
    accepted = handed_over(AmendmentStatus.ACCEPTED)
    assert {each for each in (*EVERYBODY, CAMAT) if code(approve, each, accepted, TODAY) is None} == {
        MAYOR, OFFICE, REVIEWER,
    }  # fmt: skip
    for own in ({"receiver_id": BAPPEDA}, {"owner_id": BAPPEDA}, {"plan_organisation_id": BAPPEDA}):
        assert code(approve, REVIEWER, handed_over(AmendmentStatus.ACCEPTED, **own), TODAY) is Code.OWN_PLAN
    for part in ("proposed_by_id", "accepted_by_id"):
        mine = handed_over(AmendmentStatus.ACCEPTED, **{part: REVIEWER.account_id})
        assert code(approve, REVIEWER, mine, TODAY) is Code.OWN_AMENDMENT
    ended = handed_over(AmendmentStatus.ACCEPTED, receiver_ends_on=TODAY)
    assert code(approve, REVIEWER, ended, TODAY) is Code.ORGANISATION_ENDED
    changes: Any = {"owner_id": JOHOR}
    _, change = amendments.approve_amendment(REVIEWER, accepted, changes, None, TODAY, NOW)
    assert change == {"owner_id": JOHOR, "responsible_id": None}


@pytest.mark.parametrize("verb", ["approveAmendment", "returnAmendment"])
def test_a_reviewer_of_neither_side_decides_an_amendment(verb: str) -> None:
    """“Nobody approves a plan, or an amendment, of their own organisation; nobody decides or handles a case in which
    they or their own organisation are a party.” “A reviewer of another organisation who has not signed it approves it,
    many at once, or returns it with a note.”
    """
    decide = amendments.AMENDMENT.rules[verb]
    assert {each for each in EVERYBODY if code(decide, each, proposed(), TODAY) is None} == {MAYOR, OFFICE, REVIEWER}
    assert code(decide, REVIEWER, proposed(owner_id=BAPPEDA), TODAY) is Code.OWN_PLAN
    acting = viewer(30, BAPPEDA, Role.REVIEWER, (BAPPEDA, Capacity.PLT))
    assert code(decide, acting, proposed(), TODAY) is Code.NOT_AS_ACTING_HEAD
    assert code(decide, REVIEWER, proposed(plan_status=CLOSED), TODAY) is Code.PLAN_NOT_OPEN


@pytest.mark.parametrize("verb", amendments.AMENDMENT.verbs)
@pytest.mark.parametrize("status", sorted(set(AmendmentStatus) - set(rules.OPEN_AMENDMENTS)))
def test_a_decided_amendment_stays_decided(verb: str, status: AmendmentStatus) -> None:
    someone = {"acceptHandOver": CAMAT, "refuseHandOver": CAMAT}.get(
        verb, HEAD if verb in ("withdrawAmendment", "signAmendments") else REVIEWER
    )
    facts = handed_over(status) if someone is CAMAT else proposed(status=status)
    assert code(amendments.AMENDMENT.rules[verb], someone, facts, TODAY) is Code.MOVE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("kind", "approved", "dropped"),
    [
        (AmendmentKind.CHANGE, {"target_value": Decimal(90)}, {}),
        (AmendmentKind.ADD, {"is_proposed": False, "counts_from": TODAY}, {"archived_at": NOW}),
        (AmendmentKind.REMOVE, {"archived_at": NOW}, {}),
    ],
)
def test_an_amendment_counts_from_its_approval_and_else_leaves_the_old_value(
    kind: AmendmentKind, approved: dict[str, Any], dropped: dict[str, Any]
) -> None:
    change = amendments.approve_amendment(REVIEWER, proposed(kind), {"target_value": Decimal(90)}, None, TODAY, NOW)
    assert change[0]["status"] is AmendmentStatus.APPROVED
    assert change[1] == approved
    assert amendments.return_amendment(REVIEWER, proposed(kind), "Jelaskan", TODAY, NOW)[1] == dropped
    assert amendments.withdraw_amendment(HEAD, proposed(kind), TODAY, NOW)[1] == dropped
    assert amendments.ended_amendment(proposed(kind), None, None, NOW)[1] == dropped
    assert amendments.withdraw_amendment(STAFF, prepared(kind), TODAY, NOW)[1] == {}
    assert amendments.withdraw_amendment(STAFF, prepared(kind, draft_of_id=DLH), TODAY, NOW)[1] == dropped


def test_an_amendment_is_withdrawn_by_whoever_made_it_or_the_owners_head_and_a_reviewers_hand_over_by_no_head() -> None:
    everybody = (*EVERYBODY, CAMAT)

    def who(facts: AmendmentFacts) -> set[Any]:
        return {each for each in everybody if code(amendments.may_withdraw_amendment, each, facts, TODAY) is None}

    assert who(prepared()) == {STAFF, HEAD, PLH}
    assert who(proposed()) == {HEAD}
    assert who(proposed(proposed_by_id=OFFICE.account_id)) == {HEAD, OFFICE}
    assert who(handed_over(proposed_by_id=REVIEWER.account_id)) == {REVIEWER}


def test_who_may_not_know_of_a_prepared_amendment_is_told_of_none() -> None:
    for each in (OUTSIDER, CAMAT):
        for verb in amendments.AMENDMENT.verbs:
            rule = amendments.AMENDMENT.rules[verb]
            none = replace(prepared(), kind=None, status=None, prepared_by_id=None)
            assert code(rule, each, prepared(), TODAY) is code(rule, each, none, TODAY)


# ---- readings -----------------------------------------------------------------------------------------------------


def recorded(measured_on: date | None, value: Any = 5, today: date = TODAY, **named: Any) -> Any:
    new = NewMeasurement(value=None if value is None else Decimal(value), measured_on=measured_on, **named)
    return record_measurement(STAFF, target(), new, today)


@pytest.mark.parametrize(
    ("measured_on", "named", "expected"),
    [
        (TODAY, {}, None),
        (date(2026, 1, 1), {}, None),
        (date(2025, 12, 31), {}, (Code.OUT_OF_RANGE, ("measuredOn",))),
        (date(2027, 1, 1), {"today": date(2027, 1, 5)}, (Code.OUT_OF_RANGE, ("measuredOn",))),
        (date(2026, 12, 31), {"today": date(2027, 1, 5)}, None),
        (TODAY + timedelta(1), {}, (Code.IN_THE_FUTURE, ("measuredOn",))),
        (None, {}, (Code.REQUIRED, ("measuredOn",))),
        (TODAY, {"value": None}, (Code.REQUIRED, ("value",))),
        (TODAY, {"value": "sNaN"}, (Code.MALFORMED, ("value",))),
        (TODAY, {"evidence": [("ftp://x", None)]}, (Code.MALFORMED, ("evidence", "0", "url"))),
        (TODAY, {"evidence": [("https://x.id", None)] * 51}, (Code.TOO_MANY, ("evidence",))),
    ],
)
def test_a_reading_is_of_a_day_of_the_plans_year_that_has_come(
    measured_on: date | None, named: dict[str, Any], expected: Any
) -> None:
    """“Readings are recorded by head and staff of the owner, from the plan's approval until it is closed, of days in
    the plan's year and not in the future.”
    """
    assert why(recorded, measured_on, **named) == expected


def test_a_proposed_target_and_a_year_that_has_not_begun_take_no_reading() -> None:
    assert code(rules.may_record_measurement, STAFF, target(is_proposed=True), TODAY) is Code.TARGET_PROPOSED
    assert code(rules.may_record_measurement, STAFF, target(plan_year=2027), TODAY) is Code.IN_THE_FUTURE


def test_a_reading_is_superseded_once() -> None:
    first, second = (MeasurementFacts(target=target(), superseded_by_id=by) for by in (None, uid(9)))
    assert code(may_supersede_measurement, STAFF, first, TODAY) is None
    assert code(may_supersede_measurement, STAFF, second, TODAY) is Code.ALREADY_SUPERSEDED


def test_a_reading_belongs_to_whoever_owned_the_target_on_its_day() -> None:
    owners = [(DLH, date(2026, 1, 1), date(2026, 6, 30)), (POLONIA, date(2026, 7, 1), None)]
    days = (date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1), TODAY)
    assert [owner_on(owners, day) for day in days] == [DLH, DLH, POLONIA, POLONIA]
