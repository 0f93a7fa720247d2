"""The texts that are kept for lists (models/fields.py, models/words.py): made for the rows of an older version of the
program, which knew none, and compared for `kolaborasi check`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from server import models
from server.actions.city import CityClock
from server.actions.rows import shape
from server.actions.transaction import transaction
from server.actions.words import beside, differing, keeping, kept_words
from server.database import Connection, Pool
from server.models.fields import Subject

BATCH = 1_000


def _models() -> Iterator[type[Subject]]:
    """Those of whose texts something is kept."""
    for name in models.__all__:
        model = getattr(models, name)
        if issubclass(model, Subject) and (shape(model).kept or model.searched):
            yield model


async def keep_old_texts(pool: Pool) -> int:
    """Make what is kept of the texts of rows that have none of it; returns of how many rows.

    A batch is a transaction, so what is made stays made, and nobody waits for all of it. No event: nothing happened.
    What no index finds is looked for once: whoever writes a row keeps its texts with it.
    """
    count = 0
    for model in _models():
        is_known = await _is_remembered(pool, model)
        for which in _old_rows(model, is_known=is_known):
            while made := await _keep_batch(pool, model, which):
                count += made
        if not is_known:
            await _remember(pool, model)
    return count


def _old_rows(model: type[Subject], *, is_known: bool) -> Iterator[str]:
    """Conditions on the rows to look for; `is_known`: all had everything at an earlier start."""
    by_texts = _old(model)
    if not is_known or by_texts.endswith("_key IS NULL"):
        yield by_texts
    if not is_known and model.searched is not None:
        yield f"NOT EXISTS (SELECT 1 FROM {model.searched.table} w WHERE w.id = t.id)"


def _kept_of(model: type[Subject]) -> list[str]:
    """What this version keeps of the table's texts: columns, and the table of words."""
    return sorted([*shape(model).kept, *([] if model.searched is None else [model.searched.table])])


async def _is_remembered(pool: Pool, model: type[Subject]) -> bool:
    async with pool.connection() as connection:
        found = await connection.fetchval("SELECT texts FROM texts_kept WHERE name = $1", shape(model).table)
    return found is not None and {*_kept_of(model)} <= {*found}


async def _remember(pool: Pool, model: type[Subject]) -> None:
    async with transaction(pool, None, CityClock().moment(), None) as tx:
        await tx.keep(
            "INSERT INTO texts_kept (id, name, texts) VALUES ($1, $2, $3)"
            " ON CONFLICT (name) DO UPDATE SET texts = excluded.texts",
            tx.new_id(),
            shape(model).table,
            _kept_of(model),
        )


async def _keep_batch(pool: Pool, model: type[Subject], which: str) -> int:
    kept = shape(model)
    async with transaction(pool, None, CityClock().moment(), None) as tx:
        found = await tx.connection.fetch(
            f"SELECT {', '.join(_needed(model))} FROM {kept.table} t WHERE {which} LIMIT {BATCH} FOR NO KEY UPDATE"
        )
        if found:
            follows = [kept.following(dict(row)) for row in found]
            texts = [[each[name] for each in follows] for name in kept.kept]
            await tx.keep(_keeping(model), [row["id"] for row in found], *texts)
        if found and model.searched is not None:
            await tx.keep(keeping(model), *kept_words(model, [*map(dict, found)]))
    return len(found)


def _keeping(model: type[Subject]) -> str:
    """Writes the kept texts of rows: their ids, and a list for each column."""
    kept = shape(model)
    changes = ", ".join(f"{name} = u.{name}" for name in kept.kept)
    given = ", ".join(("$1::uuid[]", *(f"${number}::text[]" for number, _ in enumerate(kept.kept, 2))))
    return f"UPDATE {kept.table} t SET {changes} FROM unnest({given}) u (id, {', '.join(kept.kept)}) WHERE t.id = u.id"


def _old(model: type[Subject]) -> str:
    """The rows of which nothing is kept yet: an index finds them in a large table, by a key of a text that all have."""
    kept, fields = shape(model).kept, model._meta.fields_map
    keys = sorted((name for name, each in kept.items() if not fields[each.source].null), key=lambda n: n[-4:] != "_key")
    if keys:
        return f"{keys[0]} IS NULL"
    return " OR ".join(f"({name} IS NULL AND {each.source} IS NOT NULL)" for name, each in kept.items())


def _needed(model: type[Subject]) -> list[str]:
    """The columns from which what is kept follows."""
    found = model.searched
    searched = () if found is None else (*beside(found), *found.columns)
    return [*dict.fromkeys(("id", *(each.source for each in shape(model).kept.values()), *searched))]


async def differing_texts(connection: Connection) -> AsyncIterator[tuple[type[Subject], UUID, str, Any, Any]]:
    """Model, id and column of each kept text that does not follow from its row, what it is and what it should be."""
    for model in _models():
        kept, last = shape(model), UUID(int=0)
        columns = ", ".join(dict.fromkeys((*_needed(model), *kept.kept)))
        text = f"SELECT {columns} FROM {kept.table} WHERE id > $1 ORDER BY id LIMIT {BATCH}"
        while found := await connection.fetch(text, last):
            last = found[-1]["id"]
            for row in found:
                for name, right in kept.following(dict(row)).items():
                    if row[name] != right:
                        yield model, row["id"], name, row[name], right
            if model.searched is not None:
                for row in await connection.fetch(differing(model), *kept_words(model, [*map(dict, found)])):
                    yield model, row["id"], model.searched.table, "something else", "its words"
