"""Reads a case and its whole log as its viewer, by the documents that any client could send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from strawberry.utils.str_converters import to_camel_case

from server.dossier.value import references

Json = Mapping[str, Any]
# One query and its data, as the viewer; whatever is not answered is raised.
Ask = Callable[[str, Json], Awaitable[Json]]

PAGE: Final = 50  # the most that a list within a list gives at once
MOST_EVENTS: Final = 2_000  # what a document of some 500 pages can bear; it says so where a log has more
MOST_PARTS: Final = 100  # what the API gives of follow-ups and appendices
_IDS_AT_ONCE: Final = 100

_LOG = """
fragment Log on EventConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    cursor type happenedAt recordedAt capacity sentence actor { name } onBehalfOf { name }
    changes { field before after }
  }
}
"""
_CASE: Final = (
    """
query Dossier($id: ID!, $page: Int!) {
  city { name }
  viewer { account { name } organisation { name } }
  escalation(by: {id: $id}) {
    id statusLabel ground groundAroseAt statement filedAt closedAt withdrawnAt
    filedBy { name } filer { name } respondent { name }
    request { id title description createdAt neededOn statusLabel }
    reply repliedAt repliedBy { name }
    person { account { name } toldAt noticeNumber noticeOn reply repliedAt replyClock { dueAt } }
    mediation { meetingAt place outcome proposedBy { name } }
    decision {
      kindLabel facts legalBasis signedBy signedByOffice documentNumber hearingOn hearingNumber decidedAt
      person { name } decidedBy { name } decidedAsLabel decidedCapacity onBehalfOf { name } referredTo { name }
    }
    appendices { kind text createdAt author { name } }
    followUps {
      text dueOn createdAt closedAt outcome objectedAt objection addedBy { name }
      task { title statusLabel organisation { name } }
    }
    dossier(first: $page) { ...Log }
  }
}
"""
    + _LOG
)
_FURTHER: Final = (
    """
query DossierFurther($id: ID!, $page: Int!, $after: Cursor!) {
  escalation(by: {id: $id}) { dossier(first: $page, after: $after) { ...Log } }
}
"""
    + _LOG
)
_NAMES: Final = """
query DossierNames($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on Subject { label }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the API answered: the case, the city, the viewer, the log in order, and what the log's ids are called."""

    case: Json
    city: Json
    viewer: Json
    events: list[Json]
    is_whole: bool  # False: the log goes on behind the last of `events`
    names: Mapping[str, str]


async def read(ask: Ask, case_id: str) -> Answers | None:
    """The case with its log, up to MOST_EVENTS; None where this viewer sees no such case."""
    data = await ask(_CASE, {"id": case_id, "page": PAGE})
    case = data["escalation"]
    if case is None:
        return None
    log = case["dossier"]
    events: list[Json] = list(log["nodes"])
    while log["pageInfo"]["hasNextPage"] and len(events) < MOST_EVENTS:
        further = {"id": case_id, "page": PAGE, "after": log["pageInfo"]["endCursor"]}
        log = (await ask(_FURTHER, further))["escalation"]["dossier"]
        events += log["nodes"]
    for event in events:
        for change in event["changes"]:
            change["field"] = to_camel_case(change["field"].lower())
    return Answers(
        case=case,
        city=data["city"] or {},  # none was loaded: its facts are then what Indonesian cities have in common
        viewer=data["viewer"],
        events=events,
        is_whole=not log["pageInfo"]["hasNextPage"],
        names=await _names(ask, {id_ for event in events for id_ in references(event["changes"])}),
    )


async def _names(ask: Ask, ids: Iterable[str]) -> dict[str, str]:
    """What they are called; an id that the viewer may not look up keeps its own text."""
    found: dict[str, str] = {}
    for batch in _batches(sorted(ids)):
        for node in (await ask(_NAMES, {"ids": batch}))["nodes"]:
            called = [text for key, text in (node or {}).items() if key != "id"]
            if called:
                found[node["id"]] = called[0]
    return found


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]
