"""A verb finds of what is hidden just what its input's person may see, table by table, and waits for none of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from strawberry.utils.str_converters import to_camel_case

from server import models
from server.actions.transaction import transaction
from server.database import connect
from server.ids import decode, encode
from server.models import Amendment, Measurement, Target
from server.models.fields import Row
from server.rules.aggregates import REFERENCES, VISIBILITIES
from server.rules.event import EventType
from server.rules.refusal import Refused
from server.rules.target import AmendmentKind
from server.rules.viewer import Capacity, Role, Viewer
from server.rules.visibility import ADMINISTRATORS, EVERYONE, NOBODY, OF_CASE_ACCESS, OWN_ACTS
from server.schema import mutation
from tests import cases, inputs
from tests.city import City
from tests.person import Person

MODELS: list[type[Row]] = [getattr(models, name) for name in models.__all__]
TABLES = {str(model._meta.db_table): model for model in MODELS}

# The tables of which `hide` hides all rows; of the log some.
HIDDEN = (
    *("work_plan", "target", "task", "comment", "target_owner", "measurement", "amendment"),
    *("escalation", "remark", "appendix", "follow_up"),
)

SECONDS = 5  # half of what a statement may take: who waits for a lock waits longer


def viewer_of(person: Person, role: Role, *, is_head: bool = False) -> Viewer:
    organisation = decode(person.organisation_id)[1]
    heads = {(organisation, Capacity.DEFINITIVE)} if is_head else set()
    return Viewer(decode(person.id)[1], organisation, role, frozenset(heads), has_case_access=True)


async def hide(city: City) -> None:
    """A case and a draft, each with all that may hang on one; a reading and an amendment, which no verb makes in a
    draft, are laid there by the system."""
    case = await cases.replied(city)
    await city.sekda.mutate("remarkOnEscalation", {"escalationId": case, "text": "Panggil keduanya."})
    decided = {"escalationId": case, "kind": "GUIDANCE", "facts": "Tidak dijawab."}
    await city.mayor.mutate("decideEscalation", {**decided, "signedBy": "Wali Kota", "documentNumber": "700/1"})
    await city.dlh.mutate("appendToDecision", {"escalationId": case, "kind": "OBJECTION", "text": "Keberatan."})
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Bina."})
    plan = await city.draft(city.camat)
    (target,) = await city.targets_of(plan)
    task = await city.task(city.camat, workPlanId=plan)
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Besok."})
    city.is_altered_by_hand = True
    installation = city.site.installation
    by = decode(city.camat.id)[1]
    async with transaction(city.pool, None, installation.clock.moment(), installation.wake) as tx:
        row = await tx.lock(Target, decode(target)[1])
        reading = Measurement(
            id=tx.new_id(), target_id=row.id, owner_id=row.owner_id, value=Decimal(10), measured_on=city.today,
            recorded_by_id=by, recorded_at=city.now,
        )  # fmt: skip
        amendment = Amendment(
            id=tx.new_id(),
            target_id=row.id,
            kind=AmendmentKind.CHANGE,
            reason="Armada.",
            prepared_by_id=by,
            draft_of_id=row.draft_of_id,
            version=0,
            created_at=city.now,
            updated_at=city.now,
        )
        await tx.change(row, {}, EventType.TARGET_MEASURED, parts=[reading, amendment])


def test_every_rule_that_hides_rows_is_tried_here() -> None:
    """But for a person's own acts at the door, case access, and what administrators alone see: test_private_acts.py,
    test_case_access.py and test_deprecated_uses.py do."""
    elsewhere = (EVERYONE, NOBODY, OWN_ACTS, OF_CASE_ACCESS, ADMINISTRATORS)
    hidden = {table for table, rule in VISIBILITIES.items() if rule not in elsewhere}
    changed = hidden ^ {*HIDDEN, "event"}
    assert not changed, f"make rows of it in hide() and name it in HIDDEN above, or take it out there: {changed}"


async def test_a_verb_finds_of_each_table_what_its_viewer_sees_and_nothing_else(city: City) -> None:
    """“One declaration for each table, read as Python by the live streams and as SQL by queries and verbs.”"""
    await hide(city)
    of = {table: await city.rows(f"SELECT id FROM {table}") for table in HIDDEN}
    of["event"] = await city.rows("SELECT id FROM event WHERE audience IN ('CASE', 'CASE_OFFICE')")
    insiders = (viewer_of(city.camat, Role.HEAD, is_head=True), viewer_of(city.sekda, Role.OFFICE))
    outsiders = [
        viewer_of(city.outsider, Role.OBSERVER),
        viewer_of(city.neighbour, Role.HEAD, is_head=True),
        viewer_of(city.dlh_staff, Role.STAFF),
        viewer_of(city.admin, Role.ADMIN),
    ]
    for table, rows in of.items():
        assert rows, f"nothing of {table} is hidden here"
        for row in rows:
            for viewer in outsiders:
                assert not await finds(city, viewer, table, row["id"]), (table, viewer.role)
            assert any([await finds(city, viewer, table, row["id"]) for viewer in insiders]), table


async def test_no_verb_waits_for_what_its_person_may_not_see(city: City) -> None:
    """“Whoever may not see a row does not learn that it exists: not by a count, an event, a search, an allowed action,
    an error message, a wait, or a number that moves (decision 22).” Somebody else's transaction holds all that
    is hidden, and the turn to change what waits for what.
    """
    await hide(city)
    there: dict[str, Any] = {}
    for name, prefixes in REFERENCES.items():
        for table in HIDDEN:
            if (prefix := TABLES[table].prefix) in prefixes:
                (row, *_) = await city.rows(f"SELECT id FROM {table} ORDER BY id")
                id_ = encode(prefix, row["id"])
                there |= {to_camel_case(f"{name}_id"): id_, to_camel_case(f"{name}_ids"): [id_]}
    assert {"taskId", "targetId", "workPlanId", "commentId", "measurementId", "escalationId", "followUpId"} < {*there}
    asked = 0
    holder = await connect(city.url)
    try:
        async with holder.transaction():
            for table in HIDDEN:
                await holder.execute(f"SELECT 1 FROM {table} FOR UPDATE")
            await holder.execute("SELECT pg_advisory_xact_lock(hashtext('task_dependency'))")
            for verb, kind in inputs.mutations().items():
                code = {"organisation": {"code": city.neighbour.organisation}}
                for name in there.keys() & kind.fields.keys():
                    given = inputs.complete(verb, **{**code, name: there[name]})
                    async with asyncio.timeout(SECONDS):
                        payload = await city.neighbour.attempt(verb, given, "__typename")
                    assert payload["errors"], (verb, name)
                    asked += 1
    finally:
        await holder.close()
    assert asked > 50


async def test_a_dry_run_holds_up_nobody_for_long(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its payload is read its locks are kept; here the payload would be read for as long as a statement may."""
    monkeypatch.setattr(mutation, "PAYLOAD_SECONDS", 0.05)
    task = await city.task(city.camat)
    holder = await connect(city.url)
    given = {"taskId": task, "reason": "Menunggu alat.", "dryRun": True}
    document = (
        "mutation($input: BlockTaskInput!) { blockTask(input: $input) {"
        " task { status comments { totalCount } } isDryRun errors { code } } }"
    )
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE comment")
            async with asyncio.timeout(SECONDS):
                answer = await city.camat.ask(document, {"input": given})
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"DEADLINE_EXCEEDED"}
            async with asyncio.timeout(SECONDS):
                await city.camat_staff.mutate("startTask", {"taskId": task})
    finally:
        await holder.close()
    monkeypatch.undo()
    assert (await city.camat.ask(document, {"input": given}))["data"]["blockTask"]["task"]["status"] == "BLOCKED"


async def finds(city: City, viewer: Viewer, table: str, id_: UUID) -> bool:
    """Whether a verb of this viewer finds the row, held or not."""
    async with transaction(city.pool, viewer, city.site.installation.clock.moment(), None) as tx:
        found = [await is_found(look(TABLES[table], id_)) for look in (tx.get, tx.hold)]
    assert len({*found}) == 1
    return found[0]


async def is_found(looked_up: Awaitable[object]) -> bool:
    try:
        return await looked_up is not None
    except Refused:
        return False
