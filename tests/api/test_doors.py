"""Every way in, by every kind of credential: what is answered, what is refused, and that only POST changes anything."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from starlette.types import Message

from tests.city import City
from tests.founding import PASSWORD
from tests.person import Person
from tests.programs import program
from tests.verbs import ERRORS
from tests.watching import HOST, SECONDS, Socket, until

ORIGIN = f"http://{HOST}"
SIBLING = "http://sebelah.test"

# What a page of ours, a page of a sibling site and a browser that tells nothing send beside the cookie. A GET that is
# sent without CORS has no Origin.
CREDENTIALS: dict[str, dict[str, dict[str, str]]] = {
    "GET": {
        "same-origin": {"sec-fetch-site": "same-origin"},
        "same-site": {"sec-fetch-site": "same-site"},
        "silent": {},
    },
    "POST": {
        "same-origin": {"sec-fetch-site": "same-origin", "origin": ORIGIN},
        "same-site": {"sec-fetch-site": "same-site", "origin": SIBLING},
        "silent": {"origin": ORIGIN},
    },
}
CREDENTIALS["socket"] = CREDENTIALS["POST"]

# `done`: it was answered, or followed. Else the status (of a socket: the code with which it is closed, or 200 where
# the operation alone is refused) and the error's code. A browser that tells nothing of the page it asks for may send
# what a page of ours sends by POST or opens as a socket: there its Origin says whose page it is.
TABLE = """
way     answered as        operation     bearer      token       same-origin  same-site  silent
GET     json               query         done        done        done         401        401
GET     json               mutation      405         405         405          401        401
GET     json               subscription  200-wrong   200-wrong   200-wrong    401        401
GET     response+json      query         done        done        done         401        401
GET     response+json      mutation      405         405         405          401        401
GET     response+json      subscription  400-wrong   400-wrong   400-wrong    401        401
GET     event-stream       query         done        done        done         401        401
GET     event-stream       mutation      405         405         405          401        401
GET     event-stream       subscription  done        done        done         401        401
GET     multipart          query         done        done        done         401        401
GET     multipart          mutation      405         405         405          401        401
GET     multipart          subscription  done        done        done         401        401
POST    json               query         done        done        done         401        done
POST    json               mutation      done        done        done         401        done
POST    json               subscription  200-wrong   200-wrong   200-wrong    401        200-wrong
POST    response+json      query         done        done        done         401        done
POST    response+json      mutation      done        done        done         401        done
POST    response+json      subscription  400-wrong   400-wrong   400-wrong    401        400-wrong
POST    event-stream       query         done        done        done         401        done
POST    event-stream       mutation      done        done        done         401        done
POST    event-stream       subscription  done        done        done         401        done
POST    multipart          query         done        done        done         401        done
POST    multipart          mutation      done        done        done         401        done
POST    multipart          subscription  done        done        done         401        done
socket  -                  query         done        done        done         4401       done
socket  -                  mutation      done        done        done         4401       done
socket  -                  subscription  done        done        done         4401       done
"""
CODES = {
    "200-wrong": (200, "BAD_USER_INPUT"),
    "400-wrong": (400, "BAD_USER_INPUT"),
    "401": (401, "UNAUTHENTICATED"),
    "405": (405, "METHOD_NOT_ALLOWED"),
    "406": (406, "BAD_USER_INPUT"),
    "4401": (4401, None),
}
ACCEPT = {
    "json": "application/json",
    "response+json": "application/graphql-response+json",
    "event-stream": "text/event-stream",
    "multipart": "multipart/mixed",
}
ROWS = [re.split(r"\s{2,}", line) for line in TABLE.strip().splitlines()]
COLUMNS, CELLS = ROWS[0][3:], {(way, media, kind): outcomes for way, media, kind, *outcomes in ROWS[1:]}


class Door:
    """Ways to one city: a person's by access token and by a page's cookie, and a program's."""

    def __init__(self, city: City, program: Person, cookie: str, cursor: str) -> None:
        self.city = city
        self.program = program
        self.cookie = cookie
        self.cursor = cursor

    def headers(self, way: str, credential: str) -> dict[str, str]:
        if credential == "bearer":
            return self.city.dlh.headers
        if credential == "token":
            return self.program.headers
        return {"cookie": self.cookie, **CREDENTIALS[way][credential]}

    def operation(self, kind: str, title: str) -> dict[str, Any]:
        """A mutation makes a task of this title; a subscription has something to tell at once."""
        if kind == "query":
            return {"query": "{ viewer { account { id } } }"}
        if kind == "subscription":
            query = "subscription($after: Cursor) { taskChanged(after: $after) { kind } }"
            return {"query": query, "variables": {"after": self.cursor}}
        query = (
            "mutation($input: CreateTaskInput!) { createTask(input: $input)"
            f" {{ witness: event {{ id type }} isReplay isDryRun isUnchanged {ERRORS} }} }}"
        )
        given = {"organisation": {"code": self.city.dlh.organisation}, "title": title}
        return {"query": query, "variables": {"input": given}}


