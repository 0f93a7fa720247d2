"""What of the API is to go, is declared with a day; a request is told what of it it uses, and so is the operator."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import build_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

from server.query.declare.fields import argument, column, deprecated, root_list, table
from server.query.run.engine import Engine
from server.rules.aggregates import Undeclared
from server.rules.task import TASK
from server.schema.connection import Connection
from server.schema.declared import check_deprecations
from server.schema.enums import deprecated_values, described
from server.schema.filters import derive_inputs
from server.schema.scalars import SCALARS
from tests.engine.query.example import Subject
from tests.engine.query.rows import Library

GOES = "use {}; removed after 2027-06-30"


class Urgency(StrEnum):
    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


described(Urgency, "How urgent.", LOW="Low.", NORMAL="Normal.", HIGH="High.", URGENT="Urgent.")
deprecated_values(Urgency, URGENT=GOES.format("HIGH"))


@table(TASK, search=True, archived="archived_at", description="A task.")
class Errand(Subject):
    title: str = column("Its title.", order=True)
    progress: int = column("How far it is.", order=True, deprecated=GOES.format("`title`"))
    priority: Urgency = column("How urgent it is.")


@strawberry.input(description="What `touch` takes.")
class TouchInput:
    name: str = strawberry.field(description="A name.")
    nick: str | None = strawberry.field(description="Another.", default=None, deprecation_reason=GOES.format("`name`"))


async def _touch(input: TouchInput) -> str | None:
    """Says the name."""
    return input.name


def schema() -> strawberry.Schema:
    derive_inputs([Errand.__row__])  # type: ignore[attr-defined]
    errands = root_list(
        "errands",
        Connection[Errand],
        "All.",
        arguments={"above": argument(int, "{t}.progress > {value}", "Beyond.", deprecated=GOES.format("`filter`"))},
    )
    touch: Any = strawberry.mutation(resolver=_touch, name="touch", description="Says the name.")
    return strawberry.Schema(
        query=create_type("Query", [errands]),
        mutation=create_type("Mutation", [deprecated(touch, GOES.format("nothing"))]),
        config=StrawberryConfig(scalar_map=SCALARS),
    )


@pytest.fixture(scope="module")
def noted() -> list[tuple[UUID, Sequence[str]]]:
    return []


@pytest.fixture(scope="module")
def going(library: Library, noted: list[tuple[UUID, Sequence[str]]]) -> Engine:
    return Engine(
        schema(), library.tables, library.pool, uses_deprecated=lambda who, uses: noted.append((who.account_id, uses))
    )


# What is asked, with which variables, and what of it is deprecated.
ASKED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("{ errands { nodes { title } } }", {}, []),
    ("{ errands { nodes { p: progress title } } }", {}, ["Errand.progress"]),
    ("{ errands { edges { ...F } } } fragment F on ErrandEdge { node { ... on Errand { progress } } }", {},
     ["Errand.progress"]),
    ("{ errands(above: 5) { totalCount } }", {}, ["Query.errands(above:)"]),
    ("query($n: Int) { errands(above: $n) { totalCount } }", {}, ["Query.errands(above:)"]),
    ("{ errands(filter: {progress: {gt: 5}}) { totalCount } }", {}, ["ErrandFilter.progress"]),
    ("{ errands(orderBy: [{progress: ASC}]) { totalCount } }", {}, ["ErrandOrder.progress"]),
    ("{ errands(filter: {priority: {in: [LOW, URGENT]}}) { totalCount } }", {}, ["Urgency.URGENT"]),
    ("query($f: ErrandFilter = {priority: {eq: URGENT}}) { errands(filter: $f) { totalCount } }", {},
     ["Urgency.URGENT"]),
    # by variables
    ("query($f: ErrandFilter) { errands(filter: $f) { totalCount } }", {"f": {"title": {"eq": "progress"}}}, []),
    ("query($f: ErrandFilter) { errands(filter: $f) { totalCount } }", {"f": None}, []),
    ("query($f: ErrandFilter) { errands(filter: $f) { totalCount } }",
     {"f": {"and": [{"not": {"progress": {"eq": 1}}}, {"priority": {"in": ["URGENT"]}}]}},
     ["ErrandFilter.progress", "Urgency.URGENT"]),
    ("query($o: [ErrandOrder!]) { errands(orderBy: $o) { totalCount } }", {"o": {"progress": "DESC"}},
     ["ErrandOrder.progress"]),
    ("query($u: Urgency) { errands(filter: {priority: {eq: $u}}) { totalCount } }", {"u": "LOW"}, []),
    ("query($u: Urgency) { errands(filter: {priority: {eq: $u}}) { totalCount } }", {"u": "URGENT"},
     ["Urgency.URGENT"]),
    ("mutation($i: TouchInput!) { touch(input: $i) }", {"i": {"name": "a"}}, ["Mutation.touch"]),
    ("mutation($i: TouchInput!) { touch(input: $i) }", {"i": {"name": "a", "nick": None}},
     ["Mutation.touch", "TouchInput.nick"]),
]  # fmt: skip


async def test_a_request_is_told_what_it_uses_that_is_to_go_and_so_is_the_operator(
    going: Engine, library: Library, noted: list[tuple[UUID, Sequence[str]]]
) -> None:
    for source, variables, uses in ASKED * 2:  # read for the first time, and kept
        noted.clear()
        context = library.context()
        result = await going.execute(source, variables, None, context, may_change=True)
        assert not result.errors, (source, result.errors)
        told = result.extensions.get("deprecations", [])
        assert [each["coordinate"] for each in told] == uses, source
        assert all(each["reason"].endswith("; removed after 2027-06-30") for each in told)
        assert noted == ([(context.asker.account_id, uses)] if uses else []), source


async def test_each_operation_of_a_document_answers_for_its_own(going: Engine, library: Library) -> None:
    source = "query A { errands { ...F } } query B { errands { totalCount } }"
    source += " fragment F on ErrandConnection { nodes { progress } }"
    for name, uses in (("A", 1), ("B", 0)):
        result = await going.execute(source, {}, name, library.context(), may_change=False)
        assert len(result.extensions.get("deprecations", ())) == uses, result


def test_a_schema_in_which_nothing_is_to_go_costs_its_requests_nothing(engine: Engine) -> None:
    operation = engine.documents.get("query($f: TaskFilter) { tasks(filter: $f) { totalCount } }").operation(None)
    assert (operation.deprecated.coordinates, operation.deprecated.variables) == (frozenset(), ())


@pytest.mark.parametrize(
    "reason",
    ["No longer supported", "use b", "use ; removed after 2027-06-30", "use b; removed after 2027-02-30"],
)
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("Query.a", "type Query { a: Int @deprecated(reason: %s) }"),
        ("Query.a(b:)", "type Query { a(b: Int @deprecated(reason: %s)): Int }"),
        ("I.f", "type Query { a(i: I): Int } input I { f: Int @deprecated(reason: %s) }"),
        ("E.V", "type Query { a: E } enum E { V @deprecated(reason: %s) W }"),
        ("N.a", "type Query { n: N } interface N { a: Int @deprecated(reason: %s) } "),
    ],
)
def test_what_is_to_go_says_what_to_use_instead_and_until_when_it_works_or_nothing_starts(
    place: str, text: str, reason: str
) -> None:
    with pytest.raises(Undeclared) as refused:
        check_deprecations(build_schema(text % f'"{reason}"'))
    assert place in str(refused.value)
    check_deprecations(build_schema(text % '"use b; removed after 2027-06-30"'))
