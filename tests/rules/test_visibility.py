"""Every table says who sees its rows, and an event is told to just those who see what it is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import models
from server.actions.audience import audience_of
from server.models.fields import Row, Subject
from server.query.declare.fields import table as declare
from server.rules.aggregate import Part
from server.rules.aggregates import VISIBILITIES, Undeclared, visibility_of
from server.rules.event import EventType
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.visibility import (
    EVENTS,
    NOBODY,
    Condition,
    holds,
    related,
    through,
)
from server.schema import rows

IDS = [UUID(int=number) for number in range(1, 5)]
MODELS = [getattr(models, name) for name in models.__all__]
TABLES = {model: str(model._meta.db_table) for model in MODELS}
SUBJECTS = [model for model in MODELS if issubclass(model, Subject)]

some_id = st.sampled_from(IDS)
viewers = st.builds(
    Viewer,
    some_id,
    some_id,
    st.sampled_from(list(Role)),
    st.frozensets(st.tuples(some_id, st.sampled_from(list(Capacity))), max_size=2),
    st.booleans(),
    st.none() | some_id,
    st.booleans(),
    admitted=st.frozensets(some_id, max_size=2),
)


def test_every_table_says_who_sees_its_rows() -> None:
    """“One declaration for each table, read as Python by the live streams and as SQL by queries and verbs.” “Nothing is
    seen by default.”
    """
    assert {*TABLES.values()} == VISIBILITIES.keys()


def test_nobodys_are_just_the_tables_that_neither_a_type_nor_an_event_tells_of() -> None:
    told = {row.table for row in rows} | {TABLES[model] for model in SUBJECTS}
    assert {table for table, rule in VISIBILITIES.items() if rule == NOBODY} == {*TABLES.values()} - told


def test_a_table_that_says_nothing_stops_the_start() -> None:
    with pytest.raises(Undeclared, match=r'Who sees the rows of "secret"\? Declare it in a module of server/rules'):

        class Secret(Row):
            class Meta:
                table = "secret"

    with pytest.raises(Undeclared, match="Secret is declared without a table"):
        declare(Part[None](name="Secret"), description="A secret.")(type("Secret", (), {}))


def _with_others(rule: tuple[Condition, ...], row: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The row with `other` wherever the rule goes through another table's row."""
    return row | {related(each.column, each.table): other for each in through(rule, row)}


@pytest.mark.parametrize("model", SUBJECTS, ids=[model.__name__ for model in SUBJECTS])
@given(data=st.data())
def test_an_event_is_told_to_just_those_who_see_what_it_is_about(model: type[Subject], data: st.DataObject) -> None:
    """A case is what a subject of it refers to, and what its events are seen by."""
    table, viewer = TABLES[model], data.draw(viewers)
    case = {
        name: data.draw(st.none() | some_id) for name in ("filer_id", "respondent_id", "referred_to_id", "person_id")
    }
    case["id"] = IDS[0]
    row = case | {"escalation_id": IDS[0], "draft_of_id": data.draw(st.none() | some_id)}
    row |= {"account_id": data.draw(some_id)}
    type_ = data.draw(st.sampled_from(EventType))
    audience, audience_id = audience_of(table, row, type_, {})
    event = {"audience": audience, "audience_id": audience_id}
    rule = visibility_of(table)
    is_seen = holds(rule, viewer, _with_others(rule, row, case))
    assert holds(EVENTS, viewer, _with_others(EVENTS, event, case)) == is_seen
