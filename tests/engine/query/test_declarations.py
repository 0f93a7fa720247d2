"""The product's declarations: what cannot be filtered or ordered is listed with its reason, and which orders cost."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import is_enum_type, is_leaf_type, is_non_null_type
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

import server.migrations
import server.schema
from server.query.compile.expression import rank
from server.query.declare.catalogue import Catalogue, CatalogueEntry, Entries, WrongDeclaration
from server.query.declare.declaration import Column, Computed, Derived, JsonList, Labelled, ToOne
from server.query.declare.fields import column, derived, polymorphic, root_list, table, to_one
from server.query.run.engine import Engine
from server.rules.account import ACCOUNT
from server.rules.aggregate import Part
from server.rules.task import TASK
from server.rules.visibility import NOBODY, IsViewers
from server.rules.work_plan import WORK_PLAN
from server.schema.connection import Connection
from server.schema.node import Node, Subject
from server.schema.scalars import SCALARS
from tests.engine.query.rows import Library

# Indexes over expressions.
MIGRATION = Path(server.migrations.__file__).parent / "0002_what_tortoise_leaves_out.py"
# In no index that puts rows in order, because every report or every change moves it: a list by it has a price
# (server/query/compile/scans.py).
MOVING = {"progress", "updated_at"}
LEFT_OUT = Path(__file__).parent / "corpus" / "left_out.txt"


@pytest.fixture(scope="session")
def catalogue(library: Library) -> Catalogue:
    """The product's own declarations."""
    return Catalogue(server.schema.schema._schema, library.tables)


def reasons(entries: Entries, entry: CatalogueEntry) -> list[str]:
    """Why a field cannot be filtered or ordered."""
    declaration = entry.declaration
    found = []
    if isinstance(declaration, (Column, Computed, ToOne)) and not declaration.filter:
        found.append(f"not filtered: {declaration.why}")
    if isinstance(declaration, (Derived, JsonList)):
        found.append(f"neither filtered nor ordered: {declaration.why}")
    elif isinstance(declaration, Labelled):
        pass  # ordered and filtered by what it labels
    elif is_leaf_type(entry.leaf) and not getattr(declaration, "order", False):
        found.append("not ordered: no index leads with it")
    elif isinstance(declaration, Computed) or (isinstance(declaration, Column) and not is_indexed(entries, entry)):
        found.append("ordered at the price of a look where nothing else leads to the rows: no index leads with it")
    return [f"{entries.row.name}.{entry.name}: {each}" for each in found]


def is_indexed(entries: Entries, entry: CatalogueEntry) -> bool:
    """Whether a list in this order is in an index, or small enough to be sorted at once."""
    assert isinstance(entry.declaration, Column)
    own = entries.table.keys.get(entry.column, entry.column)
    leading = {name for index in entries.table.indexes for name in index[:2]}  # the second: below a parent
    if ranks := entry.declaration.ranks:
        return entries.row.is_small or rank(own, ranks) in MIGRATION.read_text()
    return entries.row.is_small or own in leading


@pytest.mark.golden
def test_what_cannot_be_filtered_or_ordered_is_listed_with_its_reason(catalogue: Catalogue) -> None:
    lines = [
        line
        for entries in catalogue.rows.values()
        for entry in entries.api.values()
        for line in reasons(entries, entry)
    ]
    assert all(line.rsplit(": ", 1)[1].strip() for line in lines)
    text = "\n".join(sorted(lines)) + "\n"
    if os.environ.get("GOLDEN") == "write":
        LEFT_OUT.write_text(text)
    assert LEFT_OUT.read_text() == text, "make golden writes it anew"


