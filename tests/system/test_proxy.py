"""A real server behind a proxy with a certificate, set up as docker-compose.yml does."""

from __future__ import annotations

import httpx

from server.actions import sign_in_attempts
from tests.system.conftest import City
from tests.system.proxy import proxy

PUBLIC = "https://kolaborasi.test"
SOMEBODY, ANOTHER = "127.0.1.2", "127.0.2.2"
RIGHT = {"login": "pengamat", "password": "demo", "session": True}
WRONG = RIGHT | {"login": "siapa-itu"}


def browser(port: int, address: str) -> httpx.AsyncClient:
    """A browser at this address that opens the public address, for which the proxy answers."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    headers = {"host": "kolaborasi.test", "origin": PUBLIC, "connection": "close"}
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)


async def failures(city: City) -> dict[str, int]:
    """How often signing in failed, by what stands for a client's address."""
    connection = await city.connection()
    rows = await connection.fetch("SELECT bucket, failures FROM sign_in_attempt WHERE bucket LIKE 'address:%'")
    await connection.close()
    return {row["bucket"]: row["failures"] for row in rows}


async def fail(city: City, bucket: str, times: int) -> None:
    """As if signing in had failed there so often."""
    connection = await city.connection()
    await connection.execute("UPDATE sign_in_attempt SET failures = $2 WHERE bucket = $1", bucket, times)
    await connection.close()


async def test_behind_a_trusted_proxy_each_client_counts_for_itself_and_its_cookie_is_bound_to_tls(city: City) -> None:
    server = await city.serve(KOLABORASI_PUBLIC_ADDRESS=PUBLIC, KOLABORASI_TRUSTED_PROXIES="127.0.0.1/32 10.9.0.0/16")
    async with proxy(server.port) as port:
        async with browser(port, ANOTHER) as client:
            answer = await client.post("/auth/sign-in", json=RIGHT)
            assert answer.status_code == 200, answer.text
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-kolaborasi_session=")
            assert "Secure" in cookie.split("; ")
            assert "strict-transport-security" in answer.headers
            assert (await client.get("/healthz", headers={"host": "sebelah.test"})).status_code == 421
        async with browser(port, SOMEBODY) as client:
            before = await failures(city)
            assert (await client.post("/auth/sign-in", json=WRONG)).status_code == 401
            [counted] = dict((await failures(city)).items() - before.items())
            # Each attempt costs a password's time: those between the first and the last one are written down.
            await fail(city, counted, sign_in_attempts.ADDRESS_FAILURES - 1)
            assert (await client.post("/auth/sign-in", json=WRONG)).status_code == 401
            assert (await client.post("/auth/sign-in", json=RIGHT)).status_code == 429
        async with browser(port, ANOTHER) as client:
            assert (await client.post("/auth/sign-in", json=RIGHT)).status_code == 200
    assert "X-Forwarded-For" not in server.said()
    # What the proxy's own port is for, past it: nobody without TLS is given a cookie that TLS would not guard.
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/healthz", headers={"host": "sebelah.test"})).status_code == 421


async def test_what_a_proxy_that_is_not_trusted_says_is_not_believed_and_warned_of_once(city: City) -> None:
    server = await city.serve(KOLABORASI_TRUSTED_PROXIES="10.9.0.0/16")
    async with proxy(server.port) as port:
        for _ in range(3):
            async with browser(port, SOMEBODY) as client:
                here = {"host": f"127.0.0.1:{port}", "origin": f"http://127.0.0.1:{port}"}
                answer = await client.post("/auth/sign-in", json=RIGHT, headers=here)
                assert answer.status_code == 200, answer.text
                assert answer.headers["set-cookie"].startswith("kolaborasi_session=")
                assert "strict-transport-security" not in answer.headers
    warnings = [line for line in server.said().splitlines() if "X-Forwarded-For" in line]
    assert len(warnings) == 1
    assert "WARNING" in warnings[0]
    assert "127.0.0.1" in warnings[0]
    assert "KOLABORASI_TRUSTED_PROXIES" in warnings[0]
