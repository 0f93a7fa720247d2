"""Who asks: the account, organisation, role and offices on which every rule and every visibility decision rests."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """What an account may do of itself. A head's powers, and the mayor's, come from an appointment beside it."""

    MAYOR = "MAYOR"
    OFFICE = "OFFICE"
    REVIEWER = "REVIEWER"
    ADMIN = "ADMIN"
    HEAD = "HEAD"
    STAFF = "STAFF"
    OBSERVER = "OBSERVER"
    INTEGRATION = "INTEGRATION"


class TokenScope(StrEnum):
    """What a token opens: each a kind of verb, and READ the questions. A verb names those that open it."""

    READ = "READ"
    PLANS_WRITE = "PLANS_WRITE"
    TASKS_WRITE = "TASKS_WRITE"
    READINGS_WRITE = "READINGS_WRITE"
    REQUESTS_WRITE = "REQUESTS_WRITE"


@dataclass(frozen=True, slots=True)
class Token:
    """Through which token a service account asks, by what it is called, and what that opens.

    `is_city_wide`: for every organisation, not for the account's alone.
    """

    id: UUID
    name: str
    scopes: frozenset[TokenScope]
    is_city_wide: bool = False


# Who belongs to an organisation in one of these roles works for it.
WORKING: Final = (Role.STAFF, Role.HEAD, Role.OFFICE, Role.REVIEWER)


class Capacity(StrEnum):
    """In what capacity an office is held: by its holder, acting in a vacancy (Plt.) or in an absence (Plh.)."""

    DEFINITIVE = "DEFINITIVE"
    PLT = "PLT"
    PLH = "PLH"


@dataclass(frozen=True)
class Viewer:
    """The one who asks. Frozen and hashable: its parts are the keys under which live answers may be shared.

    `heads` maps to the organisations headed today, with the capacity; `is_delegate`: the mayor has delegated decisions
    to the account for a period that holds today; `mayors_office_id`: the mayor's office, where it is among the headed;
    `has_case_access`: the mayor's office has confirmed that cases are for it (rules/case_access.py); `admitted`: which
    case is, of those whose person it is; `token`: of a service account, through which token it asks.
    Made once per sign-in and renewed on change; what every read asks of it is found out once.
    """

    account_id: UUID
    organisation_id: UUID
    role: Role
    heads: frozenset[tuple[UUID, Capacity]] = field(default_factory=frozenset)
    is_delegate: bool = False
    mayors_office_id: UUID | None = None
    has_case_access: bool = False
    admitted: frozenset[UUID] = field(default_factory=frozenset)
    token: Token | None = None

    @cached_property
    def headed_ids(self) -> frozenset[UUID]:
        """The organisations that this viewer heads today."""
        return frozenset(self._capacities)

    @cached_property
    def case_headed_ids(self) -> frozenset[UUID]:
        """Of them those whose cases are for it to see: none without case access."""
        return self.headed_ids if self.has_case_access else frozenset()

    @cached_property
    def case_account_ids(self) -> frozenset[UUID]:
        """The viewer's own account, where all cases of which it is the person are for it to see; else none."""
        is_person = self.has_case_access and self.role is not Role.INTEGRATION
        return frozenset({self.account_id}) if is_person else frozenset()

    @cached_property
    def admitted_ids(self) -> frozenset[UUID]:
        """The single cases that are for it to see as their person."""
        return frozenset() if self.role is Role.INTEGRATION else self.admitted

    @cached_property
    def may_be_person(self) -> bool:
        """Whether it may see a case as its person."""
        return bool(self.case_account_ids or self.admitted_ids)

    @cached_property
    def organisation_ids(self) -> frozenset[UUID]:
        """Those whose inner matters (drafts) it sees: the headed ones and its own."""
        return self.headed_ids | {self.organisation_id}

    @cached_property
    def _capacities(self) -> dict[UUID, Capacity]:
        weakest_first = sorted(self.heads, key=lambda head: -[*Capacity].index(head[1]))
        return dict(weakest_first)

    @cached_property
    def mayors_capacity(self) -> Capacity | None:
        """In which capacity it holds the mayor's office today; None: not at all."""
        return None if self.mayors_office_id is None else self.capacity_in(self.mayors_office_id)

    @cached_property
    def is_mayor(self) -> bool:
        """The mayor is who holds the mayor's office today, whatever the account's role; an acting mayor is not."""
        return self.mayors_capacity is Capacity.DEFINITIVE

    @cached_property
    def is_office(self) -> bool:
        """Of the mayor's office: the mayor, the deputy, the Sekda and their staff."""
        return self.role is Role.OFFICE or self.is_mayor

    @cached_property
    def acts_for_mayor(self) -> bool:
        """Orders tasks and handles cases: the mayor's office, its acting head, whoever decides by delegation."""
        return self.is_office or self.is_delegate or self.mayors_capacity is not None

    @cached_property
    def handles_cases(self) -> bool:
        """Handles cases: who acts for the mayor and has case access; never a program."""
        return self.role is not Role.INTEGRATION and self.acts_for_mayor and self.has_case_access

    @cached_property
    def is_reviewer(self) -> bool:
        """Reviews plans: Bappeda and the mayor's office."""
        return self.role is Role.REVIEWER or self.is_office

    @cached_property
    def sees_drafts(self) -> bool:
        """Sees the drafts of every organisation: who reviews them, and a token that works on them for the city."""
        scopes = self.token.scopes if self.token is not None and self.token.is_city_wide else ()
        return self.is_reviewer or TokenScope.PLANS_WRITE in scopes or TokenScope.TASKS_WRITE in scopes

    @cached_property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def capacity_in(self, organisation_id: UUID) -> Capacity | None:
        """In which capacity this viewer heads the organisation today (the definitive one wins); None: not at all."""
        return self._capacities.get(organisation_id)

    def is_head_of(self, organisation_id: UUID) -> bool:
        return self.capacity_in(organisation_id) is not None

    def works_for(self, organisation_id: UUID) -> bool:
        """Drafts, makes tasks and reports for the organisation: its head, its staff, a token for it or the city."""
        if self.token is not None:
            return self.token.is_city_wide or self.organisation_id == organisation_id
        return self.is_head_of(organisation_id) or (self.role in WORKING and self.organisation_id == organisation_id)
