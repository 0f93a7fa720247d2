"""The pages on a real server: whole, from this host alone, and asking nothing that the API does not answer."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.actions.transaction import Moment, transaction
from server.app import create_app
from server.auth.passwords import hash_password
from server.city import read_city
from server.city.load import load as load_city
from server.database import Pool
from server.ids import encode
from server.models import Account, CaseAccess, Escalation, Organisation, Request, Task
from server.rules.case_access import confirmed
from server.rules.collaboration_facts import RequestKind
from server.rules.eligibility import EscalationGround
from server.rules.event import EventType
from server.rules.task import TaskStatus
from server.rules.viewer import Role
from server.rules.workdays import local_day
from server.settings import Settings
from server.web.socket import SocketProtocol
from tests.system.serving import serving

BOARD = Path(__file__).parents[2] / "server" / "board"
PAGES = {"/": "index.html", "/auth/password": "password.html", "/graphql": "api.html"}
CHROMIUM = shutil.which("chromium")
OPENS_A_STREAM = """query => new Promise(resolve => {
    const source = new EventSource("/graphql?query=" + encodeURIComponent(query));
    source.onopen = () => { source.close(); resolve(true); };
    source.onerror = () => { source.close(); resolve(false); };
})"""
PATIENCE = 30_000  # milliseconds that a page may take on a busy machine
LOGIN, OFFICE, PASSWORD = "pengamat-uji", "kantor-uji", "demo-demo-demo"


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    database: str

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers={"origin": self.url, "accept": "text/html", **headers})

    @asynccontextmanager
    async def page(self) -> AsyncIterator[httpx.AsyncClient]:
        """As a signed-in page of this server."""
        async with self.client(accept="application/graphql-response+json") as client:
            given = {"login": LOGIN, "password": PASSWORD, "session": True}
            assert (await client.post("/auth/sign-in", json=given)).status_code == 200
            yield client


@pytest.fixture
async def served(fresh_database: Callable[[], Coroutine[object, object, str]], tmp_path: Path) -> AsyncIterator[Served]:
    """A server in demo mode on a free port, with Medan's organisations and one observer."""
    settings = Settings(database_url=await fresh_database(), data_dir=tmp_path, demo=True, given_secret="s" * 32)
    await load_city(settings, read_city("medan"))
    facts, now = read_city("medan").facts(), datetime.now(UTC)
    pool = Pool(settings.database_url or "", size=2)
    async with transaction(pool, None, Moment(now, local_day(now, facts.calendar), facts), None) as tx:
        office = await tx.find(Organisation, code="WALIKOTA")
        assert office is not None
        for login, role in ((LOGIN, Role.OBSERVER), (OFFICE, Role.OFFICE)):
            person = Account(
                id=tx.new_id(), name="Pengamat Uji", organisation_id=office.id, role=role, login=login,
                password_hash=hash_password(PASSWORD), is_active=True,
            )  # fmt: skip
            await tx.create(person, EventType.ACCOUNT_CREATED)
            access = CaseAccess(id=tx.new_id(), account_id=person.id, **confirmed([], tx.now))
            await tx.create(access, EventType.CASE_ACCESS_CONFIRMED)
    await pool.close()
    async with serving(create_app(settings), ws=SocketProtocol, lifespan="on") as port:
        yield Served(f"http://127.0.0.1:{port}", settings.database_url or "")


def asked_by_pages() -> dict[str, tuple[str, dict[str, Any] | None]]:
    """Every query in the pages' files, with variables that fit."""
    script = (BOARD / "examples.js").read_text()
    year = datetime.now(UTC).year
    found: dict[str, tuple[str, dict[str, Any] | None]] = {
        "home": ((BOARD / "home.graphql").read_text(), {"year": year}),
        "reference": (re.findall(r"REFERENCE = `([^`]+)`", (BOARD / "api.js").read_text())[0], None),
    }
    task = "task_01jd0000000000000000000000"
    variables: dict[str, dict[str, Any]] = {"$year": {"year": year}, "$code": {"code": "DLH"}}
    variables["$input"] = {"input": {"taskId": task, "progress": 60, "note": "…", "dryRun": True}}
    for query in re.findall(r"`((?:query|mutation)[^`]+)`", script):
        name = re.search(r"\$\w+", query)
        found[query.split("{")[0].strip()] = (query, variables[name[0]] if name else None)
    return found


