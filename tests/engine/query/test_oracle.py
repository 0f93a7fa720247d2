"""The compiler and an independent reading of the same schema answer random operations alike."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from graphql import print_ast
from graphql.language import parse

from server.query.run.engine import Engine
from server.query.values import Id
from tests.engine.query.example import build
from tests.engine.query.operations import SEARCHES, Writer
from tests.engine.query.oracle import Oracle, searches
from tests.engine.query.rows import Library

VIEWERS = ("mayor", "head", "staff", "observer", "admin")
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))  # for each viewer


@pytest.fixture(scope="session")
async def found(library: Library) -> Mapping[tuple[str, str], frozenset[Any]]:
    """What PostgreSQL finds for each text that operations search for."""
    made = {}
    async with library.pool.connection() as connection:
        for table, config, text in searches(SEARCHES):
            sql = f"SELECT id FROM {table}_words WHERE words @@ websearch_to_tsquery('{config}', $1)"
            made[table, text] = frozenset(row["id"] for row in await connection.fetch(sql, text))
    return made


@pytest.mark.parametrize(
    "viewer",
    [each if each in ("mayor", "observer") else pytest.param(each, marks=pytest.mark.exhaustive) for each in VIEWERS],
)
async def test_random_operations_are_answered_as_by_the_naive_reading(
    engine: Engine, library: Library, found: Mapping[tuple[str, str], frozenset[Any]], viewer: str
) -> None:
    oracle = Oracle(build(), library, viewer, found)
    compared = 0
    for number in range(EXAMPLES):
        writer = Writer(random.Random(f"{viewer} {number}"), engine.schema, library)
        source = writer.write()
        result = await engine.execute(source, writer.variables, None, library.context(viewer), may_change=False)
        if result.is_refused and "bertentangan" in result.errors[0].message:  # two fields of one name
            continue
        if result.errors and (result.errors[0].extensions or {}).get("code") in ("COST_EXCEEDED", "BAD_USER_INPUT"):
            continue
        expected = oracle.answer(source, writer.variables)
        assert not expected.errors, (expected.errors, source)
        got = orjson.loads(result.data) if isinstance(result.data, bytes) else result.data
        shown = print_ast(parse(source)) + f"\n{writer.variables}"
        assert not result.errors, f"{result.errors}\n{shown}"
        assert orjson.dumps(got) == orjson.dumps(expected.data), f"{shown}\n{_difference(got, expected.data)}"
        compared += 1
    assert compared > EXAMPLES * 0.6  # the rest name an id of another type, or cost too much


def _difference(got: Any, expected: Any, path: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(got, dict) and isinstance(expected, dict) and list(got) == list(expected):
        return next((found for key in got if (found := _difference(got[key], expected[key], f"{path}.{key}"))), "")
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        pairs = enumerate(zip(got, expected, strict=True))
        return next((found for n, (one, other) in pairs if (found := _difference(one, other, f"{path}.{n}"))), "")
    return "" if got == expected else f"at {path}: {str(got)[:300]} instead of {str(expected)[:300]}"


def test_an_id_is_itself() -> None:
    assert Id.parse("TASK_01j0000000e0080000002fw9cd") == "task_01j0000000e0080000002fw9cd"
