"""Texts are read alike by lists and by subscriptions, and on every PostgreSQL, whatever its locale."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tortoise.models import Model

import server.schema
from server.database import Pool, create_database, embedded, migrate
from server.live.predicate import Matcher
from server.query.compile.filters import Filters
from server.query.compile.statement import Run, Statement
from server.query.declare.tables import Table
from server.query.run.engine import Engine
from server.query.run.result import Result, Subscribed
from server.rules.folding import folded
from tests.conftest import FAST
from tests.engine.query.both import data_bytes, documents, errors_bytes, resolved
from tests.engine.query.full_rows import make_full_rows
from tests.engine.query.golden import corpus
from tests.engine.query.made_rows import completed
from tests.engine.query.rows import Library, Rows, store, viewers

# What folds, sorts or is cut in ways of its own: capitals, accents, composed and not, apostrophes, digits, signs.
LETTERS = [
    *"aAbBzZ éÉßİıſ'’`-/_%\\.,0123",
    "e\u0301",
    "\u00ad",
    "\u200b",
    "ﬁ",
    "Ⅷ",
    "٣",
    "中",
    "ᯅ",
    "ば",
    "σς",
    "Å",
    "ẞ",
    "10",
]


def text(chance: random.Random, most: int) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randrange(most)))


async def test_a_filter_on_texts_finds_in_sql_what_a_subscription_matches(engine: Engine, library: Library) -> None:
    chance, context, found = random.Random(14), library.context("mayor"), 0
    entries = engine.catalogue.rows["Task"]
    titles = [text(chance, 12) for _ in range(200)]
    async with library.pool.connection() as connection, connection.transaction():
        await connection.execute('CREATE TEMPORARY TABLE told (n int, title text, title_folded text COLLATE "C")')
        records = [(number, each, folded(each)) for number, each in enumerate(titles)]
        await connection.copy_records_to_table("told", records=records)
        for _ in range(300):
            filter_ = {"title": {chance.choice(["contains", "startsWith"]): text(chance, 4)}}
            statement = Statement(False)
            where = Filters(statement, context.viewer).where(entries, filter_, "t", ())
            rows = await connection.fetch(f"SELECT n FROM told t WHERE {where}", *statement.values(Run(context, {})))
            matcher = Matcher(entries, filter_, {})
            now = context.local_now
            matched = {number for number, each in enumerate(titles) if matcher.matches({"title": each}, now)}
            assert {row["n"] for row in rows} == matched, filter_
            found += 0 < len(matched) < len(titles)
        await connection.execute("DROP TABLE told")
    assert found > 100


def locales() -> list[str]:
    """Of this machine, but for the one that the program's own clusters have."""
    there = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()
    return [each for each in ("C", "C.utf8", "en_US.utf8", "id_ID.utf8") if each in there]


@asynccontextmanager
async def engine_on(
    url: str, name: str, rows: Rows, tables: Mapping[str, Table]
) -> AsyncIterator[tuple[Engine, Library]]:
    """The product's engine over these rows in a database of its own."""
    database = await create_database(url, name)
    await migrate(database)
    pool = Pool(database, size=4)
    try:
        await store(pool, rows)
        yield Engine(server.schema.schema, tables, pool), Library(pool, tables, rows, viewers(rows))
    finally:
        await pool.close()


def told(result: Result | Subscribed) -> tuple[bytes, bytes] | None:
    return (data_bytes(result), errors_bytes(result)) if isinstance(result, Result) else None


async def answers(engine: Engine, library: Library) -> dict[str, Any]:
    """What the documents that compare or order texts are answered with, and searches for what is hard to cut."""
    found: dict[str, Any] = {}
    asking = [
        each
        for each in documents()
        if re.search(r"contains|startsWith|search:|(?i:name|title|code): \w*SC\b", each.source)
    ]
    assert len(asking) > 30
    for each in asking:
        given = await resolved(each.variables, engine, library, "mayor")
        result = await engine.execute(each.source, given, None, library.context("mayor"), may_change=False)
        found[each.name] = told(result)
    # But for what tells a place in the log: each cluster counts its transactions itself.
    for golden in (each for each in corpus() if each.name not in ("event", "status_board")):
        context = library.context(golden.viewer)
        given = await golden.variables(engine, context)
        result = await engine.execute(golden.source, given, None, context, may_change=False)
        found[f"golden {golden.name}"] = told(result)
    chance = random.Random(41)
    for number in range(100):
        word = text(chance, 5)
        query = "query($s: String!) { tasks(search: $s, orderBy: [{title: ASC}]) { totalCount nodes { id title } } }"
        result = await engine.execute(query, {"s": word}, None, library.context("mayor"), may_change=False)
        found[f"search {number}: {word}"] = told(result)
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("locale", locales())
async def test_the_corpus_is_answered_alike_on_a_cluster_of_another_locale(
    postgres: embedded.EmbeddedPostgres,
    tables: Mapping[str, Table],
    models: dict[str, type[Model]],
    open_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    locale: str,
) -> None:
    chance, rows = random.Random(1), completed(make_full_rows(), models)
    for each in rows["task"]:
        each["title"] = f"{text(chance, 10)} {each['title']}"
    for each in rows["organisation"]:
        each["name"] = f"{text(chance, 4)}{each['name']}"
    monkeypatch.setattr(embedded, "LOCALE", ("--encoding=UTF8", "--locale-provider=libc", f"--locale={locale}"))
    other = embedded.start(open_folder / "postgres", settings=FAST)
    try:
        name = "texts_" + re.sub("[^a-z]", "", locale.lower())
        async with engine_on(postgres.url, name, rows, tables) as one:
            ours = await answers(*one)
        async with engine_on(other.url, name, rows, tables) as another:
            theirs = await answers(*another)
    finally:
        other.stop()
    assert ours.keys() == theirs.keys()
    assert [name for name, answer in ours.items() if answer != theirs[name]] == []
