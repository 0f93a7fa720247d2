"""One declaration, two completions, equal bytes: what we write ourselves is what graphql-core would have written."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.query.run.engine import Engine
from tests.engine.query import walk
from tests.engine.query.both import FOLDER, data_bytes, documents, errors_bytes, read, resolved, tree, written
from tests.engine.query.operations import RealWriter
from tests.engine.query.rows import Library

VIEWERS = ("mayor", "head", "staff", "observer")
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))


@pytest.fixture(autouse=True)
def _cursors_with_the_same_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor of the log is another one each time: here both ways have to make the same."""
    monkeypatch.setattr("server.events.position.os", SimpleNamespace(urandom=bytes))


@pytest.mark.golden
def test_the_walk_of_the_schema_is_committed() -> None:
    for name, made in walk.files():
        path = FOLDER / f"{name}.graphql"
        if os.environ.get("GOLDEN") == "write":
            path.write_text(written(made), encoding="utf-8")
        assert path.read_text(encoding="utf-8") == written(made), "make golden"


def test_the_documents_are_many_and_each_has_a_name_of_its_own() -> None:
    names = [each.name for each in documents()]
    assert len(names) == len(set(names)) >= 300


@pytest.mark.exhaustive
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_both_ways_give_the_same_bytes(ours: Engine, theirs: Engine, full: Library, viewer: str) -> None:
    """The mayor asks everything; the others what was written by hand, and each a third of the walk."""
    others = VIEWERS[1:]
    by_hand = {each.name for each in read(FOLDER / "by_hand.graphql")}
    for number, each in enumerate(documents()):
        if viewer in others and each.name not in by_hand and number % len(others) != others.index(viewer):
            continue
        variables = await resolved(each.variables, ours, full, viewer)
        code = await _compared(ours, theirs, full, each.source, variables, viewer)
        assert code not in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "COST_EXCEEDED", "INTERNAL"), each.name


@given(chance=st.randoms(use_true_random=False), viewer=st.sampled_from(VIEWERS))
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
async def test_made_up_documents_are_answered_alike_as_well(
    ours: Engine, theirs: Engine, full: Library, chance: random.Random, viewer: str
) -> None:
    writer = RealWriter(chance, ours.schema, full, ours.catalogue)
    source = writer.write()
    assert await _compared(ours, theirs, full, source, writer.variables, viewer) != "INTERNAL"


async def _compared(
    ours: Engine, theirs: Engine, full: Library, source: str, variables: Mapping[str, Any], viewer: str
) -> str | None:
    """The code of the first error that both give; None when there is none."""
    one = await ours.execute(source, variables, None, full.context(viewer), may_change=False)
    other = await theirs.execute(source, variables, None, full.context(viewer), may_change=False)
    shown = f"{viewer}, {variables}:\n{source}"
    assert other.way == ("refused" if one.is_refused else "ordinary"), shown
    assert data_bytes(one) == data_bytes(other), shown
    if one.errors and (code := str((one.errors[0].extensions or {})["code"])) == "INTERNAL":
        return code
    assert errors_bytes(one) == errors_bytes(other), shown
    assert one.extensions == other.extensions, shown
    return str((one.errors[0].extensions or {})["code"]) if one.errors else None


async def test_a_null_where_none_may_be_is_left_to_graphql_core(ours: Engine, theirs: Engine, full: Library) -> None:
    """Stored JSON is the one thing whose shape no column guarantees."""
    source = """{ organisations(first: 1) { nodes { code } }
      broken: targets(first: 40) { nodes { id milestones { dueOn value } } } }"""
    async with full.pool.connection() as connection:
        change = connection.transaction()
        await change.start()
        await connection.execute("""UPDATE target SET milestones = '[{"dueOn": "2026-03-31"}]'""")
        answers = []
        for engine in (ours, theirs):
            context = full.context()
            context.connection = connection
            answers.append(await engine.execute(source, None, None, context, may_change=False))
        await change.rollback()
    one, other = answers
    assert (one.way, one.why) == ("ordinary", "null")
    assert data_bytes(one) == data_bytes(other)
    ours_told, theirs_told = (re.sub(rb"[0-9a-f]{12}", b"the id", errors_bytes(each)) for each in answers)
    assert ours_told == theirs_told
    assert tree(one)["organisations"]["nodes"]
    assert tree(one)["broken"] is None
    assert one.errors[0].path == ["broken", "nodes", 0, "milestones", 0, "value"]
