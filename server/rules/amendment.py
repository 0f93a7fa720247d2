"""How an approved plan's targets change: prepared with a reason, signed, decided by a reviewer, every value kept.

Until it is approved the old value stands. A target that was to be added and is not goes to the archive. A target is
handed over in the same way, with the consent of who is to have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypedDict, cast
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.aggregate import Aggregate, Verb
from server.rules.change import changed
from server.rules.event import EventType
from server.rules.fact import Moment, at, rows_of
from server.rules.organisation import OrganisationEnd, must_not_have_ended
from server.rules.permission import must_head, must_not_act, must_review
from server.rules.refusal import Code, Refused
from server.rules.target import (
    IS_OPEN,
    AmendmentKind,
    AmendmentStatus,
    Formula,
    RollUp,
    TargetChange,
    TargetDirection,
    TargetInFull,
    may_amend_target,
    of_open_amendment,
)
from server.rules.target_content import Points, Proposal, added, checked, checked_words, prepared, promise, stored
from server.rules.viewer import Capacity, Viewer
from server.rules.visibility import DRAFTS
from server.rules.work_plan import WorkPlanStatus

AT_ONCE = 200  # so many are signed, or approved, with one act

_TERMS = "SELECT jsonb_agg(jsonb_build_array(p.valid_from, p.valid_to)) FROM appointment p"
_TERMS += " JOIN account c ON c.id = p.account_id AND c.is_active"
_OF_OWNER = f"({_TERMS} WHERE p.organisation_id = {{t}}.owner_id AND p.capacity = 'DEFINITIVE')"
_OF_RECEIVER = (
    f"({_TERMS} JOIN amendment a ON a.receiver_id = p.organisation_id"
    f" WHERE a.target_id = {{t}}.id AND {IS_OPEN} AND p.capacity = 'DEFINITIVE')"
)
_RECEIVERS_END = (
    "(SELECT o.valid_to FROM amendment a JOIN organisation o ON o.id = a.receiver_id"
    f" WHERE a.target_id = {{t}}.id AND {IS_OPEN})"
)


def _is_held(terms: Iterable[tuple[str, str | None]] | None, moment: Moment) -> bool:
    """Whether today is a day of one of these terms, given by their first and last days as texts."""
    today = moment.today.isoformat()
    return any(first <= today and (last is None or today <= last) for first, last in terms or ())


@rows_of("target")
@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentFacts:
    """What the rules need to know of a target's open amendment; without `kind` there is none.

    `has_head`, `has_receiving_head`: a definitive head is in office at the owner, and at whoever is to have it.
    """

    owner_id: UUID
    draft_of_id: UUID | None
    plan_organisation_id: UUID = field(metadata=at("work_plan.organisation_id"))
    plan_status: WorkPlanStatus = field(metadata=at("work_plan.status"))
    has_head: bool = field(metadata=at(_OF_OWNER, _is_held))
    kind: AmendmentKind | None = field(metadata=at(of_open_amendment("kind")))
    status: AmendmentStatus | None = field(metadata=at(of_open_amendment("status")))
    prepared_by_id: UUID | None = field(metadata=at(of_open_amendment("prepared_by_id")))
    proposed_by_id: UUID | None = field(metadata=at(of_open_amendment("proposed_by_id")))
    accepted_by_id: UUID | None = field(metadata=at(of_open_amendment("accepted_by_id")))
    receiver_id: UUID | None = field(metadata=at(of_open_amendment("receiver_id")))
    has_receiving_head: bool = field(metadata=at(_OF_RECEIVER, _is_held))
    receiver_ends_on: date | None = field(metadata=at(_RECEIVERS_END))


class AmendmentChange(TypedDict, total=False):
    """The columns that a verb changes."""

    status: AmendmentStatus
    draft_of_id: UUID | None
    proposed_by_id: UUID | None
    proposed_at: datetime | None
    accepted_by_id: UUID | None
    accepted_at: datetime | None
    decided_by_id: UUID | None
    decided_at: datetime | None
    note: str | None


class AmendmentPatch(TypedDict, total=False):
    """What `amendTarget` may change: absent means unchanged, None means clear."""

    indicator: str | None
    unit: str | None
    direction: TargetDirection | None
    roll_up: RollUp | None
    formula: Formula | None
    baseline: Decimal | None
    target_value: Decimal | None
    target_value_to: Decimal | None
    due_on: date | None
    milestones: Points


# ---- who may do what, and when --------------------------------------------------------------------------------------


def must_sign_for(viewer: Viewer, organisation_id: UUID, has_head: bool) -> None:
    """The definitive head; where none is in office the mayor's office on behalf of that office. Nobody who acts for it.

    UU 30/2014 art. 14: an acting head takes no strategic decision.
    """
    must_not_act(viewer, organisation_id)
    if viewer.capacity_in(organisation_id) is Capacity.DEFINITIVE:
        return
    if viewer.is_office:
        must_not_act(viewer, viewer.organisation_id)
    if has_head or not _signs_for_others(viewer) or organisation_id in viewer.organisation_ids:
        must_head(viewer, organisation_id)


def _signs_for_others(viewer: Viewer) -> bool:
    """The mayor, and the Sekda: whoever of the mayor's office holds an office definitively; none of their staff."""
    holds = any(capacity is Capacity.DEFINITIVE for _, capacity in viewer.heads)
    return viewer.is_mayor or (viewer.is_office and holds)


