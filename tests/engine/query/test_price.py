"""A place where several types may stand is priced by the dearest of them, and never below what is fetched there."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from server.ids import encode
from server.query.compile.plan import Child, Count, Level, Page
from server.query.declare.fields import column, table
from server.query.documents.cost import LOOKS, check_price, price
from server.query.run.engine import Engine
from server.rules.programme import PROGRAMME
from tests.engine.query.example import Subject, build
from tests.engine.query.rows import Library

NOTHING: Any = None  # what a price does not look at
PLACE = ("events", "nodes", "subject")


@table(PROGRAMME, order=["code"], description="One type more than the example has.")
class Programme(Subject):
    code: str = column("Its code.")


# ---- levels made by hand, and what fetching them comes to -----------------------------------------------------------


def ids(path: tuple[str, ...], below: Sequence[Level] = (), *, is_one_of_types: bool = False) -> Level:
    children = [Child(each, 0) for each in below]
    return Level(path, "SELECT", [], "ids", NOTHING, children, is_one_of_types=is_one_of_types)


def paged(path: tuple[str, ...], size: int, below: Sequence[Level] = (), *, is_counted: bool = False) -> Level:
    children = [Child(each, 0) for each in below]
    count = Count("SELECT", []) if is_counted else None
    return Level(path, "SELECT", [], "grouped", NOTHING, children, Page(size, size, False, False), count=count)


def a_type(chance: random.Random, depth: int = 1) -> Level:
    """A type's rows; below them lists, and below these again a place for several types."""
    below = []
    for n in range(chance.choice((0, 0, 1, 2))):
        path = (*PLACE, f"list{n}")
        inner = [a_type(chance, depth - 1) for _ in range(chance.choice((0, 1, 2)))] if depth else []
        below.append(paged(path, chance.choice((0, 1, 3)), inner, is_counted=chance.random() < 0.5))
    return ids(PLACE, below, is_one_of_types=True)


def requested(*levels: Level) -> int:
    return sum(part.cost for part in price(levels, NOTHING))


def fetched(level: Level, parents: int) -> int:
    """The most that a level comes to for so many parents, all lists full: counted as Level.fetch counts."""
    if not parents:
        return 0
    rows = parents * (level.page.of(NOTHING) if level.page else level.most)
    counted = 1 + parents if level.count else 0
    return 1 + rows + counted + worst([child.level for child in level.children], rows)


def worst(levels: Sequence[Level], rows: int) -> int:
    """Of every way to be of these types the dearest; levels that stand in places of their own are all fetched."""
    types = [each for each in levels if each.is_one_of_types]
    mixtures = (each for each in itertools.product(range(rows + 1), repeat=len(types)) if sum(each) <= rows)
    dearest = max(sum(fetched(each, count) for each, count in zip(types, mixture, strict=True)) for mixture in mixtures)
    return dearest + sum(fetched(each, rows) for each in levels if not each.is_one_of_types)


def types_in_types(depth: int, many: int = 4) -> list[Level]:
    """A place of so many types, each with a list below it in which as many may stand again."""
    if not depth:
        return []
    return [
        ids(PLACE, [paged((*PLACE, f"{depth}.{n}"), 50, types_in_types(depth - 1))], is_one_of_types=True)
        for n in range(many)
    ]


def test_a_document_of_types_within_types_is_refused_after_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place is not priced once for each way to reach it, neither for the price nor for a page size that is tried."""
    looks = 0
    page_of = Page.of

    def counted(page: Page, run: Any) -> int:
        nonlocal looks
        looks += 1
        return page_of(page, run)

    monkeypatch.setattr(Page, "of", counted)
    levels = types_in_types(4)
    cost, refused = check_price(levels, NOTHING)
    assert refused is not None
    assert cost == requested(*levels) == sum(part.cost for part in price(levels, NOTHING))
    assert looks < 10 * LOOKS


@pytest.mark.parametrize("seed", range(60))
def test_no_mixture_of_types_comes_to_more_than_the_price(seed: int) -> None:
    chance = random.Random(seed)
    types = [a_type(chance) for _ in range(chance.choice((2, 3, 4)))]
    for rows in (0, 1, 2, 5):
        events = paged(("events",), rows, types)
        each_alone = [requested(paged(("events",), rows, [each])) for each in types]
        assert fetched(events, 1) <= requested(events), rows
        # Never dearer than the sum of all types, which the price once was.
        assert requested(events) <= sum(each_alone) - (len(types) - 1) * (1 + rows)


# ---- documents ------------------------------------------------------------------------------------------------------

MIXED = [
    "{ events(first: 200) { nodes { subject { id } } } }",
    "{ events(first: 100) { nodes { subject { __typename ... on Subject { version createdAt } } } } }",
    """{ events(first: 30) { nodes { subject {
        ... on Task { title comments(first: 3) { totalCount nodes { text } } }
        ... on WorkPlan { tasks(first: 2, filter: {title: {contains: "a"}}) { nodes { id } } } } } } }""",
    """{ tasks(first: 20) { nodes { history(first: 5) { nodes { subject {
        id ... on Task { history(first: 2) { nodes { subject { id } } } } } } } } } }""",
]


@pytest.mark.parametrize("source", MIXED)
async def test_one_more_possible_type_makes_no_document_dearer(engine: Engine, library: Library, source: str) -> None:
    grown = Engine(build(Programme), library.tables, library.pool)
    before = await engine.execute(source, None, None, library.context(), may_change=False)
    after = await grown.execute(source, None, None, library.context(), may_change=False)
    assert not before.errors + after.errors
    assert "Programme" in grown.schema.type_map
    assert "Programme" not in engine.schema.type_map
    assert after.extensions["cost"] == before.extensions["cost"]
    assert before.extensions["cost"]["actual"] <= before.extensions["cost"]["requested"]


@pytest.mark.parametrize("page", [0, 1, 2, 7, 50])
async def test_rows_of_many_types_come_to_no_more_than_their_price(engine: Engine, library: Library, page: int) -> None:
    source = """query ($page: Int) { events(first: $page) { nodes { subject { __typename id
        ... on Task { comments(first: 2) { totalCount nodes { id } } } } } } }"""
    result = await engine.execute(source, {"page": page}, None, library.context(), may_change=False)
    assert isinstance(result.data, bytes)
    types = {each["subject"]["__typename"] for each in orjson.loads(result.data)["events"]["nodes"] if each["subject"]}
    assert page < 50 or len(types) > 2
    cost = result.extensions["cost"]
    assert cost["actual"] <= cost["requested"]


async def test_nodes_cost_what_their_ids_may_find(engine: Engine, library: Library) -> None:
    found = [encode(prefix, library.one(table)["id"]) for table, prefix in (("task", "task"), ("target", "target"))]
    for wanted, requested_for_them in ((found[:1], 101), (found, 200)):
        source = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        result = await engine.execute(source, {"ids": wanted}, None, library.context(), may_change=False)
        assert not result.errors
        assert result.extensions["cost"] == {
            "requested": requested_for_them,
            "actual": 2 * len(wanted),
            "limit": 20_000,
        }
