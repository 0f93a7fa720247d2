"""The person who keeps a plan, a target or a task, and whether that person acts: the same two fields of each."""

from __future__ import annotations

from typing import Any

from server.query.declare.fields import computed, to_one
from server.rules import owner
from server.rules.owner import KEEPER_OF_PLAN as KEEPER_OF_PLAN
from server.rules.owner import KEEPER_OF_TARGET as KEEPER_OF_TARGET
from server.rules.owner import KEEPER_OF_TASK as KEEPER_OF_TASK
from server.rules.owner import OwnerHealth as OwnerHealth
from server.schema.enums import described

described(
    OwnerHealth,
    "Whether somebody keeps a thing, from the best to the worst.",
    ACTIVE="Its owner is in office and acts.",
    SILENT="Its owner has done nothing that everybody may know in this quarter and the two whole quarters before it, "
    "nor come into office since then.",
    LEFT="Whoever is named works there no more, or the account is disabled.",
    VACANT="Nobody is named, and nobody heads the organisation.",
)


def owner_person(of: tuple[str | None, str], description: str) -> Any:
    """Who keeps it (`of`: one of rules/owner.py)."""
    return to_one(owner.owner(*of), description)


def owner_health(of: tuple[str | None, str]) -> Any:
    """Whether that person acts."""
    return computed(
        owner.health(*of),
        "Whether `ownerPerson` is in office and acts. Counted from acts that everybody may know: drafts, cases and "
        "sign-ins are none. Up to some seconds late.",
        ranks=[each.name for each in OwnerHealth],
        scale=True,
    )