async def test_every_query_of_the_pages_is_answered(served: Served) -> None:
    async with served.page() as client:
        for name, (query, variables) in asked_by_pages().items():
            answer = await client.post("/graphql", json={"query": query, "variables": variables})
            assert answer.status_code == 200, (name, answer.text)
            assert "errors" not in answer.json(), (name, answer.text)
            if name == "home":
                assert len(answer.json()["data"]["organisations"]["nodes"]) == 21


async def test_the_pages_are_whole_and_name_no_other_host(served: Served) -> None:
    async with served.client() as client:
        for path in PAGES:
            page = await client.get(path)
            assert page.status_code == 200
            assert 'data-demo="yes"' in page.text
            waiting = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
            seen: set[str] = set()
            while waiting:
                name = waiting.pop()
                seen.add(name)
                file = await client.get(name)
                assert file.status_code == 200, name
                waiting |= set(re.findall(r'"(/static/[\w.]+)"', file.text)) - seen
                hosts = set(re.findall(r"https?://[\w.]+", file.text)) - {"http://www.w3.org"}
                assert not hosts, (name, hosts)
            assert not re.findall(r"https?://", page.text)


@pytest.mark.parametrize("name", PAGES.values())
def test_a_page_keeps_the_strict_policy(name: str) -> None:
    page = (BOARD / name).read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_every_word_of_the_pages_is_there_in_both_languages() -> None:
    words = (BOARD / "words.js").read_text()
    known = set(re.findall(r"\b(\w+): \[\s*\"", words))
    for name in PAGES.values():
        used = set(re.findall(r'data-word="(\w+)"', (BOARD / name).read_text()))
        assert used <= known, (name, used - known)
    for path in BOARD.glob("*.js"):
        used = set(re.findall(r'\bword\("(\w+)"\)', path.read_text()))
        assert used <= known, (path.name, used - known)


async def test_the_answers_of_a_real_server_resume_a_subscription(served: Served) -> None:
    async with served.page() as client:
        answer = await client.post("/graphql", json={"query": "{ viewer { role } }"})
        assert answer.json()["data"]["viewer"]["role"] == "OBSERVER"
        position = answer.json()["extensions"]["position"]
        query = "subscription($after: Cursor) { taskChanged(after: $after) { kind } }"
        asked = {"query": query, "variables": json.dumps({"after": position})}
        by_page = {"accept": "text/event-stream", "sec-fetch-site": "same-origin"}  # as a page's EventSource asks
        async with client.stream("GET", "/graphql", params=asked, headers=by_page) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
async def test_a_person_signs_in_by_keyboard_and_reads_the_kecamatan(served: Served) -> None:
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(served.url)
        await expect(page.locator("#login")).to_be_visible()  # what is hidden takes no keys
        await page.locator("#login").focus()
        await page.keyboard.type(LOGIN)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#rows tr")).to_have_count(21)
        await expect(page.locator("html")).to_have_attribute("lang", "id")
        await page.keyboard.press("e")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.goto(f"{served.url}/graphql?lang=en")
        await page.locator("#query").fill("{ city { name } }")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#result")).to_contain_text("Kota Medan")
        await expect(page.locator("#fields summary").first).to_contain_text("Query")
        assert not complaints
        await browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
