"""Nearly everything is completed directly, what is not is a committed list; and costs are a promise."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationType

from server.query.run.engine import Engine
from server.query.run.result import Result
from tests.engine.query.both import FOLDER, Document, read, resolved
from tests.engine.query.both import documents as corpus_both
from tests.engine.query.golden import corpus as golden
from tests.engine.query.rows import Library

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ORDINARY, COSTS = HERE / "ordinary.txt", HERE / "costs.txt"
REASONS = {
    "mutation": "a verb's resolver runs under graphql-core",
    "subscription": "what a watcher is told is completed by graphql-core",
    "resolver": "Python answers this root field, not a statement",
    "introspection": "graphql-core's own fields",
    "error": "graphql-core puts an error and its null where they belong",
}
# A short list of ids within a row is priced as one row: an event's organisations, of which some have two.
ABOVE = {"golden event"}
# What the documents outside the corpus are asked with. An unknown task: mutations must change nothing here.
NOBODY = "task_7zzzzzzzzzzzzzzzzzzzzzzzzz"
VARIABLES: dict[str, dict[str, Any]] = {
    "bench R1": {"id": "@Task.0"},
    "bench R2": {"organisationId": "@Organisation.0"},
    "bench R3": {},
    "bench W1": {"id": NOBODY, "progress": 10},
    "README Report": {"input": {"taskId": NOBODY, "progress": 60}},
    "board Home": {"year": 2026},
}


def elsewhere() -> Iterator[Document]:
    """The documents of the README, of the measurements and of the board."""
    for block in re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        found = re.search(r"\b(?:query|mutation|subscription) (\w+)", block)
        assert found, f"a document of the README has no name: {block}"
        name = f"README {found[1]}"
        yield Document(name, block, VARIABLES.get(name, {}))
    for path in sorted((ROOT / "bench" / "documents").glob("*.kolaborasi.graphql")):
        name = f"bench {path.name.split('.')[0]}"
        yield Document(name, path.read_text("utf-8"), VARIABLES[name])
    for path in sorted((ROOT / "server" / "board").glob("*.graphql")):
        name = f"board {path.stem.title()}"
        yield Document(name, path.read_text("utf-8"), VARIABLES.get(name, {}))


async def _executed(engine: Engine, library: Library, each: Document, viewer: str = "mayor") -> Result:
    context = library.context(viewer)
    variables = await resolved(each.variables, engine, library, viewer)
    result = await engine.execute(each.source, variables, None, context, may_change=True)
    assert not result.is_refused, (each.name, result.errors)
    return result


async def _goldens(engine: Engine, library: Library) -> AsyncIterator[tuple[str, Result]]:
    for each in golden():
        context = library.context(each.viewer)
        variables = await each.variables(engine, context)
        yield f"golden {each.name}", await engine.execute(each.source, variables, None, context, may_change=True)


@pytest.mark.golden
@pytest.mark.shortcut
@pytest.mark.exhaustive
async def test_what_is_not_completed_directly_is_a_committed_list_with_reasons(ours: Engine, full: Library) -> None:
    ordinary = {}
    outside = list(elsewhere())
    for each in (*corpus_both(), *outside):
        (operation, *_) = ours.documents.get(each.source).operations.values()
        if operation.node.operation is OperationType.SUBSCRIPTION:
            ordinary[each.name] = "subscription"
            continue
        result = await _executed(ours, full, each)
        if result.way != "direct":
            ordinary[each.name] = str(result.why)
    async for name, result in _goldens(ours, full):
        if result.way != "direct":
            ordinary[name] = str(result.why)
    written = "".join(f"{name}: {why}: {REASONS[why]}\n" for name, why in sorted(ordinary.items()))
    if os.environ.get("GOLDEN") == "write":
        ORDINARY.write_text(written, encoding="utf-8")
    assert ORDINARY.read_text(encoding="utf-8") == written, "make golden, and give the review a reason"
    share = sum(each.name not in ordinary for each in corpus_both()) / len(corpus_both())
    assert share >= 0.95
    assert len(outside) >= 10


@pytest.mark.golden
async def test_the_costs_of_reference_documents_are_as_promised(ours: Engine, full: Library) -> None:
    """What a document costs on these rows; whoever was let in yesterday is let in tomorrow."""
    costs = {}
    for each in (*read(FOLDER / "by_hand.graphql"), *elsewhere()):
        if "subscription" not in each.source:
            costs[each.name] = (await _executed(ours, full, each)).extensions["cost"]
    async for name, result in _goldens(ours, full):
        costs[name] = result.extensions["cost"]
    assert len(costs) >= 50
    assert {each["limit"] for each in costs.values()} == {20_000}
    above = {name for name, each in costs.items() if each["actual"] > each["requested"]}
    assert above == ABOVE
    written = "".join(
        f"{name}: {each['requested']} requested, {each['actual']} actual\n" for name, each in costs.items()
    )
    if os.environ.get("GOLDEN") == "write":
        COSTS.write_text(written, encoding="utf-8")
    assert COSTS.read_text(encoding="utf-8") == written, "make golden, and say in the changes who pays more now"


@pytest.mark.shortcut
async def test_the_ways_are_counted(ours: Engine, theirs: Engine, full: Library) -> None:
    before = ours.ways.copy()
    for source in ("{ __typename }", "{ viewer { role } }", "{ nothing }", "{ tasks(first: 201) { totalCount } }"):
        await ours.execute(source, None, None, full.context(), may_change=True)
    expected = {("direct", None): 1, ("ordinary", "resolver"): 1, ("refused", None): 1, ("ordinary", "error"): 1}
    assert ours.ways - before == expected
    asked = await theirs.execute("{ __typename }", None, None, full.context(), may_change=True)
    assert (asked.way, asked.why) == ("ordinary", "asked")
