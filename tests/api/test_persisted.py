"""Documents by their hash: Apollo's automatic persisted queries on every wire, and an installation's trusted ones."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.query.documents.cache import Documents
from server.query.documents.persisted import Persisted
from server.schema import schema
from server.settings import BadSetting, Settings, read
from server.web.pages import FOLDER as PAGES
from tests.city import City
from tests.founding import BEGIN
from tests.process import Site, app_on
from tests.watching import EventStream, until
from tests.words import sentences

RESPONSE_JSON = "application/graphql-response+json"
TASKS = "query Tasks($first: Int = 1) { tasks(first: $first) { totalCount } }"
BOARD = "subscription Board { taskChanged { kind node { title } } }"
OTHER = "{ organisations(first: 1) { totalCount } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def persisted(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text), **more}}}


def fault(answer: httpx.Response) -> dict[str, Any]:
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    found: dict[str, Any] = error
    return found


# ---- automatic persisted queries


@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
async def test_a_hash_alone_is_asked_for_again_with_its_text_and_then_enough(city: City, accept: str) -> None:
    async with city.site.client(**city.outsider.headers, accept=accept) as client:
        unknown = await client.post("/graphql", json=persisted(TASKS))
        assert unknown.status_code == 200  # Apollo's clients send the text only then
        error = fault(unknown)
        assert error["message"] == "PersistedQueryNotFound"
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        assert error["extensions"]["hint"]
        taught = await client.post("/graphql", json={"query": TASKS, **persisted(TASKS)})
        again = await client.post("/graphql", json={"variables": {"first": 2}, **persisted(TASKS)})
        assert taught.json()["data"] == again.json()["data"] == {"tasks": {"totalCount": 0}}
        extensions = json.dumps(persisted(TASKS)["extensions"])
        by_address = await client.get("/graphql", params={"extensions": extensions})
        assert by_address.json()["data"] == again.json()["data"]
        assert by_address.headers["cache-control"] == again.headers["cache-control"]
        by_id = await client.get("/graphql", params={"documentId": f"sha256:{hash_of(TASKS).upper()}"})
        assert by_id.json()["data"] == again.json()["data"]


async def test_sockets_and_event_streams_know_what_http_was_taught(city: City) -> None:
    socket = await city.outsider.socket()
    unknown = socket.start("tasks", **persisted(TASKS))
    await unknown.ended()
    assert unknown.errors
    assert unknown.errors[0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert await socket.start("tasks", query=TASKS, **persisted(TASKS)).next() == {"totalCount": 0}
    assert await socket.start("tasks", **persisted(TASKS)).next() == {"totalCount": 0}
    stream = EventStream(city.site.app, "tasks", None, {}, city.outsider.headers, **persisted(TASKS))
    assert await stream.watcher.next() == {"totalCount": 0}
    await stream.leave()
    watcher = socket.start("taskChanged", query=BOARD, **persisted(BOARD))
    again = socket.start("taskChanged", **persisted(BOARD))
    await socket.start("tasks", **persisted(TASKS)).next()  # the others were opened before
    heard = len(city.heard)
    await until(lambda: len(city.site.installation.hub) == heard + 2, what="both watch")
    await city.task(city.camat, title="Bersihkan parit")
    for each in (watcher, again):
        assert (await each.next())["node"] == {"title": "Bersihkan parit"}
    await socket.leave()


@pytest.mark.asks
@pytest.mark.parametrize(
    ("given", "path", "constraint"),
    [
        ({"query": OTHER, **persisted(TASKS)}, "extensions.persistedQuery.sha256Hash", "SHA-256"),
        (persisted(TASKS, version=2), "extensions.persistedQuery.version", "1"),
        (persisted(TASKS, version=True), "extensions.persistedQuery.version", "1"),
        (persisted(TASKS, sha256Hash="abc"), "extensions.persistedQuery.sha256Hash", "<64 hex>"),
        (persisted(TASKS, sha256Hash=None), "extensions.persistedQuery.sha256Hash", "<64 hex>"),
        ({"extensions": {"persistedQuery": "x"}}, "extensions.persistedQuery", "json_object"),
        ({"documentId": "md5:1"}, "documentId", "sha256:<64 hex>"),
        ({"documentId": 7}, "documentId", "sha256:<64 hex>"),
        ({"query": OTHER, "documentId": hash_of(TASKS)}, "documentId", "SHA-256"),
        ({"extensions": {}}, "query", "String!"),
        ({"query": 5, **persisted(TASKS)}, "query", "String!"),
    ],
)
@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_wrong_hash_is_refused_on_every_wire(
    city: City, given: dict[str, Any], path: str, constraint: str, language: str
) -> None:
    async with city.site.client(**city.outsider.headers, **{"accept-language": language}) as client:
        answer = await client.post("/graphql", json=given)
    assert answer.status_code == 400
    told = fault(answer)["extensions"]
    assert (told["code"], ".".join(told["path"]), told["constraint"]) == (
        "BAD_USER_INPUT", path, sentences(language).get(f"constraint.{constraint}", constraint),
    )  # fmt: skip
    socket = await city.outsider.socket(acceptLanguage=language)
    watcher = socket.start("tasks", **given)
    await watcher.ended()
    assert watcher.errors
    assert watcher.errors[0]["extensions"] == told
    await socket.leave()


async def test_only_the_signed_in_teach_and_only_what_is_valid_is_remembered(city: City) -> None:
    installation = city.site.installation
    async with city.site.client() as stranger:
        assert (await stranger.post("/graphql", json={"query": TASKS, **persisted(TASKS)})).status_code == 401
    wrong = "{ nothing }"
    async with city.site.client(**city.outsider.headers) as client:
        for query in (wrong, TASKS + " # " + "x" * 100_000):
            answer = await client.post("/graphql", json={"query": query, **persisted(query)})
            assert ("errors" in answer.json()) == (query == wrong)
            assert fault(await client.post("/graphql", json=persisted(query)))["message"] == "PersistedQueryNotFound"
        assert fault(await client.post("/graphql", json=persisted(TASKS)))["message"] == "PersistedQueryNotFound"
        change = 'mutation { completeTask(input: {taskId: "task_7zzzzzzzzzzzzzzzzzzzzzzzzz"}) { errors { code } } }'
        await client.post("/graphql", json={"query": change, **persisted(change)})
        by_address = await client.get("/graphql", params={"documentId": hash_of(change)})
        assert by_address.status_code == 405
    assert len(installation.persisted.remembered) == 1


def test_what_is_remembered_is_bounded_in_number_and_size() -> None:
    documents = Documents(schema._schema, limit=10, most_characters=3_000)
    kept = Persisted(lambda: documents, only_trusted=False)
    for number in range(1_200):
        text = f"{{ a{number % 50}: __typename }} #{number} {'x' * 900 if number < 20 else ''}"
        kept.source(text, hash_of(text))
        assert len(documents.kept) <= 10
        assert sum(map(len, documents.kept)) == documents.kept.weight <= 3_000
    assert len(kept.remembered) == 1_000
    again = "{ __typename }"
    for _ in range(3):
        kept.source(again, hash_of(again))
    assert kept.remembered.weight == sum(map(len, kept.remembered.values()))


# ---- trusted documents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "tasks.graphql").write_text(TASKS + "\n")
    (tmp_path / "deeper" / "board.graphql").write_text(BOARD)
    return tmp_path


@pytest.fixture
async def strict(city: City, folder: Path) -> AsyncIterator[Site]:
    """A server that executes only these."""
    app = app_on(city.url, city.tick, trusted_documents=folder, only_trusted=True)
    async with app.router.lifespan_context(app):
        site = Site(app)
        await site.installation.reader.started()
        yield site


@pytest.mark.asks
@pytest.mark.parametrize(
    "given",
    [
        {"documentId": f"sha256:{hash_of(TASKS)}"},
        {"documentId": hash_of(TASKS + "\n")},
        {"query": TASKS},
        {"query": TASKS + "\n"},
        {"query": TASKS, "documentId": hash_of(TASKS)},
        persisted(TASKS),
        {"query": TASKS, **persisted(TASKS)},
    ],
)
async def test_a_trusted_document_is_executed_by_hash_and_by_text(
    city: City, strict: Site, given: dict[str, Any]
) -> None:
    async with strict.client(**city.outsider.headers) as client:
        assert (await client.post("/graphql", json=given)).json()["data"] == {"tasks": {"totalCount": 0}}


@pytest.mark.asks
@pytest.mark.parametrize(
    "given",
    [
        {"query": OTHER},
        {"query": OTHER, **persisted(OTHER)},
        {"query": TASKS.replace("  ", " ") + " "},
        {"query": "{ __schema { queryType { name } } }"},
        {"query": "not even GraphQL {"},
        {"query": 'mutation { completeTask(input: {taskId: "x"}) { errors { code } } }'},
        persisted(OTHER),
        {"documentId": hash_of(OTHER)},
    ],
)
async def test_everything_else_is_refused_where_only_those_are_trusted(
    city: City, strict: Site, given: dict[str, Any]
) -> None:
    for language, word in (("id", "daftarnya"), ("en", "of its own list")):
        async with strict.client(**city.outsider.headers, **{"accept-language": language}) as client:
            for accept, status in (("application/json", 200), (RESPONSE_JSON, 400)):
                answer = await client.post("/graphql", json=given, headers={"accept": accept})
                assert answer.status_code == status
                assert fault(answer)["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}
                assert word in fault(answer)["message"]
    socket = await city.outsider.socket(at=strict)
    watcher = socket.start("tasks", **given)
    await watcher.ended()
    assert watcher.errors
    assert watcher.errors[0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    await socket.leave()


async def test_a_trusted_subscription_and_the_page_s_own_document_go_on(city: City, strict: Site) -> None:
    home = (PAGES / "home.graphql").read_text()
    async with strict.client(**city.outsider.headers) as client:
        answer = await client.post("/graphql", json={"query": home, "variables": {"year": 2026}})
    assert "errors" not in answer.json()
    socket = await city.outsider.socket(at=strict)
    watcher = socket.start("taskChanged", documentId=f"sha256:{hash_of(BOARD)}")
    await until(lambda: len(strict.installation.hub) == 1, what="it watches")
    await city.task(city.camat, title="Bersihkan parit")
    assert (await watcher.next())["node"] == {"title": "Bersihkan parit"}
    await socket.leave()


@pytest.mark.asks
async def test_where_others_are_allowed_too_trusted_ones_need_not_be_taught(city: City, folder: Path) -> None:
    app = app_on(city.url, city.tick, trusted_documents=folder)
    async with app.router.lifespan_context(app), Site(app).client(**city.outsider.headers) as client:
        for given in (persisted(TASKS), {"query": OTHER}):
            assert "data" in (await client.post("/graphql", json=given)).json()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"query A {\n  tasks {\n    totals\n  }\n}", r"a\.graphql:3: Cannot query field 'totals'"),
        (b"query A {\n  tasks {\n", r"a\.graphql:3: Syntax Error"),
        (b"", r"a\.graphql.*: "),
        (b"\xff", r"a\.graphql: it is not UTF-8"),
        (None, "there is no \\*.graphql"),
    ],
)
def test_an_invalid_trusted_document_stops_the_start(tmp_path: Path, text: bytes | None, told: str) -> None:
    if text is not None:
        (tmp_path / "a.graphql").write_bytes(text)
    with pytest.raises(BadSetting, match=f"^KOLABORASI_TRUSTED_DOCUMENTS: .*{told}"):
        app_on("postgresql://nobody@127.0.0.1:1/none", lambda: BEGIN, trusted_documents=tmp_path)


def test_only_trusted_without_a_folder_is_no_setting() -> None:
    with pytest.raises(BadSetting, match="KOLABORASI_ONLY_TRUSTED needs"):
        Settings(only_trusted=True)
    given = {"KOLABORASI_TRUSTED_DOCUMENTS": "docs", "KOLABORASI_ONLY_TRUSTED": "yes"}
    assert (read(given).trusted_documents, read(given).only_trusted) == (Path("docs"), True)
