"""Targets: what they promise, how an approved plan's are amended, and their readings."""

from __future__ import annotations

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
    never_submitted = DLH if status is DRAFT else None
    facts = target(status, archived_at=NOW if verb == "restoreTarget" else None, draft_of_id=never_submitted)
    assert code(RULES[verb], HEAD, facts, TODAY) is BY_PLAN[verb][list(WorkPlanStatus).index(status)]


@pytest.mark.parametrize("verb", RULES)
def test_its_owners_people_act_on_a_target_and_nobody_else(verb: str) -> None:
    facts = target(
        APPROVED if BY_PLAN[verb][3] is None else DRAFT, archived_at=NOW if verb == "restoreTarget" else None
    )
    allowed = {HEAD, PLH, MAYOR, OFFICE, REVIEWER} if verb == "handOverTarget" else {HEAD, STAFF, PLH}
    if verb in ("amendTarget", "archiveTarget", "restoreTarget"):
        assert code(RULES[verb], PLH, facts, TODAY) is Code.NOT_AS_ACTING_HEAD
        allowed -= {PLH}
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
    assert archive_target(STAFF, target(DRAFT, draft_of_id=DLH), None, TODAY, NOW) == ({"archived_at": NOW}, None)
    change, proposal = archive_target(STAFF, target(), "Anggaran dialihkan", TODAY, NOW)
    assert (change, proposal and proposal.kind) == ({}, AmendmentKind.REMOVE)
    change, proposal = restore_target(STAFF, target(archived_at=NOW), "Anggaran kembali", TODAY)
    assert change == {"archived_at": None, "is_proposed": True}
    assert proposal is not None
    assert why(archive_target, STAFF, target(), None, TODAY, NOW) == (Code.REQUIRED, ("reason",))


@pytest.mark.parametrize("status", [DRAFT, RETURNED])
def test_a_target_that_others_have_seen_is_archived_only_by_an_amendment(status: WorkPlanStatus) -> None:
    assert code(rules.may_archive_target, STAFF, target(status), TODAY) is Code.ALREADY_PUBLIC
    assert code(rules.may_archive_target, STAFF, target(DRAFT, draft_of_id=DLH), TODAY) is None
    assert code(rules.may_archive_target, STAFF, target(), TODAY) is None


@pytest.mark.parametrize(
    ("owner", "from_", "expected"),
    [
        ({"id": JOHOR}, TODAY, None),
        ({}, TODAY, (Code.NOTHING_TO_CHANGE, ("organisationCode",))),
        ({"id": JOHOR, "kind": OrganisationKind.CITY_COMPANY}, TODAY, (Code.NO_PLAN_OWNER, ("organisationCode",))),
        ({"id": JOHOR, "valid_to": TODAY}, TODAY, (Code.ORGANISATION_ENDED, ("organisationCode",))),
        ({"id": JOHOR}, TODAY + timedelta(1), (Code.IN_THE_FUTURE, ("from",))),
        ({"id": JOHOR}, date(2026, 9, 29), (Code.OUT_OF_RANGE, ("from",))),
        ({"id": JOHOR}, date(2026, 9, 30), None),
    ],
)
def test_a_target_is_handed_to_a_plan_owner_and_what_was_achieved_stays(
    owner: dict[str, Any], from_: date, expected: Any
) -> None:
    facts = target(last_measured_on=date(2026, 9, 30))
    assert why(hand_over_target, HEAD, facts, organisation(**owner), from_, TODAY) == expected


# ---- amendments ---------------------------------------------------------------------------------------------------


def proposed(kind: AmendmentKind = AmendmentKind.CHANGE, **named: Any) -> AmendmentFacts:
    facts: dict[str, Any] = {
        "status": AmendmentStatus.PROPOSED, "proposed_by_id": STAFF.account_id, "owner_id": DLH,
        "plan_organisation_id": DLH,
        "plan_status": APPROVED,
    }  # fmt: skip
    return AmendmentFacts(kind=kind, **facts | named)


def test_a_change_is_proposed_with_a_reason_and_holds_only_what_differs() -> None:
    proposal = amend_target(STAFF, target(), {"target_value": Decimal(90), "baseline": None}, "Anggaran turun", TODAY)
    assert (proposal.kind, proposal.changes) == (AmendmentKind.CHANGE, {"target_value": Decimal(90)})
    assert why(amend_target, STAFF, target(), {"target_value": Decimal(90)}, None, TODAY) == (
        Code.REQUIRED,
        ("reason",),
    )
    assert code(amend_target, STAFF, target(), {"target_value": Decimal(100)}, "x", TODAY) is Code.NOTHING_TO_CHANGE


def test_indicator_unit_direction_and_roll_up_change_by_an_amendment() -> None:
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
    facts = target(has_open_amendment=True)
    for verb in ("amendTarget", "archiveTarget"):
        assert code(RULES[verb], STAFF, facts, TODAY) is Code.AMENDMENT_OPEN


@pytest.mark.parametrize("verb", ["approveAmendment", "returnAmendment"])
def test_a_reviewer_of_neither_side_decides_an_amendment(verb: str) -> None:
    decide = amendments.AMENDMENT.rules[verb]
    assert {each for each in EVERYBODY if code(decide, each, proposed(), TODAY) is None} == {MAYOR, OFFICE, REVIEWER}
    assert code(decide, REVIEWER, proposed(owner_id=BAPPEDA), TODAY) is Code.OWN_PLAN
    acting = viewer(30, BAPPEDA, Role.REVIEWER, (BAPPEDA, Capacity.PLT))
    assert code(decide, acting, proposed(), TODAY) is Code.NOT_AS_ACTING_HEAD
    assert code(decide, REVIEWER, proposed(plan_status=CLOSED), TODAY) is Code.PLAN_NOT_OPEN


@pytest.mark.parametrize("verb", amendments.AMENDMENT.verbs)
@pytest.mark.parametrize("status", sorted(set(AmendmentStatus) - {AmendmentStatus.PROPOSED}))
def test_a_decided_amendment_stays_decided(verb: str, status: AmendmentStatus) -> None:
    someone = STAFF if verb == "withdrawAmendment" else REVIEWER
    assert code(amendments.AMENDMENT.rules[verb], someone, proposed(status=status), TODAY) is Code.MOVE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("kind", "approved", "dropped"),
    [
        (AmendmentKind.CHANGE, {"target_value": Decimal(90)}, {}),
        (AmendmentKind.ADD, {"is_proposed": False}, {"archived_at": NOW}),
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
    assert amendments.withdraw_amendment(STAFF, proposed(kind), TODAY, NOW)[1] == dropped


def test_only_its_proposer_withdraws_an_amendment() -> None:
    for each in (HEAD, REVIEWER, MAYOR, OUTSIDER):
        assert code(amendments.may_withdraw_amendment, each, proposed(), TODAY) is Code.NOT_THE_AUTHOR


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
