"""Groups are what a client would count for itself: over random filters and viewers, and without what is a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import server.schema
from server.ids import decode
from server.query.compile import groups
from server.query.documents.cost import SCAN
from server.query.run.engine import Engine
from tests.engine.query.rows import TODAY, Library

Json = dict[str, Any]
OPEN = ("PLANNED", "IN_PROGRESS", "BLOCKED")
LIGHTS = {"realised": "REALISED", "onTrack": "ON_TRACK", "atRisk": "AT_RISK", "offTrack": "OFF_TRACK"}
LIGHTS |= {"notStarted": "NOT_STARTED", "notReported": "NOT_REPORTED"}
SOON = TODAY + timedelta(7)
VIEWERS = ("mayor", "observer", "head", "staff", "reviewer")


def code(row: Json | None) -> str | None:
    return None if row is None else row["code"]


def month(day: str | None) -> str | None:
    return None if day is None else f"{day[:7]}-01"


def kecamatan(of: Json | None) -> str | None:
    """Of an organisation with its kind and parent."""
    if of is None:
        return None
    return of["code"] if of["kind"] == "KECAMATAN" else code(of["parent"]) if of["kind"] == "KELURAHAN" else None


OF_PLACE = "{ code kind parent { code } }"


@dataclass(frozen=True)
class Kind:
    """A list and its groups: what a client reads of each row, and finds in common; keys and counts by their names."""

    rows: str
    groups: str
    table: str
    read: str
    keys: dict[str, tuple[str, str, Callable[[Json], Any]]]  # key → field, its selection, what a client takes for it
    counts: dict[str, Callable[[Json], bool]]
    filters: tuple[Json, ...]


TASKS = Kind(
    *("tasks", "taskGroups", "task"),
    f"status priority dueOn isOverdue organisation {OF_PLACE} kelurahan {OF_PLACE} programme {{ code }}"
    " assignee { id }",
    {
        "STATUS": ("status", "", lambda row: row["status"]),
        "PRIORITY": ("priority", "", lambda row: row["priority"]),
        "ORGANISATION": ("organisation", "{ code }", lambda row: row["organisation"]["code"]),
        "KECAMATAN": (
            *("kecamatan", "{ code }"),
            lambda row: code((row["kelurahan"] or {}).get("parent")) or kecamatan(row["organisation"]),
        ),
        "PROGRAMME": ("programme", "{ code }", lambda row: code(row["programme"])),
        "DUE_MONTH": ("dueMonth", "", lambda row: month(row["dueOn"])),
        "ASSIGNEE": ("assignee", "{ id }", lambda row: row["assignee"] and row["assignee"]["id"]),
    },
    {
        "totalCount": lambda row: True,
        "openTaskCount": lambda row: row["status"] in OPEN,
        "doneTaskCount": lambda row: row["status"] == "DONE",
        "blockedTaskCount": lambda row: row["status"] == "BLOCKED",
        "cancelledTaskCount": lambda row: row["status"] == "CANCELLED",
        "overdueTaskCount": lambda row: row["isOverdue"],
        "dueSoonTaskCount": lambda row: row["status"] in OPEN and str(TODAY) <= (row["dueOn"] or "") <= str(SOON),
    },
    (
        {"status": {"in": ["PLANNED", "BLOCKED", "DONE"]}},
        {"priority": {"gte": "HIGH"}},
        {"dueOn": {"lte": "P5D"}},
        {"dueOn": {"isNull": True}},
        {"isOverdue": {"eq": True}},
        {"organisation": {"code": {"in": ["O01", "O03", "O05"]}}},
        {"kelurahan": {"id": {"isNull": True}}},
        {"target": {"achievement": {"gte": 50}}},
        {"workPlan": {"year": {"eq": 2026}}},
        {"workPlan": {"status": {"eq": "DRAFT"}}},
        {"title": {"contains": "sampah"}},
        {"comments": {"isEmpty": False}},
    ),
)
TARGETS = Kind(
    *("targets", "targetGroups", "target"),
    f"trackState isProposed dueOn owner {OF_PLACE} programme {{ code }} responsible {{ id }}",
    {
        "TRACK_STATE": ("trackState", "", lambda row: row["trackState"]),
        "OWNER": ("owner", "{ code }", lambda row: row["owner"]["code"]),
        "KECAMATAN": ("kecamatan", "{ code }", lambda row: kecamatan(row["owner"])),
        "PROGRAMME": ("programme", "{ code }", lambda row: code(row["programme"])),
        "DUE_MONTH": ("dueMonth", "", lambda row: month(row["dueOn"])),
        "RESPONSIBLE": ("responsible", "{ id }", lambda row: row["responsible"] and row["responsible"]["id"]),
    },
    {"totalCount": lambda row: True}
    | {f"{name}Count": lambda row, state=state: row["trackState"] == state for name, state in LIGHTS.items()},
    (
        {"trackState": {"neq": "NOT_REPORTED"}},
        {"achievement": {"lt": 80}},
        {"owner": {"kind": {"eq": "OPD"}}},
        {"workPlan": {"year": {"eq": 2025}}},
        {"tasks": {"some": {"status": {"eq": "DONE"}}}},
        {"dueOn": {"gte": "P0D"}},
    ),
)
REQUESTS = Kind(
    *("requests", "requestGroups", "collaboration_request"),
    f"status kind neededOn isLapsed agreedDueOn asker {OF_PLACE} giver {OF_PLACE}"
    " about { ... on Task { id programme { code } } ... on Target { id programme { code } } }",
    {
        "STATUS": ("status", "", lambda row: row["status"]),
        "KIND": ("kind", "", lambda row: row["kind"]),
        "ASKER": ("asker", "{ code }", lambda row: row["asker"]["code"]),
        "GIVER": ("giver", "{ code }", lambda row: row["giver"]["code"]),
        "KECAMATAN": ("kecamatan", "{ code }", lambda row: kecamatan(row["asker"]) or kecamatan(row["giver"])),
        "PROGRAMME": ("programme", "{ code }", lambda row: code((row["about"] or {}).get("programme"))),
        "NEEDED_MONTH": ("neededMonth", "", lambda row: month(row["neededOn"])),
    },
    {
        "totalCount": lambda row: True,
        "openRequestCount": lambda row: row["status"] == "OPEN",
        "lapsedRequestCount": lambda row: row["isLapsed"] and row["kind"] == "NEED",
        "acceptedRequestCount": lambda row: row["status"] == "ACCEPTED",
        "latePromiseCount": lambda row: row["status"] == "ACCEPTED" and (row["agreedDueOn"] or "9") < str(TODAY),
        "declinedRequestCount": lambda row: row["status"] == "DECLINED",
        "deliveredRequestCount": lambda row: row["status"] == "DELIVERED",
        "disputedRequestCount": lambda row: row["status"] == "DISPUTED",
        "confirmedRequestCount": lambda row: row["status"] == "CONFIRMED",
    },
    (
        {"status": {"in": ["OPEN", "ACCEPTED", "DISPUTED"]}},
        {"kind": {"eq": "NEED"}},
        {"isLapsed": {"eq": True}},
        {"giver": {"code": {"neq": "O02"}}},
        {"messages": {"isEmpty": True}},
    ),
)
KINDS = {kind.groups: kind for kind in (TASKS, TARGETS, REQUESTS)}


async def answered(engine: Engine, library: Library, viewer: str, source: str, **variables: Any) -> Json:
    result = await engine.execute(source, variables, None, library.context(viewer), may_change=False)
    assert not result.errors, result.errors
    data: Any = result.data
    return orjson.loads(data) if isinstance(data, bytes) else data  # type: ignore[no-any-return]


def grouping(kind: Kind, by: list[str], below: str = "") -> str:
    """The document that asks for these groups, with all that is counted; `$filter` is free."""
    fields = " ".join(f"{kind.keys[key][0]} {kind.keys[key][1]}" for key in by)
    of = kind.rows.removesuffix("s").capitalize()
    counts = " ".join(kind.counts)
    return (
        f"query ($filter: {of}Filter, $search: String)"
        f" {{ groups: {kind.groups}(filter: $filter, search: $search, by: [{', '.join(by)}])"
        f" {{ {fields} {counts} {below} }} }}"
    )


async def counted(
    engine: Engine, library: Library, kind: Kind, viewer: str, by: list[str], **asked: Any
) -> dict[tuple[Any, ...], Counter[str]]:
    """What a client comes to that reads the whole list, but for drafts and proposals."""
    of = kind.rows.removesuffix("s").capitalize()
    source = (
        f"query ($filter: {of}Filter, $search: String, $after: Cursor)"
        f" {{ list: {kind.rows}(filter: $filter, search: $search, first: 200, after: $after)"
        f" {{ pageInfo {{ hasNextPage endCursor }} nodes {{ id {kind.read} }} }} }}"
    )
    public = {row["id"] for row in library.rows[kind.table] if row.get("draft_of_id") is None}
    found: dict[tuple[Any, ...], Counter[str]] = {}
    after: str | None = None
    while True:
        page = (await answered(engine, library, viewer, source, **asked, after=after))["list"]
        for row in page["nodes"]:
            if decode(row["id"])[1] in public and not row.get("isProposed"):
                group = found.setdefault(tuple(kind.keys[key][2](row) for key in by), Counter())
                group.update({name: 1 for name, holds in kind.counts.items() if holds(row)})
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def told(kind: Kind, by: list[str], group: Json) -> tuple[Any, ...]:
    """A group's keys as a client has them: codes, ids, names, days."""
    values = (group[kind.keys[key][0]] for key in by)
    return tuple(value.get("code", value.get("id")) if isinstance(value, dict) else value for value in values)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Kind, list[str], str, Json]:
    """What is grouped by what, who asks, and the filter and the search."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    by = draw(st.lists(st.sampled_from(sorted(kind.keys)), min_size=1, max_size=2, unique=True))
    conditions = st.recursive(
        st.sampled_from(kind.filters),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda each: {"or": each}),
            st.lists(inner, min_size=1, max_size=2).map(lambda each: {"and": each}),
            inner.map(lambda each: {"not": each}),
        ),
        max_leaves=3,
    )
    asked = {"filter": draw(conditions | st.just({})), "search": draw(st.sampled_from(["", "", "sampah", "-jalan"]))}
    return kind, by, draw(st.sampled_from(VIEWERS)), asked


@given(question=questions())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_groups_are_what_a_client_counts_for_itself(
    ours: Engine, theirs: Engine, full: Library, question: tuple[Kind, list[str], str, Json]
) -> None:
    kind, by, viewer, asked = question
    source = grouping(kind, by)
    answer = await answered(ours, full, viewer, source, **asked)
    assert await answered(theirs, full, viewer, source, **asked) == answer
    found = {told(kind, by, group): Counter({name: group[name] for name in kind.counts}) for group in answer["groups"]}
    assert len(found) == len(answer["groups"])
    assert found == await counted(ours, full, kind, viewer, by, **asked)


@pytest.mark.parametrize("name", KINDS)
def test_every_key_and_every_count_is_compared(ours: Engine, name: str) -> None:
    kind, schema = KINDS[name], server.schema.graphql_schema
    of = name.removesuffix("s")
    assert {*kind.keys} == {*schema.type_map[f"{of[0].upper()}{of[1:]}Key"].values}  # type: ignore[attr-defined]
    fields = {*schema.type_map[f"{of[0].upper()}{of[1:]}"].fields}  # type: ignore[attr-defined]
    assert {each for each in fields if each.endswith("Count")} == {*kind.counts}


@pytest.mark.parametrize("name", KINDS)
async def test_no_draft_is_in_a_group_whoever_asks(ours: Engine, full: Library, name: str) -> None:
    kind = KINDS[name]
    rows = [row for row in full.rows[kind.table] if not (row.get("archived_at") or row.get("is_proposed"))]
    public = [row for row in rows if row.get("draft_of_id") is None]
    assert len(public) < len(rows) or kind is REQUESTS
    for viewer in VIEWERS:
        for key in kind.keys:
            found = (await answered(ours, full, viewer, grouping(kind, [key])))["groups"]
            assert sum(each["totalCount"] for each in found) == len(public)


@pytest.mark.parametrize("viewer", ["observer", "head"])
@pytest.mark.parametrize("name", KINDS)
async def test_each_group_has_its_own_rows(ours: Engine, theirs: Engine, full: Library, name: str, viewer: str) -> None:
    kind = KINDS[name]
    below = f"rows: {kind.rows}(first: 2) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ id {kind.read} }} }}"
    for by in ([key] for key in kind.keys):
        source = grouping(kind, by, below)
        answer = await answered(ours, full, viewer, source)
        assert await answered(theirs, full, viewer, source) == answer
        for group in answer["groups"]:
            rows = group["rows"]
            assert rows["totalCount"] == group["totalCount"] >= len(rows["nodes"]) > 0
            assert rows["pageInfo"]["hasNextPage"] == (group["totalCount"] > 2)
            assert {kind.keys[by[0]][2](row) for row in rows["nodes"]} == {told(kind, by, group)[0]}


def ids(page: Json) -> Iterator[str]:
    return (each["id"] for each in page["nodes"])


async def test_a_groups_list_has_pages_of_these_groups_alone(ours: Engine, full: Library) -> None:
    """Of one group; a cursor of another filter, or of other groups, is refused by name."""
    source = (
        "query ($by: [TaskGroupKey!]!, $filter: TaskFilter, $after: Cursor) { taskGroups(by: $by, filter: $filter)"
        " { status tasks(first: 50, after: $after, orderBy: [{title: DESC}])"
        " { totalCount pageInfo { endCursor hasNextPage } nodes { id } } } }"
    )
    asked: Json = {"by": ["STATUS"], "filter": {"status": {"eq": "DONE"}}}
    (group,) = (await answered(ours, full, "mayor", source.replace("first: 50", "first: 3"), **asked))["taskGroups"]
    found, cursor = [*ids(group["tasks"])], group["tasks"]["pageInfo"]["endCursor"]
    while group["tasks"]["pageInfo"]["hasNextPage"]:
        after = group["tasks"]["pageInfo"]["endCursor"]
        (group,) = (await answered(ours, full, "mayor", source, **asked, after=after))["taskGroups"]
        found += ids(group["tasks"])
    assert len(found) == len({*found}) == group["tasks"]["totalCount"]
    for other in ({**asked, "by": ["PRIORITY"]}, {**asked, "filter": {"status": {"eq": "BLOCKED"}}}):
        result = await ours.execute(source, {**other, "after": cursor}, None, full.context(), may_change=False)
        (error,) = result.errors
        assert (error.extensions or {})["constraint"] == "kursor dari daftar ini sendiri"


REFUSED = {
    "taskGroups(by: [WEATHER])": "WEATHER",
    "taskGroups(by: [])": "1 sampai 2",
    "taskGroups(by: [STATUS, STATUS])": "1 sampai 2",
    "taskGroups(by: [STATUS, PRIORITY, PROGRAMME])": "1 sampai 2",
}


@pytest.mark.parametrize("field", REFUSED)
async def test_groups_by_what_is_not_there_are_refused_by_name(ours: Engine, full: Library, field: str) -> None:
    result = await ours.execute(f"{{ {field} {{ totalCount }} }}", None, None, full.context(), may_change=False)
    (error,) = result.errors
    assert REFUSED[field] in f"{error.message} {(error.extensions or {}).get('constraint')}"


async def test_more_groups_than_can_be_shown_are_refused_with_their_number(
    ours: Engine, full: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_GROUPS", 3)
    source = "{ few: taskGroups(by: STATUS) { totalCount } city { code } } # none was compiled before"
    result = await ours.execute(source, None, None, full.context(), may_change=False)
    (error,) = result.errors
    assert error.path == ["few"]
    assert (error.extensions or {})["code"] == "BAD_USER_INPUT"
    assert (error.extensions or {})["path"] == ["few", "by"]
    assert error.message.startswith("Ada 2 kelompok lebih dari 3 ")
    assert result.data is not None  # the rest is answered


async def test_groups_stand_in_the_order_of_their_keys_and_what_has_none_is_last(ours: Engine, full: Library) -> None:
    source = "{ taskGroups(by: [PROGRAMME, PRIORITY]) { programme { code } priority priorityLabel(language: EN) } }"
    found = (await answered(ours, full, "mayor", source))["taskGroups"]
    order = [
        (code(each["programme"]) or "~", ["LOW", "NORMAL", "HIGH", "URGENT"].index(each["priority"])) for each in found
    ]
    assert order == sorted(order)
    assert found[-1]["programme"] is None
    assert {each["priorityLabel"] for each in found} == {"Low", "Normal", "High", "Urgent"}


PRICES = {
    "taskGroups(by: STATUS) { totalCount }": 1 + 6 + SCAN,
    'taskGroups(by: STATUS, filter: {organisation: {code: {eq: "O01"}}}) { totalCount }': 1 + 6,
    'taskGroups(by: STATUS, filter: {organisation: {code: {eq: "O01"}}}) { tasks { nodes { id } } }': 1 + 6 + 1 + 60,
    "taskGroups(by: ORGANISATION) { tasks(first: 3) { nodes { id } } }": 1 + 500 + SCAN + 1 + 1500,
    "taskGroups(by: PROGRAMME) { tasks(first: 3) { nodes { id } } }": 1 + 500 + SCAN + 1 + 1500 + SCAN,
    'taskGroups(by: PRIORITY, filter: {title: {contains: "a"}}) { totalCount }': 1 + 5 + SCAN,
    "requestGroups(by: [PROGRAMME, STATUS]) { totalCount }": 1 + 500 + 2 * SCAN,
}


@pytest.mark.parametrize("field", PRICES)
async def test_groups_cost_what_a_count_of_their_rows_costs_and_themselves(
    ours: Engine, full: Library, field: str
) -> None:
    result = await ours.execute(f"{{ {field} }}", None, None, full.context(), may_change=False)
    assert not result.errors, result.errors
    assert result.extensions["cost"]["requested"] == PRICES[field]
