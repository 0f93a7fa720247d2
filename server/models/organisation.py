"""Organisations, and who holds their offices."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from server.models.fields import Searched, Subject, choice, folded_of, key_of, ordered, reference
from server.rules import bounds
from server.rules.organisation import OrganisationKind
from server.rules.viewer import Capacity


class Organisation(Subject):
    """The mayor's office, an OPD, a kecamatan, a kelurahan or a city company."""

    kind = choice(OrganisationKind)
    code = fields.CharField(max_length=bounds.CODE, unique=True)
    code_folded = folded_of("code")
    code_key = key_of("code")
    name = fields.CharField(max_length=bounds.NAME)
    name_folded = folded_of("name")
    name_key = key_of("name")
    short_name = fields.CharField(max_length=bounds.SHORT_NAME)
    short_name_folded = folded_of("short_name")
    short_name_key = key_of("short_name")
    parent = reference("Organisation", null=True)
    parent_id: UUID | None
    valid_from: date = fields.DateField()
    valid_to: date | None = fields.DateField(null=True, description="The last day on which it exists.")
    successor = reference("Organisation", null=True)
    successor_id: UUID | None
    searched = Searched(("name", "short_name", "code"), "organisation_words")

    class Meta:
        table = "organisation"
        indexes = [
            *ordered("code_key", "name_key", "short_name_key", "kind code_key", "parent_id code_key"),
            Index(fields=("successor_id",)),
        ]

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return [self.id]


class Appointment(Subject):
    """Who holds an organisation's office when, and in what capacity."""

    organisation = reference("Organisation")
    organisation_id: UUID
    account = reference("Account")
    account_id: UUID
    capacity = choice(Capacity)
    valid_from: date = fields.DateField()
    valid_to: date | None = fields.DateField(null=True, description="The last day of the appointment.")
    decree_number = fields.CharField(max_length=bounds.DECREE_NUMBER, null=True)

    class Meta:
        table = "appointment"
        indexes = ordered("organisation_id valid_from", "account_id valid_from", "valid_to")

    def label(self) -> str:
        return self.decree_number or ""

    def concerned(self) -> list[UUID]:
        return [self.organisation_id]
