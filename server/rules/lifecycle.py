"""The states of plans, tasks, amendments, requests and cases, and every move between them: literal tables.

A table says for each verb from which state to which it leads; from None it creates. What is missing is refused.
A verb that can end in several states has a row for each, told apart behind a comma; what no one does but the passing
of time or the end of something else is in OF_ITSELF. The states are the members of the aggregates' status enums, by
name, so that those modules may import this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from server.rules.refusal import Code, Refused

Table = Mapping[str, Mapping[str | None, str]]
Status = TypeVar("Status", bound=StrEnum)


def _stay(*states: str) -> Mapping[str | None, str]:
    """A verb that leaves the state as it is."""
    return {state: state for state in states}


_DRAWN_UP = _stay("DRAFT", "RETURNED")
_OPEN = _stay("PLANNED", "IN_PROGRESS", "BLOCKED")
_ALL = _stay("PLANNED", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED")
_OPEN_AMENDMENT = ("PREPARED", "PROPOSED", "ACCEPTED")
_BEFORE_DECISION = ("FILED", "REPLIED", "REPLY_LAPSED", "MEDIATION")

WORK_PLAN: Final[Table] = {
    "createWorkPlan": {None: "DRAFT"},
    "updateWorkPlan": _DRAWN_UP,
    "submitWorkPlan": {"DRAFT": "SUBMITTED", "RETURNED": "SUBMITTED"},
    "takeBackWorkPlan": {"SUBMITTED": "DRAFT"},
    "returnWorkPlan": {"SUBMITTED": "RETURNED"},
    "approveWorkPlan": {"SUBMITTED": "APPROVED"},
    "closeWorkPlan": {"APPROVED": "CLOSED"},
    "reopenWorkPlan": {"CLOSED": "APPROVED"},
    "archiveWorkPlan": _stay("DRAFT"),
    "restoreWorkPlan": _stay("DRAFT"),
}

TASK: Final[Table] = {
    "createTask": {None: "PLANNED"},
    "orderTask": {None: "PLANNED"},
    "startTask": {"PLANNED": "IN_PROGRESS"},
    # A report of 0 leaves a PLANNED task PLANNED (rules/task.py); a BLOCKED one takes reports and stays BLOCKED.
    "reportProgress": {"PLANNED": "IN_PROGRESS", "IN_PROGRESS": "IN_PROGRESS", "BLOCKED": "BLOCKED"},
    "blockTask": {"PLANNED": "BLOCKED", "IN_PROGRESS": "BLOCKED"},
    "unblockTask": {"BLOCKED": "IN_PROGRESS"},
    "completeTask": {"IN_PROGRESS": "DONE"},
    "cancelTask": {"PLANNED": "CANCELLED", "IN_PROGRESS": "CANCELLED", "BLOCKED": "CANCELLED"},
    "reopenTask": {"DONE": "IN_PROGRESS", "CANCELLED": "IN_PROGRESS"},
    "askForSupport": _stay("BLOCKED"),
    "answerSupport": _stay("BLOCKED"),
    "updateTask": _OPEN,
    "assignTask": _OPEN,
    "moveTask": _OPEN,
    "setTaskDependencies": _OPEN,
    "addChecklistItem": _OPEN,
    "tickChecklistItem": _OPEN,
    "removeChecklistItem": _OPEN,
    "addEvidence": _stay("PLANNED", "IN_PROGRESS", "BLOCKED", "DONE"),
    "commentOnTask": _ALL,
    "editComment": _ALL,
    "removeComment": _ALL,
    "archiveTask": _ALL,
    "restoreTask": _ALL,
}

AMENDMENT: Final[Table] = {
    # In an approved plan a target is changed, added (or restored) and removed by an amendment.
    "amendTarget": {None: "PREPARED"},
    "createTarget": {None: "PREPARED"},
    "restoreTarget": {None: "PREPARED"},
    "archiveTarget": {None: "PREPARED"},
    # Whose head would sign it signs it with that.
    "amendTarget, by the head": {None: "PROPOSED"},
    "createTarget, by the head": {None: "PROPOSED"},
    "restoreTarget, by the head": {None: "PROPOSED"},
    "archiveTarget, by the head": {None: "PROPOSED"},
    "signAmendments": {"PREPARED": "PROPOSED"},
    # A hand-over is approved and returned only once it was accepted (rules/amendment.py).
    "handOverTarget": {None: "PROPOSED"},
    "acceptHandOver": {"PROPOSED": "ACCEPTED"},
    "refuseHandOver": {"PROPOSED": "REFUSED"},
    "approveAmendment": {"PROPOSED": "APPROVED", "ACCEPTED": "APPROVED"},
    "approveAmendments": {"PROPOSED": "APPROVED", "ACCEPTED": "APPROVED"},
    "returnAmendment": {"PROPOSED": "RETURNED", "ACCEPTED": "RETURNED"},
    "withdrawAmendment": dict.fromkeys(_OPEN_AMENDMENT, "WITHDRAWN"),
    "endAmendment": dict.fromkeys(_OPEN_AMENDMENT, "WITHDRAWN"),
}

COLLABORATION: Final[Table] = {
    "requestCollaboration": {None: "OPEN"},
    "offerHelp": {None: "OPEN"},
    "acceptRequest": {"OPEN": "ACCEPTED", "DECLINED": "ACCEPTED"},
    "declineRequest": {"OPEN": "DECLINED"},
    "counterRequest": {"OPEN": "COUNTERED"},
    "acceptCounter": {"COUNTERED": "ACCEPTED"},
    "refuseCounter": {"COUNTERED": "OPEN"},
    "redirectRequest": _stay("OPEN"),
    "objectToRedirect": _stay("OPEN"),
    "assignRequest": _stay("OPEN"),
    "assignAnswerer": _stay("OPEN", "COUNTERED", "ACCEPTED", "DECLINED", "DELIVERED", "DISPUTED"),
    "askForInformation": _stay("OPEN"),
    "answerQuestion": _stay("OPEN"),
    "proposeNewDate": _stay("ACCEPTED"),
    "agreeNewDate": _stay("ACCEPTED"),
    "refuseNewDate": _stay("ACCEPTED"),
    "deliverRequest": {"ACCEPTED": "DELIVERED"},
    "confirmDelivery": {"DELIVERED": "CONFIRMED", "DISPUTED": "CONFIRMED"},
    "disputeDelivery": {"DELIVERED": "DISPUTED"},
    "resumeDelivery": {"DISPUTED": "ACCEPTED"},
    "withdrawRequest": dict.fromkeys(("OPEN", "COUNTERED", "DECLINED", "ACCEPTED", "DISPUTED"), "WITHDRAWN"),
    "postMessage": _stay(
        "OPEN", "COUNTERED", "ACCEPTED", "DECLINED", "DELIVERED", "DISPUTED", "CONFIRMED", "WITHDRAWN"
    ),
    "askForRuling": {"OPEN": "OPEN", "COUNTERED": "OPEN"},
    "lapseRequest": _stay("OPEN"),
    "lapseQuestion": _stay("OPEN"),
    "lapseCounter": {"COUNTERED": "WITHDRAWN"},
    "deliverByClock": {"ACCEPTED": "DELIVERED"},
    "confirmBySilence": {"DELIVERED": "CONFIRMED"},
}

ESCALATION: Final[Table] = {
    "fileEscalation": {None: "FILED"},
    # A reply given during a mediation leaves it there; the mediation then ends in REPLIED.
    "replyToEscalation": {"FILED": "REPLIED", "REPLY_LAPSED": "REPLIED", "MEDIATION": "MEDIATION"},
    "replyToEscalation, by the person alone": _stay(*_BEFORE_DECISION),
    "namePerson": _stay(*_BEFORE_DECISION),
    "recordNotice": _stay(*_BEFORE_DECISION),
    "recordReply": _stay(*_BEFORE_DECISION),
    "lapseReply": {"FILED": "REPLY_LAPSED"},
    "proposeMediation": {"REPLIED": "MEDIATION", "REPLY_LAPSED": "MEDIATION"},
    "concludeMediation": {"MEDIATION": "REPLIED"},
    "concludeMediation, no reply given": {"MEDIATION": "REPLY_LAPSED"},
    "concludeMediation, settled": {"MEDIATION": "WITHDRAWN"},
    # From FILED only to dismiss, or to refer where the respondent ended without a successor: REPLY_PENDING else
    # (rules/decision.py).
    "decideEscalation": dict.fromkeys(_BEFORE_DECISION, "DECIDED"),
    "withdrawEscalation": dict.fromkeys(_BEFORE_DECISION, "WITHDRAWN"),
    "addFollowUp": {"DECIDED": "DECIDED", "CLOSED": "DECIDED"},
    "closeFollowUp": _stay("DECIDED"),
    "objectToFollowUp": _stay("DECIDED"),
    "appendToDecision": _stay("DECIDED", "CLOSED"),
    "remarkOnEscalation": _stay(*_BEFORE_DECISION, "DECIDED", "CLOSED", "WITHDRAWN"),
    "reopenFollowUp": {"DECIDED": "DECIDED", "CLOSED": "DECIDED"},
    "closeEscalation": {"DECIDED": "CLOSED"},
}

OF_ITSELF: Final = frozenset(
    {
        *("lapseRequest", "lapseQuestion", "lapseCounter", "deliverByClock", "confirmBySilence", "lapseReply"),
        *("askForRuling", "reopenFollowUp", "closeEscalation", "endAmendment"),
    }
)


def move(table: Table, from_: Status, verb: str) -> Status:
    """The state after the verb. Refuses a move that the table does not know, saying which ones it knows from here."""
    leads_to = table[verb]
    if from_ not in leads_to:
        to = next(iter(leads_to.values()))
        raise Refused(
            Code.MOVE_NOT_ALLOWED, from_=from_, to=type(from_)(to), allowed=[*map(type(from_), reachable(table, from_))]
        )
    return type(from_)(leads_to[from_])


def reachable(table: Table, from_: str | None) -> list[str]:
    """The other states to which some verb leads from this one, in the table's order."""
    found = [leads_to[from_] for leads_to in table.values() if from_ in leads_to]
    return [*dict.fromkeys(state for state in found if state != from_)]


