"""docs/clients.md, carried out: what it says of signing in, of languages, positions, origins and limits is so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server import settings
from server.database import Pool
from server.live import protocol
from server.live.websocket import SocketEndpoint
from server.query.codes import CODES
from server.query.compile import filters, orders, plan
from server.query.declare import declaration
from server.query.documents import cost, document_limits, input_limits
from server.query.run import question
from server.rules import bulk
from server.web import limits
from tests.api.small_site import PASSWORD, SmallSite, small_site
from tests.city import City
from tests.sending import send
from tests.watching import EventStream, Socket, until

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text("utf-8")
SERVER = Path(__file__).parents[2] / "server"


def table(heading: str) -> list[list[str]]:
    """The rows of the table under this heading."""
    text = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.fixture
async def site(pool: Pool) -> AsyncIterator[SmallSite]:
    async with small_site(pool) as made:
        yield made


# ---- sign in, renew, sign out ---------------------------------------------------------------------------------------


async def test_one_signs_in_renews_and_signs_out_as_the_page_says(site: SmallSite) -> None:
    async with site.client() as client:
        given = {"login": (await site.person()).login, "password": PASSWORD}
        signed_in = (await client.post("/auth/sign-in", json=given)).json()
        assert set(signed_in) == {"accessToken", "refreshToken", "expiresIn", "account"}
        old = {"refreshToken": signed_in["refreshToken"]}
        first, second = await asyncio.gather(*(client.post("/auth/refresh", json=old) for _ in range(2)))
        assert set(first.json()) == set(signed_in)
        assert first.json()["refreshToken"] == second.json()["refreshToken"] != old["refreshToken"]
        bearer = {"authorization": f"Bearer {first.json()['accessToken']}"}
        ask = {"query": "{ viewer }"}
        assert (await client.post("/graphql", json=ask, headers=bearer)).status_code == 200
        assert (await client.post("/auth/sign-out", headers=bearer)).status_code == 204
        gone = await client.post("/graphql", json=ask, headers=bearer)
        assert (gone.status_code, gone.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        ended = await client.post("/auth/refresh", json={"refreshToken": first.json()["refreshToken"]})
        assert ended.status_code == 401


def test_its_lifetimes_are_the_settings_own() -> None:
    chosen = settings.read({})
    assert f"An access token lasts {chosen.access_token_lifetime.seconds // 60} minutes" in PAGE
    assert f"a refresh token {chosen.refresh_token_lifetime.days} days" in PAGE
    assert chosen.sign_in_lifetime == chosen.refresh_token_lifetime


# ---- language, position, sockets ------------------------------------------------------------------------------------


async def test_a_language_is_chosen_on_every_wire_and_is_indonesian_where_none_is(city: City) -> None:
    wrong = "{ tasks(first: 201) { totalCount } }"
    page = {"id": "0 sampai 200", "en": "0 to 200"}
    for language, chosen in (("id", None), ("id", "id"), ("en", "en"), ("en", "en-US,en;q=0.9"), ("id", "fr")):
        _, answer = await send(city.camat, wrong, {}, chosen)
        assert answer["errors"][0]["extensions"]["constraint"] == page[language]
        header = {} if chosen is None else {"accept-language": chosen}
        stream = EventStream(city.site.app, "tasks", wrong, {}, {**city.camat.headers, **header})
        city.wires.append(stream)
        payload: dict[str, Any] = {} if chosen is None else {"acceptLanguage": chosen}
        in_payload = await city.camat.socket(**payload)
        by_header = Socket(city.site.app, header)
        city.wires.append(by_header)
        await by_header.sign_in(city.camat.token)
        watchers = [stream.watcher, *(each.start("tasks", query=wrong) for each in (in_payload, by_header))]
        for watcher in watchers:
            await watcher.ended()
            assert watcher.errors is not None
            assert watcher.errors[0]["extensions"]["constraint"] == page[language], (chosen, watcher.wire)


async def test_a_subscription_goes_on_from_the_position_of_an_answer_without_a_gap(city: City) -> None:
    answer = await city.camat.ask("{ tasks { nodes { id } } }")
    task = await city.task(city.camat)
    watcher = await city.camat.watch("taskChanged", after=answer["extensions"]["position"])
    assert (await watcher.next())["node"]["id"] == task


async def test_a_subscription_by_post_is_told_which_header_and_subprotocol_it_needs_and_both_work(city: City) -> None:
    asked = "subscription { taskChanged { kind } }"
    for language in ("id", "en"):
        _, answer = await send(city.camat, asked, {}, language)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        for named in ("Accept: text/event-stream", protocol.SUBPROTOCOL):
            assert named in error["message"]
            assert named in error["extensions"]["constraint"]
    stream = EventStream(city.site.app, "taskChanged", asked, {}, city.camat.headers)
    city.wires.append(stream)
    over_socket = (await city.camat.socket()).start("taskChanged", query=asked)
    await until(lambda: len(city.site.installation.hub) >= 2)
    await city.task(city.camat)
    for watcher in (stream.watcher, over_socket):
        assert (await watcher.next())["kind"] == "CREATED"


def test_its_close_codes_are_all_that_the_server_has() -> None:
    told = {int(code) for row in table("WebSockets") for code in row[0].split(", ")}
    source = "\n".join(path.read_text("utf-8") for path in (SERVER / "live").glob("*.py"))
    used = {int(code) for code in re.findall(r"= (44\d\d|10\d\d)\b", source)} - {1000}
    assert told == used


# ---- another origin -------------------------------------------------------------------------------------------------


async def test_a_page_of_a_named_origin_may_ask_with_what_the_page_names(site: SmallSite) -> None:
    async with site.client() as client:
        asks = {"origin": "https://papan.test", "access-control-request-method": "POST"}
        allowed = await client.options("/graphql", headers=asks)
        foreign = await client.options("/graphql", headers={**asks, "origin": "https://lain.test"})
    assert "access-control-allow-origin" not in foreign.headers
    assert "access-control-allow-credentials" not in allowed.headers
    text = PAGE.split("## From another origin\n")[1].split("\n## ")[0]
    for name in ("allow-headers", "allow-methods", "expose-headers"):
        for each in allowed.headers[f"access-control-{name}"].split(", "):
            assert re.search(rf"(?<![\w-]){each}(?![\w-])", text, re.IGNORECASE), each


# ---- limits and codes -----------------------------------------------------------------------------------------------


def test_its_limits_are_the_server_s() -> None:
    socket = SocketEndpoint.__init__.__kwdefaults__ or {}
    assert [int(most.replace(",", "")) for _, most in table("Limits")] == [
        cost.MOST_ROWS,
        question.MOST_ROWS,
        document_limits.MOST_DEPTH,
        document_limits.MOST_ALIASES,
        document_limits.MOST_FIELDS,
        document_limits.MOST_TOKENS,
        declaration.ROOT_MOST,
        declaration.NESTED_MOST,
        declaration.ROOT_PAGE,
        declaration.NESTED_PAGE,
        plan.MOST_IDS,
        orders.MOST_ORDERS,
        filters.MOST_CONDITIONS,
        input_limits.MOST_VALUES,
        bulk.MOST,
        input_limits.LONGEST_TEXT,
        limits.BODY_BYTES,
        socket["max_operations"],
        settings.read({}).streams_per_account,
        settings.read({}).token_requests,
    ]
    assert f"{protocol.LONGEST_MESSAGE:,} characters" in PAGE
    assert f"in {socket['init_seconds']:.0f} seconds" in PAGE


CODE = r'"([A-Z]{3,}(?:_[A-Z]+)+|INTERNAL|UNAUTHENTICATED)"'


def test_every_code_of_a_request_is_on_the_page_of_errors_and_no_other() -> None:
    found = set[str]()
    for room in ("web", "live", "query"):
        for path in (SERVER / room).rglob("*.py"):
            found |= set(re.findall(CODE, path.read_text("utf-8")))
    assert found == set(CODES), "say it in server/query/codes.py"


async def test_a_method_that_is_not_for_an_address_has_a_code_of_its_own_everywhere(site: SmallSite) -> None:
    for method, url in (("PUT", "/graphql"), ("GET", "/auth/sign-in"), ("DELETE", "/")):
        async with site.client() as client:
            answer = await client.request(method, url)
        told = answer.json()
        code = told["errors"][0]["extensions"]["code"] if "errors" in told else told["code"]
        assert (answer.status_code, code, bool(answer.headers["allow"])) == (405, "METHOD_NOT_ALLOWED", True)
