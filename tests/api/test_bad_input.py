"""Whatever is wrong with what is asked: a typed error that names the field and the bound, and never a fault."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests import inputs
from tests.city import City
from tests.person import Person
from tests.sending import Json, Raw, check, send, verb
from tests.walking import LISTS


async def payload_error(person: Person, name: str, given: Json) -> Json:
    answer = await verb(person, name, given)
    assert not check(answer), answer
    (error,) = answer["data"][name]["errors"]
    found: Json = error
    return found


async def top_error(person: Person, query: str, **variables: Any) -> Json:
    """The extensions of the one error of a query."""
    _, answer = await send(person, query, variables)
    (error,) = check(answer)
    found: Json = error["extensions"]
    return found


# ---- moves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("id", "dari Direncanakan menjadi Selesai"), ("en", "from Planned to Done")]
)
async def test_a_forbidden_move_says_from_what_to_what_and_what_is_allowed(
    city: City, language: str, words: str
) -> None:
    task = await city.task(city.camat)
    query = (
        f'mutation {{ completeTask(input: {{taskId: "{task}"}}) {{ task {{ id }} event {{ id }} errors {{ __typename'
        " code message path ... on MoveNotAllowed { from to allowed } } } }"
    )
    headers: Any = {"accept-language": language}
    answer = (await city.camat.ask(query, at=None, **headers))["data"]["completeTask"]
    (error,) = answer["errors"]
    assert (answer["task"], answer["event"]) == (None, None)
    assert (error["__typename"], error["code"]) == ("MoveNotAllowed", "MOVE_NOT_ALLOWED")
    assert (error["from"], error["to"]) == ("PLANNED", "DONE")
    assert set(error["allowed"]) == {"IN_PROGRESS", "BLOCKED", "CANCELLED"}
    assert words in error["message"]


# ---- ids ------------------------------------------------------------------------------------------------------------


async def test_a_malformed_id_an_id_of_another_kind_and_an_unknown_one_are_told_apart(city: City) -> None:
    task = await city.task(city.camat)
    for bad in ("", "task_", "task", "1", "task_01jd", task[:-1], task + "0", "x" * 100, "task_" + "u" * 26):
        told = await top_error(city.camat, "query($id: ID!) { task(by: {id: $id}) { id } }", id=bad)
        assert told["path"] == ["id"]
    told = await top_error(city.camat, "query($id: ID!) { task(by: {id: $id}) { id } }", id=city.camat.id)
    assert (told["path"], told["constraint"]) == (["task", "by", "id"], "task_…")
    answer = await verb(city.camat, "startTask", {"taskId": city.camat.id})
    (error,) = check(answer)
    assert error["extensions"]["path"] == ["input", "taskId"]
    assert "task_" in error["extensions"]["constraint"]
    error = await payload_error(city.camat, "startTask", {"taskId": inputs.unknown_id("taskId")})
    assert (error["__typename"], error["code"], error["path"]) == ("NotFound", "NOT_FOUND", ["taskId"])
    assert await city.camat.query("query($id: ID!) { task(by: {id: $id}) { id } }", id=inputs.unknown_id("taskId")) == {
        "task": None
    }
    assert (await city.camat.query("query($id: ID!) { task(by: {id: $id}) { id } }", id=task.upper()))["task"][
        "id"
    ] == task


@pytest.mark.asks
async def test_a_code_that_nobody_has_is_not_found(city: City) -> None:
    error = await payload_error(city.camat, "createTask", {"organisation": {"code": "TIDAK-ADA"}, "title": "Kerja"})
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["organisation"])
    mine = {"organisation": {"code": city.camat.organisation}, "title": "Kerja"}
    error = await payload_error(city.camat, "createTask", {**mine, "kelurahan": {"code": "12.71.99.9999"}})
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["kelurahan"])
    assert await city.camat.query('{ organisation(by: {code: "TIDAK-ADA"}) { id } }') == {"organisation": None}


@pytest.mark.asks
async def test_nodes_takes_a_hundred_ids_and_no_more(city: City) -> None:
    ids = [inputs.unknown_id("taskId")] * 101
    told = await top_error(city.camat, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert (told["path"], "100" in told["constraint"]) == (["nodes", "ids"], True)
    found = await city.camat.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids[:100])
    assert found["nodes"] == [None] * 100


# ---- values ---------------------------------------------------------------------------------------------------------


DAYS = ["1899-12-31", "2201-01-01", "0000-01-01", "10000-01-01", "-0001-01-01", "2026-02-30", "2026-13-01", "besok",
            "2026-6-1", "2026-06-01T00:00:00Z", "٢٠٢٦-٠٦-٠١", ""]  # fmt: skip


@pytest.mark.asks
async def test_a_day_outside_1900_to_2200_or_none_at_all_is_refused_by_name(city: City) -> None:
    for day in DAYS:
        answer = await verb(
            city.camat,
            "createTask",
            {"organisation": {"code": city.camat.organisation}, "title": "Kerja", "dueOn": day},
        )
        (error,) = check(answer)
        assert error["extensions"]["path"] == ["input", "dueOn"]
        assert error["extensions"]["constraint"] in ("YYYY-MM-DD", "1 Januari 1900 sampai 31 Desember 2200")
        told = await top_error(
            city.camat, "query($d: RelativeDate) { tasks(filter: {dueOn: {eq: $d}}) { totalCount } }", d=day
        )
        assert told["path"] == ["d"]


DURATIONS = ["P99999999Y", "P1Y2", "P", "PT", "P1000000000D", "P1.5D"]  # fmt: skip


@pytest.mark.asks
async def test_a_duration_out_of_reach_is_refused(city: City) -> None:
    for duration in DURATIONS:
        told = await top_error(
            city.camat, "query($d: RelativeDate) { tasks(filter: {dueOn: {lte: $d}}) { totalCount } }", d=duration
        )
        assert "d" in told["path"] or "dueOn" in told["path"]


@pytest.mark.asks
async def test_text_that_cannot_be_stored_is_refused_by_name(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Nol \x00 di tengah"}
    answer = await verb(city.camat, "createTask", given)
    errors = check(answer)
    if errors:
        assert errors[0]["extensions"]["path"][-1] == "title"
    else:
        error = answer["data"]["createTask"]["errors"][0]
        assert (error["__typename"], error["code"], error["path"]) == ("InvalidInput", "MALFORMED", ["title"])
    for surrogate in (Raw('"\\ud800"'), Raw('"a\\udc00b"'), Raw('"\\ud800\\ud800"')):
        answer = await verb(city.camat, "createTask", {**given, "title": surrogate})
        (error,) = check(answer)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    told = await top_error(city.camat, "query($s: String) { tasks(search: $s) { totalCount } }", s="a\x00b")
    assert told["path"][-1] in ("s", "search")


@pytest.mark.asks
@pytest.mark.parametrize(
    ("name", "length", "most"), [("title", 301, 300), ("description", 10_001, 10_000), ("externalId", 201, 200)]
)
async def test_a_text_that_is_too_long_is_told_its_bound(city: City, name: str, length: int, most: int) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Kerja", "dryRun": True}
    error = await payload_error(city.camat, "createTask", {**given, name: "ä" * length})
    assert (error["__typename"], error["code"], error["path"]) == ("InvalidInput", "TOO_LONG", [name])
    assert error["constraint"] == f"1 sampai {most}"
    answer = await verb(city.camat, "createTask", {**given, name: "ä" * most})
    assert answer["data"]["createTask"]["errors"] == []


NUMBERS = ["2147483648", "9223372036854775808", "-1e400", "1e400", "1.5", "NaN", "Infinity",
                                    "99999999999999999999999999999999999999", '"40"', "true", "[]", "{}"]  # fmt: skip


async def test_a_number_that_is_none_or_out_of_reach_is_refused(city: City) -> None:
    task = await city.task(city.camat)
    for number in NUMBERS:
        answer = await verb(city.camat, "reportProgress", {"taskId": task, "progress": Raw(number)})
        (error,) = check(answer)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


PROGRESS = [-1, 101, 2147483647, -2147483648]  # fmt: skip


async def test_progress_outside_its_bounds_is_told_them(city: City) -> None:
    task = await city.task(city.camat)
    for progress in PROGRESS:
        error = await payload_error(city.camat, "reportProgress", {"taskId": task, "progress": progress})
        assert (error["__typename"], error["code"], error["path"]) == ("InvalidInput", "OUT_OF_RANGE", ["progress"])
        assert error["constraint"] == "0 sampai 100"


VALUES = ["NaN", "Infinity", "-Infinity", "sNaN", "1e400", "1" * 15, "0.00001", "1_000", "٣", "0x", ""]  # fmt: skip


@pytest.mark.asks
async def test_a_measured_value_that_is_no_decimal_of_ours_is_refused_by_name(city: City) -> None:
    for value in VALUES:
        given = {"targetId": inputs.unknown_id("targetId"), "value": value, "measuredOn": city.day()}
        (error,) = check(await verb(city.camat, "recordMeasurement", given))
        assert error["extensions"]["path"] == ["input", "value"]
        assert "14 digit" in error["extensions"]["constraint"]


async def test_a_checklist_has_a_hundred_items_and_no_more(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Kerja"}
    error = await payload_error(city.camat, "createTask", {**given, "checklist": ["Butir"] * 101})
    assert (error["__typename"], error["code"], error["path"]) == ("InvalidInput", "TOO_MANY", ["checklist"])
    assert error["constraint"] == "0 sampai 100"
    task = await city.task(city.camat, checklist=["Butir"] * 100)
    error = await payload_error(city.camat, "addChecklistItem", {"taskId": task, "text": "Satu lagi"})
    assert (error["__typename"], error["code"], error["limit"]) == ("LimitReached", "LIMIT_REACHED", 100)


async def test_an_item_of_a_list_at_fault_is_named_by_its_place(city: City) -> None:
    given = {"organisation": {"code": city.camat.organisation}, "title": "Kerja"}
    error = await payload_error(city.camat, "createTask", {**given, "checklist": ["Satu", "  ", "Tiga"]})
    assert (error["code"], error["path"]) == ("REQUIRED", ["checklist", "1"])
    unknown = inputs.unknown_id("taskId")
    task = await city.task(city.camat)
    error = await payload_error(city.camat, "createTask", {**given, "waitsForIds": [task, unknown]})
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["waitsForIds", "1"])


URLS = ["javascript:alert(1)", "ftp://a.example/b", "https://", "//a.example", "http://a b.example",
                                 "https://siti@a.example/", "file:///etc/passwd", "data:text/html,x"]  # fmt: skip


async def test_only_http_links_are_evidence(city: City) -> None:
    task = await city.task(city.camat)
    for url in URLS:
        error = await payload_error(city.camat, "addEvidence", {"taskId": task, "url": url})
        assert (error["__typename"], error["code"], error["path"]) == ("InvalidInput", "MALFORMED", ["url"])


# ---- pages and cursors ----------------------------------------------------------------------------------------------


@pytest.mark.asks
async def test_a_page_is_of_0_to_200_rows(city: City) -> None:
    for root, size, end in product(LISTS, (201, -1, 2**31 - 1), ("first", "last")):
        told = await top_error(city.camat, f"query($n: Int) {{ {root}({end}: $n) {{ nodes {{ id }} }} }}", n=size)
        assert (told["path"], told["constraint"]) == ([root, end], "0 sampai 200")
        told = await top_error(city.camat, f"{{ {root}({end}: {size}) {{ nodes {{ id }} }} }}")
        assert (told["path"], told["constraint"]) == ([root, end], "0 sampai 200")


@pytest.mark.asks
async def test_a_page_from_both_ends_at_once_is_refused(city: City) -> None:
    told = await top_error(city.camat, "{ organisations(first: 2, last: 2) { nodes { id } } }")
    assert told["path"][0] == "organisations"


@pytest.mark.asks
async def test_a_cursor_is_good_only_for_what_it_was_made_for(city: City) -> None:
    page = "{ organisations(first: 2) { pageInfo { endCursor } } }"
    cursor: str = (await city.camat.query(page))["organisations"]["pageInfo"]["endCursor"]
    assert await city.camat.query("query($c: Cursor) { organisations(first: 2, after: $c) { nodes { id } } }", c=cursor)
    middle = len(cursor) // 2
    altered = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
    log = (await city.camat.query("{ events(first: 1) { nodes { cursor } } }"))["events"]["nodes"][0]["cursor"]
    position = await city.camat.position()
    for foreign in (altered, cursor[:-4], cursor * 2, "x", "YXJyYXljb25uZWN0aW9uOjE=", log, position, "\x00", "é" * 10):
        told = await top_error(
            city.camat, "query($c: Cursor) { organisations(first: 2, after: $c) { nodes { id } } }", c=foreign
        )
        assert told["path"][-1] in ("after", "c")
    elsewhere = (
        "programmes(first: 2, after: $c)", "organisations(first: 2, after: $c, orderBy: [{name: ASC}])",
        "organisations(first: 2, after: $c, filter: {kind: {eq: OPD}})",
        'organisations(first: 2, after: $c, search: "dinas")',
        "events(first: 2, after: $c)", "tasks(first: 2, after: $c)",
    )  # fmt: skip
    for field in elsewhere:
        told = await top_error(city.camat, f"query($c: Cursor) {{ {field} {{ nodes {{ id }} }} }}", c=cursor)
        assert (told["path"][-1], told["constraint"] != "") == ("after", True)


@pytest.mark.asks
async def test_at_most_three_orders_and_one_of_each_key(city: City) -> None:
    four = "[{dueOn: ASC}, {title: ASC}, {progress: ASC}, {createdAt: ASC}]"
    told = await top_error(city.camat, f"{{ tasks(orderBy: {four}) {{ nodes {{ id }} }} }}")
    assert told["path"][:2] == ["tasks", "orderBy"]
    query = "query($k: OrganisationKey!) { organisation(by: $k) { id } }"
    for key in ({}, {"id": None}, {"code": None}, {"code": "DLH", "id": city.camat.organisation_id}):
        assert (await top_error(city.camat, query, k=key))["path"][0] == "k"
