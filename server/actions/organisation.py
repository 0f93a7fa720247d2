"""Verbs on organisations. What an end means for open work is done in its wake (background/react.py)."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from server.actions.facts import Key, organisation_by, organisation_facts, receiving_organisation
from server.actions.transaction import Transaction
from server.events.log import Recorded
from server.models import Organisation
from server.rules import organisation as rules
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind, OrganisationPatch


async def create_organisation(
    tx: Transaction,
    kind: OrganisationKind,
    code: str,
    name: str,
    short_name: str,
    valid_from: date,
    parent: Key | None = None,
) -> Recorded:
    rules.may_create_organisation(tx.viewer, tx.today)
    kecamatan = None if parent is None else await organisation_by(tx, parent, "parent")
    columns = rules.create_organisation(
        tx.viewer,
        kind,
        code,
        name,
        short_name,
        None if kecamatan is None else await organisation_facts(tx, kecamatan),
        valid_from,
        tx.is_taken_by(await tx.find(Organisation, code=code.strip())),
        tx.today,
    )
    return await tx.create(
        Organisation(id=tx.new_id(), **cast(dict[str, Any], columns)), EventType.ORGANISATION_CREATED
    )


async def update_organisation(
    tx: Transaction, organisation_id: UUID, if_version: int | None = None, **patch: Any
) -> Recorded:
    """`patch`: name, short_name, parent; what is absent stays."""
    organisation = await tx.lock(Organisation, organisation_id, "organisationId", if_version=if_version)
    facts = await organisation_facts(tx, organisation)
    rules.may_update_organisation(tx.viewer, facts, tx.today)
    parent = None
    if "parent" in patch:
        key = patch.pop("parent")
        parent = None if key is None else await organisation_by(tx, key, "parent")
        patch["parent_id"] = None if parent is None else parent.id
    change = rules.update_organisation(
        tx.viewer,
        facts,
        cast(OrganisationPatch, patch),
        None if parent is None else await organisation_facts(tx, parent),
        tx.today,
    )
    return await tx.change(organisation, change, EventType.ORGANISATION_UPDATED)


async def end_organisation(
    tx: Transaction,
    organisation_id: UUID,
    valid_to: date,
    successor: Key | None = None,
    if_version: int | None = None,
) -> Recorded:
    """`valid_to`: its last day. With today or earlier its open targets, tasks and accounts pass to the successor."""
    organisation = await tx.lock(Organisation, organisation_id, "organisationId", if_version=if_version)
    facts = await organisation_facts(tx, organisation)
    rules.may_end_organisation(tx.viewer, facts, tx.today)
    receiver = None if successor is None else await receiving_organisation(tx, successor, "successor")
    change = rules.end_organisation(
        tx.viewer,
        facts,
        valid_to,
        None if receiver is None else await organisation_facts(tx, receiver),
        tx.today,
    )
    return await tx.change(
        organisation,
        change,
        EventType.ORGANISATION_ENDED,
        on=valid_to,
        successor=None if receiver is None else receiver.name,
    )
