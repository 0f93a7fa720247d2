"""The database is away: whoever asks is told so in the right words, may come again, and the log holds no fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import copy
from itertools import cycle, product
from typing import Any

import httpx
import pytest
from asyncpg import ConnectionDoesNotExistError, InterfaceError, InternalClientError

from server.database import PoolTimeout
from server.web.accept import JSON, RESPONSE_JSON
from tests.city import City

FAULTS = [
    InterfaceError("cannot call Transaction.rollback(): the underlying connection is closed"),
    InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
    ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ConnectionResetError(104, "Connection reset by peer"),
    PoolTimeout("no connection became free within 10 seconds"),
]
TASKS = "{ tasks(first: 1) { nodes { id } } }"
BOARD = "{ statusBoard { cursor } }"
WATCH = "subscription { taskChanged { cursor } }"
CREATE = (
    'mutation { createTask(input: {organisation: {code: "12.71.11"}, title: "Ronda"}) { task { id } errors { code } } }'
)
GONE = "The database cannot be reached; try again in a moment."
UNCERTAIN = "The database cannot be reached, so it is not certain whether this was done"


@pytest.fixture
async def away(city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Every connection that is asked for fails, each in another way; in the end no traceback may be in the log."""
    identities = city.site.installation.identities
    known = await identities.identify_socket({"headers": []}, f"Bearer {city.camat.token}")

    async def identified(_: object) -> object:
        return known  # was looked up just before

    monkeypatch.setattr(identities, "identify", identified)
    cut(monkeypatch)
    yield
    monkeypatch.undo()
    assert not [record.message for record in caplog.records if record.exc_info]


def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = cycle(FAULTS)

    async def fail(_: object) -> None:
        raise copy(next(faults))

    monkeypatch.setattr("server.database.pool.Pool._take", fail)


async def ask(city: City, source: str, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {city.camat.token}", "accept-language": "en", **headers}
    async with city.site.client(**given) as client:
        return await client.post("/graphql", json={"query": source})


def error(answer: httpx.Response) -> dict[str, Any]:
    (found,) = answer.json()["errors"]
    assert found["extensions"]["code"] == "INTERNAL"
    assert found["extensions"]["retryAfter"] == 2
    assert found["extensions"]["id"]
    message: dict[str, Any] = found
    return message


async def test_a_query_of_which_nothing_is_answered_is_503(city: City, away: None) -> None:
    for source, accept, _ in product((TASKS, BOARD), (JSON, RESPONSE_JSON), FAULTS):
        answer = await ask(city, source, accept=accept)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert error(answer)["message"] == GONE


async def test_a_query_of_which_something_is_answered_is_200_with_an_error(city: City, away: None) -> None:
    answer = await ask(city, f"{{ __typename {TASKS[1:]}")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"__typename": "Query", "tasks": None}
    assert error(answer)["message"] == GONE


async def test_a_change_is_not_said_to_have_failed(city: City, away: None) -> None:
    for _ in FAULTS:
        answer = await ask(city, CREATE)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert error(answer)["message"].startswith(UNCERTAIN)
        assert answer.json()["data"] == {"createTask": None}


async def test_whoever_cannot_even_be_looked_up_is_told_the_same(
    city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    city.site.installation.identities.forget()
    cut(monkeypatch)
    for source in (TASKS, CREATE) * len(FAULTS):
        answer = await ask(city, source)
        assert (answer.status_code, answer.headers["retry-after"], error(answer)["message"]) == (503, "2", GONE)
    async with city.site.client() as client:
        given = {"login": city.camat.login, "password": "x"}
        for problem in (await client.post("/auth/sign-in", json=given), await client.get("/readyz")):
            assert problem.status_code == 503
            assert problem.headers["retry-after"] == "2"
    assert not [record.message for record in caplog.records if record.exc_info]


async def test_an_event_stream_is_broken_off_rather_than_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    # A browser's EventSource takes 503 for the end for good.
    city.site.installation.identities.forget()
    cut(monkeypatch)
    answer = await ask(city, WATCH, accept="text/event-stream")
    assert (answer.status_code, answer.text) == (200, "retry: 2000\n\n")
    assert answer.headers["content-type"].startswith("text/event-stream")
