"""Tests ask the server by public names, so that what is inside may change without them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# Underscored names of others, which have no public one.
FOREIGN = {
    "_schema",  # Strawberry's: the graphql-core schema; tests/house/borrowed.py says that it is there
    "_meta",  # Tortoise's: the description of a model; likewise
    "_replace",  # a named tuple's
    "_serve",  # uvicorn's: the server without its signal handlers
}


def reached(source: str) -> Iterator[str]:
    """Every underscored name of another object or of the server's modules that this source names."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name):
                yield from _private(name)
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "server":
                for each in names:
                    yield from _private(each.name)
            case ast.Call(func=ast.Attribute(attr="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_]):
                yield from _private(name)


def _private(name: str) -> Iterator[str]:
    if name.startswith("_") and not name.startswith("__") and name not in FOREIGN:
        yield name


@pytest.mark.parametrize(
    "source",
    ["a = engine._done", "from server.x import _done", 'patch.setattr(engine, "_done", 1)', "self.engine._done()"],
)
def test_each_way_into_the_private_parts_is_noticed(source: str) -> None:
    assert list(reached(source)) == ["_done"]


def test_no_test_reaches_into_private_parts() -> None:
    found = [
        f"{path.relative_to(TESTS)}: {name}"
        for path in sorted(TESTS.rglob("*.py"))
        for name in reached(path.read_text())
    ]
    assert not found, f"ask by a public name, or give the thing one: {found}"
