"""What is larger than 1 kB goes out by gzip to who takes it, but where a secret and a caller's text stand together."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.database import connect
from server.demo.load import PASSWORD, make
from server.demo.scene import Scale
from server.web.compression import SHORTEST
from tests import cases
from tests.city import City
from tests.process import Site, app_on
from tests.watching import EventStream

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def of_the_readme(name: str) -> str:
    """The document of this name."""
    found = re.search(rf"```graphql\n((?:query|subscription) {name}\b.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


LONG = "{ __schema { types { name description } } }"


@pytest.fixture
async def client(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """The camat's; it takes gzip, as every client does."""
    async with city.site.client(**city.camat.headers, **{"accept-encoding": "gzip"}) as client:
        yield client


async def raw(client: httpx.AsyncClient, method: str, url: str, **given: Any) -> tuple[httpx.Response, bytes]:
    """An answer, and its bytes as they went over the wire."""
    async with client.stream(method, url, **given) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


async def test_query_3_of_the_readme_is_a_tenth_of_its_bytes_and_the_board_a_seventh(
    fresh_database: Callable[[], Coroutine[object, object, str]],
) -> None:
    """In a year of Kota Medan with a seventh of the demonstration's tasks."""
    url = await fresh_database()
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    connection = await connect(url, statement_timeout="0")
    await make(connection, now, Scale(targets=150, tasks=600, requests=40, measurements=1_500))
    await connection.close()
    app = app_on(url, lambda: now)
    async with app.router.lifespan_context(app):
        site = Site(app)
        async with site.client() as client:
            given = {"login": "camat-medan-johor", "password": PASSWORD}
            token = (await client.post("/auth/sign-in", json=given)).json()["accessToken"]
        headers = {"authorization": f"Bearer {token}", "accept-encoding": "gzip"}
        async with site.client(**headers) as client:
            for name, times in (("DueSoon", 10), ("Board", 7)):
                answer, sent = await raw(client, "POST", "/graphql", json={"query": of_the_readme(name)})
                assert answer.headers["content-encoding"] == "gzip"
                body = gzip.decompress(sent)
                assert b'"errors"' not in body
                assert len(sent) * times <= len(body), (name, len(sent), len(body))
                assert int(answer.headers["content-length"]) == len(sent)
                assert "accept-encoding" in answer.headers["vary"]


@pytest.mark.asks
@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [("gzip", True), ("gzip, deflate, br", True), ("*", True), ("br;q=1.0, gzip;q=0.8", True), ("x, GZIP", True),
     ("identity", False), ("gzip;q=0", False), ("br", False), ("*;q=0", False), ("gzip;q=0, *", False), ("", False)],
)  # fmt: skip
async def test_only_who_takes_gzip_gets_it(client: httpx.AsyncClient, accepted: str, is_taken: bool) -> None:
    for url, given in (("/graphql", {"query": LONG}), ("/schema.graphql", None)):
        method = "POST" if given else "GET"
        answer, sent = await raw(client, method, url, json=given, headers={"accept-encoding": accepted})
        assert ("content-encoding" in answer.headers) is is_taken
        assert (sent[:2] == b"\x1f\x8b") is is_taken


@pytest.mark.asks
async def test_a_short_answer_goes_out_as_it_is(client: httpx.AsyncClient) -> None:
    answer, sent = await raw(client, "POST", "/graphql", json={"query": "{ city { name } }"})
    assert len(sent) < SHORTEST
    assert "content-encoding" not in answer.headers


@pytest.mark.asks
async def test_a_get_is_compressed_as_a_post_is(client: httpx.AsyncClient) -> None:
    answer, _ = await raw(client, "GET", "/graphql", params={"query": LONG})
    assert answer.headers["content-encoding"] == "gzip"


async def test_what_holds_a_secret_beside_a_caller_s_text_is_not_compressed(city: City) -> None:
    verb = (
        "mutation($input: AddChecklistItemInput!) { addChecklistItem(input: $input)"
        " { task { checklist { text } } event { sentence } errors { message } } }"
    )
    long = ["Butir " + "x" * 150] * 20
    given = {"taskId": await city.task(city.camat, checklist=long), "text": "Satu lagi", "dryRun": True}
    async with city.site.client(**city.camat.headers, **{"accept-encoding": "gzip"}) as client:
        answer, sent = await raw(client, "POST", "/graphql", json={"query": verb, "variables": {"input": given}})
    assert len(sent) > SHORTEST
    assert "content-encoding" not in answer.headers


async def test_a_dossier_is_not_compressed(city: City) -> None:
    case = await cases.filed(city)
    async with city.site.client(**city.mayor.headers, **{"accept-encoding": "gzip"}) as client:
        answer, sent = await raw(client, "GET", f"/dossier/{case}")
    assert (answer.status_code, len(sent) > SHORTEST) == (200, True)
    assert "content-encoding" not in answer.headers


@pytest.mark.asks
async def test_a_stream_is_not_held_back_to_be_compressed(city: City) -> None:
    headers = {**city.camat.headers, "accept-encoding": "gzip"}
    stream = EventStream(
        city.site.app, "statusBoard", of_the_readme("Board").replace("query", "subscription"), {}, headers
    )
    city.wires.append(stream)
    assert (await stream.watcher.next())["cursor"]  # at once, and readable as it came


@pytest.mark.asks
@pytest.mark.parametrize("url", ["/", "/graphql", "/schema.graphql", "/static/look.css", "/auth/password"])
async def test_a_page_and_the_schema_are_sent_once_and_then_only_confirmed(
    city: City, client: httpx.AsyncClient, url: str
) -> None:
    wants = {"accept": "text/html, */*;q=0.5"}
    answer, sent = await raw(client, "GET", url, headers=wants)
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    tag = answer.headers["etag"]
    again, nothing = await raw(client, "GET", url, headers={**wants, "if-none-match": tag})
    assert (again.status_code, again.headers["etag"], nothing) == (304, tag, b"")
    plain, whole = await raw(client, "GET", url, headers={**wants, "accept-encoding": "identity"})
    assert (plain.headers["etag"], gzip.decompress(sent)) == (tag, whole)
    assert "accept-encoding" in answer.headers["vary"]
    assert "accept-encoding" in again.headers["vary"]


@pytest.mark.asks
async def test_the_schema_is_the_committed_one_and_for_who_is_signed_in(city: City, client: httpx.AsyncClient) -> None:
    found = await client.get("/schema.graphql")
    assert found.text == (Path(__file__).parents[2] / "schema.graphql").read_text("utf-8")
    assert found.headers["cache-control"] == "private, no-cache"
    async with city.site.client() as stranger:
        refused = await stranger.get("/schema.graphql", headers={"if-none-match": found.headers["etag"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")
