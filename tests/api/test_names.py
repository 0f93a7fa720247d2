"""Under which names a server may be asked for, on every path and every wire, before anybody is identified."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx
import pytest
from starlette.types import Message

from server.database import Pool
from server.settings import Settings
from server.web.origin import Names, names_of
from server.web.problem import HttpProblem
from tests.api.small_site import small_site
from tests.city import City
from tests.process import Site, app_on

OPEN = Settings()
DEMO = Settings(demo=True)
CITY = Settings(public_address="https://kolaborasi.example.go.id")
CITY_BY_PORT = Settings(public_address="https://kolaborasi.example.go.id:8443")
SHOWN = Settings(demo=True, public_address="https://coba.example.go.id")
ON_THE_NETWORK = Settings(demo=True, allow_demo_network=True, host="0.0.0.0")
AT_AN_ADDRESS = Settings(demo=True, allow_demo_network=True, host="192.168.1.5")
BY_NAME = Settings(demo=True, allow_demo_network=True, host="Peraga.kota.lan")
BY_SIX = Settings(demo=True, allow_demo_network=True, host="fd00::7")
NOT_ALLOWED = Settings(demo=True, host="192.168.1.5")

LOCAL = ("localhost", "localhost:8123", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000")
FOREIGN = (
    "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example",
    "localhost, evil.example", "localhost/", "::1", "[::1", "", "127.0.0.1:8000:9", "localhost:x", "127.1", "0.0.0.0x",
)  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "served", "refused"),
    [
        (OPEN, (*LOCAL, *FOREIGN), ()),
        (DEMO, LOCAL, (*FOREIGN, "192.168.1.5", "10.0.0.1:8000")),
        (CITY, (*LOCAL, "kolaborasi.example.go.id", "Kolaborasi.Example.GO.id:443"), (*FOREIGN, "example.go.id")),
        (CITY_BY_PORT, (*LOCAL, "kolaborasi.example.go.id:8443"), (*FOREIGN, "192.168.1.5")),
        (SHOWN, (*LOCAL, "coba.example.go.id"), (*FOREIGN, "kolaborasi.example.go.id")),
        (ON_THE_NETWORK, (*LOCAL, "192.168.1.5:8000", "10.0.0.1", "[fd00::7]:8000"), FOREIGN),
        (AT_AN_ADDRESS, (*LOCAL, "192.168.1.5:8000"), (*FOREIGN, "192.168.1.6")),
        (BY_NAME, (*LOCAL, "peraga.kota.lan:8000"), (*FOREIGN, "kota.lan", "192.168.1.5")),
        (BY_SIX, (*LOCAL, "[fd00::7]:8000", "[FD00::7]"), (*FOREIGN, "[fd00::8]")),
        (NOT_ALLOWED, LOCAL, (*FOREIGN, "192.168.1.5")),
    ],
)
def test_what_is_served_follows_from_the_settings(
    settings: Settings, served: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    names = names_of(settings)
    assert {host: _status(names, [host]) for host in served} == dict.fromkeys(served, 200)
    assert {host: _status(names, [host]) for host in refused} == dict.fromkeys(refused, 421)
    assert _status(names, []) == 400
    assert _status(names, ["localhost", "localhost"]) == 400


def _status(names: Names, hosts: list[str], path: str = "/graphql") -> int:
    try:
        names.check({"type": "http", "path": path, "headers": [(b"host", host.encode()) for host in hosts]})
    except HttpProblem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize("settings", [OPEN, CITY, CITY_BY_PORT])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("hosts", [["10.1.2.3:8000"], ["kolaborasi:8000"], ["10-1-2-3.pod.cluster.local"], []])
def test_an_installation_tells_its_health_to_who_looks_from_another_machine(
    settings: Settings, path: str, hosts: list[str]
) -> None:
    names = names_of(settings)
    assert _status(names, hosts, path) == 200
    assert _status(names, hosts) == (400 if not hosts else 200 if settings is OPEN else 421)
    assert _status(names, hosts, f"{path}/") == _status(names, hosts)


@pytest.mark.parametrize("settings", [DEMO, SHOWN, AT_AN_ADDRESS, NOT_ALLOWED])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_demonstration_tells_its_health_under_its_own_names_only(settings: Settings, path: str) -> None:
    names = names_of(settings)
    assert _status(names, ["localhost:8000"], path) == 200
    assert _status(names, ["evil.example"], path) == 421
    assert _status(names, [], path) == 400


async def test_health_and_metrics_are_served_under_any_name_and_nothing_else_is(pool: Pool) -> None:
    async with small_site(pool, metrics_token="rahasia", names=names_of(CITY)) as site:
        transport = httpx.ASGITransport(site.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://10.1.2.3:8000") as client:
            token = {"authorization": "Bearer rahasia"}
            told = {path: (await client.get(path, headers=token)).status_code for path in PATHS}
            assert {path for path, status in told.items() if status == 200} == {"/healthz", "/readyz", "/metrics"}
            assert {status for status in told.values() if status != 200} == {421}
            assert (await client.get("/metrics")).status_code == 401


@pytest.mark.parametrize("host", ["evil@ours.example", "ours.example/", "ours.example?", "ours.example ours.example"])
def test_an_origin_is_not_ours_because_the_host_is_as_malformed(host: str) -> None:
    names = names_of(OPEN)
    scope = {"type": "http", "scheme": "http", "headers": [(b"host", host.encode())]}
    assert not names.is_our_own(scope, f"http://{host}")
    assert names.is_our_own(scope | {"headers": [(b"host", b"ours.example:80")]}, "http://ours.example")


@pytest.fixture
def demo(city: City) -> Site:
    """The small city as a demonstration; its loops need not run."""
    return Site(app_on(city.url, lambda: city.now, demo=True))


PATHS = ("/", "/graphql", "/auth/sign-in", "/healthz", "/readyz", "/metrics", "/static/look.css", "/dossier/x", "/none")


async def test_a_demonstration_answers_no_page_whose_name_was_pointed_at_this_machine(demo: Site) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(demo.app), base_url="http://evil.example") as client:
        for path, method in product(PATHS, ("GET", "POST", "OPTIONS")):
            answer = await client.request(method, path, headers={"accept-language": "en"})
            assert answer.status_code == 421, path
            problem = answer.json()
            told = problem["errors"][0] if path == "/graphql" else problem
            assert "localhost" in told["message" if path == "/graphql" else "detail"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            mine = await client.request(method, path, headers={"host": "localhost:8000"})
            assert mine.status_code != 421, path


async def test_a_socket_under_a_foreign_name_is_refused_in_its_handshake(demo: Site) -> None:
    start, body = await _handshake(demo, [(b"host", b"evil.example")], can_answer=True)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 421)
    assert b"localhost" in body["body"]
    (closed,) = await _handshake(demo, [(b"host", b"evil.example")], can_answer=False)
    assert closed == {"type": "websocket.close", "code": 1008, "reason": ""}
    welcome = await _handshake(demo, [(b"host", b"127.0.0.1:8000")], can_answer=True)
    assert welcome[0]["type"] == "websocket.accept"


async def _handshake(site: Site, headers: list[tuple[bytes, bytes]], can_answer: bool) -> list[Message]:
    """What a socket's client is told that names no protocol."""
    extensions: dict[str, Any] = {"websocket.http.response": {}} if can_answer else {}
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "path": "/graphql",
        "raw_path": b"/graphql", "root_path": "", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "subprotocols": [], "state": {}, "extensions": extensions,
    }  # fmt: skip
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message)

    await site.app(scope, receive, send)
    return told


async def test_nothing_can_be_counted_by_the_ids_of_requests(city: City) -> None:
    async with city.site.client() as client:
        ids = [(await client.get("/healthz")).headers["x-request-id"] for _ in range(50)]
    assert len({len(each) for each in ids}) == 1
    assert len(set(ids)) == len(ids)
    # No place of it is the same for all, as a process's own part would be, and they come in no order.
    assert all(len(set(column)) > 1 for column in zip(*ids, strict=True))
    assert ids != sorted(ids)
