"""What each document of the corpus becomes is committed beside it; both completions give the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

import server.schema
from server.query.declare.fields import declaration_of
from server.query.run.engine import Engine
from server.query.run.execution import Execution
from tests.engine.query.golden import Golden, corpus, statements
from tests.engine.query.rows import Library


@pytest.fixture(scope="session")
def real(library: Library) -> Engine:
    """An engine over the product's own schema."""
    return Engine(server.schema.schema, library.tables, library.pool)


@pytest.mark.golden
@pytest.mark.parametrize("document", corpus(), ids=lambda each: each.name)
async def test_a_document_becomes_the_committed_statements(real: Engine, library: Library, document: Golden) -> None:
    context = library.context(document.viewer)
    prepared = real._prepare(document.source, await document.variables(real, context), None, context)
    assert isinstance(prepared, Execution), prepared
    written = statements(real, prepared)
    if os.environ.get("GOLDEN") == "write":
        document.sql.write_text(written)
    assert document.sql.read_text() == written, "make golden writes it anew; the difference is for the review"


@pytest.mark.parametrize("document", corpus(), ids=lambda each: each.name)
async def test_both_completions_give_the_same_bytes(real: Engine, library: Library, document: Golden) -> None:
    context = library.context(document.viewer)
    prepared = real._prepare(document.source, await document.variables(real, context), None, context)
    assert isinstance(prepared, Execution)
    compiled = real._compiled(prepared)
    await real._read(prepared, compiled)
    if not compiled.is_direct:
        assert document.name == "viewer", "a resolver of its own"
        assert not (await real._complete(prepared)).errors
        return
    assert not prepared.run.is_flawed
    direct = real._direct(prepared, compiled)
    assert direct is not None, prepared.tree
    slow = await real._complete(prepared)
    assert not slow.errors
    assert direct.data == orjson.dumps(slow.data)


def declared() -> Iterator[str]:
    """Every declared field of every type that is read from tables."""
    for type_ in server.schema.schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name not in ("Query", "Mutation", "Subscription"):
            for name, field in type_.fields.items():
                is_read = declaration_of(field.extensions.get("strawberry-definition")) is not None
                if is_read and not type_.name.endswith(("Payload", "Change", "Connection")):
                    yield f"{type_.name}.{name}"


class Selected(Visitor):
    """Collects the fields that a document selects."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[str] = set()

    def enter_field(self, *_: Any) -> None:
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        if parent and field:
            self.found |= {
                f"{parent.name}.{name}" for name, each in getattr(parent, "fields", {}).items() if each is field
            }


def test_every_declared_column_and_relation_is_selected_by_a_document() -> None:
    selected: set[str] = set()
    for document in corpus():
        info = TypeInfo(server.schema.schema._schema)
        visitor = Selected(info)
        visit(parse(document.source), TypeInfoVisitor(info, visitor))
        selected |= visitor.found
    missing = sorted(set(declared()) - selected)
    assert not missing, f"select these in a document of tests/engine/query/corpus: {missing}"
