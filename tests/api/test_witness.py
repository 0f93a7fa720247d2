"""The witness of tests/city.py: what it would not let pass."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.actions.transaction import transaction
from server.ids import decode
from server.models import Target
from server.rules.event import EventType
from server.schema import schema
from tests.city import City
from tests.verbs import EVENTS


def test_the_witness_knows_the_events_of_every_verb() -> None:
    mutation = schema._schema.mutation_type
    assert mutation is not None
    assert EVENTS.keys() == mutation.fields.keys()
    assert {each for events in EVENTS.values() for each in events} <= set(EventType)


async def test_an_event_that_no_verb_told_of_is_noticed(city: City) -> None:
    given = f'{{organisation: {{code: "{city.camat.organisation}"}}, title: "Diam-diam"}}'
    await city.camat.ask(f"mutation {{ createTask(input: {given}) {{ task {{ id }} }} }}")
    with pytest.raises(AssertionError, match="TASK_CREATED"):
        await city.confirm()
    city.witnessed |= {row["id"] for row in await city.rows("SELECT id FROM event")}


async def test_a_view_that_a_change_did_not_reach_is_noticed(city: City) -> None:
    task = await city.task(city.camat)
    await city.camat.watch("taskChanged")
    await city.rows("UPDATE task SET title = 'Diubah diam-diam' RETURNING id")
    with pytest.raises(AssertionError, match="the old view and the changes"):
        await city.confirm()
    await city.rows("UPDATE task SET title = 'Angkut sampah di Jalan Karya Jaya' WHERE id = $1", decode(task)[1])


async def test_a_kept_value_that_its_source_does_not_give_is_noticed(city: City) -> None:
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    moment = city.site.installation.clock.moment()
    async with transaction(city.pool, None, moment, None) as tx:
        row = await tx.lock(Target, decode(target)[1])
        await tx.change(row, {"achievement": Decimal(7)}, EventType.TARGET_UPDATED)
    with pytest.raises(AssertionError, match="achievement is 7"):
        await city.confirm()
    async with transaction(city.pool, None, moment, None) as tx:
        row = await tx.lock(Target, decode(target)[1])
        await tx.change(row, {"achievement": None}, EventType.TARGET_UPDATED)
