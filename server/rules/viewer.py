"""Who asks: the account, organisation, role and offices on which every rule and every visibility decision rests."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an account may do of itself; a head's powers come from an appointment beside it."""

    MAYOR = "MAYOR"
    OFFICE = "OFFICE"
    REVIEWER = "REVIEWER"
    ADMIN = "ADMIN"
    HEAD = "HEAD"
    STAFF = "STAFF"
    OBSERVER = "OBSERVER"
    INTEGRATION = "INTEGRATION"


class Capacity(StrEnum):
    """In what capacity an office is held: by its holder, acting in a vacancy (Plt.) or in an absence (Plh.)."""

    DEFINITIVE = "DEFINITIVE"
    PLT = "PLT"
    PLH = "PLH"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The one who asks. Frozen and hashable: its parts are the keys under which live answers may be shared.

    `heads` maps to the organisations headed today, with the capacity; `is_delegate`: the mayor has delegated decisions
    to the account for a period that holds today; `heads_mayors_office`: one of the headed ones is the mayor's office.
    Made once per sign-in and renewed on change.
    """

    account_id: UUID
    organisation_id: UUID
    role: Role
    heads: frozenset[tuple[UUID, Capacity]] = field(default_factory=frozenset)
    is_delegate: bool = False
    heads_mayors_office: bool = False
    # The organisations that this viewer heads today; and those whose inner matters (drafts) it sees: these and the
    # own one. Made once, since every read asks for them.
    headed_ids: frozenset[UUID] = field(init=False, repr=False, compare=False)
    organisation_ids: frozenset[UUID] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        headed = frozenset(organisation_id for organisation_id, _ in self.heads)
        object.__setattr__(self, "headed_ids", headed)
        object.__setattr__(self, "organisation_ids", headed | {self.organisation_id})

    @property
    def is_office(self) -> bool:
        """Of the mayor's office: the mayor, the deputy, the Sekda and their staff."""
        return self.role in (Role.MAYOR, Role.OFFICE)

    @property
    def acts_for_mayor(self) -> bool:
        """Orders tasks and handles cases: the mayor's office, its acting head, whoever decides by delegation."""
        return self.is_office or self.is_delegate or self.heads_mayors_office

    @property
    def handles_cases(self) -> bool:
        """Handles cases: who acts for the mayor; never a program."""
        return self.role is not Role.INTEGRATION and self.acts_for_mayor

    @property
    def is_reviewer(self) -> bool:
        """Reviews plans: Bappeda and the mayor's office."""
        return self.role in (Role.MAYOR, Role.OFFICE, Role.REVIEWER)

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def capacity_in(self, organisation_id: UUID) -> Capacity | None:
        """In which capacity this viewer heads the organisation today (the definitive one wins); None: not at all."""
        held = {capacity for headed, capacity in self.heads if headed == organisation_id}
        return next((capacity for capacity in Capacity if capacity in held), None)

    def is_head_of(self, organisation_id: UUID) -> bool:
        return self.capacity_in(organisation_id) is not None

    def works_for(self, organisation_id: UUID) -> bool:
        """Drafts, makes tasks and reports for the organisation: its head, or its staff."""
        return self.is_head_of(organisation_id) or (
            self.role in (Role.STAFF, Role.HEAD, Role.OFFICE, Role.REVIEWER) and self.organisation_id == organisation_id
        )