async def test_the_page_for_developers_speaks_the_browser_s_language_and_its_examples_work_as_they_stand(
    served: Served,
) -> None:
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE)
    task = await task_in(served.database)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for locale, language in (("id-ID", "id"), ("en-US", "en")):
            page = await browser.new_page(locale=locale)
            given = {"login": OFFICE, "password": PASSWORD, "session": True}
            await page.request.post(f"{served.url}/auth/sign-in", data=given, headers={"origin": served.url})
            await page.goto(f"{served.url}/graphql")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await page.locator("#example").select_option(index=4)
            await expect(page.locator("#variables")).to_have_value(re.compile(task))
            await page.locator("#run").click()
            await expect(page.locator("#result")).to_contain_text("reportProgress")
            answer = json.loads(await page.locator("#result").text_content() or "")
            assert "errors" not in answer
            await page.locator("#variables").fill("{")
            await page.locator("#run").click()
            await expect(page.locator("#result")).to_have_text("")
            await page.goto(served.url)
            await expect(page.locator("html")).to_have_attribute("lang", "id")  # the board is an Indonesian office's
        await browser.close()


async def task_in(database: str) -> str:
    """A task of the mayor's office, laid by the system; its id."""
    facts, now = read_city("medan").facts(), datetime.now(UTC)
    pool = Pool(database, size=2)
    async with transaction(pool, None, Moment(now, local_day(now, facts.calendar), facts), None) as tx:
        office = await tx.find(Organisation, code="WALIKOTA")
        assert office is not None
        task = Task(id=tx.new_id(), organisation_id=office.id, title="Siapkan rapat", status=TaskStatus.IN_PROGRESS)
        await tx.create(task, EventType.TASK_CREATED)
    await pool.close()
    return encode("task", task.id)


async def case_in(database: str) -> str:
    """A case of two OPD, laid by the system as it stands once it is filed; its id."""
    facts, now = read_city("medan").facts(), datetime.now(UTC)
    pool = Pool(database, size=2)
    async with transaction(pool, None, Moment(now, local_day(now, facts.calendar), facts), None) as tx:
        asker, giver = await tx.find(Organisation, code="DINKES"), await tx.find(Organisation, code="DLH")
        office = await tx.find(Account, login=OFFICE)
        assert asker is not None
        assert giver is not None
        assert office is not None
        request = Request(
            id=tx.new_id(), kind=RequestKind.NEED, thread_id=tx.new_id(), title="Truk <b>sampah</b>",
            answer_started_at=now, answer_due_at=now, asker_id=asker.id, giver_id=giver.id,
        )  # fmt: skip
        await tx.create(request, EventType.REQUEST_MADE)
        case = Escalation(
            id=tx.new_id(), request_id=request.id, filer_id=asker.id, respondent_id=giver.id,
            ground=EscalationGround.NO_ANSWER, ground_arose_at=now, statement="Tidak dijawab.",
            filed_at=now, filed_by_id=office.id, reply_due_at=now,
        )  # fmt: skip
        await tx.create(case, EventType.ESCALATION_FILED)
    await pool.close()
    return encode("case", case.id)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
async def test_the_dossier_is_read_and_printed_in_a_browser(served: Served) -> None:
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE)
    case = await case_in(served.database)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        given = {"login": OFFICE, "password": PASSWORD, "session": True}
        signed_in = await page.request.post(f"{served.url}/auth/sign-in", data=given, headers={"origin": served.url})
        assert signed_in.ok
        answer = await page.goto(f"{served.url}/dossier/{case}")
        assert answer is not None
        assert answer.ok
        await expect(page.locator("html")).to_have_attribute("lang", "id")
        await expect(page.locator(".subject")).to_have_text("Truk <b>sampah</b>")
        await expect(page.locator("article").nth(1)).to_contain_text("melaporkan “Tidak dijawab.” kepada Wali Kota")
        await expect(page.locator("main")).to_have_css("background-color", "rgb(255, 255, 255)")  # its style has come
        assert await page.evaluate(OPENS_A_STREAM, "subscription { taskChanged { kind } }")
        assert not complaints
        assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
        await browser.close()
