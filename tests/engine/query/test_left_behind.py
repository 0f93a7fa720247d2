"""What reading a document leaves to the garbage collector: a little, however long the document is."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server.query.documents.cache import Documents
from server.query.run.engine import Engine
from server.query.run.execution import Execution
from server.schema import schema
from tests.engine.query.rows import Library

MOST = 1_200  # objects: graphql-core's own walkers, which keep their methods by the kind of node


def left_by(source: str) -> int:
    """Objects in reference cycles after the document was read and forgotten."""
    documents = Documents(schema._schema, limit=1)
    gc.collect()
    gc.disable()
    try:
        documents.get(source)
        documents.get("{")
        return gc.collect()
    finally:
        gc.enable()


def valid(times: int) -> str:
    fields = "id title organisation { code name }"
    return f"{{ {' '.join(f'x{each}: tasks(first: 1) {{ nodes {{ {fields} }} }}' for each in range(times))} }}"


DOCUMENTS: dict[str, Callable[[int], str]] = {
    "valid": valid,
    "refused": lambda times: valid(times).replace("code name", "code nope"),
    "with a literal that is refused": lambda times: valid(times).replace("first: 1", 'first: "x"'),
    "with too large a number of rows": lambda times: valid(times).replace("first: 1", "first: 1000"),
    "cut off": lambda times: valid(times)[:-1],
    "of comments": lambda times: "# nothing\n" * 40 * times + "{",
    "too wide": lambda times: valid(60 * times),
    "with text that nobody can store": lambda times: valid(times).replace("first: 1", 'search: "\\u0000"'),
    "with a fragment in itself": lambda times: f"{valid(times).replace('code', '...F')} {LOOP}",
}
LOOP = "fragment F on Organisation { ...F }"


def kinds() -> Iterator[Any]:
    """Two of them each time; the others when everything is walked."""
    for each in DOCUMENTS:
        yield each if each in ("valid", "refused") else pytest.param(each, marks=pytest.mark.exhaustive)


@pytest.mark.parametrize("kind", [*kinds()])
def test_a_document_that_was_read_and_forgotten_is_gone(kind: str) -> None:
    make = DOCUMENTS[kind]
    left_by(make(1))  # what is made once in a process
    short, long = left_by(make(1)), left_by(make(20))
    assert long < MOST
    assert long <= short + 50


async def test_a_root_that_is_refused_again_and_again_keeps_no_more_of_its_requests(
    engine: Engine, library: Library
) -> None:
    """What is wrong with it is kept with its plan, and raised for each request."""
    source = "{ tasks(first: 201) { totalCount } }"
    kept = []
    for _ in range(3):
        for _ in range(10):
            assert (await engine.execute(source, None, None, library.context(), may_change=False)).errors
        gc.collect()
        kept.append(sum(isinstance(each, Execution) for each in gc.get_objects()))
    assert kept[2] == kept[1]
