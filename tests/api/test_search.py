"""What is found by a search, by a filter on a text and in which order, as people write and look for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from server.actions.check import check
from server.actions.texts import keep_old_texts
from tests import cases
from tests.city import City
from tests.person import Person

# Kind → a title, what finds it, and what does not.
FOUND: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "a slash": ("Pendataan RT/RW lingkungan 7", ("RW", "pendataan RT", "rt/rw", "RW/RT", "RT RW"), ("RTRW",)),
    "a slash that is asked for": ("Limbah dan sampah pasar", ("sampah/limbah", "sampah-limbah", "Sampah,limbah"), ()),
    "an abbreviation without a blank": (
        "Perbaikan Jl.Karya Wisata",
        ("jl karya", "Karya", "Jl.Karya", "jl. karya"),
        (),
    ),
    "a number behind a hyphen": ("Posyandu RW-03", ("03", "RW 03", "rw-03", "RW03"), ("3",)),
    "a number behind letters": ("Anggaran Rp1.500.000", ("Rp 1.500.000", "Rp1.500.000", "1.500.000"), ("1", "500")),
    "a code": ("Serah terima 12.71.11", ("12.71.11", "serah 12.71.11."), ("12.71", "11")),
    "an apostrophe": ("Pengajian Jum'at", ("jumat", "Jum’at", "jum'at", "jum at", '"pengajian jum\'at"'), ("juma",)),
    "no apostrophe": ("Pengajian Jumat", ("Jum'at", "jumat"), ("jum",)),
    "a hyphen": ("Perekaman e-KTP", ("KTP", "e-ktp", '"e ktp"'), ("ektp",)),
    "decomposed letters": ("Cafe\u0301 warga", ("caf\u00e9", "cafe", "CAF\u00c9"), ()),
    "quotation marks": ("Rapat “Medan Bersih”", ("medan", '"medan bersih"', "“Medan Bersih”"), ('"bersih medan"',)),
    "without": ("Angkut sampah pasar", ("sampah -taman", '-"pasar sampah" angkut'), ("sampah -pasar",)),
    "or": ("Tanam pohon", ("pohon or bunga", "bunga or pohon"), ("bunga or rumput",)),
    "a stem": ("Pelatihan kader", ("latih", "pelatihan"), ()),
}


@pytest.mark.parametrize("kind", FOUND)
async def test_a_task_is_found_as_people_write_it(city: City, kind: str) -> None:
    title, finding, missing = FOUND[kind]
    await city.task(city.camat, title=title)
    for search in finding:
        assert await city.camat.query(
            "query($s: String) { tasks(search: $s) { totalCount nodes { title } } }", s=search
        ) == {"tasks": {"totalCount": 1, "nodes": [{"title": title}]}}, search
    for search in missing:
        data = await city.camat.query("query($s: String) { tasks(search: $s) { totalCount } }", s=search)
        assert data["tasks"]["totalCount"] == 0, search


async def test_a_search_follows_the_texts_and_what_else_it_looks_at(city: City) -> None:
    async def found(search: str, more: str = "") -> int:
        data = await city.camat.query(f'{{ tasks(search: "{search}"{more}) {{ totalCount nodes {{ id }} }} }}')
        assert len(data["tasks"]["nodes"]) == data["tasks"]["totalCount"]
        return int(data["tasks"]["totalCount"])

    task = await city.task(city.camat, title="Angkut sampah")
    assert (await found("sampah"), await found("truk")) == (1, 0)
    await city.camat.mutate("updateTask", {"taskId": task, "title": "Sewa truk", "description": "Dua unit."})
    assert (await found("sampah"), await found("truk"), await found("unit")) == (0, 1, 1)
    await city.camat.mutate("cancelTask", {"taskId": task, "reason": "Batal."})
    await city.camat.mutate("archiveTask", {"taskId": task})
    assert (await found("truk"), await found("truk", ", includeArchived: true")) == (0, 1)


async def test_a_search_below_a_row_finds_the_same(city: City) -> None:
    await city.task(city.camat, title="Rapat RT/RW")
    await city.task(city.dlh, title="Rapat RT/RW")
    data = await city.camat.query(
        '{ organisation(by: {code: "DLH"}) { tasks(search: "rw") { totalCount nodes { organisation { code } } } } }'
    )
    assert data["organisation"]["tasks"] == {"totalCount": 1, "nodes": [{"organisation": {"code": "DLH"}}]}


@pytest.mark.parametrize(
    ("title", "given"),
    [
        ("Café Jum'at", "cafe jum’at"),
        ("Cafe\u0301", "caf\u00e9"),
        ("İSTANBUL", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("100 % _ \\ selesai", "100 % _ \\"),
    ],
)
async def test_a_list_and_a_subscription_find_a_part_of_a_text_alike(city: City, title: str, given: str) -> None:
    for comparator in ("contains", "startsWith"):
        filter_ = f"{{title: {{{comparator}: $g}}}}"
        watched = await city.camat.watch("taskChanged", filter={"title": {comparator: given}})
        await city.task(city.camat, title=title)
        data = await city.camat.query(
            f"query($g: String) {{ tasks(filter: {filter_}) {{ nodes {{ title }} }} }}", g=given
        )
        assert {"title": title} in data["tasks"]["nodes"]
        assert (await watched.next())["kind"] == "CREATED"


async def test_titles_are_ordered_by_letters_and_numbers_page_by_page(city: City) -> None:
    titles = ["Air", "air", "éclair", "Ordering 2", "Ordering 10", "Zebra", "zebra"]
    for title in reversed(titles):
        await city.task(city.camat, title=title)
    for way, right in (("ASC", titles), ("DESC", titles[::-1])):
        found: list[str] = []
        after = None
        while True:
            data = await city.camat.query(
                f"query($c: Cursor) {{ tasks(orderBy: [{{title: {way}}}], first: 2, after: $c)"
                " { nodes { title } pageInfo { endCursor hasNextPage } } }",
                c=after,
            )
            found += [each["title"] for each in data["tasks"]["nodes"]]
            after = data["tasks"]["pageInfo"]["endCursor"]
            if not data["tasks"]["pageInfo"]["hasNextPage"]:
                break
        assert found == right
    data = await city.camat.query(
        '{ tasks(filter: {title: {in: ["air", "Zebra"]}}, orderBy: [{title: ASC}]) { nodes { title } } }'
    )
    assert data["tasks"]["nodes"] == [{"title": "air"}, {"title": "Zebra"}]


@pytest.mark.parametrize("text", ["\u200b", "\u2800", "\u00ad", "\u3164", "\ufeff", "\u200b \u2060"])
async def test_a_text_that_nobody_sees_is_required(city: City, text: str) -> None:
    task = await city.task(city.camat)
    for verb, given, path in (
        ("createTask", {"organisation": {"code": "12.71.11"}, "title": text}, ["title"]),
        ("cancelTask", {"taskId": task, "reason": text}, ["reason"]),
    ):
        error = await city.camat.refused(verb, given)
        assert (error["code"], error["path"]) == ("REQUIRED", path)


@pytest.mark.parametrize("character", ["\n", "\t", "\x07", "\x1b", "\u0085", "\u2028", "\u202e", "\u2066", "\u200f"])
async def test_a_text_of_one_line_has_no_control_character_and_no_direction_mark(city: City, character: str) -> None:
    error = await city.camat.refused(
        "createTask", {"organisation": {"code": "12.71.11"}, "title": f"Angkut{character}sampah"}
    )
    assert (error["code"], error["path"]) == ("MALFORMED", ["title"])
    task = {"organisation": {"code": "12.71.11"}, "title": "Angkut", "description": "Satu\nDua\tTiga"}
    assert (await city.camat.mutate("createTask", task))["task"]["id"]


async def test_texts_of_an_older_version_are_kept_at_the_next_start(city: City) -> None:
    await city.task(city.camat, title="Rapat RT/RW")
    await city.rows("UPDATE task SET title_folded = NULL, title_key = NULL")
    await city.rows("DELETE FROM task_words")
    told = [each.field for each in await check(city.pool)]
    assert {*told} == {"title_folded", "title_key", "task_words"}
    # A check on the command line says so as well, and makes nothing good.
    command = [sys.executable, "-m", "server.cli", "check"]
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": city.url}
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, env=environment)
    assert (done.returncode, "title_folded" in done.stdout) == (1, True), done.stderr
    assert [each.field for each in await check(city.pool)] == told
    assert await keep_old_texts(city.pool) == len(told) / 3
    assert await check(city.pool) == []
    assert await keep_old_texts(city.pool) == 0


async def test_what_no_index_finds_is_looked_for_once_and_again_where_more_is_kept(city: City) -> None:
    """A request's title, and rows whose words are kept since this version; an index finds all others at every start."""
    await city.request(city.camat, city.dlh)
    await keep_old_texts(city.pool)
    await city.rows("UPDATE collaboration_request SET title_folded = NULL")
    assert await keep_old_texts(city.pool) == 0
    # As an older version remembers it, which kept less.
    await city.rows("UPDATE texts_kept SET texts = '[]'")
    assert await keep_old_texts(city.pool) == 1
    assert await check(city.pool) == []
    await city.rows("DELETE FROM programme_words")
    assert await keep_old_texts(city.pool) == 0
    await city.rows("UPDATE texts_kept SET texts = '[]'")
    assert await keep_old_texts(city.pool) == len(await city.rows("SELECT id FROM programme"))
    assert await check(city.pool) == []