def as_markdown(tables: Mapping[str, Table]) -> str:
    """docs/states.md: for each table its moves, and the verbs that leave a state as it is."""
    parts = [
        "# States and moves",
        "Printed from `server/rules/lifecycle.py` by `make golden`; a test keeps it fresh.",
    ]
    for title, table in tables.items():
        moves = [(_named(verb), from_, to) for verb, leads_to in table.items() for from_, to in leads_to.items()]
        parts.append(f"## {title}")
        parts.append(
            _grid(("verb", "from", "to"), ((verb, from_ or "–", to) for verb, from_, to in moves if from_ != to))
        )
        staying: dict[str, list[str]] = {}
        for verb, from_, to in moves:
            if from_ == to:
                staying.setdefault(verb, []).append(to)
        if staying:
            parts.append("These leave the state as it is, and are taken only in the states named:")
            parts.append(_grid(("verb", "in"), ((verb, ", ".join(states)) for verb, states in staying.items())))
    return "\n\n".join(parts) + "\n"


def _named(verb: str) -> str:
    if verb in OF_ITSELF:
        return f"{verb} (of itself)"
    name, _, outcome = verb.partition(", ")
    return f"`{name}`, {outcome}" if outcome else f"`{name}`"


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, tuple("---" for _ in head), *rows))
