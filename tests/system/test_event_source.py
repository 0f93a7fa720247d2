"""A browser's EventSource, as it is: it comes back after a stop and a kill, and is told of everything once."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from tests.system.conftest import City, Office
from tests.system.processes import until
from tests.system.test_drain import METRICS, has_watchers

CHROMIUM = shutil.which("chromium")
WATCH = """subscription($code: String!) {
  taskChanged(filter: {organisation: {code: {eq: $code}}}) { node { title } }
}"""
FOLLOW = """address => {
  window.told = []; window.opened = 0;
  window.source = new EventSource(address);
  window.source.onopen = () => window.opened++;
  window.source.addEventListener("next", event => window.told.push(JSON.parse(event.data).data.taskChanged.node.title));
  window.source.addEventListener("complete", () => window.told.push("complete"));
}"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
async def test_an_event_source_comes_back_after_a_stop_and_a_kill_and_misses_nothing(
    city: City, office: Office
) -> None:
    from playwright.async_api import async_playwright

    # How many watch is told to nobody without a token.
    server, elsewhere = await asyncio.gather(city.serve(KOLABORASI_METRICS_TOKEN=METRICS), city.serve())
    camat = (await office.camat(server)).at(elsewhere)
    made: list[str] = []

    async def make(title: str) -> None:
        await camat.do("createTask", "task { id }", organisation={"code": office.code}, title=title)
        made.append(title)

    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        given = {"login": f"camat-{office.slug}", "password": "demo", "session": True}
        signed_in = await page.request.post(f"{server.url}/auth/sign-in", data=given, headers={"origin": server.url})
        assert signed_in.ok
        await page.goto(f"{server.url}/auth/password")  # a quiet page of this origin
        asked = {"query": WATCH, "variables": json.dumps({"code": office.code})}
        await page.evaluate(f"asked => ({FOLLOW})('/graphql?' + new URLSearchParams(asked))", asked)

        async def is_opened(times: int) -> bool:
            found: bool = await page.evaluate("times => window.opened === times", times)
            return found

        async def has_heard_all() -> bool:
            heard: list[str] = await page.evaluate("window.told")
            return heard == made

        await until(lambda: is_opened(1))
        await until(lambda: has_watchers(server, 1))
        for turn, how in enumerate(("stop", "kill"), 2):  # at the first nothing has been told yet
            if how == "stop":
                server.terminate()
                assert await server.ended() == 0
            else:
                server.kill()
            await make(f"Saat server mati {turn}")
            server = await city.serve(port=server.port)
            await until(lambda: is_opened(turn), 60)  # noqa: B023
            await make(f"Sesudahnya {turn}")
            await until(has_heard_all)
        await browser.close()
    for each in (server, elsewhere):
        each.kill()
