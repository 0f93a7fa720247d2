"""HTTP as the outside meets it: media types, methods, bodies, headers and faults, each with a clear answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.database import Pool
from tests.api.small_site import ORIGIN, WELL, SmallSite, small_site

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
QUERY = json.dumps({"query": "{ viewer { role } }"}).encode()
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
async def site(pool: Pool) -> AsyncIterator[SmallSite]:
    async with small_site(pool) as made:
        yield made


@pytest.fixture(scope="module")
async def token(site: SmallSite) -> str:
    async with site.pool.connection() as connection:
        await connection.execute("DELETE FROM sign_in_attempt")
    return await site.token((await site.person()).login)


@pytest.fixture
async def client(site: SmallSite, token: str) -> AsyncIterator[httpx.AsyncClient]:
    async with site.client(authorization=f"Bearer {token}") as opened:
        yield opened


async def post(client: httpx.AsyncClient, content: bytes = QUERY, **headers: str) -> httpx.Response:
    named = {"content-type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/graphql", content=content, headers=named)


def error(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["errors"][0]
    return found


# ---- what is answered


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON}", RESPONSE_JSON),
        (f"{JSON}, {RESPONSE_JSON}", JSON),
        (f"{JSON};q=0.5, {RESPONSE_JSON}", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.1, */*", JSON),
        (f"{JSON};q=0, */*", RESPONSE_JSON),
        (f"{RESPONSE_JSON}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE_JSON),
        ("APPLICATION/JSON", JSON),
        (f"{JSON}, text/event-stream", JSON),
        (f"{RESPONSE_JSON}, {JSON}, text/event-stream, multipart/mixed", RESPONSE_JSON),
        ("text/event-stream", "text/event-stream"),
        (f"text/event-stream, {JSON};q=0.9", "text/event-stream"),
    ],
)
async def test_the_answer_has_the_type_that_is_preferred(
    client: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    answer = await post(client, accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type


async def test_an_answer_bears_its_request_position_and_cost(client: httpx.AsyncClient) -> None:
    answer = await post(client)
    extensions = answer.json()["extensions"]
    assert extensions["requestId"] == answer.headers["x-request-id"]
    assert extensions["position"] == "cursor"
    assert extensions["cost"] == {"requested": 1}
    assert answer.headers["content-type"].endswith("; charset=utf-8")
    assert {"accept", "accept-language", "authorization", "cookie"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), ("*/*", 200), (RESPONSE_JSON, 400)])
async def test_a_document_that_is_not_executed_has_the_status_of_its_media_type(
    client: httpx.AsyncClient, accept: str, status: int
) -> None:
    answer = await post(client, b'{"query": "{ syntax"}', accept=accept)
    assert (answer.status_code, error(answer)["extensions"]["code"]) == (status, "GRAPHQL_PARSE_FAILED")
    assert "data" not in answer.json()


async def test_a_query_may_be_asked_by_get(site: SmallSite, client: httpx.AsyncClient) -> None:
    asked = {"query": "query Q($a: Int) { viewer { role } }", "variables": '{"a": 1}', "operationName": "Q"}
    answer = await client.get("/graphql", params=asked)
    assert answer.status_code == 200
    assert (site.asked[-1].variables, site.asked[-1].operation_name) == ({"a": 1}, "Q")


async def test_a_mutation_by_get_is_refused_with_what_is_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": "mutation { x }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    told = error(answer)["extensions"]
    assert (told["code"], told["path"], told["constraint"]) == ("METHOD_NOT_ALLOWED", [], "POST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_refused_with_what_is_allowed(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_stranger_is_told_to_sign_in(site: SmallSite) -> None:
    for authorization in (None, "Bearer", "Basic YTpi", "Bearer kat_nonsense"):
        async with site.client(**({"authorization": authorization} if authorization else {})) as client:
            answer = await post(client)
        assert (answer.status_code, error(answer)["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith("Bearer")


# ---- bad input: the request, then status and code; each is GraphQL-shaped and names what would be right

DEEP = b'{"query": "{a}", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int, list[str]]] = {
    "empty": (b"", {}, 400, []),
    "blank": (b"  \n", {}, 400, []),
    "not JSON": (b"{query: x}", {}, 400, []),
    "cut off": (b'{"query": "{a', {}, 400, []),
    "NaN": (b'{"query": "{a}", "variables": {"a": NaN}}', {}, 400, []),
    "not UTF-8": (b'{"query": "\xff"}', {}, 400, []),
    "UTF-16": (QUERY.decode().encode("utf-16"), {}, 400, []),
    "a list": (b"[" + QUERY + b"]", {}, 400, []),
    "a string": (b'"{ viewer }"', {}, 400, []),
    "a number": (b"7", {}, 400, []),
    "null": (b"null", {}, 400, []),
    "no query": (b"{}", {}, 400, ["query"]),
    "a blank query": (b'{"query": " "}', {}, 400, ["query"]),
    "a query that is a number": (b'{"query": 7}', {}, 400, ["query"]),
    "a query that is null": (b'{"query": null}', {}, 400, ["query"]),
    "variables that are a list": (b'{"query": "{a}", "variables": [1]}', {}, 400, ["variables"]),
    "variables that are text": (b'{"query": "{a}", "variables": "{}"}', {}, 400, ["variables"]),
    "an operation name that is a number": (b'{"query": "{a}", "operationName": 7}', {}, 400, ["operationName"]),
    "a surrogate in operationName": (b'{"query": "{a}", "operationName": "\\ud800"}', {}, 400, ["operationName"]),
    "a surrogate in a variable": (
        b'{"query": "{a}", "variables": {"input": {"title": "a\\udfff"}}}', {}, 400, ["variables", "input", "title"],
    ),
    "extensions that are text": (b'{"query": "{a}", "extensions": "x"}', {}, 400, ["extensions"]),
    "a name given twice": (b'{"query": "{a}", "query": "{b}"}', {}, 400, ["query"]),
    "a variable given twice": (b'{"query": "{a}", "variables": {"id": "a:b", "id": "c"}}', {}, 400, ["id"]),
    "nested deeply": (DEEP, {}, 400, []),
    "nested a little too deeply": (
        b'{"query": "{a}", "variables": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}", {}, 400, [],
    ),
    "an integer of 5,000 digits": (
        b'{"query": "{a}", "variables": {"a": ' + b"9" * 5000 + b"}}", {}, 400, ["variables", "a"],
    ),
    "a body that is too large": (b'{"query": "' + b" " * 1_048_576 + b'"}', {}, 413, []),
    "text": (QUERY, {"content-type": "text/plain"}, 415, []),
    "no type": (QUERY, {"content-type": ""}, 415, []),
    "a form": (b"query={a}", {"content-type": "application/x-www-form-urlencoded"}, 415, []),
    "an upload": (QUERY, {"content-type": "multipart/form-data; boundary=x"}, 415, []),
    "two types": (QUERY, {"content-type": "application/json, text/plain"}, 415, []),
    "jsonp": (QUERY, {"content-type": "application/jsonp"}, 415, []),
    "a foreign charset": (QUERY, {"content-type": "application/json; charset=latin-1"}, 415, []),
    "a compressed body": (QUERY, {"content-encoding": "gzip"}, 415, []),
    "images": (QUERY, {"accept": "image/png"}, 406, []),
    "nothing": (QUERY, {"accept": "*/*;q=0"}, 406, []),
    "a malformed weight": (QUERY, {"accept": "application/json;q=much"}, 406, []),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_request_gets_a_clear_error(client: httpx.AsyncClient, name: str) -> None:
    content, headers, status, path = BAD_BODIES[name]
    answer = await client.post("/graphql", content=content, headers={"content-type": JSON} | headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert error(answer)["extensions"]["code"] == "BAD_USER_INPUT"
    assert error(answer)["extensions"]["path"] == path
    assert error(answer)["extensions"]["constraint"]
    assert error(answer)["message"]
    assert answer.json()["extensions"]["requestId"]


async def test_a_charset_of_our_own_is_accepted(client: httpx.AsyncClient) -> None:
    for content_type in ("application/json;charset=UTF-8", 'application/json; charset="utf-8"', "Application/JSON"):
        assert (await post(client, content_type=content_type)).status_code == 200


async def test_colons_and_escapes_are_not_taken_for_names_given_twice(client: httpx.AsyncClient) -> None:
    variables = {"a:b": ["::", {"c": ":"}], "d": "\\:", "e": {}}
    content = json.dumps({"query": "query Q($a: Int) { viewer { role } }", "variables": variables}).encode()
    assert (await post(client, content)).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "query=%ff",
        "",
        "query=",
        "query={a}&query={b}",
        "query={a}&variables=[1]",
        "query={a}&variables={",
        "query={a}&variables=7",
        "&".join(f"x{n}=1" for n in range(100)),
    ],
)
async def test_a_bad_address_gets_a_clear_error(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"/graphql?{address}")
    assert (answer.status_code, error(answer)["extensions"]["code"]) == (400, "BAD_USER_INPUT")


async def test_a_body_without_a_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 * 1024 * 1024:
            sent += 65_536
            yield b" " * 65_536

    answer = await client.post("/graphql", content=endless(), headers={"content-type": JSON})
    assert answer.status_code == 413
    assert sent < 2 * 1024 * 1024


# ---- faults and languages


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_fault_has_graphqls_shape_and_tells_nothing_of_the_inside(
    client: httpx.AsyncClient, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await post(client, b'{"query": "{ fault }"}', accept=accept)
    assert (answer.status_code, error(answer)["extensions"]["code"]) == (500, "INTERNAL")
    assert error(answer)["extensions"]["id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text


async def test_errors_speak_the_readers_language(client: httpx.AsyncClient) -> None:
    spoken = {}
    for wanted in ("en", "id", "en-GB,en;q=0.9", "de, en;q=0.1", "fr", "id;q=0.1, en", ""):
        spoken[wanted] = error(await post(client, b"{}", accept_language=wanted))["message"]
    assert spoken["en"] == spoken["en-GB,en;q=0.9"] == spoken["de, en;q=0.1"] == spoken["id;q=0.1, en"]
    assert spoken["id"] == spoken["fr"] == spoken[""]
    assert spoken["id"] != spoken["en"]


async def test_outside_graphql_errors_are_problem_json(site: SmallSite) -> None:
    async with site.client() as client:
        for method, path, status in (
            ("GET", "/nowhere", 404),
            ("GET", "/static/nothing.js", 404),
            ("GET", "/static/index.html", 404),
            ("GET", "/static/..%2fapp.py", 404),
            ("PUT", "/", 405),
            ("GET", "/auth/sign-in", 405),
            ("POST", "/auth/refresh", 415),
        ):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path
            assert answer.json()["status"] == status
            assert {"type", "title", "detail", "code", "requestId"} <= set(answer.json())
            assert answer.headers.get("allow") or status != 405


# ---- headers


PAGE_HEADERS = {
    "content-security-policy", "x-frame-options", "referrer-policy", "cross-origin-opener-policy",
}  # fmt: skip


def common(headers: httpx.Headers) -> None:
    """What every answer has, and none."""
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-request-id"]
    assert "x-kolaborasi-demo" not in headers
    assert "access-control-allow-origin" not in headers


async def test_every_page_has_the_headers_that_protect_it(site: SmallSite) -> None:
    async with site.client(accept=BROWSER) as client:
        for path in ("/", "/graphql", "/auth/password", "/favicon.ico", "/static/look.css", "/static/index.js"):
            headers = (await client.get(path)).headers
            common(headers)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_data_has_the_headers_that_protect_data_and_no_more(client: httpx.AsyncClient) -> None:
    answers = [await post(client, accept=accept) for accept in (JSON, RESPONSE_JSON, "text/event-stream")]
    answers += [await post(client, b"no JSON"), await client.put("/graphql")]
    answers += [await client.get(path) for path in ("/nowhere", "/healthz")]
    for answer in answers:
        common(answer.headers)
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
        assert not PAGE_HEADERS & set(answer.headers), answer.headers["content-type"]


async def test_only_named_origins_may_read_from_other_pages(site: SmallSite, client: httpx.AsyncClient) -> None:
    allowed = await post(client, origin="https://papan.test")
    assert allowed.headers["access-control-allow-origin"] == "https://papan.test"
    assert "access-control-allow-credentials" not in allowed.headers
    assert "access-control-allow-origin" not in (await post(client, origin="https://other.test")).headers
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with site.client(**preflight, origin="https://papan.test") as page:
        answer = await page.options("/graphql")
    assert answer.status_code == 204
    assert "authorization" in answer.headers["access-control-allow-headers"]
    async with site.client(**preflight, origin="https://other.test") as page:
        assert "access-control-allow-headers" not in (await page.options("/graphql")).headers


async def test_a_browser_gets_the_api_page_and_a_program_does_not(client: httpx.AsyncClient) -> None:
    page = await client.get("/graphql", headers={"accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html")
    assert "accept" in page.headers["vary"]
    for accept in ("*/*", JSON, f"{JSON}, text/html;q=0.5"):
        answer = await client.get("/graphql", params={"query": "{ viewer }"}, headers={"accept": accept})
        assert answer.headers["content-type"].startswith("application/")


async def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


# ---- health


async def test_health_and_readiness(site: SmallSite) -> None:
    async with site.client() as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        for facts, reason in (
            (WELL.__class__(False, None, None, None, None, 0, 0), "starting"),
            (WELL.__class__(False, None, "ConnectionError", None, None, 0, 0), "database"),
            (WELL.__class__(True, 60.0, "x", None, None, 0, 0), "reader"),
            (WELL.__class__(True, 0.1, None, 120.0, 120.0, 0, 0), "horizon"),
        ):
            site.reader = facts
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["reason"]) == (503, reason)
        site.reader = WELL


async def test_readiness_says_when_the_database_is_away(pool: Pool) -> None:
    away = Pool("postgresql://nobody@127.0.0.1:1/none", size=1, timeout=2)
    async with small_site(away) as site, site.client() as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, "database")
        given = {"login": "camat", "password": "x"}
        refused = await client.post("/auth/sign-in", json=given)
        assert (refused.status_code, refused.json()["code"]) == (503, "INTERNAL")


async def test_metrics_ask_for_their_token_and_are_open_only_in_a_demonstration(pool: Pool) -> None:
    async with small_site(pool) as site, site.client() as client:
        assert (await client.get("/metrics")).status_code == 404
    async with small_site(pool, metrics_token="m" * 32) as site, site.client() as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", headers={"authorization": "Bearer wrong"})).status_code == 401
        answer = await client.get("/metrics", headers={"authorization": "Bearer " + "m" * 32})
        assert 'kolaborasi_requests_total{route="/metrics",method="GET",status="401"} 2' in answer.text
        assert "kolaborasi_resident_bytes 120000000" in answer.text
        assert "kolaborasi_garbage_longest_pause_seconds 0.02" in answer.text
        assert "kolaborasi_reader_looked_age_seconds 0.1" in answer.text
        assert 'kolaborasi_operations_total{way="direct"} 5' in answer.text
        assert 'kolaborasi_operations_total{way="ordinary"} 3' in answer.text
        assert "kolaborasi_together_statements_total 3" in answer.text
        assert "kolaborasi_together_verbs_total 20" in answer.text
        assert 'kolaborasi_operations_ordinary_total{why="mutation"} 2' in answer.text
    async with small_site(pool, demo=True) as site, site.client() as client:
        answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert "kolaborasi_wake_listening 1" in answer.text


async def test_a_demonstration_says_so_in_every_header_and_page(pool: Pool) -> None:
    async with small_site(pool, demo=True) as site, site.client() as client:
        for path in ("/", "/auth/password"):
            page = await client.get(path)
            assert page.headers["x-kolaborasi-demo"] == "1"
            assert 'data-demo="yes"' in page.text
        assert 'data-demo="yes"' in (await client.get("/graphql", headers={"accept": BROWSER})).text


async def test_the_log_line_holds_no_secret(site: SmallSite, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "server.web.middleware"):
        async with site.client(authorization="Bearer kat_secret", cookie="kolaborasi_session=kst_secret") as client:
            await client.get("/graphql?query=secret&link=klt_secret")
            await client.post("/auth/refresh", json={"refreshToken": "krt_secret"})
    assert "GET /graphql 401" in caplog.text
    assert "secret" not in caplog.text


async def test_our_own_address_behind_a_proxy_that_speaks_tls_is_ours(site: SmallSite) -> None:
    person = await site.person()
    async with site.client(origin=ORIGIN.replace("http:", "https:")) as client:
        given = {"login": person.login, "password": "wrong", "session": True}
        answer = await client.post("/auth/sign-in", json=given)
    assert "lain" not in answer.json()["detail"]
