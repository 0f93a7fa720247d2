"""What each document of the corpus becomes is committed beside it; both completions give the same bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

import server.schema
from server.query.declare.declaration import ById
from server.query.declare.fields import declaration_of
from server.query.run.engine import Engine
from server.query.run.explain import Explanation
from server.query.run.result import Result
from tests.engine.query.golden import Golden, corpus, written
from tests.engine.query.rows import Library


@pytest.fixture(scope="session")
def real(library: Library) -> Engine:
    """An engine over the product's own schema."""
    return Engine(server.schema.schema, library.tables, library.pool)


@pytest.mark.golden
@pytest.mark.parametrize("document", corpus(), ids=lambda each: each.name)
async def test_a_document_becomes_the_committed_statements(real: Engine, library: Library, document: Golden) -> None:
    context = library.context(document.viewer)
    explained = await real.explain(document.source, await document.variables(real, context), None, context)
    assert isinstance(explained, Explanation), explained
    text = written(explained)
    if os.environ.get("GOLDEN") == "write":
        document.sql.write_text(text)
    assert document.sql.read_text() == text, "make golden writes it anew; the difference is for the review"


@pytest.mark.parametrize("document", corpus(), ids=lambda each: each.name)
async def test_both_completions_give_the_same_bytes(real: Engine, library: Library, document: Golden) -> None:
    context = library.context(document.viewer)
    variables = await document.variables(real, context)

    async def answer(*, directly: bool) -> Result:
        real.completes_directly = directly
        try:
            return await real.execute(document.source, variables, None, context, may_change=False)
        finally:
            real.completes_directly = True

    one, other = await answer(directly=True), await answer(directly=False)
    assert not one.errors
    assert not other.errors
    by_python = document.name in ("viewer", "waits")
    assert (one.why, other.why) == (("resolver", "resolver") if by_python else (None, "asked"))
    assert without_seals(one) == without_seals(other)


def without_seals(result: Result) -> bytes:
    """The answer's bytes; an event's cursor is sealed anew whenever it is read."""
    return re.sub(rb'"cursor":"[^"]+"', b'"cursor":""', result.json())


def declared() -> Iterator[str]:
    """Every declared field of every type that is read from tables."""
    for type_ in server.schema.schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name not in ("Query", "Mutation", "Subscription"):
            for name, field in type_.fields.items():
                read = declaration_of(field.extensions.get("strawberry-definition"))
                is_read = read is not None and not (isinstance(read, ById) and (read.of_verb or read.in_list))
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
