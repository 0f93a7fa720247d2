"""Careless mistakes: each wire and language names the place, what was found and what would be right; then it works.

As a frontend team made them in its first week. What is obeyed is what the answer itself said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests import inputs
from tests.city import City
from tests.sending import send
from tests.watching import EventStream, Socket, Watcher, until
from tests.words import is_said_in

pytestmark = pytest.mark.asks

WIRES = ("http", "sse", "socket")
TASK = inputs.unknown_id("taskId")
ORGANISATION = inputs.unknown_id("organisationId")


class Name(str):
    """A member of an enum: bare in a document, a string among variables."""

    __slots__ = ()


@dataclass(frozen=True)
class Mistake:
    """A value in a document, as it should not be and as it should. `place`: the end of the path that is told.

    `found` stands in the message; `right` in the constraint, as the languages say it where they differ.
    """

    type: str
    document: str
    wrong: Any
    mended: Any
    place: tuple[str, ...]
    found: str
    right: str | dict[str, str]


TASKS = "query%s { tasks(%s) { nodes { id } } }"
FILTERED = TASKS % ("%s", "filter: %s")
MISTAKES = {
    "a typo in a filter": Mistake(
        "TaskFilter", FILTERED, {"stauts": {"eq": Name("DONE")}}, {"status": {"eq": Name("DONE")}},
        ("stauts",), "stauts", "status",
    ),
    "a field that is like no other": Mistake(
        "TaskFilter", FILTERED, {"xyz": 1}, {"dueOn": {"lte": "P7D"}}, ("xyz",), "xyz", "dueOn",
    ),
    "an enum in small letters": Mistake(
        "TaskFilter", FILTERED, {"status": {"eq": Name("in_progress")}}, {"status": {"eq": Name("IN_PROGRESS")}},
        ("status", "eq"), "in_progress", "IN_PROGRESS",
    ),
    "a date in words": Mistake(
        "TaskFilter", FILTERED, {"dueOn": {"lte": "besok"}}, {"dueOn": {"lte": "P1D"}},
        ("dueOn", "lte"), "besok", "P7D",
    ),
    "null in a filter": Mistake(
        "TaskFilter", FILTERED, {"dueOn": None}, {"dueOn": {"isNull": True}}, ("dueOn",), "null", "isNull",
    ),
    "text for a number": Mistake(
        "TaskFilter", FILTERED, {"progress": {"gte": "60"}}, {"progress": {"gte": 60}}, ("progress", "gte"), '"60"',
        {"id": "bilangan bulat", "en": "whole number"},
    ),
    "an id that is none": Mistake("ID!", "query%s { task(by: {id: %s}) { id } }", "5", TASK, (), "5", "task_…"),
    "an id that is none, in a filter": Mistake(
        "TaskFilter", FILTERED, {"organisation": {"id": {"eq": "DLH"}}}, {"organisation": {"code": {"eq": "DLH"}}},
        ("organisation", "id", "eq"), "DLH", "org_…",
    ),
    "the id of another type": Mistake(
        "ID!", "query%s { task(by: {id: %s}) { id } }", ORGANISATION, TASK, ("id",), ORGANISATION, "task_…",
    ),
    "a page of 1,000": Mistake("Int", TASKS % ("%s", "first: %s"), 1000, 200, ("first",), "1000", "200"),
    "a page of -1": Mistake("Int", TASKS % ("%s", "first: %s"), -1, 0, ("first",), "-1", "0"),
    "a nested page of 100": Mistake(
        "Int", "query%s { organisations(first: 1) { nodes { tasks(first: %s) { totalCount } } } }", 100, 50,
        ("organisations", "nodes", "tasks", "first"), "100", "50",
    ),
    "another list's cursor": Mistake(
        "Cursor", TASKS % ("%s", "after: %s"), "W10", None, ("after",), "",
        {"id": "kursor dari daftar ini", "en": "a cursor of this very list"},
    ),
    "a key of two parts": Mistake(
        "OrganisationKey!", "query%s { organisation(by: %s) { id } }", {"code": "DLH", "id": "x"}, {"code": "DLH"},
        (), "", "id, code",
    ),
    "what a verb needs": Mistake(
        "ReportProgressInput!", "mutation%s { reportProgress(input: %s) { errors { code } } }", {"progress": 3},
        {"progress": 3, "taskId": TASK}, ("taskId",), "taskId", "ID!",
    ),
    "another type's id in a verb": Mistake(
        "StartTaskInput!", "mutation%s { startTask(input: %s) { errors { code } } }", {"taskId": ORGANISATION},
        {"taskId": TASK}, ("input", "taskId"), ORGANISATION, "task_…",
    ),
    "an id that is none, in a verb": Mistake(
        "StartTaskInput!", "mutation%s { startTask(input: %s) { errors { code } } }", {"taskId": "17"},
        {"taskId": TASK}, ("taskId",), "17", "task_…",
    ),
}  # fmt: skip


def literal(value: Any) -> str:
    """A value as it is written in a document."""
    match value:
        case Name():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
        case _:
            return json.dumps(value)


def asked(mistake: Mistake, value: Any, *, by_variable: bool) -> dict[str, Any]:
    """The value in a request."""
    if by_variable:
        return {"query": mistake.document % (f"($v: {mistake.type})", "$v"), "variables": {"v": value}}
    return {"query": mistake.document % ("", literal(value)), "variables": {}}


# Whole requests: what is asked, what its message names, what would be right by message or constraint, and asked so.
REQUESTS: dict[str, tuple[tuple[str, Any], str, str, tuple[str, Any]]] = {
    "a variable that is not given": (
        ("query($id: ID!) { task(by: {id: $id}) { id } }", {}), "id", "ID!",
        ("query($id: ID!) { task(by: {id: $id}) { id } }", {"id": TASK}),
    ),
    "an argument that is not given": (
        ("{ task { id } }", {}), "Query.task(by:)", "TaskKey!", (f'{{ task(by: {{id: "{TASK}"}}) {{ id }} }}', {}),
    ),
    "a typo in a field": (
        ("{ tasks { nodes { titel } } }", {}), "titel", "'title'", ("{ tasks { nodes { title } } }", {}),
    ),
    "a typo in an argument": (
        ("{ tasks(frist: 1) { totalCount } }", {}), "frist", "'first'", ("{ tasks(first: 1) { totalCount } }", {}),
    ),
    "a field without its own": (("{ tasks { nodes } }", {}), "nodes", "Task", ("{ tasks { nodes { id } } }", {})),
    "quotes of another kind": (
        ("{ tasks(search: 'x') { totalCount } }", {}), "(')", '(")', ('{ tasks(search: "x") { totalCount } }', {}),
    ),
    "a variable of another type": (
        ("query($n: String) { tasks(first: $n) { totalCount } }", {"n": "1"}), "$n", "'Int'",
        ("query($n: Int) { tasks(first: $n) { totalCount } }", {"n": 1}),
    ),
    "two operations and no word of which": (
        ("query A { city { code } } query B { city { name } }", {}), "operationName", "A, B",
        ("query A { city { code } }", {}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_careless_request_is_told_what_would_be_right_on_every_wire_and_that_works(
    city: City, name: str
) -> None:
    wrong, found, right, mended = REQUESTS[name]
    for wire, language in product(WIRES, ("id", "en")):
        (told, *_) = await errors(city, wire, language, *wrong)
        assert is_said_in(language, told["message"]), told
        assert found in told["message"], told
        assert right in told["message"], told
        assert told.get("locations") or told["extensions"]["path"] == ["operationName"], told
        assert not await errors(city, wire, language, *mended), (wire, language)


async def test_an_unknown_id_is_null_and_no_mistake(city: City) -> None:
    for wire in WIRES:
        assert not await errors(city, wire, "id", f'{{ task(by: {{id: "{TASK}"}}) {{ id }} }}', {})


@pytest.mark.parametrize("wire", ["sse", "socket"])
async def test_a_list_s_cursor_in_a_subscription_is_refused_and_a_position_taken(city: City, wire: str) -> None:
    page = await city.camat.query("{ organisations(first: 1) { pageInfo { endCursor } } }")
    asked = "subscription($c: Cursor) { taskChanged(after: $c) { kind } }"
    right = {"id": "kursor yang diberikan log server ini", "en": "a cursor that this server's log gave"}
    for language in ("id", "en"):
        wrong = {"c": page["organisations"]["pageInfo"]["endCursor"]}
        (told,) = await errors(city, wire, language, asked, wrong)
        assert told["extensions"]["constraint"] == right[language]
        assert told["extensions"]["path"] == ["after"]
    watcher = await city.camat.watch("taskChanged", after=await city.camat.position(), over=wire)
    assert not watcher.errors


async def test_a_token_that_ran_out_is_told_where_to_renew_on_every_wire(city: City) -> None:
    tokens = city.site.installation.tokens
    known = tokens.read_access(city.camat.token)
    late = tokens.access(known.account_id, known.sign_in_id, city.now - timedelta(seconds=1))
    for language in ("id", "en"):
        headers = {"authorization": f"Bearer {late}", "accept-language": language}
        async with city.site.client(**headers) as client:
            answers = [
                await client.post("/graphql", json={"query": "{ __typename }"}, headers={"accept": accept})
                for accept in ("application/json", "text/event-stream")
            ]
        told = [answer.json()["errors"][0]["message"] for answer in answers]
        socket = Socket(city.site.app)
        city.wires.append(socket)
        socket.say(type="connection_init", payload={"authorization": late, "acceptLanguage": language})
        await until(lambda: socket.end)  # noqa: B023
        assert socket.end is not None
        assert [answer.status_code for answer in answers] == [401, 401]
        for message in (*told, socket.end[1]):
            assert "/auth/refresh" in message
            assert is_said_in(language, message)


async def errors(city: City, wire: str, language: str, query: str, variables: Any) -> list[dict[str, Any]]:
    """What the camat is told over this wire."""
    if wire == "http":
        _, answer = await send(city.camat, query, variables, language)
        return list(answer.get("errors", []))
    watcher: Watcher
    if wire == "sse":
        headers = {**city.camat.headers, "accept-language": language}
        watcher = EventStream(city.site.app, "", query, variables, headers).watcher
    else:
        watcher = (await city.camat.socket(acceptLanguage=language)).start("", query=query, variables=variables)
    watcher.hear = lambda answer: setattr(watcher, "errors", list(answer.get("errors", [])))  # type: ignore[method-assign]
    await watcher.ended()
    await watcher.leave()
    return watcher.errors or []


@pytest.mark.parametrize("name", MISTAKES)
async def test_a_careless_mistake_is_named_by_its_place_and_what_would_be_right_and_that_works(
    city: City, name: str
) -> None:
    mistake = MISTAKES[name]
    for by_variable, wire, language in product((False, True), WIRES, ("id", "en")):
        context = (name, by_variable, wire, language)
        told, *_ = await errors(city, wire, language, **asked(mistake, mistake.wrong, by_variable=by_variable))
        shown = told["extensions"]
        right = mistake.right if isinstance(mistake.right, str) else mistake.right[language]
        is_bare = by_variable and not isinstance(mistake.wrong, dict)
        place = (mistake.place or ("v",)) if by_variable else mistake.place
        assert is_said_in(language, told["message"]), (context, told)
        assert mistake.found in told["message"], (context, told)
        assert right in shown["constraint"], (context, told)
        assert right in told["message"] or mistake.found in right, (context, told)
        path = tuple(shown["path"])
        assert path[len(path) - len(place) :] == place or (is_bare and path == ("v",)), (context, told)
        assert not await errors(city, wire, language, **asked(mistake, mistake.mended, by_variable=by_variable)), (
            context
        )
