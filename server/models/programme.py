"""What the city wants: the programmes that targets serve."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from server.models.fields import Searched, Subject, folded_of, key_of, ordered, reference
from server.rules import bounds


class Programme(Subject):
    """A programme with its lead organisation and active period."""

    code = fields.CharField(max_length=bounds.CODE, unique=True)
    name = fields.CharField(max_length=bounds.NAME)
    lead = reference("Organisation")
    lead_id: UUID
    valid_from: date = fields.DateField()
    valid_to: date | None = fields.DateField(null=True, description="The last active day.")
    code_folded = folded_of("code")
    code_key = key_of("code")
    name_folded = folded_of("name")
    name_key = key_of("name")
    searched = Searched(("name", "code"), "programme_words")

    class Meta:
        table = "programme"
        indexes = [*ordered("code_key", "name_key"), Index(fields=("lead_id",))]

    def label(self) -> str:
        return self.name

    def concerned(self) -> list[UUID]:
        return [self.lead_id]