def may_sign_amendments(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    must_sign_for(viewer, amendment.owner_id, amendment.has_head)
    _must_move("signAmendments", amendment)


def may_accept_hand_over(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    """Nobody takes over what they gave away themselves, in whatever office."""
    _may_answer_hand_over("acceptHandOver", viewer, amendment)
    if viewer.account_id == amendment.proposed_by_id:
        raise Refused(Code.OWN_AMENDMENT)
    must_not_have_ended(OrganisationEnd(valid_to=amendment.receiver_ends_on), today)


def may_refuse_hand_over(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    _may_answer_hand_over("refuseHandOver", viewer, amendment)


def may_decide_amendment(verb: str, viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    """A reviewer of no organisation concerned, who does not merely act as head of the own one, nor has signed it."""
    for organisation_id in (amendment.plan_organisation_id, amendment.owner_id, amendment.receiver_id):
        if organisation_id is not None:
            must_review(viewer, organisation_id)
    must_not_act(viewer, viewer.organisation_id)
    _must_move(verb, amendment)
    if viewer.account_id in (amendment.proposed_by_id, amendment.accepted_by_id):
        raise Refused(Code.OWN_AMENDMENT)
    is_unanswered = amendment.kind is AmendmentKind.HAND_OVER and amendment.status is not AmendmentStatus.ACCEPTED
    if verb != "returnAmendment" and is_unanswered:  # returned it can be, where the receiver never answers
        raise Refused(Code.NOT_ACCEPTED)
    must_not_have_ended(OrganisationEnd(valid_to=amendment.receiver_ends_on), today)


def may_withdraw_amendment(viewer: Viewer, amendment: AmendmentFacts, today: date) -> None:
    """What is only prepared: who prepared it, or the owner's head. Later: who proposed it, or the definitive head.

    A hand-over that a reviewer proposed is not the head's to take back.
    """
    sees = viewer.is_reviewer or amendment.owner_id in viewer.organisation_ids
    if amendment.status is AmendmentStatus.PREPARED and not sees:
        raise Refused(Code.NO_AMENDMENT)
    status = _must_have_status(amendment)
    if status is AmendmentStatus.PREPARED:
        is_own = viewer.account_id == amendment.prepared_by_id or viewer.is_head_of(amendment.owner_id)
    else:
        is_heads = (
            amendment.kind is not AmendmentKind.HAND_OVER
            and viewer.capacity_in(amendment.owner_id) is Capacity.DEFINITIVE
        )
        is_own = viewer.account_id == amendment.proposed_by_id or is_heads
    if not is_own:
        raise Refused(Code.NOT_THE_AUTHOR)
    lifecycle.move(lifecycle.AMENDMENT, status, "withdrawAmendment")


AMENDMENT: Final = Aggregate[AmendmentFacts](
    name="Amendment",
    table="amendment",
    prefix="amend",
    visibility=DRAFTS,
    states=AmendmentStatus,
    moves=lifecycle.AMENDMENT,
    verbs={
        "signAmendments": Verb(
            may_sign_amendments, EventType.TARGET_AMENDMENT_PROPOSED, (EventType.TARGET_AMENDMENT_PROPOSED,)
        ),
        "acceptHandOver": Verb(may_accept_hand_over, EventType.TARGET_HAND_OVER_ACCEPTED),
        "refuseHandOver": Verb(may_refuse_hand_over, EventType.TARGET_HAND_OVER_REFUSED),
        "approveAmendment": Verb(
            may_decide_amendment, EventType.TARGET_AMENDMENT_APPROVED, (EventType.TARGET_UPDATED,)
        ),
        "approveAmendments": Verb(
            may_decide_amendment,
            EventType.TARGET_AMENDMENT_APPROVED,
            (EventType.TARGET_AMENDMENT_APPROVED, EventType.TARGET_UPDATED),  # a draft gives up its external id
        ),
        "returnAmendment": Verb(may_decide_amendment, EventType.TARGET_AMENDMENT_RETURNED),
        "withdrawAmendment": Verb(may_withdraw_amendment, EventType.TARGET_AMENDMENT_WITHDRAWN),
    },
    of_itself=(EventType.TARGET_AMENDMENT_PREPARED,),
    exempt={
        "twins": "it belongs to a target: its table and type stand in target.py",
        "allowed-actions": "what may be done with it is told by its target, which all its verbs name",
        "watched": "whoever watches its target is told of it",
    },
)


def _may_answer_hand_over(verb: str, viewer: Viewer, amendment: AmendmentFacts) -> None:
    if amendment.receiver_id is None:
        raise Refused(Code.NO_HAND_OVER)
    must_sign_for(viewer, amendment.receiver_id, amendment.has_receiving_head)
    _must_move(verb, amendment)


def _must_have_status(amendment: AmendmentFacts) -> AmendmentStatus:
    if amendment.status is None:
        raise Refused(Code.NO_AMENDMENT)
    return amendment.status


def _must_move(verb: str, amendment: AmendmentFacts) -> None:
    lifecycle.move(lifecycle.AMENDMENT, _must_have_status(amendment), verb)
    if amendment.plan_status is not WorkPlanStatus.APPROVED:
        raise Refused(Code.PLAN_NOT_OPEN)


# ---- the verbs ------------------------------------------------------------------------------------------------------


def amend_target(
    viewer: Viewer, target: TargetInFull, patch: AmendmentPatch, reason: str | None, today: date
) -> Proposal:
    """A change of the promise; `Proposal.changes` are the target's columns as they would be."""
    may_amend_target(viewer, target, today)
    wanted: dict[str, object] = {**patch, **checked_words(patch)}
    if "milestones" in patch:
        wanted["milestones"] = tuple(patch["milestones"])
    different = changed(target, wanted)
    values = checked(promise(target, different), target.plan_year)
    changes = {**different, **{name: value for name, value in values.items() if name in different}}
    before = {name: getattr(target, name) for name in different}
    if "milestones" in before:
        before["milestones"] = stored(target.milestones)
    return prepared(
        viewer,
        target.owner_id,
        AmendmentKind.CHANGE,
        reason,
        cast(TargetChange, changes),
        cast(TargetChange, before),
    )


def sign_amendment(
    viewer: Viewer, amendment: AmendmentFacts, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    """From here on others see it: its columns, and the target's."""
    may_sign_amendments(viewer, amendment, today)
    signed: AmendmentChange = {
        "status": AmendmentStatus.PROPOSED,
        "draft_of_id": None,
        "proposed_by_id": viewer.account_id,
        "proposed_at": now,
    }
    is_addition = amendment.kind is AmendmentKind.ADD
    return signed, added(amendment.draft_of_id is not None, is_signed=True) if is_addition else {}


def accept_hand_over(viewer: Viewer, amendment: AmendmentFacts, today: date, now: datetime) -> AmendmentChange:
    may_accept_hand_over(viewer, amendment, today)
    return {"status": AmendmentStatus.ACCEPTED, "accepted_by_id": viewer.account_id, "accepted_at": now}


def refuse_hand_over(
    viewer: Viewer, amendment: AmendmentFacts, reason: str | None, today: date, now: datetime
) -> AmendmentChange:
    may_refuse_hand_over(viewer, amendment, today)
    return _decided(AmendmentStatus.REFUSED, viewer.account_id, bounds.text(reason, bounds.TEXT, "reason"), now)


def approve_amendment(
    viewer: Viewer, amendment: AmendmentFacts, changes: TargetChange, note: str | None, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    """The amendment's columns, and what now counts on the target. `changes` are the proposal's."""
    may_decide_amendment("approveAmendment", viewer, amendment, today)
    why = bounds.optional_text(note, bounds.TEXT, "note")
    decided = _decided(AmendmentStatus.APPROVED, viewer.account_id, why, now)
    match amendment.kind:
        case AmendmentKind.CHANGE:
            return decided, changes
        case AmendmentKind.ADD:
            return decided, {"is_proposed": False, "counts_from": today}
        case AmendmentKind.HAND_OVER:
            return decided, {**changes, "responsible_id": None}
        case _:
            return decided, {"archived_at": now}


def return_amendment(
    viewer: Viewer, amendment: AmendmentFacts, note: str | None, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    may_decide_amendment("returnAmendment", viewer, amendment, today)
    why = bounds.text(note, bounds.TEXT, "note")
    return _decided(AmendmentStatus.RETURNED, viewer.account_id, why, now), _dropped(amendment, now)


def withdraw_amendment(
    viewer: Viewer, amendment: AmendmentFacts, today: date, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    may_withdraw_amendment(viewer, amendment, today)
    return _decided(AmendmentStatus.WITHDRAWN, viewer.account_id, None, now), _dropped(amendment, now)


def ended_amendment(
    amendment: AmendmentFacts, by_id: UUID | None, note: str | None, now: datetime
) -> tuple[AmendmentChange, TargetChange]:
    """In the wake of its plan's closing or an organisation's end. `by_id`: whoever did that."""
    return _decided(AmendmentStatus.WITHDRAWN, by_id, note, now), _dropped(amendment, now)


def _decided(status: AmendmentStatus, by_id: UUID | None, note: str | None, now: datetime) -> AmendmentChange:
    return {"status": status, "decided_by_id": by_id, "decided_at": now, "note": note}


def _dropped(amendment: AmendmentFacts, now: datetime) -> TargetChange:
    """A target that was to be added goes to the archive; one that is there already and not yet proposed stays there."""
    is_shown = amendment.status is not AmendmentStatus.PREPARED or amendment.draft_of_id is not None
    return {"archived_at": now} if amendment.kind is AmendmentKind.ADD and is_shown else {}
