"""Who opens a socket: however the client writes the token down, and what it is told when it may not come in."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from server.web.socket import SocketProtocol
from tests.city import City
from tests.system.serving import serving
from tests.watching import Socket, until


@pytest.mark.asks
async def test_who_answers_no_ping_is_told_to_come_back(city: City) -> None:
    """A laptop that slept: its stock client comes back after 1013, but never after the server's own 1011."""
    async with serving(city.site.app, ws=SocketProtocol, ws_ping_interval=0.02, ws_ping_timeout=0.02) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        peer = ClientProtocol(
            parse_uri(f"ws://127.0.0.1:{port}/graphql"), subprotocols=[Subprotocol("graphql-transport-ws")]
        )
        peer.send_request(peer.connect())
        writer.write(b"".join(peer.data_to_send()))
        async with asyncio.timeout(30):
            peer.receive_data(await reader.read())  # all until it ends, and not a word more
        writer.close()
    assert peer.state is not State.CONNECTING
    assert peer.close_rcvd is not None
    assert (peer.close_rcvd.code, peer.close_rcvd.reason) == (1013, "")


async def knock(city: City, payload: dict[str, Any], **headers: str) -> Socket:
    """A socket that has been let in or turned away; the test's end closes it."""
    socket = Socket(city.site.app, headers)
    city.wires.append(socket)
    socket.say(type="connection_init", payload=payload)
    await until(lambda: socket.is_acknowledged or socket.end)
    return socket


async def end(city: City, payload: dict[str, Any], **headers: str) -> tuple[int, str]:
    """Why this socket was turned away."""
    socket = await knock(city, payload, **headers)
    assert socket.end is not None
    return socket.end


@pytest.mark.asks
@pytest.mark.parametrize("bearer", ["Bearer ", ""])
@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_the_token_is_taken_at_the_top_or_under_headers_with_bearer_or_bare(
    city: City, name: str, bearer: str
) -> None:
    token = {name: f"{bearer}{city.camat.token}"}
    assert (await knock(city, token)).end is None
    assert (await knock(city, {"headers": token})).end is None


@pytest.mark.asks
async def test_a_token_that_ran_out_is_4403_after_which_clients_come_back_and_any_other_is_4401(city: City) -> None:
    tokens = city.site.installation.tokens
    known = tokens.read_access(city.camat.token)
    late = tokens.access(known.account_id, known.sign_in_id, city.now - timedelta(seconds=1))
    english = {"acceptLanguage": "en"}
    assert await end(city, {"authorization": late} | english) == (
        4403,
        "This token has run out; renew it at /auth/refresh.",
    )
    code, reason = await end(city, {"authorization": f"{city.camat.token}x"} | english)
    assert code == 4401
    assert reason.startswith("This token is not valid; the payload of connection_init takes authorization")
    code, reason = await end(city, english)
    assert code == 4401
    assert reason.startswith("You are not signed in: the payload of connection_init takes authorization")
    assert (await end(city, {}))[1].startswith("Anda belum masuk")


async def test_who_was_signed_out_is_4401_and_is_told_so(city: City) -> None:
    gone = await city.sign_in(city.camat_staff.login)
    async with city.site.client(authorization=f"Bearer {gone.token}") as client:
        assert (await client.post("/auth/sign-out")).status_code == 204
    await city.settled()
    assert await end(city, {"authorization": gone.token}) == (4401, "Sesi ini sudah berakhir; silakan masuk lagi.")


@pytest.mark.asks
async def test_over_http_a_token_without_bearer_is_refused_by_saying_what_is_missing(city: City) -> None:
    for given in (city.camat.token, "Basic d2FsaWtvdGE6ZGVtbw==", "Bearer", "Bearer "):
        async with city.site.client(authorization=given) as client:
            answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"accept-language": "en"})
        assert answer.status_code == 401
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert "`Bearer ` is missing" in error["message"]
    code, reason = await end(city, {"acceptLanguage": "en"}, authorization=city.camat.token)
    assert code == 4401
    assert "Bearer <token>" in reason
