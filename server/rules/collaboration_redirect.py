"""Whose a request is (bukan wewenang): redirected by a giver, objected to by the asker, ruled by the mayor's office.

And who answers for a side whose head acts for the other one.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.rules import bounds, lifecycle
from server.rules.account import AccountFacts
from server.rules.clock import Pause, PauseReason
from server.rules.collaboration import COLLABORATION_REQUEST, must_be_a_party
from server.rules.collaboration_answer import Side, reopened
from server.rules.collaboration_clock import (
    answer_clock,
    answer_clock_paused,
    answer_clock_started,
    clocks_moved,
    ruling_clock,
    settled,
)
from server.rules.collaboration_facts import (
    RequestChange,
    RequestFacts,
    RequestKind,
    RulingCause,
    StoredRedirect,
)
from server.rules.collaboration_sides import StoredStandIn, lacking
from server.rules.office import Office
from server.rules.organisation import must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.viewer import WORKING, Role, Viewer


def redirect_request(
    viewer: Viewer,
    request: RequestFacts,
    to: Side,
    reason: str | None,
    office: Office,
    ruling_days: int,
    today: date,
    now: datetime,
) -> RequestChange:
    """Bukan wewenang: to whom it belongs, on a full clock. Too late, the second time, or back, a ruling is asked for.

    `office` is that of the one who redirects; `ruling_days`: in so many working days the mayor's office rules, as the
    city says. Nobody redirects to what they head themselves.
    """
    COLLABORATION_REQUEST.ask("redirectRequest", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    _must_be_another(request, to, today, "to")
    if to.organisation.id == request.giver_id:
        raise Refused(Code.SAME_ORGANISATION, "to")
    if viewer.is_head_of(to.organisation.id):
        raise Refused(Code.HEADED_BY_YOURSELF, "to")
    if answer_clock(request, office, at=now).has_run_out(now):
        cause = RulingCause.AFTER_LAPSE
    elif not request.redirects:
        return _passed_to(request, to, why, viewer, now)
    else:
        is_back = to.organisation.id in request.chain
        cause = RulingCause.REDIRECTED_BACK if is_back else RulingCause.SECOND_REDIRECT
    return _ruling_asked(request, cause, why, to.organisation.id, viewer.account_id, office, ruling_days, now)


def object_to_redirect(
    viewer: Viewer,
    request: RequestFacts,
    reason: str | None,
    office: Office,
    ruling_days: int,
    today: date,
    now: datetime,
) -> RequestChange:
    """The mayor's office rules, and the clock stands still till then; `office` is the present giver's."""
    COLLABORATION_REQUEST.ask("objectToRedirect", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    return _ruling_asked(request, RulingCause.OBJECTION, why, None, viewer.account_id, office, ruling_days, now)


def ask_for_ruling(request: RequestFacts, office: Office, ruling_days: int, now: datetime) -> RequestChange:
    """By the clock: of what was asked of the mayor's office, or by it, before it was kept out of requests.

    `office` is the present giver's. Nothing where no such ruling is needed. Other terms that were named to the mayor's
    office, or by it, end with it: who gives is open again. An offer asks for nobody's ruling.
    """
    is_party = request.mayors_office_id in (request.asker_id, request.giver_id)
    is_waiting = request.kind is RequestKind.NEED and request.status in lifecycle.COLLABORATION["askForRuling"]
    if not (is_party and is_waiting) or request.is_assigned or request.ruling_asked_at is not None:
        return {}
    change: RequestChange = {}
    if lifecycle.move(lifecycle.COLLABORATION, request.status, "askForRuling") is not request.status:
        change = reopened(request, office, now)
        columns: dict[str, Any] = {**change}
        request = replace(
            request, **{each.name: columns[each.name] for each in fields(request) if each.name in columns}
        )
    cause = RulingCause.MAYORS_OFFICE
    return change | _ruling_asked(request, cause, None, None, None, office, ruling_days, now)


def assign_request(
    viewer: Viewer, request: RequestFacts, to: Side, reason: str | None, office: Office, today: date, now: datetime
) -> RequestChange:
    """The ruling: whoever is named, the present giver too, has a full clock and cannot redirect.

    `office` is the present giver's. Where its clock had run out a ruling for it leaves the lapse as it is, one for
    another ends it; the step to the other keeps it on the record.
    """
    COLLABORATION_REQUEST.ask("assignRequest", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    _must_be_another(request, to, today, "giver")
    clock = answer_clock(request, office, at=now)
    was_asked = request.giver_id != request.mayors_office_id
    lapsed_at = clock.due_at if was_asked and clock.has_run_out(now) else None
    if to.organisation.id == request.giver_id and lapsed_at is not None:
        return settled(request) | {"is_assigned": True}
    return _passed_to(request, to, why, viewer, now, is_ruling=True, lapsed_at=lapsed_at) | {"is_assigned": True}


def assign_answerer(
    viewer: Viewer,
    request: RequestFacts,
    account: AccountFacts,
    asker: Office,
    giver: Office,
    today: date,
    now: datetime,
) -> RequestChange:
    """Somebody of the side that lacks its head, who acts for it meanwhile; its clocks go on. It may be named anew."""
    COLLABORATION_REQUEST.ask("assignAnswerer", viewer, request, today)
    lacks = lacking(request)
    assert lacks is not None  # or it was refused
    if account.id == lacks.account_id:
        raise Refused(Code.HEADS_BOTH_SIDES, "accountId")
    if account.organisation_id != lacks.organisation_id:
        raise Refused(Code.WRONG_ORGANISATION, "accountId")
    if not account.is_active:
        raise Refused(Code.ACCOUNT_DISABLED, "accountId")
    if account.role not in WORKING:
        raise Refused(Code.WRONG_KIND, "accountId", expected=Role.STAFF)
    if lacks.stand_in is not None and lacks.stand_in["accountId"] == str(account.id):
        raise Refused(Code.NOTHING_TO_CHANGE, "accountId")
    step = StoredStandIn(accountId=str(account.id), organisationId=str(lacks.organisation_id), at=now.isoformat())
    stand_ins = [*request.stand_ins, step]
    moved = clocks_moved(replace(request, stand_ins=stand_ins), asker, giver)
    return moved | {"stand_in_id": account.id, "stand_ins": stand_ins}


def _must_be_another(request: RequestFacts, to: Side, today: date, *path: str) -> None:
    if to.organisation.id == request.asker_id:
        raise Refused(Code.SAME_ORGANISATION, *path)
    must_be_a_party(to.organisation, *path)
    must_not_have_ended(to.organisation, today, *path)


def _passed_to(
    request: RequestFacts,
    to: Side,
    reason: str,
    viewer: Viewer,
    now: datetime,
    *,
    is_ruling: bool = False,
    lapsed_at: datetime | None = None,
) -> RequestChange:
    columns = settled(request) | answer_clock_started(now, request.answer_days, to.office)
    if to.organisation.id != request.giver_id:
        step = StoredRedirect(
            fromId=str(request.giver_id),
            toId=str(to.organisation.id),
            reason=reason,
            at=now.isoformat(),
            actorId=str(viewer.account_id),
            isRuling=is_ruling,
            questionCount=request.question_count,
            countersRefused=request.counters_refused_count,
            lapsedAt=None if lapsed_at is None else lapsed_at.isoformat(),
        )
        columns |= {
            "giver_id": to.organisation.id,
            "redirected_from_id": request.giver_id,
            "redirects": [*request.redirects, step],
            **_used_up(request, to.organisation.id),
        }
    return columns


def _used_up(request: RequestFacts, giver_id: UUID) -> RequestChange:
    """Questions and counters are counted per request and giver: a new one has all, who comes back what was left."""
    last = next((step for step in reversed(request.redirects) if step["fromId"] == str(giver_id)), None)
    return {
        "counters_refused_count": 0 if last is None else last.get("countersRefused", 0),
        "question_count": 0 if last is None else last.get("questionCount", 0),
    }


def _ruling_asked(
    request: RequestFacts,
    cause: RulingCause,
    reason: str | None,
    proposed_id: UUID | None,
    actor_id: UUID | None,
    office: Office,
    ruling_days: int,
    now: datetime,
) -> RequestChange:
    """The ruling's own clock begins, and the answer clock stands still; one that has run out stays so."""
    asked = replace(request, ruling_asked_at=now, ruling_days=ruling_days, ruling_due_at=None)
    clock = ruling_clock(asked, office.calendar)
    assert clock is not None
    columns: RequestChange = {
        "ruling_cause": cause,
        "ruling_asked_at": now,
        "ruling_days": ruling_days,
        "ruling_due_at": clock.due_at,
        "ruling_reason": reason,
        "ruling_proposed_id": proposed_id,
    }
    if answer_clock(request, office, at=now).has_run_out(now):
        return columns
    return answer_clock_paused(request, Pause(PauseReason.RULING, now, None, actor_id), office) | columns
