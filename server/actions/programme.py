"""Verbs on programmes."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, facts_alone, organisation_by, organisation_facts
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Programme
from server.rules import programme as rules
from server.rules.event import EventType
from server.rules.programme import ProgrammeInFull, ProgrammePatch


async def create_programme(
    tx: Transaction, code: str, name: str, lead: Key, valid_from: date, valid_to: date | None = None
) -> Recorded:
    rules.may_create_programme(tx.viewer, tx.today)
    facts = await organisation_facts(tx, await organisation_by(tx, lead, "lead"))
    is_taken = tx.is_taken_by(await tx.find(Programme, code=code.strip()))
    columns = rules.create_programme(tx.viewer, code, name, facts, valid_from, valid_to, is_taken, tx.today)
    return await tx.create(Programme(id=tx.new_id(), **cast(dict[str, Any], columns)), EventType.PROGRAMME_CREATED)


async def update_programme(
    tx: Transaction, programme_id: UUID, if_version: int | None = None, **patch: Any
) -> Recorded:
    """`patch`: name, lead, valid_from; what is absent stays."""
    programme = await tx.lock(Programme, programme_id, "programmeId", if_version=if_version)
    facts = facts_alone(tx, ProgrammeInFull, programme)
    rules.may_change_programme(tx.viewer, facts, tx.today)
    lead = None
    if "lead" in patch:
        lead = await organisation_facts(tx, await organisation_by(tx, patch.pop("lead"), "lead"))
        patch["lead_id"] = lead.id
    change = rules.update_programme(tx.viewer, facts, cast(ProgrammePatch, patch), lead, tx.today)
    return await tx.change(programme, change, EventType.PROGRAMME_UPDATED)


async def end_programme(tx: Transaction, programme_id: UUID, valid_to: date, if_version: int | None = None) -> Recorded:
    programme = await tx.lock(Programme, programme_id, "programmeId", if_version=if_version)
    facts = facts_alone(tx, ProgrammeInFull, programme)
    change = rules.end_programme(tx.viewer, facts, valid_to, tx.today)
    return await tx.change(programme, change, EventType.PROGRAMME_ENDED, on=valid_to)
