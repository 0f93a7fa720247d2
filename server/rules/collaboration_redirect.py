"""Whose a request is (bukan wewenang): redirected by a giver, objected to by the asker, ruled by the mayor's office."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from server.rules import bounds
from server.rules.clock import Office, Pause, PauseReason
from server.rules.collaboration import COLLABORATION_REQUEST, must_be_a_party
from server.rules.collaboration_answer import Side
from server.rules.collaboration_clock import answer_clock_paused, answer_clock_started, settled
from server.rules.collaboration_facts import RequestChange, RequestFacts, RulingCause, StoredRedirect
from server.rules.organisation import must_not_have_ended
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer


def redirect_request(
    viewer: Viewer,
    request: RequestFacts,
    to: Side,
    reason: str | None,
    office: Office,
    today: date,
    now: datetime,
) -> RequestChange:
    """Bukan wewenang: to whom it belongs, on a full clock. The second time, or back, the mayor's office rules.

    `office` is that of the one who redirects. Nobody redirects to what they head themselves.
    """
    COLLABORATION_REQUEST.ask("redirectRequest", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    _must_be_another(request, to, today, "toCode")
    if to.organisation.id == request.giver_id:
        raise Refused(Code.SAME_ORGANISATION, "toCode")
    if viewer.is_head_of(to.organisation.id):
        raise Refused(Code.HEADED_BY_YOURSELF, "toCode")
    if not request.redirects:
        return _passed_to(request, to, why, viewer, now, is_ruling=False)
    is_back = to.organisation.id in request.chain
    cause = RulingCause.REDIRECTED_BACK if is_back else RulingCause.SECOND_REDIRECT
    return _ruling_asked(request, cause, why, to.organisation.id, viewer, office, now)


def object_to_redirect(
    viewer: Viewer, request: RequestFacts, reason: str | None, office: Office, today: date, now: datetime
) -> RequestChange:
    """The mayor's office rules, and the clock stands still till then; `office` is the present giver's."""
    COLLABORATION_REQUEST.ask("objectToRedirect", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    return _ruling_asked(request, RulingCause.OBJECTION, why, None, viewer, office, now)


def assign_request(
    viewer: Viewer, request: RequestFacts, to: Side, reason: str | None, today: date, now: datetime
) -> RequestChange:
    """The ruling: whoever is named, the present giver too, has a full clock and cannot redirect."""
    COLLABORATION_REQUEST.ask("assignRequest", viewer, request, today)
    why = bounds.text(reason, bounds.TEXT, "reason")
    _must_be_another(request, to, today, "giverCode")
    return _passed_to(request, to, why, viewer, now, is_ruling=True) | {"is_assigned": True}


def _must_be_another(request: RequestFacts, to: Side, today: date, *path: str) -> None:
    if to.organisation.id == request.asker_id:
        raise Refused(Code.SAME_ORGANISATION, *path)
    must_be_a_party(to.organisation, *path)
    must_not_have_ended(to.organisation, today, *path)


def _passed_to(
    request: RequestFacts, to: Side, reason: str, viewer: Viewer, now: datetime, *, is_ruling: bool
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
            countersRefused=request.counters_refused,
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
        "counters_refused": 0 if last is None else last.get("countersRefused", 0),
        "question_count": 0 if last is None else last.get("questionCount", 0),
    }


def _ruling_asked(
    request: RequestFacts,
    cause: RulingCause,
    reason: str,
    proposed_id: UUID | None,
    viewer: Viewer,
    office: Office,
    now: datetime,
) -> RequestChange:
    return answer_clock_paused(request, Pause(PauseReason.RULING, now, None, viewer.account_id), office) | {
        "ruling_cause": cause,
        "ruling_asked_at": now,
        "ruling_reason": reason,
        "ruling_proposed_id": proposed_id,
    }
