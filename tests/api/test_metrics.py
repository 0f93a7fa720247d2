"""What /metrics tells to whom: a demonstration's are open, and tell nothing of what others may not know."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cases import replied
from tests.city import City
from tests.process import Site
from tests.watching import HOST, until

TOKEN = "m" * 32
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


async def metrics(site: Site, **headers: str) -> dict[str, str]:
    """Each line's name and labels, and its value."""
    async with site.client(**headers) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: value for name, _, value in lines}


async def test_a_demonstrations_metrics_do_not_move_when_something_hidden_happens(city: City) -> None:
    case = await replied(city)
    async with city.process(demo=True, public_address=f"http://{HOST}") as demo:
        await until(lambda: demo.installation.wake.facts().is_listening, what="wake-ups can arrive")
        await metrics(demo)
        before = await metrics(demo)
        assert before, "there is something to see"
        watcher = await city.mayor.watch("escalationChanged", at=demo)
        await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Periksa."}, at=demo)
        await city.mayor.mutate("decideEscalation", {"escalationId": case, "kind": "DISMISS", "facts": "x"}, at=demo)
        await watcher.next()
        async with demo.client(**city.mayor.headers) as client:
            assert (await client.get(f"/dossier/{case}")).status_code == 200
        async with demo.client() as client:
            given = {"login": city.admin.login, "password": "gotong-royong-2026"}
            assert (await client.post("/auth/sign-in", json=given)).status_code == 200
        await city.settled()
        after = await metrics(demo)
    own = 'kolaborasi_requests_total{route="/metrics",method="GET",status="200"}'
    assert int(after.pop(own)) == int(before.pop(own)) + 1
    assert after == before


async def test_who_holds_the_token_is_told_everything(city: City) -> None:
    async with city.process(demo=True, public_address=f"http://{HOST}", metrics_token=TOKEN) as demo:
        async with demo.client() as client:
            assert (await client.get("/metrics")).status_code == 401
        names = {re.split(r"[{ ]", name)[0] for name in await metrics(demo, authorization=f"Bearer {TOKEN}")}
    assert {"kolaborasi_reader_events_total", "kolaborasi_watchers", "kolaborasi_pool_connections_lent"} <= names


async def test_the_page_on_operations_tells_of_every_metric_and_of_no_other(city: City) -> None:
    async with city.process(metrics_token=TOKEN) as site, site.client(authorization=f"Bearer {TOKEN}") as client:
        await site.installation.sweep.once()
        text = (await client.get("/metrics")).text
    served = re.findall(r"^# TYPE kolaborasi_(\w+) ", text, re.MULTILINE)
    told = re.findall(r"^\| `(\w+)` \|", PAGE.read_text().partition("## Metrics")[2], re.MULTILINE)
    assert sorted(told) == sorted(served)