def test_no_column_is_null_in_the_whole_corpus(ours: Engine, full: Library) -> None:
    """What is compared over nulls only is not tested."""
    for entries in ours.catalogue.rows.values():
        rows = full.rows[entries.table.name]
        for name, entry in entries.api.items():
            match entry.declaration:
                case Column(column=column):
                    stored = column or entry.declared.python_name
                case ToOne(key) if "{" not in key and key in entries.table.columns:
                    stored = key
                case _:
                    continue
            assert any(row[stored] is not None for row in rows), (
                f"{entries.row.name}.{name} is null in every row: give {stored} a value in some row of"
                f" {entries.table.name} in tests/engine/query/full_rows.py"
            )


def test_root_fields_are_nullable_so_that_one_fault_leaves_the_others() -> None:
    schema = server.schema.schema._schema
    for type_ in (schema.query_type, schema.mutation_type):
        assert type_
        required = [name for name, field in type_.fields.items() if is_non_null_type(field.type)]
        assert not required


def test_enums_are_stored_as_they_are_named() -> None:
    for type_ in server.schema.schema._schema.type_map.values():
        if is_enum_type(type_) and not type_.name.startswith("__"):
            members: Any = type_.wrapped_cls  # type: ignore[attr-defined]
            assert issubclass(members, enum.Enum)
            assert all(member.name == member.value for member in members), type_.name


HIDDEN = "leads to rows that may be hidden: it must be nullable"


WAIT = Part[None](name="TaskDependency", table="task_dependency", prefix="wait", visibility=NOBODY)


@table(WORK_PLAN, description="A plan.")
class HiddenPlan(Node):
    pass


@table(TASK, description="A task.")
class Betraying(Node):
    plan: HiddenPlan = to_one("work_plan_id", "Its plan.", filter=False, why="a test")


@table(TASK, description="A task.")
class NotNull(Node):
    due_on: str = column("Null in the table.", filter=False, why="a test")


@table(TASK, description="A task.")
class Misnamed(Node):
    nothing: str | None = column("No column.", filter=False, why="a test")


@table(ACCOUNT, description="A person.")
class Masked(Node):
    login: str = column("Masked.", filter=False, why="a test", mask=(IsViewers("id", "account_id"),))


@table(TASK, description="A task.")
class Unreasoned(Node):
    title: str = column("No reason given.", filter=False)


@table(TASK, description="A task.")
class Lost(Node):
    state: str = derived({"plan_status": "plan.status"}, lambda values, context: values.plan_status, "No way.")


@table(WAIT, description="A table without versions.")
class Unversioned(Subject):
    pass


@table(Part[None](name="Parade", table="parade", prefix="parade", visibility=NOBODY), description="No table.")
class Modelless(Node):
    pass


@table(TASK, description="A task.")
class Unrelated(Node):
    label: str = derived({"id": "id"}, lambda values, context: "", "Of a thing.", rows={"Parade": "ARRAY[]::uuid[]"})


@table(TASK, description="A task.")
class Astray(Node):
    subject: Node | None = polymorphic("status", "id", "A thing.", never=["Parade"])


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (Betraying, "may be hidden: it must be nullable"),
        (NotNull, "non-null, its column is not"),
        (Misnamed, "has no column nothing"),
        (Masked, "it is masked"),
        (Unreasoned, "say why"),
        (Unversioned, "has no column version"),
        (Modelless, "there is no table parade; add its model to server/models/__init__.py"),
        (Unrelated, "label needs rows of Parade, which is the name of no row type"),
        (Astray, "subject never leads to Parade, which is the name of no row type"),
        (Lost, "needs plan_status at “plan.status”, but Lost has no to-one field plan: declare it"),
    ],
)
def test_a_declaration_that_its_table_contradicts_stops_the_server(library: Library, type_: Any, words: str) -> None:
    name = f"{type_.__name__[0].lower()}{type_.__name__[1:]}s"
    query = create_type("Query", [root_list(name, Connection[type_], "All.", filter=False, order_by=False)])
    schema = strawberry.Schema(query=query, config=StrawberryConfig(scalar_map=SCALARS))
    with pytest.raises(WrongDeclaration, match=words):
        Catalogue(schema._schema, library.tables)