async def test_a_case_is_found_in_what_was_said_by_who_may_see_it_and_a_programme_by_its_name(city: City) -> None:
    async def found(who: Person, search: str) -> int:
        data = await who.query(f'{{ escalations(search: "{search}") {{ totalCount nodes {{ id }} }} }}')
        assert len(data["escalations"]["nodes"]) == data["escalations"]["totalCount"]
        return int(data["escalations"]["totalCount"])

    await cases.replied(city)  # “Dua minggu tanpa jawaban.” and “Armada kami rusak.”
    for who, sees in ((city.camat, 1), (city.dlh, 1), (city.mayor, 1), (city.outsider, 0), (city.admin, 0)):
        assert [await found(who, each) for each in ("jawaban", "ARMADA", "truk")] == [sees, sees, 0], who.login
    data = await city.outsider.query('{ programmes(search: "KEBERSIHAN -tata") { nodes { code } } }')
    assert data["programmes"]["nodes"] == [{"code": "KEBERSIHAN"}]


async def test_a_list_below_a_row_is_searched_as_the_root_is(city: City) -> None:
    await city.request(city.camat, city.dlh)
    await city.task(city.dlh, title="Sewa truk", assigneeId=city.dlh_staff.id)
    query = """{ organisation(by: {code: "DLH"}) { requestsReceived(search: "pasar") { totalCount }
        none: requestsReceived(search: "truk") { totalCount } } account(by: {id: "%s"}) {
        tasks(search: "truk") { totalCount } none: tasks(search: "pasar") { totalCount } } }"""
    data = await city.dlh.query(query % city.dlh_staff.id)
    assert data == {
        "organisation": {"requestsReceived": {"totalCount": 1}, "none": {"totalCount": 0}},
        "account": {"tasks": {"totalCount": 1}, "none": {"totalCount": 0}},
    }