@pytest.fixture
async def door(city: City) -> Door:
    async with city.site.client(origin=ORIGIN) as client:
        given = {"login": city.dlh.login, "password": PASSWORD, "session": True}
        answer = await client.post("/auth/sign-in", json=given)
    assert answer.status_code == 200, answer.text
    ((name, value),) = ((each, text) for each, text in answer.cookies.items() if each.endswith("session"))
    cursor = await city.dlh.position()
    await city.task(city.dlh)
    await city.settled()
    return Door(city, await program(city), f"{name}={value}", cursor)


Outcome = tuple[int, str | None, dict[str, Any] | None]  # status or close code, error's code, data


async def over_http(door: Door, method: str, media: str, kind: str, credential: str, title: str) -> Outcome:
    """Sent without a client that would wait for a stream's end."""
    operation = door.operation(kind, title)
    headers = {"host": HOST, "accept": ACCEPT[media], **door.headers(method, credential)}
    query, body = b"", b""
    if method == "GET":
        query = urlencode({**operation, "variables": json.dumps(operation.get("variables") or {})}).encode()
    else:
        headers["content-type"] = "application/json"
        body = orjson.dumps(operation)
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 4242), "server": (HOST, 80), "state": {}, "extensions": {},
    }  # fmt: skip
    requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    enough = asyncio.Event()
    status, told = 0, b""

    async def receive() -> Message:
        if requests:
            return requests.pop()
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, told
        if message["type"] == "http.response.start":
            status = message["status"]
            if status == 405:
                assert (b"allow", b"POST") in message["headers"]
            return
        told += message.get("body", b"")
        if b"event: next" in told or b"\r\n\r\n{" in told or not message.get("more_body", False):
            enough.set()

    async with asyncio.timeout(SECONDS):
        await door.city.site.app(scope, receive, send)
    if told.startswith((b"event:", b":")):
        found = re.search(rb"^data: (\{.*\})$", told, re.MULTILINE)
        assert found, told
        told = found[1]
    if told.startswith(b"--graphql"):
        told = told.split(b"\r\n\r\n")[1].split(b"\r\n--graphql")[0]
    answer = orjson.loads(told)
    code = answer["errors"][0]["extensions"]["code"] if answer.get("errors") else None
    return status, code, answer.get("data")


async def over_socket(door: Door, _: str, media: str, kind: str, credential: str, title: str) -> Outcome:
    headers = door.headers("socket", credential)
    is_bearer = credential in ("bearer", "token")
    socket = Socket(door.city.site.app, {} if is_bearer else headers)
    door.city.wires.append(socket)
    init = {"authorization": headers["authorization"]} if is_bearer else {}
    socket.say(type="connection_init", payload=init)
    await until(lambda: socket.is_acknowledged or socket.end, what="the socket is answered")
    if socket.end is not None:
        return socket.end[0], None, None
    field = {"query": "viewer", "mutation": "createTask", "subscription": "taskChanged"}[kind]
    watcher = socket.start(field, **door.operation(kind, title))
    value = await watcher.next()
    await socket.leave()
    return 200, None, {field: value}


WAYS: dict[str, Callable[..., Awaitable[Outcome]]] = {"GET": over_http, "POST": over_http, "socket": over_socket}


def test_the_table_has_every_cell() -> None:
    kinds = ("query", "mutation", "subscription")
    assert set(CELLS) == {
        (way, media, kind) for way in WAYS for media in (ACCEPT if way != "socket" else ("-",)) for kind in kinds
    }
    assert [*COLUMNS] == ["bearer", "token", "same-origin", "same-site", "silent"]
    assert all(len(outcomes) == len(COLUMNS) for outcomes in CELLS.values())


@pytest.mark.parametrize(("way", "media"), dict.fromkeys(key[:2] for key in CELLS))
async def test_every_way_in_does_what_the_table_says_and_writes_nothing_else(
    city: City, door: Door, way: str, media: str
) -> None:
    wrong, allowed = [], []
    for kind in ("query", "mutation", "subscription"):
        for credential, expected in zip(COLUMNS, CELLS[way, media, kind], strict=True):
            title = f"{way} {media} {kind} {credential}"
            status, code, data = await WAYS[way](door, way, media, kind, credential, title)
            wanted = (200, None) if expected == "done" else CODES[expected]
            if (status, code) != wanted or (data is not None) != (expected == "done"):
                wrong.append(f"{title}: expected {expected}, got {status} {code} {data}")
            if kind == "mutation" and data is not None:
                await city.witness("createTask", {}, data["createTask"])
            if kind == "mutation" and expected == "done":
                allowed.append(title)
    made = await city.rows("SELECT title FROM task WHERE title LIKE $1", f"{way} {media} %")
    assert not wrong, "\n".join(wrong)
    assert sorted(each["title"] for each in made) == sorted(allowed)
